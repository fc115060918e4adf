"""Small feeds and worlds for the oracle's tables."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import msgspec

from homeroom.config import Choices
from homeroom.oracle.canvas import (
    Account,
    CanvasWorld,
    Course,
    Enrollment,
    Section,
    Term,
    User,
)
from homeroom.oracle.feed import AcademicSession, Class, Feed, Org, by_id
from homeroom.oracle.feed import Course as Taught
from homeroom.oracle.feed import Enrollment as Row
from homeroom.oracle.feed import User as Person
from homeroom.oracle.nights import Night
from homeroom.oracle.obligations import Obligation, Obligations
from homeroom.oracle.roster import expected

START = date(2026, 8, 17)
FALL = AcademicSession(
    sourced_id="t1", title="Fall", type="term", parent="y",
    start_date=date(2026, 8, 10), end_date=date(2026, 12, 18),
)  # fmt: skip
SPRING = replace(
    FALL, sourced_id="t2", title="Spring", start_date=date(2027, 1, 5), end_date=date(2027, 5, 28)
)
YEAR = AcademicSession(
    sourced_id="y", title="2026-2027", type="schoolYear",
    start_date=date(2026, 8, 10), end_date=date(2027, 5, 28),
)  # fmt: skip


def day(offset: int) -> date:
    """Return a date by days from the first night."""
    return START + timedelta(days=offset)


def at(offset: int) -> datetime:
    """Return the moment of a night."""
    return datetime(2026, 8, 17, 6, tzinfo=UTC) + timedelta(days=offset)


def person(sourced_id: str, role: str = "student", **fields: Any) -> Person:
    """Return a user named after the id."""
    given: dict[str, Any] = {
        "username": f"{sourced_id}.login",
        "given_name": "Ana",
        "family_name": "Ruiz",
    }
    return Person(sourced_id=sourced_id, role=role, **{**given, **fields})


def class_(sourced_id: str, course: str = "alg", **fields: Any) -> Class:
    """Return a class of Fall."""
    given: dict[str, Any] = {"title": f"Class {sourced_id}", "school": "s1", "terms": ("t1",)}
    return Class(sourced_id=sourced_id, course=course, **{**given, **fields})


def row(user: str | None, in_class: str | None, role: str = "student", **fields: Any) -> Row:
    """Return an enrollment for all of Fall."""
    given: dict[str, Any] = {
        "sourced_id": f"{user}@{in_class}", "school": "s1",
        "begin_date": FALL.start_date, "end_date": FALL.end_date,
    }  # fmt: skip
    return Row(user=user, class_=in_class, role=role, **{**given, **fields})


def feed(
    *rows: Row,
    users: Iterable[Person] = (),
    classes: Iterable[Class] = (),
    courses: Iterable[str] = ("alg", "eng"),
    orgs: Iterable[Org] = (),
    sessions: Iterable[AcademicSession] = (YEAR, FALL, SPRING),
) -> Feed:
    """Return a feed of one district with one school."""
    return Feed(
        orgs=by_id(
            orgs
            or (
                Org(sourced_id="d", name="District", type="district"),
                Org(sourced_id="s1", name="High", type="school", parent="d"),
            )
        ),
        academic_sessions=by_id(sessions),
        courses=by_id(Taught(sourced_id=each, title=each, org="s1") for each in courses),
        classes=by_id(classes),
        users=by_id(users),
        enrollments=by_id(rows),
    )


def night(served: Feed, offset: int = 0, **fields: Any) -> Night:
    """Return a night on which a feed was served."""
    return Night(feed=served, now=at(offset), **fields)


def obliged(*nights: Night, **choices: Any) -> Obligations:
    """Return what is expected after some nights under some choices."""
    return expected(nights, _choices(choices))


def _choices(choices: Mapping[str, Any]) -> Choices:
    return msgspec.convert(choices, Choices)


def states(obligations: Obligations, kind: str, *key: str) -> set[str] | None:
    """Return the permitted states of one object, None where nothing is expected."""
    found: Obligation | None = obligations.of(kind, *key)
    return None if found is None else set(found.states)


def world(
    sections: Mapping[str, int],
    *,
    seats: Iterable[tuple[str, str, str, str]] = (),
    people: Iterable[User] = (),
    term: str = "t1",
) -> CanvasWorld:
    """Return a Canvas with sections (by SIS ID, in numbered courses) and seats in them.

    Seats are (section, user, type, state), with Fall's dates.
    """
    users = {each.id: each for each in people}
    known = {each.sis_id: each.id for each in people}
    places = {name: number for number, name in enumerate(sections, start=100)}
    begin, end = at(0).replace(month=8, day=10), at(0).replace(month=12, day=18)
    return CanvasWorld(
        root=1,
        accounts={
            1: Account(id=1, sis_id=None, name="Root"),
            2: Account(id=2, sis_id="s1", name="High", parent=1),
        },
        terms={5: Term(id=5, sis_id=term, name="Fall", start_at=begin, end_at=end)},
        courses={
            number: Course(
                id=number, sis_id=f"c{number}", name="c", course_code=None, account=2, term=5,
                state="available",
            )
            for number in set(sections.values())
        },
        sections={
            places[name]: Section(id=places[name], sis_id=name, name=f"Class {name}", course=course)
            for name, course in sections.items()
        },
        users=users,
        enrollments={
            number: Enrollment(
                id=number, section=places[section], user=known[user], type=type_, state=state,
                start_at=begin, end_at=end,
            )
            for number, (section, user, type_, state) in enumerate(seats, start=1000)
        },
    )  # fmt: skip


def user(number: int, sis_id: str, **fields: Any) -> User:
    """Return a Canvas user as `person` of the same id must become."""
    given: dict[str, Any] = {"name": "Ana Ruiz", "login": f"{sis_id}.login"}
    return User(id=number, sis_id=sis_id, **{**given, **fields})
