"""Accounts, terms, courses, sections, xlists, re-keying. Source: canvas-sis-imports.md 7.2 .. 7.9."""

# ruff: noqa: E501 -- rows and Canvas's sentences stand whole, to be compared by eye

from datetime import UTC, datetime

import pytest

from homeroom.mocks.canvas.tests.driver import Canvas

COURSES = "course_id,short_name,long_name,status\n"
SECTIONS = "section_id,course_id,name,status\n"
XLISTS = "xlist_course_id,section_id,status\n"


# -- accounts.csv ------------------------------------------------------------------------------


def test_children_may_follow_their_parents_in_one_file(canvas: Canvas) -> None:
    canvas.load(
        "account_id,parent_account_id,name,status\nA,,Top,active\nB,A,Below,active\nC,,C,deleted\n"
    )
    assert canvas.account("B").parent_account_id == canvas.account("A").id
    assert canvas.account("A").parent_account_id == 1
    assert canvas.account("C").workflow_state == "deleted"


def test_existing_account_needs_neither_name_nor_status(district: Canvas) -> None:
    ended = district.load("account_id,parent_account_id,name,status\nA1,,,\n")
    assert ended["data"]["counts"]["accounts"] == 1
    assert (district.account("A1").name, district.account("A1").workflow_state) == (
        "North",
        "active",
    )


def test_unknown_status_of_an_existing_account_is_ignored(district: Canvas) -> None:
    ended = district.load("account_id,parent_account_id,name,status\nA1,,North,closed\n")
    assert ended["workflow_state"] == "imported"


@pytest.mark.parametrize(
    ("header", "first", "second", "warning"),
    [
        (
            "account_id,parent_account_id,name,status,integration_id",
            "X1,,x,active,I",
            "X2,,x,active,I",
            'An account did not pass validation (account: X2, error: Integration ID "I" is already in use)',
        ),
        (
            "term_id,name,status,integration_id",
            "X1,x,active,I",
            "X2,x,active,I",
            'A term did not pass validation (term: X2 / x, error: Integration ID "I" is already in use)',
        ),
        (
            "course_id,short_name,long_name,status,integration_id",
            "X1,x,x,active,I",
            "X2,x,x,active,I",
            'A course did not pass validation (course: X2 / x, error: Integration ID "I" is already in use)',
        ),
    ],
)
def test_taken_integration_id(
    canvas: Canvas, header: str, first: str, second: str, warning: str
) -> None:
    assert canvas.warnings(f"{header}\n{first}\n{second}\n") == [warning]


def test_status_prefix_passes(canvas: Canvas) -> None:
    canvas.load("account_id,parent_account_id,name,status\nA,,a,ActiveX\n")
    assert canvas.account("A").workflow_state == "active"


# -- terms.csv ---------------------------------------------------------------------------------


def test_date_override_is_set_and_removed_for_one_type(district: Canvas) -> None:
    header = "term_id,name,status,start_date,end_date,date_override_enrollment_type\n"
    row = "T1,,{},2026-08-10,2026-12-01,StudentEnrollment\n"
    district.load(header + row.format("active"))
    start, end = datetime(2026, 8, 10, tzinfo=UTC), datetime(2026, 12, 1, tzinfo=UTC)
    assert district.term("T1").overrides == {"StudentEnrollment": (start, end)}
    assert district.term("T1").start_at == datetime(2026, 8, 1, tzinfo=UTC)
    district.load(header + row.format("deleted"))
    assert district.term("T1").overrides == {}


def test_bad_start_date_leaves_both_dates_empty_and_the_row_applied(canvas: Canvas) -> None:
    ended = canvas.load(
        "term_id,name,status,start_date,end_date\nT,t,active,2012-13-05,2012-12-20\n"
    )
    term = canvas.term("T")
    assert (term.start_at, term.end_at) == (None, None)
    assert ended["data"]["counts"]["terms"] == 1


# -- courses.csv -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "state", "shown"),
    [
        ("active", "claimed", "unpublished"),
        ("unpublished", "claimed", "unpublished"),
        ("published", "available", "available"),
        ("completed", "completed", "completed"),
        ("PublishedX", "available", "available"),
    ],
)
def test_status_of_a_new_course(canvas: Canvas, status: str, state: str, shown: str) -> None:
    canvas.load(COURSES + f"C,a,b,{status}\n")
    assert canvas.course("C").workflow_state == state
    assert canvas.get("/api/v1/courses/sis_course_id:C")["workflow_state"] == shown


