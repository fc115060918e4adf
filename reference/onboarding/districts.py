"""What the service knows of a district, and what an admin may set."""

import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

import msgspec

from homeroom.allowed import explain
from homeroom.config import Choices
from homeroom.reference.errors import FatalError
from homeroom.reference.onboarding.stages import Stage
from homeroom.reference.settings import Service

T = TypeVar("T", bound=msgspec.Struct)

ID = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")
HOUR = re.compile(r"([01]\d|2[0-3]):[0-5]\d")
LONGEST_NAME = 200
Window = tuple[date, date]


class DistrictError(FatalError):
    """Something about a district cannot be as asked; the text names it, and what is allowed."""


class UnknownDistrictError(DistrictError):
    """There is no district of that id."""


class District(msgspec.Struct, frozen=True, kw_only=True):
    """A district: where it stands, when its jobs run, and what it chose."""

    id: str
    name: str
    stage: Stage = Stage.REQUESTED
    time_zone: str = "America/New_York"
    # Local times of day; `grades_at` None: grades are passed back only when asked.
    night_at: str = "02:00"
    grades_at: str | None = None
    paused: bool = False
    # Rollover windows: no night runs from the first day until (not on) the second, both local.
    pauses: Sequence[Window] = ()
    converting: bool = False
    # Tables of homeroom.toml: `[service]` without `time_zone`, and `[subject.choices]`.
    service: dict[str, Any] = {}
    choices: dict[str, Any] = {}

    @property
    def zone(self) -> ZoneInfo:
        """The district's time zone."""
        return ZoneInfo(self.time_zone)

    def window_at(self, now: datetime) -> Window | None:
        """Give the rollover window that a moment lies in."""
        today = now.astimezone(self.zone).date()
        return next((each for each in self.pauses if each[0] <= today < each[1]), None)

    def read_service(self) -> Service:
        """Give `[service]` with all defaults. Raises DistrictError."""
        return _table("service", {**self.service, "time_zone": self.time_zone}, Service)

    def read_choices(self) -> Choices:
        """Give `[subject.choices]` with all defaults. Raises DistrictError."""
        return _table("choices", self.choices, Choices)


class LogEntry(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that somebody did about a district."""

    seq: int
    district: str
    at: str
    who: str
    what: str
    evidence: dict[str, Any]


class CredentialsNote(msgspec.Struct, frozen=True, kw_only=True):
    """That credentials are stored, and nothing of what they are."""

    side: str
    at: str
    who: str


def check_district(district: District) -> District:
    """Pass a district whose every value is allowed. Raises DistrictError."""
    if not ID.fullmatch(district.id):
        _refuse("id", district.id, "up to 63 of a-z, 0-9 and -, not first a -")
    name = district.name
    if not name.strip() or len(name) > LONGEST_NAME or not name.isprintable():
        _refuse("name", name[:80], f"1 to {LONGEST_NAME} printable characters")
    try:
        ZoneInfo(district.time_zone)
    except (ValueError, OSError, KeyError):
        _refuse("time_zone", district.time_zone, "a name such as America/Chicago")
    for field, value in (("night_at", district.night_at), ("grades_at", district.grades_at)):
        if value is not None and not HOUR.fullmatch(value):
            _refuse(field, value, "a time of day such as 02:00")
    for start, end in district.pauses:
        if start >= end:
            _refuse("pauses", f"{start} to {end}", "a first day and a later day to resume on")
    if "time_zone" in district.service:
        _refuse("service.time_zone", district.service["time_zone"], "time_zone of the district")
    service = district.read_service()
    district.read_choices()
    try:
        re.compile(service.term_pattern)
    except re.error:
        _refuse("service.term_pattern", service.term_pattern, "a regular expression")
    return district


def state_folder(root: Path, district_id: str) -> Path:
    """Give the folder that holds a district's memory of its nights."""
    return root / district_id


def _table(name: str, given: Mapping[str, Any], kind: type[T]) -> T:
    try:
        return msgspec.convert(given, kind)
    except msgspec.ValidationError as error:
        raise DistrictError(explain(error, given, kind, name)) from None


def _refuse(field: str, value: Any, allowed: str) -> None:
    raise DistrictError(f"{field} is {value!r}; allowed is {allowed}")
