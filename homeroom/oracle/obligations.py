"""Obligations: for each object the states it may be in; and findings, where it is in none."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta, tzinfo
from decimal import Decimal
from typing import Protocol
from zoneinfo import ZoneInfo

from homeroom.oracle.canvas import DELETED

NEW_YORK = ZoneInfo("America/New_York")
"""The time zone of most Florida districts that run Focus; a judge may be told another."""
UTC = ZoneInfo("UTC")

Key = tuple[str, ...]
Value = str | datetime | Decimal | None


class Allowed(Protocol):
    """The permitted values of one field."""

    def permits(self, value: Value) -> bool:
        """Whether a right service could have left this value."""
        ...

    def __str__(self) -> str:
        """Tell a person what was expected."""
        ...


@dataclass(frozen=True, slots=True)
class OneOf:
    """Exactly one of some values."""

    values: frozenset[str | None]

    @classmethod
    def of(cls, *values: str | None) -> "OneOf":
        """Permit just these."""
        return cls(frozenset(values))

    def permits(self, value: Value) -> bool:
        """Compare by code points: no trimming, no case folding, no re-composed accents."""
        return value in self.values

    def __str__(self) -> str:
        """List the values, shortest first."""
        told = sorted(("nothing" if each is None else repr(each) for each in self.values), key=len)
        return " or ".join(told)


@dataclass(frozen=True, slots=True)
class Dated:
    """A date as the district or as UTC reads it: one of some days, or nothing where `blank`."""

    days: frozenset[date]
    zone: tzinfo
    blank: bool = False

    def permits(self, value: Value) -> bool:
        """Accept an instant that means one of the days, or nothing where nothing means the same."""
        if value is None:
            return self.blank
        if not isinstance(value, datetime):
            return False
        return any(self._holds(value, day) for day in self.days)

    def _holds(self, value: datetime, day: date) -> bool:
        raise NotImplementedError

    def _read(self, value: datetime) -> set[date]:
        return {value.astimezone(self.zone).date(), value.astimezone(UTC).date()}

    def __str__(self) -> str:
        """Name the days."""
        told = " or ".join(day.isoformat() for day in sorted(self.days))
        return f"{told} or nothing" if self.blank else told


class Opening(Dated):
    """A date from which something counts: an instant on that day."""

    __slots__ = ()

    def _holds(self, value: datetime, day: date) -> bool:
        return day in self._read(value)


class Closing(Dated):
    """A date until which something counts.

    OneRoster's end dates are exclusive by its text and inclusive in most schools' use, so both the
    end of that day and the end of the day before are right, and a bare date as well: an instant
    between the start of the day before and the end of the day.
    """

    __slots__ = ()

    def _holds(self, value: datetime, day: date) -> bool:
        midnight = {
            datetime.combine(day + timedelta(days=1), time(), zone) for zone in (self.zone, UTC)
        }
        return value in midnight or bool(self._read(value) & {day, day - timedelta(days=1)})


@dataclass(frozen=True, slots=True)
class Obligation:
    """The states one object may be in; `deleted` among them also permits that there is none."""

    kind: str
    id: Key
    states: frozenset[str]
    fields: Mapping[str, Allowed] = field(default_factory=dict)

    @property
    def required(self) -> bool:
        """Whether the object must be there."""
        return DELETED not in self.states


@dataclass(frozen=True, slots=True)
class Placement:
    """Where a section may be: sections share a course only if they have a key in common."""

    section: str
    keys: frozenset[Key]
    terms: frozenset[str]
    accounts: frozenset[str]
    stay_in: int | None = None
    """The Canvas course that it must not leave, whatever its key."""
    free: bool = False
    """True when the subject declared that any grouping is right."""


@dataclass(frozen=True, slots=True)
class Obligations:
    """All that must, may and must not hold in Canvas after a night."""

    objects: Mapping[tuple[str, Key], Obligation] = field(default_factory=dict)
    placements: Mapping[str, Placement] = field(default_factory=dict)
    ours: Collection[tuple[str, Key]] = ()
    """Made by people in Canvas: not expected, and not held against anybody."""

    one_person: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """SIS IDs that a living person had before, by the one they would have now: of all of these at
    most one may be an open account."""

    def of(self, kind: str, *key: str) -> Obligation | None:
        """Return the obligation for one object, None where nothing is expected of it."""
        return self.objects.get((kind, key))


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is not as it must be."""

    kind: str
    id: Key
    field: str
    expected: str
    received: str
    requirement: str

    @property
    def expected_line(self) -> str:
        """Tell what it is about and what had to be."""
        return f"{self.kind} {' / '.join(self.id)}, {self.field}: {self.expected}"

    @property
    def received_line(self) -> str:
        """Tell what it is about and what was there."""
        return f"{self.kind} {' / '.join(self.id)}, {self.field}: {self.received}"

    def __str__(self) -> str:
        """Tell it in one line."""
        return (
            f"{self.kind} {' / '.join(self.id)}: {self.field} is {self.received}, "
            f"expected {self.expected} ({self.requirement})"
        )
