"""A right sync service of another make: school by school, with a difference of its own.

Written from the vendors' facts alone, with the standard library alone; it shares nothing with
Homeroom. It signs with OAuth 1.0a, reads the school-specific service, remembers what Canvas took,
sends only what changed as one CSV file after the other, and lets the provider choose gradebook ids.

`python foreign_school_by_school.py provision|passback|remaster`
"""

import base64
import csv
import hashlib
import hmac
import http.client
import io
import json
import os
import secrets
import sys
import time
import uuid
from collections.abc import Iterable
from datetime import date, datetime
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, quote, urlsplit
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("America/New_York")
LIMIT, TRIES, IMPORT_S = 200, 6, 120.0
SEATS = {"student": "student", "teacher": "teacher", "aide": "ta"}
Record = dict[str, Any]
Table = dict[str, dict[str, str]]


class Stop(Exception):  # noqa: N818 - it is a decision, not an error of the program
    """Nothing more can be done tonight."""


class Answer(NamedTuple):
    """What a peer said."""

    status: int
    headers: http.client.HTTPMessage
    body: Any


class Unsure(Stop):
    """A write whose fate is unknown."""


class Web:
    """One peer; `sign` makes the Authorization header of each request."""

    def __init__(self, base: str) -> None:
        """`base` is the API's root."""
        self.base = base.rstrip("/")

    def sign(self, method: str, url: str) -> str:
        """Return the Authorization header."""
        raise NotImplementedError

    def _once(self, method: str, url: str, body: bytes | None, kind: str) -> Answer:
        parts = urlsplit(url)
        secure = parts.scheme == "https"
        make = http.client.HTTPSConnection if secure else http.client.HTTPConnection
        line = make(parts.netloc, timeout=60)
        try:
            headers = {"Authorization": self.sign(method, url), "Accept": "application/json"}
            if body is not None:
                headers["Content-Type"] = kind
            path = parts.path + (f"?{parts.query}" if parts.query else "")
            line.request(method, path, body=body, headers=headers)
            answer = line.getresponse()
            text = answer.read()
            try:
                read = json.loads(text) if text else None
            except ValueError:
                if answer.status < 300:
                    raise
                read = text.decode("utf-8", "replace")
            return Answer(answer.status, answer.headers, read)
        finally:
            line.close()

    def ask(
        self,
        method: str,
        path: str,
        body: bytes | None = None,
        kind: str = "application/json",
        *,
        again: bool = True,
    ) -> Answer:
        """Make a request, with patience; a write that may not be repeated raises Unsure."""
        url = path if "://" in path else f"{self.base}/{path}"
        last = ""
        for turn in range(TRIES):
            wait = 0.1 * 2**turn
            try:
                answer = self._once(method, url, body, kind)
            except (OSError, http.client.HTTPException, ValueError) as error:
                last = repr(error)
                if not again:
                    raise Unsure(f"{method} {path}: {last}") from None
            else:
                busy = answer.status == 403 and "Rate Limit" in str(answer.body)
                if not busy and answer.status not in (408, 429) and answer.status < 500:
                    return answer
                last = f"{answer.status} {str(answer.body)[:200]}"
                if answer.status >= 500 and not again:
                    raise Unsure(f"{method} {path}: {last}")
                told = answer.headers.get("Retry-After", "")
                wait = float(told) if told.isdigit() else wait
            time.sleep(min(wait, 10.0))
        raise Stop(f"{method} {path}: {last}")

    def get(self, path: str) -> Answer:
        """Read, or stop."""
        answer = self.ask("GET", path)
        if answer.status != 200:
            raise Stop(f"GET {path}: {answer.status} {str(answer.body)[:200]}")
        return answer


def pct(text: str) -> str:
    """Encode as OAuth 1.0a wants it."""
    return quote(text, safe="~")


