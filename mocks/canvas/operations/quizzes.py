"""Classic quizzes: those that count own an assignment."""

from typing import Any

from homeroom.mocks.canvas import errors, params
from homeroom.mocks.canvas.gradebook import making, sis_rules
from homeroom.mocks.canvas.gradebook.assignment_form import (
    apply_assignment,
    check_assignment,
    read_assignment,
)
from homeroom.mocks.canvas.gradebook.book import CourseBook
from homeroom.mocks.canvas.operations.assignments import open_course, require_manager
from homeroom.mocks.canvas.pagination import paged
from homeroom.mocks.canvas.shapes.quiz import quiz_json
from homeroom.mocks.canvas.store import Assignment, Course, Quiz
from homeroom.mocks.canvas.world import CanvasWorld
from homeroom.mocks.harness.request import Answer

QUIZ_TYPES = ("practice_quiz", "assignment", "graded_survey", "survey")
_SHARED = ("title", "description", "points_possible", "due_at", "lock_at", "unlock_at",
           "assignment_group_id", "post_to_sis", "only_visible_to_overrides")  # fmt: skip
_EXTRA_FLAGS = ("shuffle_answers", "show_correct_answers", "one_question_at_a_time",
                "cant_go_back", "one_time_results",
                "show_correct_answers_last_attempt")  # fmt: skip
_EXTRA_TEXTS = ("hide_results", "access_code", "ip_filter")


def quiz_of(course: Course, quiz_id: str) -> Quiz:
    """Return a course's quiz that is not deleted; raises Canvas's 404."""
    for quiz in course.quizzes:
        if str(quiz.id) == quiz_id.strip() and quiz.workflow_state != "deleted":
            return quiz
    raise errors.not_found()


async def list_quizzes(course_id: str) -> Answer:
    """Answer listQuizzes; students see the published ones."""
    world, course, sees, book = open_course(course_id)
    wanted = (params.text("search_term") or "").lower()
    quizzes = [
        one
        for one in course.quizzes
        if one.workflow_state != "deleted"
        and (sees.manages or one.workflow_state == "available")
        and wanted in one.title.lower()
    ]
    return paged(quizzes, lambda one: quiz_json(world, book, one, sees))


async def get_quiz(course_id: str, id_: str) -> Answer:
    """Answer getQuiz."""
    world, course, sees, book = open_course(course_id)
    quiz = quiz_of(course, id_)
    if not sees.manages and quiz.workflow_state != "available":
        raise errors.not_found()
    return quiz_json(world, book, quiz, sees)


async def create_quiz(course_id: str) -> Answer:
    """Answer createQuiz: unpublished unless told otherwise; graded by default."""
    world, course, sees, book = open_course(course_id)
    require_manager(course)
    given = params.required_group("quiz")
    quiz_type = _quiz_type(given) or "assignment"
    changes = _read(world, book, given, None)
    changes.setdefault("title", "Unnamed Quiz")
    changes.setdefault("post_to_sis", sis_rules.default_post_to_sis(world, course))
    published = bool(params.to_flag(given.get("published")))
    assignment: Assignment | None = None
    if quiz_type in making.GRADED_QUIZ_TYPES:
        wished = {**changes, "submission_types": ("online_quiz",), "published": published}
        check_assignment(world, book, wished, None)
        assignment = making.add_assignment(world, course, wished)
    quiz = making.add_quiz(
        world, course, title=changes["title"], quiz_type=quiz_type, assignment=assignment
    )
    _apply(world, quiz, given, changes, published=published)
    return quiz_json(world, book, quiz, sees)


def _quiz_type(given: dict[str, Any]) -> str | None:
    quiz_type = params.to_text(given.get("quiz_type"))
    if quiz_type is not None and quiz_type not in QUIZ_TYPES:
        raise errors.invalid_fields({"invalid_quiz_type": "Quiz type is not valid"})
    return quiz_type


