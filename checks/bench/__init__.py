"""Benchmarks: each figure a ratio of two sides measured in one interleaved run."""
