"""A right sync service of another make: Canvas's batch mode, observers, links kept in Canvas.

Written from the vendors' facts alone, with the standard library alone; it shares nothing with
Homeroom. It asks only for active records, follows the provider's own links, sends everything every
night and lets batch mode clean up, holds a night that would empty classrooms, and remembers nothing
of the gradebook: ids are computed, and what was linked stands in each assignment's integration
data.

`python foreign_batch_mode.py provision|release|passback|remaster`
"""

import base64
import csv
import io
import json
import os
import pickle
import sys
import time
import zipfile
from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from http.client import HTTPException, HTTPMessage
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.parse import quote as quoted
from urllib.parse import urlencode, urljoin
from urllib.request import Request, urlopen
from uuid import UUID, uuid5
from zoneinfo import ZoneInfo

EASTERN = ZoneInfo("America/New_York")
MARK = UUID("5e0a4e0c-55a5-4f57-8b57-0a1f2f6b7d11")
PARENTS = ("parent", "guardian", "relative")
SEAT = {"student": "student", "teacher": "teacher", "aide": "ta"}
HELD, PARTLY, DONE, UNUSABLE = 4, 1, 0, 2
Json = Any


class HeldError(Exception):
    """The night would take too much away; a person has to look at it first."""


class PeerError(Exception):
    """A peer refused, or could not be understood."""

    def __init__(self, told: str, status: int = 0) -> None:
        """Keep the HTTP status, 0 where there is none."""
        super().__init__(told)
        self.status = status


def exchange(
    method: str, url: str, headers: dict[str, str], body: bytes | None = None
) -> tuple[Json, HTTPMessage]:
    """Make one request, up to six times where the peer is busy or the line breaks."""
    told = ""
    for turn in range(6):
        request = Request(url, data=body, headers=headers, method=method)  # noqa: S310
        wait = 0.15 * 2**turn
        try:
            with urlopen(request, timeout=60) as answer:  # noqa: S310
                read = answer.read()
                return (json.loads(read) if read else {}), answer.headers
        except HTTPError as error:
            text = error.read().decode(errors="replace")
            told = f"{method} {url}: {error.code} {text[:200]}"
            again = error.code in (429, 500, 502, 503, 504) or "Rate Limit Exceeded" in text
            if not again:
                raise PeerError(told, error.code) from None
            wait = float(error.headers.get("Retry-After") or wait)
        except (OSError, HTTPException, ValueError) as error:
            told = f"{method} {url}: {error!r}"
        time.sleep(min(wait, 8.0))
    raise PeerError(told)


def next_link(headers: HTTPMessage) -> str:
    """Return the address of a Link header's next page."""
    for part in (headers.get("Link") or "").split(","):
        address, _, relation = part.partition(";")
        if 'rel="next"' in relation or "rel=next" in relation:
            return address.strip().strip("<>")
    return ""


class OneRoster:
    """The provider."""

    def __init__(self) -> None:
        """Take a token at once."""
        self.root = os.environ["ONEROSTER_BASE_URL"].rstrip("/") + "/"
        self.renew()

    def renew(self) -> None:
        """Get a token with the credentials in the header."""
        pair = f"{os.environ['ONEROSTER_CLIENT_ID']}:{os.environ['ONEROSTER_CLIENT_SECRET']}"
        headers = {
            "Authorization": "Basic " + base64.b64encode(pair.encode()).decode(),
            "Content-Type": "application/x-www-form-urlencoded",
        }
        form = b"grant_type=client_credentials&scope=*"
        answer, _ = exchange("POST", os.environ["ONEROSTER_TOKEN_URL"], headers, form)
        self.headers = {
            "Authorization": f"Bearer {answer['access_token']}",
            "Content-Type": "application/json",
        }

    def request(self, method: str, url: str, body: Json = None) -> tuple[Json, HTTPMessage]:
        """Make a request, with a new token if the old one died."""
        text = json.dumps(body).encode() if body is not None else None
        try:
            return exchange(method, url, self.headers, text)
        except PeerError as error:
            if error.status != 401:
                raise
        self.renew()
        return exchange(method, url, self.headers, text)

    def active(self, path: str, key: str) -> dict[str, Json]:
        """Return all active records of a collection by sourcedId; twice over if it moved."""
        for _ in range(4):
            rows, sure = self._pages(path, key)
            if sure:
                return {name: row for name, row in rows.items() if row["status"] == "active"}
        raise PeerError(f"{path} was not read whole: it changed while it was read")

    def _pages(self, path: str, key: str) -> tuple[dict[str, Json], bool]:
        size = 250
        query = {"limit": size, "filter": "status='active'"}
        url = f"{self.root}{path}?{urlencode(query, quote_via=quoted)}"
        rows: dict[str, Json] = {}
        seen: set[str] = set()
        totals: set[int] = set()
        sent = 0
        while url:
            if url in seen:
                return rows, False
            seen.add(url)
            answer, headers = self.request("GET", url)
            page = answer.get(key) if isinstance(answer, dict) else None
            if not isinstance(page, list):
                raise PeerError(f"{url}: {key} is not in the answer")
            sent += len(page)
            rows |= {row["sourcedId"]: row for row in page if row.get("sourcedId")}
            told = headers.get("X-Total-Count")
            body = answer.get("pagination") or {}
            told = told if told is not None else body.get("total")
            if told is not None:
                totals.add(int(told))
            onward = next_link(headers) or body.get("next") or ""
            if not onward and page and (sent < max(totals) if totals else len(page) >= size):
                onward = f"{path}?{urlencode(query | {'offset': sent}, quote_via=quoted)}"
            url = urljoin(self.root, onward) if onward else ""
        return rows, len(totals) <= 1 and all(total == len(rows) == sent for total in totals)


