"""enrollments.csv. Source: canvas-sis-imports.md 7.6."""

import pytest

from homeroom.mocks.canvas.store import Role
from homeroom.mocks.canvas.tests.driver import Canvas

SEATS = "course_id,section_id,user_id,role,status\n"


def add_user(canvas: Canvas, sis_id: str) -> None:
    canvas.load(f"user_id,login_id,status\n{sis_id},{sis_id.lower()},active\n")


@pytest.mark.parametrize(
    ("role", "kind"),
    [
        ("student", "StudentEnrollment"),
        ("STUDENT", "StudentEnrollment"),
        ("student_other", "StudentEnrollment"),
        ("StudentEnrollment", "StudentEnrollment"),
        ("Teacher", "TeacherEnrollment"),
        ("ta", "TaEnrollment"),
        ("observer", "ObserverEnrollment"),
        ("designer", "DesignerEnrollment"),
    ],
)
def test_built_in_roles(district: Canvas, role: str, kind: str) -> None:
    add_user(district, "U3")
    district.load(SEATS + f"C1,S1,U3,{role},active\n")
    assert district.seats("U3") == [("S1", kind, "active")]


def test_custom_role_comes_before_built_in_ones_and_is_case_sensitive(district: Canvas) -> None:
    roles = district.world.store.roles
    custom = roles.add(
        Role(id=roles.next_id, name="student", base_role_type="TaEnrollment", account_id=1)
    )
    add_user(district, "U3")
    district.load(SEATS + "C1,S1,U3,student,active\nC1,S1,U3,Student,active\n")
    assert district.seats("U3") == [
        ("S1", "TaEnrollment", "active"),
        ("S1", "StudentEnrollment", "active"),
    ]
    assert district.user("U3").enrollments[0].role_id == custom.id


def test_custom_role_of_another_account_is_not_seen(district: Canvas) -> None:
    district.load("account_id,parent_account_id,name,status\nA2,,South,active\n")
    roles = district.world.store.roles
    roles.add(
        Role(
            id=roles.next_id, name="Coach", base_role_type="TaEnrollment",
            account_id=district.account("A2").id,
        )
    )  # fmt: skip
    assert district.warnings(SEATS + "C1,S1,U1,Coach,active\n") == [
        'Improper role "Coach" for an enrollment'
    ]


def test_a_role_id_names_the_role(district: Canvas) -> None:
    add_user(district, "U3")
    district.load("section_id,user_id,role_id,status\nS1,U3,2,active\n")
    assert district.seats("U3") == [("S1", "TeacherEnrollment", "active")]


def test_role_id_that_is_none_leaves_the_name_to_tell(district: Canvas) -> None:
    add_user(district, "U3")
    rows = "section_id,user_id,role,role_id,status\nS1,U3,,99,active\nS2,U3,student,99,active\n"
    assert district.warnings(rows) == ['Improper role "" for an enrollment']
    assert district.seats("U3") == [("S2", "StudentEnrollment", "active")]


def test_built_in_role_by_the_name_canvas_gives_it(district: Canvas) -> None:
    add_user(district, "U3")
    district.load(SEATS + "C1,S1,U3,DesignerEnrollment,active\n")
    assert district.seats("U3") == [("S1", "DesignerEnrollment", "active")]


def test_integration_id_of_the_user_wins(district: Canvas) -> None:
    district.load("user_id,login_id,status,integration_id\nU2,ben,active,I2\n")
    district.load("section_id,user_id,user_integration_id,role,status\nS2,U1,I2,student,active\n")
    assert ("S2", "StudentEnrollment", "active") in district.seats("U2")


def test_course_alone_means_its_default_section(district: Canvas) -> None:
    add_user(district, "U3")
    district.load("course_id,user_id,role,status\nC1,U3,student,active\nC1,U1,student,active\n")
    (seat,) = district.user("U3").enrollments
    section = district.world.store.sections.get(seat.section_id)
    assert (section.name, section.default_section, section.sis_source_id) == ("Algebra", True, None)
    assert district.user("U1").enrollments[1].section_id == section.id


