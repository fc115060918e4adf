"""Judges a night that Homeroom does not drive: both worlds observed before and after it."""