class Canvas:
    """The Canvas root account."""

    def __init__(self) -> None:
        """Take the token."""
        self.root = os.environ["CANVAS_BASE_URL"].rstrip("/")
        self.headers = {"Authorization": f"Bearer {os.environ['CANVAS_TOKEN']}"}

    def get(self, path: str) -> Json:
        """Read one thing."""
        return exchange("GET", f"{self.root}{path}", self.headers)[0]

    def every(self, path: str, key: str = "") -> Iterator[Json]:
        """Yield a list's items, page after page."""
        url = f"{self.root}{path}"
        while url:
            answer, headers = exchange("GET", url, self.headers)
            yield from answer[key] if key else answer
            url = next_link(headers)

    def load(self, content: bytes) -> Json:
        """Import a zip in batch mode over all its terms, and wait."""
        query = {
            "multi_term_batch_mode": "true",
            "batch_mode": "true",
            "change_threshold": "100",
            "batch_mode_enrollment_drop_status": "deleted",
            "extension": "zip",
        }
        path = "/api/v1/accounts/self/sis_imports"
        headers = self.headers | {"Content-Type": "application/zip"}
        url = f"{self.root}{path}?{urlencode(query)}"
        done, _ = exchange("POST", url, headers, content)
        for _ in range(1200):
            if done.get("ended_at") or done["workflow_state"] in ("aborted", "failed"):
                return done
            time.sleep(0.1)
            done = self.get(f"{path}/{done['id']}")
        raise PeerError(f"SIS import {done['id']} is stuck in {done['workflow_state']}")


def tell(text: str) -> None:
    """Write a line for the operator."""
    sys.stderr.write(text + "\n")


def moment() -> datetime:
    """Return the time in the district."""
    return datetime.fromisoformat(os.environ["HOMEROOM_NOW"]).astimezone(EASTERN)


def opens(day: str) -> str:
    """Return when a day begins."""
    return datetime.fromisoformat(day[:10]).replace(tzinfo=EASTERN).isoformat()


def closes(day: str) -> str:
    """Return when a day ends."""
    end = datetime.fromisoformat(day[:10]) + timedelta(days=1) - timedelta(minutes=1)
    return end.replace(tzinfo=EASTERN).isoformat()


def points_to(record: Json, field: str) -> str:
    """Return the target of a reference."""
    return str((record.get(field) or {}).get("sourcedId") or "")


def shared(term: str) -> str:
    """Return the part of a term's id that all schools share."""
    return term.rsplit("-", 1)[-1]


