"""Enrollments, row by row of canvas-rest-api.md 5.3 and 5.4."""

from typing import Any

import pytest

from homeroom.mocks.canvas.store import Role
from homeroom.mocks.canvas.tests.taught import COURSE, Taught, words

KEYS = words(
    "id root_account_id user_id course_id course_section_id associated_user_id "
    "limit_privileges_to_course_section updated_at created_at start_at end_at type "
    "temporary_enrollment_source_user_id temporary_enrollment_pairing_id enrollment_state "
    "role role_id last_activity_at last_attended_at total_activity_time sis_import_id "
    "sis_account_id sis_course_id course_integration_id sis_section_id section_integration_id "
    "sis_user_id html_url user"
)
GRADES = words(
    "html_url current_grade current_score final_grade final_score unposted_current_score "
    "unposted_current_grade unposted_final_score unposted_final_grade"
)
LIST = f"{COURSE}/enrollments"


def states(taught: Taught, token: str | None = None, **query: Any) -> dict[str, str]:
    query_text = "&".join(f"{key}={value}" for key, value in query.items())
    found = taught.ok("GET", f"/enrollments?{query_text}", token=token)
    return {one["user"]["name"]: one["enrollment_state"] for one in found}


def seat_of(taught: Taught, user_id: int) -> Any:
    (seat,) = taught.canvas.get(LIST, user_id=user_id, **{"state[]": ["active", "inactive"]})
    return seat


def test_every_key_is_there_for_an_admin(taught: Taught) -> None:
    _, student, teacher = taught.canvas.get(LIST)
    assert student.keys() == KEYS | {"grades"}
    assert student["grades"].keys() == GRADES
    assert teacher.keys() == KEYS
    assert (student["sis_account_id"], student["sis_course_id"], student["sis_section_id"]) == (
        "A1", "C1", "S1",
    )  # fmt: skip
    assert (student["sis_user_id"], student["role"]) == ("U1", "StudentEnrollment")


def test_the_order_is_type_then_sortable_name(taught: Taught) -> None:
    found = taught.canvas.get(LIST)
    assert [(one["type"], one["user"]["sortable_name"]) for one in found] == [
        ("StudentEnrollment", "Im, Cai"),
        ("StudentEnrollment", "Ruiz, Ana"),
        ("TeacherEnrollment", "Oak, Ben"),
    ]


@pytest.mark.parametrize(
    ("task", "state", "shown"),
    [
        ("conclude", "completed", False),
        ("delete", "deleted", False),
        ("inactivate", "inactive", True),
        ("deactivate", "inactive", True),
    ],
)
def test_tasks_and_what_lists_hide_by_default(
    taught: Taught, task: str, state: str, shown: bool
) -> None:
    seat = seat_of(taught, taught.ana)
    ended = taught.ok("DELETE", f"/enrollments/{seat['id']}?task={task}")
    assert ended["enrollment_state"] == state
    assert ("Ana Ruiz" in states(taught)) is shown
    assert "Ana Ruiz" not in states(taught, token=taught.token(taught.ben))
    assert states(taught, **{"state[]": state}) == {"Ana Ruiz": state}


def test_without_a_task_it_concludes(taught: Taught) -> None:
    seat = seat_of(taught, taught.ana)
    ended = taught.ok("DELETE", f"/enrollments/{seat['id']}")
    assert ended["enrollment_state"] == "completed"


def test_an_inactive_student_comes_back_by_reactivation(taught: Taught) -> None:
    seat = seat_of(taught, taught.ana)
    taught.ok("DELETE", f"/enrollments/{seat['id']}?task=inactivate")
    back = taught.ok("PUT", f"/enrollments/{seat['id']}/reactivate")
    assert back["enrollment_state"] == "active"


def test_users_see_active_and_invited_ones_by_default(taught: Taught) -> None:
    seat = seat_of(taught, taught.ana)
    path = f"/api/v1/users/{taught.ana}/enrollments"
    assert len(taught.canvas.get(path)) == 1
    taught.ok("DELETE", f"/enrollments/{seat['id']}?task=inactivate")
    assert taught.canvas.get(path) == []


def test_lists_have_no_last_link(taught: Taught) -> None:
    reply = taught.canvas.call("GET", LIST, query="per_page=2")
    assert 'rel="next"' in reply.headers["link"]
    assert 'rel="last"' not in reply.headers["link"]
    assert "page=bookmark:" in reply.headers["link"]


