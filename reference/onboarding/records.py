"""What the records say, by samples: references, dates, ids, duplicates, teachers, errors."""

import re
import uuid
from collections import Counter

import msgspec

from homeroom.reference.errors import RetryableError
from homeroom.reference.onboarding.checklist import Finding, failed, passed, warning
from homeroom.reference.onboarding.pages import (
    Page,
    PageError,
    Row,
    id_of,
    is_live,
    read_page,
    refs_of,
)
from homeroom.reference.transport import Transport, quoted

GUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
DATE = re.compile(r"\d{4}-\d{2}-\d{2}(T.*)?")
SAMPLE = 100
PLACES = 4
CLASSES = 5
RESOLVED = 30
REFERENCES = {
    "orgs": {"parent": "orgs"},
    "courses": {"org": "orgs"},
    "classes": {"course": "courses", "school": "orgs", "terms": "academicSessions"},
    "users": {"orgs": "orgs"},
    "enrollments": {"user": "users", "class": "classes", "school": "orgs"},
}
REQUIRED = frozenset(
    {
        ("classes", "course"),
        ("classes", "school"),
        ("classes", "terms"),
        ("enrollments", "user"),
        ("enrollments", "class"),
    }
)


class Records:
    """Samples of each collection, from its start, its middle and its end."""

    def __init__(self, transport: Transport, counts: dict[str, int | None]) -> None:
        self._transport, self._counts = transport, counts
        self._samples: dict[str, list[Row]] = {}
        self._known: dict[tuple[str, str], bool] = {}
        self._rosters: dict[str, list[Row]] | None = None

    def sample(self, collection: str) -> list[Row]:
        """Read up to PLACES pages, spread over the collection, once."""
        if collection not in self._samples:
            total = self._counts.get(collection) or 0
            step = max(SAMPLE, total // PLACES)
            rows: dict[str, Row] = {}
            blank: list[Row] = []
            for offset in range(0, max(1, total), step):
                for row in self._page(collection, offset).rows:
                    if id_of(row):
                        rows[id_of(row)] = row
                    else:
                        blank.append(row)
            self._samples[collection] = [*rows.values(), *blank]
        return self._samples[collection]

    def look_at_ids(self) -> Finding:
        """Check that every sampled record has an id, and one like a GUID."""
        blank, odd, seen = Counter[str](), Counter[str](), 0
        for collection in REFERENCES:
            for row in self.sample(collection):
                seen += 1
                if not id_of(row):
                    blank[collection] += 1
                elif not GUID.fullmatch(id_of(row)):
                    odd[collection] += 1
        if blank:
            return failed(
                f"records without a sourcedId: {_counted(blank)}",
                "every record needs one; in Focus the UUID field must be on and filled",
            )
        if odd:
            return warning(
                f"sourcedIds that are no GUIDs: {_counted(odd)}",
                "some readers insist on GUIDs; make sure that these never change or repeat",
            )
        return passed(f"{seen} records sampled, each with a GUID")

    def look_at_stability(self) -> Finding:
        """Read twice: the same ids must come, in the same order."""
        moved: list[str] = []
        read = 0
        for collection in REFERENCES:
            one, two = self._page(collection, 0), self._page(collection, 0)
            read += len(one.rows)
            if set(one.ids) != set(two.ids):
                return failed(
                    f"{collection}: other ids at the second reading",
                    "a sourcedId belongs to one record for ever; or rows moved: try again",
                )
            if one.ids != two.ids:
                moved.append(collection)
        if moved:
            return failed(
                f"another order at the second reading: {', '.join(moved)}",
                "pages need a stable order, with sourcedId as the last key",
            )
        return passed(f"{read} ids the same, in the same order, in two readings")

    def look_at_references(self) -> Finding:
        """Check that what sampled records refer to is served."""
        missing, null, resolved = Counter[str](), Counter[str](), 0
        for collection, fields in REFERENCES.items():
            rows = [row for row in self.sample(collection) if is_live(row)]
            for field, target in fields.items():
                name = f"{collection}.{field}"
                for row in rows:
                    ids = refs_of(row, field)
                    if "" in ids or (not ids and (collection, field) in REQUIRED):
                        null[name] += 1
                wanted = {each for row in rows for each in refs_of(row, field) if each}
                for each in sorted(wanted)[:: max(1, len(wanted) // RESOLVED)][:RESOLVED]:
                    resolved += 1
                    if not self._exists(target, each):
                        missing[name] += 1
        if missing or null:
            parts = [f"dangling: {_counted(missing)}"] if missing else []
            parts += [f"empty: {_counted(null)}"] if null else []
            return failed(
                "; ".join(parts),
                "what a record refers to must be served too, ended and past objects included",
            )
        return passed(f"{resolved} references followed, none dangling")

    def look_at_dates(self) -> Finding:
        """Check that every sampled enrollment has both dates, the right way round."""
        rows = [row for row in self.sample("enrollments") if is_live(row)]
        if not rows:
            return warning("no live enrollment was sampled", "ask again when there is one")
        without = [row for row in rows if not (_day(row, "beginDate") and _day(row, "endDate"))]
        wrong = [row for row in rows if row not in without and _backwards(row)]
        if without:
            return failed(
                f"{len(without)} of {len(rows)} sampled ({len(without) / len(rows):.0%}) lack a "
                "date",
                "serve beginDate and endDate on each, the term's where the row is open",
            )
        if wrong:
            return failed(
                f"{len(wrong)} of {len(rows)} sampled end before they begin",
                "correct these schedules in the SIS",
            )
        return passed(f"{len(rows)} sampled, each with both dates")

    def look_at_duplicates(self) -> Finding:
        """Check that in sampled classes a person has one live enrollment in one role."""
        repeats, seen = 0, 0
        for rows in self._classes().values():
            pairs = Counter(
                (*refs_of(row, "user"), str(row.get("role"))) for row in rows if is_live(row)
            )
            seen += len(rows)
            repeats += sum(count - 1 for count in pairs.values())
        if repeats:
            return failed(
                f"{repeats} of {seen} enrollments repeat a user in a class",
                "serve one per user and class: the one that is right today",
            )
        return passed(f"{seen} enrollments of {len(self._classes())} classes, no user twice")

    def look_at_teachers(self) -> Finding:
        """Check that sampled classes have exactly one primary teacher."""
        found = Counter[int]()
        for rows in self._classes().values():
            leads = [
                row
                for row in rows
                if is_live(row)
                and row.get("role") == "teacher"
                and str(row.get("primary")).lower() == "true"
            ]
            found[min(len(leads), 2)] += 1
        if found[2]:
            return failed(
                f"{found[2]} of {found.total()} sampled classes have several",
                "primary is true for one teacher of a class only",
            )
        if found[0]:
            return warning(
                f"{found[0]} of {found.total()} sampled classes have none",
                "such a class gets a Canvas course of its own, without a teacher",
            )
        return passed(f"one in each of {found.total()} sampled classes")

    def look_at_errors(self) -> Finding:
        """Ask for a user that cannot be, and read how the provider says no."""
        unknown = str(uuid.uuid4())
        response = self._transport.request("GET", f"users/{unknown}")
        told = f"HTTP {response.status_code}"
        if response.status_code == 200:
            return failed(f"{told} for an id that nobody has", "answer 404")
        try:
            text = msgspec.json.decode(response.content)
        except msgspec.MsgspecError:
            return failed(f"{told} with a body that is no JSON", "use OneRoster's error payload")
        shown = str(text)
        if "escription" not in shown:
            return warning(
                f"{told} in JSON, without a description",
                "send imsx_description, and begin it with the SIS's name: teachers read it",
            )
        if response.status_code != 404:
            return warning(f"{told}, where 404 was expected", "answer 404 for what is unknown")
        return passed(f"{told} with OneRoster's error payload")

    def _page(self, collection: str, offset: int) -> Page:
        params = {"limit": str(SAMPLE), "offset": str(offset)}
        return read_page(self._transport, collection, collection, params)

    def _exists(self, collection: str, sourced_id: str) -> bool:
        key = (collection, sourced_id)
        if any(id_of(row) == sourced_id for row in self._samples.get(collection, ())):
            return True
        if key not in self._known:
            self._known[key] = self._is_served(collection, sourced_id)
        return self._known[key]

    def _is_served(self, collection: str, sourced_id: str) -> bool:
        response = self._transport.request("GET", f"{collection}/{quoted(sourced_id)}")
        if response.status_code == 200:
            return True
        # Reads by id are not among those that Instructure needs: a filter may serve instead.
        params = {"filter": f"sourcedId='{sourced_id}'", "limit": "2"}
        try:
            page = read_page(self._transport, collection, collection, params)
        except (PageError, RetryableError):
            return False
        return sourced_id in page.ids

    def _classes(self) -> dict[str, list[Row]]:
        """Give all enrollments of a few classes."""
        if self._rosters is None:
            rows = [row for row in self.sample("classes") if is_live(row) and id_of(row)]
            chosen = rows[:: max(1, len(rows) // CLASSES)][:CLASSES]
            self._rosters = {id_of(row): self._roster(row) for row in chosen}
        return self._rosters

    def _roster(self, row: Row) -> list[Row]:
        class_id, school = id_of(row), next(iter(refs_of(row, "school")), "")
        nested = f"schools/{quoted(school)}/classes/{quoted(class_id)}/enrollments"
        try:
            return read_page(self._transport, nested, "enrollments", {"limit": "1000"}).rows
        except PageError:
            params = {"filter": f"class.sourcedId='{class_id}'", "limit": "1000"}
            return read_page(self._transport, "enrollments", "enrollments", params).rows


def _day(row: Row, field: str) -> str:
    value = row.get(field)
    return value[:10] if isinstance(value, str) and DATE.fullmatch(value) else ""


def _backwards(row: Row) -> bool:
    return _day(row, "endDate") < _day(row, "beginDate")


def _counted(found: Counter[str]) -> str:
    return ", ".join(f"{name} {count}" for name, count in found.items())
