"""Every kind of fault, seen from a client's side on the fakes themselves, over sockets."""

import contextlib
import http.client
import json
import time
import urllib.parse
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pytest

from checks.support import Up
from checks.worlds import canvas, control, focus_headers, new_space, send
from homeroom.mocks.harness.faults import ACTS

NOW = "2026-09-14T15:00:00Z"
CSV = b"user_id,login_id,full_name,status\nu-1,u1,Ana Ruiz,active\n"
WAIT_S = 20.0


@dataclass
class Answer:
    """What a client got of one answer, whole or not."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    whole: bool
    took_s: float

    def json(self) -> Any:
        """Return the body, decoded."""
        return json.loads(self.body)


class World:
    """One space and a client of Focus with one token."""

    def __init__(self, document: dict[str, Any]) -> None:
        self.document = document
        self.headers = focus_headers(document)

    def add(self, kind: str, *, times: int | None = None, **act: Any) -> None:
        """Add a rule about reading Focus's users."""
        self.add_rule({"operation": "getAllUsers"}, {"kind": kind, **act}, times)

    def add_rule(self, when: dict[str, Any], act: dict[str, Any], times: int | None = None) -> None:
        """Add any rule."""
        rule = {"when": when, "act": act, "times": times}
        made = control(self.document, "POST", "/faults", rule)
        assert made.status == 201, made.body

    def users(self, query: str = "limit=5") -> Answer:
        """Ask for a page of users."""
        return self.ask("GET", f"/users?{query}")

    def ask(self, method: str, path: str, body: Any = None) -> Answer:
        """Ask Focus on a connection of its own; raises ConnectionError when it dies early."""
        url = urllib.parse.urlsplit(self.document["oneroster"]["base_url"])
        connection = http.client.HTTPConnection(url.netloc, timeout=20)
        began = time.monotonic()
        content = None if body is None else json.dumps(body)
        headers = {**self.headers, "Content-Type": "application/json"}
        try:
            connection.request(method, url.path + path, body=content, headers=headers)
            answer = connection.getresponse()
            try:
                text, whole = answer.read(), True
            except http.client.IncompleteRead as error:
                text, whole = error.partial, False
            except ConnectionError:
                text, whole = b"", False
            took = time.monotonic() - began
            names = {key.lower(): value for key, value in answer.getheaders()}
            return Answer(answer.status, names, text, whole, took)
        finally:
            connection.close()

    def ids(self, query: str = "limit=5") -> list[str]:
        """Return the sourcedIds on a page of users."""
        return [user["sourcedId"] for user in self.users(query).json()["users"]]

    def hits(self) -> list[int]:
        """Return how often each rule has hit."""
        rules = control(self.document, "GET", "/faults").json()["faults"]
        return [rule["hits"] for rule in rules]


@pytest.fixture(scope="module")
def up() -> Iterator[Up]:
    with Up("--district", "empty", "--now", NOW) as running:
        yield running


@pytest.fixture
def world(up: Up) -> Iterator[World]:
    document = new_space(up.document, district="tiny", now=NOW)
    yield World(document)
    assert control(document, "DELETE", "").status == 204


def status(world: World) -> None:
    world.add("status", status=503, headers={"Retry-After": "1"}, times=1)
    struck = world.users()
    assert (struck.status, struck.headers["retry-after"]) == (503, "1")
    assert struck.json()["statusInfoSet"]
    assert world.users().status == 200


def delay(world: World) -> None:
    world.add("delay", seconds=0.4)
    assert world.users().took_s >= 0.4


