"""Assignment groups: weights, drop rules, and the columns that the SIS owns."""

from typing import Any, cast

import msgspec

from homeroom.mocks.canvas import auth, errors, params
from homeroom.mocks.canvas.gradebook import making
from homeroom.mocks.canvas.gradebook.book import CourseBook
from homeroom.mocks.canvas.operations.assignments import open_course, require_manager, show, visible
from homeroom.mocks.canvas.pagination import paged
from homeroom.mocks.canvas.shapes.common import Sight
from homeroom.mocks.canvas.store import AssignmentGroup, Course
from homeroom.mocks.canvas.world import CanvasWorld
from homeroom.mocks.harness.request import Answer


def group_json(
    world: CanvasWorld, book: CourseBook, group: AssignmentGroup, sees: Sight
) -> dict[str, Any]:
    """Write an assignment group; its SIS columns are there for everybody."""
    rules: dict[str, Any] = {}
    if group.drop_lowest:
        rules["drop_lowest"] = group.drop_lowest
    if group.drop_highest:
        rules["drop_highest"] = group.drop_highest
    if group.never_drop:
        rules["never_drop"] = list(group.never_drop)
    shown: dict[str, Any] = {
        "id": group.id,
        "name": group.name,
        "position": group.position,
        "group_weight": group.group_weight,
        "sis_source_id": group.sis_source_id,
        "integration_data": group.integration_data,
        "rules": rules,
    }
    if "assignments" in params.texts("include"):
        mine = [
            one
            for one in book.assignments()
            if one.assignment_group_id == group.id and visible(book, one, sees)
        ]
        asked = params.texts("assignment_ids")
        if asked:
            mine = [one for one in mine if str(one.id) in asked]
        shown["assignments"] = [show(world, book, one, sees) for one in mine]
        shown["any_assignment_in_closed_grading_period"] = any(
            book.in_closed_period(one) for one in mine
        )
    return shown


async def list_assignment_groups(course_id: str) -> Answer:
    """Answer listAssignmentGroups, in the order of the gradebook."""
    world, course, sees, book = open_course(course_id)
    if sees.manages:
        making.default_group(world, course)
    groups = sorted(
        (one for one in course.assignment_groups if one.workflow_state != "deleted"),
        key=lambda one: (one.position, one.id),
    )
    return paged(groups, lambda one: group_json(world, book, one, sees))


def _group_of(course: Course, group_id: str) -> AssignmentGroup:
    for group in course.assignment_groups:
        if str(group.id) == group_id.strip() and group.workflow_state != "deleted":
            return group
    raise errors.not_found()


async def get_assignment_group(course_id: str, assignment_group_id: str) -> Answer:
    """Answer getAssignmentGroup."""
    world, course, sees, book = open_course(course_id)
    return group_json(world, book, _group_of(course, assignment_group_id), sees)


def _read(course: Course) -> dict[str, Any]:
    given = params.params()
    changes: dict[str, Any] = {}
    name = params.text("name")
    if name is not None:
        changes["name"] = name
    if params.to_integer(given.get("position")) is not None:
        changes["position"] = params.to_integer(given["position"])
    if "group_weight" in given:
        changes["group_weight"] = _weight(params.to_text(given["group_weight"]))
    if auth.manages_sis(course):
        if "sis_source_id" in given:
            changes["sis_source_id"] = params.text("sis_source_id")
        if "integration_data" in given:
            changes["integration_data"] = _integration_data(given["integration_data"])
    rules = given.get("rules")
    if isinstance(rules, dict):
        changes |= _rules(course, cast("dict[str, Any]", rules))
    return changes


def _weight(text: str | None) -> float:
    try:
        weight = float(text or 0)
    except ValueError:
        weight = 0.0
    if not weight >= 0 or weight == float("inf"):
        raise errors.invalid_fields({"group_weight": "must be greater than or equal to 0"})
    return weight


def _integration_data(value: Any) -> dict[str, Any]:
    if isinstance(value, str) and value.strip():
        try:
            value = msgspec.json.decode(value)
        except msgspec.DecodeError:
            value = None
        if not isinstance(value, dict):
            raise errors.bad_message("Invalid integration data")
    return cast("dict[str, Any]", value) if isinstance(value, dict) else {}


def _rules(course: Course, rules: dict[str, Any]) -> dict[str, Any]:
    changes: dict[str, Any] = {"drop_lowest": 0, "drop_highest": 0, "never_drop": ()}
    for name in ("drop_lowest", "drop_highest"):
        number = params.to_integer(rules.get(name))
        if number is not None and number < 0:
            raise errors.invalid_fields({"rules": f"invalid rule value for {name}"})
        changes[name] = number or 0
    known = {one.id for one in course.assignments}
    asked = [params.to_integer(one) for one in params.to_texts(rules.get("never_drop"))]
    changes["never_drop"] = tuple(one for one in asked if one in known)
    return changes


async def create_assignment_group(course_id: str) -> Answer:
    """Answer createAssignmentGroup."""
    world, course, sees, book = open_course(course_id)
    require_manager(course)
    changes = _read(course)
    group = making.add_group(world, course, changes.pop("name", "Assignments"))
    for name, value in changes.items():
        setattr(group, name, value)
    return group_json(world, book, group, sees)


async def update_assignment_group(course_id: str, assignment_group_id: str) -> Answer:
    """Answer updateAssignmentGroup."""
    world, course, sees, book = open_course(course_id)
    require_manager(course)
    group = _group_of(course, assignment_group_id)
    for name, value in _read(course).items():
        setattr(group, name, value)
    group.updated_at = world.now()
    return group_json(world, book, group, sees)


async def delete_assignment_group(course_id: str, assignment_group_id: str) -> Answer:
    """Answer deleteAssignmentGroup: its assignments move to another group or go with it."""
    world, course, sees, book = open_course(course_id)
    require_manager(course)
    group = _group_of(course, assignment_group_id)
    target = params.text("move_assignments_to")
    other = _group_of(course, target) if target is not None else None
    for assignment in course.assignments:
        if assignment.assignment_group_id != group.id:
            continue
        if other is not None:
            assignment.assignment_group_id = other.id
        elif assignment.workflow_state != "deleted":
            making.delete_assignment(world, assignment)
    group.workflow_state = "deleted"
    group.updated_at = world.now()
    return group_json(world, book, group, sees)
