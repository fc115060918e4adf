"""Step 1, Fetch Snapshot: a course's grades as Canvas has them."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from decimal import Decimal
from itertools import groupby
from typing import Any

import msgspec

from homeroom.reference.canvas.client import CanvasClient, quoted_id

SEATED = ("active", "completed")
"""Whose grades count: those in the class, and those whose class is over."""


class Group(msgspec.Struct, kw_only=True):
    """An assignment group; `sis_source_id` ties it to a SIS category by id."""

    id: int
    name: str = ""
    sis_source_id: str | None = None


class SectionOverride(msgspec.Struct, kw_only=True):
    """A section's own dates."""

    due_at: datetime | None = None


class Section(msgspec.Struct, kw_only=True):
    """A section an assignment is given to; `sis_id` is the class's sourcedId."""

    id: int
    name: str = ""
    sis_id: str | None = None
    override: SectionOverride | None = None


class Assignment(msgspec.Struct, kw_only=True):
    """An assignment, graded discussion or quiz marked for the SIS."""

    id: int
    course_id: int
    name: str
    created_at: datetime | None = None
    due_at: datetime | None = None
    unlock_at: datetime | None = None
    points_possible: Decimal | None = None
    integration_data: dict[str, Any] | None = None
    assignment_group: Group
    sections: list[Section] = []
    user_overrides: list[dict[str, Any]] = []

    def due_in(self, section: Section) -> datetime | None:
        """When it is due in a section: the section's own date wins."""
        return section.override.due_at if section.override is not None else self.due_at


class Grades(msgspec.Struct, kw_only=True):
    """What Canvas computes of a student's whole course, in percent."""

    final_score: Decimal | None = None
    current_score: Decimal | None = None
    unposted_final_score: Decimal | None = None
    unposted_current_score: Decimal | None = None
    override_score: Decimal | None = None


class Seat(msgspec.Struct, kw_only=True):
    """A student's place in a section; `sis_import_id` says that the SIS put them there."""

    user_id: int
    course_section_id: int
    enrollment_state: str
    sis_user_id: str | None = None
    sis_section_id: str | None = None
    sis_import_id: int | None = None
    grades: Grades | None = None

    @property
    def counts(self) -> bool:
        """Whether the student's grades go to the SIS."""
        return bool(self.sis_user_id and self.sis_import_id and self.enrollment_state in SEATED)


class Submission(msgspec.Struct, kw_only=True):
    """A grade; `score` is after deductions, `posted_at` says that students may see it."""

    assignment_id: int
    user_id: int
    score: Decimal | None = None
    grade: str | None = None
    excused: bool | None = None
    workflow_state: str = ""
    graded_at: datetime | None = None
    posted_at: datetime | None = None


class GradingPeriod(msgspec.Struct, kw_only=True):
    """A grading period as a course has it."""

    id: str | int
    title: str = ""
    start_date: datetime
    end_date: datetime


def iter_courses(
    canvas: CanvasClient, courses: Iterable[str]
) -> Iterator[tuple[int, list[Assignment]]]:
    """Yield each course that has assignments for the SIS, with them."""
    chosen = list(courses)
    listed = (
        (item for course in chosen for item in canvas.iter_sis_assignments(course))
        if chosen
        else canvas.iter_sis_assignments()
    )
    assignments = (msgspec.convert(item, Assignment, strict=False) for item in listed)
    for course, theirs in groupby(assignments, key=lambda assignment: assignment.course_id):
        yield course, list(theirs)


def get_seats(canvas: CanvasClient, course: int | str, period: str | None = None) -> list[Seat]:
    """Read the students of a course, with their course grades, of one grading period or overall."""
    params = [("type[]", "StudentEnrollment"), *(("state[]", state) for state in SEATED)]
    if period is not None:
        params.append(("grading_period_id", period))
    path = f"api/v1/courses/{quoted_id(str(course))}/enrollments"
    return [msgspec.convert(item, Seat, strict=False) for item in canvas.iter_all(path, params)]


def get_submissions(canvas: CanvasClient, course: int) -> dict[int, dict[int, Submission]]:
    """Read a course's submissions for the SIS, by assignment and student."""
    path = f"api/v1/courses/{course}/students/submissions"
    params = [("student_ids[]", "all"), ("grouped", "true"), ("post_to_sis", "true")]
    found: dict[int, dict[int, Submission]] = {}
    for student in canvas.iter_all(path, params):
        for item in student["submissions"]:
            submission = msgspec.convert(item, Submission, strict=False)
            found.setdefault(submission.assignment_id, {})[submission.user_id] = submission
    return found


def get_grading_periods(canvas: CanvasClient, course: int) -> list[GradingPeriod]:
    """Read a course's grading periods."""
    path = f"api/v1/courses/{course}/grading_periods"
    items = canvas.iter_all(path, key="grading_periods")
    return [msgspec.convert(item, GradingPeriod, strict=False) for item in items]


def matches(ids: Iterable[str], canvas_id: int, sis_id: str | None) -> bool:
    """Whether a Canvas id or a SIS ID is among those chosen; none chosen is all chosen."""
    chosen = set(ids)
    return not chosen or str(canvas_id) in chosen or bool(sis_id and sis_id in chosen)


def without_prefix(ids: Iterable[str]) -> tuple[str, ...]:
    """Take `sis_section_id:` and the like off."""
    return tuple(each.partition(":")[2] if each.startswith("sis_") else each for each in ids)


Submissions = Mapping[int, Mapping[int, Submission]]
