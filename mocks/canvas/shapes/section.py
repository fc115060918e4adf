"""Sections. Source: canvas-rest-api.md 5.2."""

from collections.abc import Collection
from typing import Any

from homeroom.mocks.canvas.shapes.common import Sight, when
from homeroom.mocks.canvas.shapes.enrollment import EnrollmentShape
from homeroom.mocks.canvas.shapes.user import user_json
from homeroom.mocks.canvas.store import Enrollment, Section
from homeroom.mocks.canvas.world import CanvasWorld


def _student(
    world: CanvasWorld, seat: Enrollment, sees: Sight, include: Collection[str]
) -> dict[str, Any]:
    shown = user_json(world, world.store.users.get(seat.user_id), sees)
    if "enrollments" in include:
        shown["enrollments"] = [EnrollmentShape(world).json(seat, with_user=False)]
    return shown


def section_json(
    world: CanvasWorld, section: Section, sees: Sight, *, include: Collection[str] = ()
) -> dict[str, Any]:
    """Write a section; `sis_course_id` is that of the course it stands in now."""
    shown: dict[str, Any] = {
        "id": section.id,
        "course_id": section.course_id,
        "name": section.name,
        "start_at": when(section.start_at),
        "end_at": when(section.end_at),
        "created_at": when(section.created_at),
        "restrict_enrollments_to_section_dates": section.restrict_enrollments_to_section_dates,
        "nonxlist_course_id": section.nonxlist_course_id,
    }
    if sees.reads_sis:
        shown["sis_section_id"] = section.sis_source_id
        shown["sis_course_id"] = world.store.courses.get(section.course_id).sis_source_id
        shown["integration_id"] = section.integration_id
    if sees.manages_sis:
        shown["sis_import_id"] = section.sis_batch_id
    current = [one for one in section.enrollments if one.workflow_state in ("active", "invited")]
    students = [one for one in current if one.type == "StudentEnrollment"]
    if "students" in include:
        # Canvas has null, not an empty list, where there are none.
        shown["students"] = [_student(world, one, sees, include) for one in students] or None
    if "total_students" in include:
        shown["total_students"] = len(students)
    if "user_count" in include:
        shown["user_count"] = len({one.user_id for one in current})
    if "passback_status" in include:
        shown["passback_status"] = None
    return shown
