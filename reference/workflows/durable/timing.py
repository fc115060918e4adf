"""When a district's jobs are due, and when a night must wait for a person. Pure."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import NamedTuple

from homeroom.reference.onboarding.districts import District
from homeroom.reference.onboarding.stages import Stage
from homeroom.reference.workflows.durable.jobs import Kind


class Seen(NamedTuple):
    """How far a schedule has been seen to: the latest slot, and what it was worked out from."""

    setting: str
    slot: datetime
    # When a rollover window was last seen open.
    window: datetime | None = None


def slot_on(day: date, at: str, zone: tzinfo) -> datetime:
    """Give the instant of a local time of day, in UTC.

    A time that a day leaves out is as far into the day as it would have been: 02:30 is 03:30 by
    the new clock. Of a time that comes twice it is the first.
    """
    return datetime.combine(day, time.fromisoformat(at), zone).astimezone(UTC)


def latest_slot(at: str, zone: tzinfo, now: datetime) -> datetime:
    """Give the latest slot that is not in the future."""
    today = now.astimezone(zone).date()
    slots = (slot_on(today - timedelta(days=back), at, zone) for back in (0, 1, 2))
    return next(slot for slot in slots if slot <= now)


def time_of(district: District, kind: Kind) -> str | None:
    """Give the local time of day that a kind of job is due at; None: only when asked for."""
    return district.night_at if kind == "night" else district.grades_at


def setting_of(district: District, kind: Kind) -> str:
    """Name what slots are worked out from: another setting begins anew."""
    return f"{time_of(district, kind)} {district.time_zone}"


def in_force(district: District, kind: Kind, when: datetime) -> bool:
    """Whether a schedule holds at a moment. Grades go on through a rollover, as at Instructure."""
    if district.paused or time_of(district, kind) is None:
        return False
    if kind == "grades":
        return district.stage is Stage.PASSBACK
    return district.stage.provisions and district.window_at(when) is None


def due_slot(district: District, kind: Kind, seen: Seen | None, now: datetime) -> datetime | None:
    """Give the slot to run now: the latest one, if it was not seen yet.

    However many slots went by unseen while nothing ran, there is one run. A schedule that is new,
    or was set anew, begins with its next slot.
    """
    at = time_of(district, kind)
    if at is None or seen is None or seen.setting != setting_of(district, kind):
        return None
    slot = latest_slot(at, district.zone, now)
    if slot <= seen.slot:
        return None
    both = in_force(district, kind, slot) and in_force(district, kind, now)
    return slot if both else None


def next_slot(district: District, kind: Kind, now: datetime) -> datetime | None:
    """Give the next slot that will run; None: never as things stand."""
    at = time_of(district, kind)
    if at is None:
        return None
    day = now.astimezone(district.zone).date()
    last = max((until for _, until in district.pauses), default=day)
    # Behind the last window nothing more changes.
    for ahead in range((max(last, day) - day).days + 3):
        slot = slot_on(day + timedelta(days=ahead), at, district.zone)
        if slot > now and in_force(district, kind, slot):
            return slot
    return None


def rollover_reasons(
    district: District, applied_at: datetime | None, window_seen: datetime | None, now: datetime
) -> Sequence[str]:
    """Say why a night is to be looked at: no night was applied since a rollover.

    Args:
        district: With its windows, past ones too.
        applied_at: When the run that Canvas holds was made; None: never, so nothing rolled over.
        window_seen: When a window was last seen open, for one that was taken off the list since.
        now: The night's time.
    """
    if applied_at is None:
        return ()
    for first, until in district.pauses:
        begins, ends = (slot_on(day, "00:00", district.zone) for day in (first, until))
        if ends <= now and applied_at < ends:
            return (f"first night after the rollover of {first} to {until}: look at the plan",)
        if begins <= now < ends:
            return (f"the rollover of {first} to {until} is under way: look at the plan",)
    if window_seen is not None and applied_at < window_seen:
        return ("first night after a rollover: look at the plan",)
    return ()
