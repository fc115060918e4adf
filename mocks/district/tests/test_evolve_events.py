"""What each event of a school year does."""

from datetime import date

import msgspec
import pytest

from homeroom.mocks.district.changes import changed
from homeroom.mocks.district.district import district_of_rows
from homeroom.mocks.district.evolve import EventKind
from homeroom.mocks.district.evolve.people import (
    PEOPLE,
    account_is_split,
    student_withdraws,
)
from homeroom.mocks.district.evolve.rosters import Rosters
from homeroom.mocks.district.evolve.teaching import TEACHING, level_class
from homeroom.mocks.district.records import (
    COLLECTIONS,
    Class,
    Enrollment,
    RoleType,
    Status,
    User,
)
from homeroom.mocks.district.rows import RowTable
from homeroom.mocks.district.tests.lived import (
    MONDAY,
    before,
    district,
    enrollments,
    happen,
    records,
)


@pytest.fixture
def rosters() -> Rosters:
    rosters = Rosters(district())
    rosters.open_day(MONDAY)
    return rosters


def test_a_student_who_joins_takes_the_classes_of_somebody(rosters: Rosters) -> None:
    outcome, changes = happen(rosters, PEOPLE[EventKind.STUDENT_JOINED])
    student = changes[0].record
    assert isinstance(student, User)
    assert student.sourced_id == outcome.about
    assert district().find("users", student.sourced_id) is None
    taken = enrollments(changes)
    assert len(taken) == 6
    assert {record.user for record in taken} == {student.sourced_id}
    # A place in a class of the spring begins with the spring.
    assert {record.begin_date for record in taken} == {"2026-09-14", "2027-01-04"}


def test_a_student_who_withdraws_stays_in_the_feed_with_end_dates(rosters: Rosters) -> None:
    _, changes = happen(rosters, student_withdraws)
    left = enrollments(changes)
    ended = [record for record in left if record.status == Status.ACTIVE]
    assert {record.end_date for record in ended} == {"2026-09-14"}
    assert all(before(record) for record in left)
    # What never began has no day to end on: an end before the beginning would be no dates at all.
    dropped = [record for record in left if record.status == Status.TOBEDELETED]
    assert {record.begin_date for record in dropped} == {"2027-01-04"}
    student = changes[-1].record
    assert isinstance(student, User)
    assert (student.status, student.enabled_user) == (Status.ACTIVE, False)


def test_a_student_who_returns_has_the_old_enrollments_reopened(rosters: Rosters) -> None:
    outcome, left = happen(rosters, student_withdraws, followed=True)
    assert outcome.later
    days, kind, follows = outcome.later
    assert (days, kind) == (30, EventKind.STUDENT_RETURNED)
    rosters.open_day(date(2026, 10, 14))
    _, back = happen(rosters, follows)
    again = {record.class_: record for record in enrollments(back)}
    assert list(again) == [record.class_ for record in enrollments(left)]
    for old in enrollments(left):
        new = again[old.class_]
        reopened = new.sourced_id == old.sourced_id
        assert reopened == (old.status == Status.ACTIVE)
        assert new.begin_date == ("2026-10-14" if reopened else "2027-01-04")


def test_a_student_changes_to_another_section_of_the_course(rosters: Rosters) -> None:
    _, changes = happen(rosters, PEOPLE[EventKind.CLASS_CHANGED])
    old, new = enrollments(changes)
    classes = [district().find("classes", str(record.class_)) for record in (old, new)]
    assert (old.user, old.end_date, new.begin_date) == (new.user, "2026-09-14", "2026-09-14")
    assert all(isinstance(class_, Class) for class_ in classes)
    assert len({getattr(class_, "course", None) for class_ in classes}) == 1
    assert old.class_ != new.class_


def test_a_student_changes_school() -> None:
    rosters = Rosters(district("small"))
    rosters.open_day(MONDAY)
    outcome, changes = happen(rosters, PEOPLE[EventKind.SCHOOL_CHANGED])
    moved = next(change.record for change in changes if isinstance(change.record, User))
    assert moved.sourced_id == outcome.about
    old = district("small").find("users", moved.sourced_id)
    assert getattr(old, "orgs", None) != moved.orgs
    new = [record for record in enrollments(changes) if record.begin_date == "2026-09-14"]
    assert {record.school for record in new} == set(moved.orgs)


def test_a_student_takes_a_class_at_a_second_school() -> None:
    rosters = Rosters(district("small"))
    rosters.open_day(MONDAY)
    _, changes = happen(rosters, PEOPLE[EventKind.DUALLY_ENROLLED])
    student, seat = (change.record for change in changes)
    assert isinstance(student, User)
    assert isinstance(seat, Enrollment)
    assert student.orgs[1:] == (seat.school,)


def test_a_primary_teacher_hands_over(rosters: Rosters) -> None:
    outcome, changes = happen(rosters, TEACHING[EventKind.TEACHER_CHANGED])
    old, *rest = enrollments(changes)
    new = rest[-1]
    assert (old.status, old.primary, old.class_) == (Status.TOBEDELETED, True, outcome.about)
    assert (new.status, new.primary, new.role) == (Status.ACTIVE, True, RoleType.TEACHER)
    assert new.user != old.user


