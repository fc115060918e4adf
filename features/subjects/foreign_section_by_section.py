"""A right grade passback of another make: section by section, comparing with what Focus holds.

Written from the vendors' facts alone, with the standard library alone; it shares nothing with
Homeroom. It asks Canvas's ordinary API for each section's work and grades, takes the time zone from
the course, gives line items ids that mean nothing and remembers those, and sends what Focus has
otherwise. It provisions nothing: somebody else does.

`python foreign_section_by_section.py passback|remaster`
"""

import base64
import hashlib
import http.client
import json
import os
import re
import sys
import time
import urllib.error
import urllib.request
import uuid
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote, urlencode
from zoneinfo import ZoneInfo

FOCUS = os.environ["ONEROSTER_BASE_URL"].rstrip("/")
CANVAS = os.environ["CANVAS_BASE_URL"].rstrip("/")
ATTEMPTS, PAGE = 6, 100
WOULD_PASS = frozenset({408, 425, 429, 500, 502, 503, 504})
LONGEST_TITLE = 255
PUPILS: dict[str, Any] = {"type": ["StudentEnrollment"], "state": ["active", "completed"]}

Row = dict[str, Any]


class UnusableError(Exception):
    """A peer that cannot be worked with; nothing more is done."""


class RefusedError(Exception):
    """One request that the peer refuses and would refuse again."""

    def __init__(self, status: int) -> None:
        """Keep the status for who can act on it."""
        super().__init__(f"refused with {status}")
        self.status = status


class NoRedirect(urllib.request.HTTPRedirectHandler):
    """Goes nowhere else: a token is for the host that it was given for."""

    def redirect_request(
        self, req: Any, fp: Any, code: Any, msg: Any, headers: Any, newurl: Any
    ) -> None:
        """Follow nothing."""


OPENER = urllib.request.build_opener(NoRedirect)


def send(
    method: str, url: str, headers: Mapping[str, str], body: bytes | None = None
) -> tuple[Any, Mapping[str, str]]:
    """Make one request, again where that may help; return its JSON and headers."""
    trouble, pause = "never tried", 0.0
    for attempt in range(ATTEMPTS):
        time.sleep(min(pause, 5.0))
        pause = 0.2 * 2**attempt
        # The address is the operator's own.
        request = urllib.request.Request(url, body, dict(headers), method=method)  # noqa: S310
        try:
            with OPENER.open(request, timeout=60) as answer:
                text = answer.read()
                return (json.loads(text) if text else None), answer.headers
        except urllib.error.HTTPError as error:
            limited = error.code == 403 and b"Rate Limit" in error.read()
            if not limited and error.code not in WOULD_PASS:
                raise RefusedError(error.code) from None
            asked = error.headers.get("Retry-After") or ""
            pause, trouble = (float(asked) if asked.isdigit() else pause), str(error.code)
        except (OSError, ValueError, http.client.HTTPException) as error:
            trouble = type(error).__name__
    raise UnusableError(f"{method} {url.partition('?')[0]}: {trouble}")


class Focus:
    """The OneRoster provider."""

    token = ""

    def call(self, method: str, path: str, body: Any = None) -> tuple[Any, Mapping[str, str]]:
        """Make one request, with a new token where the old one is not taken any more."""
        content = None if body is None else json.dumps(body).encode()
        for is_last in (False, True):
            self.token = self.token or self._login()
            headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
            try:
                return send(method, f"{FOCUS}/{path}", headers, content)
            except RefusedError as error:
                if is_last or error.status != 401:
                    raise
                self.token = ""
        raise AssertionError("unreachable: the second time returns or raises")

    def all(self, path: str, key: str) -> list[Row]:
        """Read a collection to its end; only what counts."""
        found: dict[str, Row] = {}
        offset, total = 0, None
        while True:
            query = f"limit={PAGE}&offset={offset}&sort=sourcedId&orderBy=asc"
            page, headers = self.call("GET", f"{path}?{query}")
            found |= {row["sourcedId"]: row for row in page[key]}
            offset += len(page[key])
            total = headers.get("X-Total-Count") or total
            if not page[key] or (total and offset >= int(total)):
                break
        if total and len(found) < int(total):
            raise UnusableError(f"{key}: rows are missing")
        return [row for row in found.values() if row["status"] == "active"]

    def put(self, kind: str, id_: str, body: Row) -> None:
        """Write one line item or result."""
        self.call("PUT", f"{kind}s/{quote(id_, safe='')}", {kind: {"sourcedId": id_, **body}})

    @staticmethod
    def _login() -> str:
        pair = f"{os.environ['ONEROSTER_CLIENT_ID']}:{os.environ['ONEROSTER_CLIENT_SECRET']}"
        headers = {
            "Authorization": "Basic " + base64.b64encode(pair.encode()).decode(),
            "Content-Type": "application/x-www-form-urlencoded",
        }
        try:
            got, _ = send(
                "POST", os.environ["ONEROSTER_TOKEN_URL"], headers,
                b"grant_type=client_credentials",
            )  # fmt: skip
        except RefusedError as error:
            raise UnusableError(f"the provider gives no token: {error.status}") from None
        return str(got["access_token"])


