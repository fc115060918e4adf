"""Dates as Rails parses them. Source: canvas-sis-imports.md 3.2."""

from datetime import UTC, datetime

import pytest

from homeroom.mocks.canvas.sis_import.dates import BadDate, parse_date


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2011-1-05 00:00:00", datetime(2011, 1, 5, tzinfo=UTC)),
        ("2013-05-03 00:00:00-06:00", datetime(2013, 5, 3, 6, tzinfo=UTC)),
        ("2026-08-10", datetime(2026, 8, 10, tzinfo=UTC)),
        ("2026-08-10T07:30:00Z", datetime(2026, 8, 10, 7, 30, tzinfo=UTC)),
        ("2026-08-10T07:30:00.250+02:00", datetime(2026, 8, 10, 5, 30, 0, 250_000, tzinfo=UTC)),
        ("2026-08-10 07:30", datetime(2026, 8, 10, 7, 30, tzinfo=UTC)),
        ("2026-08-10 7:30 PM", datetime(2026, 8, 10, 19, 30, tzinfo=UTC)),
        ("20260810", datetime(2026, 8, 10, tzinfo=UTC)),
        ("20260810T073000Z", datetime(2026, 8, 10, 7, 30, tzinfo=UTC)),
        ("Aug 10, 2026", datetime(2026, 8, 10, tzinfo=UTC)),
        ("10 August 2026", datetime(2026, 8, 10, tzinfo=UTC)),
        ("2026/08/10", datetime(2026, 8, 10, tzinfo=UTC)),
        ("no date", None),
        (None, None),
    ],
)
def test_date_is_read(text: str | None, expected: datetime | None) -> None:
    assert parse_date(text) == expected


@pytest.mark.parametrize("text", ["2012-13-05", "2026-02-30", "08/31/2026", "x9", "99"])
def test_numbers_that_make_no_date(text: str) -> None:
    with pytest.raises(BadDate):
        parse_date(text)
