"""Tokens, signatures, scopes: OneRoster reference, section 5; Focus reference, section 2."""

import base64
import hashlib
import hmac
import re
import time
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import quote

import pytest
from oauthlib.oauth1 import Client as Signer

from homeroom.mocks.focus_oneroster.reading import BASE_PATH
from homeroom.mocks.focus_oneroster.tokens import SCOPE_PREFIX, SCOPES

if TYPE_CHECKING:
    from homeroom.mocks.focus_oneroster.tests.conftest import Focus
    from homeroom.mocks.harness.testing import Reply

FORM = {"content-type": "application/x-www-form-urlencoded"}
GRANT = b"grant_type=client_credentials"


def basic(key: str, secret: str) -> dict[str, str]:
    """Make an HTTP Basic header."""
    return {"authorization": "Basic " + base64.b64encode(f"{key}:{secret}".encode()).decode()}


def test_token_has_focus_s_keys(focus: "Focus") -> None:
    body = focus.token(scope="*").json()

    assert list(body) == [
        "request_id", "access_token", "token_type", "expiration", "expires_in", "scope",
    ]  # fmt: skip
    assert re.fullmatch(r"[0-9a-f]{64}", body["access_token"])
    assert (body["token_type"], body["expires_in"], body["scope"]) == ("bearer", 3600, "*")
    assert re.fullmatch(r"2026-09-01T07:00:0\d\.\d{3}Z", body["expiration"])
    assert isinstance(body["request_id"], int)


def test_credentials_are_taken_from_header_form_and_query(focus: "Focus") -> None:
    key, secret = focus.document["client_id"], focus.document["client_secret"]
    call, url = focus.opened.call, f"{BASE_PATH}/token"

    replies = [
        call("POST", url, body=GRANT, headers=FORM | basic(key, secret)),
        focus.token(),
        call("POST", f"{url}?grant_type=client_credentials&client_id={key}&client_secret={secret}"),
        call("POST", f"{url}?grant_type=client_credentials", headers=basic(key, secret)),
    ]

    assert [reply.status for reply in replies] == [200] * 4
    assert all(reply.headers["cache-control"] == "no-store" for reply in replies)


@pytest.mark.parametrize(
    ("form", "status", "error"),
    [
        ({"client_secret": "wrong"}, 401, "invalid_client"),
        ({"client_id": "nobody"}, 401, "invalid_client"),
        ({"client_id": ""}, 401, "invalid_client"),
        ({"grant_type": "password"}, 400, "unsupported_grant_type"),
        ({"grant_type": ""}, 400, "invalid_request"),
        ({"scope": "https://purl.imsglobal.org/spec/or/v1p1/scope/all"}, 400, "invalid_scope"),
        ({"scope": "roster.readonly"}, 400, "invalid_scope"),
    ],
)
def test_bad_token_request_is_refused_as_rfc_6749_says(
    focus: "Focus", form: dict[str, str], status: int, error: str
) -> None:
    reply = focus.token(**form)

    assert (reply.status, reply.json()["error"]) == (status, error)
    assert ("www-authenticate" in reply.headers) == (status == 401)


@pytest.mark.parametrize(
    "options",
    [
        {"headers": {"authorization": "Basic !!!"} | FORM, "body": GRANT},
        {"headers": {"content-type": "application/json"}, "json": {"grant_type": "x"}},
        {"headers": {"content-type": "text/plain"}, "body": b"\xff\xfe"},
        {"headers": FORM, "body": b"%%%=&&&"},
    ],
)
def test_mangled_token_request_keeps_the_shape(focus: "Focus", options: dict[str, Any]) -> None:
    reply = focus.opened.call("POST", f"{BASE_PATH}/token", **options)

    assert reply.status in (400, 401)
    assert set(reply.json()) == {"error", "error_description"}


def test_scopes_granted_are_those_asked_for_that_the_client_has(focus: "Focus") -> None:
    scope = SCOPE_PREFIX
    client = focus.client(scopes=["roster.readonly", "gradebook.readonly"])

    def granted(**form: str) -> "str":
        return str(focus.token(**client, **form).json().get("scope"))

    asked = f"{scope}gradebook.readonly {scope}gradebook.delete"
    assert granted() == f"{scope}roster.readonly {scope}gradebook.readonly"
    assert granted(scope=asked) == f"{scope}gradebook.readonly"
    assert focus.token(**client, scope=f"{scope}gradebook.delete").json()["error"] == (
        "invalid_scope"
    )