def from_canvas(path: str, key: str = "", **params: Any) -> list[Row]:
    """Read one of Canvas's lists to its end, by the links that it gives."""
    pairs = [
        (f"{name}[]" if isinstance(value, list) else name, each)
        for name, value in {"per_page": PAGE, **params}.items()
        for each in (value if isinstance(value, list) else [value])
    ]
    url, found = f"{CANVAS}/api/v1/{path}?{urlencode(pairs)}", list[Row]()
    while url:
        page, headers = send("GET", url, {"Authorization": f"Bearer {os.environ['CANVAS_TOKEN']}"})
        found += page[key] if key else page
        link = re.search(r'<([^>]*)>;\s*rel="next"', headers.get("Link") or "")
        url = link.group(1) if link else ""
    return found


def day_of(instant: str, zone: ZoneInfo) -> str:
    """Return the day in the district; a date, or its midnight, is that day wherever it is read."""
    if len(instant) == len("2026-10-09") or "T00:00:00" in instant:
        return instant[:10]
    return datetime.fromisoformat(instant).astimezone(zone).date().isoformat()


def midnight(day: str) -> str:
    """Write a day as the date-time that OneRoster has for line items."""
    return f"{day}T00:00:00.000Z"


def is_same(one: Any, other: Any) -> bool:
    """Compare numbers."""
    return one is not None and Decimal(str(one)) == Decimal(str(other))


class Grade(NamedTuple):
    """What a pupil has; no score and not excused is nothing."""

    score: float | None
    excused: bool
    day: str


class Class:
    """One class's side of Focus's gradebook."""

    def __init__(self, focus: Focus, id_: str) -> None:
        """Read nothing yet."""
        self.id, self._focus = id_, focus
        self._path = f"classes/{quote(id_, safe='')}"
        self._items: dict[str, Row] | None = None
        self._results: dict[tuple[str, str], Row] | None = None

    @property
    def items(self) -> dict[str, Row]:
        """The class's line items by their ids."""
        if self._items is None:
            found = self._focus.all(f"{self._path}/lineItems", "lineItems")
            self._items = {row["sourcedId"]: row for row in found}
        return self._items

    @property
    def results(self) -> dict[tuple[str, str], Row]:
        """The class's results by line item and pupil."""
        if self._results is None:
            found = self._focus.all(f"{self._path}/results", "results")
            self._results = {
                (row["lineItem"]["sourcedId"], row["student"]["sourcedId"]): row for row in found
            }
        return self._results

    def ref(self) -> Row:
        """Return a reference to it."""
        return {"sourcedId": self.id, "type": "class", "href": f"{FOCUS}/{self._path}"}


