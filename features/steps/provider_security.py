"""Steps of who is let in at a provider: tokens, signatures, scopes; what strangers are told."""

import secrets
import time
from collections.abc import Mapping
from urllib.parse import urlsplit

from oauthlib.oauth1 import Client
from pytest_bdd import parsers, then, when

from homeroom.certify.outcomes import NotApplicable
from homeroom.certify.peer import Answer, fell_short
from homeroom.certify.target import LOOPBACK, Credentials
from homeroom.features.evidence.roster import Roster, refuse_faults, status_words
from homeroom.features.evidence.shapes import ROSTER

PATIENCE_S = 20
"""A real provider's token is waited for so long, to see it expire."""
SCOPE = "https://purl.imsglobal.org/spec/or/v1p1/scope/"
NOBODY = "homeroom-nobody-has-this-id"


def ask_token(roster: Roster, *, secret: str | None = None, scope: str | None = None) -> Answer:
    """Ask for a token; raises NotApplicable where the provider is asked with OAuth 1.0a."""
    credentials = roster.target.credentials
    if credentials.auth != "oauth2":
        raise NotApplicable("the provider is asked with OAuth 1.0a, which has no tokens")
    given = credentials.client_secret if secret is None else secret
    form = {"grant_type": "client_credentials"}
    if wanted := scope or credentials.scope:
        form["scope"] = wanted
    return roster.target.peer.send(
        "POST",
        credentials.token_url,
        authorized=False,
        data=form,
        auth=(credentials.client_id, given),
    )


def new_token(roster: Roster, scope: str | None = None) -> tuple[str, Mapping[str, object]]:
    """Return a fresh token and what came with it."""
    answer = ask_token(roster, scope=scope)
    document = answer.document()
    if answer.status not in (200, 201) or not isinstance(document, dict):
        raise NotApplicable(f"no token was given: {answer}")
    token = str(document.get("access_token") or "")
    roster.target.peer.learn(token)
    return token, document


def with_token(roster: Roster, token: str | None, path: str = "orgs?limit=1") -> Answer:
    """Read with a token of our own, or without any."""
    headers = {"Authorization": f"Bearer {token}"} if token is not None else {}
    peer = roster.target.peer
    return peer.send("GET", peer.url(path), headers=headers, authorized=False)


def must_refuse(answers: list[Answer], promise: str, *statuses: int) -> None:
    """Raise Unmet where any answer has another status."""
    wanted = " or ".join(map(str, statuses))
    wrong = [answer for answer in answers if answer.status not in statuses]
    refuse_faults([str(each) for each in wrong], promise=promise, expected=wanted, answers=wrong)


@when("somebody without a key reads the roster", target_fixture="strangers")
def without_key(roster: Roster) -> list[Answer]:
    """Each list, and one record, without credentials."""
    there = [name for name in ROSTER if roster.page(name, {"limit": 1}).status == 200]
    names = [*(f"{name}?limit=1" for name in there), f"users/{NOBODY}"]
    return [with_token(roster, None, name) for name in names]


@when("somebody with a token that nobody gave reads the roster", target_fixture="strangers")
def with_forged_token(roster: Roster) -> list[Answer]:
    """A token of the right look."""
    return [with_token(roster, secrets.token_hex(32), f"{name}?limit=1") for name in ROSTER[:3]]


@then("it is refused as unknown")
def unknown_refused(strangers: list[Answer]) -> None:
    """401, whatever was asked for."""
    must_refuse(strangers, "Somebody unknown is let in", 401)


@then("it is told how to come in")
def challenged(strangers: list[Answer]) -> None:
    """A 401 carries WWW-Authenticate."""
    wrong = [answer for answer in strangers if "www-authenticate" not in answer.headers]
    refuse_faults(
        [f"{answer} without WWW-Authenticate" for answer in wrong],
        promise="A refusal does not tell how to come in",
        expected="WWW-Authenticate",
        answers=wrong,
    )


@when("a partner asks for a token with a wrong secret", target_fixture="strangers")
def wrong_secret(roster: Roster) -> list[Answer]:
    """The right key, another secret."""
    return [ask_token(roster, secret=secrets.token_hex(16))]


@then("no token is given")
def no_token(strangers: list[Answer]) -> None:
    """RFC 6749 has 400 or 401."""
    must_refuse(strangers, "A wrong secret opens", 400, 401)


@when("a partner asks for a token", target_fixture="token_answer")
def asks_token(roster: Roster) -> Answer:
    """By client credentials."""
    return ask_token(roster)


