"""Reading `assignment_override[...]`. Source: canvas-rest-api.md 6.4."""

from datetime import datetime, time
from typing import Any, cast
from zoneinfo import ZoneInfo

from homeroom.mocks.canvas import errors, ids, params
from homeroom.mocks.canvas.gradebook.book import CourseBook
from homeroom.mocks.canvas.store import Assignment, AssignmentOverride
from homeroom.mocks.canvas.world import CanvasWorld
from homeroom.mocks.harness.request import VendorError

DATE_FIELDS = ("due_at", "unlock_at", "lock_at")
ONE_SET = "one of student_ids, group_id, or course_section_id is required"
_ALL_DAY = time(23, 59)


def read_override(
    world: CanvasWorld,
    book: CourseBook,
    assignment: Assignment,
    given: dict[str, Any],
    held: AssignmentOverride | None = None,
) -> AssignmentOverride:
    """Return the override that `given` describes, not yet kept anywhere.

    Args:
        world: The Canvas world.
        book: The course's gradebook.
        assignment: The assignment it is of.
        given: The nested parameters.
        held: The override to change; a changed copy is returned.

    Raises:
        VendorError: A refusal in Canvas's shape.
    """
    now = world.now()
    override = AssignmentOverride(
        id=held.id if held is not None else 0,
        assignment_id=assignment.id,
        title=held.title if held is not None else None,
        course_section_id=held.course_section_id if held is not None else None,
        group_id=held.group_id if held is not None else None,
        student_ids=held.student_ids if held is not None else (),
        created_at=held.created_at if held is not None else now,
        updated_at=now,
    )
    if held is None or "student_ids" in given:
        _read_set(world, book, assignment, given, override)
    title = params.to_text(given.get("title"))
    if title is not None:
        override.title = title
    if override.student_ids and override.title is None:
        count = len(override.student_ids)
        override.title = f"{count} student" if count == 1 else f"{count} students"
    _read_dates(book, given, override)
    return override


def _read_set(
    world: CanvasWorld,
    book: CourseBook,
    assignment: Assignment,
    given: dict[str, Any],
    override: AssignmentOverride,
) -> None:
    named = [k for k in ("student_ids", "group_id", "course_section_id") if k in given]
    if len(named) != 1:
        raise VendorError(400, {"errors": [ONE_SET]})
    if named[0] == "course_section_id":
        section = ids.section_of(world, given["course_section_id"])
        if (
            section is None
            or section.course_id != book.course.id
            or section.workflow_state == "deleted"
        ):
            raise VendorError(400, {"errors": ["unknown section id " + _quoted(given[named[0]])]})
        _refuse_taken(assignment, override, "course_section_id", section.id)
        override.course_section_id = section.id
        override.title = section.name
    elif named[0] == "group_id":
        raise VendorError(400, {"errors": ["unknown group id " + _quoted(given[named[0]])]})
    else:
        override.student_ids = _students(world, book, given["student_ids"])
        for student_id in override.student_ids:
            _refuse_taken(assignment, override, "student_ids", student_id)


def _quoted(value: Any) -> str:
    return f'"{params.to_text(value) or ""}"'


def _students(world: CanvasWorld, book: CourseBook, given: Any) -> tuple[int, ...]:
    asked = params.to_texts(given)
    found: list[int] = []
    unknown: list[str] = []
    for one in asked:
        user = ids.user_of(world, one)
        if user is None or not book.seats(user.id):
            unknown.append(one)
        else:
            found.append(user.id)
    if unknown:
        listed = ", ".join(_quoted(one) for one in unknown)
        raise VendorError(400, {"errors": [f"unknown student ids: [{listed}]"]})
    return tuple(dict.fromkeys(found))


def _refuse_taken(
    assignment: Assignment, override: AssignmentOverride, field: str, value: int
) -> None:
    for other in assignment.overrides:
        if other.workflow_state != "active" or other.id == override.id:
            continue
        taken = other.student_ids if field == "student_ids" else (other.course_section_id,)
        if value in taken:
            name = "set_id" if field == "course_section_id" else "assignment_override_students"
            raise errors.invalid_fields({name: "has already been taken"})


def _read_dates(book: CourseBook, given: dict[str, Any], override: AssignmentOverride) -> None:
    for name in DATE_FIELDS:
        if name not in given:
            # What is not given is not overridden, on updates too.
            continue
        text = params.to_text(given[name])
        at = params.to_iso_instant(text)
        if text is not None and at is None:
            raise VendorError(400, {"errors": [f'invalid {name} "{text}"']})
        setattr(override, name, at)
        setattr(override, f"{name}_overridden", True)
    if override.due_at is not None:
        local = _local(book, override.due_at)
        override.all_day = local.time().replace(second=0, microsecond=0) == _ALL_DAY
        override.all_day_date = local.date()


def _local(book: CourseBook, at: datetime) -> datetime:
    zone = book.course.time_zone
    if zone is None:
        zone = book.store.time_zone_of(book.store.accounts.get(book.course.account_id))
    try:
        return at.astimezone(ZoneInfo(zone))
    except (KeyError, ValueError):
        return at


def keep_override(
    world: CanvasWorld, assignment: Assignment, override: AssignmentOverride
) -> AssignmentOverride:
    """Keep a new override, or put a changed one in its old place."""
    if not override.id:
        override.id = world.store.assignment_overrides.next_id
        world.store.assignment_overrides.add(override)
        assignment.overrides.append(override)
        return override
    world.store.assignment_overrides.rows[override.id - 1] = override
    for place, other in enumerate(assignment.overrides):
        if other.id == override.id:
            assignment.overrides[place] = override
    return override


def read_overrides(
    world: CanvasWorld, book: CourseBook, assignment: Assignment, given: Any
) -> list[AssignmentOverride]:
    """Read `assignment[assignment_overrides]`: the whole list as it is to be."""
    items: list[Any] = (
        list(cast("dict[str, Any]", given).values())
        if isinstance(given, dict)
        else given
        if isinstance(given, list)
        else []
    )
    # Those given replace all: what the list does not name by id goes, and frees its set.
    kept_ids = {
        params.to_integer(cast("dict[str, Any]", one).get("id"))
        for one in items
        if isinstance(one, dict)
    }
    staying = Assignment(
        id=assignment.id,
        course_id=assignment.course_id,
        title=assignment.title,
        assignment_group_id=assignment.assignment_group_id,
        overrides=[one for one in assignment.overrides if one.id in kept_ids],
        created_at=assignment.created_at,
        updated_at=assignment.updated_at,
    )
    found: list[AssignmentOverride] = []
    for item in items:
        if not isinstance(item, dict):
            continue
        one = cast("dict[str, Any]", item)
        held = next(
            (o for o in assignment.overrides if o.id == params.to_integer(one.get("id"))), None
        )
        found.append(read_override(world, book, staying, one, held))
    return found


def replace_overrides(
    world: CanvasWorld, assignment: Assignment, overrides: list[AssignmentOverride]
) -> None:
    """Keep exactly these overrides; the others are deleted."""
    kept = {keep_override(world, assignment, one).id for one in overrides}
    for other in assignment.overrides:
        if other.id not in kept and other.workflow_state == "active":
            other.workflow_state = "deleted"
            other.updated_at = world.now()
