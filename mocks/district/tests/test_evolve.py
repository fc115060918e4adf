"""A school year lived day by day: what each event does, and that the year stays whole."""

import hashlib
import json
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime
from functools import cache
from itertools import pairwise
from pathlib import Path

import msgspec
import pytest

from homeroom.mocks.district import District, DistrictError, load_district
from homeroom.mocks.district.changes import Change, changed
from homeroom.mocks.district.csv_binding import digest, read_delta, write_delta
from homeroom.mocks.district.district import district_of_rows
from homeroom.mocks.district.evolve import Day, Event, EventKind, Evolution, Rates, evolve
from homeroom.mocks.district.evolve.people import (
    PEOPLE,
    Happening,
    Outcome,
    account_is_split,
    student_withdraws,
)
from homeroom.mocks.district.evolve.rosters import Draws, Rosters
from homeroom.mocks.district.evolve.teaching import TEACHING, level_class
from homeroom.mocks.district.plan import GRADES
from homeroom.mocks.district.records import (
    COLLECTIONS,
    REFERENCES,
    AcademicSession,
    Class,
    Enrollment,
    Record,
    RoleType,
    Status,
    User,
)
from homeroom.mocks.district.rows import RowTable

NOW = datetime(2026, 9, 1, 6, tzinfo=UTC)
FIRST, LAST = date(2026, 8, 1), date(2027, 6, 30)
YEAR_LOG_DIGEST = "4058cea1fc7426de061236ef324cbfa78d1570c9dce3d362fbf8596d310a9684"
YEAR_DIGEST = "0048684a5f9816281fab75a28d5b1c356c3b3dd23bd8ab3c03e92414626124db"
MONDAY = date(2026, 9, 14)


@cache
def district(what: str = "tiny") -> District:
    return load_district(what, seed=1, now=NOW)


@cache
def year(what: str, factor: float) -> tuple[Day, ...]:
    rates = Rates().scaled(factor)
    return tuple(evolve(district(what), seed=1, first=FIRST, last=LAST, rates=rates))


@cache
def after_year(what: str, factor: float) -> District:
    return changed(district(what), (c for day in year(what, factor) for c in day.changes))


@pytest.fixture
def rosters() -> Rosters:
    rosters = Rosters(district())
    rosters.open_day(MONDAY)
    return rosters


def happen(
    rosters: Rosters, happening: Happening, *, followed: bool = False
) -> tuple[Outcome, tuple[Change, ...]]:
    """Let one event happen, to whomever it can; `followed`, until another is to follow from it."""
    for attempt in range(50):
        outcome = happening(rosters, Draws("test", attempt), Rates())
        changes = rosters.take_changes()
        if outcome and (outcome.later or not followed):
            return outcome, changes
    raise AssertionError("it happened to nobody")


def enrollments(changes: tuple[Change, ...]) -> list[Enrollment]:
    return [change.record for change in changes if isinstance(change.record, Enrollment)]


def before(record: Record, collection: str = "enrollments") -> Record | None:
    return district().find(collection, record.sourced_id)


def records(of: District, collection: str) -> Iterator[Record]:
    table = of.tables[collection]
    return map(table.record, range(len(table)))


def test_a_year_has_the_same_bytes_as_ever() -> None:
    log = "\n".join(json.dumps(day.log(), ensure_ascii=False) for day in year("tiny", 10))
    ids = hashlib.sha256(log.encode()).hexdigest()
    assert (ids, digest(after_year("tiny", 10))) == (YEAR_LOG_DIGEST, YEAR_DIGEST)


def test_everything_that_can_happen_happens_in_a_year() -> None:
    kinds = {event.kind for day in year("small", 1) for event in day.events}
    rare = {
        EventKind.SCHOOL_RENAMED,
        EventKind.SECTIONS_REGENERATED,
        EventKind.YEAR_ROLLED_OVER,
    }
    assert kinds >= set(EventKind) - rare


@pytest.mark.parametrize(("what", "factor"), [("tiny", 20.0), ("small", 1.0)])
def test_after_a_year_every_reference_still_finds_its_record(what: str, factor: float) -> None:
    after = after_year(what, factor)
    ids = {name: {record.sourced_id for record in records(after, name)} for name in COLLECTIONS}
    for collection, references in REFERENCES.items():
        for record in records(after, collection):
            for field, target in references.items():
                value = getattr(record, field)
                named = value if isinstance(value, tuple) else (value,) if value else ()
                assert set(named) <= ids[target], (collection, record.sourced_id, field)


@pytest.mark.parametrize(("what", "factor"), [("tiny", 20.0), ("small", 1.0)])
def test_on_every_day_one_record_says_that_a_user_is_in_a_class(what: str, factor: float) -> None:
    after = after_year(what, factor)
    active = Counter(
        (record.user, record.class_)
        for record in records(after, "enrollments")
        if isinstance(record, Enrollment) and record.status == Status.ACTIVE
    )
    assert max(active.values()) == 1


