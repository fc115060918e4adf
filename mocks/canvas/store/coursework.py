"""What is taught and graded: assignments, overrides, quizzes, discussions, submissions."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

import msgspec


class AssignmentOverride(msgspec.Struct, gc=False, kw_only=True):
    """Other dates for a section, a group or some students. `dates` names the ones overridden."""

    id: int
    assignment_id: int
    title: str | None = None
    course_section_id: int | None = None
    group_id: int | None = None
    student_ids: tuple[int, ...] = ()
    due_at: datetime | None = None
    due_at_overridden: bool = False
    unlock_at: datetime | None = None
    unlock_at_overridden: bool = False
    lock_at: datetime | None = None
    lock_at_overridden: bool = False
    all_day: bool = False
    all_day_date: date | None = None
    workflow_state: str = "active"
    created_at: datetime
    updated_at: datetime


class SubmissionComment(msgspec.Struct, gc=False, kw_only=True):
    """A comment on a submission."""

    id: int
    author_id: int | None
    comment: str
    created_at: datetime


class Submission(msgspec.Struct, gc=False, kw_only=True):
    """What a student handed in and was given; stored once touched, before that synthesised."""

    id: int
    assignment_id: int
    user_id: int
    workflow_state: str = "unsubmitted"
    entered_score: Decimal | None = None
    """What the grader's words are worth; the score is this less what the late policy takes off."""
    entered_grade: str | None = None
    """The grader's own words, while they are a score."""
    excused: bool | None = None
    attempt: int | None = None
    submission_type: str | None = None
    submitted_at: datetime | None = None
    body: str | None = None
    url: str | None = None
    graded_at: datetime | None = None
    grader_id: int | None = None
    posted_at: datetime | None = None
    late_policy_status: str | None = None
    seconds_late_override: int | None = None
    grade_matches_current_submission: bool = True
    extra_attempts: int | None = None
    redo_request: bool = False
    comments: tuple[SubmissionComment, ...] = ()
    history: tuple["Submission", ...] = ()
    created_at: datetime
    updated_at: datetime


class Assignment(msgspec.Struct, gc=False, kw_only=True):
    """A graded thing of a course; dates are the base ones."""

    id: int
    course_id: int
    title: str
    assignment_group_id: int
    description: str | None = None
    due_at: datetime | None = None
    unlock_at: datetime | None = None
    lock_at: datetime | None = None
    points_possible: float | None = 0.0
    grading_type: str = "points"
    grading_standard_id: int | None = None
    submission_types: tuple[str, ...] = ("none",)
    position: int = 1
    workflow_state: str = "unpublished"
    post_to_sis: bool = False
    post_manually: bool = False
    omit_from_final_grade: bool = False
    hide_in_gradebook: bool = False
    only_visible_to_overrides: bool = False
    moderated_grading: bool = False
    grades_published_at: datetime | None = None
    anonymous_grading: bool = False
    allowed_attempts: int = -1
    allowed_extensions: tuple[str, ...] = ()
    sis_source_id: str | None = None
    integration_id: str | None = None
    integration_data: dict[str, Any] = msgspec.field(default_factory=dict[str, Any])
    quiz_id: int | None = None
    discussion_topic_id: int | None = None
    is_quiz_lti: bool = False
    external_tool: dict[str, Any] | None = None
    overrides: list[AssignmentOverride] = msgspec.field(default_factory=list[AssignmentOverride])
    submissions: dict[int, Submission] = msgspec.field(default_factory=dict[int, Submission])
    """By user id; only those that were touched."""
    extra: dict[str, Any] = msgspec.field(default_factory=dict[str, Any])
    """Further attributes that REST stores and shows and nothing acts on."""
    created_at: datetime
    updated_at: datetime


class AssignmentGroup(msgspec.Struct, gc=False, kw_only=True):
    """A category of a course's assignments, with weight and drop rules."""

    id: int
    course_id: int
    name: str
    position: int = 1
    group_weight: float = 0.0
    sis_source_id: str | None = None
    integration_data: dict[str, Any] = msgspec.field(default_factory=dict[str, Any])
    drop_lowest: int = 0
    drop_highest: int = 0
    never_drop: tuple[int, ...] = ()
    workflow_state: str = "available"
    created_at: datetime
    updated_at: datetime


class Quiz(msgspec.Struct, gc=False, kw_only=True):
    """A classic quiz; a graded one owns an assignment."""

    id: int
    course_id: int
    title: str
    quiz_type: str = "assignment"
    assignment_id: int | None = None
    description: str | None = None
    points_possible: float | None = 0.0
    due_at: datetime | None = None
    unlock_at: datetime | None = None
    lock_at: datetime | None = None
    workflow_state: str = "unpublished"
    extra: dict[str, Any] = msgspec.field(default_factory=dict[str, Any])
    created_at: datetime
    updated_at: datetime


class DiscussionTopic(msgspec.Struct, gc=False, kw_only=True):
    """A discussion; a graded one owns an assignment."""

    id: int
    course_id: int
    title: str
    message: str | None = None
    assignment_id: int | None = None
    workflow_state: str = "active"
    published: bool = True
    user_id: int | None = None
    extra: dict[str, Any] = msgspec.field(default_factory=dict[str, Any])
    posted_at: datetime | None = None
    created_at: datetime
    updated_at: datetime


class GradingStandard(msgspec.Struct, gc=False, kw_only=True):
    """A course's own grading scheme: names and the percentages they begin at, best first."""

    id: int
    course_id: int
    title: str
    entries: tuple[tuple[str, Decimal], ...]
    workflow_state: str = "active"


class LatePolicy(msgspec.Struct, gc=False, kw_only=True):
    """What late and missing work costs in a course; percents."""

    id: int
    course_id: int
    missing_submission_deduction_enabled: bool = False
    missing_submission_deduction: float = 0.0
    late_submission_deduction_enabled: bool = False
    late_submission_deduction: float = 0.0
    late_submission_interval: str = "day"
    late_submission_minimum_percent_enabled: bool = False
    late_submission_minimum_percent: float = 0.0
    created_at: datetime
    updated_at: datetime


class GradeChange(msgspec.Struct, gc=False, kw_only=True):
    """One event of the grade change log."""

    id: str
    created_at: datetime
    course_id: int
    student_id: int
    grader_id: int | None
    assignment_id: int | None = None
    """None for a final grade override."""
    grade_before: str | None = None
    grade_after: str | None = None
    excused_before: bool = False
    excused_after: bool = False
    points_possible_before: float | None = None
    points_possible_after: float | None = None
    version_number: int | None = None