class Roster:
    """Tonight's feed as Canvas's rows; `memory` is last night's."""

    def __init__(self, sis: OneRoster, memory: dict[str, Json]) -> None:
        """Read everything, then make the rows."""
        self.memory, self.left_out = memory, 0
        self.orgs = sis.active("orgs", "orgs")
        self.terms = sis.active("academicSessions", "academicSessions")
        self.courses = sis.active("courses", "courses")
        self.classes = sis.active("classes", "classes")
        self.users = sis.active("users", "users")
        self.enrollments = sis.active("enrollments", "enrollments")
        if memory and not (self.orgs and self.classes and self.users and self.enrollments):
            raise PeerError("a collection that was full is empty: not believed")
        self.tables: dict[str, dict[str, dict[str, str]]] = defaultdict(dict)
        self.names: dict[str, str] = dict(memory.get("names", {}))
        self.placed: dict[str, str] = dict(memory.get("placed", {}))
        self.owner = self._teachers()
        self._people()
        self._places()
        self._seats()
        self._observers()

    def leave_out(self, what: str) -> None:
        """Leave a record out, and say so."""
        self.left_out += 1
        tell(f"left out: {what}")

    def _teachers(self) -> dict[str, str]:
        """Return each class's primary teacher: the first by date, then by id."""
        found: dict[str, tuple[bool, str, str]] = {}
        today = moment().date().isoformat()
        for row in self.enrollments.values():
            user, class_ = points_to(row, "user"), points_to(row, "class")
            ended = (row.get("endDate") or today) < today
            if row["role"] != "teacher" or ended or user not in self.users:
                continue
            primary = str(row.get("primary")).lower() == "true"
            rank = (not primary, row.get("beginDate") or "", user)
            found[class_] = min(found.get(class_, rank), rank)
        return {class_: user for class_, (_, _, user) in found.items()}

    def _people(self) -> None:
        held = self.memory.get("users", {})
        logins: dict[str, str] = {}
        wanted = {points_to(row, "user") for row in self.enrollments.values()}
        for key in sorted(self.users, key=lambda name: (name not in self.names, name)):
            user = self.users[key]
            sis, login = (user.get("username") or "").strip(), user.get("identifier") or ""
            enabled = str(user.get("enabledUser", True)).lower() != "false"
            before = self.names.get(key)
            if not enabled and before is None:
                continue
            if user["role"] not in (*SEAT, *PARENTS, "administrator", "proctor"):
                continue
            if not sis or not login or logins.setdefault(login.lower(), sis) != sis:
                self.leave_out(f"user {key}: no username or no identifier of their own")
                if before and before in held:
                    self.tables["users"][before] = held[before]
                continue
            if user["role"] in PARENTS and key not in wanted and not user.get("agents"):
                children = [u for u in self.users.values() if key in self._agents(u)]
                if not children:
                    continue
            if before and before != sis:
                self.tables["change_sis_id"][before] = {
                    "old_id": before, "new_id": sis, "type": "user"
                }  # fmt: skip
            self.names[key] = sis
            self.tables["users"][sis] = {
                "user_id": sis,
                "login_id": login,
                "first_name": user["givenName"],
                "last_name": user["familyName"],
                "email": user.get("email") or "",
                "status": "active",
            }

    @staticmethod
    def _agents(user: Json) -> set[str]:
        return {str(agent.get("sourcedId")) for agent in user.get("agents") or () if agent}

    def _term(self, class_: Json) -> Json | None:
        """Return a class's first term or semester, or its year."""
        listed = [self.terms.get(str((one or {}).get("sourcedId"))) for one in class_["terms"]]
        for one in listed:
            if one and one["type"] in ("term", "semester"):
                return one
        for one in listed:
            above = one
            while above and above["type"] == "gradingPeriod":
                above = self.terms.get(points_to(above, "parent"))
            if above:
                return above
        return None

    def _places(self) -> None:
        for key, org in self.orgs.items():
            if org["type"] == "school":
                self.tables["accounts"][key] = {
                    "account_id": key, "parent_account_id": "", "name": org["name"],
                    "status": "active",
                }  # fmt: skip
        for table in ("courses", "terms"):
            self.tables[table] |= self.memory.get(table, {})
        for key, class_ in sorted(self.classes.items()):
            course, term = self.courses.get(points_to(class_, "course")), self._term(class_)
            school = points_to(class_, "school")
            if not course or not term or school not in self.orgs:
                self.leave_out(f"class {key}: its course, term or school is not there")
                for table in ("sections", "seats"):
                    for name, row in self.memory.get(table, {}).items():
                        if row["section_id"] == key:
                            self.tables[table][name] = row
                continue
            code, teacher = shared(term["sourcedId"]), self.owner.get(key)
            fresh = f"{course['sourcedId']}.{teacher}.{code}" if teacher else f"class.{key}"
            shell = self.placed.setdefault(key, fresh)
            self.tables["terms"][code] = {
                "term_id": code, "name": term["title"], "status": "active",
                "start_date": opens(term["startDate"]), "end_date": closes(term["endDate"]),
            }  # fmt: skip
            self.tables["courses"][shell] = {
                "course_id": shell, "short_name": course.get("courseCode") or course["title"],
                "long_name": course["title"], "account_id": school, "term_id": code,
                "status": "active",
            }  # fmt: skip
            self.tables["sections"][key] = {
                "section_id": key, "course_id": shell,
                "name": f"{class_['title']} ({class_.get('classCode') or key})",
                "status": "active",
            }  # fmt: skip

    def _seats(self) -> None:
        today = moment().date().isoformat()
        rows: dict[str, list[Json]] = defaultdict(list)
        for key, row in self.enrollments.items():
            user, class_ = points_to(row, "user"), points_to(row, "class")
            if row["role"] not in SEAT:
                continue
            if class_ and class_ not in self.classes and user:
                continue
            if user not in self.users or self.users[user].get("username") is None or not class_:
                self.leave_out(f"enrollment {key}: it names nobody, or no class")
                name = self.memory.get("rows", {}).get(key)
                if name and name in self.memory["seats"]:
                    self.tables["seats"].setdefault(name, self.memory["seats"][name])
                continue
            if class_ in self.tables["sections"] and self.names.get(user) in self.tables["users"]:
                rows[f"{class_}/{self.names[user]}/{row['role']}"].append(row)
        # Batch mode looks into its terms alone; a section cross-listed by hand may lie outside.
        for name, row in self.memory.get("seats", {}).items():
            if name not in rows and row["section_id"] in self.tables["sections"]:
                self.tables["seats"].setdefault(name, row | {"status": "deleted"})
        self.rows = {row["sourcedId"]: name for name, some in rows.items() for row in some}
        for name, some in rows.items():
            class_ = points_to(some[0], "class")
            term = self._term(self.classes[class_])
            if class_ not in self.tables["sections"] or not term:
                continue
            spans = [
                (row.get("beginDate") or term["startDate"], row.get("endDate") or term["endDate"])
                for row in some
            ]
            now = [span for span in spans if span[0] <= today <= span[1]]
            begin, end = max(now or spans)
            over = end < min(today, term["endDate"])
            ended = "deleted" if some[0]["role"] == "student" else "completed"
            self.tables["seats"][name] = {
                "section_id": class_,
                "user_id": self.names[points_to(some[0], "user")],
                "role": SEAT[some[0]["role"]],
                "status": ended if over else "active",
                "start_date": opens(begin),
                "end_date": closes(max(begin, end)),
            }

    def _observers(self) -> None:
        pairs = set()
        for key, user in self.users.items():
            for other in self._agents(user) & self.users.keys():
                parent, child = (key, other) if user["role"] in PARENTS else (other, key)
                if self.users[parent]["role"] in PARENTS and self.users[child]["role"] == "student":
                    pairs.add((self.names.get(parent, ""), self.names.get(child, "")))
        known = {pair for pair in pairs if all(each in self.tables["users"] for each in pair)}
        self.pairs = sorted(known)
        for parent, child in {*known, *map(tuple, self.memory.get("pairs", ()))}:
            self.tables["user_observers"][f"{parent}/{child}"] = {
                "observer_id": parent, "student_id": child,
                "status": "active" if (parent, child) in known else "deleted",
            }  # fmt: skip

    def weigh(self) -> None:
        """Hold a night that takes more than a tenth and twenty of a kind, or half a class."""
        for table in ("sections", "seats"):
            was = {k for k, row in self.memory.get(table, {}).items() if row["status"] == "active"}
            now = {k for k, row in self.tables[table].items() if row["status"] == "active"}
            gone = was - now
            if len(gone) > 20 and len(gone) > 0.1 * len(was):
                raise HeldError(f"{len(gone)} of {len(was)} {table} would go")
            if table == "seats":
                sizes = Counter(name.split("/")[0] for name in was)
                lost = Counter(name.split("/")[0] for name in gone)
                for class_, count in lost.items():
                    if sizes[class_] >= 5 and 2 * count > sizes[class_]:
                        raise HeldError(f"{count} of {sizes[class_]} would leave {class_}")

    def remember(self) -> dict[str, Json]:
        """Return what the next night has to know."""
        parts = {name: self.tables[name] for name in ("users", "courses", "terms", "sections")}
        known = {"names": self.names, "placed": self.placed, "rows": self.rows, "pairs": self.pairs}
        return {**parts, "seats": self.tables["seats"], **known}