@pytest.mark.parametrize(("page", "status"), [("first", 200), ("2", 200), ("x", 404)])
def test_a_page_that_is_neither_number_nor_bookmark_is_not_found(
    taught: Taught, page: str, status: int
) -> None:
    assert taught.call("GET", f"/enrollments?page={page}").status == status


def test_deleted_shows_where_the_section_is_deleted(taught: Taught) -> None:
    taught.canvas.load("section_id,course_id,name,status\nS1,C1,Algebra 1,deleted\n")
    assert "Ana Ruiz" not in states(taught)
    assert states(taught, **{"state[]": "deleted", "user_id": taught.ana}) == {
        "Ana Ruiz": "deleted"
    }


@pytest.mark.parametrize(
    ("given", "text"),
    [
        ({}, "No parameters given"),
        ({"user_id": 2, "type": "Pupil"}, "Invalid type"),
        ({"user_id": 2, "role": "Pupil"}, "Invalid role"),
        ({"type": "StudentEnrollment"},
         ("Can't create an enrollment without a user. "
          "Include enrollment[user_id] to create an enrollment")),
        ({"user_id": 2, "type": "StudentEnrollment", "role_id": 2},
         "The specified type must match the base type for the role"),
    ],
)  # fmt: skip
def test_refusals_of_creating(taught: Taught, given: dict[str, Any], text: str) -> None:
    refused = taught.refused("POST", "/enrollments", json={"enrollment": given})
    assert refused == (400, {"message": text})


def test_several_refusals_are_joined(taught: Taught) -> None:
    refused = taught.refused("POST", "/enrollments", json={"enrollment": {"type": "Pupil"}})
    assert refused[1]["message"].startswith("Invalid type, Can't create an enrollment without")


def test_a_concluded_course_takes_nobody(taught: Taught) -> None:
    taught.ok("PUT", "", json={"course": {"event": "conclude"}})
    refused = taught.refused("POST", "/enrollments", json={"enrollment": {"user_id": taught.ana}})
    assert refused == (400, {"message": "Can't add an enrollment to a concluded course."})


def test_a_new_enrollment_is_invited_and_goes_to_the_default_section(taught: Taught) -> None:
    made = taught.ok("POST", "/enrollments", json={"enrollment": {"user_id": "sis_user_id:U2"}})
    assert (made["enrollment_state"], made["type"]) == ("invited", "StudentEnrollment")
    assert (made["sis_section_id"], made["sis_import_id"]) == (None, None)


def test_filters_by_sis_ids_need_the_right(taught: Taught) -> None:
    token = taught.admin("read_roster")
    refused = taught.refused("GET", "/enrollments?sis_user_id[]=U1", token=token)
    assert refused == (400, {"message": "Insufficient permissions to filter by SIS fields"})
    assert list(states(taught, **{"sis_user_id[]": "U1"})) == ["Ana Ruiz"]
    assert list(states(taught, **{"sis_section_id[]": "S3"})) == ["Cai Im"]


def test_dates_set_by_hand_stick(taught: Taught) -> None:
    given = {"user_id": taught.ana, "course_section_id": taught.canvas.section("S1").id,
             "start_at": "2026-09-01T00:00:00Z", "enrollment_state": "active"}  # fmt: skip
    taught.ok("POST", "/enrollments", json={"enrollment": given})
    (seat,) = taught.canvas.user("U1").enrollments
    assert (seat.stuck, len(taught.canvas.user("U1").enrollments)) == ({"start_at"}, 1)


def test_an_unknown_grading_period_is_refused(taught: Taught) -> None:
    refused = taught.refused("GET", "/enrollments?grading_period_id=9")
    assert refused == (400, {"error": "invalid grading_period_id"})


def test_current_final_posted_and_unposted_scores(taught: Taught) -> None:
    first = taught.assignment("A")
    taught.assignment("B")
    hidden = taught.assignment("C", anonymous_grading=True)
    taught.grade(first, taught.ana, "15")
    taught.grade(hidden, taught.ana, "20")
    grades = taught.grades(taught.ana)
    assert (grades["current_score"], grades["final_score"]) == (75.0, 25.0)
    assert (grades["unposted_current_score"], grades["unposted_final_score"]) == (87.5, 58.33)
    assert grades["current_grade"] is None


