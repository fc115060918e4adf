"""A right sync service of another make: whole files every night, Canvas finds the difference.

Written from the vendors' facts alone, with the standard library alone; it shares nothing with
Homeroom. It reads the bulk collections by offset with OAuth 2, sends every CSV file whole under one
data set identifier, has no brake, and passes grades back under ids of its own making.

`python foreign_diffing.py provision|passback|remaster`
"""

import csv
import fcntl
import io
import json
import os
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
import uuid
import zipfile
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime
from http.client import HTTPException
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

HOME = ZoneInfo("America/New_York")
ATTEMPTS, PAGE, PATIENCE_S = 6, 500, 120.0
ROLES = {"student": "student", "teacher": "teacher", "aide": "ta"}
FAMILY = {"parent", "guardian", "relative"}
ERRORS = (urllib.error.URLError, HTTPException, OSError, ValueError)
COLUMNS = {
    "accounts": ("account_id", "parent_account_id", "name", "status"),
    "terms": ("term_id", "name", "status", "start_date", "end_date"),
    "courses": ("course_id", "short_name", "long_name", "account_id", "term_id", "status"),
    "sections": ("section_id", "course_id", "name", "status"),
    "users": ("user_id", "login_id", "first_name", "last_name", "email", "status"),
    "enrollments": ("section_id", "user_id", "role", "status", "start_date", "end_date"),
}
Rows = dict[str, dict[str, str]]


class UnusableError(Exception):
    """A peer that cannot be worked with; nothing more is done."""


class RefusedError(Exception):
    """One request that the peer refuses and would refuse again."""

    def __init__(self, status: int, text: str) -> None:
        """Keep the status for who can act on it."""
        super().__init__(f"{status} {text[:200]}")
        self.status = status


def say(text: str) -> None:
    """Tell the operator."""
    sys.stderr.write(f"{text}\n")


class Peer:
    """One HTTP API behind a bearer token."""

    def __init__(self, base: str) -> None:
        """`base` is what relative paths are joined to."""
        self.base = base.rstrip("/") + "/"
        self.token = ""

    def login(self) -> bool:
        """Get a new token, where the peer has such; say whether there is one."""
        return False

    def call(
        self, method: str, path: str, body: bytes | None = None, kind: str = "application/json"
    ) -> tuple[Any, Mapping[str, str]]:
        """Make one request, again where that may help, and return its JSON and headers."""
        url = path if path.startswith("http") else self.base + path
        trouble: Exception = UnusableError("never tried")
        renewed = False
        for attempt in range(ATTEMPTS):
            # The address is the operator's own.
            request = urllib.request.Request(url, data=body, method=method)  # noqa: S310
            request.add_header("Authorization", f"Bearer {self.token}")
            request.add_header("Accept", "application/json")
            if body is not None:
                request.add_header("Content-Type", kind)
            pause = min(0.1 * 2**attempt, 2.0)
            try:
                with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310
                    text = answer.read()
                    return (json.loads(text) if text else None), answer.headers
            except urllib.error.HTTPError as error:
                text = error.read().decode("utf-8", "replace")
                trouble = RefusedError(error.code, text)
                limited = error.code == 403 and "Rate Limit" in text
                if error.code == 401 and not renewed:
                    renewed = True
                    if self.login():
                        continue
                if not (limited or error.code in (408, 429) or error.code >= 500):
                    raise trouble from None
                asked = error.headers.get("Retry-After") or ""
                pause = float(asked) if asked.isdigit() else pause
            except ERRORS as error:
                trouble = UnusableError(f"{method} {path}: {error!r}")
            time.sleep(min(pause, 10))
        raise trouble