def test_course_whose_sections_are_all_listed_away_means_the_first_of_those(
    district: Canvas,
) -> None:
    district.load("xlist_course_id,section_id,status\nC2,S1,active\n")
    add_user(district, "U3")
    district.load("course_id,user_id,role,status\nC1,U3,student,active\n")
    assert district.seats("U3") == [("S1", "StudentEnrollment", "active")]


def test_section_alone_is_taken_wherever_it_lives(district: Canvas) -> None:
    district.load("xlist_course_id,section_id,status\nC2,S1,active\n")
    add_user(district, "U3")
    district.load("section_id,user_id,role,status\nS1,U3,student,active\n")
    assert district.user("U3").enrollments[0].course_id == district.course("C2").id


def test_original_course_of_a_cross_listed_section_is_accepted(district: Canvas) -> None:
    district.load("xlist_course_id,section_id,status\nC2,S1,active\n")
    add_user(district, "U3")
    assert district.load(SEATS + "C1,S1,U3,student,active\n")["workflow_state"] == "imported"
    assert district.user("U3").enrollments[0].course_id == district.course("C2").id


def test_same_seat_is_updated_and_a_deleted_one_revives(district: Canvas) -> None:
    district.load(SEATS + "C1,S1,U1,student,deleted\n")
    ended = district.load(SEATS + "C1,S1,U1,student,active\n")
    assert district.seats("U1") == [("S1", "StudentEnrollment", "active")]
    assert ended["data"]["statistics"]["Enrollment"]["restored"] == 1


def test_other_role_is_another_seat(district: Canvas) -> None:
    district.load(SEATS + "C1,S1,U1,ta,active\n")
    assert len(district.user("U1").enrollments) == 2


def test_new_deleted_row_makes_a_deleted_seat(district: Canvas) -> None:
    ended = district.load(SEATS + "C2,S2,U1,student,deleted\n")
    assert ("S2", "StudentEnrollment", "deleted") in district.seats("U1")
    assert ended["data"]["counts"]["enrollments"] == 1
    again = district.load(SEATS + "C2,S2,U1,student,deleted\n")
    assert again["data"]["counts"]["enrollments"] == 1
    assert again["data"]["statistics"]["total_state_changes"] == 0


@pytest.mark.parametrize(
    ("status", "bucket"),
    [("completed", "concluded"), ("inactive", "deactivated"), ("Deleted", "deleted")],
)
def test_each_status_is_taken_and_counted(district: Canvas, status: str, bucket: str) -> None:
    ended = district.load(SEATS + f"C1,S1,U1,student,{status}\n")
    assert district.seats("U1") == [("S1", "StudentEnrollment", status.lower())]
    assert ended["data"]["statistics"]["Enrollment"][bucket] == 1


def test_completed_sets_completed_at_and_active_takes_it_back(district: Canvas) -> None:
    seat = district.user("U1").enrollments[0]
    district.load(SEATS + "C1,S1,U1,student,completed\n")
    assert seat.completed_at is not None
    district.load(SEATS + "C1,S1,U1,student,active\n")
    assert seat.completed_at is None


def test_deleted_last_completed(district: Canvas) -> None:
    district.load("section_id,course_id,name,status\nS3,C1,Algebra 2,active\n")
    district.load(SEATS + "C1,S3,U1,student,active\n")
    district.load(SEATS + "C1,S1,U1,student,deleted_last_completed\n")
    district.load(SEATS + "C1,S3,U1,student,deleted_last_completed\n")
    assert district.seats("U1") == [
        ("S1", "StudentEnrollment", "deleted"),
        ("S3", "StudentEnrollment", "completed"),
    ]


def test_user_without_any_active_login_gets_a_deleted_seat_and_a_warning(district: Canvas) -> None:
    district.load("user_id,login_id,status\nU2,ben,deleted\n")
    ended = district.load(SEATS + "C2,S2,U2,student,active\n")
    assert [text for _, text in ended["processing_warnings"]] == [
        "Attempted enrolling of deleted user U2 in course C2"
    ]
    assert ("S2", "StudentEnrollment", "deleted") in district.seats("U2")


