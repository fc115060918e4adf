"""The mapping's rules, one by one."""

from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from homeroom.config import (
    Choices,
    CourseKey,
    DepartedStatus,
    EndedStatus,
    LoginId,
    TermChoice,
    UserId,
)
from homeroom.reference.canvas.rows import AccountRow, EnrollmentRow
from homeroom.reference.errors import RecordError
from homeroom.reference.oneroster.records import (
    AcademicSession,
    Class,
    Course,
    Enrollment,
    Org,
    User,
)
from homeroom.reference.roster import mapping
from homeroom.reference.roster.mapping import Place, Roll
from homeroom.reference.roster.people import People
from homeroom.reference.roster.terms import Term, Terms

NEW_YORK = ZoneInfo("America/New_York")
FALL = Term("fall", "Fall", "2026-08-10", "2026-12-18", "fall")
TODAY = "2026-10-01"
STARTS, ENDS = "2026-08-10T00:00:00-04:00", "2026-12-18T23:59:59-05:00"


def record(kind: type[Any], sourced_id: str, **fields: Any) -> Any:
    """Make a record as it comes over the wire; a name ending in `_` or `Id` is a reference."""
    body: dict[str, Any] = {"sourcedId": sourced_id}
    for name, value in fields.items():
        if name in {"user", "class", "class_", "course", "school", "parent"} and value is not None:
            body[name.rstrip("_")] = {"sourcedId": value}
        elif name in {"terms", "agents", "orgs"}:
            body[name] = [{"sourcedId": each} for each in value or ()]
        else:
            body[name] = value
    return msgspec.convert(body, kind)


def seat(sourced_id: str, user: str | None, **fields: Any) -> Enrollment:
    """Make an enrollment in class c-1, a student's unless told otherwise."""
    found: Enrollment = record(
        Enrollment, sourced_id, user=user, class_="c-1", **{"role": "student", **fields}
    )
    return found


def people(*ids: str) -> People:
    """Make an index of people whose SIS IDs are their sourcedIds."""
    found = People()
    for each in ids:
        found.add(each, each)
    return found


def seats(*rows: Enrollment, choices: Choices | None = None) -> tuple[list[EnrollmentRow], Roll]:
    """Map the rows of class c-1 on an October day of its term."""
    roll = Roll()
    place = Place("c-1", FALL, TODAY, NEW_YORK)
    known = people("ana", "ben", "maria")
    return mapping.to_enrollment_rows(rows, place, known, choices or Choices(), roll), roll


def test_dates_open_and_close_in_the_districts_zone() -> None:
    rows, _ = seats(seat("e-1", "ana", beginDate="2026-08-12", endDate="2026-12-01"))
    assert rows == [
        EnrollmentRow(
            "c-1",
            "ana",
            "student",
            "active",
            "2026-08-12T00:00:00-04:00",
            "2026-12-01T23:59:59-05:00",
            "e-1",
        )
    ]


def test_missing_dates_are_the_terms_and_are_counted() -> None:
    rows, roll = seats(seat("e-1", "ana"))
    assert rows == [EnrollmentRow("c-1", "ana", "student", "active", STARTS, ENDS, "e-1")]
    assert dict(roll.oddities) == {"enrollments without an end date, filled from the term": 1}


@pytest.mark.parametrize(
    ("role", "end", "choices", "status"),
    [
        ("student", "2026-09-30", Choices(), "inactive"),
        ("student", "2026-09-30", Choices(ended_students=EndedStatus.COMPLETED), "completed"),
        ("teacher", "2026-09-30", Choices(), "deleted"),
        ("aide", "2026-09-30", Choices(), "inactive"),
        ("student", TODAY, Choices(), "active"),
        ("student", "2026-12-18", Choices(), "active"),
    ],
)
def test_an_enrollment_past_its_end_becomes_what_was_chosen(
    role: str, end: str, choices: Choices, status: str
) -> None:
    rows, _ = seats(seat("e-1", "ana", role=role, endDate=end), choices=choices)
    assert [row.status for row in rows] == [status]


def test_after_the_term_those_who_stayed_to_its_end_are_left_to_the_term() -> None:
    place = Place("c-1", FALL, "2027-01-10", NEW_YORK)
    rows = mapping.to_enrollment_rows(
        [seat("e-1", "ana", endDate="2026-12-18"), seat("e-2", "ben", endDate="2026-10-02")],
        place,
        people("ana", "ben"),
        Choices(),
        Roll(),
    )
    assert [(row.user_id, row.status) for row in rows] == [("ana", "active"), ("ben", "inactive")]


def test_of_repeated_rows_the_one_valid_today_is_taken() -> None:
    rows, roll = seats(
        seat("e-1", "ana", beginDate="2026-08-10", endDate="2026-09-01"),
        seat("e-2", "ana", beginDate="2026-09-20", endDate="2026-12-18"),
        seat("e-3", "ana", beginDate="2026-11-01", endDate="2026-12-18"),
    )
    assert [row.source for row in rows] == ["e-2"]
    assert roll.oddities["repeated enrollments of one user in one class"] == 2


