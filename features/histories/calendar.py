"""The school year that histories are lived in, told as days from their first night."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

FIRST_NIGHT = date(2026, 8, 17)
"""A Monday, one week into the first term."""
NIGHT = time(6, 0, tzinfo=UTC)
"""Two in the morning in Florida's summer."""

YEAR = "2026-2027"
FALL, SPRING = "Fall 2026", "Spring 2027"
QUARTER_1, QUARTER_2 = "Quarter 1", "Quarter 2"


@dataclass(frozen=True)
class Period:
    """One academic session, in days from the first night, last day included."""

    type: str
    first: int
    last: int
    parent: str | None


PERIODS: Mapping[str, Period] = {
    YEAR: Period("schoolYear", -7, 284, None),
    FALL: Period("term", -7, 123, YEAR),
    SPRING: Period("term", 141, 284, YEAR),
    QUARTER_1: Period("gradingPeriod", -7, 53, FALL),
    # The term outlasts its last quarter: a course grade is due on the quarter's last day, and that
    # day is in the term whether a service reads the SIS's end days as inclusive or as exclusive.
    QUARTER_2: Period("gradingPeriod", 56, 121, FALL),
}


@dataclass(frozen=True)
class Calendar:
    """Dates of one history; a subject that cannot travel in time has its first night today."""

    start: date = FIRST_NIGHT

    def day(self, offset: int) -> date:
        """Return the date so many days after the first night."""
        return self.start + timedelta(days=offset)

    def night(self, offset: int) -> datetime:
        """Return the moment at which that day's night is run."""
        return datetime.combine(self.day(offset), NIGHT)