def test_classes_keep_one_primary_teacher_through_the_year() -> None:
    after = after_year("small", 1)
    primary = Counter(
        record.class_
        for record in records(after, "enrollments")
        if isinstance(record, Enrollment) and record.primary and record.status == Status.ACTIVE
    )
    classes = {record.sourced_id for record in records(after, "classes")}
    assert set(primary) == classes
    assert set(primary.values()) == {1}


def test_changes_are_stamped_with_their_day_in_order() -> None:
    for day in year("small", 1):
        stamps = [str(change.record.date_last_modified) for change in day.changes]
        assert stamps == sorted(stamps)
        assert {stamp[:10] for stamp in stamps} <= {day.day.isoformat()}


def test_the_log_names_records_and_no_people() -> None:
    people = {
        name
        for record in records(district(), "users")
        if isinstance(record, User)
        for name in (str(record.family_name), str(record.username))
        if len(name) > 3
    }
    text = json.dumps([day.log() for day in year("tiny", 10)], ensure_ascii=False)
    assert not [name for name in people if name in text]


def test_nothing_happens_when_there_is_no_school() -> None:
    holidays = {date(2026, 8, 8), date(2026, 12, 24), date(2027, 6, 15)}
    assert not [day for day in year("small", 1) if day.day in holidays]


def test_sessions_begin_and_end_in_the_log() -> None:
    said = [
        (day.day.isoformat(), event.kind, event.detail)
        for day in year("tiny", 10)
        for event in day.events
        if event.kind in (EventKind.SESSION_BEGAN, EventKind.SESSION_ENDED)
    ]
    assert said[:5] == [
        ("2026-08-10", EventKind.SESSION_BEGAN, "2026-2027"),
        ("2026-08-10", EventKind.SESSION_BEGAN, "2026-2027 Semester 1"),
        ("2026-08-10", EventKind.SESSION_BEGAN, "2026-2027 Quarter 1"),
        ("2026-10-12", EventKind.SESSION_ENDED, "2026-2027 Quarter 1"),
        ("2026-10-12", EventKind.SESSION_BEGAN, "2026-2027 Quarter 2"),
    ]


def test_a_student_who_joins_takes_the_classes_of_somebody(rosters: Rosters) -> None:
    outcome, changes = happen(rosters, PEOPLE[EventKind.STUDENT_JOINED])
    student = changes[0].record
    assert isinstance(student, User)
    assert student.sourced_id == outcome.about
    assert district().find("users", student.sourced_id) is None
    taken = enrollments(changes)
    assert len(taken) == 6
    assert {(record.user, record.begin_date) for record in taken} == {
        (student.sourced_id, "2026-09-14")
    }


def test_a_student_who_withdraws_stays_in_the_feed_with_end_dates(rosters: Rosters) -> None:
    _, changes = happen(rosters, student_withdraws)
    ended = enrollments(changes)
    assert {(record.status, record.end_date) for record in ended} == {(Status.ACTIVE, "2026-09-14")}
    assert all(before(record) for record in ended)
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
    assert [record.sourced_id for record in enrollments(back)] == [
        record.sourced_id for record in enrollments(left)
    ]
    assert {record.begin_date for record in enrollments(back)} == {"2026-10-14"}


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


@cache
def rolled_over() -> tuple[District, District, Event]:
    """A district on the last of June, and on the first of July with the event between."""
    evolution = Evolution(district("small"), seed=1)
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


def test_a_days_changes_survive_a_delta_package(tmp_path: Path) -> None:
    day = max(year("tiny", 20), key=lambda lived: len(lived.changes))
    write_delta(day.changes, tmp_path / "delta.zip", system="tiny")
    latest = {(c.collection, c.record.sourced_id): c.record for c in day.changes}
    read = read_delta(tmp_path / "delta.zip", now=NOW)
    assert {(c.collection, c.record.sourced_id): c.record for c in read} == latest


def test_a_record_that_is_gone_is_tobedeleted_in_a_delta(tmp_path: Path) -> None:
    user = district().tables["users"].record(0)
    write_delta([Change("users", user, gone=True)], tmp_path / "delta.zip", system="tiny")
    (change,) = read_delta(tmp_path / "delta.zip", now=NOW)
    assert change.record == msgspec.structs.replace(user, status=Status.TOBEDELETED)


def test_a_delta_with_a_wrong_value_is_refused(tmp_path: Path) -> None:
    user = msgspec.structs.replace(
        district().tables["users"].record(0), date_last_modified="yesterday"
    )
    write_delta([Change("users", user)], tmp_path / "delta.zip", system="tiny")
    with pytest.raises(DistrictError, match="line 2, column dateLastModified: 'yesterday' is no"):
        read_delta(tmp_path / "delta.zip", now=NOW)


def test_no_district_is_too_small_to_live_through_a_year() -> None:
    for what in ("empty", "enrollments=1", "enrollments=30"):
        made = load_district(what, seed=1, now=NOW)
        rates = Rates().scaled(200)
        days = list(evolve(made, seed=1, first=FIRST, last=LAST, rates=rates))
        changed(made, (change for day in days for change in day.changes))
