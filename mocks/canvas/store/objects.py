"""Accounts, terms, courses, sections, enrollments and what hangs on them.

References point downwards only (a section holds its enrollments, an enrollment the section's id),
so that the objects need no garbage collection: a mega district has 1.7 million of them.
Instants are aware and in UTC; `stuck` holds the sticky fields that people in Canvas have changed.
"""

from datetime import datetime
from typing import Any

import msgspec

from homeroom.mocks.canvas.store.coursework import (
    Assignment,
    AssignmentGroup,
    DiscussionTopic,
    LatePolicy,
    Quiz,
)
from homeroom.mocks.canvas.store.enrollments import Fields, Seated

NOTHING_STUCK: Fields = frozenset()


class Account(msgspec.Struct, gc=False, kw_only=True):
    """A place: the root account of a district or an account below it."""

    id: int
    name: str
    parent_account_id: int | None = None
    workflow_state: str = "active"
    uuid: str = ""
    sis_source_id: str | None = None
    integration_id: str | None = None
    sis_batch_id: int | None = None
    settings: dict[str, Any] = msgspec.field(default_factory=dict[str, Any])
    """Own settings by Canvas's names; inherited ones are looked up along the parents."""
    default_time_zone: str | None = None
    """Its own; without one it lives by the root account's."""
    quotas_mb: dict[str, int] = msgspec.field(default_factory=dict[str, int])
    """Storage quotas that were set, by the API's names."""
    stuck: Fields = NOTHING_STUCK
    created_at: datetime
    updated_at: datetime


class Term(msgspec.Struct, gc=False, kw_only=True):
    """A period courses are taught in, an EnrollmentTerm."""

    id: int
    name: str
    start_at: datetime | None = None
    end_at: datetime | None = None
    workflow_state: str = "active"
    sis_source_id: str | None = None
    integration_id: str | None = None
    sis_batch_id: int | None = None
    grading_period_group_id: int | None = None
    overrides: dict[str, tuple[datetime | None, datetime | None]] = msgspec.field(
        default_factory=dict[str, tuple[datetime | None, datetime | None]]
    )
    """Dates by enrollment type, such as StudentEnrollment."""
    stuck: Fields = NOTHING_STUCK
    created_at: datetime
    updated_at: datetime


class AbstractCourse(msgspec.Struct, gc=False, kw_only=True):
    """A catalogue course that courses are made after."""

    id: int
    name: str
    short_name: str
    account_id: int
    enrollment_term_id: int
    workflow_state: str = "active"
    sis_source_id: str | None = None
    integration_id: str | None = None
    sis_batch_id: int | None = None
    stuck: Fields = NOTHING_STUCK
    created_at: datetime
    updated_at: datetime


class Section(Seated, gc=False, kw_only=True):
    """A group of a course's people; `nonxlist_course_id` is its home while it is cross-listed."""

    id: int
    course_id: int
    nonxlist_course_id: int | None = None
    name: str
    workflow_state: str = "active"
    default_section: bool = False
    start_at: datetime | None = None
    end_at: datetime | None = None
    restrict_enrollments_to_section_dates: bool = False
    sis_source_id: str | None = None
    integration_id: str | None = None
    sis_batch_id: int | None = None
    stuck: Fields = NOTHING_STUCK
    created_at: datetime
    updated_at: datetime