def test_several_tokens_of_one_client_live_side_by_side(focus: "Focus") -> None:
    tokens = [focus.token().json()["access_token"] for _ in range(3)]

    assert len(set(tokens)) == 3
    for token in tokens:
        focus.bearer = token
        assert focus.get("/orgs").status == 200


def test_token_expires_by_the_space_s_clock(focus: "Focus") -> None:
    focus.advance(3590)
    assert focus.get("/orgs").status == 200

    focus.advance(11)

    reply = focus.get("/orgs")
    assert reply.status == 401
    assert reply.headers["www-authenticate"] == 'Bearer realm="focus", error="invalid_token"'
    assert reply.json()["statusInfoSet"] == [
        {
            "imsx_codeMajor": "failure",
            "imsx_severity": "error",
            "imsx_operationRefIdentifier": "getAllOrgs",
            "imsx_description": "Token expired",
            "imsx_codeMinor": "unauthorized",
        }
    ]


def test_new_token_may_kill_older_ones(focus: "Focus") -> None:
    focus.settings(new_token_kills_older=True)

    fresh = focus.token().json()["access_token"]

    assert focus.get("/orgs").status == 401
    focus.bearer = fresh
    assert focus.get("/orgs").status == 200


def test_same_token_may_be_handed_back_with_what_is_left_of_it(focus: "Focus") -> None:
    focus.settings(same_token_returned=True)
    focus.advance(1138)

    body = focus.token().json()

    assert body["access_token"] == focus.bearer
    assert 2455 <= body["expires_in"] <= 2462


def test_deleted_token_is_dead(focus: "Focus") -> None:
    other = focus.token().json()["access_token"]

    assert focus.call("DELETE", "/token").status == 204
    assert focus.call("DELETE", "/token").status == 401
    focus.bearer = other
    assert focus.get("/orgs").status == 200


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"authorization": ""}, 401),
        ({"authorization": "Bearer"}, 401),
        ({"authorization": "Bearer 00"}, 401),
        ({"authorization": "Basic eDp5"}, 401),
        ({"authorization": "Digest x"}, 401),
    ],
)
def test_no_or_wrong_credentials_are_unauthorized(
    focus: "Focus", headers: dict[str, str], status: int
) -> None:
    reply = focus.call("GET", "/orgs", headers=headers)

    assert (reply.status, reply.json()["statusInfoSet"][0]["imsx_codeMinor"]) == (
        status,
        "unauthorized",
    )
    assert reply.headers["www-authenticate"].startswith("Bearer")


_REACH = {
    "roster-core.readonly": {"/orgs", "/users/u-1", "/terms"},
    "roster.readonly": {"/orgs", "/users/u-1", "/terms", "/schools/s-1/classes"},
    "roster-demographics.readonly": {"/demographics"},
    "resource.readonly": {"/resources", "/classes/c-1/resources"},
    "gradebook.readonly": {"/categories", "/classes/c-1/lineItems"},
    "gradebook.createput": set[str](),
    "gradebook.delete": set[str](),
}
_EVERYWHERE = set[str]().union(*_REACH.values())


@pytest.mark.parametrize("scope_name", _REACH)
def test_scope_decides_what_is_forbidden(focus: "Focus", scope_name: str) -> None:
    focus.become(scopes=[scope_name])

    allowed = {path for path in _EVERYWHERE if focus.get(path).status == 200}
    refused = {path for path in _EVERYWHERE if focus.get(path).status == 403}

    assert allowed == _REACH[scope_name]
    assert refused == _EVERYWHERE - allowed


def test_forbidden_names_the_scope(focus: "Focus") -> None:
    focus.become(scopes=["gradebook.readonly"])

    reply = focus.put("/categories/x", {"category": {"title": "Tests"}})
    deletion = focus.call("DELETE", "/categories/cat-1")

    assert (reply.status, reply.json()["statusInfoSet"][0]) == (
        403,
        {
            "imsx_codeMajor": "failure",
            "imsx_severity": "error",
            "imsx_operationRefIdentifier": "putCategory",
            "imsx_description": "Scope gradebook.createput required",
            "imsx_codeMinor": "forbidden",
        },
    )
    assert deletion.json()["statusInfoSet"][0]["imsx_description"] == (
        "Scope gradebook.delete required"
    )


def test_every_scope_of_the_standard_is_known() -> None:
    assert {scope.removeprefix(SCOPE_PREFIX) for scope in SCOPES} == set(_REACH)


# OAuth 1.0a


