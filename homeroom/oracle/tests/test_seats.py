"""Tables of enrollments: what rows a feed has for a seat, and the states the seat may be in."""

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest

from homeroom.oracle.feed import Enrollment, Feed
from homeroom.oracle.nights import Act, ActKind
from homeroom.oracle.obligations import Closing, OneOf, Opening
from homeroom.oracle.tests.samples import (
    FALL,
    class_,
    day,
    feed,
    night,
    obliged,
    person,
    row,
    states,
)

ANA = person("ana")
ALGEBRA = class_("a1")
SEAT = ("a1", "ana", "StudentEnrollment")


def served(*rows: Enrollment) -> Feed:
    return feed(*rows, users=(ANA,), classes=(ALGEBRA,))


@pytest.mark.parametrize(
    ("fields", "permitted"),
    [
        ({}, {"active"}),
        ({"begin_date": day(7)}, {"active"}),
        ({"end_date": day(-1)}, {"inactive"}),
        ({"end_date": day(0)}, {"active", "inactive"}),
        ({"end_date": None}, {"active"}),
        ({"begin_date": None, "end_date": None}, {"active"}),
        ({"status": "tobedeleted"}, {"deleted"}),
        ({"school": None}, {"active", "deleted"}),
        (
            {"begin_date": day(9), "end_date": day(3)},
            {"active", "inactive", "completed", "deleted"},
        ),
    ],
    ids=[
        "inside", "ahead", "ended", "last day", "open", "no dates", "first seen deleted",
        "no school", "backwards",
    ],
)  # fmt: skip
def test_a_row_decides_its_seat_by_status_and_date(
    fields: dict[str, Any], permitted: set[str]
) -> None:
    after = obliged(night(served(row("ana", "a1", **fields))))

    assert states(after, "enrollment", *SEAT) == permitted


@pytest.mark.parametrize("chosen", ["inactive", "completed", "deleted"])
def test_an_ended_seat_is_what_the_district_chose_by_role(chosen: str) -> None:
    rows = (
        row("ana", "a1", end_date=day(-1)),
        row("tom", "a1", "teacher", end_date=day(-1)),
    )
    after = obliged(
        night(feed(*rows, users=(ANA, person("tom", "teacher")), classes=(ALGEBRA,))),
        ended_students=chosen,
        ended_teachers="deleted",
    )

    assert states(after, "enrollment", *SEAT) == {chosen}
    assert states(after, "enrollment", "a1", "tom", "TeacherEnrollment") == {"deleted"}


@pytest.mark.parametrize("chosen", ["deleted", "inactive", "completed"])
@pytest.mark.parametrize(
    "second", [(row("ana", "a1", status="tobedeleted"),), ()], ids=["with a word", "without"]
)
def test_a_seat_that_was_there_and_is_removed_is_what_the_district_chose(
    chosen: str, second: tuple[Enrollment, ...]
) -> None:
    after = obliged(night(served(row("ana", "a1"))), night(served(*second), 1), removed=chosen)

    assert states(after, "enrollment", *SEAT) == {chosen}


def test_a_seat_that_had_ended_and_then_vanished_may_be_in_either_state() -> None:
    after = obliged(
        night(served(row("ana", "a1"))),
        night(served(row("ana", "a1", end_date=day(0))), 1),
        night(served(), 2),
    )

    assert states(after, "enrollment", *SEAT) == {"inactive", "deleted"}


def test_a_held_night_leaves_no_trace() -> None:
    after = obliged(
        night(served(row("ana", "a1"))),
        night(served(), 1, applied=False),
        night(served(row("ana", "a1")), 2),
    )

    assert states(after, "enrollment", *SEAT) == {"active"}


@pytest.mark.parametrize(
    ("first", "second", "permitted"),
    [
        ({}, {}, {"active"}),
        ({"end_date": day(-3)}, {"begin_date": day(-1)}, {"active"}),
        ({"status": "tobedeleted"}, {}, {"active"}),
        ({"end_date": day(-3)}, {"begin_date": day(5)}, {"active", "inactive"}),
        ({"end_date": day(-3)}, {"end_date": day(-2)}, {"inactive"}),
    ],
    ids=["twice", "left and came back", "deleted beside live", "between two stints", "both over"],
)
def test_several_rows_are_one_seat(
    first: dict[str, Any], second: dict[str, Any], permitted: set[str]
) -> None:
    rows = (
        row("ana", "a1", sourced_id="r1", **first), row("ana", "a1", sourced_id="r2", **second)
    )  # fmt: skip

    for order in (rows, rows[::-1]):
        assert states(obliged(night(served(*order))), "enrollment", *SEAT) == permitted


def test_only_the_rows_that_hold_today_give_dates() -> None:
    old = row("ana", "a1", sourced_id="r1", end_date=day(-3))
    new = row("ana", "a1", sourced_id="r2", begin_date=day(-1))

    found = obliged(night(served(old, new))).of("enrollment", *SEAT)

    assert found is not None
    start = found.fields["start_at"]
    assert isinstance(start, Opening)
    assert start.days == {day(-1)}


def test_a_second_stint_may_be_joined_to_the_first_and_does_not_put_it_off() -> None:
    now = row("ana", "a1", sourced_id="r1", end_date=day(60))
    booked = row("ana", "a1", sourced_id="r2", begin_date=day(80), end_date=day(120))

    found = obliged(night(served(now, booked))).of("enrollment", *SEAT)

    assert found is not None
    assert found.states == {"active"}
    start, end = found.fields["start_at"], found.fields["end_at"]
    assert isinstance(start, Opening)
    assert isinstance(end, Closing)
    assert day(80) not in start.days
    assert end.days == {day(60), day(120)}