def _read(
    world: CanvasWorld, book: CourseBook, given: dict[str, Any], held: Assignment | None
) -> dict[str, Any]:
    return read_assignment(
        world, book, {name: given[name] for name in _SHARED if name in given}, held
    )


def _apply(
    world: CanvasWorld,
    quiz: Quiz,
    given: dict[str, Any],
    changes: dict[str, Any],
    *,
    published: bool | None,
) -> None:
    for name in ("title", "description", "points_possible", "due_at", "lock_at", "unlock_at"):
        if name in changes:
            setattr(quiz, name, changes[name])
    if published is not None:
        quiz.workflow_state = "available" if published else "unpublished"
    for name in _EXTRA_FLAGS:
        if name in given:
            quiz.extra[name] = bool(params.to_flag(given[name]))
    if "time_limit" in given:
        quiz.extra["time_limit"] = params.to_integer(given["time_limit"])
    attempts = params.to_integer(given.get("allowed_attempts"))
    if attempts is not None:
        quiz.extra["allowed_attempts"] = attempts
    policy = params.to_text(given.get("scoring_policy"))
    if policy is not None:
        quiz.extra["scoring_policy"] = policy
    for name in _EXTRA_TEXTS:
        if name in given:
            quiz.extra[name] = params.to_text(given[name])
    quiz.extra["version_number"] = quiz.extra.get("version_number", -1) + 1
    quiz.updated_at = world.now()


async def update_quiz(course_id: str, id_: str) -> Answer:
    """Answer updateQuiz; one that begins to count gets an assignment, one that stops loses it."""
    world, course, sees, book = open_course(course_id)
    require_manager(course)
    quiz = quiz_of(course, id_)
    given = params.group("quiz")
    held = None if quiz.assignment_id is None else world.store.assignments.get(quiz.assignment_id)
    quiz_type = _quiz_type(given) or quiz.quiz_type
    changes = _read(world, book, given, held)
    _count_questions(quiz, changes)
    published = params.to_flag(given.get("published"))
    now_published = quiz.workflow_state == "available" if published is None else published
    if quiz_type in making.GRADED_QUIZ_TYPES:
        wished = {**changes, "submission_types": ("online_quiz",)}
        if published is not None or held is None:
            wished["published"] = now_published
        check_assignment(world, book, wished, held)
        if held is None:
            wished.setdefault("title", quiz.title)
            held = making.add_assignment(world, course, wished)
            held.quiz_id, quiz.assignment_id = quiz.id, held.id
        else:
            apply_assignment(held, wished, at=world.now())
    elif held is not None:
        held.quiz_id, quiz.assignment_id = None, None
        making.delete_assignment(world, held)
    quiz.quiz_type = quiz_type
    _apply(world, quiz, given, changes, published=published)
    return quiz_json(world, book, quiz, sees)


def _count_questions(quiz: Quiz, changes: dict[str, Any]) -> None:
    """Let a quiz that is saved learn of its questions: how many, and worth how much."""
    questions: list[dict[str, Any]] = quiz.extra.get("questions", [])
    if not questions:
        return
    alone = [one for one in questions if one["quiz_group_id"] is None]
    groups: list[dict[str, Any]] = quiz.extra.get("question_groups", [])
    quiz.extra["question_count"] = len(alone) + sum(one["pick_count"] for one in groups)
    changes["points_possible"] = float(
        sum(one["points_possible"] for one in alone)
        + sum(one["pick_count"] * one["question_points"] for one in groups)
    )


async def delete_quiz(course_id: str, id_: str) -> Answer:
    """Answer deleteQuiz; its assignment goes with it."""
    world, course, sees, book = open_course(course_id)
    require_manager(course)
    quiz = quiz_of(course, id_)
    quiz.workflow_state = "deleted"
    if quiz.assignment_id is not None:
        making.delete_assignment(world, world.store.assignments.get(quiz.assignment_id))
    return quiz_json(world, book, quiz, sees)
