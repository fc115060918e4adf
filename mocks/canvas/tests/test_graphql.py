"""The four mutations that REST lacks, and the log of grade changes. canvas-rest-api.md 7.2, 7.6."""

from typing import Any

import pytest

from homeroom.mocks.canvas.graphql_query import GraphQLError, parse_document
from homeroom.mocks.canvas.tests.taught import COURSE, Taught


def run(taught: Taught, query: str, **variables: Any) -> Any:
    body = {"query": query, "variables": variables}
    return taught.ok("POST", "/api/graphql", json=body)


def post(taught: Taught, name: str, assignment: Any, more: str = "") -> Any:
    return run(
        taught,
        f"mutation($id: ID!) {{ {name}(input: {{assignmentId: $id{more}}})"
        " { progress { _id state } errors { attribute message } } }",
        id=str(assignment["id"]),
    )


def policy(taught: Taught, assignment: Any, manually: str) -> Any:
    return run(
        taught,
        "mutation($id: ID!) { setAssignmentPostPolicy(input: {assignmentId: $id, postManually: "
        + manually
        + "}) { postPolicy { postManually assignment { _id } } } }",
        id=assignment["id"],
    )


def override(taught: Taught, score: float | None) -> Any:
    (seat,) = taught.canvas.get(f"{COURSE}/enrollments", user_id=taught.ana)
    return run(
        taught,
        "mutation Final($id: ID!, $score: Float) { setOverrideScore(input: {enrollmentId: $id,"
        " overrideScore: $score}) { grades { overrideScore } errors { message } } }",
        id=str(seat["id"]),
        score=score,
    )


def test_the_policy_makes_grades_wait_for_posting(taught: Taught) -> None:
    made = taught.assignment()
    answer = policy(taught, made, "true")
    assert answer == {
        "data": {
            "setAssignmentPostPolicy": {
                "postPolicy": {"postManually": True, "assignment": {"_id": str(made["id"])}}
            }
        }
    }
    assert taught.grade(made, taught.ana, "10")["posted_at"] is None
    grades = taught.grades(taught.ana)
    assert (grades["current_score"], grades["unposted_current_score"]) == (None, 50.0)
    assert taught.ok("GET", f"/assignments/{made['id']}")["muted"] is True


def test_posting_shows_and_hiding_hides(taught: Taught) -> None:
    made = taught.assignment(anonymous_grading=True)
    taught.grade(made, taught.ana, "10")
    answer = post(taught, "postAssignmentGrades", made, ", gradedOnly: true")
    progress = answer["data"]["postAssignmentGrades"]["progress"]
    assert (progress["state"], taught.grades(taught.ana)["current_score"]) == ("completed", 50.0)
    assert taught.ok("GET", f"/api/v1/progress/{progress['_id']}")["tag"] == (
        "post_assignment_grades"
    )
    assert taught.submission(made, taught.cai)["posted_at"] is None
    post(taught, "hideAssignmentGrades", made)
    assert taught.submission(made, taught.ana)["posted_at"] is None
    assert taught.grades(taught.ana)["current_score"] is None


def test_anonymous_work_must_be_posted_by_hand(taught: Taught) -> None:
    made = taught.assignment(anonymous_grading=True)
    answer = policy(taught, made, "false")
    assert answer == {"errors": [{"message": "Anonymous assignments must manually post"}]}


def test_an_override_shows_only_when_set(taught: Taught) -> None:
    taught.grade(taught.assignment(), taught.ana, "10")
    assert "override_score" not in taught.grades(taught.ana)
    answer = override(taught, 91.5)
    assert answer["data"]["setOverrideScore"] == {
        "grades": {"overrideScore": 91.5},
        "errors": None,
    }
    grades = taught.grades(taught.ana)
    assert (grades["override_score"], grades["current_score"]) == (91.5, 50.0)
    assert "override_grade" not in grades
    override(taught, None)
    assert "override_score" not in taught.grades(taught.ana)


def test_students_see_the_override_as_their_grade(taught: Taught) -> None:
    taught.grade(taught.assignment(), taught.ana, "10")
    override(taught, 91.5)
    (seat,) = taught.ok("GET", f"/enrollments?user_id={taught.ana}", token=taught.token(taught.ana))
    assert (seat["grades"]["final_score"], seat["grades"]["current_score"]) == (91.5, 91.5)


def test_students_see_no_totals_where_the_course_hides_them(taught: Taught) -> None:
    taught.grade(taught.assignment(), taught.ana, "10")
    taught.ok("PUT", "", json={"course": {"hide_final_grades": True}})
    (seat,) = taught.ok("GET", f"/enrollments?user_id={taught.ana}", token=taught.token(taught.ana))
    assert list(seat["grades"]) == ["html_url"]
    assert taught.grades(taught.ana)["final_score"] == 50.0