def signed(
    focus: "Focus",
    path: str,
    *,
    method: Literal["GET", "PUT"] = "GET",
    where: str = "AUTH_HEADER",
    **options: Any,
) -> "Reply":
    """Send a request signed by oauthlib, as a client library would."""
    signer = Signer(
        options.pop("key", focus.document["client_id"]),
        client_secret=options.pop("secret", focus.document["client_secret"]),
        signature_method=options.pop("algorithm", "HMAC-SHA1"),
        signature_type=where,
        timestamp=options.pop("timestamp", None),
        nonce=options.pop("nonce", None),
    )
    url, headers, _ = signer.sign(f"http://sis.test{BASE_PATH}{path}", http_method=method)
    sent = options.pop("sent_path", None) or url.removeprefix("http://sis.test")
    return focus.opened.call(
        method, sent, headers={name.lower(): value for name, value in headers.items()}, **options
    )


@pytest.mark.parametrize("algorithm", ["HMAC-SHA1", "HMAC-SHA256"])
@pytest.mark.parametrize("where", ["AUTH_HEADER", "QUERY"])
@pytest.mark.parametrize(
    "query",
    [
        "",
        "?limit=2&offset=0",
        f"?filter={quote(chr(39).join(['givenName=', 'Two Words', '']))}",
        "?filter=givenName%3D%27Zo%C3%AB%20%26%20%27",
        "?filter=givenName%3D%27a%2Bb%27&fields=sourcedId%2Cemail&sort=email",
    ],
)
def test_signed_request_is_served(focus: "Focus", algorithm: str, where: str, query: str) -> None:
    reply = signed(focus, f"/users{query}", algorithm=algorithm, where=where)

    assert reply.status == 200
    assert "oauth" not in reply.headers["link"]


def test_signed_filter_with_a_blank_selects(focus: "Focus") -> None:
    focus.record("users", "u-9", givenName="Two Words")

    reply = signed(focus, "/users?filter=givenName%3D%27Two%20Words%27")

    assert [row["sourcedId"] for row in reply.json()["users"]] == ["u-9"]


def test_signature_of_another_request_or_secret_is_refused(focus: "Focus") -> None:
    replies = [
        signed(focus, "/users", secret="wrong"),
        signed(focus, "/users", key="nobody"),
        signed(focus, "/users?limit=1", sent_path=f"{BASE_PATH}/users?limit=2"),
        signed(focus, "/users", sent_path=f"{BASE_PATH}/orgs"),
        signed(focus, "/users/a%2Fb", sent_path=f"{BASE_PATH}/users/a/b"),
    ]

    assert [reply.status for reply in replies] == [401, 401, 401, 401, 404]
    assert replies[0].json()["statusInfoSet"][0]["imsx_description"] == "Signature mismatch"
    assert replies[0].headers["www-authenticate"].startswith("OAuth")


def test_nonce_is_good_once(focus: "Focus") -> None:
    fixed: dict[str, Any] = {"nonce": "n-1", "timestamp": str(int(time.time()))}

    assert [signed(focus, "/users", **fixed).status for _ in range(2)] == [200, 401]
    assert signed(focus, "/users", nonce="n-2", timestamp=fixed["timestamp"]).status == 200


@pytest.mark.parametrize(("shift_s", "status"), [(-590, 200), (-615, 401), (290, 200), (315, 401)])
def test_timestamp_may_be_ten_minutes_old_or_five_ahead(
    focus: "Focus", shift_s: int, status: int
) -> None:
    reply = signed(focus, "/users", timestamp=str(int(time.time()) + shift_s))

    assert reply.status == status


def test_timestamp_may_be_judged_by_the_space_s_clock(focus: "Focus") -> None:
    focus.settings(oauth1_clock="space")
    at = int(focus.world.now().timestamp())

    assert signed(focus, "/users", timestamp=str(at)).status == 200
    assert signed(focus, "/users").status == 401


def header(focus: "Focus", *, leave_out: str = "", **changes: str) -> dict[str, str]:
    """Make an OAuth header by hand, so that it can be wrong."""
    parameters = {
        "oauth_consumer_key": focus.document["client_id"],
        "oauth_nonce": "by-hand",
        "oauth_signature_method": "HMAC-SHA256",
        "oauth_timestamp": str(int(time.time())),
    } | changes
    normalised = "&".join(
        f"{name}={quote(value, safe='~')}" for name, value in sorted(parameters.items())
    )
    base = "&".join(
        quote(part, safe="~") for part in ("GET", f"http://sis.test{BASE_PATH}/users", normalised)
    )
    key = f"{quote(focus.document['client_secret'], safe='~')}&".encode()
    digest = hmac.new(key, base.encode(), hashlib.sha256).digest()
    parameters["oauth_signature"] = base64.b64encode(digest).decode()
    parameters.pop(leave_out, None)
    written = ", ".join(f'{name}="{quote(value)}"' for name, value in parameters.items())
    return {"authorization": f'OAuth realm="x", {written}'}