def test_a_co_teacher_comes_and_another_leaves(rosters: Rosters) -> None:
    _, changes = happen(rosters, TEACHING[EventKind.CO_TEACHER_ADDED])
    (came,) = enrollments(changes)
    assert (came.role, came.primary, before(came)) == (RoleType.TEACHER, False, None)
    _, changes = happen(rosters, TEACHING[EventKind.CO_TEACHER_LEFT])
    (left,) = enrollments(changes)
    assert (left.status, left.primary) == (Status.TOBEDELETED, False)


@pytest.mark.parametrize(
    ("kind", "collection", "field"),
    [
        (EventKind.COURSE_CODE_CORRECTED, "courses", "course_code"),
        (EventKind.COURSE_RENAMED, "courses", "title"),
        (EventKind.SCHOOL_RENAMED, "orgs", "name"),
        (EventKind.PERSON_RENAMED, "users", "family_name"),
    ],
)
def test_one_field_of_one_record_changes(
    rosters: Rosters, kind: EventKind, collection: str, field: str
) -> None:
    outcome, (change,) = happen(rosters, (PEOPLE | TEACHING)[kind])
    old = before(change.record, collection)
    assert old is not None
    assert (change.collection, change.record.sourced_id) == (collection, outcome.about)
    assert getattr(old, field) != getattr(change.record, field)
    assert (
        msgspec.structs.replace(
            change.record,
            date_last_modified=old.date_last_modified,
            **{field: getattr(old, field)},
            **({"username": getattr(old, "username", None)} if collection == "users" else {}),
        )
        == old
    )


def test_a_split_account_is_merged_again(rosters: Rosters) -> None:
    outcome, split = happen(rosters, account_is_split)
    twin = split[0].record
    assert isinstance(twin, User)
    assert before(twin, "users") is None
    taken = [record for record in enrollments(split) if record.user == twin.sourced_id]
    assert len(taken) == 3
    assert outcome.later
    rosters.open_day(date(2026, 9, 28))
    merged, changes = happen(rosters, outcome.later[2])
    assert merged.about == outcome.about
    last = changes[-1].record
    assert (last.sourced_id, last.status) == (twin.sourced_id, Status.TOBEDELETED)
    back = [record for record in enrollments(changes) if record.user == outcome.about]
    assert {record.class_ for record in back} == {record.class_ for record in taken}


def test_sections_come_back_under_new_ids_with_everybody_in_them(rosters: Rosters) -> None:
    _, changes = happen(rosters, TEACHING[EventKind.SECTIONS_REGENERATED])
    after = changed(district(), changes)
    live = [r for r in records(after, "classes") if r.status == Status.ACTIVE]
    assert len(live) == 36
    assert not [record for record in live if before(record, "classes")]
    seats = [r for r in records(after, "enrollments") if r.status == Status.ACTIVE]
    assert len(seats) == 759


def crowded_class(students: int) -> tuple[Rosters, str]:
    """A district whose first class, alone in its course, has so many students."""
    base = district()
    class_ = base.tables["classes"].record(0)
    assert isinstance(class_, Class)
    class_ = msgspec.structs.replace(class_, grades=("02",))
    pupils = [base.tables["users"].record(index) for index in range(students)]
    seats = [
        Enrollment(
            sourced_id=f"seat-{index}",
            user=pupil.sourced_id,
            class_=class_.sourced_id,
            school=class_.school,
            role=RoleType.STUDENT,
            begin_date="2026-08-10",
            end_date="2027-05-29",
        )
        for index, pupil in enumerate(pupils)
    ]
    rows = {name: RowTable(list(records(base, name))) for name in COLLECTIONS}
    rows |= {"classes": RowTable([class_]), "enrollments": RowTable(seats)}
    rosters = Rosters(district_of_rows(rows, name="crowded", seed=1, generated=True))
    rosters.open_day(MONDAY)
    return rosters, class_.sourced_id


def test_a_crowded_class_is_halved_into_a_new_section_with_a_teacher() -> None:
    rosters, class_id = crowded_class(30)
    outcome, changes = happen(rosters, level_class(class_id))
    opened = changes[0].record
    assert isinstance(opened, Class)
    assert outcome.detail == f"15 of 30 students to a new class {opened.sourced_id}"
    assert (rosters.size_of(class_id), rosters.size_of(opened.sourced_id)) == (15, 15)
    teachers = [m for m in rosters.members_of(opened.sourced_id) if m.role == RoleType.TEACHER]
    assert [teacher.primary for teacher in teachers] == [True]


def test_a_crowded_class_gives_students_to_the_section_with_room() -> None:
    rosters, class_id = crowded_class(30)
    happen(rosters, level_class(class_id))
    rosters.open_day(date(2026, 9, 21))
    student = next(iter(rosters.members_of(class_id)))
    assert student.user
    for number in range(6):
        extra = Enrollment(
            sourced_id=f"extra-{number}",
            user=district().tables["users"].sourced_id(40 + number),
            class_=class_id,
            role=RoleType.STUDENT,
            end_date="2027-05-29",
        )
        rosters.put("enrollments", extra)
    rosters.take_changes()
    outcome, _ = happen(rosters, level_class(class_id))
    assert outcome.detail.startswith("3 of 21 students to class ")
    assert rosters.size_of(class_id) == 18