def test_available_course_set_to_active_stays_available(canvas: Canvas) -> None:
    canvas.load(COURSES + "C,a,b,published\n")
    canvas.load(COURSES + "C,a,b,active\n")
    assert canvas.course("C").workflow_state == "available"


@pytest.mark.parametrize(("status", "state"), [("active", "claimed"), ("published", "available")])
def test_restored_course_does_not_restore_enrollments(
    district: Canvas, status: str, state: str
) -> None:
    district.load(COURSES + "C1,ALG,Algebra,deleted\n")
    assert district.seats("U1") == [("S1", "StudentEnrollment", "deleted")]
    ended = district.load(COURSES + f"C1,ALG,Algebra,{status}\n")
    assert district.course("C1").workflow_state == state
    assert ended["data"]["statistics"]["Course"]["restored"] == 1
    assert district.seats("U1") == [("S1", "StudentEnrollment", "deleted")]


def test_completed_course_completes_active_enrollments(district: Canvas) -> None:
    district.load("section_id,user_id,role,status\nS1,U2,teacher,inactive\n")
    ended = district.load(COURSES + "C1,ALG,Algebra,completed\n")
    assert district.seats("U1") == [("S1", "StudentEnrollment", "completed")]
    assert district.seats("U2") == [("S1", "TeacherEnrollment", "inactive")]
    assert ended["data"]["statistics"]["Enrollment"]["concluded"] == 1


def test_blank_account_is_the_root_for_new_courses_and_no_change_for_old(district: Canvas) -> None:
    district.load(
        "course_id,short_name,long_name,account_id,status\nC9,a,b,,active\nC1,a,b,,active\n"
    )
    assert district.course("C9").account_id == 1
    assert district.course("C1").account_id == district.account("A1").id


def test_fallback_account(district: Canvas) -> None:
    district.load(
        "course_id,short_name,long_name,account_id,fallback_account_id,status\nC9,a,b,A9,A1,active\n"
    )
    assert district.course("C9").account_id == district.account("A1").id


DATED = "course_id,short_name,long_name,status,start_date,end_date\n"


def test_empty_date_cell_clears_by_source_and_keeps_by_documentation(canvas: Canvas) -> None:
    canvas.load(DATED + "C,a,b,active,2026-08-01,2026-12-01\n")
    canvas.world.settings.patch({"course_empty_date_cell": "keeps"})
    canvas.load(DATED + "C,a,b,active,,\n")
    assert canvas.course("C").start_at is not None
    canvas.world.settings.patch({"course_empty_date_cell": "clears"})
    canvas.load(DATED + "C,a,b,active,,\n")
    course = canvas.course("C")
    assert (course.start_at, course.restrict_enrollments_to_course_dates) == (None, False)


def test_delete_marker_clears_a_date(canvas: Canvas) -> None:
    canvas.load(DATED + "C,a,b,active,2026-08-01,2026-12-01\n")
    canvas.load(DATED + "C,a,b,active,<delete>,2026-12-01\n")
    course = canvas.course("C")
    assert (course.start_at, course.conclude_at) == (None, datetime(2026, 12, 1, tzinfo=UTC))
    assert course.restrict_enrollments_to_course_dates is True


def test_refused_course_keeps_its_old_values(canvas: Canvas) -> None:
    canvas.load(DATED + "C,a,b,active,2026-08-01,2026-12-01\n")
    canvas.load(DATED + "C,x,y,published,2026-12-02,2026-12-01\n")
    course = canvas.course("C")
    assert (course.name, course.course_code, course.workflow_state) == ("b", "a", "claimed")


def test_empty_cell_clears_format_and_passback_a_missing_column_keeps(canvas: Canvas) -> None:
    header = "course_id,short_name,long_name,status,course_format,grade_passback_setting\n"
    canvas.load(header + "C,a,b,active,online,nightly_sync\n")
    canvas.load(COURSES + "C,a,b,active\n")
    course = canvas.course("C")
    assert (course.course_format, course.grade_passback_setting) == ("online", "nightly_sync")
    canvas.load(header + "C,a,b,active,,\n")
    assert (course.course_format, course.grade_passback_setting) == (None, None)


