"""The journal over its calls: filters, counts, one exchange, HAR, and the live stream."""

import json
import urllib.parse
from collections.abc import Iterator
from http.client import HTTPConnection
from typing import Any

import pytest

from checks.support import Up
from checks.worlds import canvas, control, focus, focus_headers, new_space, send

NOW = "2026-09-14T15:00:00Z"


@pytest.fixture(scope="module")
def up() -> Iterator[Up]:
    with Up("--district", "empty", "--now", NOW) as running:
        yield running


@pytest.fixture
def document(up: Up) -> Iterator[dict[str, Any]]:
    """A space in which Focus was asked for users twice and for one user in vain."""
    made = new_space(up.document, now=NOW)
    for path in ("/users?limit=1", "/users?limit=2", "/users/nobody%2F1"):
        focus(made, path)
    yield made
    assert control(made, "DELETE", "").status == 204


def seqs(document: dict[str, Any], query: str) -> list[int]:
    answer = control(document, "GET", f"/journal?{query}").json()
    return [entry["seq"] for entry in answer["requests"]]


def test_the_journal_is_asked_by_operation_status_record_and_time(
    document: dict[str, Any],
) -> None:
    assert seqs(document, "operationId=getAllUsers") == [2, 4]
    assert seqs(document, "status=404") == [6]
    assert seqs(document, "seq=4") == [4]
    assert seqs(document, "after=4&limit=9") == [5, 6]
    assert seqs(document, "record=nobody%252F1") == [6]
    assert seqs(document, "query=limit%3D2") == [4]
    assert seqs(document, "response=%22users%22") == [2, 4]
    assert seqs(document, "request=grant_type") == [1, 3, 5]
    at = control(document, "GET", "/journal/4").json()["at"]
    assert 4 in seqs(document, f"at={at}")
    assert seqs(document, "at=2026-09-13T00:00:00Z") == []
    assert seqs(document, "from=2026-09-15T00:00:00Z") == []
    assert seqs(document, "to=2026-09-15T00:00:00Z&limit=1") == [6]


def test_no_token_or_secret_is_shown_wherever_it_was_sent(document: dict[str, Any]) -> None:
    secret, token = document["oneroster"]["client_secret"], document["canvas"]["token"]
    bearer = focus_headers(document)
    focus(document, f"/users/{secret}")
    focus(document, f"/users/{bearer['Authorization'].removeprefix('Bearer ')}")
    canvas(document, "GET", f"/courses/{token}?search_term={token}&access_token=nonsense")
    for path in ("/journal", "/journal?bodies=false", "/journal.har"):
        shown = control(document, "GET", path).body.decode()
        assert shown.count("[redacted]") >= 3
        for hidden in (secret, token, *bearer.values()):
            assert hidden.removeprefix("Bearer ") not in shown
    assert seqs(document, "query=access_token%3D%255Bredacted%255D")  # asked for as it is shown


def test_a_time_that_is_none_is_refused_by_name(document: dict[str, Any]) -> None:
    answer = control(document, "GET", "/journal?from=yesterday")
    assert answer.status in (400, 422)
    assert "from" in answer.json()["error"]


@pytest.mark.parametrize("call", ["", "/counts", "/near-misses"])
def test_a_filter_misspelt_is_refused_and_never_taken_for_none(
    document: dict[str, Any], call: str
) -> None:
    answer = control(document, "GET", f"/journal{call}?operationid=getAllUsers")
    assert answer.status == 400
    assert answer.json()["field"] == "operationid"
    assert "operationId" in answer.json()["error"]


def test_another_status_of_the_operation_asked_for_is_the_nearest_miss(
    document: dict[str, Any],
) -> None:
    answer = control(document, "GET", "/journal/near-misses?operationId=getUser&status=200").json()
    assert answer["near"][0]["differs"] == ["status"]
    assert answer["near"][0]["exchange"]["operationId"] == "getUser"


def test_calls_are_counted_by_operation_and_status(document: dict[str, Any]) -> None:
    answer = control(document, "GET", "/journal/counts?fake=focus").json()
    counts = {(one["operationId"], one["status"]): one["count"] for one in answer["counts"]}
    assert answer["total"] == 6
    assert counts["getAllUsers", 200] == 2
    assert counts["getUser", 404] == 1


