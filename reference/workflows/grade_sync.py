"""One grade sync, Canvas to the SIS: Instructure's nine steps for each course."""

import contextlib
from collections.abc import Collection, Generator, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import groupby
from typing import Any

import msgspec

from homeroom.config import CourseGrade, UserId
from homeroom.reference.canvas.client import CanvasClient, quoted_id
from homeroom.reference.canvas.rows import TermRow, UserRow
from homeroom.reference.errors import FatalError, RecordError, SyncError
from homeroom.reference.gradebook.book import Book, Outcome, Stored, Tools
from homeroom.reference.gradebook.items import Items
from homeroom.reference.gradebook.mapping import wire
from homeroom.reference.gradebook.match import Sessions
from homeroom.reference.gradebook.snapshot import Assignment, Snapshot
from homeroom.reference.oneroster.client import OneRosterClient
from homeroom.reference.oneroster.records import AcademicSession
from homeroom.reference.settings import Settings
from homeroom.reference.workflows.configuration import open_canvas, open_oneroster
from homeroom.reference.workflows.memory import iter_rows, locked, provisioned
from homeroom.reference.workflows.state import read_json, write_json
from homeroom.reference.workflows.telling import alarm, tell

# What an outcome is called that is of something no SIS has.
LEFT_OUT = "left out"


