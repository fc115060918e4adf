"""POST /api/graphql: posting and hiding grades, and overriding a final grade.

These have no REST call in Canvas; any other field is refused by its name.
"""

import base64
import binascii
import re
from collections.abc import Callable, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any, cast

from homeroom.mocks.canvas import auth, params
from homeroom.mocks.canvas.gradebook.book import CourseBook
from homeroom.mocks.canvas.gradebook.grade import event_id
from homeroom.mocks.canvas.gradebook.grading import number_text
from homeroom.mocks.canvas.graphql_query import Field, GraphQLError, parse_document, project
from homeroom.mocks.canvas.shapes.common import number, when
from homeroom.mocks.canvas.shapes.course import course_grade
from homeroom.mocks.canvas.store import Assignment, Course, GradeChange, Progress
from homeroom.mocks.canvas.world import CanvasWorld, current_world
from homeroom.mocks.harness.request import Answer

_MAX_SCORE = Decimal(10) ** 9
NO_ASSIGNMENT = "An assignment with that id does not exist"
MUST_POST_MANUALLY = "Anonymous assignments must manually post"
_MODERATED = "Moderated assignments must manually post"


async def graphql() -> Answer:
    """Answer graphql."""
    given = params.params()
    variables = given.get("variables")
    try:
        operation = parse_document(
            params.text("query") or "",
            cast("Mapping[str, Any]", variables) if isinstance(variables, dict) else {},
            params.text("operationName"),
        )
        if operation.kind != "mutation":
            names = ", ".join(field.name for field in operation.selection)
            raise GraphQLError(f"{operation.kind} {names} is not imitated: {_served()}")
        data = {field.alias: _run(field) for field in operation.selection}
    except GraphQLError as error:
        return {"errors": [{"message": str(error)}]}
    return {"data": data}


def _served() -> str:
    return f"only the mutations {', '.join(MUTATIONS)} are"


def _run(field: Field) -> Any:
    mutation = MUTATIONS.get(field.name)
    if mutation is None:
        raise GraphQLError(f"mutation {field.name} is not imitated: {_served()}")
    given = field.arguments.get("input")
    if not isinstance(given, dict):
        raise GraphQLError(f"Field '{field.name}' is missing required arguments: input")
    type_name = f"{field.name[0].upper()}{field.name[1:]}Payload"
    answer = {"__typename": type_name, **mutation(cast("dict[str, Any]", given))}
    return project(answer, field.selection)


def _number_id(value: Any) -> int:
    """Read a GraphQL id: the number, or the relay id in base64, such as of `Assignment-7`."""
    text = str(value)
    if not text.isdigit():
        try:
            text = base64.b64decode(text, validate=True).decode()
        except (binascii.Error, UnicodeDecodeError, ValueError):
            return 0
    match = re.search(r"(\d{1,18})$", text)
    return int(match[1]) if match else 0


def _number_ids(given: Mapping[str, Any], name: str) -> set[int]:
    values = given.get(name)
    return {_number_id(one) for one in values} if isinstance(values, list) else set()


def _relay_id(kind: str, row_id: int) -> str:
    return base64.b64encode(f"{kind}-{row_id}".encode()).decode()


def _assignment_of(world: CanvasWorld, given: Mapping[str, Any]) -> tuple[Course, Assignment]:
    assignment = world.store.assignments.find(_number_id(given.get("assignmentId")))
    if assignment is None or assignment.workflow_state == "deleted":
        raise GraphQLError(NO_ASSIGNMENT)
    course = world.store.courses.get(assignment.course_id)
    if not auth.may("manage_grades", course):
        raise GraphQLError(NO_ASSIGNMENT)
    return course, assignment


def _assignment_json(assignment: Assignment) -> dict[str, Any]:
    return {
        "__typename": "Assignment",
        "_id": str(assignment.id),
        "id": _relay_id("Assignment", assignment.id),
        "name": assignment.title,
        "state": assignment.workflow_state,
        "pointsPossible": assignment.points_possible,
        "postManually": assignment.post_manually,
        "courseId": str(assignment.course_id),
        "postPolicy": {
            "__typename": "PostPolicy",
            "_id": str(assignment.id),
            "id": _relay_id("PostPolicy", assignment.id),
            "postManually": assignment.post_manually,
        },
    }


def set_assignment_post_policy(given: dict[str, Any]) -> dict[str, Any]:
    """Do setAssignmentPostPolicy: grades of an assignment post by hand, or when given."""
    world = current_world()
    _, assignment = _assignment_of(world, given)
    manually = given.get("postManually")
    if not isinstance(manually, bool):
        raise GraphQLError(
            "Argument 'postManually' on InputObject is required. Expected type Boolean!"
        )
    if not manually and (assignment.anonymous_grading or assignment.moderated_grading):
        raise GraphQLError(MUST_POST_MANUALLY if assignment.anonymous_grading else _MODERATED)
    assignment.post_manually = manually
    assignment.updated_at = world.now()
    shown = _assignment_json(assignment)
    policy = {**shown["postPolicy"], "assignment": shown, "course": None}
    return {"postPolicy": policy, "errors": None}