def memory_file() -> Path:
    """Return where last night is kept."""
    folder = Path(os.environ["HOMEROOM_STATE_DIR"])
    folder.mkdir(parents=True, exist_ok=True)
    return folder / "last-night.pickle"


def remembered() -> dict[str, Json]:
    """Read last night; the file is this service's own."""
    path = memory_file()
    read: dict[str, Json] = pickle.loads(path.read_bytes()) if path.exists() else {}  # noqa: S301
    return read


def provision(*, released: bool) -> int:
    """Live one night."""
    memory = remembered()
    roster, canvas = Roster(OneRoster(), memory), Canvas()
    if memory and not released:
        roster.weigh()
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, table in roster.tables.items():
            if table:
                text = io.StringIO()
                writer = csv.DictWriter(text, list(next(iter(table.values()))))
                writer.writeheader()
                writer.writerows(table.values())
                archive.writestr(f"{name}.csv", text.getvalue())
    done = canvas.load(packed.getvalue())
    if not done["workflow_state"].startswith("imported"):
        raise PeerError(f"the SIS import is {done['workflow_state']}")
    messages = done.get("processing_warnings", [])
    for message in messages:
        tell(f"Canvas says: {message}")
    path = memory_file()
    fresh = path.with_suffix(".fresh")
    fresh.write_bytes(pickle.dumps(roster.remember()))
    fresh.replace(path)
    return PARTLY if messages or roster.left_out else DONE