class GradeSync(msgspec.Struct):
    """What a grade sync did: its history, one outcome for each thing and class."""

    remaster: bool
    outcomes: list[Outcome]

    @property
    def exit_code(self) -> int:
        """0 done, 1 when something was refused."""
        return 1 if any(outcome.status == "failed" for outcome in self.outcomes) else 0

    @property
    def alarm(self) -> str:
        """What is wrong with the connection itself; blank: nothing is known to be."""
        return alarm(self.outcomes)

    @property
    def totals(self) -> dict[str, int]:
        """Count outcomes by status, and results sent."""
        names = ("synced", "unchanged", "failed")
        counts = {name: sum(each.status == name for each in self.outcomes) for name in names}
        return {**counts, "results_sent": sum(outcome.sent for outcome in self.outcomes)}

    def as_dict(self) -> dict[str, Any]:
        """Give everything, for a program to read."""
        told = {"exit": self.exit_code, "totals": self.totals, "alarm": self.alarm}
        return {**told, **msgspec.to_builtins(self)}


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
        assignments: Likewise of assignments; then no course grades are sent.
        remaster: Send every score again, bring back what was deleted in the SIS, and clear what
            was deleted in Canvas.

    Raises:
        FatalError: Nothing was ever provisioned, or a peer is unusable.
        RetryableError: A peer stayed unwell.
    """
    with locked(settings.state_dir), open_sync(settings, remaster=remaster) as sync:
        return GradeSync(remaster, sync.all(sync.scope(courses, sections, assignments)))


class Scope(msgspec.Struct, frozen=True):
    """What a sync keeps to, by Canvas ids. Empty: all."""

    courses: tuple[str, ...] = ()
    sections: tuple[str, ...] = ()
    assignments: tuple[str, ...] = ()


@contextlib.contextmanager
def open_sync(settings: Settings, *, remaster: bool = False) -> Generator["Sync"]:
    """Open both peers for a grade sync; who syncs with it holds the state folder meanwhile.

    Raises:
        FatalError: Nothing was ever provisioned, or a peer is unusable.
        RetryableError: A peer stayed unwell.
    """
    service, state = settings.service, settings.state_dir
    with (
        open_canvas(settings) as canvas,
        open_oneroster(settings) as transport,
        ThreadPoolExecutor(max_workers=service.put_threads) as pool,
    ):
        current = provisioned(state)
        if current is None:
            raise FatalError(
                f"no provisioning has been completed from {state}: grades are passed back only "
                "for what was provisioned. Run `homeroom provision` first"
            )
        client = OneRosterClient(transport, page_size=service.page_size, sort=service.sort)
        same = settings.choices.user_id is UserId.SOURCED_ID
        people = () if same else iter_rows(state, current.run, "users", UserRow)
        students = {row.user_id: row.source for row in people}
        tools = Tools(settings, client, pool, students, remaster)
        terms = iter_rows(state, current.run, "terms", TermRow)
        yield Sync(tools, CanvasClient(canvas), {row.term_id: row.source for row in terms})


class Sync:
    """The steps of a grade sync, whole or course by course."""

    def __init__(self, tools: Tools, canvas: CanvasClient, terms: Mapping[str, str]) -> None:
        self._tools, self._canvas, self._terms = tools, canvas, terms
        self._snapshot = Snapshot(canvas)
        self._items: dict[tuple[str, ...], Items] = {}
        self._sessions: Sessions | None = None

    def scope(
        self, courses: Collection[str], sections: Collection[str], assignments: Collection[str]
    ) -> Scope:
        """Find what a person named by Canvas ids or SIS ids. Raises FatalError: it is not there."""
        chosen = [str(self._found("courses/sis_course_id", each)["id"]) for each in courses]
        found = [self._found("sections/sis_section_id", each) for each in sections]
        chosen = chosen or list({str(section["course_id"]): None for section in found})
        ids = [str(section["id"]) for section in found]
        homes = dict(self._homes(assignments, chosen))
        chosen = list(dict.fromkeys(homes.values())) or chosen
        return Scope(tuple(chosen), tuple(ids), tuple(homes))

    def courses(self, scope: Scope) -> list[int]:
        """List the courses that may have something to pass back."""
        if scope.courses:
            return [int(course["id"]) for course in self._published(scope.courses)]
        marked = {each.course_id for each in self._snapshot.iter_assignments(())}
        if self._sends_course_grades(scope):
            marked |= {int(course["id"]) for course in self._published(())}
        return sorted(marked)

    def all(self, scope: Scope) -> list[Outcome]:
        """Pass everything back; all courses' assignments are read as one list."""
        outcomes: list[Outcome] = []
        self._items_of(scope)  # the SIS is asked first: without it there is nothing to do
        chosen = [str(course) for course in self.courses(scope)] if scope.courses else []
        if len(chosen) < len(scope.courses):
            outcomes += (_unpublished(each) for each in scope.courses if each not in chosen)
        listed = self._snapshot.iter_assignments(chosen) if chosen or not scope.courses else ()
        for course, theirs in groupby(listed, key=lambda each: each.course_id):
            outcomes += self._pass_back(scope, course, list(theirs))
        if self._sends_course_grades(scope):
            for course in self._published(scope.courses):
                outcomes += self._course_grades(scope, course)
        return outcomes

    def assignments_of(
        self, scope: Scope, course: int, *, after: int, limit: int
    ) -> tuple[list[Outcome], int | None]:
        """Pass back a batch of a course's assignments: the next `limit` by id after `after`.

        Returns:
            What became of them, and the last one's id; None once there are no more.
        """
        listed = sorted(self._snapshot.iter_assignments([str(course)]), key=lambda each: each.id)
        rest = [each for each in listed if each.id > after]
        batch = rest[:limit]
        last = batch[-1].id if len(rest) > limit else None
        return self._pass_back(scope, course, batch), last

    def course_grades_of(self, scope: Scope, course: int) -> list[Outcome]:
        """Pass back a course's grades by grading period, where that was chosen."""
        if not self._sends_course_grades(scope):
            return []
        found = self._published([str(course)])
        return [outcome for each in found for outcome in self._course_grades(scope, each)]

    def _pass_back(self, scope: Scope, course: int, listed: list[Assignment]) -> list[Outcome]:
        ids = scope.assignments
        wanted = [each for each in listed if not ids or str(each.id) in ids]
        outcomes = [] if scope.sections else list(_left_out(wanted))
        if wanted:
            book = self._book(course)
            items = self._items_of(scope)
            book.post(list(items.of_assignments(course, wanted, book, outcomes)))
            self._tell_canvas(wanted, outcomes, book.stored.sent_at)
        tell(outcomes)
        return outcomes

    def _items_of(self, scope: Scope) -> Items:
        if scope.sections not in self._items:
            self._items[scope.sections] = Items(self._tools, self._snapshot, scope.sections)
        return self._items[scope.sections]

    def _sends_course_grades(self, scope: Scope) -> bool:
        chosen = self._tools.settings.choices.course_grade
        return chosen is not CourseGrade.OFF and not scope.assignments

    def _book(self, course: int) -> Book:
        path = self._tools.settings.state_dir / "gradebook" / f"{course}.json"
        return Book(self._tools, read_json(path, Stored) or Stored(), partial(write_json, path))

    def _found(self, where: str, wanted: str) -> Any:
        """Find what a person named by its Canvas id or its SIS ID."""
        found = self._find(where, wanted)
        if found is None:
            raise _nothing(where.partition("/")[0], wanted)
        return found

    def _find(self, where: str, wanted: str) -> Any | None:
        path, _, prefix = where.rpartition("/")
        sis_id = wanted.removeprefix(f"{prefix}:")
        ids = [wanted] * wanted.isdecimal() + [f"{prefix}:{sis_id}"] * bool(sis_id)
        tried = (self._canvas.find(f"api/v1/{path}/{quoted_id(each)}") for each in ids)
        return next((found for found in tried if found is not None), None)

    def _homes(
        self, assignments: Collection[str], chosen: Collection[str]
    ) -> Iterator[tuple[str, str]]:
        """Yield the Canvas ids of assignments that a person named, and of their courses."""
        places, offered = chosen, dict[str, str]()
        if assignments and not chosen:
            listed = self._snapshot.iter_assignments(())
            offered = {str(each.id): str(each.course_id) for each in listed}
            every = self._canvas.iter_all("api/v1/accounts/self/courses")
            # Canvas finds an assignment within its course alone; likely ones are asked first.
            places = [*dict.fromkeys([*offered.values(), *(str(each["id"]) for each in every)])]
        for wanted in assignments:
            if wanted in offered:
                yield wanted, offered[wanted]
                continue
            asked = (f"courses/{course}/assignments/sis_assignment_id" for course in places)
            tried = (self._find(each, wanted) for each in asked)
            found = next((each for each in tried if each is not None), None)
            if found is None:
                raise _nothing("assignments", wanted)
            yield str(found["id"]), str(found["course_id"])

    def _tell_canvas(
        self,
        assignments: Iterable[Assignment],
        outcomes: list[Outcome],
        sent_at: Mapping[int, str],
    ) -> None:
        """Step 9, Update Sync Time: for what went through whole, when something did.

        What a sync sent that was killed before it came here is told by the next one.
        """
        for assignment in assignments:
            ours = (outcome for outcome in outcomes if outcome.status != LEFT_OUT)
            theirs = [outcome for outcome in ours if outcome.assignment == assignment.id]
            data = assignment.integration_data or {}
            told = data.get("sis_sync") or {}
            told_at = str(told.get("synced_at")) if isinstance(told, dict) else ""
            late = told_at < sent_at.get(assignment.id, "")
            news = late or not told or any(each.status == "synced" for each in theirs)
            if theirs and news and all(each.status != "failed" for each in theirs):
                data = {**data, "sis_sync": {"synced_at": wire(self._tools.settings.now)}}
                try:
                    self._canvas.put_integration_data(assignment.course_id, assignment.id, data)
                except SyncError as error:
                    theirs[0].refuse(error)

    def _course_grades(self, scope: Scope, course: Mapping[str, Any]) -> list[Outcome]:
        if self._sessions is None:
            path, key = "academicSessions", "academicSessions"
            read = self._tools.client.get_all(path, key, AcademicSession)
            self._sessions = {each.sourced_id: each for each in read if each.live}
        term = str((course.get("term") or {}).get("sis_term_id") or "")
        term = self._terms.get(term, term)
        outcomes: list[Outcome] = []
        items = self._items_of(scope)
        grades = items.of_course_grades(course, self._sessions, term, outcomes)
        self._book(course["id"]).post(list(grades))
        tell(outcomes)
        return outcomes

    def _published(self, chosen: Iterable[str]) -> Iterator[Any]:
        """Yield courses that have grades; one made by hand may hold cross-listed sections."""
        term = ("include[]", "term")
        courses: Iterable[Any] = [
            self._canvas.get(f"api/v1/courses/{course}", [term]) for course in chosen
        ]
        states = [("state[]", "available"), ("state[]", "completed"), term]
        every = "api/v1/accounts/self/courses"
        for course in courses or self._canvas.iter_all(every, states):
            if course.get("workflow_state") in {"available", "completed"}:
                yield course


