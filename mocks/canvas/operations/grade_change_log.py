"""The grade change log. Source: canvas-rest-api.md 7.6."""

from collections.abc import Callable
from typing import Any

from homeroom.mocks.canvas import auth, errors, ids, params
from homeroom.mocks.canvas.gradebook.book import CourseBook
from homeroom.mocks.canvas.gradebook.grade import graded_as
from homeroom.mocks.canvas.pagination import bookmarked
from homeroom.mocks.canvas.shapes.assignment import assignment_json
from homeroom.mocks.canvas.shapes.common import origin, sight, when
from homeroom.mocks.canvas.shapes.course import course_json
from homeroom.mocks.canvas.shapes.user import user_json
from homeroom.mocks.canvas.store import Course, GradeChange
from homeroom.mocks.canvas.world import CanvasWorld, current_world
from homeroom.mocks.harness.request import Answer

NO_CONDITION = "Must specify at least one query condition"
_Test = Callable[[GradeChange], bool]


def _log(
    *,
    course_id: str | None = None,
    assignment_id: str | None = None,
    student_id: str | None = None,
    grader_id: str | None = None,
) -> Answer:
    """Answer the events that meet every condition given, newest first."""
    world = current_world()
    course = ids.get_course(course_id, deleted=True) if course_id is not None else None
    tests: list[_Test] = []
    if assignment_id is not None:
        assignment = ids.get_by_number(world.store.assignments, assignment_id)
        course = course or world.store.courses.get(assignment.course_id)
        tests.append(lambda event: event.assignment_id == assignment.id)
    auth.require("view_grade_changes", "view_all_grades", context=course)
    if course is not None:
        the_course: Course = course
        tests.append(lambda event: event.course_id == the_course.id)
    if student_id is not None:
        student = ids.get_user(student_id)
        tests.append(lambda event: event.student_id == student.id)
    if grader_id is not None:
        grader = ids.get_user(grader_id)
        tests.append(lambda event: event.grader_id == grader.id)
    tests += _time_tests()
    found = [one for one in reversed(world.store.grade_changes) if all(t(one) for t in tests)]
    events, status, headers = bookmarked(
        found, lambda one: one, key=lambda one: -(one.version_number or 0)
    )
    return _envelope(world, events), status, headers


def _time_tests() -> list[_Test]:
    tests: list[_Test] = []
    start = params.to_iso_instant(params.params().get("start_time"))
    end = params.to_iso_instant(params.params().get("end_time"))
    if start is not None:
        tests.append(lambda event: event.created_at >= start)
    if end is not None:
        tests.append(lambda event: event.created_at <= end)
    return tests


def _envelope(world: CanvasWorld, events: list[GradeChange]) -> dict[str, Any]:
    base = f"{origin()}/api/v1"
    return {
        "links": {
            "events.assignment": (
                base + "/courses/{events.course}/assignments/{events.assignment}"
            ),
            "events.course": base + "/courses/{events.course}",
            "events.student": None,
            "events.grader": None,
            "events.page_view": None,
        },
        "events": [_event_json(world, one) for one in events],
        "linked": _linked(world, events),
    }


def _event_json(world: CanvasWorld, event: GradeChange) -> dict[str, Any]:
    links: dict[str, Any] = {
        "course": event.course_id,
        "student": str(event.student_id),
        "grader": None if event.grader_id is None else str(event.grader_id),
        "page_view": None,
    }
    shown: dict[str, Any] = {
        "id": event.id,
        "created_at": when(event.created_at),
        "event_type": "grade_change",
        "grade_before": event.grade_before,
        "grade_after": event.grade_after,
        "grade_current": _grade_now(world, event),
        "excused_before": event.excused_before,
        "excused_after": event.excused_after,
        "graded_anonymously": False,
        "version_number": event.version_number,
        "points_possible_before": event.points_possible_before,
        "points_possible_after": event.points_possible_after,
    }
    if event.assignment_id is None:
        shown["course_override_grade"] = True
    else:
        links["assignment"] = event.assignment_id
    shown["links"] = links
    return shown