def test_an_expectation_that_was_nearly_met_says_by_how_little(document: dict[str, Any]) -> None:
    asked = "operationId=getAllUsers&status=200&query=limit%3D3"
    answer = control(document, "GET", f"/journal/near-misses?{asked}").json()
    assert answer["matches"] == 0
    assert [(one["exchange"]["seq"], one["differs"]) for one in answer["near"]][:2] == [
        (4, ["query"]), (2, ["query"]),
    ]  # fmt: skip


def test_one_exchange_is_shown_with_its_bodies_and_an_unknown_one_is_404(
    document: dict[str, Any],
) -> None:
    exchange = control(document, "GET", "/journal/2").json()
    assert (exchange["operationId"], exchange["response"]["users"]) == ("getAllUsers", [])
    assert control(document, "GET", "/journal/99").status == 404


def test_bodies_are_left_out_on_demand(document: dict[str, Any]) -> None:
    answer = control(document, "GET", "/journal?bodies=false").json()
    assert all("response" not in entry for entry in answer["requests"])


def test_the_archive_holds_every_exchange_and_no_secret(document: dict[str, Any]) -> None:
    answer = control(document, "GET", "/journal.har")
    entries = answer.json()["log"]["entries"]
    assert [entry["response"]["status"] for entry in entries] == [200, 200, 200, 200, 200, 404]
    assert entries[1]["request"]["url"].startswith(document["oneroster"]["base_url"])
    assert document["oneroster"]["client_secret"].encode() not in answer.body
    token = focus_headers(document)["Authorization"].removeprefix("Bearer ")
    assert token.encode() not in control(document, "GET", "/journal.har").body


def stream(document: dict[str, Any], **headers: str) -> tuple[HTTPConnection, Any]:
    url = urllib.parse.urlsplit(document["control"]["url"])
    connection = HTTPConnection(url.netloc, timeout=20)
    path = f"{url.path}/spaces/{document['space']}/journal/stream"
    token = f"Bearer {document['control']['token']}"
    connection.request("GET", path, headers={"Authorization": token, **headers})
    return connection, connection.getresponse()


def next_event(lines: Any) -> dict[str, Any]:
    fields: dict[str, str] = {}
    for raw in lines:
        line = raw.decode().rstrip("\n")
        if not line and "data" in fields:
            return {**fields, "data": json.loads(fields["data"])}
        name, _, value = line.partition(": ")
        fields[name] = value
    raise AssertionError("the stream ended")


def test_exchanges_are_streamed_as_they_happen(document: dict[str, Any]) -> None:
    connection, answer = stream(document)
    assert answer.headers["Content-Type"] == "text/event-stream; charset=utf-8"
    focus(document, "/orgs")
    first, second = next_event(answer), next_event(answer)
    assert [first["data"]["operationId"], second["data"]["operationId"]] == [
        "createToken", "getAllOrgs",
    ]  # fmt: skip
    assert (second["event"], second["id"]) == ("exchange", str(second["data"]["seq"]))
    assert "response" not in second["data"]
    connection.close()


def test_a_stream_goes_on_where_its_reader_lost_it(document: dict[str, Any]) -> None:
    connection, answer = stream(document, **{"Last-Event-ID": "4"})
    assert [next_event(answer)["data"]["seq"] for _ in range(2)] == [5, 6]
    connection.close()


def test_a_stream_ends_with_its_space_and_with_the_stage(up: Up) -> None:
    made = new_space(up.document)
    connection, answer = stream(made)
    assert control(made, "DELETE", "").status == 204
    assert answer.read().startswith(b"retry: ")
    connection.close()
    with Up("--district", "empty") as other:
        connection, _ = stream(other.document)
        done = other.stop()
        connection.close()
        assert (done.code, done.err) == (0, "")


def test_a_stream_wants_a_token(up: Up) -> None:
    url = f"{up.document['control']['url']}/spaces/default/journal/stream"
    assert send("GET", url).status == 401
    assert send("GET", url, headers={"Cookie": "homeroom_console_1=guess"}).status == 401


def test_an_observer_leaves_no_trace_and_a_false_one_does(document: dict[str, Any]) -> None:
    url = f"{document['oneroster']['base_url']}/orgs"
    headers = focus_headers(document)
    before = control(document, "GET", "/journal/counts").json()["total"]
    own = document["control"]["token"]
    for token, traces in ((own, 0), ("guess", 1)):
        assert send("GET", url, headers={**headers, "X-Homeroom-Observer": token}).status == 200
        assert control(document, "GET", "/journal/counts").json()["total"] == before + traces
