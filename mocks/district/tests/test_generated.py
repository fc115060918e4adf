"""Generated districts: the same bytes everywhere, whole, and of the size that was asked."""

from collections import Counter
from dataclasses import fields
from datetime import UTC, datetime
from functools import cache

import numpy as np
import pytest

from homeroom.mocks.district import District, DistrictError, load_district
from homeroom.mocks.district.columns import Csr
from homeroom.mocks.district.csv_binding import digest
from homeroom.mocks.district.district import district_of_rows
from homeroom.mocks.district.names import tables_digest
from homeroom.mocks.district.records import (
    COLLECTIONS,
    REFERENCES,
    AcademicSession,
    Class,
    Course,
    Enrollment,
    Org,
    OrgType,
    Record,
    RoleType,
    SessionType,
    User,
)
from homeroom.mocks.district.rows import RowTable
from homeroom.mocks.district.sizes import SIZES, size_of_enrollments

NOW = datetime(2026, 9, 1, 6, tzinfo=UTC)
NAMES_DIGEST = "f1f15fd7cdc0303fdaee9bd5ae557d95a5b038f5d10a3668702877ed34132f32"
TINY_DIGEST = "fad5f6b8784c841e89ed21c018077cef9fa533efde834149b7816c77a578a1ff"


@cache
def district(what: str, seed: int = 1, now: datetime = NOW) -> District:
    return load_district(what, seed=seed, now=now)


@cache
def records(of: District, collection: str) -> list[Record]:
    table = of.tables[collection]
    return [table.record(index) for index in range(len(table))]


def users(of: District) -> list[User]:
    return [record for record in records(of, "users") if isinstance(record, User)]


def enrollments(of: District) -> list[Enrollment]:
    return [record for record in records(of, "enrollments") if isinstance(record, Enrollment)]


def classes(of: District) -> list[Class]:
    return [record for record in records(of, "classes") if isinstance(record, Class)]


def test_names_come_from_the_tables_that_are_pinned() -> None:
    # Another release of Faker has other names: then every seeded district changes with it.
    assert tables_digest() == NAMES_DIGEST


def test_tiny_has_the_same_bytes_as_ever() -> None:
    assert digest(district("tiny")) == TINY_DIGEST


def test_another_seed_is_another_district() -> None:
    ids = {record.sourced_id for record in records(district("tiny"), "users")}
    others = {record.sourced_id for record in records(district("tiny", seed=2), "users")}
    assert not ids & others


def test_people_stay_who_they_are_from_year_to_year_and_classes_do_not() -> None:
    later = district("tiny", now=datetime(2027, 9, 1, tzinfo=UTC))
    assert [user.sourced_id for user in users(later)] == [
        user.sourced_id for user in users(district("tiny"))
    ]
    ids = {record.sourced_id for record in classes(district("tiny"))}
    assert not ids & {record.sourced_id for record in classes(later)}


@pytest.mark.parametrize(
    ("size", "students", "teachers", "class_count", "student_enrollments"),
    [
        ("tiny", 120, 9, 36, 720),
        ("small", 5_124, 294, 1_400, 33_500),
        ("medium", 33_925, 1_950, 9_270, 222_000),
        ("large", 129_083, 7_419, 35_300, 844_000),
        ("mega", 251_397, 14_448, 68_700, 1_640_000),
        ("stress", 859_514, 49_400, 235_000, 5_620_000),
    ],
)
def test_a_size_has_the_counts_of_the_district_it_is_like(
    size: str, students: int, teachers: int, class_count: int, student_enrollments: int
) -> None:
    tables = load_district(size, seed=1, now=NOW).tables
    assert len(tables["demographics"]) == students
    assert len(tables["classes"]) == class_count
    assert len(tables["enrollments"]) == SIZES[size].enrollments
    assert SIZES[size].enrollments == student_enrollments + class_count + class_count // 10
    assert SIZES[size].teachers == teachers