@then("it gets a bearer token and its lifetime")
def token_right(token_answer: Answer) -> None:
    """access_token, token_type and expires_in."""
    document = token_answer.document()
    given = document if isinstance(document, dict) else {}
    faults = [] if token_answer.status == 200 else [str(token_answer)]
    faults += [] if given.get("access_token") else ["no access_token"]
    faults += [] if str(given.get("token_type", "")).lower() == "bearer" else ["no bearer token"]
    lifetime = given.get("expires_in")
    faults += [] if str(lifetime).isdigit() and int(str(lifetime)) > 0 else ["no expires_in"]
    refuse_faults(
        faults,
        promise="A token is not given as OAuth 2 has it",
        expected="200 with access_token, token_type and expires_in",
        answers=[token_answer],
    )


@when("two threads of a partner ask for a token each", target_fixture="strangers")
def two_tokens(roster: Roster) -> list[Answer]:
    """The first one is used after the second was given."""
    first, _ = new_token(roster)
    second, _ = new_token(roster)
    return [with_token(roster, first), with_token(roster, second)]


@then("both may read")
def both_read(strangers: list[Answer]) -> None:
    """A new token does not end an older one."""
    must_refuse(strangers, "A new token ended an older one", 200)


@when("a token has lived its life", target_fixture="strangers")
def expired_token(roster: Roster) -> list[Answer]:
    """The clock of our own fake is moved on; a real one is waited for, if it takes seconds."""
    token, document = new_token(roster)
    lifetime = int(float(str(document.get("expires_in") or 0)))
    if not lifetime:
        raise NotApplicable("the provider does not say how long its tokens live")
    if roster.target.space is not None:
        roster.target.space.advance(lifetime + 1)
    elif lifetime > PATIENCE_S:
        raise NotApplicable(
            f"its tokens live for {lifetime} s, and nobody waits that long; give the key a "
            f"lifetime of {PATIENCE_S} s or less to have this tried"
        )
    else:
        time.sleep(lifetime + 1)
    return [with_token(roster, token)]


@when("a token for the gradebook alone reads people", target_fixture="strangers")
def narrow_token(roster: Roster) -> list[Answer]:
    """A token is asked for less than the key may."""
    token, document = new_token(roster, f"{SCOPE}gradebook.readonly")
    if str(document.get("scope", "")).strip() != f"{SCOPE}gradebook.readonly":
        raise NotApplicable("the provider does not give tokens for a part of what a key may")
    return [with_token(roster, token, "users?limit=1")]


@then("it is refused as not permitted")
def not_permitted(strangers: list[Answer]) -> None:
    """403: known, and yet not allowed."""
    must_refuse(strangers, "A token reads what it was not given for", 403)


@when("a token is sent in an address", target_fixture="strangers")
def token_in_address(roster: Roster) -> list[Answer]:
    """Addresses stand in logs."""
    token, _ = new_token(roster)
    return [with_token(roster, None, f"orgs?limit=1&access_token={token}")]


@then("the connection is encrypted and its certificate trusted")
def encrypted(roster: Roster) -> None:
    """The client trusts public roots alone; having read at all shows the certificate."""
    parts = urlsplit(roster.target.credentials.base_url)
    if parts.hostname in LOOPBACK:
        raise NotApplicable("the provider is on this very machine, where nothing crosses a network")
    answer = with_token(roster, None)
    schemes = {parts.scheme, urlsplit(roster.target.credentials.token_url).scheme}
    if schemes != {"https"}:
        raise fell_short(
            "The connection is not encrypted",
            expected="https for base_url and token_url",
            received=f"{roster.target.credentials.base_url}",
            answers=[answer],
        )


# OAuth 1.0a: each request is signed.


def signing_key(roster: Roster) -> Credentials:
    """Return a key that signs; raises NotApplicable where the provider is asked with tokens."""
    target = roster.target
    if target.credentials.auth == "oauth1":
        return target.credentials
    if target.space is None:
        raise NotApplicable("the provider is asked with OAuth 2; its key is not one that signs")
    client = target.space.focus_client(auth="oauth1")
    target.peer.learn(client["client_secret"])
    return Credentials(
        base_url=target.credentials.base_url,
        token_url="",
        client_id=client["client_id"],
        client_secret=client["client_secret"],
        auth="oauth1",
    )


def signed(
    roster: Roster,
    *,
    path: str = "orgs?limit=1",
    method: str = "HMAC-SHA256",
    shift_s: int = 0,
    secret: str | None = None,
    headers: Mapping[str, str] | None = None,
) -> tuple[Answer, Mapping[str, str]]:
    """Read with a signature of our own making; returns the headers for a replay too."""
    key, peer = signing_key(roster), roster.target.peer
    url = peer.url(path)
    if headers is None:
        client = Client(
            key.client_id,
            secret or key.client_secret,
            signature_method=method,
            timestamp=str(int(time.time()) + shift_s),
        )
        headers = {str(name): str(value) for name, value in client.sign(url)[1].items()}
    return peer.send("GET", url, headers=headers, authorized=False), headers


@when(parsers.parse("a request is signed by {method}"), target_fixture="strangers")
def signs(roster: Roster, method: str) -> list[Answer]:
    """With a blank in a parameter, which is where signatures break."""
    path = "users?filter=givenName%3D%27Two%20Words%27&limit=1"
    return [signed(roster, method=method)[0], signed(roster, method=method, path=path)[0]]