def test_excused_omitted_and_unpublished_work_counts_nowhere(taught: Taught) -> None:
    taught.grade(taught.assignment("A"), taught.ana, "15")
    excused = taught.assignment("B")
    path = f"/assignments/{excused['id']}/submissions/{taught.ana}"
    taught.ok("PUT", path, json={"submission": {"excuse": True}})
    taught.grade(taught.assignment("C", omit_from_final_grade=True), taught.ana, "0")
    taught.assignment("D", published=False)
    taught.assignment("E", grading_type="not_graded")
    taught.assignment("F", only_visible_to_overrides=True)
    grades = taught.grades(taught.ana)
    assert (grades["current_score"], grades["final_score"]) == (75.0, 75.0)


def test_group_weights_and_drop_rules(taught: Taught) -> None:
    taught.ok("PUT", "", json={"course": {"apply_assignment_group_weights": True}})
    groups = [
        taught.ok("POST", "/assignment_groups", json=given)["id"]
        for given in (
            {"name": "Tests", "group_weight": 75, "rules": {"drop_lowest": 1}},
            {"name": "Homework", "group_weight": 25},
        )
    ]
    for group, grade in ((groups[0], "20"), (groups[0], "4"), (groups[1], "10")):
        taught.grade(taught.assignment(assignment_group_id=group), taught.ana, grade)
    assert taught.grades(taught.ana)["current_score"] == 87.5


def test_grades_as_letters_only_with_a_scheme(taught: Taught) -> None:
    taught.grade(taught.assignment(), taught.ana, "17")
    assert taught.grades(taught.ana)["current_grade"] is None
    taught.ok("PUT", "", json={"course": {"grading_standard_id": 0}})
    assert taught.grades(taught.ana)["current_grade"] == "B"
    scheme = [{"name": "Pass", "value": 50}, {"name": "Fail", "value": 0}]
    made = taught.ok(
        "POST", "/grading_standards", json={"title": "PF", "grading_scheme_entry": scheme}
    )
    taught.ok("PUT", "", json={"course": {"grading_standard_id": made["id"]}})
    assert taught.grades(taught.ana)["final_grade"] == "Pass"


def test_a_concluded_student_is_not_charged_for_missing_work(taught: Taught) -> None:
    taught.grade(taught.assignment("A"), taught.ana, "15")
    taught.assignment("B")
    assert taught.grades(taught.ana)["final_score"] == 37.5
    seat = seat_of(taught, taught.ana)
    taught.ok("DELETE", f"/enrollments/{seat['id']}?task=conclude")
    grades = taught.grades(taught.ana, **{"state[]": "completed"})
    assert grades["final_score"] == 75.0


def test_points_come_with_the_include(taught: Taught) -> None:
    taught.grade(taught.assignment(), taught.ana, "15")
    grades = taught.grades(taught.ana, **{"include[]": "current_points"})
    assert (grades["current_points"], grades["unposted_current_points"]) == (15.0, 15.0)


def test_students_see_their_own_posted_totals_only(taught: Taught) -> None:
    taught.grade(taught.assignment(), taught.ana, "15")
    own, other = taught.token(taught.ana), taught.token(taught.cai)
    path = f"/enrollments?user_id={taught.ana}"
    (seat,) = taught.ok("GET", path, token=own)
    assert seat["grades"].keys() == {
        "html_url", "current_grade", "current_score", "final_grade", "final_score",
    }  # fmt: skip
    (seat,) = taught.ok("GET", path, token=other)
    assert "grades" not in seat


def test_teachers_end_students_but_do_not_delete_what_the_sis_enrolled(taught: Taught) -> None:
    seat = seat_of(taught, taught.ana)
    path, token = f"/enrollments/{seat['id']}", taught.token(taught.ben)
    assert taught.refused("DELETE", f"{path}?task=delete", token=token)[0] == 403
    assert taught.ok("DELETE", path, token=token)["enrollment_state"] == "completed"
    own = seat_of(taught, taught.ben)
    assert taught.refused("DELETE", f"/enrollments/{own['id']}", token=token)[0] == 403


def test_a_concluded_teacher_reads_and_grades_no_more(taught: Taught) -> None:
    made = taught.assignment()
    seat, token = seat_of(taught, taught.ben), taught.token(taught.ben)
    taught.ok("DELETE", f"/enrollments/{seat['id']}?task=conclude")
    path = f"/assignments/{made['id']}/submissions"
    assert len(taught.ok("GET", path, token=token)) == 2
    grade = {"submission": {"posted_grade": "1"}}
    assert taught.refused("PUT", f"{path}/{taught.ana}", json=grade, token=token)[0] == 403


