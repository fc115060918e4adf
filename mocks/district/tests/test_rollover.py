"""From one school year to the next."""

from collections import Counter
from datetime import date
from functools import cache
from itertools import pairwise

from homeroom.mocks.district import District
from homeroom.mocks.district.evolve import Event, EventKind, Evolution, evolve
from homeroom.mocks.district.plan import GRADES
from homeroom.mocks.district.records import (
    COLLECTIONS,
    REFERENCES,
    AcademicSession,
    Enrollment,
    RoleType,
    Status,
    User,
)
from homeroom.mocks.district.tests.lived import district, records


@cache
def rolled_over() -> tuple[District, District, Event]:
    """A district on the last of June, and on the first of July with the event between."""
    evolution = Evolution(district("enrollments=9000"), seed=1)
    evolution.live(date(2027, 5, 25))
    standing = evolution.rosters.standing()
    (event,) = evolution.live(date(2027, 7, 1)).events
    return standing, evolution.district, event


def test_the_old_year_vanishes_and_a_new_one_stands_in_its_place() -> None:
    old, new, event = rolled_over()
    assert event.kind is EventKind.YEAR_ROLLED_OVER
    for collection in ("academicSessions", "courses", "classes", "enrollments"):
        ids = {record.sourced_id for record in records(old, collection)}
        assert not ids & {record.sourced_id for record in records(new, collection)}
    titles = [getattr(record, "title", "") for record in records(new, "academicSessions")]
    assert titles[:2] == ["2027-2028", "2027-2028 Semester 1"]
    year_session = new.tables["academicSessions"].record(0)
    assert isinstance(year_session, AcademicSession)
    assert (year_session.start_date, year_session.school_year) == ("2027-08-09", "2028")
    assert event.about == year_session.sourced_id


def test_students_are_a_grade_higher_and_the_last_grade_has_left() -> None:
    old, new, event = rolled_over()
    grades: dict[str, str] = dict(pairwise(GRADES))
    stayed = left = 0
    for before_ in records(old, "users"):
        after = new.find("users", before_.sourced_id)
        assert isinstance(before_, User)
        assert isinstance(after, User)
        if before_.role != RoleType.STUDENT:
            assert after == before_
        elif before_.grades == ("12",) or not before_.enabled_user:
            assert after.status == Status.TOBEDELETED
            left += 1
        else:
            assert after.grades == (grades[before_.grades[0]],)
            stayed += 1
    came = len(new.tables["users"]) - len(old.tables["users"])
    assert event.detail == f"{stayed} students go on, {left} left, {came} came"
    first = [u for u in records(new, "users") if getattr(u, "grades", ()) == ("KG",)]
    assert len(first) == came


def test_the_new_year_is_whole() -> None:
    _, new, _ = rolled_over()
    ids = {name: {record.sourced_id for record in records(new, name)} for name in COLLECTIONS}
    for collection, references in REFERENCES.items():
        for record in records(new, collection):
            for field, target in references.items():
                value = getattr(record, field)
                named = value if isinstance(value, tuple) else (value,) if value else ()
                assert set(named) <= ids[target], (collection, record.sourced_id, field)
    seats = [record for record in records(new, "enrollments") if isinstance(record, Enrollment)]
    assert max(Counter((seat.user, seat.class_) for seat in seats).values()) == 1
    assert {seat.class_ for seat in seats if seat.primary} == ids["classes"]
    seated = {seat.user for seat in seats if seat.role == RoleType.STUDENT}
    active = {
        user.sourced_id
        for user in records(new, "users")
        if isinstance(user, User) and user.role == RoleType.STUDENT and user.status == Status.ACTIVE
    }
    assert seated == active


def test_life_goes_on_in_the_new_year() -> None:
    days = tuple(evolve(district(), seed=1, first=date(2027, 6, 1), last=date(2027, 9, 30)))
    assert [event.kind for event in days[0].events] == [EventKind.YEAR_ROLLED_OVER]
    assert any(event.changes for day in days[1:] for event in day.events)