def test_term_and_account_come_from_an_abstract_course_where_the_row_names_none(
    district: Canvas,
) -> None:
    district.load(
        "abstract_course_id,short_name,long_name,account_id,term_id,status\nX1,a,b,A1,T1,active\n"
    )
    header = "course_id,short_name,long_name,account_id,term_id,status,abstract_course_id\n"
    district.load(header + "N1,n,n,,,active,\n")
    district.load(header + "N1,n,n,,,active,X1\n")
    course = district.course("N1")
    assert (course.account_id, course.enrollment_term_id) == (
        district.account("A1").id,
        district.term("T1").id,
    )


def test_friendly_name_is_for_elementary_accounts_alone(district: Canvas) -> None:
    district.load("course_id,short_name,long_name,status,friendly_name\nC1,a,b,active,Sums\n")
    assert district.course("C1").friendly_name is None


def test_names_may_come_from_an_abstract_course(canvas: Canvas) -> None:
    canvas.load(
        {
            "x.csv": "abstract_course_id,short_name,long_name,status\nX,alg,Algebra,active\n",
            "c.csv": ("course_id,short_name,long_name,status,abstract_course_id\nC,,,active,X\n"),
        }
    )
    assert (canvas.course("C").name, canvas.course("C").course_code) == ("Algebra", "alg")


# -- sections.csv and xlists.csv ---------------------------------------------------------------


def place(canvas: Canvas, section: str = "S1") -> tuple[str | None, str | None]:
    """Return the SIS ids of the course a section stands in, and of its home."""
    courses = canvas.world.store.courses
    held = canvas.section(section)
    home = held.nonxlist_course_id
    return (
        courses.get(held.course_id).sis_source_id,
        None if home is None else courses.get(home).sis_source_id,
    )


def test_other_course_moves_the_section_with_its_enrollments(district: Canvas) -> None:
    district.load(SECTIONS + "S1,C2,Algebra 1,active\n")
    assert place(district) == ("C2", None)
    assert district.user("U1").enrollments[0].course_id == district.course("C2").id


def test_deleted_section_deletes_its_enrollments(district: Canvas) -> None:
    district.load(SECTIONS + "S1,C1,,deleted\n")
    assert district.section("S1").workflow_state == "deleted"
    assert district.seats("U1") == [("S1", "StudentEnrollment", "deleted")]


def test_cross_listing_remembers_home_and_comes_back(district: Canvas) -> None:
    assert district.load(XLISTS + "C2,S1,active\n")["data"]["counts"]["xlists"] == 1
    assert place(district) == ("C2", "C1")
    assert district.load(XLISTS + "C2,S1,Active\n")["data"]["counts"]["xlists"] == 1
    assert place(district) == ("C2", "C1")
    district.load(XLISTS + "C2,S1,deleted\n")
    assert place(district) == ("C1", None)


def test_unknown_target_is_made_after_the_section_course_and_follows_it(district: Canvas) -> None:
    ended = district.load(XLISTS + "X1,S1,active\n")
    made = district.course("X1")
    assert (made.name, made.course_code, made.workflow_state) == ("Algebra", "ALG", "claimed")
    assert made.enrollment_term_id == district.term("T1").id
    assert ended["data"]["statistics"]["Course"]["created"] == 1
    district.load(COURSES + "C1,NEW,New name,active\n")
    assert (made.name, made.course_code) == ("New name", "NEW")


def test_deleted_target_is_revived(district: Canvas) -> None:
    district.load(COURSES + "C2,BIO,Biology,deleted\n")
    district.load(XLISTS + "C2,S1,active\n")
    assert district.course("C2").workflow_state == "claimed"


def test_deleted_home_is_revived(district: Canvas) -> None:
    district.load(XLISTS + "C2,S1,active\n")
    district.load(COURSES + "C1,ALG,Algebra,deleted\n")
    district.load(XLISTS + "C2,S1,deleted\n")
    assert district.course("C1").workflow_state == "claimed"


def test_un_cross_listing_from_a_course_it_is_not_in_does_nothing(district: Canvas) -> None:
    district.load(COURSES + "C3,x,x,active\n")
    district.load(XLISTS + "C2,S1,active\n")
    district.load(XLISTS + "C3,S1,deleted\n")
    assert place(district) == ("C2", "C1")