def test_of_repeated_rows_none_valid_today_the_latest_begin_is_taken() -> None:
    rows, _ = seats(
        seat("e-2", "ana", beginDate="2026-08-20", endDate="2026-09-02"),
        seat("e-1", "ana", beginDate="2026-08-10", endDate="2026-09-01"),
    )
    assert [row.source for row in rows] == ["e-2"]


def test_a_removed_row_never_beats_a_standing_one() -> None:
    rows, _ = seats(seat("e-1", "ana", status="tobedeleted"), seat("e-2", "ana"))
    assert [row.source for row in rows] == ["e-2"]


def test_roles_become_seats_and_those_without_one_take_none() -> None:
    rows, roll = seats(
        seat("e-1", "ana"),
        seat("e-2", "maria", role="teacher"),
        seat("e-3", "ben", role="aide"),
        seat("e-4", "ben", role="administrator"),
        seat("e-5", "ben", role="proctor"),
    )
    assert [(row.user_id, row.role) for row in rows] == [
        ("ana", "student"),
        ("maria", "teacher"),
        ("ben", "ta"),
    ]
    assert roll.refusals == []


def test_rows_with_null_unknown_or_dateless_values_are_refused_one_by_one() -> None:
    rows, roll = seats(
        seat("e-1", None),
        seat("e-2", "nobody"),
        seat("e-3", "ana", beginDate="soon"),
        seat("e-4", "ben"),
    )
    assert [row.source for row in rows] == ["e-4"]
    assert [(each.sourced_id, each.field) for each in roll.refusals] == [
        ("e-1", "user"),
        ("e-2", "user"),
        ("e-3", "beginDate or endDate"),
    ]


def session(sourced_id: str, type_: str, starts: str, ends: str, **more: Any) -> AcademicSession:
    """Make an academic session titled by its id."""
    found: AcademicSession = record(
        AcademicSession,
        sourced_id,
        **{"title": sourced_id, "type": type_, "startDate": starts, "endDate": ends, **more},
    )
    return found


SESSIONS = {
    each.sourced_id: each
    for each in (
        session("y", "schoolYear", "2026-08-10", "2027-05-28"),
        session("a-7-s1", "semester", "2026-08-10", "2026-12-18", title="Fall", parent="y"),
        session("b-8-s1", "semester", "2026-08-11", "2026-12-17", parent="y"),
        session("q1", "gradingPeriod", "2026-08-10", "2026-10-09", parent="a-7-s1"),
    )
}


@pytest.mark.parametrize(
    ("terms", "choice", "expected"),
    [
        (["a-7-s1"], TermChoice.FIRST_TERM, "a-7-s1"),
        (["y", "a-7-s1"], TermChoice.FIRST_TERM, "a-7-s1"),
        (["y"], TermChoice.FIRST_TERM, "y"),
        (["q1"], TermChoice.FIRST_TERM, "a-7-s1"),
        (["0"], TermChoice.FIRST_TERM, "y"),
        ([], TermChoice.FIRST_TERM, "y"),
        (["a-7-s1"], TermChoice.SCHOOL_YEAR, "y"),
        (["b-8-s1"], TermChoice.COMMON_ID, "s1"),
    ],
)
def test_the_term_of_a_class(terms: list[str], choice: TermChoice, expected: str) -> None:
    class_: Class = record(Class, "c-1", title="Algebra", terms=terms)
    found = Terms(SESSIONS, choice, r"[^-]+$", TODAY).of(class_, None)
    assert found is not None
    assert found.id == expected


def test_merged_terms_span_all_their_sessions() -> None:
    terms = Terms(SESSIONS, TermChoice.COMMON_ID, r"[^-]+$", TODAY)
    found = terms.of(record(Class, "c-1", title="Algebra", terms=["b-8-s1"]), None)
    assert found == Term("s1", "Fall", "2026-08-10", "2026-12-18", "a-7-s1")


def teacher(sourced_id: str, user: str, primary: str | None = None, **fields: Any) -> Enrollment:
    """Make a teacher's enrollment."""
    return seat(sourced_id, user, role="teacher", primary=primary, **fields)


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([], None),
        ([teacher("1", "t-b"), teacher("2", "t-a")], "t-a"),
        ([teacher("1", "t-b", "true"), teacher("2", "t-a", "false")], "t-b"),
        (
            [
                teacher("1", "t-a", "true", beginDate="2026-09-01"),
                teacher("2", "t-b", "true", beginDate="2026-08-10"),
            ],
            "t-b",
        ),
        ([teacher("1", "t-a", "true", endDate="2026-09-01"), teacher("2", "t-b")], "t-b"),
        ([teacher("1", "t-a", "true", endDate="2026-09-01")], "t-a"),
        ([teacher("1", "t-a", "true", status="tobedeleted")], None),
        ([teacher("1", "stranger", "true")], None),
    ],
)
def test_the_primary_teacher(rows: list[Enrollment], expected: str | None) -> None:
    assert mapping.primary_teacher(rows, people("t-a", "t-b"), TODAY, Roll()) == expected


