"""Grading many at once, row by row of canvas-rest-api.md 7.4."""

from typing import Any

from homeroom.mocks.canvas.tests.taught import Taught


def update(taught: Taught, path: str, data: dict[str, Any]) -> tuple[Any, Any]:
    queued = taught.ok("POST", f"{path}/submissions/update_grades", json={"grade_data": data})
    return queued, taught.ok("GET", f"/api/v1/progress/{queued['id']}")


def test_the_job_is_answered_queued_and_ends_completed(taught: Taught) -> None:
    made = taught.assignment()
    queued, ended = update(
        taught, f"/assignments/{made['id']}", {str(taught.ana): {"posted_grade": "7"}}
    )
    assert (queued["tag"], queued["workflow_state"], queued["completion"]) == (
        "submissions_update", "queued", None,
    )  # fmt: skip
    assert (queued["context_type"], queued["context_id"]) == ("Course", taught.course.id)
    assert queued["url"] == f"http://sis.test/api/v1/progress/{queued['id']}"
    assert (ended["workflow_state"], ended["completion"], ended["message"]) == (
        "completed", 100.0, None,
    )  # fmt: skip
    assert taught.submission(made, taught.ana)["score"] == 7.0


def test_course_wide_data_is_by_assignment_then_student(taught: Taught) -> None:
    first, second = taught.assignment("A"), taught.assignment("B")
    data = {
        str(first["id"]): {"sis_user_id:U1": {"posted_grade": "5"}},
        str(second["id"]): {str(taught.cai): {"excuse": True}},
    }
    update(taught, "", data)
    assert taught.submission(first, taught.ana)["score"] == 5.0
    assert taught.submission(second, taught.cai)["excused"] is True


def test_without_grade_data_it_is_refused(taught: Taught) -> None:
    made = taught.assignment()
    refused = taught.refused("POST", f"/assignments/{made['id']}/submissions/update_grades")
    assert refused == (400, {"error": "'grade_data' parameter required"})


def test_unknown_assignments_are_named(taught: Taught) -> None:
    refused = taught.refused(
        "POST", "/submissions/update_grades", json={"grade_data": {"7": {"1": {}}}}
    )
    assert refused == (400, {"error": "Some assignments could not be found: ( 7 )"})


def test_unknown_students_fail_the_job_and_the_others_are_graded(taught: Taught) -> None:
    made = taught.assignment()
    data = {"x": {"posted_grade": "1"}, str(taught.ana): {"posted_grade": "6"}, "y": {}}
    _, ended = update(taught, f"/assignments/{made['id']}", data)
    assert ended["workflow_state"] == "failed"
    assert ended["message"] == "Couldn't find User(s) with API ids 'x', 'y'"
    assert taught.submission(made, taught.ana)["score"] == 6.0


def test_unpublished_assignments_fail_the_job(taught: Taught) -> None:
    made = taught.assignment(published=False)
    _, ended = update(taught, "", {str(made["id"]): {str(taught.ana): {"posted_grade": "1"}}})
    assert ended["message"] == (
        f"Some assignments are either not published or deleted and can not be graded '{made['id']}'"
    )


def test_students_elsewhere_are_not_found(taught: Taught) -> None:
    made = taught.assignment()
    path = f"/api/v1/sections/sis_section_id:S1/assignments/{made['id']}/submissions/update_grades"
    grades = {str(taught.ana): {"posted_grade": "3"}, str(taught.cai): {"posted_grade": "4"}}
    queued = taught.ok("POST", path, json={"grade_data": grades})
    assert (queued["context_type"], queued["context_id"]) == ("Course", taught.course.id)
    seen = taught.ok("GET", f"/api/v1/progress/{queued['id']}", token=taught.token(taught.ben))
    assert seen["message"] == f"Couldn't find User(s) with API ids '{taught.cai}'"
    scores = [taught.submission(made, one)["score"] for one in (taught.ana, taught.cai)]
    assert scores == [3.0, None]


def test_who_has_that_score_already_is_not_graded_again(taught: Taught) -> None:
    made = taught.assignment()
    path = f"/assignments/{made['id']}/submissions/update_grades"

    def grade(**given: Any) -> tuple[float | None, str]:
        taught.ok("POST", path, json={"grade_data": {str(taught.ana): given}})
        row = taught.submission(made, taught.ana)
        return row["score"], row["graded_at"]

    first = grade(posted_grade="5")
    taught.canvas.advance(60)
    assert grade(posted_grade="25%") == first
    assert grade(posted_grade="6") == (6.0, "2026-09-01T06:01:00Z")
    taught.canvas.advance(60)
    assert grade(excuse=True) == (None, "2026-09-01T06:02:00Z")
    taught.canvas.advance(60)
    assert grade(excuse=True) == (None, "2026-09-01T06:02:00Z")


def test_a_cancelled_job_shows_as_failed_with_the_callers_message(taught: Taught) -> None:
    made = taught.assignment()
    queued, _ = update(taught, f"/assignments/{made['id']}", {str(taught.ana): {}})
    path = f"/api/v1/progress/{queued['id']}"
    shown = taught.ok("POST", f"{path}/cancel", json={"message": "Too late"})
    assert (shown["workflow_state"], shown["message"]) == ("failed", "Too late")
    assert taught.ok("GET", path) == shown
