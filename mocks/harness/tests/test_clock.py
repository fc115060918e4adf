"""The clock of a space goes where it is told and nowhere else."""

from datetime import UTC, datetime, timedelta

import pytest

from homeroom.mocks.harness.clock import (
    Clock,
    iso_millis,
    iso_seconds,
    parse_clock_time,
    parse_instant,
)

NOON = datetime(2026, 9, 1, 12, tzinfo=UTC)


def test_a_frozen_clock_moves_only_when_told() -> None:
    clock = Clock(NOON, frozen=True)
    assert clock.now() == NOON
    clock.advance(600)
    assert clock.now() == NOON + timedelta(minutes=10)


def test_a_running_clock_ticks_on_from_its_start() -> None:
    clock = Clock(NOON)
    first = clock.now()
    assert NOON <= first <= clock.now() < NOON + timedelta(minutes=1)


def test_freezing_keeps_the_time_it_was() -> None:
    clock = Clock(NOON)
    clock.set(frozen=True)
    assert clock.now() == clock.now()


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("2026-09-01T12:00:00Z", NOON),
        ("2026-09-01T08:00:00-04:00", NOON),
        ("2026-09-01T12:00:00", NOON),
        ("2026-09-01", datetime(2026, 9, 1, tzinfo=UTC)),
        ("2026-09-01t12:00:00z", NOON),
    ],
)
def test_instants_are_read_with_utc_where_no_zone_is_given(text: str, at: datetime) -> None:
    assert parse_instant(text) == at


def test_instants_are_written_as_each_vendor_writes_them() -> None:
    at = NOON + timedelta(milliseconds=7)
    assert (iso_seconds(at), iso_millis(at)) == ("2026-09-01T12:00:00Z", "2026-09-01T12:00:00.007Z")


def test_early_years_are_written_with_four_digits() -> None:
    at = datetime(1, 2, 3, tzinfo=UTC)
    assert (iso_seconds(at), iso_millis(at)) == ("0001-02-03T00:00:00Z", "0001-02-03T00:00:00.000Z")


@pytest.mark.parametrize(
    "text",
    [
        "0001-01-01T00:00:00Z",
        "0001-01-01T00:00:00+05:00",
        "1899-12-31T23:59:59Z",
        "3000-01-01T00:00:00Z",
        "9999-12-31T23:59:59-10:00",
        "2016-12-31T23:59:60Z",
    ],
)
def test_a_clock_stands_only_where_terms_and_expiries_have_room(text: str) -> None:
    with pytest.raises(ValueError, match=r"out of reach|is no ISO 8601 instant"):
        parse_clock_time(text)


@pytest.mark.parametrize("seconds", [1e12, 1e30])
def test_a_clock_that_cannot_go_that_far_stays(seconds: float) -> None:
    clock = Clock(NOON, frozen=True)
    with pytest.raises(ValueError, match="out of reach"):
        clock.advance(seconds)
    assert clock.now() == NOON