class Sis(Web):
    """The OneRoster provider, signed by hand."""

    def sign(self, method: str, url: str) -> str:
        """Sign by RFC 5849 with HMAC-SHA256."""
        parts = urlsplit(url)
        mine = {
            "oauth_consumer_key": os.environ["ONEROSTER_CLIENT_ID"],
            "oauth_nonce": secrets.token_hex(12),
            "oauth_signature_method": "HMAC-SHA256",
            "oauth_timestamp": str(int(time.time())),
            "oauth_version": "1.0",
        }
        pairs = [*parse_qsl(parts.query, keep_blank_values=True), *mine.items()]
        flat = "&".join(f"{k}={v}" for k, v in sorted((pct(k), pct(v)) for k, v in pairs))
        root = f"{parts.scheme.lower()}://{parts.netloc.lower()}{parts.path}"
        base = "&".join((method, pct(root), pct(flat))).encode()
        key = f"{pct(os.environ['ONEROSTER_CLIENT_SECRET'])}&".encode()
        mac = hmac.new(key, base, hashlib.sha256).digest()
        mine["oauth_signature"] = base64.b64encode(mac).decode()
        return "OAuth " + ", ".join(f'{key}="{pct(value)}"' for key, value in mine.items())

    def every(self, path: str, key: str, *, optional: bool = False) -> list[Record] | None:
        """Return all of a collection, complete or not at all; None where it is optional and absent.

        A collection that changes while it is paged is read again.
        """
        for _ in range(4):
            rows: dict[str, Record] = {}
            count, offset, served = -1, 0, 0
            steady = True
            while True:
                url = f"{path}?limit={LIMIT}&offset={offset}"
                answer = self.ask("GET", url)
                if answer.status == 404 and optional:
                    return None
                if answer.status != 200 or not isinstance(answer.body, dict):
                    raise Stop(f"GET {url}: {answer.status} {str(answer.body)[:200]}")
                page = answer.body.get(key)
                if not isinstance(page, list):
                    raise Stop(f"GET {url}: no {key} in the answer")
                total = answer.headers.get("X-Total-Count", "")
                if total.isdigit():
                    steady = steady and count in (-1, int(total))
                    count = int(total)
                known = len(rows)
                rows |= {str(row["sourcedId"]): row for row in page if row.get("sourcedId")}
                served += len(page)
                offset += len(page)
                if not page or (count >= 0 and served >= count):
                    break
                if len(rows) == known:
                    steady = False
                    break
            if steady and count in (-1, len(rows)):
                return list(rows.values())
        raise Stop(f"{path}: it cannot be read whole")

    def all(self, path: str, key: str) -> list[Record]:
        """Return all of a collection that must be there."""
        return self.every(path, key) or []

    def one(self, kind: str, name: str, key: str) -> Record | None:
        """Return one record, or None where the provider has no such."""
        answer = self.ask("GET", f"{kind}/{quote(name, safe='')}")
        if answer.status == 404:
            return None
        if answer.status != 200:
            raise Stop(f"{kind}/{name}: {answer.status}")
        found: Record | None = answer.body.get(key)
        return found


class Lms(Web):
    """The Canvas root account."""

    def sign(self, method: str, url: str) -> str:
        """Show the token."""
        return f"Bearer {os.environ['CANVAS_TOKEN']}"

    def listed(self, path: str) -> list[Record]:
        """Return a whole list, following its links."""
        rows: list[Record] = []
        seen: set[str] = set()
        while path and path not in seen:
            seen.add(path)
            answer = self.get(path)
            rows += answer.body
            path = ""
            for link in answer.headers.get("Link", "").split(","):
                if 'rel="next"' in link:
                    path = link.split(">")[0].strip(" <")
        return rows

    def upload(self, name: str, text: str) -> tuple[bool, set[int]]:
        """Import one CSV file; return whether it was taken and the numbers of refused lines."""
        path = "api/v1/accounts/self/sis_imports"
        answer = self.ask("POST", f"{path}?extension=csv", text.encode(), "text/csv")
        if answer.status != 200:
            raise Stop(f"{name}: Canvas takes no import: {answer.status} {str(answer.body)[:200]}")
        made = answer.body
        end = time.monotonic() + IMPORT_S
        while made["workflow_state"] in {"initializing", "created", "importing"}:
            if time.monotonic() > end:
                raise Stop(f"{name}: SIS import {made['id']} hangs")
            time.sleep(0.05)
            made = self.get(f"{path}/{made['id']}").body
        refused: set[int] = set()
        if made["workflow_state"] == "imported_with_messages":
            page = f"{path}/{made['id']}/errors?per_page=100"
            while page:
                answer = self.get(page)
                for error in answer.body["sis_import_errors"]:
                    tell(f"Canvas refused {name} row {error['row']}: {error['message']}")
                    refused.add(int(error["row"] or 0))
                found = [x for x in answer.headers.get("Link", "").split(",") if '"next"' in x]
                page = found[0].split(">")[0].strip(" <") if found else ""
        return made["workflow_state"] in {"imported", "imported_with_messages"}, refused


