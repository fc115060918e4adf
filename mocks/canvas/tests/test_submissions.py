"""Submissions and grading, row by row of canvas-rest-api.md 7.1, 7.2 and 7.4."""

from typing import Any

import pytest

from homeroom.mocks.canvas.tests.taught import COURSE, Taught, words

KEYS = words(
    "id user_id url score grade excused attempt submission_type submitted_at body "
    "assignment_id graded_at grade_matches_current_submission grader_id workflow_state "
    "late_policy_status points_deducted grading_period_id cached_due_date extra_attempts "
    "posted_at redo_request sticker custom_grade_status_id late missing seconds_late "
    "entered_grade entered_score preview_url anonymous_id"
)
NOW = "2026-09-01T06:00:00Z"


def scores(shown: Any) -> tuple[Any, Any, Any, Any]:
    return shown["score"], shown["grade"], shown["entered_score"], shown["entered_grade"]


def test_unsubmitted_work_has_a_row_from_the_moment_it_is_assigned(taught: Taught) -> None:
    made = taught.assignment()
    rows = taught.canvas.get(f"{COURSE}/assignments/{made['id']}/submissions")
    assert [row["user_id"] for row in rows] == [taught.ana, taught.cai]
    assert rows[0].keys() == KEYS
    assert (rows[0]["workflow_state"], rows[0]["score"], rows[0]["excused"]) == (
        "unsubmitted", None, None,
    )  # fmt: skip
    again = taught.submission(made, taught.ana)
    assert again["id"] == rows[0]["id"]


def test_a_grade_sets_score_state_time_and_posting(taught: Taught) -> None:
    made = taught.assignment()
    shown = taught.grade(made, taught.ana, "17.5")
    assert scores(shown) == (17.5, "17.5", 17.5, "17.5")
    assert (shown["workflow_state"], shown["graded_at"], shown["posted_at"]) == ("graded", NOW, NOW)
    assert (shown["excused"], shown["submission_comments"]) == (False, [])
    assert [one["id"] for one in shown["all_submissions"]] == [shown["id"]]


def test_more_than_possible_is_allowed(taught: Taught) -> None:
    assert taught.grade(taught.assignment(), taught.ana, "25")["score"] == 25.0


def test_a_blank_grade_takes_it_away_and_leaves_the_time_of_grading(taught: Taught) -> None:
    made = taught.assignment()
    taught.grade(made, taught.ana, "12")
    taught.canvas.advance(600)
    shown = taught.grade(made, taught.ana, "")
    assert scores(shown) == (None, None, None, None)
    assert shown["graded_at"] == NOW


def test_excusing_takes_score_and_grade_away(taught: Taught) -> None:
    made = taught.assignment()
    path = f"/assignments/{made['id']}/submissions/{taught.ana}"
    taught.grade(made, taught.ana, "12")
    shown = taught.ok("PUT", path, json={"submission": {"excuse": True}})
    assert scores(shown) == (None, None, None, None)
    assert (shown["excused"], shown["workflow_state"]) == (True, "graded")
    assert (shown["late"], shown["missing"]) == (False, False)
    back = taught.ok("PUT", path, json={"submission": {"posted_grade": "9"}})
    assert (back["excused"], back["score"]) == (False, 9.0)


@pytest.mark.parametrize("grade", ["1", "0", ""])
def test_grading_and_excusing_at_once_is_refused(taught: Taught, grade: str) -> None:
    made = taught.assignment()
    refused = taught.refused(
        "PUT",
        f"/assignments/{made['id']}/submissions/{taught.ana}",
        json={"submission": {"posted_grade": grade, "excuse": True}},
    )
    assert refused == (400, {"error": "Cannot simultaneously grade and excuse an assignment"})


def test_only_students_of_the_course_can_be_graded(taught: Taught) -> None:
    made = taught.assignment()
    refused = taught.refused(
        "PUT",
        f"/assignments/{made['id']}/submissions/{taught.ben}",
        json={"submission": {"posted_grade": "1"}},
    )
    assert refused == (
        400,
        {"error": "Student must be enrolled in the course as a student to be graded"},
    )


