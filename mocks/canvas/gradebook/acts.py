"""What people in Canvas do to courses, sections and enrollments, stickiness included.

A field that a person changes is stuck from then on: later SIS imports leave it alone.
Source: canvas-sis-imports.md 4, canvas-rest-api.md 5.
"""

from datetime import datetime
from typing import Any

from homeroom.mocks.canvas.sis_import import crosslisting
from homeroom.mocks.canvas.stickiness import stick, write_by_hand
from homeroom.mocks.canvas.store import CanvasStore, Course, Enrollment, Section


def set_course_event(store: CanvasStore, course: Course, event: str, *, at: datetime) -> None:
    """Claim, offer, conclude, delete or undelete a course by hand.

    Concluding completes its active and invited enrollments; deleting deletes all; neither
    comes back by undoing the event.
    """
    if event == "undelete" and course.workflow_state != "deleted":
        return
    state = {
        "claim": "claimed",
        "offer": "available",
        "conclude": "completed",
        "delete": "deleted",
        "undelete": "claimed",
    }[event]
    changes: dict[str, Any] = {"workflow_state": state}
    if event == "conclude" and course.conclude_at is None:
        changes["conclude_at"] = at
    write_by_hand(course, at=at, **changes)
    if event == "conclude":
        for enrollment in store.course_enrollments(course):
            if enrollment.workflow_state in ("active", "invited"):
                end_enrollment(enrollment, "completed", at=at)
    if event == "delete":
        for section in course.sections:
            for enrollment in section.enrollments:
                end_enrollment(enrollment, "deleted", at=at)
    if event == "offer":
        for enrollment in store.course_enrollments(course):
            if enrollment.workflow_state == "creation_pending":
                enrollment.workflow_state = "invited"
                enrollment.updated_at = at


def end_enrollment(enrollment: Enrollment, state: str, *, at: datetime) -> None:
    """Put an enrollment in state completed, inactive or deleted."""
    if enrollment.workflow_state == state:
        return
    enrollment.workflow_state = state
    enrollment.completed_at = at if state == "completed" else None
    enrollment.updated_at = at


def crosslist(store: CanvasStore, section: Section, course: Course, *, at: datetime) -> None:
    """Move a section and its people into another course by hand, remembering its home."""
    if section.course_id == course.id:
        return
    drop_overrides(store, section, at=at)
    if crosslisting.crosslist(store, section, course, at=at):
        stick(section, "course_id")


def decrosslist(store: CanvasStore, section: Section, *, at: datetime) -> None:
    """Bring a cross-listed section home by hand; a deleted home is revived."""
    drop_overrides(store, section, at=at)
    if crosslisting.bring_home(store, section, at=at):
        stick(section, "course_id")


def drop_overrides(store: CanvasStore, section: Section, *, at: datetime) -> None:
    """Delete a section's overrides: they belong to assignments of the course it leaves."""
    for assignment in store.courses.get(section.course_id).assignments:
        for override in assignment.overrides:
            if override.course_section_id == section.id:
                override.workflow_state = "deleted"
                override.updated_at = at


def delete_section(section: Section, *, at: datetime) -> None:
    """Delete a section and its enrollments by hand."""
    section.workflow_state = "deleted"
    section.updated_at = at
    for enrollment in section.enrollments:
        end_enrollment(enrollment, "deleted", at=at)
