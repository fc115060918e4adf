"""Sections: reading, creating, changing, cross-listing."""

from typing import Any

from homeroom.mocks.canvas import auth, errors, ids, params
from homeroom.mocks.canvas.gradebook.acts import (
    crosslist,
    decrosslist,
)
from homeroom.mocks.canvas.gradebook.acts import (
    delete_section as delete_by_hand,
)
from homeroom.mocks.canvas.pagination import paged
from homeroom.mocks.canvas.shapes.common import sight
from homeroom.mocks.canvas.shapes.section import section_json
from homeroom.mocks.canvas.stickiness import write_by_hand
from homeroom.mocks.canvas.store import Course, Section
from homeroom.mocks.canvas.world import CanvasWorld, current_world
from homeroom.mocks.harness.request import Answer

NO_SIS_RIGHT = "You must have manage_sis permission to update sis attributes"
STICKY = frozenset({"name", "start_at", "end_at"})
HAS_ENROLLMENTS = "You can't delete a section that has enrollments"


def _show(world: CanvasWorld, section: Section) -> dict[str, Any]:
    course = world.store.courses.get(section.course_id)
    return section_json(world, section, sight(course), include=params.texts("include"))


async def list_course_sections(course_id: str) -> Answer:
    """Answer listCourseSections: all that are not deleted, by name, the default one included."""
    world = current_world()
    course = ids.get_course(course_id)
    auth.require(
        "read_course_content", "read_roster", "view_all_grades", "manage_grades", "manage_sections",
        context=course,
    )  # fmt: skip
    sees = sight(course)
    include = params.texts("include")
    wanted = (params.text("search_term") or "").lower()
    sections = sorted(
        (
            section
            for section in course.sections
            if section.workflow_state != "deleted" and wanted in section.name.lower()
        ),
        key=lambda section: (section.name.casefold(), section.id),
    )

    def show(section: Section) -> dict[str, Any]:
        return section_json(world, section, sees, include=include)

    if params.text("all") is not None:
        return [show(section) for section in sections]
    return paged(sections, show)


async def get_section(id_: str) -> Answer:
    """Answer getSection."""
    world = current_world()
    section = ids.get_section(id_)
    auth.require("read_course_content", "read_roster", "manage_sections", context=section)
    return _show(world, section)


async def get_course_section(course_id: str, id_: str) -> Answer:
    """Answer getCourseSection."""
    world = current_world()
    course = ids.get_course(course_id)
    section = ids.get_section(id_)
    if section.course_id != course.id:
        raise errors.not_found()
    auth.require("read_course_content", "read_roster", "manage_sections", context=course)
    return _show(world, section)


def _changes(given: dict[str, Any]) -> dict[str, Any]:
    changes: dict[str, Any] = {}
    if params.to_text(given.get("name")) is not None:
        changes["name"] = params.to_text(given["name"])
    for name in ("start_at", "end_at"):
        if name in given:
            changes[name] = params.to_iso_instant(given[name])
    if "restrict_enrollments_to_section_dates" in given:
        flag = params.to_flag(given["restrict_enrollments_to_section_dates"])
        changes["restrict_enrollments_to_section_dates"] = bool(flag)
    return changes


def _check_dates(section: Section, changes: dict[str, Any]) -> None:
    start = changes.get("start_at", section.start_at)
    end = changes.get("end_at", section.end_at)
    if {"start_at", "end_at"} & changes.keys() and start and end and end < start:
        raise errors.invalid_fields({"end_at": "End date cannot be before start date"})


