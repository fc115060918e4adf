"""Focus to Canvas, one night at a time."""

from homeroom.reference.roster.night import Night, run_night

__all__ = ["Night", "run_night"]
