"""Choices that what Canvas holds contradicts: then nothing can be judged by them."""

from collections.abc import Iterator, Mapping
from datetime import tzinfo
from typing import Any

import msgspec

from homeroom.config import Choices, CourseKey, LoginId, UserId
from homeroom.judge.recording import Worlds
from homeroom.oracle.canvas import CanvasWorld, EnrollmentType
from homeroom.oracle.feed import Feed, User
from homeroom.oracle.judge import judge_placements
from homeroom.oracle.nights import Night
from homeroom.oracle.people import login_of, present, user_sis_id
from homeroom.oracle.places import placements

FEWEST = 5
FIT, MISFIT = 0.8, 0.2


def contradictions(worlds: Worlds, choices: Choices, *, at: Any, zone: tzinfo) -> Iterator[str]:
    """Say which declared choices do not fit what stands, and which other value does.

    A choice is contradicted only where another value explains nearly all and this one nearly
    nothing: anything less is a finding about single records, not about the declaration.
    """
    people = [each for each in worlds.feed.users.values() if present(worlds.feed, each)]
    yield from _user_id(people, worlds.canvas, choices)
    yield from _login_id(people, worlds.canvas, choices)
    yield from _course_key(worlds, choices, at, zone)
    yield from _observers(worlds.feed, worlds.canvas, choices)


def _user_id(people: list[User], canvas: CanvasWorld, choices: Choices) -> Iterator[str]:
    held = {each.sis_id for each in canvas.users.values() if each.sis_id}
    fits = {
        option: sum(
            user_sis_id(each, msgspec.structs.replace(choices, user_id=option)) in held
            for each in people
        )
        for option in UserId
    }
    yield from _told("user_id", choices.user_id, fits, len(held), "accounts' SIS IDs")


def _login_id(people: list[User], canvas: CanvasWorld, choices: Choices) -> Iterator[str]:
    pairs = [
        (each, account.login)
        for each in people
        if (account := canvas.sis_user(user_sis_id(each, choices) or "")) and account.login
    ]
    fits = {
        option: sum(
            login_of(each, msgspec.structs.replace(choices, login_id=option)) == login
            for each, login in pairs
        )
        for option in LoginId
    }
    yield from _told("login_id", choices.login_id, fits, len(pairs), "accounts' logins")


def _told(name: str, chosen: Any, fits: Mapping[Any, int], among: int, what: str) -> Iterator[str]:
    best = max(fits, key=lambda option: fits[option])
    if among < FEWEST or best == chosen:
        return
    if fits[chosen] <= MISFIT * fits[best] and fits[best] >= FIT * among:
        yield (
            f"{name} is {chosen.value!r}, but {fits[chosen]} of {among} {what} are that; "
            f"{fits[best]} are {best.value!r}"
        )


def _course_key(worlds: Worlds, choices: Choices, at: Any, zone: tzinfo) -> Iterator[str]:
    if choices.course_key is CourseKey.ANY:
        return
    wrong = {
        key: _misplaced(worlds, msgspec.structs.replace(choices, course_key=key), at, zone)
        for key in CourseKey
        if key is not CourseKey.ANY
    }
    chosen = wrong.pop(choices.course_key)
    best = min(wrong, key=lambda key: wrong[key])
    if chosen >= FEWEST and not wrong[best]:
        yield (
            f"course_key is {choices.course_key.value!r}, but {chosen} sections share courses "
            f"otherwise; {best.value!r} explains all of them"
        )


def _misplaced(worlds: Worlds, choices: Choices, at: Any, zone: tzinfo) -> int:
    night = Night(feed=worlds.feed, now=at)
    placed = {each.section: each for each in placements([night], choices, zone)}
    wrong = (each for each in judge_placements(placed, worlds.canvas) if each.field == "sections")
    return len({section for each in wrong for section in each.id})


def _observers(feed: Feed, canvas: CanvasWorld, choices: Choices) -> Iterator[str]:
    seats = sum(each.type == EnrollmentType.OBSERVER for each in canvas.enrollments.values())
    families = [each for each in feed.users.values() if each.role in {"parent", "guardian"}]
    held = sum(canvas.sis_user(user_sis_id(each, choices) or "") is not None for each in families)
    if not choices.observers and held >= max(FEWEST, FIT * len(families)):
        yield (
            f"observers is false, but {held} of {len(families)} parents and guardians have "
            f"accounts, with {seats} observer enrollments"
        )
