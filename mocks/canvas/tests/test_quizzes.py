"""Quizzes and discussions as assignments, row by row of canvas-rest-api.md 6.4 and 6.5."""

from typing import Any

import pytest

from homeroom.mocks.canvas.tests.taught import Taught

NEW = "/api/quiz/v1/courses/sis_course_id:C1/quizzes"


def assignments(taught: Taught) -> list[tuple[str, list[str], bool]]:
    return [
        (one["name"], one["submission_types"], one["published"])
        for one in taught.ok("GET", "/assignments")
    ]


@pytest.mark.parametrize("quiz_type", ["assignment", "graded_survey"])
def test_a_quiz_that_counts_owns_an_assignment(taught: Taught, quiz_type: str) -> None:
    quiz = {"title": "Unit 1", "quiz_type": quiz_type, "due_at": "2026-09-10T00:00:00Z"}
    made = taught.ok("POST", "/quizzes", json={"quiz": quiz})
    owned = taught.ok("GET", f"/assignments/{made['assignment_id']}")
    assert (owned["quiz_id"], owned["is_quiz_assignment"], owned["submission_types"]) == (
        made["id"], True, ["online_quiz"],
    )  # fmt: skip
    assert (owned["name"], owned["due_at"], made["post_to_sis"]) == (
        "Unit 1", "2026-09-10T00:00:00Z", False,
    )  # fmt: skip


@pytest.mark.parametrize("quiz_type", ["practice_quiz", "survey"])
def test_a_quiz_that_does_not_count_owns_none(taught: Taught, quiz_type: str) -> None:
    made = taught.ok("POST", "/quizzes", json={"quiz": {"title": "P", "quiz_type": quiz_type}})
    assert (made["assignment_id"], made["post_to_sis"], assignments(taught)) == (None, None, [])


def test_publishing_a_quiz_publishes_its_assignment_and_back(taught: Taught) -> None:
    made = taught.ok("POST", "/quizzes", json={"quiz": {"title": "Unit 1"}})
    taught.ok("PUT", f"/quizzes/{made['id']}", json={"quiz": {"published": True, "title": "U1"}})
    assert assignments(taught) == [("U1", ["online_quiz"], True)]
    path = f"/assignments/{made['assignment_id']}"
    taught.ok("PUT", path, json={"assignment": {"published": False, "post_to_sis": True}})
    shown = taught.ok("GET", f"/quizzes/{made['id']}")
    assert (shown["published"], shown["post_to_sis"]) == (False, True)


def test_a_quiz_that_stops_counting_loses_its_assignment(taught: Taught) -> None:
    made = taught.ok("POST", "/quizzes", json={"quiz": {"title": "Unit 1"}})
    taught.ok("PUT", f"/quizzes/{made['id']}", json={"quiz": {"quiz_type": "practice_quiz"}})
    assert assignments(taught) == []


def test_deleting_a_quiz_deletes_its_assignment(taught: Taught) -> None:
    made = taught.ok("POST", "/quizzes", json={"quiz": {"title": "Unit 1"}})
    taught.ok("DELETE", f"/quizzes/{made['id']}")
    assert (assignments(taught), taught.ok("GET", "/quizzes")) == ([], [])


def test_a_graded_discussion_embeds_its_assignment(taught: Taught) -> None:
    topic = {"title": "Talk", "message": "<p>Hi</p>", "published": True,
             "assignment": {"points_possible": 5, "post_to_sis": True}}  # fmt: skip
    made = taught.ok("POST", "/discussion_topics", json=topic)
    assert made["assignment"]["id"] == made["assignment_id"]
    assert made["assignment"]["points_possible"] == 5.0
    owned = taught.ok("GET", f"/assignments/{made['assignment_id']}")
    assert (owned["submission_types"], owned["post_to_sis"]) == (["discussion_topic"], True)
    assert owned["discussion_topic"]["id"] == made["id"]
    assert "assignment" not in owned["discussion_topic"]


def test_a_discussion_is_changed_from_either_side(taught: Taught) -> None:
    made = taught.ok(
        "POST", "/discussion_topics", json={"title": "Talk", "assignment": {"points_possible": 5}}
    )
    changed = {"title": "Speak", "assignment": {"points_possible": 6}}
    taught.ok("PUT", f"/discussion_topics/{made['id']}", json=changed)
    path = f"/assignments/{made['assignment_id']}"
    shown = taught.ok("GET", path)
    assert (shown["name"], shown["points_possible"]) == ("Speak", 6.0)
    taught.ok("PUT", path, json={"assignment": {"name": "Sing"}})
    assert taught.ok("GET", f"/discussion_topics/{made['id']}")["title"] == "Sing"


def test_an_ungraded_discussion_has_no_assignment(taught: Taught) -> None:
    made = taught.ok("POST", "/discussion_topics", json={"title": "Talk"})
    assert (made["assignment_id"], "assignment" in made) == (None, False)


