"""Canvas to Focus: grades, one sync at a time."""

from homeroom.reference.gradebook.sync import GradeSync, run_sync

__all__ = ["GradeSync", "run_sync"]