class Focus(Peer):
    """The OneRoster provider."""

    def login(self) -> bool:
        """Ask for a token with the credentials in the body."""
        form = {"grant_type": "client_credentials", "scope": "*"}
        form["client_id"] = os.environ["ONEROSTER_CLIENT_ID"]
        form["client_secret"] = os.environ["ONEROSTER_CLIENT_SECRET"]
        plain = Peer(self.base)
        answer, _ = plain.call(
            "POST",
            os.environ["ONEROSTER_TOKEN_URL"],
            urllib.parse.urlencode(form).encode(),
            "application/x-www-form-urlencoded",
        )
        self.token = answer["access_token"]
        return True

    def collection(self, path: str, key: str) -> list[dict[str, Any]]:
        """Return a whole collection, or raise: half of one would empty classrooms."""
        told = ""
        for _ in range(3):
            rows, totals = self._read(path, key)
            told = f"{path}: {len(rows)} records where {sorted(totals)} were told"
            if len(totals) <= 1 and all(total == len(rows) for total in totals):
                return list(rows.values())
        raise UnusableError(told)

    def _read(self, path: str, key: str) -> tuple[dict[str, dict[str, Any]], set[int]]:
        rows: dict[str, dict[str, Any]] = {}
        totals: set[int] = set()
        offset = 0
        while True:
            query = {"limit": PAGE, "offset": offset, "sort": "sourcedId", "orderBy": "asc"}
            answer, headers = self.call("GET", f"{path}?{urllib.parse.urlencode(query)}")
            page = answer.get(key) if isinstance(answer, dict) else None
            if not isinstance(page, list):
                raise UnusableError(f"{path}: the answer has no {key}")
            told = headers.get("X-Total-Count") or ""
            totals |= {int(told)} if told.isdigit() else set()
            before = len(rows)
            rows.update((row["sourcedId"], row) for row in page if row.get("sourcedId"))
            offset += len(page)
            if not page or (totals and offset >= max(totals)):
                return rows, totals
            if len(rows) == before:
                raise UnusableError(f"{path}: the page at {offset} was served before")


class Canvas(Peer):
    """The Canvas root account."""

    def pages(self, path: str, key: str = "") -> Iterator[dict[str, Any]]:
        """Yield the items of a list, following the links as given."""
        seen = set()
        while path and path not in seen:
            seen.add(path)
            answer, headers = self.call("GET", path)
            yield from (answer[key] if key else answer)
            links = (part.split(";") for part in (headers.get("Link") or "").split(","))
            path = next((url.strip(" <>") for url, *rel in links if 'rel="next"' in str(rel)), "")

    def send(self, files: Mapping[str, str], *, remaster: bool) -> dict[str, Any]:
        """Import a zip and wait for its end."""
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, text in files.items():
                archive.writestr(f"{name}.csv", text)
        query = {
            "import_type": "instructure_csv",
            "extension": "zip",
            "diffing_data_set_identifier": "district",
            "diffing_drop_status": "inactive",
            "diffing_remaster_data_set": str(remaster).lower(),
        }
        path = f"api/v1/accounts/self/sis_imports?{urllib.parse.urlencode(query)}"
        made, _ = self.call("POST", path, buffer.getvalue(), "application/zip")
        deadline = time.monotonic() + PATIENCE_S
        while made["workflow_state"] in ("initializing", "created", "importing", "cleanup_batch"):
            if time.monotonic() > deadline:
                raise UnusableError(f"SIS import {made['id']} does not end")
            time.sleep(0.05)
            made, _ = self.call("GET", f"api/v1/accounts/self/sis_imports/{made['id']}")
        return dict(made)


