"""New Quizzes: assignments of an external tool, behind an API of their own. Source: 6.5."""

from typing import Any

from homeroom.mocks.canvas import errors, ids, params
from homeroom.mocks.canvas.gradebook import making, sis_rules
from homeroom.mocks.canvas.gradebook.assignment_form import (
    apply_assignment,
    check_assignment,
    read_assignment,
)
from homeroom.mocks.canvas.gradebook.book import CourseBook
from homeroom.mocks.canvas.operations.assignments import open_course, require_manager
from homeroom.mocks.canvas.pagination import paged
from homeroom.mocks.canvas.shapes.quiz import new_quiz_json
from homeroom.mocks.canvas.store import Assignment, Course
from homeroom.mocks.canvas.world import CanvasWorld
from homeroom.mocks.harness.request import Answer

# post_to_sis is not among them: it is set on the assignment.
_SHARED = ("title", "points_possible", "due_at", "lock_at", "unlock_at", "grading_type",
           "assignment_group_id")  # fmt: skip


def _quiz_of(assignment_id: str, course: Course) -> Assignment:
    assignment = ids.get_assignment(assignment_id, course)
    if not assignment.is_quiz_lti:
        raise errors.not_found()
    return assignment


def _read(
    world: CanvasWorld, book: CourseBook, held: Assignment | None
) -> tuple[dict[str, Any], dict[str, Any]]:
    given = params.group("quiz")
    shared = {name: given[name] for name in _SHARED if name in given}
    if "instructions" in given:
        shared["description"] = given["instructions"]
    changes = read_assignment(world, book, shared, held)
    settings = given.get("quiz_settings")
    if isinstance(settings, dict):
        changes["extra"] = {"quiz_settings": settings}
    published = params.to_flag(given.get("published"))
    if published is not None:
        changes["published"] = published
    return given, changes


async def list_new_quizzes(course_id: str) -> Answer:
    """Answer listNewQuizzes."""
    _, _, sees, book = open_course(course_id)
    quizzes = [
        one
        for one in book.assignments()
        if one.is_quiz_lti and (sees.manages or one.workflow_state == "published")
    ]
    return paged(quizzes, new_quiz_json)


async def get_new_quiz(course_id: str, assignment_id: str) -> Answer:
    """Answer getNewQuiz."""
    _, course, _, _ = open_course(course_id)
    return new_quiz_json(_quiz_of(assignment_id, course))


async def create_new_quiz(course_id: str) -> Answer:
    """Answer createNewQuiz."""
    world, course, _, book = open_course(course_id)
    require_manager(course)
    given, changes = _read(world, book, None)
    if params.to_text(given.get("title")) is None:
        raise errors.missing_parameter("quiz")
    changes |= {"submission_types": ("external_tool",), "is_quiz_lti": True}
    changes.setdefault("published", False)
    changes.setdefault("post_to_sis", sis_rules.default_post_to_sis(world, course))
    check_assignment(world, book, changes, None)
    return new_quiz_json(making.add_assignment(world, course, changes))


async def update_new_quiz(course_id: str, assignment_id: str) -> Answer:
    """Answer updateNewQuiz."""
    world, course, _, book = open_course(course_id)
    require_manager(course)
    assignment = _quiz_of(assignment_id, course)
    _, changes = _read(world, book, assignment)
    check_assignment(world, book, changes, assignment)
    apply_assignment(assignment, changes, at=world.now())
    return new_quiz_json(assignment)


async def delete_new_quiz(course_id: str, assignment_id: str) -> Answer:
    """Answer deleteNewQuiz."""
    world, course, _, _ = open_course(course_id)
    require_manager(course)
    assignment = _quiz_of(assignment_id, course)
    making.delete_assignment(world, assignment)
    return new_quiz_json(assignment)
