"""The first day of school: schools move students between classes, a delta extract follows."""

import math
from itertools import count
from typing import Any, NamedTuple
from urllib.parse import quote
from uuid import NAMESPACE_URL, uuid5

import gevent
import msgspec
from locust.contrib.fasthttp import FastHttpSession
from locust.event import EventHook

from homeroom.loadtests.operations import OPERATIONS
from homeroom.loadtests.tally import tally
from homeroom.loadtests.users.consumer import (
    Consumer,
    Credentials,
    WrongAnswer,
    next_link,
    read_rows,
    total_of,
)

OPERATION = "getAllEnrollments"
_hook: Any = EventHook  # Locust's events have no types
_unheard = _hook()
MOVED_AWAY, MOVED_TO = "tobedeleted", "active"


class _Step(NamedTuple):
    """One student's move: away from a class, to another."""

    old: dict[str, Any]
    to_class: dict[str, Any]


class Delta(Consumer):
    """One district: its schools' offices at work, and the consumer that follows them."""

    def live_once(self) -> None:
        """Fail where a change is missed, comes twice in one extract, or never happened."""
        self._sis = FastHttpSession(
            base_url=None, request_event=_unheard, user=None, network_timeout=60.0
        )
        """The schools' own screens: not the provider's API, so not in the figures."""
        self._serial = count()
        credentials = self.take_token()
        schools = self._plan_moves(credentials)
        written: dict[str, str] = {}
        seen: dict[str, str] = {}
        watermark = self._clock()
        for _ in self.rounds():
            offices = [gevent.spawn(self._work, moves, written) for moves in schools]
            gevent.joinall(offices, raise_error=True)
            watermark = self._read_delta(credentials, watermark, seen)
        wrong = [key for key in written.keys() | seen.keys() if written.get(key) != seen.get(key)]
        if wrong or not written:
            reason = f"{len(wrong)} of {len(written)} changes did not come as they were made"
            self.note_fault(reason)
            raise WrongAnswer(reason)

    def _plan_moves(self, credentials: Credentials) -> list[list[_Step]]:
        """Find students to move in parts of the district far from each other, one a school."""
        users = self.users
        needed = users.changes * users.rounds
        limit = min(1000, 2 * needed + 50)
        total = self._enrollments(credentials, 1, 0)[1] or 0
        schools: list[list[_Step]] = []
        moved: set[str] = set()
        for number in range(users.schools):
            rows, _ = self._enrollments(credentials, limit, total * number // users.schools)
            students = [row for row in rows if row["role"] == "student"]
            moves: list[_Step] = []
            for row, other in zip(students, reversed(students), strict=True):
                here = row["class"]["sourcedId"] == other["class"]["sourcedId"]
                if not here and row["sourcedId"] not in moved and len(moves) < needed:
                    moved.add(row["sourcedId"])
                    moves.append(_Step(row, other["class"]))
            schools.append(moves)
        if not any(schools):
            raise WrongAnswer("no student can be moved: the district is too small")
        return schools

    def _enrollments(
        self, credentials: Credentials, limit: int, offset: int
    ) -> tuple[list[dict[str, Any]], int | None]:
        def check(status: int, headers: Any, content: bytes) -> tuple[Any, int | None]:
            return msgspec.json.decode(content)["enrollments"], total_of(headers)

        url = self.url(OPERATION, {"limit": limit, "offset": offset})
        found: tuple[Any, int | None] = self.ask(
            credentials, f"{OPERATION} (before)", url, check=check
        )
        return found

    def _work(self, moves: list[_Step], written: dict[str, str]) -> None:
        """Be a school's office for one round."""
        share = math.ceil(len(moves) / max(1, self.users.rounds))
        for _ in range(min(share, self.users.changes, len(moves))):
            old, to_class = moves.pop()
            new_id = str(uuid5(NAMESPACE_URL, f"{old['sourcedId']}:{next(self._serial)}"))
            new = {**old, "sourcedId": new_id, "class": to_class, "status": MOVED_TO}
            new.pop("dateLastModified", None)
            self._control("PUT", f"/focus/enrollments/{quote(new_id)}", {"enrollment": new})
            self._control("DELETE", f"/focus/enrollments/{quote(old['sourcedId'], safe='')}")
            written[new_id] = MOVED_TO
            written[old["sourcedId"]] = MOVED_AWAY

    def _control(self, method: str, path: str, body: Any = None) -> Any:
        world = self.world
        answer = self._sis.request(
            method, f"{world.control_url}/spaces/{world.space}{path}",
            data=msgspec.json.encode(body).decode() if body is not None else None,
            headers={
                "Authorization": f"Bearer {world.control_token}",
                "Content-Type": "application/json",
            },
        )  # fmt: skip
        if not 200 <= answer.status_code < 300:
            raise RuntimeError(f"the control plane answered {answer.status_code}: {answer.text}")
        return msgspec.json.decode(answer.content) if answer.content else None

    def _clock(self) -> str:
        return str(self._control("GET", "/clock")["now"])

    def _read_delta(self, credentials: Credentials, since: str, seen: dict[str, str]) -> str:
        """Read what changed since the newest row of the last time; that row comes again."""
        query: dict[str, str | int] = {
            "limit": self.users.page_limit,
            "filter": f"dateLastModified>='{since}'",
        }
        url, newest, rows_read = self.url(OPERATION, query), since, 0
        once: set[str] = set()

        def check(status: int, headers: Any, content: bytes) -> str:
            nonlocal newest, rows_read
            rows = read_rows(content, OPERATIONS[OPERATION].collection)
            rows_read += len(rows)
            for row in rows:
                if row.dateLastModified < since:
                    raise WrongAnswer("a row that is older than the filter asked for")
                newest = max(newest, row.dateLastModified)
                once.add(row.sourcedId)
                seen[row.sourcedId] = row.status
            following = next_link(headers)
            if not following and len(once) != rows_read:
                raise WrongAnswer(f"{rows_read - len(once)} rows came twice")
            promised = total_of(headers)
            if not following and promised is not None and promised != rows_read:
                raise WrongAnswer(f"{rows_read} rows read of {promised} promised")
            return following

        while url:
            url = self.ask(credentials, OPERATION, url, check=check)
        tally.records += rows_read
        return newest