def _with_header(focus: "Focus", headers: dict[str, str], body: bytes = b"") -> int:
    return focus.opened.call("GET", f"{BASE_PATH}/users", headers=headers, body=body).status


def test_signature_made_by_hand_is_served(focus: "Focus") -> None:
    assert _with_header(focus, header(focus)) == 200


def test_empty_token_and_version_may_be_signed_along(focus: "Focus") -> None:
    assert _with_header(focus, header(focus, oauth_token="", oauth_version="1.0")) == 200


@pytest.mark.parametrize(
    "leave_out", ["oauth_consumer_key", "oauth_nonce", "oauth_timestamp", "oauth_signature"]
)
def test_missing_parameter_is_malformed(focus: "Focus", leave_out: str) -> None:
    assert _with_header(focus, header(focus, leave_out=leave_out)) == 400


@pytest.mark.parametrize(
    "changes",
    [
        {"oauth_signature_method": "PLAINTEXT"},
        {"oauth_signature_method": "RSA-SHA1"},
        {"oauth_version": "2.0"},
        {"oauth_timestamp": "yesterday"},
        {"oauth_timestamp": "\N{SUPERSCRIPT TWO}"},
    ],
)
def test_unsupported_parameter_is_malformed(focus: "Focus", changes: dict[str, str]) -> None:
    assert _with_header(focus, header(focus, **changes)) == 400


def test_parameter_given_twice_is_malformed(focus: "Focus") -> None:
    headers = header(focus)
    headers["authorization"] += ', oauth_nonce="again"'

    assert _with_header(focus, headers) == 400


def test_body_hash_is_verified_where_it_is_sent(focus: "Focus") -> None:
    body = b'{"x":1}'
    right = base64.b64encode(hashlib.sha256(body).digest()).decode()

    assert _with_header(focus, header(focus, oauth_body_hash=right), body) == 200
    assert (
        _with_header(focus, header(focus, oauth_body_hash=right, oauth_nonce="b"), b"other") == 401
    )


def test_client_may_be_held_to_one_way_in(focus: "Focus") -> None:
    one = focus.client(auth="oauth1")
    two = focus.client(auth="oauth2")

    def signs(client: Any) -> int:
        return signed(
            focus, "/users", key=client["client_id"], secret=client["client_secret"]
        ).status

    assert (signs(one), focus.token(**one).status) == (200, 400)
    assert (signs(two), focus.token(**two).status) == (401, 200)


def test_signed_put_is_stored(focus: "Focus") -> None:
    reply = signed(
        focus, "/categories/cat-9", method="PUT", json={"category": {"title": "Homework"}}
    )

    assert reply.status == 201


@pytest.mark.parametrize(
    ("shift_s", "status"), [(-601, 401), (-600, 200), (-599, 200), (300, 200), (301, 401)]
)
def test_window_of_timestamps_holds_both_its_edges(
    focus: "Focus", shift_s: int, status: int
) -> None:
    focus.settings(oauth1_clock="space")
    clock = focus.opened.space.clock
    clock.set(clock.now(), frozen=True)
    at = int(focus.world.now().timestamp()) + shift_s
    fixed: dict[str, Any] = {"nonce": "n-1", "timestamp": str(at)}

    assert signed(focus, "/users", **fixed).status == status
    assert signed(focus, "/users", **fixed).status == 401


def test_realm_may_hold_a_comma(focus: "Focus") -> None:
    made = header(focus)
    made["authorization"] = made["authorization"].replace("OAuth ", 'OAuth realm="Lake, County",')

    assert _with_header(focus, made) == 200


def test_tokens_outlive_a_reset(focus: "Focus") -> None:
    focus.opened.run(focus.opened.spaces.reset(focus.opened.space))
    again = type(focus)(focus.opened)
    again.settings(same_token_returned=True)

    assert focus.ids("/users") == []
    assert focus.token().json()["access_token"] == again.bearer != focus.bearer
    again.advance(3601)
    assert focus.get("/users").status == 401


def test_tokens_of_before_a_reset_can_be_ended(focus: "Focus") -> None:
    focus.opened.run(focus.opened.spaces.reset(focus.opened.space))

    assert focus.call("DELETE", "/token").status == 204
    assert focus.get("/users").status == 401
