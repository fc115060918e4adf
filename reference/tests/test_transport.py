"""Patience, tokens and addresses, without sockets."""

import itertools
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import stamina

from homeroom.reference.errors import FatalError, RetryableError
from homeroom.reference.oneroster.paging import said
from homeroom.reference.transport import (
    Bearer,
    ClientCredentials,
    NoAuth,
    Response,
    Transport,
    is_rate_limited,
    retry_after_s,
)


class Client:
    """Stands in for a connection: gives answers, or raises, in order; keeps what was asked."""

    def __init__(self, *answers: Response) -> None:
        self._answers = list(answers)
        self.asked: list[tuple[str, str, dict[str, Any]]] = []

    def request(self, method: str, url: str, **more: Any) -> Response:
        """Answer the next request."""
        self.asked.append((method, url, more))
        return self._answers.pop(0)


def transport_over(monkeypatch: pytest.MonkeyPatch, client: Client, auth: Any = None) -> Transport:
    """Open a transport whose every request goes to `client`."""

    def given(_: Transport) -> Client:
        return client

    monkeypatch.setattr(Transport, "_client", given)
    return Transport("http://sis.test/v1p1", auth or NoAuth(), attempts=3)


@pytest.fixture(autouse=True)
def _no_waiting() -> Iterator[None]:
    with stamina.set_testing(True, attempts=3):
        yield


def test_an_unwell_peer_is_asked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    client = Client(Response(503), Response(429), Response(200))
    response = transport_over(monkeypatch, client).request("GET", "users", params={"limit": "5"})
    assert response.status_code == 200
    assert [url for _, url, _ in client.asked] == ["http://sis.test/v1p1/users?limit=5"] * 3


def test_a_peer_that_stays_unwell_is_left_for_another_run(monkeypatch: pytest.MonkeyPatch) -> None:
    client = Client(Response(503), Response(503), Response(503))
    with pytest.raises(RetryableError, match="after 3 attempts"):
        transport_over(monkeypatch, client).request("GET", "users")


def test_what_may_have_taken_effect_is_not_repeated(monkeypatch: pytest.MonkeyPatch) -> None:
    client = Client(Response(503))
    answer = transport_over(monkeypatch, client).request("POST", "imports", idempotent=False)
    assert answer.status_code == 503


def test_a_refusal_for_the_rate_is_repeated_even_then(monkeypatch: pytest.MonkeyPatch) -> None:
    limited = Response(403, content=b"403 Forbidden (Rate Limit Exceeded)\n")
    client = Client(limited, Response(200))
    answer = transport_over(monkeypatch, client).request("POST", "imports", idempotent=False)
    assert answer.status_code == 200


def test_a_401_gets_one_new_token(monkeypatch: pytest.MonkeyPatch) -> None:
    client = Client(
        Response(200, json={"access_token": "one", "expires_in": 3600}),
        Response(401),
        Response(200, json={"access_token": "two", "expires_in": 3600}),
        Response(401),
    )
    auth = ClientCredentials("http://sis.test/token", "id", "secret")
    response = transport_over(monkeypatch, client, auth).request("GET", "users")
    assert response.status_code == 401
    sent = [more["headers"].get("Authorization") for _, _, more in client.asked]
    assert sent == [None, "Bearer one", None, "Bearer two"]


def test_a_token_that_no_header_can_carry_is_refused_unshown() -> None:
    with (
        Transport("http://sis.test", Bearer("wr\u00f6ng")) as peer,
        pytest.raises(FatalError, match="its token has a stray character") as told,
    ):
        peer.request("GET", "users")
    assert "\u00f6" not in str(told.value)


def test_refused_credentials_are_told_without_the_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    client = Client(Response(401, json={"error": "invalid_client", "got": "hunter2"}))
    auth = ClientCredentials("http://sis.test/token", "id", "hunter2")
    with pytest.raises(FatalError, match="refused the client credentials") as told:
        transport_over(monkeypatch, client, auth).request("GET", "users")
    assert "hunter2" not in str(told.value)


def test_each_thread_has_its_own_token_until_one_is_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    tokens = (Response(200, json={"access_token": f"t{n}"}) for n in itertools.count(1))
    transport = Transport("http://sis.test", NoAuth())
    monkeypatch.setattr(transport, "send", lambda *_, **__: next(tokens))
    auth = ClientCredentials("http://sis.test/token", "id", "secret")

    def header() -> str:
        return auth.headers(transport, "GET", "http://sis.test/users")["Authorization"]

    with ThreadPoolExecutor(1) as other:
        assert [header(), other.submit(header).result(), header()] == [
            "Bearer t1",
            "Bearer t2",
            "Bearer t1",
        ]
        # A provider that ends the others with each new token: from now on there is one.
        assert auth.renew({"Authorization": "Bearer t1"})
        assert [header(), other.submit(header).result()] == ["Bearer t3", "Bearer t3"]
        # Another thread's request went out with the token that has been replaced already.
        assert auth.renew({"Authorization": "Bearer t2"})
        assert header() == "Bearer t3"


def test_a_token_never_shows_in_a_description() -> None:
    transport = Transport("http://canvas.test", Bearer("s3cret"))
    assert (
        transport.describe(Response(400, content=b"no s3cret here")) == "HTTP 400 no [secret] here"
    )


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("users", "http://sis.test/s/k3/v1p1/users"),
        ("/users", "http://sis.test/s/k3/v1p1/users"),
        ("/s/k3/v1p1/users?offset=5", "http://sis.test/s/k3/v1p1/users?offset=5"),
        ("http://other.test/users", "http://other.test/users"),
        ("users/a%2Fb", "http://sis.test/s/k3/v1p1/users/a%2Fb"),
    ],
)
def test_addresses_are_joined_to_the_base(given: str, expected: str) -> None:
    assert Transport("http://sis.test/s/k3/v1p1/", NoAuth()).url(given) == expected


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({}, None),
        ({"Retry-After": "30"}, 30.0),
        ({"Retry-After": "soon"}, None),
        (
            {
                "Date": "Tue, 01 Sep 2026 06:00:00 GMT",
                "Retry-After": "Tue, 01 Sep 2026 06:00:20 GMT",
            },
            20.0,
        ),
    ],
)
def test_retry_after_is_read_as_seconds_or_a_date(
    headers: dict[str, str], expected: float | None
) -> None:
    assert retry_after_s(Response(503, headers=headers)) == expected


def test_both_of_canvas_ways_to_limit_the_rate_are_known() -> None:
    assert is_rate_limited(Response(429))
    assert is_rate_limited(Response(403, content=b"403 Forbidden (Rate Limit Exceeded)\n"))
    assert not is_rate_limited(Response(403, json={"status": "unauthorized"}))


@pytest.mark.parametrize(
    "body",
    [
        {"statusInfoSet": [{"imsx_codeMajor": "failure", "imsx_description": "Focus: no"}]},
        {"imsx_StatusInfo": {"imsx_description": "Focus: no"}},
        {"errors": [{"CodeMajor": "failure", "Description": "Focus: no"}]},
        {"codeMajor": "failure", "description": "Focus: no"},
    ],
)
def test_a_providers_refusal_is_read_in_every_shape(body: Any) -> None:
    transport = Transport("http://sis.test", NoAuth())
    assert said(Response(422, json=body), transport) == "HTTP 422 Focus: no"
