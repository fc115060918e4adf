"""The gradebook's history: who graded what on which day. Source: canvas-rest-api.md 7.1."""

from typing import Any

from homeroom.mocks.canvas import auth, ids, params
from homeroom.mocks.canvas.gradebook.book import CourseBook
from homeroom.mocks.canvas.gradebook.grade import graded_as
from homeroom.mocks.canvas.pagination import paged
from homeroom.mocks.canvas.shapes.common import when
from homeroom.mocks.canvas.store import Course, GradeChange
from homeroom.mocks.canvas.world import CanvasWorld, current_world
from homeroom.mocks.harness.request import Answer

# A grader whom Canvas does not know, such as the late policy, is shown as this.
NO_GRADER = 0


def _events(course_id: str) -> tuple[CanvasWorld, Course, list[GradeChange]]:
    """Return a course's grade changes, newest first; final grade overrides are none."""
    world = current_world()
    course = ids.get_course(course_id)
    auth.require("view_all_grades", "manage_grades", context=course)
    return (
        world,
        course,
        [
            event
            for event in reversed(world.store.grade_changes)
            if event.course_id == course.id and event.assignment_id is not None
        ],
    )


def _day(event: GradeChange) -> str:
    return event.created_at.date().isoformat()


def _graders(world: CanvasWorld, events: list[GradeChange]) -> list[dict[str, Any]]:
    assignments: dict[int, set[int]] = {}
    for event in events:
        grader = event.grader_id or NO_GRADER
        assignments.setdefault(grader, set()).add(event.assignment_id or 0)
    return [
        {"id": grader, "name": _name(world, grader), "assignments": sorted(found)}
        for grader, found in sorted(assignments.items())
    ]


def _name(world: CanvasWorld, user_id: int | None) -> str | None:
    user = world.store.users.find(user_id or 0)
    return "Graded on submission" if user is None else user.name


async def list_gradebook_history_days(course_id: str) -> Answer:
    """Answer listGradebookHistoryDays, newest first."""
    world, _, events = _events(course_id)
    days = list(dict.fromkeys(map(_day, events)))

    def show(day: str) -> dict[str, Any]:
        mine = [event for event in events if _day(event) == day]
        return {"date": day, "graders": _graders(world, mine)}

    return paged(days, show)


async def get_gradebook_history_day(course_id: str, date: str) -> Answer:
    """Answer getGradebookHistoryDay."""
    world, _, events = _events(course_id)
    mine = [event for event in events if _day(event) == date.strip()]
    return paged(_graders(world, mine), lambda grader: grader)


async def list_gradebook_history_submissions(
    course_id: str, date: str, grader_id: str, assignment_id: str
) -> Answer:
    """Answer listGradebookHistorySubmissions: the versions of each submission on a day."""
    world, course, events = _events(course_id)
    mine = [
        event
        for event in events
        if _day(event) == date.strip()
        and str(event.grader_id or NO_GRADER) == grader_id.strip()
        and str(event.assignment_id) == assignment_id.strip()
    ]
    students = list(dict.fromkeys(event.student_id for event in mine))

    def show(student_id: int) -> dict[str, Any]:
        versions = [
            _version(world, course, event) for event in mine if event.student_id == student_id
        ]
        return {"submission_id": versions[0]["id"], "versions": versions}

    return paged(students, show)


async def list_gradebook_history_feed(course_id: str) -> Answer:
    """Answer listGradebookHistoryFeed: every version, newest first unless asked otherwise."""
    world, course, events = _events(course_id)
    assignment = params.text("assignment_id")
    if assignment is not None:
        events = [event for event in events if str(event.assignment_id) == assignment]
    student = params.text("user_id")
    if student is not None:
        user = ids.get_user(student)
        events = [event for event in events if event.student_id == user.id]
    if params.flag("ascending"):
        events = events[::-1]
    return paged(events, lambda event: _version(world, course, event))


def _version(world: CanvasWorld, course: Course, event: GradeChange) -> dict[str, Any]:
    assignment = world.store.assignments.get(event.assignment_id or 0)
    book = CourseBook(world.store, course, world.now())
    submission = book.find_submission(assignment, event.student_id)
    submission = submission or book.blank_submission(assignment, event.student_id)
    current = graded_as(book, assignment, submission)[0]
    return {
        "id": submission.id,
        "assignment_id": assignment.id,
        "assignment_name": assignment.title,
        "body": submission.body,
        "current_grade": current,
        "current_graded_at": when(submission.graded_at),
        "current_grader": _name(world, submission.grader_id),
        "grade_matches_current_submission": submission.grade_matches_current_submission,
        "graded_at": when(event.created_at),
        "grader": _name(world, event.grader_id),
        "grader_id": event.grader_id,
        "new_grade": event.grade_after,
        "new_graded_at": when(event.created_at),
        "new_grader": _name(world, event.grader_id),
        "previous_grade": event.grade_before,
        "previous_graded_at": None,
        "previous_grader": None,
        "score": None if submission.entered_score is None else float(submission.entered_score),
        "submission_type": submission.submission_type,
        "url": submission.url,
        "user_id": event.student_id,
        "user_name": _name(world, event.student_id),
        "workflow_state": submission.workflow_state,
    }