def tell(text: str) -> None:
    """Speak to the operator."""
    sys.stderr.write(f"{text}\n")


def now() -> datetime:
    """Return the district's time."""
    return datetime.fromisoformat(os.environ["HOMEROOM_NOW"]).astimezone(ZONE)


def to_day(value: Any) -> date | None:
    """Read a date."""
    try:
        return date.fromisoformat(str(value)[:10])
    except ValueError:
        return None


def midnight(value: date) -> str:
    """Return the start of a day; OneRoster's end dates are exclusive, so it ends a span too."""
    return datetime(value.year, value.month, value.day, tzinfo=ZONE).isoformat(sep=" ")


def named(record: Record, key: str) -> str:
    """Return what a reference names."""
    value = record.get(key)
    return str(value.get("sourcedId") or "") if isinstance(value, dict) else ""


class Store:
    """The service's memory: one file for each idea, replaced whole."""

    def __init__(self) -> None:
        """Open the folder."""
        self.folder = Path(os.environ["HOMEROOM_STATE_DIR"])
        self.folder.mkdir(parents=True, exist_ok=True)

    def load(self, name: str) -> Any:
        """Read one part."""
        path = self.folder / f"{name}.json"
        return json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}

    def keep(self, name: str, value: Any) -> None:
        """Write one part."""
        path = self.folder / f"{name}.tmp"
        path.write_text(json.dumps(value), encoding="utf-8")
        path.replace(self.folder / f"{name}.json")


class Reading:
    """All that the provider holds tonight, school by school."""

    def __init__(self, sis: Sis) -> None:
        """Read it, or stop."""
        self.sis, self.bad = sis, 0
        self.orgs = by_id(sis.all("orgs", "orgs"))
        self.sessions = by_id(sis.all("academicSessions", "academicSessions"))
        self.courses: dict[str, Record | None] = {}
        self.classes: dict[str, Record] = {}
        self.people: dict[str, Record | None] = {}
        self.seats: dict[str, Record] = {}
        everywhere: list[Record] | None = None
        for school in sis.all("schools", "orgs"):
            root = f"schools/{quote(school['sourcedId'], safe='')}"
            self.courses |= by_id(sis.all(f"{root}/courses", "courses"))
            self.people |= by_id(sis.all(f"{root}/students", "users"))
            self.people |= by_id(sis.all(f"{root}/teachers", "users"))
            self.seats |= by_id(sis.all(f"{root}/enrollments", "enrollments"))
            classes = sis.every(f"{root}/classes", "classes", optional=True)
            if classes is None:
                everywhere = everywhere or sis.all("classes", "classes")
                classes = [c for c in everywhere if named(c, "school") == school["sourcedId"]]
            self.classes |= by_id(classes)

    def course(self, name: str) -> Record | None:
        """Return a course, also one that belongs to no school."""
        if name and name not in self.courses:
            self.courses[name] = self.sis.one("courses", name, "course")
        return self.courses.get(name)

    def person(self, name: str) -> Record | None:
        """Return a person, also one who is listed at no school."""
        if name not in self.people:
            self.people[name] = self.sis.one("users", name, "user")
        return self.people[name]

    def term(self, class_: Record) -> Record | None:
        """Return the first term or semester of a class, else its year."""
        found = [self.sessions.get(str(t.get("sourcedId"))) for t in class_.get("terms") or () if t]
        known = [session for session in found if session and live(session)]
        for kinds in ({"term", "semester"}, {"schoolYear"}):
            for session in known:
                if session["type"] in kinds:
                    return session
        for session in known:
            parent = self.sessions.get(named(session, "parent"))
            if parent and live(parent):
                return parent
        return None

    def reject(self, what: str, why: str) -> None:
        """Leave one record out."""
        self.bad += 1
        tell(f"left out {what}: {why}")


