"""Groups of people in an account or a course, and the sets (categories) that they belong to."""

from datetime import datetime

import msgspec

from homeroom.mocks.canvas.store.enrollments import Fields

_NOTHING_STUCK: Fields = frozenset()


class GroupCategory(msgspec.Struct, gc=False, kw_only=True):
    """A set of groups, of a course or of an account."""

    id: int
    name: str
    account_id: int | None = None
    course_id: int | None = None
    workflow_state: str = "active"
    sis_source_id: str | None = None
    integration_id: str | None = None
    """Always None: Canvas's sets have none."""
    sis_batch_id: int | None = None
    stuck: Fields = _NOTHING_STUCK
    created_at: datetime
    updated_at: datetime


class Group(msgspec.Struct, gc=False, kw_only=True):
    """A group, of a course or of an account."""

    id: int
    name: str
    group_category_id: int | None = None
    account_id: int | None = None
    course_id: int | None = None
    workflow_state: str = "available"
    """available, closed, completed or deleted."""
    sis_source_id: str | None = None
    integration_id: str | None = None
    sis_batch_id: int | None = None
    memberships: list["GroupMembership"] = msgspec.field(default_factory=list["GroupMembership"])
    stuck: Fields = _NOTHING_STUCK
    created_at: datetime
    updated_at: datetime


class GroupMembership(msgspec.Struct, gc=False, kw_only=True):
    """A user's place in a group: accepted or deleted."""

    id: int
    group_id: int
    user_id: int
    workflow_state: str = "accepted"
    sis_batch_id: int | None = None
    created_at: datetime
    updated_at: datetime