@pytest.mark.parametrize("size", ["tiny", "small", "medium"])
def test_roles_are_as_many_as_the_size_says(size: str) -> None:
    columns = district(size).columns
    of_users = np.bincount(columns.users.role, minlength=8)
    of_enrollments = np.bincount(columns.enrollments.role, minlength=8)
    student, teacher = (
        list(RoleType).index(RoleType.STUDENT),
        list(RoleType).index(RoleType.TEACHER),
    )
    assert of_users[student] == SIZES[size].students
    assert of_users[teacher] == SIZES[size].teachers
    assert of_enrollments[student] == SIZES[size].student_enrollments


@pytest.mark.parametrize("count", [1, 2, 3, 7, 30, 101, 175, 999, 5_000, 12_345])
def test_enrollments_can_be_asked_for_by_number(count: int) -> None:
    made = load_district(f"enrollments={count}", seed=3, now=NOW)
    table = made.tables["enrollments"]
    assert len(table) == count
    assert len({table.sourced_id(index) for index in range(count)}) == count
    assert made.columns.enrollments.class_.max() < len(made.tables["classes"])


@pytest.mark.parametrize("what", ["enrollments=0", "enrollments=-1", "enrollments=x", "vast", ""])
def test_a_district_that_cannot_be_is_refused_by_name(what: str) -> None:
    with pytest.raises(DistrictError, match=f"^district {what!r}"):
        load_district(what, seed=1, now=NOW)


def test_no_number_of_enrollments_is_missed() -> None:
    for count in (*range(1, 700), 9_999, 100_000, 1_000_000, 3_000_000):
        assert size_of_enrollments(count).enrollments == count


@pytest.mark.parametrize("size", ["tiny", "small"])
def test_every_reference_finds_its_record(size: str) -> None:
    made = district(size)
    ids = {name: {record.sourced_id for record in records(made, name)} for name in COLLECTIONS}
    broken: list[tuple[str, str, str]] = []
    for collection, references in REFERENCES.items():
        for record in records(made, collection):
            for field, target in references.items():
                value = getattr(record, field)
                referenced = value if isinstance(value, tuple) else (value,) if value else ()
                broken += [
                    (record.sourced_id, field, one) for one in referenced if one not in ids[target]
                ]
    assert not broken
    assert ids["demographics"] <= ids["users"]


@pytest.mark.parametrize("size", ["tiny", "small"])
def test_agents_are_named_both_ways(size: str) -> None:
    made = district(size)
    guardians = {
        (student.sourced_id, guardian)
        for student in users(made)
        if student.role is RoleType.STUDENT
        for guardian in student.agents
    }
    students = {
        (student, guardian.sourced_id)
        for guardian in users(made)
        if guardian.role is RoleType.GUARDIAN
        for student in guardian.agents
    }
    assert guardians == students
    assert len({student for student, _ in guardians}) == SIZES[size].students


def test_guardians_belong_to_the_schools_of_their_students() -> None:
    made = district("small")
    by_id = {user.sourced_id: user for user in users(made)}
    for guardian in users(made):
        if guardian.role is RoleType.GUARDIAN:
            schools = {school for student in guardian.agents for school in by_id[student].orgs}
            assert set(guardian.orgs) == schools


def test_every_class_has_one_primary_teacher_and_some_have_another() -> None:
    made = district("tiny")
    primary: Counter[str | None] = Counter()
    others: Counter[str | None] = Counter()
    for enrollment in enrollments(made):
        if enrollment.role is RoleType.TEACHER:
            (primary if enrollment.primary else others)[enrollment.class_] += 1
    assert primary == {record.sourced_id: 1 for record in classes(made)}
    assert sorted(others.values()) == [1, 1, 1]


@pytest.mark.parametrize("size", ["tiny", "small"])
def test_nobody_is_twice_in_a_class(size: str) -> None:
    pairs = Counter((record.user, record.class_) for record in enrollments(district(size)))
    assert max(pairs.values()) == 1


