"""One course's side of the SIS gradebook: what is bound, what was sent, and sending the rest.

A pair made once is kept by id. What the SIS already holds as we would send it is not sent, so a
run that was killed goes on where it stopped; what it refuses is never marked as sent.
"""

from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from itertools import chain
from typing import Any, NamedTuple

import msgspec

from homeroom.config import GradebookMode
from homeroom.reference.errors import RecordError, SyncError
from homeroom.reference.gradebook.mapping import CLEARED, Score, to_result, wire
from homeroom.reference.gradebook.match import adopt, day_of, made_id
from homeroom.reference.gradebook.snapshot import LATE, MISSING
from homeroom.reference.oneroster.client import OneRosterClient
from homeroom.reference.oneroster.records import LineItem, Result, ref_id
from homeroom.reference.settings import Settings

Scores = Mapping[str, Score | None]
# A result to send: student, id, marker (blank: it is cleared), body.
Job = tuple[str, str, str, dict[str, Any]]


class Bond(msgspec.Struct):
    """A line item that one of Canvas's things is bound to, and the results sent into it."""

    line_item: str
    maximum: Decimal | None = None
    # Of each student the result's id in the SIS, and the marker of what it says.
    results: dict[str, tuple[str, str]] = {}


class Stored(msgspec.Struct):
    """What a course's file holds."""

    bonds: dict[str, Bond] = {}
    categories: dict[str, str] = {}
    # When results of an assignment were last sent: Canvas is told so, after a crash as well.
    sent_at: dict[int, str] = {}


class Outcome(msgspec.Struct, kw_only=True):
    """What became of one assignment, or course grade, in one class."""

    course: int
    section: str
    section_name: str = ""
    title: str
    assignment: int | None = None
    status: str = "unchanged"
    sent: int = 0
    unchanged: int = 0
    cleared: int = 0
    # Who was left out, by reason.
    skipped: dict[str, list[str]] = {}
    refusals: list[dict[str, str]] = []

    def refuse(self, error: SyncError, student: str = "") -> None:
        """Take a refusal into the history, with a remedy; `student` where it is one's result."""
        if not isinstance(error, RecordError):
            error = RecordError(self.title, "SIS", f"did not answer: {error}", "sync again")
        told = error.as_dict() | ({"student": student} if student else {})
        self.status, self.refusals = "failed", [*self.refusals, told]


class Item(NamedTuple):
    """Something of Canvas's that has a line item in a class."""

    key: str
    body: dict[str, Any]
    maximum: Decimal
    # By students' Canvas SIS IDs, in Canvas's points; None is no score.
    scores: Scores
    outcome: Outcome


class Tools(NamedTuple):
    """What every course's sync works with."""

    settings: Settings
    client: OneRosterClient
    pool: ThreadPoolExecutor
    # sourcedId of each student whose Canvas SIS ID is another.
    students: Mapping[str, str]
    remaster: bool