class Course(msgspec.Struct, gc=False, kw_only=True):
    """A course; `workflow_state` is Canvas's inner one: created, claimed, available, ..."""

    id: int
    name: str
    course_code: str
    account_id: int
    enrollment_term_id: int
    workflow_state: str = "claimed"
    uuid: str = ""
    start_at: datetime | None = None
    conclude_at: datetime | None = None
    restrict_enrollments_to_course_dates: bool = False
    sis_source_id: str | None = None
    integration_id: str | None = None
    sis_batch_id: int | None = None
    abstract_course_id: int | None = None
    template_course_id: int | None = None
    """The course whose section's cross-listing created this one: it follows its name and dates."""
    course_format: str | None = None
    grade_passback_setting: str | None = None
    homeroom_course: bool = False
    friendly_name: str | None = None
    grading_standard_id: int | None = None
    apply_assignment_group_weights: bool = False
    post_manually: bool = False
    hide_final_grades: bool = False
    is_public: bool = False
    default_view: str = "modules"
    license: str | None = None
    time_zone: str | None = None
    syllabus_body: str | None = None
    blueprint: bool = False
    blueprint_course_id: int | None = None
    late_policy: LatePolicy | None = None
    sections: list[Section] = msgspec.field(default_factory=list[Section])
    """Sections standing in this course now, deleted ones included."""
    assignments: list[Assignment] = msgspec.field(default_factory=list[Assignment])
    assignment_groups: list[AssignmentGroup] = msgspec.field(default_factory=list[AssignmentGroup])
    quizzes: list[Quiz] = msgspec.field(default_factory=list[Quiz])
    discussion_topics: list[DiscussionTopic] = msgspec.field(default_factory=list[DiscussionTopic])
    settings: dict[str, Any] = msgspec.field(default_factory=dict[str, Any])
    stuck: Fields = NOTHING_STUCK
    created_at: datetime
    updated_at: datetime


class UserObserver(msgspec.Struct, gc=False, kw_only=True):
    """An observer's link to a student."""

    id: int
    observer_id: int
    student_id: int
    workflow_state: str = "active"
    sis_batch_id: int | None = None
    created_at: datetime
    updated_at: datetime


class AccountUser(msgspec.Struct, gc=False, kw_only=True):
    """A user's role as an admin of an account."""

    id: int
    account_id: int
    user_id: int
    role_id: int
    workflow_state: str = "active"
    sis_batch_id: int | None = None
    created_at: datetime
    updated_at: datetime


class Role(msgspec.Struct, gc=False, kw_only=True):
    """A built-in role, or one of the district's own made after it."""

    id: int
    name: str
    """Of a built-in role its base type, such as StudentEnrollment or AccountAdmin."""
    base_role_type: str
    """An enrollment type, `AccountMembership`, or `NoPermissions`."""
    account_id: int | None = None
    workflow_state: str = "active"
    """built_in, active, inactive or deleted."""


class GradingPeriod(msgspec.Struct, gc=False, kw_only=True):
    """A marking period, in a set that terms refer to."""

    id: int
    grading_period_group_id: int
    title: str
    start_date: datetime
    end_date: datetime
    close_date: datetime
    weight: float | None = None
    workflow_state: str = "active"


class GradingPeriodGroup(msgspec.Struct, gc=False, kw_only=True):
    """A set of grading periods."""

    id: int
    title: str
    account_id: int = 1
    weighted: bool = False
    grading_periods: list[GradingPeriod] = msgspec.field(default_factory=list[GradingPeriod])
    created_at: datetime
    updated_at: datetime


class Progress(msgspec.Struct, gc=False, kw_only=True):
    """How far a job of Canvas's has come."""

    id: int
    context_id: int
    context_type: str
    tag: str
    user_id: int | None = None
    completion: float | None = None
    workflow_state: str = "queued"
    message: str | None = None
    results: Any = None
    created_at: datetime
    updated_at: datetime


class Attachment(msgspec.Struct, gc=False, kw_only=True):
    """A file: an upload, a computed diff or an error report of an import."""

    id: int
    uuid: str
    filename: str
    content_type: str
    content: bytes
    """Compressed with gzip when `compressed`."""
    size: int
    compressed: bool = False
    source_id: int | None = None
    """The archive that holds it, as `member`; then `content` is empty."""
    member: str | None = None
    hidden_columns: tuple[str, ...] = ()
    """Columns left out of what is offered, such as passwords."""
    created_at: datetime
    updated_at: datetime
