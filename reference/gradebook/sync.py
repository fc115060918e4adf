"""One grade sync, Canvas to the SIS: Instructure's nine steps for each course."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec

from homeroom.config import CourseGrade, UserId
from homeroom.reference.canvas.client import CanvasClient, quoted_id
from homeroom.reference.canvas.rows import TermRow, UserRow
from homeroom.reference.errors import FatalError
from homeroom.reference.gradebook.assignments import CourseSync
from homeroom.reference.gradebook.book import Book, Outcome, Tools
from homeroom.reference.gradebook.course_grades import CourseGrades, Sessions
from homeroom.reference.gradebook.match import Categories
from homeroom.reference.gradebook.snapshot import iter_courses, matches
from homeroom.reference.oneroster.client import OneRosterClient
from homeroom.reference.oneroster.records import AcademicSession
from homeroom.reference.settings import Settings
from homeroom.reference.state import Current, iter_rows, locked, provisioned


@dataclass
class GradeSync:
    """What a grade sync did: its history, one outcome for each thing and class."""

    remaster: bool
    outcomes: list[Outcome] = field(default_factory=list)

    @property
    def exit_code(self) -> int:
        """0 done, 1 when something was refused."""
        return 1 if any(outcome.status == "failed" for outcome in self.outcomes) else 0

    @property
    def totals(self) -> dict[str, int]:
        """Count outcomes by status, and results sent."""
        names = ("synced", "unchanged", "failed")
        counts = {name: sum(each.status == name for each in self.outcomes) for name in names}
        sent = sum(outcome.sent for outcome in self.outcomes)
        return {**counts, "results_sent": sent}

    def as_dict(self) -> dict[str, Any]:
        """Give everything, for a program to read."""
        return {
            "status": "warning" if self.exit_code else "completed",
            "exit": self.exit_code,
            "remaster": self.remaster,
            "totals": self.totals,
            "outcomes": msgspec.to_builtins(self.outcomes),
        }


def run_sync(
    settings: Settings,
    *,
    courses: Collection[str] = (),
    sections: Collection[str] = (),
    assignments: Collection[str] = (),
    remaster: bool = False,
) -> GradeSync:
    """Pass grades back.

    Args:
        settings: The connection and the district's choices.
        courses: Canvas or SIS ids of the only courses to sync; empty: all.
        sections: Likewise of sections.
        assignments: Canvas ids of the only assignments; then no course grades are sent.
        remaster: Send every score again, bring back what was deleted in the SIS, and clear what
            was deleted in Canvas.

    Raises:
        FatalError: Nothing was ever provisioned, or a peer is unusable.
        RetryableError: A peer stayed unwell.
    """
    service = settings.service
    with (
        locked(settings.state_dir),
        settings.canvas() as canvas_transport,
        settings.oneroster() as transport,
        ThreadPoolExecutor(max_workers=service.put_threads) as pool,
    ):
        current = provisioned(settings.state_dir)
        if current is None:
            raise FatalError(
                f"no provisioning has been completed from {settings.state_dir}: grades are passed "
                "back only for what was provisioned. Run `homeroom provision` first"
            )
        client = OneRosterClient(
            transport,
            page_size=service.page_size,
            params=None if service.sort else dict[str, str](),
        )
        students = dict(_students(settings, current))
        tools = Tools(settings, client, pool, students, remaster)
        run = _Run(tools, CanvasClient(canvas_transport), current)
        return run.sync(courses, sections, assignments)


def _students(settings: Settings, current: Current) -> Iterator[tuple[str, str]]:
    """Yield the people whose Canvas SIS ID is not their sourcedId, with that."""
    if settings.choices.user_id is UserId.SOURCED_ID:
        return
    for row in iter_rows(settings.state_dir, current.run, "users", UserRow):
        if row.user_id != row.source:
            yield row.user_id, row.source


class _Run:
    def __init__(self, tools: Tools, canvas: CanvasClient, current: Current) -> None:
        self._tools, self._canvas, self._current = tools, canvas, current
        self._folder: Path = tools.settings.state_dir / "gradebook"
        self._categories = Categories(tools.client.get_categories())

    def sync(
        self, courses: Collection[str], sections: Collection[str], assignments: Collection[str]
    ) -> GradeSync:
        done = GradeSync(self._tools.remaster)
        chosen = self._chosen(courses, sections)
        bare = [each.removeprefix("sis_section_id:") for each in sections]
        for course, listed in iter_courses(self._canvas, chosen):
            ids = self._assignments(course, assignments)
            wanted = [each for each in listed if matches(ids, each.id, None)]
            book = self._book(course)
            sync = CourseSync(self._tools, self._canvas, self._categories, book, bare)
            done.outcomes += sync.run(course, wanted)
        if self._tools.settings.choices.course_grade is not CourseGrade.OFF and not assignments:
            done.outcomes += self._course_grades(chosen, bare)
        return done

    def _book(self, course: int) -> Book:
        return Book(self._tools, self._folder / f"{course}.json")

    def _chosen(self, courses: Iterable[str], sections: Iterable[str]) -> list[str]:
        """Give the Canvas ids of the courses to sync; none is all."""
        found: dict[str, None] = {}
        for course in courses:
            found[str(self._found("courses", "sis_course_id", course)["id"])] = None
        if not found:
            for section in sections:
                found[str(self._found("sections", "sis_section_id", section)["course_id"])] = None
        return list(found)

    def _assignments(self, course: int, assignments: Iterable[str]) -> list[str]:
        """Give the Canvas ids of the chosen assignments; a SIS ID may be another course's."""
        ids: list[str] = []
        for each in assignments:
            sis_id = each.removeprefix("sis_assignment_id:")
            path = f"api/v1/courses/{course}/assignments/sis_assignment_id:{quoted_id(sis_id)}"
            found = None if each.isdigit() else self._canvas.find(path)
            ids.append(str(found["id"]) if found else each)
        return ids

    def _found(self, path: str, prefix: str, wanted: str) -> Any:
        """Find what a person named by its Canvas id or its SIS ID."""
        tried = [wanted] if wanted.isdigit() or ":" in wanted else []
        for each in (*tried, f"{prefix}:{wanted}"):
            found = self._canvas.find(f"api/v1/{path}/{quoted_id(each)}")
            if found is not None:
                return found
        raise FatalError(f"Canvas has nothing in {path} with the id or SIS ID {wanted}")

    def _course_grades(self, courses: Iterable[str], sections: Iterable[str]) -> Iterator[Outcome]:
        sessions: Sessions | None = None
        terms = self._terms()
        for course in self._published(courses):
            if sessions is None:
                client = self._tools.client
                sessions = Sessions(
                    client.get_all("academicSessions", "academicSessions", AcademicSession)
                )
            grades = CourseGrades(self._tools, self._canvas, self._categories, sessions, terms)
            yield from grades.run(course, self._book(course["id"]), sections)

    def _published(self, courses: Iterable[str]) -> Iterator[Mapping[str, Any]]:
        term, chosen = ("include[]", "term"), list(courses)
        listed: Iterable[Any] = (
            self._canvas.get(f"api/v1/courses/{course}", [term]) for course in chosen
        )
        if not chosen:
            params = [("state[]", "available"), ("state[]", "completed"), term]
            listed = self._canvas.iter_all("api/v1/accounts/self/courses", params)
        for course in listed:
            # An unpublished course has no grades, and one without a SIS ID may still hold
            # cross-listed sections of the SIS.
            if course.get("workflow_state") in {"available", "completed"}:
                yield course

    def _terms(self) -> dict[str, str]:
        """Give the academic session behind each of Canvas's terms."""
        rows = iter_rows(self._tools.settings.state_dir, self._current.run, "terms", TermRow)
        return {row.term_id: row.source for row in rows}
