"""Reads both gradebooks of every course of the SIS and compares them; nothing is written."""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from typing import Any

import msgspec

from homeroom.config import UserId
from homeroom.reference.canvas.client import CanvasClient, quoted_id
from homeroom.reference.canvas.rows import UserRow
from homeroom.reference.errors import FatalError, RecordError
from homeroom.reference.gradebook.book import Stored
from homeroom.reference.gradebook.snapshot import Seat
from homeroom.reference.oneroster.client import OneRosterClient
from homeroom.reference.settings import Settings
from homeroom.reference.workflows.configuration import open_canvas, open_oneroster
from homeroom.reference.workflows.memory import iter_rows, provisioned
from homeroom.reference.workflows.reconciliation.books import read_canvas_book, read_sis_book
from homeroom.reference.workflows.reconciliation.compare import Cell, Standing, cells_of, columns
from homeroom.reference.workflows.reconciliation.explain import Averages, Rules, explain
from homeroom.reference.workflows.state import read_json


class Student(msgspec.Struct, frozen=True, kw_only=True):
    """One student of a class: both averages, and the grades that are not alike."""

    sourced_id: str
    averages: Averages
    agreeing: int
    cells: list[Cell]
    """Those that do not agree."""


class ClassComparison(msgspec.Struct, frozen=True, kw_only=True):
    """One class and the Canvas course that holds its section."""

    course: int
    course_name: str
    class_id: str
    students: list[Student]


class Reconciliation(msgspec.Struct, frozen=True, kw_only=True):
    """What a comparison found."""

    at: str
    classes: list[ClassComparison]
    unread: list[dict[str, str]] = []
    """Classes whose gradebook the SIS did not show."""

    @property
    def exit_code(self) -> int:
        """0 all alike or explained by rule, 1 something is left to settle."""
        return 1 if self.unread or self.counts["differs"] or self.counts["unexplained"] else 0

    @property
    def counts(self) -> dict[str, int]:
        """Count students, averages and grades by how they stand."""
        students = [one for each in self.classes for one in each.students]
        apart = [one for one in students if one.averages.canvas != one.averages.sis]
        cells = Counter(cell.standing for one in students for cell in one.cells)
        return {
            "classes": len(self.classes),
            "students": len(students),
            "averages_alike": len(students) - len(apart),
            "averages_apart": len(apart),
            "unexplained": sum(not one.averages.explained for one in students),
            "agrees": sum(one.agreeing for one in students),
            "by_rule": cells[Standing.BY_RULE],
            "differs": cells[Standing.DIFFERS],
        }

    @property
    def reasons(self) -> list[tuple[str, int, int]]:
        """List each reason with the grades and the averages it touches, the commonest first."""
        students = [one for each in self.classes for one in each.students]
        grades = Counter(cell.reason for one in students for cell in one.cells)
        moved = Counter(step.reason for one in students for step in one.averages.steps)
        every = sorted({*grades, *moved}, key=lambda one: (-grades[one], -moved[one], one))
        return [(reason, grades[reason], moved[reason]) for reason in every]

    def as_dict(self) -> dict[str, Any]:
        """Give everything, for a program to read; scores are numbers."""
        encoded = msgspec.json.Encoder(decimal_format="number").encode(self)
        told: dict[str, Any] = msgspec.json.decode(encoded)
        return {"exit": self.exit_code, "counts": self.counts, "reasons": self.reasons, **told}


def reconcile(settings: Settings, *, courses: Collection[str] = ()) -> Reconciliation:
    """Compare the gradebooks of a district.

    Args:
        settings: The connection and the district's choices.
        courses: Canvas or SIS ids of the only courses to compare; empty: all with grades.

    Raises:
        FatalError: Nothing was provisioned, a course is unknown, or a peer is unusable.
        RetryableError: A peer stayed unwell.
    """
    current = provisioned(settings.state_dir)
    if current is None:
        raise FatalError(
            f"no provisioning has been completed from {settings.state_dir}: there is nothing to "
            "compare. Run `homeroom provision` first"
        )
    same = settings.choices.user_id is UserId.SOURCED_ID
    people = () if same else iter_rows(settings.state_dir, current.run, "users", UserRow)
    students = {row.user_id: row.source for row in people}
    with open_canvas(settings) as canvas, open_oneroster(settings) as transport:
        service = settings.service
        client = OneRosterClient(transport, page_size=service.page_size, sort=service.sort)
        comparing = _Comparing(settings, CanvasClient(canvas), client, students)
        return comparing.run(courses)


class _Comparing:
    def __init__(
        self,
        settings: Settings,
        canvas: CanvasClient,
        client: OneRosterClient,
        students: Mapping[str, str],
    ) -> None:
        self._settings, self._canvas, self._client = settings, canvas, client
        self._students = students
        self._unread: list[dict[str, str]] = []

    def run(self, courses: Collection[str]) -> Reconciliation:
        classes = [one for course in self._courses(courses) for one in self._course(course)]
        at = self._settings.now.isoformat()
        return Reconciliation(at=at, classes=classes, unread=self._unread)

    def _courses(self, wanted: Collection[str]) -> Iterator[Mapping[str, Any]]:
        if not wanted:
            states = [("state[]", "available"), ("state[]", "completed")]
            yield from self._canvas.iter_all("api/v1/accounts/self/courses", states)
        for each in wanted:
            sis_id = f"sis_course_id:{each.removeprefix('sis_course_id:')}"
            for name in (each, sis_id) if each.isdigit() else (sis_id,):
                if found := self._canvas.find(f"api/v1/courses/{quoted_id(name)}"):
                    yield found
                    break
            else:
                raise FatalError(f"Canvas has nothing in courses with the id or SIS ID {each}")

    def _course(self, course: Mapping[str, Any]) -> Iterator[ClassComparison]:
        canvas = read_canvas_book(self._canvas, course)
        if not canvas.submissions:
            return
        path = self._settings.state_dir / "gradebook" / f"{canvas.course}.json"
        stored = read_json(path, Stored) or Stored()
        limit, choices = self._settings.service.title_limit, self._settings.choices
        rules = Rules(
            groups=canvas.groups,
            weighted=canvas.weighted,
            periods_weighted=canvas.periods_weighted,
        )
        for class_id, seats in self._classes(canvas.seats).items():
            try:
                sis = read_sis_book(self._client, class_id)
            except FatalError as error:
                told = RecordError(class_id, "class", str(error), "compare again")
                self._unread.append(told.as_dict())
                continue
            shown = columns(canvas, sis, class_id, stored.bonds, limit)
            cells = cells_of(seats.values(), shown, canvas, sis, choices)
            students = [
                Student(
                    sourced_id=student,
                    averages=explain(seats[student][0].grades, cells[student], rules),
                    agreeing=sum(one.standing is Standing.AGREES for one in cells[student]),
                    cells=[one for one in cells[student] if one.standing is not Standing.AGREES],
                )
                for student in sorted(cells)
                if cells[student]
            ]
            if students:
                yield ClassComparison(
                    course=canvas.course,
                    course_name=canvas.name,
                    class_id=class_id,
                    students=students,
                )

    def _classes(self, seats: list[Seat]) -> dict[str, dict[str, tuple[Seat, str]]]:
        """Sort the students of SIS sections by class, under their sourcedIds."""
        classes: dict[str, dict[str, tuple[Seat, str]]] = {}
        for seat in seats:
            if seat.sis_section_id and seat.sis_user_id:
                student = self._students.get(seat.sis_user_id, seat.sis_user_id)
                classes.setdefault(seat.sis_section_id, {})[student] = seat, student
        return classes
