"""Writes into a provider's gradebook with its owner's consent, and takes all of it out again."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import uuid4

from homeroom.certify.outcomes import NotApplicable
from homeroom.certify.peer import Answer
from homeroom.features.evidence.records import Row, is_day, ref_id, references
from homeroom.features.evidence.roster import Roster
from homeroom.features.evidence.shapes import KEYS
from homeroom.reference.transport import quoted

ORDER = ("results", "lineItems", "categories")
"""What is taken out first."""
CREATED = (200, 201)
GONE = (200, 202, 204, 404)

Body = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Desk:
    """A pupil in a class, and a day on which something may be due there."""

    class_: str
    student: str
    due: str


@dataclass(kw_only=True)
class Notebook:
    """What one scenario wrote."""

    roster: Roster
    made: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])
    _category: str = ""

    def usable_category(self) -> str:
        """Return the id of a category for line items: one of our own where that is taken.

        A provider may ask for categories that belong to the class; an LMS need not be able to make
        any, so that one of the provider's own will do, too.
        """
        if not self._category:
            record = whole_category(self.roster)
            answer = self.put("categories", record["sourcedId"], record)
            made = [id_ for name, id_ in self.made if name == "categories"]
            taken = answer.status in CREATED and self.get("categories", made[-1]) is not None
            self._category = made[-1] if taken else a_category(self.roster)
        return self._category

    def whole_line_item(self) -> Body:
        """Return a line item with all that the standard requires."""
        return whole_line_item(self.roster, self.usable_category())

    def put(self, collection: str, sourced_id: str, record: Mapping[str, Any]) -> Answer:
        """PUT one record; remembers it under the id that the provider gives it, else under ours."""
        self.roster.must_offer(collection)
        key = KEYS[collection][1]
        answer = self.roster.target.peer.write(
            "PUT", f"{collection}/{quoted(sourced_id)}", {key: dict(record)}
        )
        if answer.status in CREATED:
            self.made.append((collection, given_id(answer, key) or sourced_id))
        return answer

    def get(self, collection: str, sourced_id: str) -> Row | None:
        """Read one record anew, None where it is not there."""
        answer = self.roster.one(collection, sourced_id, fresh=True)
        document = answer.document()
        found = document.get(KEYS[collection][1]) if isinstance(document, dict) else None
        return found if answer.status == 200 and isinstance(found, dict) else None

    def delete(self, collection: str, sourced_id: str) -> Answer:
        """DELETE one record."""
        self.roster.must_offer(collection)
        return self.roster.target.peer.write("DELETE", f"{collection}/{quoted(sourced_id)}")

    def line_item(self) -> str:
        """Return the id of a line item of ours; raises NotApplicable where none is taken."""
        return self._must_be_taken("lineItems", self.whole_line_item())

    def category(self) -> str:
        """Return the id of a category of ours; raises NotApplicable where none is taken."""
        return self._must_be_taken("categories", whole_category(self.roster))

    def result(self) -> tuple[str, str]:
        """Return the ids of a line item and of a result for it."""
        line_item = self.line_item()
        record = whole_result(self.roster, line_item)
        return line_item, self._must_be_taken("results", record)

    def _must_be_taken(self, collection: str, record: Body) -> str:
        answer = self.put(collection, record["sourcedId"], record)
        made = [id_ for name, id_ in self.made if name == collection]
        if answer.status not in CREATED or self.get(collection, made[-1]) is None:
            raise NotApplicable(f"{answer}: a record that is right does not stay")
        return made[-1]

    def clear(self) -> list[str]:
        """Take out what was written; returns what could not be."""
        left: list[str] = []
        for collection in ORDER:
            for name, sourced_id in dict.fromkeys(self.made):
                if name != collection:
                    continue
                answer = self.delete(collection, sourced_id)
                if answer.status not in GONE:
                    left.append(f"{collection} {sourced_id}: {answer}")
        self.made.clear()
        return left


def given_id(answer: Answer, key: str) -> str:
    """Return the sourcedId that an answer to PUT names, empty where it names none."""
    document = answer.document()
    found = document.get(key) if isinstance(document, dict) else None
    return str(found.get("sourcedId") or "") if isinstance(found, dict) else ""


def desk(roster: Roster) -> Desk:
    """Return a pupil of a class whose terms are known; raises NotApplicable for none."""
    sessions = {str(row.get("sourcedId")): row for row in roster.rows("academicSessions")}
    now = roster.target.space.now if roster.target.space else datetime.now(UTC)
    spans: dict[str, list[tuple[str, str]]] = {}
    for class_ in roster.active("classes"):
        terms = [
            sessions[str(each["sourcedId"])]
            for name, _, each in references("classes", class_)
            if name == "terms" and str(each["sourcedId"]) in sessions
        ]
        days = [(str(term.get("startDate")), str(term.get("endDate"))) for term in terms]
        spans[str(class_.get("sourcedId"))] = [day for day in days if is_day(day[0])]
    found: list[Desk] = []
    for seat in roster.rows("enrollments", status="active", role="student"):
        class_id, student = ref_id(seat, "class"), ref_id(seat, "user")
        for first, last in spans.get(class_id, ()):
            if student and first <= f"{now:%Y-%m-%d}" < last:
                return Desk(class_=class_id, student=student, due=f"{now:%Y-%m-%d}")
            if student:
                inside = date.fromisoformat(first) + timedelta(days=7)
                found.append(Desk(class_=class_id, student=student, due=inside.isoformat()))
    if not found:
        raise NotApplicable("no pupil of a class with known terms is shown")
    return found[0]


def a_category(roster: Roster) -> str:
    """Return the id of a category that the provider has."""
    return str(roster.rows("categories")[0].get("sourcedId"))


def whole_category(roster: Roster) -> Body:
    """Return a category as the standard has it, tied to a class as Canvas does."""
    return {
        "sourcedId": str(uuid4()),
        "status": "active",
        "title": "Homeroom check",
        "metadata": {"classId": desk(roster).class_},
    }


def whole_line_item(roster: Roster, category: str) -> Body:
    """Return a line item with all that the standard requires."""
    at = desk(roster)
    periods = [
        row
        for row in roster.rows("academicSessions", type="gradingPeriod")
        if str(row.get("startDate")) <= at.due < str(row.get("endDate"))
    ]
    body: Body = {
        "sourcedId": str(uuid4()),
        "status": "active",
        "title": f"Homeroom check {uuid4().hex[:6]}",
        "description": "May be deleted",
        "assignDate": f"{at.due}T00:00:00.000Z",
        "dueDate": f"{at.due}T12:00:00.000Z",
        "class": link(roster, "classes", at.class_, "class"),
        "category": link(roster, "categories", category, "category"),
        "resultValueMin": 0.0,
        "resultValueMax": 10.0,
    }
    if periods:
        period = str(periods[0]["sourcedId"])
        body["gradingPeriod"] = link(roster, "academicSessions", period, "academicSession")
    return body


def whole_result(roster: Roster, line_item: str) -> Body:
    """Return a result with all that the standard requires."""
    at = desk(roster)
    return {
        "sourcedId": str(uuid4()),
        "status": "active",
        "lineItem": link(roster, "lineItems", line_item, "lineItem"),
        "student": link(roster, "users", at.student, "user"),
        "scoreStatus": "fully graded",
        "score": 8.25,
        "scoreDate": at.due,
        "comment": "Well done, Núñez: ¾ of it",
    }


def link(roster: Roster, collection: str, sourced_id: str, type_: str) -> Body:
    """Return a reference."""
    href = roster.target.peer.url(f"{collection}/{quoted(sourced_id)}")
    return {"href": href, "sourcedId": sourced_id, "type": type_}
