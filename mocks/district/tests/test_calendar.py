"""The school year that holds an instant, and its sessions."""

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from homeroom.mocks.district.calendar import SchoolYear, school_year_of
from homeroom.mocks.district.records import SessionType

QUARTER = SessionType.GRADING_PERIOD


@pytest.mark.parametrize(
    ("now", "first"),
    [
        (datetime(2026, 7, 1, tzinfo=UTC), 2026),
        (datetime(2027, 6, 30, 23, 59, 59, tzinfo=UTC), 2026),
        (datetime(2027, 1, 1), 2026),  # noqa: DTZ001 - a naive instant counts as UTC
        (datetime(2026, 6, 30, 22, tzinfo=timezone(timedelta(hours=-5))), 2026),
    ],
)
def test_a_school_year_runs_from_july_to_june(now: datetime, first: int) -> None:
    assert school_year_of(now) == SchoolYear(first)


def test_a_school_year_is_named_by_the_year_in_which_it_ends() -> None:
    year = SchoolYear(2026)
    assert (year.name, year.school_year) == ("2026-2027", "2027")


def test_the_sessions_of_2026() -> None:
    assert [
        (session.title, session.type, session.begin, session.end, session.parent)
        for session in SchoolYear(2026).sessions
    ] == [
        ("2026-2027", SessionType.SCHOOL_YEAR, date(2026, 8, 10), date(2027, 5, 29), None),
        ("2026-2027 Semester 1", SessionType.TERM, date(2026, 8, 10), date(2026, 12, 19), 0),
        ("2026-2027 Semester 2", SessionType.TERM, date(2027, 1, 4), date(2027, 5, 29), 0),
        (
            "2026-2027 Quarter 1",
            SessionType.GRADING_PERIOD,
            date(2026, 8, 10),
            date(2026, 10, 12),
            1,
        ),
        (
            "2026-2027 Quarter 2",
            SessionType.GRADING_PERIOD,
            date(2026, 10, 12),
            date(2026, 12, 19),
            1,
        ),
        ("2026-2027 Quarter 3", QUARTER, date(2027, 1, 4), date(2027, 3, 15), 2),
        (
            "2026-2027 Quarter 4",
            SessionType.GRADING_PERIOD,
            date(2027, 3, 15),
            date(2027, 5, 29),
            2,
        ),
    ]


@given(st.integers(1990, 2100))
def test_every_session_lies_within_its_parent(first: int) -> None:
    sessions = SchoolYear(first).sessions
    for session in sessions:
        assert session.begin < session.end
        if session.parent is not None:
            parent = sessions[session.parent]
            assert parent.begin <= session.begin
            assert session.end <= parent.end
    assert sessions[0].begin.month == 8
    assert sessions[0].end.month == 5 or sessions[0].end == date(first + 1, 6, 1)
