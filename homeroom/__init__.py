"""Homeroom: the dress rehearsal for a Focus-Canvas integration over OneRoster 1.1."""

__version__ = "0.1.0"

pytest_plugins = ("homeroom.pytest_plugin",)
"""What `pytest -p homeroom` loads; nothing else looks at it."""