def test_any_other_field_is_refused_by_name(taught: Taught) -> None:
    answer = run(taught, "mutation { createCourse(input: {}) { course { _id } } }")
    assert "createCourse" in answer["errors"][0]["message"]
    answer = run(taught, "{ course(id: 1) { name } }")
    assert answer["errors"][0]["message"].startswith("query course is not imitated")


def test_those_who_may_not_grade_find_no_assignment(taught: Taught) -> None:
    made = taught.assignment()
    query = (
        "mutation($id: ID!) { hideAssignmentGrades(input: {assignmentId: $id})"
        " { errors { message } } }"
    )
    body = {"query": query, "variables": {"id": made["id"]}}
    answer = taught.ok("POST", "/api/graphql", json=body, token=taught.token(taught.ana))
    assert answer == {"errors": [{"message": "An assignment with that id does not exist"}]}


@pytest.mark.parametrize(
    "text",
    ["", "mutation {", "mutation { a(", "{ a { ...F } }", "nonsense { a }", "{" * 40, '{ a(b: "'],
)
def test_broken_documents_are_refused(text: str) -> None:
    with pytest.raises(GraphQLError):
        parse_document(text, {}, None)


def test_strings_lists_and_objects_are_read() -> None:
    (field,) = parse_document(
        r'mutation M { x: f(a: "q\"\u00e9\n", b: [1, -2.5, null, true], c: {d: E}) }', {}, "M"
    ).selection
    assert (field.alias, field.name) == ("x", "f")
    assert field.arguments == {"a": 'q"\u00e9\n', "b": [1, -2.5, None, True], "c": {"d": "E"}}


# -- the log -----------------------------------------------------------------------------------


def log(taught: Taught, path: str) -> list[Any]:
    events: list[Any] = taught.ok("GET", f"/api/v1/audit/grade_change{path}")["events"]
    return events


def test_every_change_is_logged_newest_first(taught: Taught) -> None:
    made = taught.assignment()
    taught.grade(made, taught.ana, "10")
    taught.grade(made, taught.ana, "12.5")
    taught.grade(made, taught.ana, "12.5")
    newest, oldest = log(taught, f"/students/{taught.ana}")
    assert (oldest["grade_before"], oldest["grade_after"], oldest["grade_current"]) == (
        None, "10", "12.5",
    )  # fmt: skip
    assert (newest["grade_before"], newest["grade_after"]) == ("10", "12.5")
    assert newest["links"] == {
        "assignment": made["id"], "course": taught.course.id, "student": str(taught.ana),
        "grader": "1", "page_view": None,
    }  # fmt: skip
    assert "course_override_grade" not in newest


def test_overrides_are_logged_without_an_assignment(taught: Taught) -> None:
    override(taught, 88.0)
    (event,) = log(taught, f"/courses/{taught.course.id}")
    assert (event["course_override_grade"], event["grade_after"]) == (True, "88%")
    assert "assignment" not in event["links"]


def test_conditions_combine_and_one_is_needed(taught: Taught) -> None:
    made = taught.assignment()
    taught.grade(made, taught.ana, "10")
    taught.grade(made, taught.cai, "11")
    query = f"?assignment_id={made['id']}&student_id={taught.cai}"
    assert [one["grade_after"] for one in log(taught, query)] == ["11"]
    path = f"/courses/{taught.course.id}/assignments/{made['id']}/students/{taught.ana}"
    assert [one["grade_after"] for one in log(taught, path)] == ["10"]
    assert log(taught, f"/graders/{taught.ben}") == []
    assert log(taught, f"/assignments/{made['id']}?end_time=2026-08-01T00:00:00Z") == []
    assert taught.refused("GET", "/api/v1/audit/grade_change")[0] == 400


def test_the_gradebooks_history_is_told_by_day_and_by_version(taught: Taught) -> None:
    made = taught.assignment()
    taught.grade(made, taught.ana, "10")
    taught.canvas.advance(86_400)
    taught.grade(made, taught.ana, "12")
    days = taught.ok("GET", "/gradebook_history/days")
    grader = {"id": 1, "name": "Homeroom Admin", "assignments": [made["id"]]}
    assert days == [
        {"date": "2026-09-02", "graders": [grader]},
        {"date": "2026-09-01", "graders": [grader]},
    ]
    assert taught.ok("GET", "/gradebook_history/2026-09-01") == [grader]
    feed = taught.ok("GET", "/gradebook_history/feed")
    assert [(one["previous_grade"], one["new_grade"]) for one in feed] == [
        ("10", "12"),
        (None, "10"),
    ]
    (found,) = taught.ok(
        "GET", f"/gradebook_history/2026-09-02/graders/1/assignments/{made['id']}/submissions"
    )
    assert [one["new_grade"] for one in found["versions"]] == ["12"]
