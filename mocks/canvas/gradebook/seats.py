"""What state a seat is in once dates are considered: its own, its section's, course's or term's.

Source: canvas-rest-api.md 7.3, `state_based_on_date`.
"""

from datetime import datetime

from homeroom.mocks.canvas.store import CanvasStore, Enrollment

_DATED = frozenset({"active", "invited", "creation_pending"})
_Span = tuple[datetime | None, datetime | None]


def state_by_date(store: CanvasStore, seat: Enrollment, now: datetime) -> str:
    """Return a seat's state as of an instant: over after its last day, pending before its first."""
    if seat.workflow_state not in _DATED:
        return seat.workflow_state
    start, end = _span(store, seat)
    if end is not None and end < now:
        return "completed"
    if start is not None and now < start:
        return "pending_active" if seat.workflow_state == "active" else "pending_invited"
    return seat.workflow_state


def _span(store: CanvasStore, seat: Enrollment) -> _Span:
    """Return the dates that rule a seat: the nearest ones that are meant to."""
    if seat.start_at is not None and seat.end_at is not None:
        return seat.start_at, seat.end_at
    section = store.sections.get(seat.section_id)
    if section.restrict_enrollments_to_section_dates:
        return section.start_at, section.end_at
    course = store.courses.get(seat.course_id)
    if course.restrict_enrollments_to_course_dates:
        return course.start_at, course.conclude_at
    term = store.terms.get(course.enrollment_term_id)
    start, end = term.overrides.get(seat.type, (None, None))
    return start or term.start_at, end or term.end_at