@then("it is let in")
def let_in(strangers: list[Answer]) -> None:
    """200 for every one."""
    must_refuse(strangers, "A right request is refused", 200)


@when("a request is signed with a wrong secret", target_fixture="strangers")
def signs_wrongly(roster: Roster) -> list[Answer]:
    """The key is known, its secret is not."""
    return [signed(roster, secret=secrets.token_hex(16))[0]]


@when("a signed request is sent twice", target_fixture="strangers")
def replays(roster: Roster) -> list[Answer]:
    """Whoever listened may not send it again."""
    first, headers = signed(roster)
    must_refuse([first], "A right request is refused", 200)
    return [signed(roster, headers=headers)[0]]


@when("a request was signed an hour ago", target_fixture="strangers")
def signed_long_ago(roster: Roster) -> list[Answer]:
    """Older than any tolerance."""
    return [signed(roster, shift_s=-3600)[0]]


@when("a partner's clock is somewhat off", target_fixture="strangers")
def clock_off(roster: Roster) -> list[Answer]:
    """Nine minutes behind, four ahead."""
    return [signed(roster, shift_s=shift)[0] for shift in (-540, 240)]


# What a provider says to mistakes.


@when("a partner asks for records that do not exist", target_fixture="strangers")
def unknown_records(roster: Roster) -> list[Answer]:
    """One of each kind."""
    return [roster.one(name, NOBODY) for name in ROSTER]


@then("each is answered as not there")
def unknown_told(strangers: list[Answer]) -> None:
    """404, not an empty success."""
    must_refuse(strangers, "A record that does not exist is not told as such", 404)


@when("a partner asks what belongs to a school that does not exist", target_fixture="strangers")
def unknown_parent(roster: Roster) -> list[Answer]:
    """Views below nothing."""
    return [roster.page(f"schools/{NOBODY}/{kind}") for kind in ("classes", "students")]


@then("the refusal explains itself")
def explained(strangers: list[Answer]) -> None:
    """Major and minor code, severity and a description, in any of the known shapes."""
    faults: list[str] = []
    for answer in strangers:
        words = [set(each) for each in status_words(answer)]
        if not any({"codeMajor", "severity", "description"} <= each for each in words):
            faults.append(f"{answer}: no codeMajor, severity and description")
    refuse_faults(
        faults,
        promise="A refusal does not explain itself",
        expected="codeMajor, severity, codeMinor and description",
        answers=strangers,
    )


@then("it does so in the standard's names")
def explained_in_names(strangers: list[Answer]) -> None:
    """Canvas shows `imsx_description` to teachers."""
    wrong = [answer for answer in strangers if b'"imsx_description"' not in answer.content]
    refuse_faults(
        [f"{answer}: no imsx_description" for answer in wrong],
        promise="A refusal has no imsx_description",
        expected="imsx_description",
        answers=wrong,
    )


@then("it is JSON and gives nothing away")
def no_traces(strangers: list[Answer]) -> None:
    """No page of HTML, no trace of the program behind."""
    tells = (b"Traceback", b"Stack trace", b"<html", b"Exception in", b"SQLSTATE", b" at line ")
    faults = [
        f"{answer}: {'no JSON' if answer.document() is None else 'tells of the program behind'}"
        for answer in strangers
        if answer.content
        and (answer.document() is None or any(each in answer.content for each in tells))
    ]
    refuse_faults(
        faults,
        promise="A refusal is no plain JSON",
        expected="JSON that says what was wrong, and no more",
        answers=strangers,
    )


@when("a partner posts to a list that is only read", target_fixture="strangers")
def wrong_method(roster: Roster) -> list[Answer]:
    """A method that the path does not have."""
    peer = roster.target.peer
    return [peer.write("POST", "orgs", {"org": {}})]


@then("it is told that this is not done here")
def method_refused(strangers: list[Answer]) -> None:
    """405 with Allow, as HTTP has it."""
    must_refuse(strangers, "A method that is not there is not told as such", 405)


# Time.


@when(parsers.parse("the pages that were read are looked at"), target_fixture="slowest")
def looks_at_times(roster: Roster) -> Mapping[str, float]:
    """What was read so far, a sample of every list at least."""
    roster.readable(ROSTER)
    return roster.target.peer.slowest


@then(parsers.parse("none took longer than {limit_s:d} s"))
def quick_enough(slowest: Mapping[str, float], limit_s: int) -> None:
    """By the path that took longest."""
    slow = {path: took for path, took in slowest.items() if took > limit_s}
    refuse_faults(
        [f"{path}: {took:.1f} s" for path, took in sorted(slow.items())],
        promise="A page takes long",
        expected=f"{limit_s} s at most",
        answers=[],
    )
