"""When jobs are due: once a slot, whatever the clocks do, and never in a rollover."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from homeroom.reference.onboarding.districts import District
from homeroom.reference.onboarding.stages import Stage
from homeroom.reference.workflows.durable.timing import (
    Seen,
    due_slot,
    in_force,
    latest_slot,
    next_slot,
    rollover_reasons,
    setting_of,
    slot_on,
)

NEW_YORK = ZoneInfo("America/New_York")
DAY = timedelta(days=1)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def district(**values: object) -> District:
    return District(id="d", name="d", **{"stage": Stage.PASSBACK, "night_at": "02:30", **values})  # type: ignore[arg-type]  # names checked by the Struct


@pytest.mark.parametrize(
    ("day", "told"),
    [
        (date(2026, 3, 7), "2026-03-07T07:30"),
        # 02:30 is left out that day: it is 03:30 by the new clock.
        (date(2026, 3, 8), "2026-03-08T07:30"),
        (date(2026, 3, 9), "2026-03-09T06:30"),
        # 01:30 and 02:00 come again on 1 November; 02:30 does not.
        (date(2026, 11, 1), "2026-11-01T07:30"),
    ],
)
def test_a_slot_is_one_instant_also_where_clocks_change(day: date, told: str) -> None:
    assert slot_on(day, "02:30", NEW_YORK) == at(told)


def test_a_time_that_comes_twice_is_the_first_of_both() -> None:
    assert slot_on(date(2026, 11, 1), "01:30", NEW_YORK) == at("2026-11-01T05:30")


@pytest.mark.parametrize("time", ["00:00", "01:30", "02:30", "23:59"])
@pytest.mark.parametrize("zone", ["America/New_York", "Australia/Lord_Howe", "UTC", "Asia/Tehran"])
def test_every_local_day_of_a_year_has_one_slot_and_they_come_in_order(
    time: str, zone: str
) -> None:
    first = date(2026, 1, 1)
    slots = [slot_on(first + timedelta(days=n), time, ZoneInfo(zone)) for n in range(366)]
    assert slots == sorted(set(slots))
    # Looked at every quarter of an hour, each slot is seen once.
    seen, now = list[datetime](), slots[60] - timedelta(minutes=1)
    while now < slots[90]:
        latest = latest_slot(time, ZoneInfo(zone), now)
        seen += [latest] * (not seen or seen[-1] != latest)
        now += timedelta(minutes=15)
    assert seen == slots[59:90]


def test_a_new_schedule_begins_with_its_next_slot() -> None:
    one = district()
    assert due_slot(one, "night", None, at("2026-09-14T12:00")) is None
    other = Seen("04:00 America/New_York", at("2026-09-13T08:00"))
    assert due_slot(one, "night", other, at("2026-09-14T12:00")) is None


def test_slots_missed_while_nothing_ran_are_one_run() -> None:
    one = district()
    seen = Seen(setting_of(one, "night"), at("2026-09-10T06:30"))
    due = due_slot(one, "night", seen, at("2026-09-14T12:00"))
    assert due == at("2026-09-14T06:30")
    after = Seen(seen.setting, at("2026-09-14T06:30"))
    assert due_slot(one, "night", after, at("2026-09-15T06:29")) is None
    assert due_slot(one, "night", after, at("2026-09-15T06:30")) == at("2026-09-15T06:30")


@pytest.mark.parametrize(
    ("values", "night", "grades"),
    [
        ({"grades_at": "04:00"}, True, True),
        ({}, True, False),
        ({"grades_at": "04:00", "paused": True}, False, False),
        ({"grades_at": "04:00", "stage": Stage.PROVISIONING}, True, False),
        ({"grades_at": "04:00", "stage": Stage.CONNECTED}, False, False),
        ({"grades_at": "04:00", "pauses": [(date(2026, 9, 14), date(2026, 9, 15))]}, False, True),
        ({"grades_at": "04:00", "pauses": [(date(2026, 9, 12), date(2026, 9, 14))]}, True, True),
    ],
)
def test_what_holds_a_schedule_back(values: dict[str, object], night: bool, grades: bool) -> None:
    one, noon = district(**values), at("2026-09-14T16:00")
    assert (in_force(one, "night", noon), in_force(one, "grades", noon)) == (night, grades)


def test_a_slot_missed_before_a_rollover_is_not_run_within() -> None:
    one = district(pauses=[(date(2026, 9, 14), date(2026, 9, 20))])
    seen = Seen(setting_of(one, "night"), at("2026-09-10T06:30"))
    assert due_slot(one, "night", seen, at("2026-09-14T05:00")) is None
    assert due_slot(one, "night", seen, at("2026-09-21T05:00")) == at("2026-09-20T06:30")


def test_the_next_slot_lies_behind_the_rollovers() -> None:
    one = district(
        pauses=[(date(2026, 9, 15), date(2026, 9, 20)), (date(2026, 9, 20), date(2026, 9, 25))]
    )
    assert next_slot(one, "night", at("2026-09-14T12:00")) == at("2026-09-25T06:30")
    assert next_slot(one, "night", at("2026-09-14T05:00")) == at("2026-09-14T06:30")
    assert next_slot(one, "grades", at("2026-09-14T05:00")) is None
    assert next_slot(district(paused=True), "night", at("2026-09-14T05:00")) is None


@pytest.mark.parametrize(
    ("applied", "now", "held"),
    [
        (None, "2026-09-21T06:30", False),
        ("2026-09-13T06:30", "2026-09-14T03:00", False),
        ("2026-09-13T06:30", "2026-09-16T06:30", True),
        ("2026-09-13T06:30", "2026-09-20T06:30", True),
        # Held night after night until one was applied since.
        ("2026-09-13T06:30", "2026-09-28T06:30", True),
        ("2026-09-20T06:31", "2026-09-21T06:30", False),
    ],
)
def test_nights_are_held_from_a_rollover_until_one_was_applied_since(
    applied: str | None, now: str, held: bool
) -> None:
    one = district(pauses=[(date(2026, 9, 14), date(2026, 9, 20))])
    reasons = rollover_reasons(one, at(applied) if applied else None, None, at(now))
    assert bool(reasons) == held


def test_a_rollover_that_was_taken_off_the_list_is_remembered() -> None:
    one, seen = district(), at("2026-09-18T06:00")
    assert rollover_reasons(one, seen - DAY, seen, seen + DAY)
    assert not rollover_reasons(one, seen + DAY, seen, seen + 2 * DAY)
