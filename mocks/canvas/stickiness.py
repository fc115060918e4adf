"""Stickiness: what people change in Canvas, later imports leave alone."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from homeroom.mocks.canvas.store import (
    AbstractCourse,
    Account,
    Course,
    Enrollment,
    Group,
    Pseudonym,
    Section,
    Term,
    User,
)

STICKY_FIELDS: Mapping[type, frozenset[str]] = {
    Pseudonym: frozenset({"unique_id", "workflow_state"}),
    User: frozenset({"name", "sortable_name", "short_name", "pronouns"}),
    Account: frozenset({"name", "parent_account_id"}),
    Term: frozenset({"name", "start_at", "end_at"}),
    Course: frozenset({
        "name", "course_code", "start_at", "conclude_at", "restrict_enrollments_to_course_dates",
        "enrollment_term_id", "workflow_state", "account_id", "grade_passback_setting",
    }),
    Section: frozenset({
        "course_id", "name", "start_at", "end_at", "restrict_enrollments_to_section_dates",
    }),
    Enrollment: frozenset({"start_at", "end_at"}),
    Group: frozenset({"name"}),
    AbstractCourse: frozenset({"name", "short_name", "enrollment_term_id"}),
}  # fmt: skip
"""By object, the fields that stick."""


def stick(row: Any, *fields: str) -> None:
    """Record that people changed these fields; those that do not stick are passed over."""
    sticky = STICKY_FIELDS.get(type(row), frozenset()).intersection(fields)
    if not sticky <= row.stuck:
        row.stuck = row.stuck | sticky


def write_by_hand(row: Any, *, at: datetime, **changes: Any) -> bool:
    """Change an object as a person does (REST, GraphQL); what really changes becomes stuck.

    Returns:
        Whether anything changed.
    """
    changed = [name for name, value in changes.items() if getattr(row, name) != value]
    for name in changed:
        setattr(row, name, changes[name])
    if changed:
        row.updated_at = at
        stick(row, *changed)
    return bool(changed)