def test_un_cross_listing_by_an_unknown_course_happens_anyway(district: Canvas) -> None:
    district.load(XLISTS + "C2,S1,active\n")
    district.load(XLISTS + "C99,S1,deleted\n")
    assert place(district) == ("C1", None)


def test_section_row_with_the_original_course_keeps_the_cross_listing(district: Canvas) -> None:
    district.load(XLISTS + "C2,S1,active\n")
    district.load(SECTIONS + "S1,C1,Algebra 1,active\n")
    assert place(district) == ("C2", "C1")


def test_section_row_with_the_course_it_is_listed_into_keeps_the_cross_listing(
    district: Canvas,
) -> None:
    district.load("xlist_course_id,section_id,status\nC2,S1,active\n")
    district.load("section_id,course_id,name,status\nS1,C2,Algebra 1,active\n")
    section = district.section("S1")
    assert section.course_id == district.course("C2").id
    assert section.nonxlist_course_id == district.course("C1").id


def test_section_row_with_a_third_course_ends_the_cross_listing(district: Canvas) -> None:
    district.load(COURSES + "C3,x,x,active\n")
    district.load(XLISTS + "C2,S1,active\n")
    district.load(SECTIONS + "S1,C3,Algebra 1,active\n")
    assert place(district) == ("C3", None)


def test_active_row_brings_a_section_home_from_a_deleted_course(district: Canvas) -> None:
    district.load(XLISTS + "C2,S1,active\n")
    district.load(COURSES + "C2,BIO,Biology,deleted\n")
    district.load(SECTIONS + "S1,C1,Algebra 1,active\n")
    assert place(district) == ("C1", None)


# -- change_sis_id.csv -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "old", "table"),
    [
        ("user", "U1", "pseudonyms"),
        ("course", "C1", "courses"),
        ("Section", "S1", "sections"),
        ("TERM", "T1", "terms"),
        ("account", "A1", "accounts"),
    ],
)
def test_object_is_re_keyed(district: Canvas, kind: str, old: str, table: str) -> None:
    held = getattr(district.world.store, table).by_sis_id[old]
    ended = district.load(f"old_id,new_id,type\n{old},new,{kind}\n")
    assert ended["data"]["counts"]["change_sis_ids"] == 1
    assert getattr(district.world.store, table).by_sis_id == {
        **getattr(district.world.store, table).by_sis_id,
        "new": held,
    }
    assert old not in getattr(district.world.store, table).by_sis_id


@pytest.mark.parametrize(
    ("row", "warning"),
    [
        (
            "U1,U1,,,user",
            (
                "A new_id, 'U1', referenced an existing user and the user with sis_user_id 'U1' "
                "was not updated"
            ),
        ),
        (
            "U1,,,I2,user",
            (
                "A new_integration_id, 'I2', referenced an existing user and the user with "
                "integration_id '' was not updated"
            ),
        ),
        (
            "U9,U8,I2,,user",
            "An old_id, 'U9', referenced a different user than the old_integration_id, 'I2'",
        ),
        ("U9,U8,I9,,user", "An old_id, 'U9', referenced a non-existent user and was not changed."),
    ],
)
def test_ids_that_are_taken_or_do_not_belong_together(
    district: Canvas, row: str, warning: str
) -> None:
    district.load("user_id,login_id,status,integration_id\nU2,ben,active,I2\n")
    header = "old_id,new_id,old_integration_id,new_integration_id,type\n"
    assert district.warnings(f"{header}{row}\n") == [warning]


def test_re_keyed_object_is_one_with_its_rows_of_the_same_upload(district: Canvas) -> None:
    before = district.user("U1").id
    district.load(
        {
            "z.csv": "old_id,new_id,type\nU1,U9,user\n",
            "users.csv": "user_id,login_id,status\nU9,ana,active\n",
            "enrollments.csv": "section_id,user_id,role,status\nS1,U9,student,active\n",
        }
    )
    assert district.user("U9").id == before
    assert len(district.user("U9").enrollments) == 1


def test_integration_id_is_changed_found_by_and_cleared(district: Canvas) -> None:
    header = "old_id,new_id,old_integration_id,new_integration_id,type\n"
    district.load(header + "C1,,,I1,course\n")
    district.load(header + ",C1b,I1,,course\n")
    assert district.course("C1b").integration_id == "I1"
    district.load(header + "C1b,,,<delete>,course\n")
    assert district.course("C1b").integration_id is None
