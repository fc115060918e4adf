"""Moving sections between the course they belong to and the one they are taught in."""

from datetime import datetime

from homeroom.mocks.canvas.store import CanvasStore, Course, Section


def crosslist(store: CanvasStore, section: Section, course: Course, *, at: datetime) -> bool:
    """Cross-list a section into a course, remembering its home; returns whether it moved."""
    if section.course_id == course.id:
        return False
    home = section.nonxlist_course_id or section.course_id
    store.move_section(section, course.id, at=at)
    section.nonxlist_course_id = None if home == course.id else store.courses.get(home).id
    return True


def bring_home(store: CanvasStore, section: Section, *, at: datetime, revive: bool = True) -> bool:
    """Undo a cross-listing; a deleted home is revived. Returns whether the section moved."""
    if section.nonxlist_course_id is None:
        return False
    home = store.courses.get(section.nonxlist_course_id)
    section.nonxlist_course_id = None
    if revive and home.workflow_state == "deleted":
        home.workflow_state = "claimed"
        home.updated_at = at
    store.move_section(section, home.id, at=at)
    return True
