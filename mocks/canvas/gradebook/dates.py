"""Which dates of an assignment apply to whom, and in which grading period it falls.

Source: canvas-rest-api.md 6.2, 6.4 and 5.4. Of several overrides the most lenient dates hold.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from homeroom.mocks.canvas.store import Assignment, AssignmentOverride, GradingPeriod


@dataclass(frozen=True, slots=True)
class Dates:
    """An assignment's dates for one person."""

    due_at: datetime | None
    unlock_at: datetime | None
    lock_at: datetime | None
    assigned: bool
    """False where the assignment is for others only."""


def active_overrides(assignment: Assignment) -> list[AssignmentOverride]:
    """Return an assignment's overrides that are not deleted, in order."""
    return [override for override in assignment.overrides if override.workflow_state == "active"]


def dates_for(assignment: Assignment, user_id: int, section_ids: Collection[int]) -> Dates:
    """Return the dates that apply to a person seated in those sections."""
    overrides = [
        override
        for override in assignment.overrides
        if override.workflow_state == "active"
        and (user_id in override.student_ids or override.course_section_id in section_ids)
    ]
    if not overrides:
        return Dates(
            assignment.due_at,
            assignment.unlock_at,
            assignment.lock_at,
            assigned=not assignment.only_visible_to_overrides,
        )
    return Dates(
        _latest((o.due_at for o in overrides if o.due_at_overridden), assignment.due_at),
        _earliest((o.unlock_at for o in overrides if o.unlock_at_overridden), assignment.unlock_at),
        _latest((o.lock_at for o in overrides if o.lock_at_overridden), assignment.lock_at),
        assigned=True,
    )


def _latest(overridden: Iterable[datetime | None], base: datetime | None) -> datetime | None:
    found = list(overridden)
    if not found:
        return base
    return None if None in found else max(at for at in found if at is not None)


def _earliest(overridden: Iterable[datetime | None], base: datetime | None) -> datetime | None:
    found = list(overridden)
    if not found:
        return base
    return None if None in found else min(at for at in found if at is not None)


def period_of(due_at: datetime | None, periods: Sequence[GradingPeriod]) -> GradingPeriod | None:
    """Return the grading period of a due date; without a date that is the last one.

    Args:
        due_at: An effective due date.
        periods: In order of their start dates, deleted ones left out.
    """
    if not periods:
        return None
    if due_at is None:
        return periods[-1]
    return next((p for p in periods if p.start_date < due_at <= p.end_date), None)


def is_closed(period: GradingPeriod | None, now: datetime) -> bool:
    """Whether teachers can no longer change grades of a period."""
    return period is not None and now > period.close_date
