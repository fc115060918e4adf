"""The next night and the end of a quarter, by the district's own time."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from homeroom.mocks.harness.console.schedule import end_of_quarter, find_zone, next_night

NEW_YORK = ZoneInfo("America/New_York")


@pytest.mark.parametrize(
    ("now", "night"),
    [
        ("2026-09-14T15:00:00", "2026-09-15T06:00:00"),  # 11:00 local, summer time
        ("2026-09-15T05:59:59", "2026-09-15T06:00:00"),  # a second before
        ("2026-09-15T06:00:00", "2026-09-16T06:00:00"),  # at it: the next one
        ("2026-11-01T05:00:00", "2026-11-01T07:00:00"),  # the night that sets the clocks back
        ("2026-12-01T12:00:00", "2026-12-02T07:00:00"),  # winter time
    ],
)
def test_the_next_night_is_at_two_local_time(now: str, night: str) -> None:
    at = datetime.fromisoformat(now).replace(tzinfo=UTC)
    assert next_night(at, NEW_YORK) == datetime.fromisoformat(night).replace(tzinfo=UTC)


def test_a_quarter_is_over_on_the_first_night_after_its_last_day() -> None:
    # endDate is exclusive: the 10th is the first day that is not part of the quarter.
    quarters: list[dict[str, str | None]] = [
        {"endDate": "2026-10-10"},
        {"endDate": "2026-12-20"},
        {"endDate": None},
    ]
    now = datetime(2026, 9, 14, tzinfo=UTC)
    first = end_of_quarter(now, quarters, NEW_YORK)
    assert first is not None
    assert first == datetime(2026, 10, 10, 6, tzinfo=UTC)
    assert end_of_quarter(first, quarters, NEW_YORK) == datetime(2026, 12, 20, 7, tzinfo=UTC)


def test_after_the_last_quarter_there_is_none() -> None:
    assert (
        end_of_quarter(datetime(2027, 1, 1, tzinfo=UTC), [{"endDate": "2026-12-20"}], UTC) is None
    )


def test_a_zone_that_nobody_knows_is_utc() -> None:
    assert find_zone("Mars/Olympus") is UTC
    assert find_zone(None) == ZoneInfo("UTC")