@pytest.mark.parametrize(
    ("grading_type", "typed", "shown"),
    [
        ("points", "50%", (10.0, "10")),
        ("percent", "87.5%", (17.5, "87.5%")),
        ("pass_fail", "complete", (20.0, "complete")),
        ("pass_fail", "incomplete", (0.0, "incomplete")),
        ("letter_grade", "B", (17.2, "B")),
        ("letter_grade", "A", (20.0, "A")),
        ("gpa_scale", "15", (15.0, "C")),
        ("points", "excellent", (None, None)),
    ],
)
def test_what_is_typed_is_read_by_grading_type(
    taught: Taught, grading_type: str, typed: str, shown: tuple[Any, Any]
) -> None:
    made = taught.assignment(grading_type=grading_type)
    found = taught.grade(made, taught.ana, typed)
    assert (found["score"], found["grade"]) == shown


def test_late_work_loses_points_and_keeps_what_was_entered(taught: Taught) -> None:
    policy = {"late_submission_deduction_enabled": True, "late_submission_deduction": 10}
    reply = taught.call("POST", "/late_policy", json={"late_policy": policy})
    assert reply.status == 201
    made = taught.assignment(submission_types=["online_text_entry"], due_at="2026-08-31T00:00:00Z")
    handed = taught.hand_in(made, taught.ana)
    assert (handed["late"], handed["seconds_late"]) == (True, 30 * 3600)
    shown = taught.grade(made, taught.ana, "20")
    assert scores(shown) == (16.0, "16", 20.0, "20")
    assert (shown["points_deducted"], shown["late"]) == (4.0, True)


def test_work_in_time_has_no_deduction_at_all(taught: Taught) -> None:
    made = taught.assignment(submission_types=["online_text_entry"])
    taught.hand_in(made, taught.ana)
    assert taught.grade(made, taught.ana, "20")["points_deducted"] is None


def test_a_late_mark_by_hand_counts_with_its_seconds(taught: Taught) -> None:
    policy = {"late_submission_deduction_enabled": True, "late_submission_deduction": 10}
    taught.call("POST", "/late_policy", json={"late_policy": policy})
    made = taught.assignment()
    taught.grade(made, taught.ana, "20")
    shown = taught.ok(
        "PUT",
        f"/assignments/{made['id']}/submissions/{taught.ana}",
        json={"submission": {"late_policy_status": "late", "seconds_late_override": 90_000}},
    )
    assert (shown["late"], shown["seconds_late"], shown["score"]) == (True, 90_000, 16.0)
    shown = taught.ok(
        "PUT",
        f"/assignments/{made['id']}/submissions/{taught.ana}",
        json={"submission": {"late_policy_status": "none"}},
    )
    assert (shown["late"], shown["points_deducted"], shown["score"]) == (False, None, 20.0)


def test_a_second_late_policy_is_refused(taught: Taught) -> None:
    taught.call("POST", "/late_policy", json={"late_policy": {}})
    assert taught.refused("POST", "/late_policy", json={"late_policy": {}}) == (
        400,
        {
            "status": "bad_request",
            "errors": [{"message": "only one late policy per course is allowed"}],
        },
    )
    assert taught.call("PATCH", "/late_policy", json={"late_policy": {}}).status == 204
    assert taught.ok("GET", "/late_policy")["late_policy"]["late_submission_interval"] == "day"


def test_online_work_past_due_is_missing_until_graded_by_a_person(taught: Taught) -> None:
    made = taught.assignment(submission_types=["online_text_entry"], due_at="2026-08-31T00:00:00Z")
    assert taught.submission(made, taught.ana)["missing"] is True
    assert taught.grade(made, taught.ana, "3")["missing"] is False
    paper = taught.assignment("Paper", due_at="2026-08-31T00:00:00Z")
    assert taught.submission(paper, taught.ana)["missing"] is False


def test_the_missing_policy_grades_what_nobody_graded(taught: Taught) -> None:
    policy = {"missing_submission_deduction_enabled": True, "missing_submission_deduction": 75}
    taught.call("POST", "/late_policy", json={"late_policy": policy})
    made = taught.assignment(submission_types=["online_text_entry"], due_at="2026-09-02T00:00:00Z")
    assert taught.submission(made, taught.ana)["score"] is None
    taught.canvas.advance(2 * 86_400)
    shown = taught.submission(made, taught.ana)
    assert (shown["score"], shown["workflow_state"], shown["missing"]) == (5.0, "graded", True)
    assert shown["grader_id"] is None