def post_assignment_grades(given: dict[str, Any]) -> dict[str, Any]:
    """Do postAssignmentGrades: students see grades; the ungraded ones too unless gradedOnly."""
    return _set_posted(given, posts=True)


def hide_assignment_grades(given: dict[str, Any]) -> dict[str, Any]:
    """Do hideAssignmentGrades: nobody sees grades any more."""
    return _set_posted(given, posts=False)


def _set_posted(given: dict[str, Any], *, posts: bool) -> dict[str, Any]:
    world = current_world()
    course, assignment = _assignment_of(world, given)
    if assignment.moderated_grading and assignment.grades_published_at is None:
        raise GraphQLError(
            "Assignments under moderation cannot be posted before grades are published"
        )
    book = CourseBook(world.store, course, world.now())
    skipped, only = _number_ids(given, "skipStudentIds"), _number_ids(given, "onlyStudentIds")
    graded_only = bool(given.get("gradedOnly"))
    for user_id in book.students():
        if user_id in skipped or (only and user_id not in only):
            continue
        submission = book.find_submission(assignment, user_id)
        if submission is None:
            continue
        if graded_only and submission.entered_score is None and not submission.excused:
            continue
        kept = book.store_submission(assignment, user_id)
        kept.posted_at = (kept.posted_at or world.now()) if posts else None
        kept.updated_at = world.now()
    tag = "post_assignment_grades" if posts else "hide_assignment_grades"
    progress = _done(world, assignment, tag)
    return {
        "assignment": _assignment_json(assignment),
        "progress": _progress_json(progress),
        "sections": None,
        "errors": None,
    }


def _done(world: CanvasWorld, assignment: Assignment, tag: str) -> Progress:
    now = world.now()
    return world.store.progresses.add(
        Progress(
            id=world.store.progresses.next_id,
            context_id=assignment.course_id,
            context_type="Course",
            tag=tag,
            completion=100.0,
            workflow_state="completed",
            created_at=now,
            updated_at=now,
        )
    )


def _progress_json(progress: Progress) -> dict[str, Any]:
    return {
        "__typename": "Progress",
        "_id": str(progress.id),
        "id": _relay_id("Progress", progress.id),
        "state": progress.workflow_state,
        "tag": progress.tag,
        "completion": 100,
        "message": progress.message,
        "createdAt": when(progress.created_at),
        "updatedAt": when(progress.updated_at),
    }


def set_override_score(given: dict[str, Any]) -> dict[str, Any]:
    """Do setOverrideScore: a student's final grade, or that of a grading period, by hand."""
    world = current_world()
    enrollment = world.store.enrollments.find(_number_id(given.get("enrollmentId")))
    course = None if enrollment is None else world.store.courses.get(enrollment.course_id)
    if enrollment is None or course is None or not auth.may("manage_grades", course):
        raise GraphQLError("not found")
    book = CourseBook(world.store, course, world.now())
    period_id = given.get("gradingPeriodId")
    period = None
    if period_id is not None:
        wanted = _number_id(period_id)
        period = next((one for one in book.periods if one.id == wanted), None)
        if period is None:
            raise GraphQLError("not found")
    raw = given.get("overrideScore")
    try:
        score = None if raw is None else Decimal(str(raw))
        if score is not None and not abs(score) < _MAX_SCORE:
            raise InvalidOperation
    except InvalidOperation:
        raise GraphQLError(
            "Argument 'overrideScore' has an invalid value. Expected type Float"
        ) from None
    before = book.override(enrollment, period)
    # A student has one final grade in a course, however many sections they sit in.
    for seat in book.seats(enrollment.user_id) or [enrollment]:
        key = (seat.id, None if period is None else period.id)
        if score is None:
            world.store.score_overrides.pop(key, None)
        else:
            world.store.score_overrides[key] = score
    if before != score:
        _log_override(world, book, enrollment.user_id, before, score)
    grades = {
        "__typename": "Grades",
        "overrideScore": number(score),
        "overrideGrade": course_grade(book, score),
        "currentScore": number(book.scores(enrollment.user_id, period).current),
        "finalScore": number(book.scores(enrollment.user_id, period).final),
    }
    return {"grades": grades, "errors": None}


def _log_override(
    world: CanvasWorld,
    book: CourseBook,
    user_id: int,
    before: Decimal | None,
    after: Decimal | None,
) -> None:
    def text(score: Decimal | None) -> str | None:
        if score is None:
            return None
        return course_grade(book, score) or f"{number_text(score)}%"

    count = len(world.store.grade_changes) + 1
    world.store.grade_changes.append(
        GradeChange(
            id=event_id(world, count),
            created_at=world.now(),
            course_id=book.course.id,
            student_id=user_id,
            grader_id=auth.current_principal().user_id,
            grade_before=text(before),
            grade_after=text(after),
            version_number=count,
        )
    )


MUTATIONS: Mapping[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
    "setAssignmentPostPolicy": set_assignment_post_policy,
    "postAssignmentGrades": post_assignment_grades,
    "hideAssignmentGrades": hide_assignment_grades,
    "setOverrideScore": set_override_score,
}