class Grades:
    """One grade sync, without any memory but what Canvas and Focus hold."""

    def __init__(self, *, whole: bool) -> None:
        """Read Focus's gradebook whole: it is asked often."""
        self.whole, self.refused = whole, 0
        self.sis, self.canvas = OneRoster(), Canvas()
        self.categories = list(self.sis.active("categories", "categories").values())
        self.items = self.sis.active("lineItems", "lineItems")
        self.results = self.sis.active("results", "results")
        self.periods = self.sis.active("gradingPeriods", "academicSessions")
        self.people = {name: key for key, name in remembered()["names"].items()}
        self.linked: set[str] = set()

    def refuse(self, text: str) -> None:
        """Say what is not passed back."""
        self.refused += 1
        tell(text)

    def put(self, kind: str, record: Json) -> bool:
        """Write one record unless Focus has it so."""
        key = record["sourcedId"]
        try:
            url = f"{self.sis.root}{kind}s/{quoted(key, safe='')}"
            self.sis.request("PUT", url, {kind: record})
        except PeerError as error:
            self.refuse(str(error))
            return False
        return True

    def assignments(self) -> None:
        """Pass back what Canvas marks for the SIS."""
        path = "/api/sis/accounts/self/assignments?per_page=100"
        found = list(self.canvas.every(path))
        for assignment in found:
            links = (assignment.get("integration_data") or {}).get("lineItems") or {}
            self.linked |= set(links.values())
        for assignment in found:
            links = dict((assignment.get("integration_data") or {}).get("lineItems") or {})
            before = dict(links)
            for section in assignment["sections"]:
                if section.get("sis_id"):
                    self.one(assignment, section, links)
            if links != before:
                self.note(assignment, links)

    def note(self, assignment: Json, links: dict[str, str]) -> None:
        """Write the links and the time of the sync into the assignment."""
        told = {"lineItems": links, "synced_at": os.environ["HOMEROOM_NOW"]}
        url = (
            f"{self.canvas.root}/api/v1/courses/{assignment['course_id']}"
            f"/assignments/{assignment['id']}"
        )
        body = json.dumps({"assignment": {"integration_data": told}}).encode()
        headers = self.canvas.headers | {"Content-Type": "application/json"}
        exchange("PUT", url, headers, body)

    def one(self, assignment: Json, section: Json, links: dict[str, str]) -> None:
        """Pass one assignment back for one section."""
        title, class_ = assignment["name"], section["sis_id"]
        due = (section.get("override") or {}).get("due_at") or assignment["due_at"]
        category = self.category(assignment["assignment_group"]["name"], class_)
        if not due or not category or len(title) > 255:
            reason = "the title is too long" if due and category else "Grading Category Not Found"
            self.refuse(f"{title}: {reason if due else 'Cannot Find Due Date'}")
            return
        day = datetime.fromisoformat(due).astimezone(EASTERN).date()
        key = self.identify(title, class_, day, links.get(class_), assignment["id"])
        if not key:
            return
        item = self.line_item(key, title, class_, category, day, assignment["points_possible"])
        if self.whole or not self.same(self.items.get(key), item):
            if not self.put("lineItem", item):
                return
            self.items[key] = item
        links[class_] = key
        query = f"student_ids[]=all&assignment_ids[]={assignment['id']}&per_page=100"
        path = f"/api/v1/sections/{section['id']}/students/submissions?{query}"
        seats = {seat["user_id"]: seat for seat in self.seats(section["id"])}
        for submission in self.canvas.every(path):
            seat = seats.get(submission["user_id"])
            student = self.people.get((seat or {}).get("sis_user_id") or "")
            shown = submission.get("posted_at") is not None
            if not student:
                continue
            if submission.get("excused"):
                if shown:
                    self.grade(key, student, 0, "exempt")
            elif submission.get("score") is None:
                if self.whole:
                    self.erase(key, student)
            elif shown:
                self.grade(key, student, submission["score"], "fully graded")

    def seats(self, section: int) -> Iterator[Json]:
        """Yield the students who sit in a section now."""
        query = "type[]=StudentEnrollment&state[]=active&per_page=100"
        yield from self.canvas.every(f"/api/v1/sections/{section}/enrollments?{query}")

    def category(self, name: str, class_: str) -> str:
        """Return the category of exactly that name: the class's own, or else everybody's."""
        named = [each for each in self.categories if each["title"] == name]
        for owner in (class_, None):
            for each in named:
                if (each.get("metadata") or {}).get("classId") == owner:
                    return str(each["sourcedId"])
        return ""

    def identify(
        self, title: str, class_: str, day: date, linked: str | None, assignment: int
    ) -> str:
        """Return the id of an assignment's line item, or nothing where it may not be written."""
        if linked and linked in self.items:
            return linked
        if linked and not self.whole:
            self.refuse(f"{title}: Assignment Not Found")
            return ""
        alike = [
            key
            for key, item in self.items.items()
            if points_to(item, "class") == class_
            and item["title"] == title
            and day_of(item.get("dueDate")) == day
            and key not in self.linked
        ]
        if len(alike) > 1:
            self.refuse(f'Multiple matches found for "{title}" due on {day} in OneRoster')
            return ""
        # A deleted id cannot be revived, so what is made anew has another.
        made = str(uuid5(MARK, f"{assignment}/{class_}" + ("/again" if linked else "")))
        return alike[0] if alike else made

    @staticmethod
    def line_item(
        key: str, title: str, class_: str, category: str, day: date, points: Json
    ) -> dict[str, Json]:
        """Return a line item as it goes over the wire, due at the end of its day."""
        end = datetime(day.year, day.month, day.day, 23, 59, tzinfo=EASTERN)
        return {
            "sourcedId": key,
            "status": "active",
            "title": title,
            "assignDate": day.isoformat(),
            "dueDate": end.astimezone(ZoneInfo("UTC")).strftime("%Y-%m-%dT%H:%M:%S.000Z"),
            "class": {"sourcedId": class_, "type": "class"},
            "category": {"sourcedId": category, "type": "category"},
            "resultValueMin": 0,
            "resultValueMax": points or 0,
        }

    @staticmethod
    def same(there: Json, wanted: Json) -> bool:
        """Say whether Focus has a line item as it should be."""
        if not there:
            return False
        return (
            there["title"] == wanted["title"]
            and day_of(there.get("dueDate")) == day_of(wanted["dueDate"])
            and points_to(there, "category") == points_to(wanted, "category")
            and Decimal(str(there.get("resultValueMax"))) == Decimal(str(wanted["resultValueMax"]))
        )

    def held(self, item: str, student: str) -> Json:
        """Return the result that Focus has for a student on a line item."""
        for result in self.results.values():
            if points_to(result, "lineItem") == item and points_to(result, "student") == student:
                return result
        return None

    def grade(self, item: str, student: str, score: float, status: str) -> None:
        """Send a grade unless Focus has just that."""
        there = self.held(item, student)
        if there and there["scoreStatus"] == status and not self.whole:
            # What an exempt result counts for is nothing, whatever its number.
            number = score if status == "exempt" else there["score"]
            if Decimal(str(number)) == Decimal(str(score)):
                return
        key = str(there["sourcedId"] if there else uuid5(MARK, f"{item}/{student}"))
        record = {
            "sourcedId": key,
            "status": "active",
            "lineItem": {"sourcedId": item, "type": "lineItem"},
            "student": {"sourcedId": student, "type": "user"},
            "scoreStatus": status,
            "score": score,
            "scoreDate": moment().date().isoformat(),
        }
        if self.put("result", record):
            self.results[key] = record

    def erase(self, item: str, student: str) -> None:
        """Take back what Focus still has of a grade that Canvas no longer has."""
        there = self.held(item, student)
        if there and self.put("result", {**there, "status": "tobedeleted"}):
            del self.results[there["sourcedId"]]

    def course_grades(self) -> None:
        """Pass back the final grade of each period that has begun."""
        for course in self.canvas.every("/api/v1/accounts/self/courses?per_page=100"):
            if course["workflow_state"] == "unpublished":
                continue
            sections = {
                section["id"]: section["sis_section_id"]
                for section in self.canvas.every(f"/api/v1/courses/{course['id']}/sections")
                if section.get("sis_section_id")
            }
            path = f"/api/v1/courses/{course['id']}/grading_periods"
            for period in self.canvas.every(path, "grading_periods"):
                session = self.session(period)
                if session and datetime.fromisoformat(period["start_date"]) <= moment():
                    self.period(course["id"], sections, period, session)

    def session(self, period: Json) -> Json:
        """Return the SIS's grading period of a Canvas one, by name."""
        named = [each for each in self.periods.values() if each["title"] == period["title"]]
        return named[0] if len(named) == 1 else None

    def period(self, course: int, sections: dict[int, str], period: Json, session: Json) -> None:
        """Pass one course's grades of one period back."""
        query = f"grading_period_id={period['id']}&type[]=StudentEnrollment&state[]=active"
        for seat in self.canvas.every(f"/api/v1/courses/{course}/enrollments?{query}&per_page=100"):
            class_ = sections.get(seat["course_section_id"])
            student = self.people.get(seat.get("sis_user_id") or "")
            grades = seat.get("grades") or {}
            score = grades.get("override_score", grades.get("final_score"))
            if not class_ or not student or score is None:
                continue
            key = str(uuid5(MARK, f"{class_}/period/{period['id']}"))
            mine = next((c for c in self.categories if self.category(c["title"], class_)), None)
            if not mine:
                continue
            day = date.fromisoformat(session["endDate"][:10])
            title = f"Final grade {session['title']}"
            item = self.line_item(key, title, class_, mine["sourcedId"], day, 100)
            item["gradingPeriod"] = {"sourcedId": session["sourcedId"], "type": "academicSession"}
            if not self.same(self.items.get(key), item):
                if not self.put("lineItem", item):
                    continue
                self.items[key] = item
            self.grade(key, student, score, "fully graded")


def day_of(text: Json) -> date | None:
    """Return the district's day of a due date."""
    if not text:
        return None
    if len(text) == 10 or text[10:19] == "T00:00:00":
        return date.fromisoformat(text[:10])
    return datetime.fromisoformat(text).astimezone(EASTERN).date()


def passback(*, whole: bool) -> int:
    """Sync grades."""
    if not remembered():
        raise PeerError("nothing was provisioned yet")
    grades = Grades(whole=whole)
    grades.assignments()
    grades.course_grades()
    return PARTLY if grades.refused else DONE


def main(word: str) -> int:
    """Run one command."""
    commands = {
        "provision": lambda: provision(released=False),
        "release": lambda: provision(released=True),
        "passback": lambda: passback(whole=False),
        "remaster": lambda: passback(whole=True),
    }
    if word not in commands:
        tell(__doc__ or "")
        return UNUSABLE
    try:
        return commands[word]()
    except HeldError as held:
        tell(f"held: {held}")
        return HELD
    except PeerError as error:
        tell(f"cannot go on: {error}")
        return UNUSABLE


if __name__ == "__main__":
    sys.exit(main(" ".join(sys.argv[1:])))