def test_handing_in_again_leaves_the_grade_behind(taught: Taught) -> None:
    made = taught.assignment(submission_types=["online_text_entry"])
    taught.hand_in(made, taught.ana)
    taught.grade(made, taught.ana, "11")
    again = taught.hand_in(made, taught.ana, body="Better")
    assert (again["attempt"], again["workflow_state"]) == (2, "submitted")
    assert again["grade_matches_current_submission"] is False
    shown = taught.submission(made, taught.ana, **{"include[]": "submission_history"})
    assert [one["body"] for one in shown["submission_history"]] == ["Done", "Better"]
    assert taught.ok("GET", f"/assignments/{made['id']}")["needs_grading_count"] == 1


def test_manual_posting_hides_scores_from_students_alone(taught: Taught) -> None:
    made = taught.assignment(anonymous_grading=True)
    shown = taught.grade(made, taught.ana, "12")
    assert (made["post_manually"], shown["posted_at"], shown["score"]) == (True, None, 12.0)
    assert "preview_url" not in shown
    own = taught.ok(
        "GET",
        f"/assignments/{made['id']}/submissions/self",
        token=taught.token(taught.ana),
    )
    assert scores(own) == (None, None, None, None)


def test_students_see_their_own_submission_only(taught: Taught) -> None:
    made = taught.assignment()
    token = taught.token(taught.ana)
    path = f"/assignments/{made['id']}/submissions"
    assert taught.ok("GET", f"{path}/self", token=token)["user_id"] == taught.ana
    assert taught.refused("GET", f"{path}/{taught.cai}", token=token)[0] == 403
    grade = {"submission": {"posted_grade": "20"}}
    assert taught.refused("PUT", f"{path}/{taught.ana}", token=token, json=grade)[0] == 403


def test_teachers_grade_and_are_the_grader(taught: Taught) -> None:
    made = taught.assignment()
    shown = taught.ok(
        "PUT",
        f"/assignments/{made['id']}/submissions/sis_user_id:U1",
        token=taught.token(taught.ben),
        json={"submission": {"posted_grade": "8"}, "comment": {"text_comment": "Good"}},
    )
    assert (shown["score"], shown["grader_id"]) == (8.0, taught.ben)
    assert [one["comment"] for one in shown["submission_comments"]] == ["Good"]
    assert "anonymous_id" not in shown


def test_moderated_work_is_graded_by_nobody_before_it_is_published(taught: Taught) -> None:
    made = taught.assignment(moderated_grading=True)
    path = f"/assignments/{made['id']}/submissions/{taught.ana}"
    status, body = taught.refused("PUT", path, json={"submission": {"posted_grade": "1"}})
    assert (status, body["status"]) == (403, "unauthorized")


def test_unpublished_work_cannot_be_graded(taught: Taught) -> None:
    made = taught.assignment(published=False)
    path = f"/assignments/{made['id']}/submissions/{taught.ana}"
    assert taught.refused("PUT", path, json={"submission": {"posted_grade": "1"}})[0] == 403


def test_fields_can_be_narrowed(taught: Taught) -> None:
    made = taught.assignment()
    path = f"/assignments/{made['id']}/submissions/{taught.ana}"
    shown = taught.ok("GET", f"{path}?response_fields[]=id&response_fields[]=score")
    assert shown.keys() == {"id", "score"}
    shown = taught.ok("GET", f"{path}?exclude_response_fields[]=id")
    assert shown.keys() == KEYS - {"id"}


def test_section_flavour_shows_the_sections_students(taught: Taught) -> None:
    made = taught.assignment()
    rows = taught.canvas.get(
        f"/api/v1/sections/sis_section_id:S3/assignments/{made['id']}/submissions"
    )
    assert [row["user_id"] for row in rows] == [taught.cai]


def test_summary_counts_by_state(taught: Taught) -> None:
    made = taught.assignment(submission_types=["online_text_entry"])
    taught.hand_in(made, taught.ana)
    path = f"/assignments/{made['id']}/submission_summary"
    assert taught.ok("GET", path) == {"graded": 0, "ungraded": 1, "not_submitted": 1}


def test_gradeable_students_are_the_active_ones(taught: Taught) -> None:
    made = taught.assignment()
    shown = taught.ok("GET", f"/assignments/{made['id']}/gradeable_students")
    assert [(one["id"], one["display_name"]) for one in shown] == [
        (taught.ana, "Ana Ruiz"),
        (taught.cai, "Cai Im"),
    ]