def test_the_last_night_of_the_term_leaves_the_seat_to_the_calendar() -> None:
    after = obliged(night(served(row("ana", "a1"))), night(served(row("ana", "a1")), 147))

    assert states(after, "enrollment", *SEAT) == {"active", "completed", "inactive"}


def test_seats_of_a_class_that_vanished_with_its_year_are_left_to_the_calendar() -> None:
    nights = [night(served(row("ana", "a1"))), night(feed(users=(ANA,)), 360)]
    rolled_over, vanished = obliged(*nights), obliged(nights[0], night(feed(users=(ANA,)), 1))

    ended = {"completed", "inactive", "deleted"}
    assert states(rolled_over, "enrollment", *SEAT) == {"active", *ended}
    assert states(vanished, "enrollment", *SEAT) == ended


def test_seats_under_a_former_id_are_free() -> None:
    ana = replace(ANA, sourced_id="ana-2")
    after = obliged(
        night(served(row("ana", "a1"))),
        night(feed(row("ana-2", "a1"), users=(ana,), classes=(class_("a1"),)), 1),
    )

    anything = {"active", "completed", "inactive", "deleted"}
    assert states(after, "enrollment", *SEAT) == anything
    now = states(after, "enrollment", SEAT[0], "ana-2", SEAT[2])
    assert now == {"active", "deleted"}


def test_a_seat_of_the_whole_year_is_active_in_january() -> None:
    band = class_("band", terms=("y",))
    seat = row("ana", "band", end_date=date(2027, 5, 28))
    after = obliged(night(feed(seat, users=(ANA,), classes=(band,)), 147))

    assert states(after, "enrollment", "band", "ana", "StudentEnrollment") == {"active"}


@pytest.mark.parametrize(
    ("role", "permitted"),
    [
        ("teacher", {"TeacherEnrollment": {"active"}}),
        ("aide", {"TaEnrollment": {"active", "deleted"}}),
        ("administrator", {}),
        ("proctor", {}),
    ],
)
def test_the_role_of_the_row_decides_not_the_person_s(
    role: str, permitted: dict[str, set[str]]
) -> None:
    paula = person("paula", "administrator")
    after = obliged(night(feed(row("paula", "a1", role), users=(paula,), classes=(ALGEBRA,))))

    assert {
        key[2]: set(each.states)
        for (kind, key), each in after.objects.items()
        if kind == "enrollment"
    } == permitted


@pytest.mark.parametrize(
    "broken",
    [row(None, "a1"), row("ana", None), row("nobody", "a1")],
    ids=["null user", "null class", "unknown user"],
)
def test_a_row_that_names_nobody_obliges_to_nothing(broken: Enrollment) -> None:
    after = obliged(night(served(broken)))

    assert [key for key in after.objects if key[0] == "enrollment"] == []


def test_a_row_of_an_unknown_class_seats_nobody() -> None:
    after = obliged(night(served(row("ana", "nothing"))))

    found = states(after, "enrollment", "nothing", "ana", "StudentEnrollment")
    assert found is not None
    assert "active" not in found


def test_seats_of_who_left_are_free_the_login_is_what_counts() -> None:
    gone = person("ana", enabled=False)
    after = obliged(
        night(served(row("ana", "a1"))),
        night(feed(row("ana", "a1"), users=(gone,), classes=(ALGEBRA,)), 1),
    )

    found = states(after, "enrollment", *SEAT)
    assert found == {"active", "inactive", "completed", "deleted"}


def test_a_seat_concluded_by_hand_may_stay_so_or_return() -> None:
    act = Act(act=ActKind.STATE, kind="enrollment", id=SEAT, field="state", value="completed")
    after = obliged(
        night(served(row("ana", "a1"))), night(served(row("ana", "a1")), 1, acts=(act,))
    )

    assert states(after, "enrollment", *SEAT) == {"active", "completed"}


@pytest.mark.parametrize(
    ("fields", "start", "end", "blank"),
    [
        ({}, FALL.start_date, FALL.end_date, True),
        ({"begin_date": day(0)}, day(0), FALL.end_date, False),
        ({"end_date": day(9)}, FALL.start_date, day(9), False),
        ({"begin_date": day(0), "end_date": None}, day(0), FALL.end_date, True),
    ],
    ids=["the term's own", "joined late", "leaves early", "open end"],
)
def test_dates_are_focus_s_or_blank_where_the_term_s_are_meant(
    fields: dict[str, Any], start: date, end: date, *, blank: bool
) -> None:
    found = obliged(night(served(row("ana", "a1", **fields)))).of("enrollment", *SEAT)

    assert found is not None
    begins, ends = found.fields["start_at"], found.fields["end_at"]
    assert isinstance(begins, Opening)
    assert isinstance(ends, Closing)
    assert (set(begins.days), set(ends.days)) == ({start}, {end})
    assert (begins.blank, ends.blank) == (blank, blank)
    assert found.fields["dates given"] == OneOf.of("both", "neither")


@pytest.mark.parametrize(
    ("instant", "right"),
    [
        ("2026-12-18T00:00:00+00:00", True),
        ("2026-12-19T04:59:59+00:00", True),
        ("2026-12-18T04:59:59+00:00", True),
        ("2026-12-19T05:00:00+00:00", True),
        ("2026-12-20T04:59:59+00:00", False),
        ("2026-12-16T05:00:00+00:00", False),
    ],
    ids=["bare date", "end of day", "end of the day before", "midnight after", "late", "early"],
)
def test_an_end_is_right_by_either_reading_of_exclusive(instant: str, *, right: bool) -> None:
    found = obliged(night(served(row("ana", "a1")))).of("enrollment", *SEAT)

    assert found is not None
    value = datetime.fromisoformat(instant).astimezone(UTC)
    assert found.fields["end_at"].permits(value) is right
