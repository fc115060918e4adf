"""A Florida school year: its sessions and their dates."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from homeroom.mocks.district.records import SessionType

MONDAY, FRIDAY = 0, 4


@dataclass(frozen=True)
class Session:
    """One session of a school year; `end` is exclusive, `parent` the place of its parent."""

    title: str
    type: SessionType
    begin: date
    end: date
    parent: int | None


@dataclass(frozen=True)
class SchoolYear:
    """The school year that begins in July of `first`; school itself runs from August to May."""

    first: int

    @property
    def name(self) -> str:
        """Both years: 2026-2027."""
        return f"{self.first}-{self.first + 1}"

    @property
    def school_year(self) -> str:
        """OneRoster's name: the year in which it ends."""
        return str(self.first + 1)

    @property
    def opens(self) -> datetime:
        """The first instant that belongs to it."""
        return datetime(self.first, 7, 1, tzinfo=UTC)

    @property
    def sessions(self) -> tuple[Session, ...]:
        """The year, two semesters (type term: what consumers read at /terms), four quarters."""
        begin = _on_or_after(date(self.first, 8, 10), MONDAY)
        second = _on_or_after(date(self.first, 10, 12), MONDAY)
        winter = _on_or_before(date(self.first, 12, 21), FRIDAY) + timedelta(1)
        third = _on_or_after(date(self.first + 1, 1, 4), MONDAY)
        fourth = _on_or_after(date(self.first + 1, 3, 15), MONDAY)
        end = _on_or_before(date(self.first + 1, 5, 29), FRIDAY) + timedelta(1)
        term, period = SessionType.TERM, SessionType.GRADING_PERIOD
        return (
            Session(self.name, SessionType.SCHOOL_YEAR, begin, end, None),
            Session(f"{self.name} Semester 1", term, begin, winter, YEAR),
            Session(f"{self.name} Semester 2", term, third, end, YEAR),
            Session(f"{self.name} Quarter 1", period, begin, second, FALL),
            Session(f"{self.name} Quarter 2", period, second, winter, FALL),
            Session(f"{self.name} Quarter 3", period, third, fourth, SPRING),
            Session(f"{self.name} Quarter 4", period, fourth, end, SPRING),
        )


YEAR, FALL, SPRING = 0, 1, 2
"""Places of the year and of its two semesters in `SchoolYear.sessions`."""


def school_year_of(now: datetime) -> SchoolYear:
    """Return the school year, July to June in UTC, that holds an instant; naive ones are UTC."""
    at = now.replace(tzinfo=UTC) if now.tzinfo is None else now.astimezone(UTC)
    return SchoolYear(at.year if at.month >= 7 else at.year - 1)


def _on_or_after(day: date, weekday: int) -> date:
    return day + timedelta((weekday - day.weekday()) % 7)


def _on_or_before(day: date, weekday: int) -> date:
    return day - timedelta((day.weekday() - weekday) % 7)