class Memory:
    """What outlives a night, in one file that is replaced whole."""

    def __init__(self) -> None:
        """Read it; a second process on the same folder is turned away."""
        folder = Path(os.environ["HOMEROOM_STATE_DIR"])
        folder.mkdir(parents=True, exist_ok=True)
        self.lock = (folder / "lock").open("w")
        try:
            fcntl.flock(self.lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise UnusableError("another process works on this state") from None
        self.path = folder / "memory.json"
        self.told: dict[str, Any] = json.loads(self.path.read_text()) if self.path.exists() else {}

    def part(self, name: str) -> dict[str, Any]:
        """Return one of its parts, to be changed in place."""
        found: dict[str, Any] = self.told.setdefault(name, {})
        return found

    def save(self) -> None:
        """Write it."""
        fresh = self.path.with_suffix(".new")
        fresh.write_text(json.dumps(self.told))
        fresh.replace(self.path)


def today() -> date:
    """Return the district's day."""
    return datetime.fromisoformat(os.environ["HOMEROOM_NOW"]).astimezone(HOME).date()


def at(day: date, *, end: bool = False) -> str:
    """Return the first or the last second of a day in the district, as Canvas reads it."""
    local = datetime(day.year, day.month, day.day, tzinfo=HOME)
    if end:
        local = datetime(day.year, day.month, day.day, 23, 59, 59, tzinfo=HOME)
    return local.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def day(text: Any) -> date | None:
    """Read a date of the provider's, with or without a time."""
    try:
        return date.fromisoformat(str(text)[:10])
    except ValueError:
        return None


def ref(record: Mapping[str, Any], field: str) -> str:
    """Return the sourcedId that a reference names, or nothing."""
    value = record.get(field)
    return str(value.get("sourcedId") or "") if isinstance(value, dict) else ""


def alive(record: Mapping[str, Any] | None) -> bool:
    """Say whether the provider still means this record."""
    return record is not None and record.get("status") == "active"


class Night:
    """One reading of the provider, turned into Canvas's files."""

    def __init__(self, focus: Focus, memory: Memory) -> None:
        """Read all that is needed, or raise."""
        self.memory, self.refused = memory, 0
        self.orgs = self._index(focus.collection("orgs", "orgs"))
        self.sessions = self._index(focus.collection("academicSessions", "academicSessions"))
        self.courses = self._index(focus.collection("courses", "courses"))
        self.classes = self._index(focus.collection("classes", "classes"))
        self.users = self._index(focus.collection("users", "users"))
        self.seats = self._index(focus.collection("enrollments", "enrollments"))
        for name in ("orgs", "classes", "users"):
            if not getattr(self, name) and memory.part("accounts"):
                raise UnusableError(f"{name}: suddenly there are none")
        self.people: dict[str, str] = {}
        self.renamed: list[tuple[str, str]] = []

    @staticmethod
    def _index(rows: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
        return {row["sourcedId"]: row for row in rows}

    def refuse(self, what: str, why: str) -> None:
        """Leave one record out, aloud."""
        self.refused += 1
        say(f"refused {what}: {why}")

    def year_of(self, class_: Mapping[str, Any]) -> dict[str, Any] | None:
        """Return the school year that a class lies in."""
        named = [str(term.get("sourcedId")) for term in class_.get("terms") or () if term]
        named.append(ref(self.courses.get(ref(class_, "course"), {}), "schoolYear"))
        for name in named:
            session = self.sessions.get(name)
            for _ in range(5):
                if session is None or session.get("type") == "schoolYear":
                    break
                session = self.sessions.get(ref(session, "parent"))
            if session is not None:
                return session
        return None

    def places(self) -> tuple[Rows, Rows, Rows, Rows]:
        """Return accounts, terms, courses and sections; only sections ever go."""
        accounts, terms = self.memory.part("accounts"), self.memory.part("terms")
        courses, sections = self.memory.part("courses"), {}
        for key, org in self.orgs.items():
            if org.get("type") == "school" and alive(org):
                accounts[key] = {"account_id": key, "name": org["name"], "status": "active"}
        for key, class_ in self.classes.items():
            if not alive(class_):
                continue
            course, year = self.courses.get(ref(class_, "course")), self.year_of(class_)
            begin, end = day((year or {}).get("startDate")), day((year or {}).get("endDate"))
            school = ref(class_, "school")
            if course is None or year is None or not (begin and end) or school not in accounts:
                self.refuse(f"class {key}", "its course, school year or school is not served")
                if key in self.memory.part("sections"):
                    sections[key] = self.memory.part("sections")[key]
                continue
            term = year["sourcedId"]
            terms[term] = {
                "term_id": term,
                "name": year["title"],
                "status": "active",
                "start_date": at(begin),
                "end_date": at(end, end=True),
            }
            shell = f"{course['sourcedId']}@{term}"
            courses[shell] = {
                "course_id": shell,
                "short_name": course.get("courseCode") or course["title"],
                "long_name": course["title"],
                "account_id": school,
                "term_id": term,
                "status": "active",
            }
            sections[key] = {
                "section_id": key,
                "course_id": shell,
                "name": class_["title"],
                "status": "active",
            }
        self.memory.told["sections"] = sections
        return accounts, terms, courses, sections

    def logins(self) -> Rows:
        """Return the people, keyed by what Canvas knows them by."""
        known, rows = self.memory.part("people"), {}
        taken: dict[str, str] = {}
        seated = {ref(seat, "user") for seat in self.seats.values() if alive(seat)}
        old = self.memory.part("users")
        ordered = sorted(self.users.items(), key=lambda item: item[0] not in known)
        for key, user in ordered:
            off = str(user.get("enabledUser", "true")).lower() == "false"
            if not alive(user) or off or (user.get("role") in FAMILY and key not in seated):
                continue
            number, mail = user.get("identifier") or "", user.get("email") or ""
            if not number or not mail or taken.get(mail.lower(), number) != number:
                self.refuse(f"user {key}", "identifier or e-mail is missing or another's")
                if key in known and known[key] in old:
                    rows[known[key]] = old[known[key]]
                    taken[old[known[key]]["login_id"].lower()] = known[key]
                    self.people[key] = known[key]
                continue
            taken[mail.lower()] = number
            if known.get(key, number) != number and known[key] in old:
                self.renamed.append((known[key], number))
            self.people[key] = known[key] = number
            rows.setdefault(
                number,
                {
                    "user_id": number,
                    "login_id": mail,
                    "first_name": user.get("givenName") or "",
                    "last_name": user.get("familyName") or "",
                    "email": mail,
                    "status": "active",
                },
            )
        self.memory.told["users"] = rows
        return rows

    def seating(self, sections: Rows) -> Rows:
        """Return one row for each person, class and role; Canvas drops what is no longer here."""
        best: dict[str, tuple[tuple[bool, date, str], dict[str, str]]] = {}
        kept, fresh = self.memory.part("seats"), {}
        for key, seat in self.seats.items():
            class_, user = ref(seat, "class"), ref(seat, "user")
            if not alive(seat) or seat.get("role") not in ROLES:
                continue
            if not class_ or not user:
                self.refuse(f"enrollment {key}", "it names no class or no user")
                row = kept.get(key)
                if row is None or row["section_id"] not in sections:
                    continue
                rank = (False, date.min, key)
            else:
                if class_ not in sections or user not in self.people:
                    if class_ not in self.classes or user not in self.users:
                        self.refuse(f"enrollment {key}", "its class or user is not served")
                    continue
                row, rank = self.row_of(seat, class_, self.people[user])
            fresh[key] = row
            name = f"{row['section_id']}|{row['user_id']}|{row['role']}"
            if name not in best or rank > best[name][0]:
                best[name] = (rank, row)
        self.memory.told["seats"] = fresh
        return {name: row for name, (_, row) in best.items()}

    def row_of(
        self, seat: Mapping[str, Any], class_: str, user: str
    ) -> tuple[dict[str, str], tuple[bool, date, str]]:
        """Return an enrollment's row, and how it ranks among those of the same seat."""
        year = self.year_of(self.classes[class_]) or {}
        first, last = day(year.get("startDate")), day(year.get("endDate"))
        begin = day(seat.get("beginDate")) or first or today()
        end = day(seat.get("endDate")) or last or today()
        # The last day is one to be there; the term's own end needs no row.
        over = end < today() and (last is None or end < last)
        student = seat["role"] == "student"
        row = {
            "section_id": class_,
            "user_id": user,
            "role": ROLES[seat["role"]],
            "status": "active" if not over else "completed" if student else "inactive",
            "start_date": at(begin),
            "end_date": at(max(begin, end), end=True),
        }
        return row, (begin <= today() <= end, begin, str(seat["sourcedId"]))


def provision() -> int:
    """Live one night."""
    memory, focus, canvas = Memory(), Focus(os.environ["ONEROSTER_BASE_URL"]), open_canvas()
    focus.login()
    night = Night(focus, memory)
    accounts, terms, courses, sections = night.places()
    users = night.logins()
    tables = (accounts, terms, courses, sections, users, night.seating(sections))
    files = {name: to_csv(rows, name) for name, rows in zip(COLUMNS, tables, strict=True)}
    if night.renamed:
        lines = "".join(f"{old},{new},user\n" for old, new in night.renamed)
        files["change_sis_id"] = f"old_id,new_id,type\n{lines}"
    done = canvas.send(files, remaster=False)
    if done["workflow_state"] == "imported_with_messages":
        # A row may be refused for what a later row of the same night puts right.
        files.pop("change_sis_id", None)
        done = canvas.send(files, remaster=True)
    if done["workflow_state"] not in ("imported", "imported_with_messages"):
        raise UnusableError(f"the SIS import ended {done['workflow_state']}")
    for warning in done.get("processing_warnings", ()):
        say(f"Canvas: {warning}")
    memory.told["provisioned"] = True
    memory.save()
    return 1 if night.refused or done.get("processing_warnings") else 0


def to_csv(rows: Rows, name: str) -> str:
    """Write one file, header and all."""
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS[name], restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows[key] for key in sorted(rows))
    return text.getvalue()


def open_canvas() -> Canvas:
    """Return Canvas with its token."""
    canvas = Canvas(os.environ["CANVAS_BASE_URL"])
    canvas.token = os.environ["CANVAS_TOKEN"]
    return canvas


class Book:
    """The provider's gradebook, and what was sent to it."""

    def __init__(self, focus: Focus, canvas: Canvas, memory: Memory, *, again: bool) -> None:
        """`again` sends everything, changed or not."""
        self.focus, self.canvas, self.memory, self.again = focus, canvas, memory, again
        self.troubles = 0
        self.categories = [c for c in focus.collection("categories", "categories") if alive(c)]
        self.numbers = {number: key for key, number in memory.part("people").items()}
        self.items: dict[str, list[dict[str, Any]]] = {}
        self.results: dict[str, list[dict[str, Any]]] = {}
        self.rosters: dict[int, list[dict[str, Any]]] = {}

    def trouble(self, text: str) -> None:
        """Tell the teacher; the rest goes on."""
        self.troubles += 1
        say(text)

    def of_class(self, class_: str, key: str) -> list[dict[str, Any]]:
        """Return a class's line items or results, read once."""
        held = self.items if key == "lineItems" else self.results
        if class_ not in held:
            path = f"classes/{urllib.parse.quote(class_, safe='')}/{key}"
            held[class_] = [row for row in self.focus.collection(path, key) if alive(row)]
        return held[class_]

    def category(self, name: str, class_: str) -> str:
        """Return the first category of that very name that the class may use."""
        for category in self.categories:
            owner = (category.get("metadata") or {}).get("classId")
            if category["title"] == name and owner in (None, "", class_):
                return str(category["sourcedId"])
        return ""

    def put(self, kind: str, key: str, record: dict[str, Any]) -> bool:
        """Write one record; say whether the provider took it."""
        path = f"{kind}s/{urllib.parse.quote(key, safe='')}"
        try:
            self.focus.call("PUT", path, json.dumps({kind: record}).encode())
        except RefusedError as error:
            self.trouble(f"{kind} {record.get('title', key)}: {error}")
            return False
        return True

    def link(self, mark: str, item: dict[str, Any]) -> str:
        """Return the id of the line item for `mark`, written if need be; nothing if refused."""
        links = self.memory.part("links")
        held, class_ = links.get(mark), item["class"]["sourcedId"]
        existing = self.of_class(class_, "lineItems")
        due = item["dueDate"][:10]
        if held and held["made"] and all(row["sourcedId"] != held["id"] for row in existing):
            if not self.again:
                self.trouble(f"Assignment Not Found: {item['title']}")
                return ""
            held = None
        if not held:
            mine = {entry["id"] for entry in links.values()}
            same = [r for r in existing if r["title"] == item["title"] and local(r) == due]
            same = [row for row in same if row["sourcedId"] not in mine]
            if len(same) > 1:
                self.trouble(f'Multiple matches found for "{item["title"]}" due on {due}')
                return ""
            key = same[0]["sourcedId"] if same else str(uuid.uuid4())
            held = links[mark] = {"id": key, "made": False, "sent": None}
            self.memory.save()
        item["sourcedId"] = held["id"]
        if held["sent"] != item or self.again:
            if not self.put("lineItem", str(held["id"]), item):
                return ""
            held.update(made=True, sent=item)
            existing.append(item)
        return str(held["id"])

    def grade(self, class_: str, item: str, student: str, *, score: Any, status: str) -> None:
        """Send one result if it is not there already."""
        sent = self.memory.part("sent")
        mark, value = f"{item}|{student}", [score, status]
        held = sent.get(mark)
        if held and held["value"] == value and not self.again:
            return
        if not held:
            found = [
                row["sourcedId"]
                for row in self.of_class(class_, "results")
                if ref(row, "lineItem") == item and ref(row, "student") == student
            ]
            held = sent[mark] = {"id": found[0] if found else str(uuid.uuid4()), "value": None}
            self.memory.save()
        record = {
            "sourcedId": held["id"],
            "status": "tobedeleted" if status == "not submitted" else "active",
            "lineItem": {"sourcedId": item, "type": "lineItem"},
            "student": {"sourcedId": student, "type": "user"},
            "scoreStatus": status,
            "score": score,
            "scoreDate": today().isoformat(),
        }
        if self.put("result", str(held["id"]), record):
            held["value"] = value
            if status == "not submitted":
                del sent[mark]

    def roster(self, course: int) -> list[dict[str, Any]]:
        """Return the students of a course, each in the section they sit in."""
        if course not in self.rosters:
            query = "type[]=StudentEnrollment&state[]=active&state[]=completed&per_page=100"
            path = f"api/v1/courses/{course}/enrollments?{query}"
            self.rosters[course] = list(self.canvas.pages(path))
        return self.rosters[course]

    def assignment(self, assignment: dict[str, Any]) -> None:
        """Pass one assignment back, section by section."""
        course, name = assignment["course_id"], assignment["name"]
        base = f"api/v1/courses/{course}/assignments/{assignment['id']}/submissions"
        given = {row["user_id"]: row for row in self.canvas.pages(f"{base}?per_page=100")}
        for section in assignment["sections"]:
            class_ = section.get("sis_id")
            if not class_:
                continue
            due = (section.get("override") or {}).get("due_at") or assignment.get("due_at")
            category = self.category(assignment["assignment_group"]["name"], class_)
            if not due:
                self.trouble(f"Cannot Find Due Date: {name}")
            elif not category:
                have = sorted({c["title"] for c in self.categories})
                self.trouble(f"Grading Category Not Found: {name}; there are {have}")
            elif len(name) > 255:
                self.trouble(f"{name[:40]}...: the title is longer than 255 characters")
            else:
                when = datetime.fromisoformat(due).astimezone(HOME).date()
                made = datetime.fromisoformat(assignment["created_at"]).astimezone(HOME).date()
                points = assignment["points_possible"] or 0
                item = line_item(name, class_, category, min(made, when), when, points)
                key = self.link(f"{assignment['id']}|{class_}", item)
                if key:
                    self.section_grades(course, section["id"], class_, key, given)

    def section_grades(
        self, course: int, section: int, class_: str, item: str, given: dict[int, dict[str, Any]]
    ) -> None:
        """Pass the grades of one section's students back."""
        for enrollment in self.roster(course):
            student = self.numbers.get(enrollment.get("sis_user_id") or "")
            submission = given.get(enrollment["user_id"])
            if enrollment["course_section_id"] != section or not student or not submission:
                continue
            if submission.get("excused"):
                self.grade(class_, item, student, score=0, status="exempt")
            elif submission.get("score") is not None:
                score = submission["score"]
                self.grade(class_, item, student, score=score, status="fully graded")
            elif self.again and f"{item}|{student}" in self.memory.part("sent"):
                self.grade(class_, item, student, score=0, status="not submitted")

    def course_grades(self, course: int, sections: Mapping[int, str]) -> None:
        """Pass the current total of each grading period back, as a line item of its own."""
        path = f"api/v1/courses/{course}/grading_periods"
        for period in self.canvas.pages(path, "grading_periods"):
            begin, end = (
                datetime.fromisoformat(period[key]).astimezone(HOME).date()
                for key in ("start_date", "end_date")
            )
            if begin > today():
                continue
            query = "type[]=StudentEnrollment&state[]=active&state[]=completed&per_page=100"
            path = f"api/v1/courses/{course}/enrollments?{query}&grading_period_id={period['id']}"
            for enrollment in self.canvas.pages(path):
                class_ = sections.get(enrollment["course_section_id"])
                student = self.numbers.get(enrollment.get("sis_user_id") or "")
                grades = enrollment.get("grades") or {}
                score = grades.get("override_score")
                score = grades.get("unposted_current_score") if score is None else score
                if not class_ or not student or score is None:
                    continue
                usable = [c for c in self.categories if self.category(c["title"], class_)]
                if not usable:
                    continue
                title, category = f"{period['title']} course grade", usable[0]["sourcedId"]
                item = line_item(title, class_, category, begin, end, 100)
                key = self.link(f"period {period['id']}|{class_}", item)
                if key:
                    self.grade(class_, key, student, score=score, status="fully graded")


def line_item(
    title: str, class_: str, category: str, given: date, due: date, points: float
) -> dict[str, Any]:
    """Return a line item in OneRoster's words."""
    return {
        "status": "active",
        "title": title,
        "assignDate": f"{given}T00:00:00.000Z",
        "dueDate": f"{due}T00:00:00.000Z",
        "class": {"sourcedId": class_, "type": "class"},
        "category": {"sourcedId": category, "type": "category"},
        "resultValueMin": 0,
        "resultValueMax": points,
    }


def local(item: Mapping[str, Any]) -> str:
    """Return the day an existing line item is due; midnight UTC stands for a bare date."""
    text = str(item.get("dueDate") or "")
    if len(text) <= 10 or text[10:19] == "T00:00:00":
        return text[:10]
    return datetime.fromisoformat(text).astimezone(HOME).date().isoformat()


def passback(*, again: bool) -> int:
    """Pass grades back."""
    memory, focus, canvas = Memory(), Focus(os.environ["ONEROSTER_BASE_URL"]), open_canvas()
    if not memory.told.get("provisioned"):
        raise UnusableError("provision first: nobody is known yet")
    focus.login()
    book = Book(focus, canvas, memory, again=again)
    courses: dict[int, dict[int, str]] = {}
    try:
        for assignment in list(canvas.pages("api/sis/accounts/self/assignments?per_page=100")):
            book.assignment(assignment)
        for course in canvas.pages("api/v1/accounts/self/courses?published=true&per_page=100"):
            path = f"api/v1/courses/{course['id']}/sections?per_page=100"
            found = {s["id"]: s["sis_section_id"] for s in canvas.pages(path)}
            courses[course["id"]] = {key: sis for key, sis in found.items() if sis}
        for key, sections in courses.items():
            book.course_grades(key, sections)
    finally:
        memory.save()
    return 1 if book.troubles else 0


def main(arguments: list[str]) -> int:
    """Run one command."""
    try:
        match arguments:
            case ["provision"]:
                return provision()
            case ["passback" | "remaster" as word]:
                return passback(again=word == "remaster")
            case _:
                raise UnusableError(__doc__ or "")
    except (UnusableError, RefusedError) as error:
        say(f"stopped: {error}")
        return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