class Book:
    """The gradebook of the classes that one Canvas course holds."""

    def __init__(self, tools: Tools, stored: Stored, save: Callable[[Stored], None]) -> None:
        """Open it with what is stored of it; `save` keeps that before and after results go out."""
        self._tools, self._save, self._zone = tools, save, tools.settings.service.zone
        self._named = tools.settings.choices.gradebook_mode is not GradebookMode.MODIFIED
        self.stored = stored
        self._classes: dict[str, Any] = {}

    def post(self, items: Iterable[Item]) -> None:
        """Send line items, then the results of those that stand; a failure stops no other."""
        bound: list[tuple[Item, Bond]] = []
        for item in items:
            try:
                bound.append((item, self._line_item(item)))
            except SyncError as error:
                item.outcome.refuse(error)
        for item, bond in bound:
            self._results(item, bond)
        if bound:
            self._save(self.stored)

    def _line_item(self, item: Item) -> Bond:
        body, remaster = item.body, self._tools.remaster
        existing = self._class(body["class"]["sourcedId"])[0]
        own, bond = made_id(item.key), self.stored.bonds.get(item.key)
        found = existing.get(bond.line_item if bond else own)
        if bond is None:
            taken = {each.line_item for each in self.stored.bonds.values()}
            every = existing.values()
            found = found or adopt(body["title"], body["dueDate"], every, taken, self._zone)
            bond = Bond(found.sourced_id if found else own)
        elif found is None and not remaster:
            told = "Assignment Not Found: it was deleted in the SIS gradebook"
            raise RecordError(bond.line_item, "lineItem", told, "remaster to create it again")
        if found is None or self._differs(found, item):
            named = self._name(bond.line_item, body)
            found = self._tools.client.put_line_item(bond.line_item, named) or found
            item.outcome.status = "synced"
        if found is not None:
            bond.line_item, bond.maximum = found.sourced_id, found.result_value_max
        self.stored.bonds[item.key] = bond
        return bond

    def _differs(self, found: LineItem, item: Item) -> bool:
        body, zone = item.body, self._zone
        held = found.title, day_of(found.due_date, zone), ref_id(found.category)
        wanted = body["title"], day_of(body["dueDate"], zone), body["category"]["sourcedId"]
        return held != wanted or found.result_value_max != item.maximum

    def _results(self, item: Item, bond: Bond) -> None:
        tools, now, item_id = self._tools, self._tools.settings.now, bond.line_item
        held, jobs = self._class(item.body["class"]["sourcedId"])[1], list[Job]()
        # Line item points for each point in Canvas: the SIS may keep a maximum of its own.
        scale = (bond.maximum or item.maximum) / item.maximum
        for sis_id, given in item.scores.items():
            score = given and given._replace(points=given.points * scale)
            student = tools.students.get(sis_id, sis_id)
            known, peer = bond.results.get(student, ("", "")), held.get((item_id, student))
            id_ = peer.sourced_id if peer else known[0] or made_id(item_id, student)
            marker = score.marker if score else ""
            says = _says(peer, marked=score is not None and score.mark is not None)
            if score and not tools.remaster and marker in {known[1], says}:
                bond.results[student] = id_, marker
                item.outcome.unchanged += 1
                continue
            if score is None and (peer is None or not tools.remaster):
                continue
            body = to_result(item_id, student, score or Score(Decimal(0), CLEARED), now)
            if score is None:
                null = tools.settings.service.cleared_scores == "null"
                body |= {"score": None} if null else {"status": "tobedeleted"}
            jobs.append((student, id_, marker, self._name(id_, body)))
        self._put(jobs, bond, item.outcome)

    def _name(self, sourced_id: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """Write the id into a body; Modified mode leaves it out, and takes the provider's."""
        return {"sourcedId": sourced_id, **body} if self._named else dict(body)

    def _put(self, jobs: list[Job], bond: Bond, outcome: Outcome) -> None:
        def put(job: Job) -> Result | SyncError | None:
            try:
                return self._tools.client.put_result(job[1], job[3])
            except SyncError as error:
                return error

        if jobs:
            self.stored.sent_at[outcome.assignment or 0] = wire(self._tools.settings.now)
            self._save(self.stored)
        # A share for each thread: handing over one by one costs more than a tenth of a PUT.
        size = -(-len(jobs) // self._tools.settings.service.put_threads) or 1
        shares = [jobs[at : at + size] for at in range(0, len(jobs), size)]
        answers = self._tools.pool.map(list[Any], [map(put, share) for share in shares])
        told = zip(jobs, chain.from_iterable(answers), strict=True)
        for (student, id_, marker, _), answer in told:
            if isinstance(answer, SyncError):
                outcome.refuse(answer, student)
            elif marker:
                bond.results[student] = answer.sourced_id if answer else id_, marker
                outcome.sent += 1
            else:
                bond.results.pop(student, None)
                outcome.cleared += 1
        if outcome.status != "failed" and (outcome.sent or outcome.cleared):
            outcome.status = "synced"

    def _class(self, class_id: str) -> tuple[dict[str, LineItem], dict[tuple[str, str], Result]]:
        """Read what the SIS has of a class, once a run."""
        if class_id not in self._classes:
            try:
                items = self._tools.client.get_line_items(class_id)
                rows = self._tools.client.get_results(class_id)
                results = {(ref_id(r.line_item), ref_id(r.student)): r for r in rows if r.live}
                line_items = {item.sourced_id: item for item in items if item.live}
                self._classes[class_id] = line_items, results
            except SyncError as error:
                self._classes[class_id] = error
        found: Any = self._classes[class_id]
        if isinstance(found, SyncError):
            raise found
        return found  # type: ignore[no-any-return]  # what was put in above


def _says(result: Result | None, *, marked: bool) -> str | None:
    if result is None or result.score is None:
        return None
    # What a teacher wrote there is no mark of Canvas's.
    mark = result.comment if marked and result.comment in {LATE, MISSING} else None
    return Score(result.score, result.score_status or "", mark=mark).marker