def drip(world: World) -> None:
    whole = world.users().body
    world.add("drip", bytes=len(whole) // 4, every_s=0.1)
    struck = world.users()
    assert struck.body == whole
    assert struck.took_s >= 0.3


def reset_before(world: World) -> None:
    world.add_rule({"operation": "putCategory"}, {"kind": "reset_before"}, 1)
    with pytest.raises(ConnectionError):
        world.ask("PUT", "/categories/c-1", {"category": {"title": "Tests"}})
    assert world.ask("GET", "/categories/c-1").status == 404


def reset_after(world: World) -> None:
    world.add_rule({"operation": "putCategory"}, {"kind": "reset_after"}, 1)
    with pytest.raises(ConnectionError):
        world.ask("PUT", "/categories/c-1", {"category": {"title": "Tests"}})
    assert world.ask("GET", "/categories/c-1").json()["category"]["title"] == "Tests"


def truncate(world: World) -> None:
    whole = world.users().body
    world.add("truncate", share=0.5)
    struck = world.users()
    assert (struck.status, struck.whole) == (200, False)
    assert len(struck.body) <= len(whole) // 2


def content_type(world: World) -> None:
    whole = world.users().body
    world.add("content_type")
    struck = world.users()
    assert struck.headers["content-type"] == "text/html; charset=utf-8"
    assert struck.body == whole


def repeat_page(world: World) -> None:
    first, second = world.ids("limit=5"), world.ids("limit=5&offset=5")
    world.add("repeat_page")
    assert world.ids("limit=5&offset=5") == first != second


def endless_next(world: World) -> None:
    world.add("endless_next")
    for offset in (0, 100_000):
        link = world.users(f"limit=5&offset={offset}").headers["link"]
        assert f'offset={offset}>; rel="next"' in link


def drift_total(world: World) -> None:
    total = int(world.users().headers["x-total-count"])
    world.add("drift_total", by=3)
    assert int(world.users().headers["x-total-count"]) == total + 3
    world.add("drift_total", by=-10 * total)
    drifted = world.users()
    assert int(drifted.headers["x-total-count"]) == drifted.json()["pagination"]["total"] == 0


def shift_rows(world: World) -> None:
    first, second = world.ids("limit=5"), world.ids("limit=5&offset=5")
    world.add("shift_rows", by=2)
    # Two earlier rows have gone: the page begins two rows later than it would have.
    assert world.ids("limit=5&offset=5")[:3] == second[2:]
    assert world.ids("limit=5")[:3] == first[2:]


def empty_page(world: World) -> None:
    world.add("empty_page")
    struck = world.users()
    assert (struck.status, struck.json()["users"]) == (200, [])


def missing_key(world: World) -> None:
    world.add("missing_key")
    struck = world.users()
    assert struck.status == 200
    assert "users" not in struck.json()


def duplicate_rows(world: World) -> None:
    first, second = world.ids("limit=5"), world.ids("limit=5&offset=5")
    world.add("duplicate_rows", count=2)
    assert world.ids("limit=5&offset=5") == [*first[-2:], *second]


def unsorted(world: World) -> None:
    ordered = world.ids("limit=20")
    world.add("unsorted", seed=1)
    struck = world.ids("limit=20")
    assert struck != ordered
    assert sorted(struck) == sorted(ordered)
    assert world.ids("limit=20") == struck


def revoke_token(world: World) -> None:
    world.add("revoke_token", times=1)
    assert [world.users().status, world.users().status] == [401, 401]
    world.headers = focus_headers(world.document)
    assert world.users().status == 200


def throttle(world: World) -> None:
    world.add("throttle", times=1)
    assert [world.users().status, world.users().status] == [429, 200]
    world.add_rule({"operation": "createToken"}, {"kind": "throttle"}, 1)
    token_url = world.document["oneroster"]["token_url"]
    struck = send("POST", token_url, body=b"grant_type=client_credentials")
    assert (struck.status, struck.headers["retry-after"]) == (429, "30")
    for dialect in ("403", "429"):
        act = {"kind": "throttle", "dialect": dialect}
        world.add_rule({"operation": "listAccountUsers"}, act, 1)
        struck = canvas(world.document, "GET", "/accounts/1/users")
        assert struck.status == int(dialect)
        assert b"Rate Limit Exceeded" in struck.body
        assert canvas(world.document, "GET", "/accounts/1/users").status == 200


def import_of(world: World) -> Callable[[], str]:
    path = "/accounts/1/sis_imports"
    batch = canvas(world.document, "POST", f"{path}?extension=csv", CSV, "text/csv").json()
    return lambda: str(
        canvas(world.document, "GET", f"{path}/{batch['id']}").json()["workflow_state"]
    )


def settled(state: Callable[[], str], *wanted: str) -> str:
    until = time.monotonic() + WAIT_S
    while (now := state()) not in wanted:
        assert time.monotonic() < until, now
        time.sleep(0.05)
    return now


def stuck_import(world: World) -> None:
    world.add_rule({"fake": "canvas"}, {"kind": "stuck_import"}, 1)
    state = import_of(world)
    assert settled(state, "importing") == "importing"
    control(world.document, "POST", "/clock/advance", {"seconds": 86_400})
    assert state() == "importing"


def abort_import(world: World) -> None:
    world.add_rule({"fake": "canvas"}, {"kind": "abort_import"}, 1)
    assert settled(import_of(world), "aborted") == "aborted"


SEEN: Mapping[str, Callable[[World], None]] = {
    act.__name__: act
    for act in (
        status, delay, drip, reset_before, reset_after, truncate, content_type, repeat_page,
        endless_next, drift_total, shift_rows, empty_page, missing_key, duplicate_rows, unsorted,
        revoke_token, throttle, stuck_import, abort_import,
    )
}  # fmt: skip


@pytest.mark.parametrize("kind", SEEN)
def test_a_client_sees_the_fault(world: World, kind: str) -> None:
    SEEN[kind](world)
    assert all(world.hits()), "a rule that never hit proves nothing"


def test_every_kind_has_its_own_check() -> None:
    # TLS acts at handshakes, which the stage of test_tls.py has.
    assert SEEN.keys() | {"tls"} == ACTS.keys()


@pytest.mark.parametrize("kind", ["reset_before", "drip"])
def test_a_struck_request_is_in_the_journal_as_soon_as_its_client_knows(
    world: World, kind: str
) -> None:
    world.add_rule({"operation": "getAllUsers"}, {"kind": kind})
    for dropped in range(1, 6):
        with contextlib.suppress(ConnectionError):
            world.users("limit=1")
        counted = control(world.document, "GET", "/journal/counts?operationId=getAllUsers")
        assert counted.json()["total"] == dropped


def test_a_revoked_canvas_token_says_so_and_stays_revoked(world: World) -> None:
    world.add_rule({"operation": "listAccountUsers"}, {"kind": "revoke_token"}, 1)
    answers = [canvas(world.document, "GET", "/accounts/1/users") for _ in range(2)]
    assert [answer.status for answer in answers] == [401, 401]
    assert b"Revoked access token" in answers[0].body
    assert control(world.document, "POST", "/reset").status == 200
    assert canvas(world.document, "GET", "/accounts/1/users").status == 200


def test_a_rule_about_everything_leaves_the_control_plane_alone(world: World) -> None:
    world.add_rule({}, {"kind": "status", "status": 500})
    assert control(world.document, "GET", "/clock").status == 200
    assert world.users().status == 500


def test_rules_of_one_space_do_not_reach_another(world: World, up: Up) -> None:
    world.add_rule({}, {"kind": "status", "status": 500})
    headers = focus_headers(up.document)
    got = send("GET", f"{up.document['oneroster']['base_url']}/users", headers=headers)
    assert got.status == 200