def by_id(rows: Iterable[Record]) -> dict[str, Record]:
    """Index by sourcedId."""
    return {str(row["sourcedId"]): row for row in rows}


def live(record: Record) -> bool:
    """Say whether a record is not marked for deletion."""
    return record.get("status") == "active"


class Plan:
    """What Canvas shall hold, as rows by key; `before` is what it took the last time."""

    def __init__(self, reading: Reading, before: dict[str, Table], owners: dict[str, str]) -> None:
        """`owners` remembers the row that each enrollment record stood for."""
        self.of, self.before, self.owners = reading, before, owners
        self.accounts: Table = {}
        self.terms: Table = {}
        self.courses: Table = {}
        self.sections: Table = {}
        self.users: Table = {}
        self.enrollments: Table = {}
        self.places()
        self.seats()
        self.logins()

    def places(self) -> None:
        """Plan a course and a section for each class."""
        for key, org in self.of.orgs.items():
            if org["type"] == "school" and live(org):
                self.account(key, org)
        for key, class_ in self.of.classes.items():
            if not live(class_):
                continue
            course, term = self.of.course(named(class_, "course")), self.of.term(class_)
            school = named(class_, "school")
            first = to_day(term["startDate"]) if term else None
            last = to_day(term["endDate"]) if term else None
            if not course or not term or not first or not last or school not in self.accounts:
                self.of.reject(f"class {key}", "its course, term or school is not served")
                for name in ("courses", "sections"):
                    if key in self.before.get(name, {}):
                        getattr(self, name)[key] = self.before[name][key]
                continue
            code = term["sourcedId"]
            self.terms[code] = {
                "term_id": code,
                "name": term["title"],
                "status": "active",
                "start_date": midnight(first),
                "end_date": midnight(last),
            }
            self.courses[key] = {
                "course_id": key,
                "short_name": class_.get("classCode") or course.get("courseCode") or key,
                "long_name": class_["title"],
                "account_id": school,
                "term_id": code,
                "status": "published",
            }
            self.sections[key] = {
                "section_id": key,
                "course_id": key,
                "name": class_["title"],
                "status": "active",
            }

    def account(self, key: str, org: Record) -> None:
        """Plan a sub-account, below those of its parents that are not the district."""
        parent = named(org, "parent")
        above = self.of.orgs.get(parent)
        keep = above is not None and above["type"] in ("department", "local") and live(above)
        if above is not None and keep and parent not in self.accounts:
            self.account(parent, above)
        self.accounts[key] = {
            "account_id": key,
            "parent_account_id": parent if keep else "",
            "name": org["name"],
            "status": "active",
        }

    def seats(self) -> None:
        """Plan one enrollment for each person, class and role."""
        best: dict[str, tuple[bool, date]] = {}
        for key, seat in self.of.seats.items():
            class_, user = named(seat, "class"), named(seat, "user")
            if not live(seat) or seat.get("role") not in SEATS:
                continue
            if not class_ or not user:
                self.of.reject(f"enrollment {key}", "it names no user or no class")
                self.keep(self.owners.get(key, ""))
                continue
            person = self.of.person(user)
            if class_ not in self.sections or person is None:
                if class_ not in self.of.classes or person is None:
                    self.of.reject(f"enrollment {key}", "its user or class is not served")
                continue
            if not live(person):
                continue
            term = self.of.term(self.of.classes[class_])
            if term is None:
                self.keep(f"{class_}\t{user}\t{SEATS[seat['role']]}")
                continue
            first, last = to_day(term["startDate"]), to_day(term["endDate"])
            begin, end = to_day(seat.get("beginDate")) or first, to_day(seat.get("endDate")) or last
            if not begin or not end or not last:
                continue
            today = now().date()
            name = f"{class_}\t{user}\t{SEATS[seat['role']]}"
            rank = (begin <= today < end, begin)
            self.owners[key] = name
            if name in best and best[name] >= rank:
                continue
            best[name] = rank
            ended = end <= today and end < last
            self.enrollments[name] = {
                "section_id": class_,
                "user_id": user,
                "role": SEATS[seat["role"]],
                "status": "inactive" if ended else "active",
                "start_date": midnight(begin),
                "end_date": midnight(max(begin, end)),
            }

    def keep(self, name: str) -> None:
        """Leave an enrollment as it is in Canvas."""
        row = self.before.get("enrollments", {}).get(name)
        if row:
            self.enrollments.setdefault(name, row)

    def logins(self) -> None:
        """Plan the people; who is disabled or gone is suspended."""
        claimed: dict[str, str] = {}
        held = self.before.get("users", {})
        present = [(key, user) for key, user in self.of.people.items() if user and live(user)]
        for key, user in sorted(present, key=lambda one: one[0] not in held):
            login = str(user.get("username") or "").strip()
            if not login or claimed.setdefault(login.lower(), key) != key:
                self.of.reject(f"user {key}", f"username {login!r} is blank or another's")
                if key in held:
                    self.users[key] = held[key]
                continue
            on = str(user.get("enabledUser", "true")).lower() != "false"
            self.users[key] = {
                "user_id": key,
                "login_id": login,
                "first_name": user.get("givenName") or "",
                "last_name": user.get("familyName") or "",
                "email": user.get("email") or "",
                "status": "active" if on else "suspended",
            }

    def changes(self, name: str) -> list[tuple[str, dict[str, str]]]:
        """Return the rows to send: first what is new or other, then what has gone."""
        want, have = getattr(self, name), self.before.get(name, {})
        rows = [(key, row) for key, row in want.items() if have.get(key) != row]
        gone = {"sections": "deleted", "users": "suspended", "enrollments": "completed"}.get(name)
        for key, row in have.items():
            if gone and key not in want and row["status"] != gone:
                rows.append((key, row | {"status": gone}))
        return rows


