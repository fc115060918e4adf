"""One course's side of the SIS gradebook: what is bound, what was sent, and sending the rest.

A pair made once is kept by id. What the SIS already holds as we would send it is not sent, so a
run that was killed goes on where it stopped; what it refuses is never marked as sent.
"""

from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from homeroom.config import GradebookMode
from homeroom.reference.errors import RecordError, SyncError
from homeroom.reference.gradebook import mapping
from homeroom.reference.gradebook.mapping import Score
from homeroom.reference.gradebook.match import adopt, days, result_id
from homeroom.reference.oneroster.client import OneRosterClient
from homeroom.reference.oneroster.records import LineItem, Result, ref_id
from homeroom.reference.settings import ClearedScores, Settings
from homeroom.reference.state import read_json, write_json


class Sent(msgspec.Struct, array_like=True):
    """A result as the SIS took it: its id, and the marker of what it said."""

    id: str
    marker: str


class Bond(msgspec.Struct):
    """A line item that one of Canvas's things is bound to, and the results sent into it."""

    line_item: str
    maximum: Decimal | None = None
    results: dict[str, Sent] = {}


class Stored(msgspec.Struct):
    """What a course's file holds."""

    bonds: dict[str, Bond] = {}
    categories: dict[str, str] = {}


class Outcome(msgspec.Struct, kw_only=True):
    """What became of one assignment, or course grade, in one class."""

    course: int
    section: str
    title: str
    assignment: int | None = None
    status: str = "unchanged"
    sent: int = 0
    unchanged: int = 0
    cleared: int = 0
    skipped: dict[str, int] = {}
    refusals: list[dict[str, str]] = []

    def refuse(self, error: SyncError) -> None:
        """Take a refusal into the history, as a sentence with a remedy."""
        if not isinstance(error, RecordError):
            error = RecordError(self.title, "", str(error), "sync again")
        self.status = "failed"
        self.refusals = [*self.refusals, error.as_dict()]


class Tools(NamedTuple):
    """What every course's sync works with."""

    settings: Settings
    client: OneRosterClient
    pool: ThreadPoolExecutor
    students: Mapping[str, str]
    """sourcedId of each student whose Canvas SIS ID is another."""
    remaster: bool


class _Class(NamedTuple):
    line_items: dict[str, LineItem]
    results: dict[tuple[str, str], Result]