@pytest.mark.parametrize("size", ["tiny", "small"])
def test_students_take_classes_of_their_own_school_and_grade(size: str) -> None:
    made = district(size)
    by_user = {user.sourced_id: user for user in users(made)}
    by_class = {record.sourced_id: record for record in classes(made)}
    for enrollment in enrollments(made):
        user, class_ = by_user[str(enrollment.user)], by_class[str(enrollment.class_)]
        assert enrollment.school == class_.school
        assert user.orgs == (class_.school,)
        if enrollment.role is RoleType.STUDENT:
            assert user.grades == class_.grades


def test_no_student_is_in_two_rooms_at_once() -> None:
    made = district("small")
    by_class = {record.sourced_id: record for record in classes(made)}
    year = made.tables["academicSessions"].sourced_id(0)
    halves = {made.tables["academicSessions"].sourced_id(index) for index in (1, 2)}
    taken: Counter[tuple[str | None, str, str]] = Counter()
    for enrollment in enrollments(made):
        if enrollment.role is RoleType.STUDENT:
            class_ = by_class[str(enrollment.class_)]
            for half in halves if class_.terms == (year,) else class_.terms:
                taken[(enrollment.user, half, class_.periods[0])] += 1
    assert max(taken.values()) == 1


def test_class_sizes_are_those_of_schools() -> None:
    seats = Counter(
        record.class_ for record in enrollments(district("small")) if record.primary is False
    )
    assert 20 < sum(seats.values()) / len(seats) < 26
    assert min(seats.values()) >= 5
    assert max(seats.values()) <= 40


def test_enrollments_begin_and_end_with_the_session_of_their_class() -> None:
    made = district("tiny")
    sessions = {
        record.sourced_id: record
        for record in records(made, "academicSessions")
        if isinstance(record, AcademicSession)
    }
    by_class = {record.sourced_id: record for record in classes(made)}
    for enrollment in enrollments(made):
        session = sessions[by_class[str(enrollment.class_)].terms[0]]
        assert (enrollment.begin_date, enrollment.end_date) == (
            session.start_date,
            session.end_date,
        )


def test_some_classes_last_a_year_and_others_a_semester() -> None:
    made = district("tiny")
    sessions = {record.sourced_id: record for record in records(made, "academicSessions")}
    types = Counter(getattr(sessions[record.terms[0]], "type", None) for record in classes(made))
    assert types == {SessionType.SCHOOL_YEAR: 24, SessionType.TERM: 12}


def test_two_classes_of_a_course_often_share_their_teacher() -> None:
    made = district("tiny")
    course_of = {record.sourced_id: record.course for record in classes(made)}
    shared = Counter(
        (course_of[str(record.class_)], record.user)
        for record in enrollments(made)
        if record.primary
    )
    assert 2 in shared.values()
    assert 1 in shared.values()


def test_a_record_does_not_depend_on_those_before_it() -> None:
    first = load_district("small", seed=5, now=NOW).tables
    again = load_district("small", seed=5, now=NOW).tables
    for collection in ("users", "classes", "enrollments", "demographics"):
        last = len(first[collection]) - 1
        assert first[collection].record(last) == again[collection].record(last)
        assert [first[collection].record(index) for index in range(5)] == [
            again[collection].record(index) for index in range(5)
        ]