@pytest.mark.parametrize(
    ("key", "teacher_id", "expected"),
    [
        (CourseKey.CLASS, "t-a", "c-1"),
        (CourseKey.COURSE_TEACHER_TERM, "t-a", "k-1:t-a:fall"),
        (CourseKey.COURSE_TEACHER_TERM, None, "c-1"),
        (CourseKey.COURSE_TERM, "t-a", "k-1:fall"),
        (CourseKey.COURSE_TERM, None, "c-1"),
        (CourseKey.ANY, "t-a", "k-1:t-a:fall"),
    ],
)
def test_the_course_id(key: CourseKey, teacher_id: str | None, expected: str) -> None:
    class_: Class = record(Class, "c-1", title="Algebra", course="k-1")
    found = mapping.to_course_id(class_, teacher_id, FALL, Choices(course_key=key))
    assert found == expected


def test_a_course_id_too_long_for_canvas_is_hashed() -> None:
    class_: Class = record(Class, "c-1", title="Algebra", course="k" * 200)
    found = mapping.to_course_id(class_, "t" * 100, FALL, Choices())
    assert len(found) == 36


ANA = {
    "username": "aruiz",
    "givenName": "Ana",
    "familyName": "Ruiz",
    "role": "student",
    "identifier": "0042",
    "email": "ana@school.test",
}


@pytest.mark.parametrize(
    ("choices", "changed", "expected"),
    [
        (Choices(), {}, ("u-1", "aruiz", "active")),
        (Choices(user_id=UserId.IDENTIFIER), {}, ("0042", "aruiz", "active")),
        (Choices(login_id=LoginId.EMAIL), {}, ("u-1", "ana@school.test", "active")),
        (Choices(), {"enabledUser": "False"}, ("u-1", "aruiz", "suspended")),
        (
            Choices(departed_users=DepartedStatus.KEPT),
            {"enabledUser": False},
            ("u-1", "aruiz", "active"),
        ),
    ],
)
def test_a_user_gets_the_chosen_ids_and_the_state_it_is_in(
    choices: Choices, changed: dict[str, Any], expected: tuple[str, str, str]
) -> None:
    row = mapping.to_user_row(record(User, "u-1", **{**ANA, **changed}), choices)
    assert (row.user_id, row.login_id, row.status) == expected


def test_a_user_without_the_chosen_id_is_refused() -> None:
    with pytest.raises(RecordError) as refused:
        mapping.to_user_row(
            record(User, "u-1", **{**ANA, "identifier": " "}), Choices(user_id=UserId.IDENTIFIER)
        )
    assert (refused.value.sourced_id, refused.value.field) == ("u-1", "identifier")


@given(st.text(max_size=30), st.text(max_size=30))
def test_names_go_over_untouched(given_name: str, family_name: str) -> None:
    user: User = record(User, "u-1", **{**ANA, "givenName": given_name, "familyName": family_name})
    row = mapping.to_user_row(user, Choices())
    assert (row.first_name, row.last_name) == (given_name, family_name)


def test_schools_hang_below_departments_and_districts_are_the_root() -> None:
    orgs = {
        each.sourced_id: each
        for each in (
            record(Org, "a-school", name="A", type="school", parent="z-dept"),
            record(Org, "b-school", name="B", type="school", parent="d"),
            record(Org, "d", name="District", type="district"),
            record(Org, "z-dept", name="North", type="department", parent="d"),
            record(Org, "idle-dept", name="Idle", type="department", parent="d"),
        )
    }
    assert mapping.to_account_rows(orgs, frozenset()) == [
        AccountRow("z-dept", "", "North", "active", "z-dept"),
        AccountRow("a-school", "z-dept", "A", "active", "a-school"),
        AccountRow("b-school", "", "B", "active", "b-school"),
    ]


def test_orgs_that_are_each_others_parents_do_not_hang_the_night() -> None:
    orgs = {
        "a": record(Org, "a", name="A", type="school", parent="b"),
        "b": record(Org, "b", name="B", type="school", parent="a"),
    }
    assert {row.account_id for row in mapping.to_account_rows(orgs, frozenset())} == {"a", "b"}


def test_course_and_class_names() -> None:
    class_: Class = record(Class, "c-1", title="", classCode="ALG-1", course="k-1", school="s")
    course: Course = record(Course, "k-1", title="Algebra", courseCode="120")
    section = mapping.to_section_row(class_, "k-1:t:fall")
    assert section.name == "ALG-1"
    shared = mapping.to_course_row(class_, course, section, FALL, "active")
    assert shared.cells == ("k-1:t:fall", "120", "Algebra", "s", "fall", "active")
    alone = mapping.to_course_row(
        class_, course, mapping.to_section_row(class_, "c-1"), FALL, "active"
    )
    assert alone.cells == ("c-1", "120", "ALG-1", "s", "fall", "active")