def _sis_columns(world: CanvasWorld, section: Section, given: dict[str, Any]) -> None:
    """Write SIS columns; callers without manage_sis have theirs dropped silently."""
    if not auth.manages_sis(section):
        return
    table = world.store.sections
    if "sis_section_id" in given:
        sis_id = params.to_text(given["sis_section_id"])
        held = table.by_sis_id.get(sis_id) if sis_id else None
        if held is not None and held is not section:
            raise errors.invalid_fields({"sis_source_id": f'SIS ID "{sis_id}" is already in use'})
        table.set_sis_id(section, sis_id)
    if "integration_id" in given:
        value = params.to_text(given["integration_id"])
        held = table.by_integration_id.get(value) if value else None
        if held is not None and held is not section:
            # Canvas's own spelling.
            raise errors.invalid_fields(
                {"integration_id": f'INTEGRATRION ID "{value}" is already in use'}
            )
        table.set_integration_id(section, value)


async def create_course_section(course_id: str) -> Answer:
    """Answer createCourseSection."""
    world = current_world()
    course = ids.get_course(course_id)
    auth.require("manage_sections", context=course)
    given = params.group("course_section")
    changes = _changes(given)
    now = world.now()
    section = Section(
        id=world.store.sections.next_id,
        course_id=course.id,
        name=changes.pop("name", None) or course.name,
        created_at=now,
        updated_at=now,
    )
    _check_dates(section, changes)
    for field, value in changes.items():
        setattr(section, field, value)
    _refuse_taken(world, given)
    world.store.add_section(section)
    _sis_columns(world, section, given)
    return _show(world, section)


def _refuse_taken(world: CanvasWorld, given: dict[str, Any]) -> None:
    """Refuse a taken SIS id before anything is made."""
    sis_id = params.to_text(given.get("sis_section_id"))
    if sis_id and sis_id in world.store.sections.by_sis_id and auth.manages_sis():
        raise errors.invalid_fields({"sis_source_id": f'SIS ID "{sis_id}" is already in use'})


async def update_section(id_: str) -> Answer:
    """Answer updateSection: what a person changes is stuck against later imports.

    SIS ids are refused here to whom they are silently dropped when a section is made.
    """
    world = current_world()
    section = ids.get_section(id_)
    auth.require("manage_sections", context=section)
    given = params.group("course_section")
    changes = _changes(given)
    _check_dates(section, changes)
    if {"sis_section_id", "integration_id"} & given.keys() and not auth.manages_sis(section):
        raise errors.bad_message(NO_SIS_RIGHT, 401)
    _sis_columns(world, section, given)
    if _spares_sticky():
        changes = {name: value for name, value in changes.items() if name not in STICKY}
    write_by_hand(section, at=world.now(), **changes)
    return _show(world, section)


def _spares_sticky() -> bool:
    """Whether the request asks to leave alone what imports do not change once people did."""
    return not params.flag("override_sis_stickiness", default=True)


async def delete_section(id_: str) -> Answer:
    """Answer deleteSection: only one without people."""
    world = current_world()
    section = ids.get_section(id_)
    auth.require("manage_sections", context=section)
    if any(seat.workflow_state not in ("deleted", "rejected") for seat in section.enrollments):
        raise errors.bad_message(HAS_ENROLLMENTS)
    delete_by_hand(section, at=world.now())
    return _show(world, section)


async def crosslist_section(id_: str, new_course_id: str) -> Answer:
    """Answer crosslistSection: the section and its enrollments move, and stay put by imports."""
    world = current_world()
    section = ids.get_section(id_)
    course = ids.get_course(new_course_id)
    auth.require("manage_sections", context=section)
    auth.require("manage_sections", context=course)
    _move(world, section, course)
    return _show(world, section)


def _move(world: CanvasWorld, section: Section, course: Course | None) -> None:
    if _spares_sticky():
        return  # the course of a section is sticky
    if course is None:
        decrosslist(world.store, section, at=world.now())
    else:
        crosslist(world.store, section, course, at=world.now())


async def decrosslist_section(id_: str) -> Answer:
    """Answer decrosslistSection: the section goes home with its people."""
    world = current_world()
    section = ids.get_section(id_)
    auth.require("manage_sections", context=section)
    if section.nonxlist_course_id is None:
        raise errors.bad_message("section is not cross-listed")
    _move(world, section, None)
    return _show(world, section)