def test_deleted_seat_of_a_deleted_user_is_skipped_silently(district: Canvas) -> None:
    district.load("user_id,login_id,status\nU1,ana,deleted\n")
    ended = district.load(SEATS + "C1,S1,U1,student,active\n")
    assert (ended["workflow_state"], ended["data"]["counts"]["enrollments"]) == ("imported", 0)


@pytest.mark.parametrize("status", ["deleted", "completed", "inactive", "deleted_last_completed"])
def test_seat_and_login_both_deleted_are_left_alone_by_every_status(
    district: Canvas, status: str
) -> None:
    district.load("user_id,login_id,status\nU1,ana,deleted\n")
    ended = district.load(SEATS + f"C1,S1,U1,student,{status}\n")
    assert (ended["workflow_state"], ended["data"]["counts"]["enrollments"]) == ("imported", 0)
    assert district.seats("U1") == [("S1", "StudentEnrollment", "deleted")]


def test_deleted_login_beside_an_active_one_is_enrolled_with_a_warning(district: Canvas) -> None:
    district.load("user_id,login_id,existing_user_id\nU1b,ana2,U1\n")
    district.load("user_id,login_id,status\nU1,ana,deleted\n")
    ended = district.load(SEATS + "C2,S2,U1,student,active\n")
    assert [text for _, text in ended["processing_warnings"]] == [
        "Enrolled a user U1 in course C2, but referenced a deleted sis login"
    ]
    assert ("S2", "StudentEnrollment", "active") in district.seats("U1")
    assert ended["data"]["counts"]["enrollments"] == 1


@pytest.mark.parametrize("status", ["deleted", "completed", "unpublished"])
def test_state_of_the_course_refuses_no_enrollment(district: Canvas, status: str) -> None:
    district.load(f"course_id,short_name,long_name,status\nC2,BIO,Biology,{status}\n")
    assert district.load(SEATS + "C2,S2,U1,student,active\n")["workflow_state"] == "imported"
    assert ("S2", "StudentEnrollment", "active") in district.seats("U1")


def test_deleted_course_may_refuse_who_would_live_there(district: Canvas) -> None:
    district.world.settings.patch({"enrollment_in_deleted_course": "refused"})
    district.load("course_id,short_name,long_name,status\nC2,BIO,Biology,deleted\n")
    (text,) = district.warnings(SEATS + "C2,S2,U1,student,active\nC2,S2,U2,student,deleted\n")
    assert "Course is not a valid course" in text
    assert ("S2", "StudentEnrollment", "deleted") in district.seats("U2")


def test_observer_of_a_student_by_associated_user(district: Canvas) -> None:
    add_user(district, "P1")
    header = "section_id,user_id,role,status,associated_user_id\n"
    district.load(header + "S1,P1,observer,active,U1\nS1,P1,observer,active,U2\n")
    associated = [one.associated_user_id for one in district.user("P1").enrollments]
    assert associated == [district.user("U1").id, district.user("U2").id]


def test_limit_of_privileges_is_kept_when_absent(district: Canvas) -> None:
    header = "section_id,user_id,role,status,limit_section_privileges\n"
    district.load(header + "S1,U2,teacher,active,true\n")
    seat = district.user("U2").enrollments[0]
    assert seat.limit_privileges_to_course_section is True
    district.load(SEATS + "C1,S1,U2,teacher,active\n")
    district.load(header + "S1,U2,teacher,active,\n")
    assert seat.limit_privileges_to_course_section is True
    district.load(header + "S1,U2,teacher,active,0\n")
    assert seat.limit_privileges_to_course_section is False


def test_skip_deletes(district: Canvas) -> None:
    ended = district.load(SEATS + "C1,S1,U1,student,deleted\n", skip_deletes=1)
    assert district.seats("U1") == [("S1", "StudentEnrollment", "active")]
    assert ended["data"]["counts"]["enrollments"] == 0


def test_bad_date_is_a_warning_and_the_row_is_applied(district: Canvas) -> None:
    ended = district.load(
        "section_id,user_id,role,status,start_date\nS2,U1,student,active,2012-13-05\n"
    )
    assert ended["data"]["counts"]["enrollments"] == 1
    assert ("S2", "StudentEnrollment", "active") in district.seats("U1")