def _grade_now(world: CanvasWorld, event: GradeChange) -> str | None:
    if event.assignment_id is None:
        return event.grade_after
    assignment = world.store.assignments.get(event.assignment_id)
    submission = assignment.submissions.get(event.student_id)
    course = world.store.courses.get(assignment.course_id)
    if submission is None:
        return None
    return graded_as(CourseBook(world.store, course, world.now()), assignment, submission)[0]


def _linked(world: CanvasWorld, events: list[GradeChange]) -> dict[str, Any]:
    store, now = world.store, world.now()
    course_ids = sorted({one.course_id for one in events})
    courses = {one: store.courses.get(one) for one in course_ids}
    people = {one.student_id for one in events}
    people |= {one.grader_id for one in events if one.grader_id is not None}
    assignments = sorted({one.assignment_id for one in events if one.assignment_id is not None})
    return {
        "assignments": [
            assignment_json(world, CourseBook(store, courses[one.course_id], now), one, sight(None))
            for one in map(store.assignments.get, assignments)
        ],
        "courses": [course_json(world, one, sight(None)) for one in courses.values()],
        "users": [user_json(world, store.users.get(one), sight(None)) for one in sorted(people)],
        "page_views": [],
    }


async def query_grade_changes() -> Answer:
    """Answer queryGradeChanges: at least one condition is needed."""
    names = ("course_id", "assignment_id", "student_id", "grader_id")
    given = {name: params.text(name) for name in names}
    if not any(given.values()):
        raise errors.bad_message(NO_CONDITION)
    return _log(**given)


async def list_grade_changes_by_assignment(assignment_id: str) -> Answer:
    """Answer listGradeChangesByAssignment."""
    return _log(assignment_id=assignment_id)


async def list_grade_changes_by_course(course_id: str) -> Answer:
    """Answer listGradeChangesByCourse."""
    return _log(course_id=course_id)


async def list_grade_changes_by_student(student_id: str) -> Answer:
    """Answer listGradeChangesByStudent."""
    return _log(student_id=student_id)


async def list_grade_changes_by_grader(grader_id: str) -> Answer:
    """Answer listGradeChangesByGrader."""
    return _log(grader_id=grader_id)


async def list_grade_changes_by_course_assignment(course_id: str, assignment_id: str) -> Answer:
    """Answer listGradeChangesByCourseAssignment."""
    return _log(course_id=course_id, assignment_id=assignment_id)


async def list_grade_changes_by_course_assignment_grader(
    course_id: str, assignment_id: str, grader_id: str
) -> Answer:
    """Answer listGradeChangesByCourseAssignmentGrader."""
    return _log(course_id=course_id, assignment_id=assignment_id, grader_id=grader_id)


async def list_grade_changes_by_course_assignment_grader_student(
    course_id: str, assignment_id: str, grader_id: str, student_id: str
) -> Answer:
    """Answer listGradeChangesByCourseAssignmentGraderStudent."""
    return _log(
        course_id=course_id,
        assignment_id=assignment_id,
        grader_id=grader_id,
        student_id=student_id,
    )


async def list_grade_changes_by_course_assignment_student(
    course_id: str, assignment_id: str, student_id: str
) -> Answer:
    """Answer listGradeChangesByCourseAssignmentStudent."""
    return _log(course_id=course_id, assignment_id=assignment_id, student_id=student_id)


async def list_grade_changes_by_course_grader(course_id: str, grader_id: str) -> Answer:
    """Answer listGradeChangesByCourseGrader."""
    return _log(course_id=course_id, grader_id=grader_id)


async def list_grade_changes_by_course_grader_student(
    course_id: str, grader_id: str, student_id: str
) -> Answer:
    """Answer listGradeChangesByCourseGraderStudent."""
    return _log(course_id=course_id, grader_id=grader_id, student_id=student_id)


async def list_grade_changes_by_course_student(course_id: str, student_id: str) -> Answer:
    """Answer listGradeChangesByCourseStudent."""
    return _log(course_id=course_id, student_id=student_id)
