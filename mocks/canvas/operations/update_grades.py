"""Grading many submissions at once, by a job. Source: canvas-rest-api.md 7.4."""

from collections.abc import Mapping
from typing import Any, cast

from homeroom.mocks.canvas import errors, ids, params
from homeroom.mocks.canvas.gradebook.grade import grade_submission, read_wish
from homeroom.mocks.canvas.operations.submissions import Room, may_grade, require_grader
from homeroom.mocks.canvas.shapes.progress import progress_json
from homeroom.mocks.canvas.store import Assignment, Progress
from homeroom.mocks.harness.request import Answer

TAG = "submissions_update"
NO_GRADES = "'grade_data' parameter required"
Grades = Mapping[str, Any]


async def update_course_assignment_grades(course_id: str, assignment_id: str) -> Answer:
    """Answer updateCourseAssignmentGrades."""
    return _one(Room(course_id=course_id), assignment_id)


async def update_section_assignment_grades(section_id: str, assignment_id: str) -> Answer:
    """Answer updateSectionAssignmentGrades."""
    return _one(Room(section_id=section_id), assignment_id)


async def update_course_grades(course_id: str) -> Answer:
    """Answer updateCourseGrades."""
    return _several(Room(course_id=course_id))


async def update_section_grades(section_id: str) -> Answer:
    """Answer updateSectionGrades."""
    return _several(Room(section_id=section_id))


def _grade_data() -> Grades:
    data = params.params().get("grade_data")
    if not isinstance(data, dict) or not data:
        raise errors.bad_error(NO_GRADES)
    return cast("dict[str, Any]", data)


def _one(room: Room, assignment_id: str) -> Answer:
    assignment = ids.get_assignment(assignment_id, room.course)
    require_grader(room.course)
    return _run(room, [(assignment, _grade_data())])


def _several(room: Room) -> Answer:
    require_grader(room.course)
    data = _grade_data()
    found = {one: ids.assignment_of(room.world, one, room.course) for one in data}
    unknown = [one for one, assignment in found.items() if assignment is None]
    if unknown:
        listed = ", ".join(unknown)
        raise errors.bad_error(f"Some assignments could not be found: ( {listed} )")
    return _run(
        room,
        [
            (found[one], cast("Grades", grades) if isinstance(grades, dict) else {})
            for one, grades in data.items()
        ],
    )


def _run(room: Room, work: list[tuple[Assignment | None, Grades]]) -> Answer:
    """Queue the job, answer its progress as queued, and do it at once."""
    now = room.world.now()
    store = room.world.store
    progress = store.progresses.add(
        Progress(
            id=store.progresses.next_id,
            context_id=room.course.id,
            context_type="Course",
            tag=TAG,
            created_at=now,
            updated_at=now,
        )
    )
    answer = progress_json(progress)
    unknown: list[str] = []
    closed: list[str] = []
    for assignment, grades in work:
        if assignment is None:
            continue
        if assignment.workflow_state != "published":
            closed.append(str(assignment.id))
            continue
        for student, given in grades.items():
            _grade(room, assignment, student, given, unknown)
    problems: list[str] = []
    if unknown:
        problems.append(f"Couldn't find User(s) with API ids {_listed(unknown)}")
    if closed:
        problems.append(
            "Some assignments are either not published or deleted and can not be graded "
            + _listed(closed)
        )
    progress.workflow_state = "failed" if problems else "completed"
    progress.message = ". ".join(problems) or None
    progress.completion = 100.0
    progress.updated_at = room.world.now()
    return answer


def _grade(
    room: Room, assignment: Assignment, student: str, given: Any, unknown: list[str]
) -> None:
    user = ids.user_of(room.world, student)
    if user is None or not room.seats(user.id) or not room.book.dates(assignment, user.id).assigned:
        if student not in unknown:
            unknown.append(student)
        return
    wish = read_wish(cast("dict[str, Any]", given) if isinstance(given, dict) else {})
    if may_grade(room.book, assignment, user.id):
        grade_submission(
            room.world, room.book, assignment, user.id, wish,
            grader_id=room.sees.user_id, only_changes=True,
        )  # fmt: skip


def _listed(values: list[str]) -> str:
    return ", ".join(f"'{one}'" for one in values)