def test_marks_and_excuses_end_each_other_and_seconds_need_the_mark(taught: Taught) -> None:
    made = taught.assignment()
    path = f"/assignments/{made['id']}/submissions/{taught.ana}"

    def put(**given: Any) -> tuple[Any, ...]:
        row = taught.ok("PUT", path, json={"submission": given})
        return row["late_policy_status"], row["seconds_late"], row["excused"]

    assert put(late_policy_status="late", seconds_late_override=3600) == ("late", 3600, False)
    assert put(seconds_late_override=60) == ("late", 60, False)
    assert put(late_policy_status="late") == ("late", 60, False)
    assert put(excuse=True) == (None, 0, True)
    assert put(seconds_late_override=60) == (None, 0, True)
    assert put(late_policy_status="missing") == ("missing", 0, False)
    assert put(late_policy_status="late") == ("late", 0, False)


def test_work_that_is_for_others_cannot_be_graded(taught: Taught) -> None:
    override = {"course_section_id": taught.canvas.section("S3").id}
    made = taught.assignment(only_visible_to_overrides=True, assignment_overrides=[override])
    given = {"submission": {"posted_grade": "1"}}
    path = f"/assignments/{made['id']}/submissions"
    assert taught.refused("PUT", f"{path}/{taught.ana}", json=given)[0] == 403
    assert taught.ok("PUT", f"{path}/{taught.cai}", json=given)["score"] == 1.0


def test_lists_of_one_assignment_are_for_graders_and_hold_present_students(taught: Taught) -> None:
    path = f"/assignments/{taught.assignment()['id']}/submissions"
    assert taught.refused("GET", path, token=taught.token(taught.ana))[0] == 403
    (seat,) = taught.canvas.get(f"{COURSE}/enrollments", user_id=taught.ana)
    taught.ok("DELETE", f"/enrollments/{seat['id']}?task=conclude")
    assert [one["user_id"] for one in taught.ok("GET", path)] == [taught.cai]
    assert taught.ok("GET", f"{path}/{taught.ana}")["user_id"] == taught.ana


def test_manage_grades_alone_is_enough_to_grade(taught: Taught) -> None:
    made, token = taught.assignment(), taught.admin("manage_grades")
    path = f"/assignments/{made['id']}/submissions/{taught.ana}"
    given = {"submission": {"posted_grade": "7"}}
    assert taught.ok("PUT", path, json=given, token=token)["score"] == 7.0
    (row,) = taught.ok("GET", f"/students/submissions?student_ids[]={taught.ana}", token=token)
    assert row["score"] == 7.0


@pytest.mark.parametrize(
    ("field", "value", "message", "code"),
    [
        ("late_policy_status", "tardy", "is not included in the list", "inclusion"),
        (
            "seconds_late_override",
            "-1",
            "must be greater than or equal to 0",
            "greater_than_or_equal_to",
        ),
    ],
)
def test_a_late_mark_that_cannot_be_is_refused_and_changes_nothing(
    taught: Taught, field: str, value: str, message: str, code: str
) -> None:
    made = taught.assignment()
    path = f"/assignments/{made['id']}/submissions/{taught.ana}"
    given = {"submission": {"posted_grade": "7", field: value}}
    error = {"field": field, "message": message, "error_code": code}
    assert taught.refused("PUT", path, json=given) == (400, {"errors": [error]})
    assert taught.submission(made, taught.ana)["score"] is None


@pytest.mark.parametrize(
    ("field", "day", "status"),
    [
        ("unlock_at", "02", 403),
        ("unlock_at", "01", 201),
        ("lock_at", "01", 403),
        ("lock_at", "02", 201),
    ],
)
def test_students_hand_in_while_an_assignment_is_open(
    taught: Taught, field: str, day: str, status: int
) -> None:
    dates = {field: f"2026-09-{day}T00:00:00Z"}
    made = taught.assignment(submission_types=["online_text_entry"], **dates)
    path = f"/assignments/{made['id']}/submissions"
    work = {"submission": {"submission_type": "online_text_entry", "body": "Done"}}
    assert taught.call("POST", path, json=work, token=taught.token(taught.ana)).status == status
