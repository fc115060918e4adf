"""What a Canvas root account held at one moment, as plain facts."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from functools import cached_property

DELETED = "deleted"
"""How anything that no longer shows is told, whether Canvas keeps a deleted row or none."""


class EnrollmentType(StrEnum):
    """Canvas's enrollment types that a roster can lead to."""

    STUDENT = "StudentEnrollment"
    TEACHER = "TeacherEnrollment"
    TA = "TaEnrollment"
    OBSERVER = "ObserverEnrollment"
    DESIGNER = "DesignerEnrollment"


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """A sub-account, or the root: then `parent` is None."""

    id: int
    sis_id: str | None
    name: str
    parent: int | None = None
    state: str = "active"


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """An enrollment term."""

    id: int
    sis_id: str | None
    name: str
    start_at: datetime | None = None
    end_at: datetime | None = None
    state: str = "active"
    grading_period_group: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """A course shell."""

    id: int
    sis_id: str | None
    name: str
    course_code: str | None
    account: int
    term: int
    state: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A section; `origin` is the course it came from when it is cross-listed."""

    id: int
    sis_id: str | None
    name: str
    course: int
    origin: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    """A person with the login that carries a SIS ID, or their first login."""

    id: int
    sis_id: str | None
    name: str
    login: str | None
    state: str = "active"
    email: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Enrollment:
    """A seat in a section."""

    id: int
    section: int
    user: int
    type: str
    state: str
    start_at: datetime | None = None
    end_at: datetime | None = None
    final_score: Decimal | None = None
    current_score: Decimal | None = None
    unposted_final_score: Decimal | None = None
    unposted_current_score: Decimal | None = None
    override_score: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Override:
    """Other dates for a section, or (with `section` None) for single students or groups."""

    section: int | None
    due_at: datetime | None
    sets_due_at: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Assignment:
    """An assignment, graded discussion or quiz."""

    id: int
    course: int
    name: str
    group: str
    group_id: int | None = None
    group_sis_id: str | None = None
    """The SIS category that its group is tied to by id, if somebody tied it."""
    points_possible: Decimal | None
    due_at: datetime | None
    published: bool
    post_to_sis: bool
    grading_type: str
    submission_types: tuple[str, ...] = ()
    only_visible_to_overrides: bool = False
    overrides: tuple[Override, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Submission:
    """A pupil's grade on an assignment; `posted` is whether the pupil may see it."""

    assignment: int
    user: int
    score: Decimal | None
    excused: bool
    posted: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class GradingPeriod:
    """A grading period as a course shows it, with each pupil's totals in it."""

    id: str
    course: int
    title: str
    start: datetime
    end: datetime
    scores: tuple[Enrollment, ...] = ()


@dataclass(frozen=True, kw_only=True)
class CanvasWorld:
    """A whole root account, by Canvas's own numbers.

    Not to be changed once made: SIS IDs are found by an index made when first asked for.
    """

    root: int = 1
    accounts: Mapping[int, Account] = field(default_factory=dict)
    terms: Mapping[int, Term] = field(default_factory=dict)
    courses: Mapping[int, Course] = field(default_factory=dict)
    sections: Mapping[int, Section] = field(default_factory=dict)
    users: Mapping[int, User] = field(default_factory=dict)
    enrollments: Mapping[int, Enrollment] = field(default_factory=dict)
    assignments: Mapping[int, Assignment] = field(default_factory=dict)
    submissions: tuple[Submission, ...] = ()
    grading_periods: tuple[GradingPeriod, ...] = ()

    def sis_section(self, sis_id: str) -> Section | None:
        """Return the section that carries a SIS ID."""
        return self._sis_sections.get(sis_id)

    def sis_user(self, sis_id: str) -> User | None:
        """Return the person whose login carries a SIS ID."""
        return self._sis_users.get(sis_id)

    @cached_property
    def _sis_sections(self) -> Mapping[str, Section]:
        # Of two with one SIS ID the first stands: hence backwards.
        return {each.sis_id: each for each in [*self.sections.values()][::-1] if each.sis_id}

    @cached_property
    def _sis_users(self) -> Mapping[str, User]:
        return {each.sis_id: each for each in [*self.users.values()][::-1] if each.sis_id}

    def seats(self) -> Iterator[tuple[tuple[str, str, str], Enrollment]]:
        """Yield the enrollments that have SIS IDs at both ends, by (section, user, type)."""
        for enrollment in self.enrollments.values():
            section = self.sections.get(enrollment.section)
            user = self.users.get(enrollment.user)
            if section and user and section.sis_id and user.sis_id:
                yield (section.sis_id, user.sis_id, enrollment.type), enrollment
