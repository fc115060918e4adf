"""Whole-program checks: over sockets, in processes of their own, as users run it."""
