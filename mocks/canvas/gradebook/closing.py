"""Canvas's periodic job that takes the SIS flag off what a grading period closed over.

It runs every five minutes and looks an hour back; here it runs whenever somebody looks, over the
time since it last ran. Source: canvas-rest-api.md 4.1.
"""

from datetime import datetime

from homeroom.mocks.canvas.store import Assignment, CanvasStore, GradingPeriod


def untick_closed(store: CanvasStore, *, since: datetime, now: datetime) -> int:
    """Take the flag off assignments due in periods that closed in between; return how many."""
    closed = {
        group.id: [
            period
            for period in group.grading_periods
            if period.workflow_state != "deleted" and since < period.close_date <= now
        ]
        for group in store.grading_period_groups
    }
    if not any(closed.values()):
        return 0
    count = 0
    for course in store.courses:
        periods = closed.get(
            store.terms.get(course.enrollment_term_id).grading_period_group_id or 0
        )
        for assignment in course.assignments if periods else ():
            if assignment.post_to_sis and any(_due_in(assignment, one) for one in periods or ()):
                assignment.post_to_sis = False
                assignment.updated_at = now
                count += 1
    return count


def _due_in(assignment: Assignment, period: GradingPeriod) -> bool:
    dues = [assignment.due_at]
    dues += [o.due_at for o in assignment.overrides if o.workflow_state == "active"]
    return any(due is not None and period.start_date < due <= period.end_date for due in dues)