def test_a_new_quiz_is_an_assignment_of_an_external_tool(taught: Taught) -> None:
    made = taught.ok("POST", NEW, json={"quiz": {"title": "NQ", "points_possible": 7}})
    owned = taught.ok("GET", f"/assignments/{made['id']}")
    assert owned["is_quiz_lti_assignment"] is True
    assert (owned["submission_types"], owned["frozen_attributes"]) == (
        ["external_tool"], ["submission_types"],
    )  # fmt: skip
    taught.ok("PATCH", f"{NEW}/{made['id']}", json={"quiz": {"published": True}})
    assert taught.ok("GET", NEW)[0]["published"] is True
    taught.ok("DELETE", f"{NEW}/{made['id']}")
    assert taught.refused("GET", f"{NEW}/{made['id']}")[0] == 404


def create(taught: Taught, made: Any, **fields: Any) -> tuple[int, Any]:
    reply = taught.call(
        "POST", f"/assignments/{made['id']}/overrides", json={"assignment_override": fields}
    )
    return reply.status, reply.json()


def test_an_override_is_of_exactly_one_kind(taught: Taught) -> None:
    made = taught.assignment()
    section = taught.canvas.section("S1").id
    refused = (400, {"errors": ["one of student_ids, group_id, or course_section_id is required"]})
    assert create(taught, made, title="None") == refused
    both = create(taught, made, student_ids=[taught.ana], course_section_id=section)
    assert both == refused


def test_an_override_shows_only_the_dates_it_overrides(taught: Taught) -> None:
    made = taught.assignment()
    section = taught.canvas.section("S1").id
    status, shown = create(taught, made, course_section_id=section, due_at="2026-09-11T03:59:00Z")
    assert (status, shown) == (
        201,
        {"id": 1, "assignment_id": made["id"], "title": "Algebra 1", "unassign_item": False,
         "due_at": "2026-09-11T03:59:00Z", "all_day": False, "all_day_date": "2026-09-10",
         "course_section_id": section},
    )  # fmt: skip
    path = f"/assignments/{made['id']}/overrides/1"
    changed = taught.ok("PUT", path, json={"assignment_override": {"lock_at": None}})
    assert changed.keys() & {"due_at", "lock_at"} == {"lock_at"}


def test_a_sections_override_is_found_by_redirection(taught: Taught) -> None:
    made = taught.assignment()
    section = taught.canvas.section("S1").id
    create(taught, made, course_section_id=section)
    reply = taught.call("GET", f"/api/v1/sections/{section}/assignments/{made['id']}/override")
    assert (reply.status, reply.headers["location"]) == (
        302,
        f"http://sis.test/api/v1/courses/{taught.course.id}/assignments/{made['id']}/overrides/1",
    )


def test_cross_listing_a_section_destroys_its_overrides(taught: Taught) -> None:
    made = taught.assignment()
    create(taught, made, course_section_id=taught.canvas.section("S1").id)
    taught.ok("POST", "/api/v1/sections/sis_section_id:S1/crosslist/sis_course_id:C2")
    assert taught.ok("GET", f"/assignments/{made['id']}/overrides") == []


def test_a_quiz_learns_of_its_questions_when_it_is_saved(taught: Taught) -> None:
    made = taught.ok("POST", "/quizzes", json={"quiz": {"title": "Unit 1"}})
    path = f"/quizzes/{made['id']}"
    alone = {"question_type": "essay_question", "points_possible": 4}
    taught.ok("POST", f"{path}/questions", json={"question": alone})
    (group,) = taught.ok(
        "POST",
        f"{path}/groups",
        json={"quiz_groups": [{"name": "G", "pick_count": 2, "question_points": 3}]},
    )["quiz_groups"]
    picked = {"question_type": "short_answer_question", "quiz_group_id": group["id"]}
    taught.ok("POST", f"{path}/questions", json={"question": picked})
    shown = taught.ok("GET", path)
    assert (shown["question_count"], shown["points_possible"]) == (0, 0.0)
    shown = taught.ok("PUT", path, json={"quiz": {"published": True}})
    assert (shown["question_count"], shown["points_possible"]) == (3, 10.0)
    owned = taught.ok("GET", f"/assignments/{made['assignment_id']}")
    assert (owned["points_possible"], owned["published"]) == (10.0, True)


def test_a_question_is_read_changed_and_deleted(taught: Taught) -> None:
    made = taught.ok("POST", "/quizzes", json={"quiz": {"title": "Unit 1"}})
    path = f"/quizzes/{made['id']}/questions"
    question = {"question_type": "matching_question",
                "answers": [{"answer_match_left": "a", "answer_match_right": "1"}],
                "matching_answer_incorrect_matches": "2"}  # fmt: skip
    one = taught.ok("POST", path, json={"question": question})
    assert one["matches"] == [{"match_id": 1, "text": "1"}, {"match_id": 2, "text": "2"}]
    taught.ok("PUT", f"{path}/{one['id']}", json={"question": {"question_name": "Pairs"}})
    assert taught.ok("GET", f"{path}/{one['id']}")["question_name"] == "Pairs"
    assert taught.call("DELETE", f"{path}/{one['id']}").status == 204
    assert taught.ok("GET", path) == []