class Passback:
    """One grade sync."""

    def __init__(self, *, remaster: bool) -> None:
        """Remember what earlier ones linked."""
        self._memory = Path(os.environ.get("HOMEROOM_STATE_DIR", ".")) / "links.json"
        # Of an assignment in a class the line item, of a group in a class the category.
        self._links: dict[str, str] = {}
        if self._memory.exists():
            self._links = json.loads(self._memory.read_text())
        self._focus, self._remaster, self._partly = Focus(), remaster, False
        self._categories = self._focus.all("categories", "categories")
        self._periods = self._focus.all("gradingPeriods", "academicSessions")
        self._today = os.environ.get("HOMEROOM_NOW") or datetime.now(UTC).isoformat()

    def run(self) -> int:
        """Sync all courses; return the exit code."""
        provisioned = False
        for course in from_canvas("accounts/self/courses", state=["available", "completed"]):
            sections = from_canvas(f"courses/{course['id']}/sections")
            sections = [each for each in sections if each.get("sis_section_id")]
            provisioned = provisioned or bool(sections)
            if sections:
                self._course(course, sections)
        if not provisioned and not any(
            each.get("sis_course_id") for each in from_canvas("accounts/self/courses")
        ):
            raise UnusableError("nothing in Canvas is the SIS's: provisioning comes first")
        return 1 if self._partly else 0

    def _course(self, course: Row, sections: list[Row]) -> None:
        zone, path = ZoneInfo(course["time_zone"]), f"courses/{course['id']}"
        work = [
            each
            for each in from_canvas(
                f"{path}/assignments", post_to_sis="true", include=["overrides"],
                override_assignment_dates="false",
            )
            if each["published"] and each["post_to_sis"] and each["grading_type"] != "not_graded"
        ]  # fmt: skip
        groups = {each["id"]: each["name"] for each in from_canvas(f"{path}/assignment_groups")}
        periods = from_canvas(f"{path}/grading_periods", key="grading_periods")
        for section in sections:
            class_ = Class(self._focus, section["sis_section_id"])
            seats = [
                each
                for each in from_canvas(f"sections/{section['id']}/enrollments", **PUPILS)
                if each.get("sis_user_id") and each.get("sis_import_id")
            ]
            pupils = {each["user_id"]: each["sis_user_id"] for each in seats}
            for each in work:
                group = (each["assignment_group_id"], groups[each["assignment_group_id"]])
                with_dates = (each, section, zone)
                self._try(f"assignment {each['id']}", self._work, class_, group, pupils, with_dates)
            for period in periods:
                name = f"period {period['id']}"
                self._try(name, self._course_grades, class_, section, pupils, period, zone)

    def _try(self, name: str, act: Any, class_: Class, *given: Any) -> None:
        try:
            told = act(class_, *given)
        except RefusedError as error:
            told = str(error)
        if told:
            self._partly = True
            sys.stderr.write(f"{name} in class {class_.id}: {told}\n")

    def _work(
        self,
        class_: Class,
        group: tuple[int, str],
        pupils: Mapping[int, str],
        with_dates: tuple[Row, Row, ZoneInfo],
    ) -> str:
        """Sync one assignment in one class; return what stands against it."""
        work, section, zone = with_dates
        own = [
            each for each in work["overrides"] if each.get("course_section_id") == section["id"]
        ]  # fmt: skip
        if work["only_visible_to_overrides"] and not own:
            return ""
        due_at = own[0]["due_at"] if own and "due_at" in own[0] else work["due_at"]
        if not due_at:
            return "it has no due date"
        if len(work["name"]) > LONGEST_TITLE:
            return "its title is too long"
        category = self._category(class_.id, *group)
        if not category:
            return "no category has its group's name"
        due = day_of(due_at, zone)
        id_ = self._line_item(class_, work, due, zone)
        if id_ in ("twins", "deleted"):
            return f"its line item is not known: {id_}"
        old = class_.items.get(id_)
        kept = ("description", "assignDate", "gradingPeriod", "resultValueMin", "metadata")
        body = {
            "assignDate": midnight(day_of(work["unlock_at"] or work["created_at"], zone)),
            "resultValueMin": 0,
            **{name: old[name] for name in kept if old and old.get(name) is not None},
            "status": "active",
            "title": work["name"],
            "dueDate": midnight(due),
            "class": class_.ref(),
            "category": {"sourcedId": category, "type": "category"},
            "resultValueMax": work["points_possible"],
        }
        same = old and (
            (old["title"], old["category"]["sourcedId"]) == (work["name"], category)
            and day_of(old["dueDate"], zone) == due
            and is_same(old.get("resultValueMax"), work["points_possible"])
        )
        if not same or self._remaster:
            self._focus.put("lineItem", id_, body)
        self._remember(f"{work['id']} stood in {class_.id}", id_)
        path = f"sections/{section['id']}/assignments/{work['id']}/submissions"
        for row in from_canvas(path):
            if row["user_id"] in pupils:
                self._submission(class_, id_, pupils[row["user_id"]], row, zone)
        return ""

    def _line_item(self, class_: Class, work: Row, due: str, zone: ZoneInfo) -> str:
        """Find or choose the line item of an assignment in a class, and remember it."""
        key = f"{work['id']} in {class_.id}"
        known = self._links.get(key)
        stood = f"{work['id']} stood in {class_.id}" in self._links
        if known and (known in class_.items or not stood):
            return known
        if known and not self._remaster:
            return "deleted"
        taken = set(self._links.values())
        same = [
            id_
            for id_, row in class_.items.items()
            if row["title"] == work["name"] and id_ not in taken
            if row.get("dueDate") and day_of(row["dueDate"], zone) == due
        ]
        if len(same) > 1:
            return "twins"
        id_ = same[0] if same else str(uuid.uuid4())
        self._remember(key, id_)
        return id_

    def _category(self, class_: str, group: int, name: str) -> str:
        usable = {
            each["sourcedId"]: each["title"]
            for each in self._categories
            if (each.get("metadata") or {}).get("classId") in (None, "", class_)
        }
        key = f"group {group} in {class_}"
        if self._links.get(key) not in usable:
            found = next((id_ for id_, title in usable.items() if title == name), "")
            if not found:
                return ""
            self._remember(key, found)
        return self._links[key]

    def _remember(self, key: str, id_: str) -> None:
        if self._links.get(key) != id_:
            self._links[key] = id_
            fresh = self._memory.with_suffix(".new")
            fresh.write_text(json.dumps(self._links))
            fresh.replace(self._memory)

    def _submission(
        self, class_: Class, line_item: str, pupil: str, row: Row, zone: ZoneInfo
    ) -> None:
        excused, old = bool(row["excused"]), class_.results.get((line_item, pupil))
        if row["score"] is None and not excused:
            if old and self._remaster:
                gone = {name: value for name, value in old.items() if name != "sourcedId"}
                self._focus.put("result", old["sourcedId"], {**gone, "status": "tobedeleted"})
            return
        # What pupils may not see yet is held, as declared; what is not graded whole waits.
        if row["posted_at"] is None or row["workflow_state"] == "pending_review":
            return
        day = day_of(row["graded_at"] or self._today, zone)
        comment = "late" if row["late"] else ""
        self._send(class_, line_item, pupil, Grade(row["score"], excused, day), comment)

    def _send(
        self, class_: Class, line_item: str, pupil: str, grade: Grade, comment: str = ""
    ) -> None:
        """Send a grade, unless Focus has it already."""
        old = class_.results.get((line_item, pupil))
        status = "exempt" if grade.excused else "fully graded"
        score = 0 if grade.excused else grade.score
        same = old and old["scoreStatus"] == status and is_same(old["score"], score)
        if same and not self._remaster:
            return
        made = hashlib.sha1(f"{line_item} {pupil}".encode(), usedforsecurity=False).hexdigest()
        body = {
            "status": "active",
            "lineItem": {"sourcedId": line_item, "type": "lineItem"},
            "student": {"sourcedId": pupil, "type": "user"},
            "scoreStatus": status,
            "score": score,
            "scoreDate": grade.day,
            **({"comment": comment} if comment else {}),
        }
        try:
            self._focus.put("result", old["sourcedId"] if old else made, body)
        except RefusedError as error:
            self._partly = True
            sys.stderr.write(f"pupil {pupil}, line item {line_item}: {error}\n")

    def _course_grades(
        self, class_: Class, section: Row, pupils: Mapping[int, str], period: Row, zone: ZoneInfo
    ) -> str:
        """Sync the final grades of a period in one class."""
        path = f"sections/{section['id']}/enrollments"
        grades: dict[str, float] = {}
        for seat in from_canvas(path, grading_period_id=period["id"], **PUPILS):
            totals = seat.get("grades") or {}
            given = totals.get("override_score")
            score = totals.get("final_score") if given is None else given
            if seat["user_id"] in pupils and score is not None:
                grades[pupils[seat["user_id"]]] = score
        if not grades:
            return ""
        made = hashlib.sha1(f"{class_.id} {period['id']}".encode(), usedforsecurity=False)
        id_, usable = f"period-{made.hexdigest()}", self._categories
        same = [each for each in self._periods if each["title"] == period["title"]]
        own = [each for each in usable if not (each.get("metadata") or {}).get("classId")]
        body = {
            "status": "active",
            "title": f"{period['title']}, final grade",
            "assignDate": midnight(day_of(period["start_date"], zone)),
            "dueDate": midnight(day_of(period["end_date"], zone)),
            "class": class_.ref(),
            "resultValueMin": 0,
            "resultValueMax": 100,
            **({"category": {"sourcedId": own[0]["sourcedId"], "type": "category"}} if own else {}),
            **({"gradingPeriod": {"sourcedId": same[0]["sourcedId"]}} if len(same) == 1 else {}),
        }
        if id_ not in class_.items or self._remaster:
            self._focus.put("lineItem", id_, body)
        for pupil, score in grades.items():
            self._send(class_, id_, pupil, Grade(score, False, day_of(self._today, zone)))
        return ""


def main() -> int:
    """Sync grades; 0 done, 1 partly, 2 where a peer cannot be worked with."""
    try:
        return Passback(remaster=sys.argv[1] == "remaster").run()
    except (UnusableError, RefusedError) as error:
        sys.stderr.write(f"{error}\n")
        return 2


if __name__ == "__main__":
    sys.exit(main())