def provision() -> int:
    """Live one night."""
    store, lms = Store(), Lms(os.environ["CANVAS_BASE_URL"])
    before: dict[str, Table] = store.load("taken")
    reading = Reading(Sis(os.environ["ONEROSTER_BASE_URL"]))
    if before.get("users") and not (reading.classes and reading.people and reading.seats):
        raise Stop("the provider serves no classes, people or enrollments: not believed")
    owners = store.load("owners")
    plan = Plan(reading, before, owners)
    short = reading.bad
    for name in ("accounts", "terms", "courses", "sections", "users", "enrollments"):
        rows = plan.changes(name)
        if name == "enrollments":
            # Canvas dropped these with their section.
            shut = before.get("sections", {}).keys() - plan.sections.keys()
            for key in [k for k, row in rows if row["section_id"] in shut]:
                before[name][key] = before[name][key] | {"status": "completed"}
            rows = [(key, row) for key, row in rows if row["section_id"] not in shut]
        if not rows:
            continue
        # Twice: a login may be freed by a later line of the same file.
        for _ in range(2):
            taken, refused = lms.upload(name, as_csv(row for _, row in rows))
            if not taken:
                raise Stop(f"Canvas did not import {name}")
            left = [rows[line - 2] for line in sorted(refused) if 2 <= line < len(rows) + 2]
            done = {key for key, _ in left}
            before.setdefault(name, {}).update(row for row in rows if row[0] not in done)
            store.keep("taken", before)
            rows = left
            if not rows:
                break
        short += len(rows)
    store.keep("owners", owners)
    store.keep("provisioned", {"at": now().isoformat()})
    return 1 if short else 0


def as_csv(rows: Iterable[dict[str, str]]) -> str:
    """Write rows of one kind."""
    lines = list(rows)
    text = io.StringIO()
    writer = csv.DictWriter(text, list(lines[0]))
    writer.writeheader()
    writer.writerows(lines)
    return text.getvalue()


def local_day(text: str) -> str:
    """Return the district's day of a due date; midnight UTC stands for a bare date."""
    if len(text) <= 10:
        return text
    moment = datetime.fromisoformat(text)
    bare = moment.utcoffset() is None or (moment.hour, moment.minute, moment.second) == (0, 0, 0)
    return (moment if bare else moment.astimezone(ZONE)).date().isoformat()