def test_a_sourced_id_finds_its_own_record_in_its_own_collection_alone() -> None:
    tables = district("small").tables
    for collection in ("orgs", "courses", "classes", "users", "enrollments", "categories"):
        table = tables[collection]
        for index in (0, len(table) // 2, len(table) - 1):
            sourced_id = table.sourced_id(index)
            assert table.record(index).sourced_id == sourced_id
            assert table.find(sourced_id) == index
            assert [name for name in COLLECTIONS if tables[name].find(sourced_id) is not None] == (
                [collection]
                if collection != "users" or index >= len(tables["demographics"])
                else ["users", "demographics"]
            )


def test_an_index_outside_a_table_is_an_error_and_not_another_record() -> None:
    table = district("tiny").tables["users"]
    for index in (-1, len(table)):
        with pytest.raises(IndexError):
            table.record(index)


def test_names_are_as_varied_as_floridas() -> None:
    for what in ("tiny", "small"):
        students = users(district(what))[: SIZES[what].students]
        families = [str(user.family_name) for user in students]
        assert any("'" in name for name in families)
        assert any("-" in name for name in families)
        assert any(not name.isascii() for name in families)
        assert any(len(name) > 30 for name in families)
        assert any(user.given_name == "FNU" for user in students)
    people = {
        (user.given_name, user.middle_name, user.family_name) for user in users(district("small"))
    }
    assert len(people) > 12_900


def test_ids_keep_their_leading_zeros() -> None:
    made = district("small")
    students = users(made)[: SIZES["small"].students]
    assert {len(str(user.identifier)) for user in students} == {8}
    assert any(str(user.identifier).startswith("0") for user in students)
    assert len({user.identifier for user in students}) == len(students)
    schools = [org for org in records(made, "orgs") if isinstance(org, Org)][1:]
    assert all(str(org.identifier).startswith("0") for org in schools)
    assert any(
        str(course.course_code).startswith("0")
        for course in records(made, "courses")
        if isinstance(course, Course)
    )


def test_logins_are_plain_and_unique() -> None:
    usernames = [str(user.username) for user in users(district("small"))]
    assert len(set(usernames)) == len(usernames)
    assert all(name.isascii() and name.isalnum() and name.islower() for name in usernames)


def test_schools_of_a_level_have_different_names() -> None:
    table = load_district("stress", seed=1, now=NOW).tables["orgs"]
    names = [getattr(table.record(index), "name", "") for index in range(len(table))]
    assert len(set(names)) == len(names) > 1_000


def test_the_district_is_the_schools_parent() -> None:
    made = district("small")
    head, *schools = (org for org in records(made, "orgs") if isinstance(org, Org))
    assert head.type is OrgType.DISTRICT
    assert head.children == tuple(school.sourced_id for school in schools)
    assert {(school.type, school.parent) for school in schools} == {
        (OrgType.SCHOOL, head.sourced_id)
    }


def test_nothing_was_changed_after_the_world_began() -> None:
    opening = load_district("tiny", seed=1, now=datetime(2026, 7, 1, tzinfo=UTC))
    for collection in COLLECTIONS:
        stamps = [str(record.date_last_modified) for record in records(opening, collection)]
        assert all("2026-06-03T" <= stamp < "2026-07-01T" for stamp in stamps)


def test_times_of_change_in_columns_are_those_of_records() -> None:
    made = district("tiny")
    for collection in COLLECTIONS:
        stamps = [str(record.date_last_modified) for record in records(made, collection)]
        millis = [round(datetime.fromisoformat(stamp).timestamp() * 1000) for stamp in stamps]
        assert made.tables[collection].modified.tolist() == millis


def as_lists(value: object) -> object:
    if isinstance(value, Csr):
        return [value[row].tolist() for row in range(len(value))]
    return value.tolist() if isinstance(value, np.ndarray) else value


@pytest.mark.parametrize("what", ["tiny", "small", "enrollments=333"])
def test_columns_and_relations_say_what_the_records_say(what: str) -> None:
    made = district(what, seed=4)
    rows = {collection: RowTable(records(made, collection)) for collection in COLLECTIONS}
    plain = district_of_rows(rows, name="rows", seed=4, generated=True)
    for name in ("orgs", "sessions", "courses", "classes", "users", "enrollments"):
        ours, theirs = getattr(made.columns, name), getattr(plain.columns, name)
        for field in fields(ours):
            assert as_lists(getattr(ours, field.name)) == as_lists(getattr(theirs, field.name)), (
                name,
                field.name,
            )
    enrolled = made.relations.enrollments_of_class
    by_class = Counter(enrollment.class_ for enrollment in enrollments(made))
    assert enrolled.lengths.tolist() == [by_class[record.sourced_id] for record in classes(made)]
    for name in ("classes_of_term", "users_of_org", "enrollments_of_user", "children_of_session"):
        assert as_lists(getattr(made.relations, name)) == as_lists(getattr(plain.relations, name))
