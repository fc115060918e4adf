"""Focus to Canvas, one night at a time."""

from homeroom.reference.roster.night import Current, Night, run_night

__all__ = ["Current", "Night", "run_night"]
