"""Moments that a person wants to jump to: the next night, the end of a quarter."""

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

NIGHT = time(2, 0)
"""When syncs run: Instructure's nightly run is in the small hours of the district's time."""


def find_zone(name: str | None) -> tzinfo:
    """Return the time zone of a name, UTC where there is none of it."""
    try:
        return ZoneInfo(name or "UTC")
    except (ZoneInfoNotFoundError, ValueError):
        return UTC


def next_night(now: datetime, zone: tzinfo) -> datetime:
    """Return the next 02:00 local time after `now`."""
    local = now.astimezone(zone)
    day = local.date() if local.time() < NIGHT else local.date() + timedelta(days=1)
    return _night_of(day, zone)


def end_of_quarter(
    now: datetime, sessions: Iterable[Mapping[str, Any]], zone: tzinfo
) -> datetime | None:
    """Return the first night on which a grading period that `now` lies before the end of is over.

    `endDate` is exclusive in OneRoster 1.1: the first day that is not part of the period.
    """
    nights: list[datetime] = []
    for session in sessions:
        try:
            night = _night_of(date.fromisoformat(str(session.get("endDate"))[:10]), zone)
        except ValueError:
            continue
        if night > now:
            nights.append(night)
    return min(nights, default=None)


def _night_of(day: date, zone: tzinfo) -> datetime:
    return datetime.combine(day, NIGHT, tzinfo=zone).astimezone(UTC)