class Book:
    """The gradebook of the classes that one Canvas course holds."""

    def __init__(self, tools: Tools, path: Path) -> None:
        self._tools, self._path = tools, path
        self._mode = tools.settings.choices.gradebook_mode
        self._zone = tools.settings.service.zone
        self.stored = read_json(path, Stored) or Stored()
        self._classes: dict[str, _Class | RecordError] = {}

    def save(self) -> None:
        """Keep what was bound and sent."""
        write_json(self._path, self.stored)

    def put_line_item(self, key: str, sourced_id: str, body: dict[str, Any], day: date) -> Bond:
        """Bind a thing to its line item, and have that say what `body` says.

        Args:
            key: What is bound, in our file.
            sourced_id: The id of a new line item.
            body: The line item, under that id.
            day: When it is due, in the district.

        Raises:
            RecordError: The SIS refuses it, has several, or has deleted the one bound.
            RetryableError: The SIS stayed unwell.
        """
        existing = self._class(body["class"]["sourcedId"]).line_items
        bond = self.stored.bonds.get(key)
        if bond is not None:
            found = existing.get(bond.line_item)
            if found is None and not self._tools.remaster:
                raise RecordError(
                    bond.line_item,
                    "lineItem",
                    "Assignment Not Found: it was deleted in the SIS gradebook",
                    "remaster to create it again, or take the assignment off the sync",
                )
        else:
            taken = {each.line_item for each in self.stored.bonds.values()}
            found = existing.get(sourced_id) or adopt(
                body["title"], day, existing.values(), taken, self._zone
            )
            bond = Bond(found.sourced_id if found else sourced_id)
        if found is None or self._differs(found, body, day):
            if "sourcedId" in body:
                body = {**body, "sourcedId": bond.line_item}
            found = self._tools.client.put_line_item(bond.line_item, body) or found
        if found is not None:
            bond.line_item = found.sourced_id
            bond.maximum = _decimal(found.result_value_max)
        self.stored.bonds[key] = bond
        return bond

    def put_results(
        self, bond: Bond, class_id: str, scores: Mapping[str, Score | None], outcome: Outcome
    ) -> None:
        """Send the scores that changed, by students' Canvas SIS IDs; None is no score."""
        try:
            held = self._class(class_id).results
        except SyncError as error:
            outcome.refuse(error)
            return
        jobs: list[tuple[str, str, str, dict[str, Any]]] = []
        for sis_id, score in scores.items():
            student = self._tools.students.get(sis_id, sis_id)
            known, peer = bond.results.get(student), held.get((bond.line_item, student))
            id_ = peer.sourced_id if peer else known.id if known else None
            if score is None:
                if id_ is not None and self._tools.remaster and peer is not None:
                    jobs.append((student, id_, "", self._clearing(id_, bond, student)))
                continue
            if not self._tools.remaster:
                if known is not None and known.marker == score.marker:
                    outcome.unchanged += 1
                    continue
                if peer is not None and _says(peer) == score.marker:
                    bond.results[student] = Sent(peer.sourced_id, score.marker)
                    outcome.unchanged += 1
                    continue
            id_ = id_ or result_id(bond.line_item, student)
            body = mapping.to_result(
                id_, bond.line_item, student, score, self._tools.settings.now, self._mode
            )
            jobs.append((student, id_, score.marker, body))
        self._post(jobs, bond, outcome)

    def _post(
        self, jobs: Iterable[tuple[str, str, str, dict[str, Any]]], bond: Bond, outcome: Outcome
    ) -> None:
        def post(job: tuple[str, str, str, dict[str, Any]]) -> Result | SyncError | None:
            try:
                return self._tools.client.put_result(job[1], job[3])
            except SyncError as error:
                return error

        listed = list(jobs)
        for job, answer in zip(listed, self._tools.pool.map(post, listed), strict=True):
            student, id_, marker, _ = job
            if isinstance(answer, SyncError):
                outcome.refuse(answer)
            elif marker:
                bond.results[student] = Sent(answer.sourced_id if answer else id_, marker)
                outcome.sent += 1
            else:
                bond.results.pop(student, None)
                outcome.cleared += 1

    def _clearing(self, id_: str, bond: Bond, student: str) -> dict[str, Any]:
        null = self._tools.settings.service.cleared_scores is ClearedScores.NULL
        now = self._tools.settings.now
        body = mapping.to_cleared(id_, bond.line_item, student, now, null=null)
        if self._mode is GradebookMode.MODIFIED:
            del body["sourcedId"]
        return body

    def _class(self, class_id: str) -> _Class:
        """Read what the SIS has of a class, once a run."""
        if class_id not in self._classes:
            try:
                items = self._tools.client.get_line_items(class_id)
                results = self._tools.client.get_results(class_id)
                self._classes[class_id] = _Class(
                    {item.sourced_id: item for item in items if item.live},
                    {
                        (ref_id(result.line_item) or "", ref_id(result.student) or ""): result
                        for result in results
                        if result.live
                    },
                )
            except SyncError as error:
                self._classes[class_id] = RecordError(
                    class_id, "class", f"cannot be read in the SIS gradebook: {error}", "sync again"
                )
        found = self._classes[class_id]
        if isinstance(found, RecordError):
            raise found
        return found

    def _differs(self, found: LineItem, body: Mapping[str, Any], day: date) -> bool:
        return (
            found.title != body["title"]
            or day not in days(found.due_date, self._zone)
            or ref_id(found.category) != body["category"]["sourcedId"]
            or _decimal(found.result_value_max) != Decimal(str(body["resultValueMax"]))
        )


def _decimal(value: float | str | None) -> Decimal | None:
    try:
        return None if value is None else Decimal(str(value))
    except ArithmeticError:
        return None


def _says(result: Result) -> str:
    points = _decimal(result.score)
    return "" if points is None else Score(points, result.score_status or "", None).marker
