"""Classic quizzes and New Quizzes. Source: canvas-rest-api.md 6.5; keys seen in recordings."""

from typing import Any

from homeroom.mocks.canvas.gradebook import counts
from homeroom.mocks.canvas.gradebook.book import CourseBook
from homeroom.mocks.canvas.gradebook.making import GRADED_QUIZ_TYPES
from homeroom.mocks.canvas.shapes.assignment import all_dates
from homeroom.mocks.canvas.shapes.common import Sight, origin, when
from homeroom.mocks.canvas.store import Assignment, Quiz
from homeroom.mocks.canvas.world import CanvasWorld

_PERMISSIONS = ("read", "submit", "create", "manage", "update", "grade", "review_grades",
                "read_statistics", "delete", "preview", "manage_assign_to")  # fmt: skip


def quiz_json(world: CanvasWorld, book: CourseBook, quiz: Quiz, sees: Sight) -> dict[str, Any]:
    """Write a classic quiz."""
    extra = quiz.extra
    page = f"{origin()}/courses/{quiz.course_id}/quizzes/{quiz.id}"
    api = f"{origin()}/api/v1/courses/{quiz.course_id}/quizzes/{quiz.id}"
    assignment = _assignment(world, quiz)
    submitted = assignment is not None and counts.has_submitted(assignment)
    shown: dict[str, Any] = {
        "id": quiz.id,
        "title": quiz.title,
        "html_url": page,
        "mobile_url": f"{page}?force_user=1&persist_headless=1",
        "description": quiz.description,
        "quiz_type": quiz.quiz_type,
        "time_limit": extra.get("time_limit"),
        "timer_autosubmit_disabled": False,
        "shuffle_answers": extra.get("shuffle_answers", False),
        "show_correct_answers": extra.get("show_correct_answers", True),
        "scoring_policy": extra.get("scoring_policy", "keep_highest"),
        "allowed_attempts": extra.get("allowed_attempts", 1),
        "one_question_at_a_time": extra.get("one_question_at_a_time", False),
        "question_count": extra.get("question_count", 0),
        "points_possible": quiz.points_possible,
        "cant_go_back": extra.get("cant_go_back", False),
        "ip_filter": extra.get("ip_filter"),
        "due_at": when(quiz.due_at),
        "lock_at": when(quiz.lock_at),
        "unlock_at": when(quiz.unlock_at),
        "published": quiz.workflow_state == "available",
        "unpublishable": not submitted,
        "can_unpublish": not submitted,
        "locked_for_user": False,
        "hide_results": extra.get("hide_results"),
        "show_correct_answers_at": extra.get("show_correct_answers_at"),
        "hide_correct_answers_at": extra.get("hide_correct_answers_at"),
        "can_update": sees.manages,
        "require_lockdown_browser": False,
        "require_lockdown_browser_for_results": False,
        "require_lockdown_browser_monitor": False,
        "lockdown_browser_monitor_data": None,
        "speed_grader_url": _speed_grader(quiz, assignment, sees),
        "permissions": {
            **{name: sees.manages or name == "read" for name in _PERMISSIONS},
            "view_answer_audits": False,
        },
        "quiz_reports_url": f"{api}/reports",
        "quiz_statistics_url": f"{api}/statistics",
        "important_dates": False,
        "message_students_url": f"{api}/submission_users/message",
        "quiz_submission_versions_html_url": f"{page}/submission_versions",
        "section_count": sum(s.workflow_state != "deleted" for s in book.course.sections),
        "access_code": extra.get("access_code"),
        "has_access_code": bool(extra.get("access_code")),
        "post_to_sis": None if assignment is None else assignment.post_to_sis,
        "version_number": extra.get("version_number", 0),
        "assignment_id": quiz.assignment_id,
        "assignment_group_id": None if assignment is None else assignment.assignment_group_id,
        "one_time_results": extra.get("one_time_results", False),
        "show_correct_answers_last_attempt": extra.get("show_correct_answers_last_attempt", False),
        "migration_id": None,
        "in_paced_course": False,
        "anonymous_submissions": False,
    }
    return shown | _visibility(book, quiz, assignment)


def _assignment(world: CanvasWorld, quiz: Quiz) -> Assignment | None:
    if quiz.assignment_id is None or quiz.quiz_type not in GRADED_QUIZ_TYPES:
        return None
    return world.store.assignments.get(quiz.assignment_id)


def _visibility(book: CourseBook, quiz: Quiz, assignment: Assignment | None) -> dict[str, Any]:
    only = assignment is not None and assignment.only_visible_to_overrides
    dates: dict[str, Any] = {
        "all_dates": [
            {
                "due_at": when(quiz.due_at),
                "unlock_at": when(quiz.unlock_at),
                "lock_at": when(quiz.lock_at),
                "base": True,
                "title": "Everyone",
            }
        ]
    }
    if assignment is not None:
        dates = {"all_dates": all_dates(book, assignment).get("all_dates", [])}
    return {**dates, "only_visible_to_overrides": only, "visible_to_everyone": not only}


def _speed_grader(quiz: Quiz, assignment: Assignment | None, sees: Sight) -> str | None:
    if assignment is None or assignment.workflow_state != "published" or not sees.all_grades:
        return None
    return (
        f"{origin()}/courses/{quiz.course_id}/gradebook/speed_grader?assignment_id={assignment.id}"
    )


def new_quiz_json(assignment: Assignment) -> dict[str, Any]:
    """Write a New Quiz; its id is its assignment's."""
    return {
        "id": assignment.id,
        "title": assignment.title,
        "instructions": assignment.description,
        "assignment_group_id": assignment.assignment_group_id,
        "points_possible": assignment.points_possible,
        "due_at": when(assignment.due_at),
        "lock_at": when(assignment.lock_at),
        "unlock_at": when(assignment.unlock_at),
        "published": assignment.workflow_state == "published",
        "grading_type": assignment.grading_type,
        "quiz_settings": assignment.extra.get("quiz_settings", {}),
    }
