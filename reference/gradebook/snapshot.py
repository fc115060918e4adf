"""Step 1, Fetch Snapshot: a course's grades as Canvas has them."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from decimal import Decimal
from typing import Any, TypeVar

import msgspec

from homeroom.reference.canvas.client import CanvasClient
from homeroom.reference.transport import Params

T = TypeVar("T")
# How Canvas labels work that came late, or not at all.
LATE, MISSING = "Late", "Missing"


class Group(msgspec.Struct, kw_only=True):
    """An assignment group; `sis_source_id` ties it to a SIS category by id."""

    id: int
    name: str = ""
    sis_source_id: str | None = None


class Override(msgspec.Struct, kw_only=True):
    """A section's own dates."""

    due_at: datetime | None = None


class Section(msgspec.Struct, kw_only=True):
    """A section an assignment is given to; `sis_id` is the class's sourcedId."""

    id: int
    name: str = ""
    sis_id: str | None = None
    override: Override | None = None


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


class Seat(msgspec.Struct, kw_only=True):
    """A student's place in a section; `sis_import_id` says that the SIS put them there."""

    user_id: int
    course_section_id: int
    sis_user_id: str | None = None
    sis_section_id: str | None = None
    sis_import_id: int | None = None
    grades: dict[str, Any] = {}


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
    late: bool = False
    missing: bool = False

    @property
    def mark(self) -> str:
        """The label Canvas shows with it; blank: it came in time, or still may."""
        return LATE if self.late else MISSING if self.missing else ""


class GradingPeriod(msgspec.Struct, kw_only=True):
    """A grading period as a course has it."""

    id: str | int
    title: str = ""
    start_date: datetime


class Snapshot:
    """Reads grades."""

    def __init__(self, canvas: CanvasClient) -> None:
        self._canvas = canvas

    def iter_assignments(self, courses: Iterable[str]) -> Iterator[Assignment]:
        """Yield the assignments marked for the SIS, by course; no course chosen is all courses."""
        places = [f"courses/{course}" for course in courses] or ["accounts/self"]
        for place in places:
            path = f"api/sis/{place}/assignments"
            yield from self._iter(Assignment, path, [("include[]", "student_overrides")])

    def get_seats(self, course: int, period: str | int | None = None) -> list[Seat]:
        """Read a course's students, with their course grades in one grading period or overall."""
        # Whose grades count: those in the class, and those whose class is over.
        params = [("type[]", "StudentEnrollment"), ("state[]", "active"), ("state[]", "completed")]
        params += [("grading_period_id", str(period))] if period else []
        return list(self._iter(Seat, f"api/v1/courses/{course}/enrollments", params))

    def get_submissions(self, course: int) -> dict[tuple[int, int], Submission]:
        """Read a course's submissions for the SIS, by assignment and student."""
        params = [("student_ids[]", "all"), ("grouped", "true"), ("post_to_sis", "true")]
        students = self._canvas.iter_all(f"api/v1/courses/{course}/students/submissions", params)
        items = [item for student in students for item in student["submissions"]]
        found = msgspec.convert(items, list[Submission], strict=False)
        return {(each.assignment_id, each.user_id): each for each in found}

    def get_grading_periods(self, course: int) -> list[GradingPeriod]:
        """Read a course's grading periods."""
        path = f"api/v1/courses/{course}/grading_periods"
        return list(self._iter(GradingPeriod, path, key="grading_periods"))

    def _iter(
        self, kind: type[T], path: str, params: Params = None, key: str | None = None
    ) -> Iterator[T]:
        for item in self._canvas.iter_all(path, params, key=key):
            yield msgspec.convert(item, kind, strict=False)
