"""Judging whole worlds: what is found, what is let be, and nights that are held."""

from dataclasses import replace
from typing import Any

import pytest

from homeroom.config import Choices, Rules
from homeroom.oracle.brake import crossed
from homeroom.oracle.canvas import CanvasWorld, User
from homeroom.oracle.feed import Feed
from homeroom.oracle.judge import changes, judge, judge_night
from homeroom.oracle.nights import Act, ActKind
from homeroom.oracle.tests.samples import (
    class_,
    feed,
    night,
    obliged,
    person,
    row,
    user,
    world,
)

SERVED = feed(row("ana", "a1"), users=(person("ana"),), classes=(class_("a1"),))
RIGHT = world(
    {"a1": 1}, seats=[("a1", "ana", "StudentEnrollment", "active")], people=[user(7, "ana")]
)


def with_user(**fields: Any) -> CanvasWorld:
    return replace(RIGHT, users={7: replace(RIGHT.users[7], **fields)})


def with_seat(**fields: Any) -> CanvasWorld:
    return replace(RIGHT, enrollments={1000: replace(RIGHT.enrollments[1000], **fields)})


def test_a_right_world_has_no_findings() -> None:
    assert judge(obliged(night(SERVED)), RIGHT) == []


@pytest.mark.parametrize(
    ("wrong", "field", "requirement"),
    [
        (with_user(name="ana ruiz"), "name", "PRV-USR-03"),
        (with_user(login="ruiz"), "login", "PRV-USR-04"),
        (with_user(state="suspended"), "state", "PRV-USR-01"),
        (with_seat(state="deleted"), "state", "PRV-ENR-01"),
        (with_seat(start_at=None), "start_at", "PRV-ENR-04"),
        (replace(RIGHT, sections={}), "state", "PRV-SEC-01"),
        (replace(RIGHT, terms={}), "state", "PRV-TRM-01"),
        (replace(RIGHT, accounts={1: RIGHT.accounts[1]}), "state", "PRV-ORG-01"),
    ],
)
def test_what_is_wrong_is_found_under_its_requirement(
    wrong: CanvasWorld, field: str, requirement: str
) -> None:
    found = {(each.field, each.requirement) for each in judge(obliged(night(SERVED)), wrong)}

    if field == "start_at":
        # Blank where the term's date is meant is right; one date alone is not.
        assert found == {("dates given", "PRV-ENR-04")}
    else:
        assert (field, requirement) in found


def test_a_swapped_role_is_a_lost_seat_and_a_strange_one() -> None:
    swapped = with_seat(type="TeacherEnrollment")

    assert [(each.id[2], each.received) for each in judge(obliged(night(SERVED)), swapped)] == [
        ("StudentEnrollment", "not there"),
        ("TeacherEnrollment", "active"),
    ]


def test_what_people_added_is_not_held_against_anybody() -> None:
    key = ("a1", "ana", "TaEnrollment")
    act = Act(act=ActKind.ADDED, kind="enrollment", id=key)
    extra = replace(RIGHT.enrollments[1000], id=2000, type="TaEnrollment")
    seen = replace(RIGHT, enrollments={**RIGHT.enrollments, 2000: extra})

    assert judge(obliged(night(SERVED, acts=(act,))), seen) == []
    assert [each.id for each in judge(obliged(night(SERVED)), seen)] == [key]


def school(pupils: int, *, lost: int = 0) -> Feed:
    """Return a feed of one section per four pupils, some pupils' rows lost."""
    ids = [f"p{number:02}" for number in range(pupils)]
    return feed(
        *(row(each, f"c{number % (pupils // 4)}") for number, each in enumerate(ids[lost:], lost)),
        users=[person(each) for each in ids],
        classes=[class_(f"c{number}") for number in range(pupils // 4)],
    )


@pytest.mark.parametrize(
    ("pupils", "lost", "held"),
    [(40, 20, False), (40, 21, True), (400, 40, False), (400, 41, True)],
)
def test_the_brake_needs_both_a_share_and_a_number(pupils: int, lost: int, *, held: bool) -> None:
    assert bool(crossed(school(pupils), school(pupils, lost=lost))) is held


def test_half_of_a_section_of_five_is_no_reason_more_is() -> None:
    def section(*pupils: str) -> Feed:
        return feed(*(row(each, "a1") for each in pupils), classes=(class_("a1"),))

    six = section("a", "b", "c", "d", "e", "f")
    assert crossed(six, section("a", "b", "c")) == []
    assert crossed(six, section("a", "b")) == ["4 of 6 students would leave class a1"]
    assert crossed(section("a", "b", "c", "d"), section()) == []


@pytest.mark.parametrize(
    ("choices", "held", "right"),
    [
        (Choices(), True, True),
        (Choices(brake=False), True, False),
        (Choices(rules=Rules.HOMEROOM_SAFE), True, True),
        (Choices(rules=Rules.HOMEROOM_SAFE), False, False),
    ],
)
def test_a_night_past_the_thresholds_is_held_as_declared(
    choices: Choices, *, held: bool, right: bool
) -> None:
    before = CanvasWorld()
    history = (night(school(40)), night(school(40, lost=30), 1, before=before))

    found = judge_night(history, choices, before, held=held)

    assert (found == []) is right


def test_an_ordinary_night_must_not_be_held() -> None:
    history = (night(SERVED), night(SERVED, 1, before=RIGHT))

    (found,) = judge_night(history, Choices(), RIGHT, held=True)
    assert (found.field, found.expected) == ("outcome", "applied: no threshold was crossed")


def test_a_held_night_that_changed_canvas_was_not_held() -> None:
    history = (night(school(40)), night(school(40, lost=30), 1, before=RIGHT))

    found = judge_night(history, Choices(), with_seat(state="deleted"), held=True)

    assert [(each.kind, each.field, each.received) for each in found] == [
        ("enrollment", "state", "'deleted'")
    ]


def test_changes_names_what_differs_and_where_a_section_went() -> None:
    moved = replace(RIGHT, sections={100: replace(RIGHT.sections[100], course=2)})

    assert [(each.kind, each.field, each.received) for each in changes(RIGHT, moved)] == [
        ("course", "stays", "'2'")
    ]
    assert changes(RIGHT, RIGHT) == []


def test_one_person_under_two_ids_is_found() -> None:
    ana = replace(SERVED.users["ana"], username="same")
    edited = replace(ana, sourced_id="ana-2")
    nights = [night(feed(users=(each,)), number) for number, each in enumerate((ana, edited))]
    both = [user(7, "ana", login="same"), user(8, "ana-2", login="same")]

    def told(*people: User) -> set[tuple[str, str]]:
        found = judge(obliged(*nights), world({}, people=people))
        return {(each.field, each.requirement) for each in found if each.kind == "user"}

    assert told(*both) == {("accounts", "PRV-USR-14")}
    assert told(both[0]) == set()
    assert told(both[1]) == set()
