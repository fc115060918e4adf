"""Homeroom: the dress rehearsal for a Focus-Canvas integration over OneRoster 1.1."""

__version__ = "0.1.0"