def test_students_come_in_once_the_course_is_published(taught: Taught) -> None:
    taught.ok("PUT", "", json={"course": {"event": "claim"}})
    token = taught.token(taught.ana)
    assert taught.refused("GET", "", token=token)[0] == 403
    assert taught.refused("GET", "/assignments", token=token)[0] == 403
    assert taught.ok("GET", "", token=taught.token(taught.ben))["workflow_state"] == "unpublished"


def test_what_a_seat_is_made_with_does_not_stick(taught: Taught) -> None:
    given = {"user_id": "sis_user_id:U2", "start_at": "2026-09-01T00:00:00Z"}
    made = taught.ok("POST", "/enrollments", json={"enrollment": given})
    seat = taught.canvas.world.store.enrollments.get(made["id"])
    assert (seat.start_at is None, seat.stuck) == (False, frozenset())


def test_only_an_inactive_enrollment_is_reactivated(taught: Taught) -> None:
    path = f"/enrollments/{seat_of(taught, taught.ana)['id']}"
    not_inactive = (400, {"error": "enrollment not inactive"})
    assert taught.refused("PUT", f"{path}/reactivate") == not_inactive
    taught.ok("DELETE", f"{path}?task=conclude")
    assert taught.refused("PUT", f"{path}/reactivate") == not_inactive
    taught.ok("DELETE", f"{path}?task=delete")
    assert taught.refused("PUT", f"{path}/reactivate")[0] == 404
    assert taught.refused("DELETE", f"{path}?task=delete")[0] == 404


def test_an_unknown_task_concludes(taught: Taught) -> None:
    seat = seat_of(taught, taught.ana)
    ended = taught.ok("DELETE", f"/enrollments/{seat['id']}?task=finish")
    assert ended["enrollment_state"] == "completed"


def test_invitations_are_accepted_and_declined_by_the_invited_alone(taught: Taught) -> None:
    given = {"user_id": taught.ana, "course_section_id": taught.canvas.section("S3").id}
    made = taught.ok("POST", "/enrollments", json={"enrollment": given})
    path, ana = f"/enrollments/{made['id']}", taught.token(taught.ana)
    assert made["enrollment_state"] == "invited"
    assert taught.refused("POST", f"{path}/accept", token=taught.token(taught.cai))[0] == 403
    for _ in range(2):
        assert taught.ok("POST", f"{path}/reject", token=ana) == {"success": True}
    for _ in range(2):
        assert taught.ok("POST", f"{path}/accept", token=ana) == {"success": True}
    assert taught.refused("POST", f"{path}/reject", token=ana) == (
        400,
        {"error": "no current invitation"},
    )
    taught.ok("DELETE", f"{path}?task=inactivate")
    assert taught.refused("POST", f"{path}/accept", token=ana) == (
        400,
        {"error": "membership not activated"},
    )


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"type": "TeacherEnrollment", "role": "StudentEnrollment"},
         "The specified type must match the base type for the role"),
        ({"type": "Lost", "role": "StudentEnrollment"},
         "The specified type must match the base type for the role"),
        ({"type": "Lost"}, "Invalid type"),
        ({"role": "Gone"}, "Invalid role"),
        ({"role": "Resting"},
         "Cannot create an enrollment with this role because it is inactive."),
    ],
)  # fmt: skip
def test_a_role_is_refused_for_one_reason(
    taught: Taught, given: dict[str, Any], message: str
) -> None:
    roles = taught.canvas.world.store.roles
    for name, state in (("Gone", "deleted"), ("Resting", "inactive")):
        roles.add(
            Role(id=roles.next_id, name=name, base_role_type="StudentEnrollment",
                 workflow_state=state)
        )  # fmt: skip
    body = {"enrollment": {"user_id": taught.ana, **given}}
    assert taught.refused("POST", "/enrollments", json=body) == (400, {"message": message})


def test_observers_need_no_invitation(taught: Taught) -> None:
    given = {"type": "ObserverEnrollment", "associated_user_id": taught.ana, "user_id": taught.ben}
    made = taught.ok("POST", "/enrollments", json={"enrollment": given})
    assert (made["enrollment_state"], made["associated_user_id"]) == ("active", taught.ana)