class Passback:
    """One grade sync; the provider names what is new."""

    def __init__(self, store: Store, *, everything: bool) -> None:
        """`everything` sends what is known to have arrived, too."""
        self.store, self.everything, self.failed = store, everything, 0
        self.sis = Sis(os.environ["ONEROSTER_BASE_URL"])
        self.lms = Lms(os.environ["CANVAS_BASE_URL"])
        self.links: dict[str, Record] = store.load("links")
        self.sent: dict[str, Record] = store.load("sent")
        self.categories = [c for c in self.sis.all("categories", "categories") if live(c)]
        self.books: dict[str, list[Record]] = {}
        self.marks: dict[str, list[Record]] = {}

    def fail(self, text: str) -> None:
        """Leave one thing out, aloud."""
        self.failed += 1
        tell(text)

    def run(self) -> None:
        """Pass back every assignment that Canvas marks for the SIS."""
        assignments = self.lms.listed("api/sis/accounts/self/assignments?per_page=50")
        for course in sorted({a["course_id"] for a in assignments}):
            mine = [a for a in assignments if a["course_id"] == course]
            query = "student_ids[]=all&grouped=1&post_to_sis=true&per_page=50"
            path = f"api/v1/courses/{course}/students/submissions?{query}"
            students = self.lms.listed(path)
            for assignment in mine:
                for section in assignment["sections"]:
                    if section.get("sis_id"):
                        self.section(assignment, section, students)

    def section(self, assignment: Record, section: Record, students: list[Record]) -> None:
        """Pass one assignment back for one section."""
        grades: list[tuple[str, float, str]] = []
        blank: list[str] = []
        for student in students:
            if student["section_id"] != section["id"] or not student.get("sis_user_id"):
                continue
            for one in student["submissions"]:
                if one["assignment_id"] != assignment["id"]:
                    continue
                if one.get("excused"):
                    grades.append((student["sis_user_id"], 0, "exempt"))
                elif one.get("score") is None:
                    blank.append(student["sis_user_id"])
                elif one.get("posted_at"):
                    grades.append((student["sis_user_id"], one["score"], "fully graded"))
        mark = f"{assignment['id']}/{section['sis_id']}"
        if not grades and mark not in self.links:
            return
        item = self.item(assignment, section)
        key = self.put_item(mark, section["sis_id"], item) if item else ""
        for pupil, score, status in grades if key else ():
            self.put_result(section["sis_id"], key, pupil, score=score, status=status)
        for pupil in blank if key and self.everything else ():
            self.clear(key, pupil)

    def item(self, assignment: Record, section: Record) -> Record | None:
        """Return the line item, or None where it cannot be made."""
        title, class_ = assignment["name"], section["sis_id"]
        due = (section.get("override") or {}).get("due_at") or assignment["due_at"]
        group = assignment["assignment_group"]["name"]
        fits = [
            category
            for category in self.categories
            if category["title"] == group
            and (category.get("metadata") or {}).get("classId") in (None, "", class_)
        ]
        if not due:
            self.fail(f"{title}: Cannot Find Due Date")
            return None
        if not fits:
            self.fail(f"{title}: Grading Category Not Found ({group})")
            return None
        if len(title) > 255:
            self.fail(f"{title[:30]}...: the title is too long")
            return None
        when = local_day(due)
        return {
            "status": "active",
            "title": title,
            "assignDate": min(when, local_day(assignment["created_at"])),
            "dueDate": when,
            "class": {"sourcedId": class_, "type": "class"},
            "category": {"sourcedId": fits[0]["sourcedId"], "type": "category"},
            "resultValueMin": 0.0,
            "resultValueMax": assignment["points_possible"] or 0.0,
        }

    def book(self, class_: str, key: str) -> list[Record]:
        """Return a class's line items or results as the provider has them."""
        found = self.sis.all(f"classes/{quote(class_, safe='')}/{key}", key)
        return [row for row in found if live(row)]

    def put_item(self, mark: str, class_: str, item: Record) -> str:
        """Write a line item and return the provider's id for it."""
        if class_ not in self.books:
            self.books[class_] = self.book(class_, "lineItems")
        link = self.links.get(mark)
        if link and all(row["sourcedId"] != link["id"] for row in self.books[class_]):
            if not self.everything:
                self.fail(f"{item['title']}: Assignment Not Found")
                return ""
            link = None
        if link and link["item"] == item and not self.everything:
            return str(link["id"])
        if not link:
            taken = {other["id"] for other in self.links.values()}
            alike = self.alike(self.books[class_], item, taken)
            if len(alike) > 1:
                self.fail(f'Multiple matches found for "{item["title"]}"')
                return ""
            link = {"id": alike[0]["sourcedId"]} if alike else None
        try:
            key = self.put("lineItem", link["id"] if link else "", item)
        except Unsure as error:
            tell(str(error))
            taken = {other["id"] for other in self.links.values()}
            alike = self.alike(self.book(class_, "lineItems"), item, taken)
            key = alike[0]["sourcedId"] if len(alike) == 1 else self.put("lineItem", "", item)
        if key:
            self.links[mark] = {"id": key, "item": item}
            self.store.keep("links", self.links)
        return key

    @staticmethod
    def alike(book: list[Record], item: Record, taken: set[str]) -> list[Record]:
        """Return the line items of the same name and day that nobody holds."""
        return [
            row
            for row in book
            if row["title"] == item["title"]
            and local_day(str(row.get("dueDate") or "")) == item["dueDate"]
            and row["sourcedId"] not in taken
        ]

    def put(self, kind: str, key: str, record: Record) -> str:
        """Write a record; without a key it is new, and the provider's answer names it."""
        path = f"{kind}s/{quote(key or str(uuid.uuid4()), safe='')}"
        text = json.dumps({kind: record}).encode()
        answer = self.sis.ask("PUT", path, text, again=bool(key))
        if answer.status not in (200, 201):
            self.fail(f"{kind} {record.get('title', '')}: {answer.status} {str(answer.body)[:200]}")
            return ""
        told = (answer.body or {}).get(kind) or {}
        return str(told.get("sourcedId") or key)

    def put_result(
        self, class_: str, item: str, student: str, *, score: float, status: str
    ) -> None:
        """Write a grade that is not there yet."""
        mark, worth = f"{item}/{student}", [score, status]
        known = self.sent.get(mark)
        if known and known["worth"] == worth and not self.everything:
            return
        key = known["id"] if known else self.find(class_, item, student, fresh=False)
        record = {
            "status": "active",
            "lineItem": {"sourcedId": item, "type": "lineItem"},
            "student": {"sourcedId": student, "type": "user"},
            "scoreStatus": status,
            "score": score,
            "scoreDate": now().date().isoformat(),
        }
        try:
            key = self.put("result", key, record)
        except Unsure as error:
            tell(str(error))
            key = self.put("result", self.find(class_, item, student, fresh=True), record)
        if key:
            self.sent[mark] = {"id": key, "worth": worth}
            self.store.keep("sent", self.sent)

    def find(self, class_: str, item: str, student: str, *, fresh: bool) -> str:
        """Return the id of the result that the provider has for this grade, or nothing."""
        if fresh or class_ not in self.marks:
            self.marks[class_] = self.book(class_, "results")
        for row in self.marks[class_]:
            if named(row, "lineItem") == item and named(row, "student") == student:
                return str(row["sourcedId"])
        return ""

    def clear(self, item: str, student: str) -> None:
        """Take back a grade that was deleted in Canvas."""
        known = self.sent.get(f"{item}/{student}")
        if not known:
            return
        record = {
            "status": "tobedeleted",
            "lineItem": {"sourcedId": item, "type": "lineItem"},
            "student": {"sourcedId": student, "type": "user"},
            "scoreStatus": "not submitted",
            "score": 0.0,
            "scoreDate": now().date().isoformat(),
        }
        if self.put("result", known["id"], record):
            del self.sent[f"{item}/{student}"]
            self.store.keep("sent", self.sent)


def passback(*, everything: bool) -> int:
    """Sync grades."""
    store = Store()
    if not store.load("provisioned"):
        raise Stop("grades before rosters: provision first")
    sync = Passback(store, everything=everything)
    sync.run()
    return 1 if sync.failed else 0


def main() -> int:
    """Run the command that was asked for."""
    verb = sys.argv[1] if len(sys.argv) == 2 else ""
    try:
        if verb == "provision":
            return provision()
        if verb in ("passback", "remaster"):
            return passback(everything=verb == "remaster")
        tell(str(__doc__))
    except Stop as stop:
        tell(f"stopped: {stop}")
    return 2


if __name__ == "__main__":
    sys.exit(main())