def _nothing(where: str, wanted: str) -> FatalError:
    """Say that Canvas does not have what a person named."""
    return FatalError(
        f"Canvas has nothing in {where} with the id or SIS ID {wanted or repr(wanted)}"
    )


def _unpublished(course: str) -> Outcome:
    """Tell of a course that offers a SIS nothing: Canvas refuses to list its assignments."""
    outcome = Outcome(course=int(course), section="", title=f"Course {course}", status=LEFT_OUT)
    outcome.skipped = {"courses that are not published": [course]}
    return outcome


def _left_out(assignments: Iterable[Assignment]) -> Iterator[Outcome]:
    """Tell of what becomes no line item, since no section has it or one that people made."""
    for each in assignments:
        by_hand = [section.name for section in each.sections if not section.sis_id]
        if not each.sections:
            yield _ungiven(each)
        elif by_hand:
            why = {"sections that the SIS did not make": by_hand}
            outcome = Outcome(course=each.course_id, section="", title=each.name, skipped=why)
            outcome.assignment, outcome.status = each.id, LEFT_OUT
            yield outcome


def _ungiven(assignment: Assignment) -> Outcome:
    """Refuse what no section has: Canvas offers it to a SIS without saying for whom it is."""
    outcome = Outcome(course=assignment.course_id, section="", title=assignment.name)
    outcome.assignment = assignment.id
    who = ", ".join(str(each.get("title")) for each in assignment.user_overrides)
    told = f"is given to single students ({who})" if who else "is given by mastery paths"
    remedy = "give it to everybody or to sections in Canvas"
    outcome.refuse(RecordError(str(assignment.id), "assignment", f"{told}, to no section", remedy))
    return outcome
