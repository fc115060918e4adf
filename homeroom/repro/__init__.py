"""Reproducing a failure: replaying its bundle, capturing a live provider, shrinking to few records.

A replay of scenarios lets their history of nights be lived again, by the same code and choices, and
compares what was planted with what the bundle recorded. A captured world has no scenario: it is
played step by step and judged as a whole by the oracle.
"""
