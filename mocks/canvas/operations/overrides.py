"""Overrides: other dates for some students or a section."""

from typing import Any, cast

from homeroom.mocks.canvas import auth, errors, ids, params
from homeroom.mocks.canvas.gradebook.assignment_form import Problems, check_due_dates
from homeroom.mocks.canvas.gradebook.book import CourseBook
from homeroom.mocks.canvas.gradebook.dates import active_overrides
from homeroom.mocks.canvas.gradebook.override_form import keep_override, read_override
from homeroom.mocks.canvas.gradebook.sis_rules import due_date_required
from homeroom.mocks.canvas.operations.assignments import open_course, require_manager
from homeroom.mocks.canvas.pagination import paged
from homeroom.mocks.canvas.shapes.assignment import override_json
from homeroom.mocks.canvas.store import Assignment, AssignmentOverride, Course
from homeroom.mocks.canvas.world import CanvasWorld, current_world
from homeroom.mocks.harness.request import Answer, VendorError, current_request


def _override_of(assignment: Assignment, override_id: Any) -> AssignmentOverride:
    for override in active_overrides(assignment):
        if str(override.id) == str(override_id).strip():
            return override
    raise errors.not_found()


def _check(
    world: CanvasWorld, course: Course, assignment: Assignment, override: AssignmentOverride
) -> None:
    """Refuse an override without due date where the SIS needs one for everybody."""
    if not due_date_required(world, course, post_to_sis=assignment.post_to_sis):
        return
    others = [one for one in active_overrides(assignment) if one.id != override.id]
    problems = Problems()
    check_due_dates(assignment.due_at, [*others, override], problems)
    problems.raise_any()


async def list_overrides(course_id: str, assignment_id: str) -> Answer:
    """Answer listOverrides."""
    _, course, sees, book = open_course(course_id)
    if not sees.manages and not sees.all_grades:
        raise auth.not_permitted()
    assignment = ids.get_assignment(assignment_id, course)
    return paged(active_overrides(assignment), lambda one: override_json(book, one))


async def get_override(course_id: str, assignment_id: str, id_: str) -> Answer:
    """Answer getOverride."""
    _, course, sees, book = open_course(course_id)
    if not sees.manages and not sees.all_grades:
        raise auth.not_permitted()
    assignment = ids.get_assignment(assignment_id, course)
    return override_json(book, _override_of(assignment, id_))


async def create_override(course_id: str, assignment_id: str) -> Answer:
    """Answer createOverride."""
    world, course, _, book = open_course(course_id)
    require_manager(course)
    assignment = ids.get_assignment(assignment_id, course)
    override = _read_new(world, book, assignment, params.group("assignment_override"))
    _check(world, course, assignment, override)
    return override_json(book, keep_override(world, assignment, override)), 201


def _read_new(
    world: CanvasWorld, book: CourseBook, assignment: Assignment, given: dict[str, Any]
) -> AssignmentOverride:
    if not given:
        raise errors.missing_parameter("assignment_override")
    return read_override(world, book, assignment, given)


async def update_override(course_id: str, assignment_id: str, id_: str) -> Answer:
    """Answer updateOverride: dates that are not given are overridden no more."""
    world, course, _, book = open_course(course_id)
    require_manager(course)
    assignment = ids.get_assignment(assignment_id, course)
    held = _override_of(assignment, id_)
    given = params.group("assignment_override")
    override = read_override(world, book, assignment, given, held)
    _check(world, course, assignment, override)
    return override_json(book, keep_override(world, assignment, override))


async def delete_override(course_id: str, assignment_id: str, id_: str) -> Answer:
    """Answer deleteOverride."""
    world, course, _, book = open_course(course_id)
    require_manager(course)
    override = _override_of(ids.get_assignment(assignment_id, course), id_)
    override.workflow_state = "deleted"
    override.updated_at = world.now()
    return override_json(book, override)


# -- several at once ------------------------------------------------------------------------------


def _items() -> list[dict[str, Any]]:
    given = params.params().get("assignment_overrides")
    values: list[Any] = (
        list(cast("dict[str, Any]", given).values())
        if isinstance(given, dict)
        else given
        if isinstance(given, list)
        else []
    )
    items = [cast("dict[str, Any]", one) for one in values if isinstance(one, dict)]
    if not items:
        raise VendorError(400, {"errors": ["no assignment override data present"]})
    return items


async def batch_list_overrides(course_id: str) -> Answer:
    """Answer batchListOverrides: each as it was asked for, null where there is none."""
    _, course, _, book = open_course(course_id)
    require_manager(course)
    shown: list[dict[str, Any] | None] = []
    for item in _items():
        found = None
        assignment = ids.assignment_of(current_world(), item.get("assignment_id", ""), course)
        if assignment is not None and assignment.workflow_state != "deleted":
            wanted = str(item.get("id", "")).strip()
            found = next((o for o in active_overrides(assignment) if str(o.id) == wanted), None)
        shown.append(None if found is None else override_json(book, found))
    return shown


async def batch_create_overrides(course_id: str) -> Answer:
    """Answer batchCreateOverrides: all or none."""
    return _batch(course_id, creates=True)


async def batch_update_overrides(course_id: str) -> Answer:
    """Answer batchUpdateOverrides: all or none."""
    return _batch(course_id, creates=False)


def _batch(course_id: str, *, creates: bool) -> Answer:
    world, course, _, book = open_course(course_id)
    require_manager(course)
    read: list[tuple[Assignment, AssignmentOverride]] = []
    for item in _items():
        assignment = ids.get_assignment(item.get("assignment_id", ""), course)
        held = None if creates else _override_of(assignment, item.get("id", ""))
        override = read_override(world, book, assignment, item, held)
        _check(world, course, assignment, override)
        read.append((assignment, override))
    return [override_json(book, keep_override(world, one, override)) for one, override in read]


async def redirect_section_override(course_section_id: str, assignment_id: str) -> Answer:
    """Answer redirectSectionOverride: the address of a section's override."""
    world = current_world()
    section = ids.get_section(course_section_id)
    course = world.store.courses.get(section.course_id)
    auth.require("read_course_content", "manage_assignments", context=course)
    assignment = ids.get_assignment(assignment_id, course)
    for override in active_overrides(assignment):
        if override.course_section_id == section.id:
            origin = current_request().origin
            address = (
                f"{origin}/api/v1/courses/{course.id}/assignments/{assignment.id}"
                f"/overrides/{override.id}"
            )
            return None, 302, {"Location": address}
    raise errors.not_found()
