"""What an operator starts: one night, one grade sync; locked, checkpointed, safe to kill."""

from homeroom.reference.workflows.configuration import read_settings
from homeroom.reference.workflows.grade_sync import GradeSync, run_sync
from homeroom.reference.workflows.night import Night, run_night

__all__ = ["GradeSync", "Night", "read_settings", "run_night", "run_sync"]
