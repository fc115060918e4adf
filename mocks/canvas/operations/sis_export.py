"""The SIS integration endpoints: what is flagged for grade export. Source: 8.1 and 8.2."""

from operator import gt, lt
from typing import Any

from homeroom.mocks.canvas import auth, ids, params
from homeroom.mocks.canvas.gradebook.book import CourseBook, is_gradeable
from homeroom.mocks.canvas.gradebook.dates import active_overrides
from homeroom.mocks.canvas.gradebook.sis_rules import grade_export_enabled
from homeroom.mocks.canvas.operations.account_courses import any_date, ends, starts
from homeroom.mocks.canvas.pagination import paged
from homeroom.mocks.canvas.shapes.assignment import override_title
from homeroom.mocks.canvas.shapes.common import when
from homeroom.mocks.canvas.store import Assignment, AssignmentOverride, Course, Section
from homeroom.mocks.canvas.world import CanvasWorld, current_world
from homeroom.mocks.harness.request import Answer, VendorError

# Concluded courses still export: they are published too.
PUBLISHED = frozenset({"available", "completed"})
NOT_ENABLED = {
    "code": "not_enabled",
    "error": (
        "A SIS integration is not configured and the bulk SIS Grade Export feature is not enabled"
    ),
}
UNPUBLISHED_COURSE = {
    "code": "unpublished_course",
    "error": "Grade data is not available for non-published courses",
}
NO_PERIOD = {"code": "not_found", "error": "The Grading Period cannot be found"}


async def list_sis_account_assignments(account_id: str) -> Answer:
    """Answer listSisAccountAssignments: those of the account and of all accounts below it."""
    world = current_world()
    account = ids.get_account(account_id)
    auth.require("view_all_grades", context=account)
    _require_export(world)
    below = world.store.account_ids_below(account.id)
    before = params.to_iso_instant(params.params().get("starts_before"))
    after = params.to_iso_instant(params.params().get("ends_after"))
    courses = [
        course
        for course in world.store.courses
        if course.assignments
        and course.account_id in below
        and course.workflow_state in PUBLISHED
        # Unlike the list of courses, this one does not count the instants themselves.
        and (before is None or any_date(starts(world, course), lt, before))
        and (after is None or any_date(ends(world, course), gt, after))
    ]
    return _answer(world, courses)


async def list_sis_course_assignments(course_id: str) -> Answer:
    """Answer listSisCourseAssignments."""
    world = current_world()
    course = ids.get_course(course_id)
    auth.require("view_all_grades", context=course)
    _require_export(world)
    if course.workflow_state not in PUBLISHED:
        raise VendorError(400, UNPUBLISHED_COURSE)
    return _answer(world, [course])


def _require_export(world: CanvasWorld) -> None:
    world.close_periods()
    if not grade_export_enabled(world):
        raise VendorError(400, NOT_ENABLED)


def _answer(world: CanvasWorld, courses: list[Course]) -> Answer:
    flagged = [
        (course, assignment)
        for course in courses
        for assignment in sorted(course.assignments, key=lambda one: one.id)
        if assignment.post_to_sis and assignment.workflow_state == "published"
    ]
    with_students = "student_overrides" in params.texts("include")

    def show(item: tuple[Course, Assignment]) -> dict[str, Any]:
        book = CourseBook(world.store, item[0], world.now())
        return _json(world, book, item[1], with_students=with_students)

    return paged(flagged, show)


def _json(
    world: CanvasWorld, book: CourseBook, assignment: Assignment, *, with_students: bool
) -> dict[str, Any]:
    group = world.store.assignment_groups.get(assignment.assignment_group_id)
    shown: dict[str, Any] = {
        "id": assignment.id,
        "created_at": when(assignment.created_at),
        "due_at": when(assignment.due_at),
        "unlock_at": when(assignment.unlock_at),
        "lock_at": when(assignment.lock_at),
        "points_possible": assignment.points_possible,
        "integration_id": assignment.integration_id,
        "integration_data": assignment.integration_data,
        "name": assignment.title,
        "course_id": assignment.course_id,
        "submission_types": list(assignment.submission_types),
        "include_in_final_grade": (
            not assignment.omit_from_final_grade and is_gradeable(assignment)
        ),
        "assignment_group": {
            "id": group.id,
            "name": group.name,
            "group_weight": group.group_weight,
            "sis_source_id": group.sis_source_id,
            "integration_data": group.integration_data,
        },
        "sections": _sections(world, book, assignment),
    }
    if with_students:
        shown["user_overrides"] = [
            _student_override(world, book, one)
            for one in active_overrides(assignment)
            if one.student_ids
        ]
    return shown


def _sections(world: CanvasWorld, book: CourseBook, assignment: Assignment) -> list[dict[str, Any]]:
    by_section = {
        override.course_section_id: override
        for override in active_overrides(assignment)
        if override.course_section_id is not None
    }
    sections = sorted(book.course.sections, key=lambda section: section.id)
    return [
        _section(world, book, section, by_section.get(section.id))
        for section in sections
        if section.workflow_state != "deleted"
        and (section.id in by_section or not assignment.only_visible_to_overrides)
    ]


def _section(
    world: CanvasWorld, book: CourseBook, section: Section, override: AssignmentOverride | None
) -> dict[str, Any]:
    home_id = section.nonxlist_course_id
    shown: dict[str, Any] = {
        "id": section.id,
        "name": section.name,
        "sis_id": section.sis_source_id,
        "integration_id": section.integration_id,
        "origin_course": _course(world.store.courses.get(home_id or section.course_id)),
    }
    if home_id is not None:
        shown["xlist_course"] = _course(book.course)
    if override is not None:
        shown["override"] = {
            "id": override.id,
            "override_title": override_title(book, override),
            **_dates(override),
        }
    return shown


def _course(course: Course) -> dict[str, Any]:
    return {
        "id": course.id,
        "name": course.name,
        "sis_id": course.sis_source_id,
        "integration_id": course.integration_id,
    }


def _dates(override: AssignmentOverride) -> dict[str, Any]:
    return {
        "due_at": when(override.due_at),
        "unlock_at": when(override.unlock_at),
        "lock_at": when(override.lock_at),
    }


def _student_override(
    world: CanvasWorld, book: CourseBook, override: AssignmentOverride
) -> dict[str, Any]:
    students: list[dict[str, Any]] = []
    for user_id in override.student_ids:
        login = world.store.pseudonym_of(world.store.users.get(user_id))
        students.append(
            {"user_id": user_id, "sis_user_id": None if login is None else login.sis_user_id}
        )
    return {
        "id": override.id,
        "title": override_title(book, override),
        **_dates(override),
        "students": students,
    }


async def disable_post_to_sis(course_id: str) -> Answer:
    """Answer disablePostToSis: 204; it works with the SIS settings off too."""
    world = current_world()
    course = ids.get_course(course_id)
    if not auth.may("manage_assignments", course):
        return None, 401
    book = CourseBook(world.store, course, world.now())
    asked = params.text("grading_period_id")
    period = None
    if asked is not None:
        period = next((one for one in book.periods if str(one.id) == asked), None)
        if period is None:
            raise VendorError(400, NO_PERIOD)
    for assignment in course.assignments:
        if not assignment.post_to_sis or assignment.workflow_state != "published":
            continue
        due = assignment.due_at
        if period is None or due is None or period.start_date <= due <= period.end_date:
            assignment.post_to_sis = False
            assignment.updated_at = world.now()
    return None, 204
