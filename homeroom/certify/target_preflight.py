"""Pre-flight of a provider or a Canvas: is it reached, are we let in, can it be read in pages?"""

import os
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlsplit

from homeroom.certify.hooks import HOOKS
from homeroom.certify.peer import Answer, Peer
from homeroom.certify.preflight import Checks, Unfit, run_checks, startable
from homeroom.certify.results import Check
from homeroom.certify.target import LOOPBACK, canvas_peer, provider_credentials, provider_peer
from homeroom.config import Config, ConfigError, SubjectKind
from homeroom.reference.errors import SyncError

CLOCK_S = 300
"""Furthest that both clocks may be apart: OAuth 1.0a tolerates five minutes into the future."""
MEND_TLS = "Mend the certificate: it must be valid, publicly trusted and of this name."


def check_target_peer(config: Config, kind: SubjectKind) -> list[Check]:
    """Check the provider or Canvas that `config` names; later checks need the earlier ones."""
    if kind is SubjectKind.PROVIDER:
        return _in_order(_provider_checks(config))
    return _in_order(_canvas_checks(config))


def _in_order(checks: Checks) -> list[Check]:
    """Run checks up to the first that fails: the others would only fail for its sake."""
    done: list[Check] = []
    for check in checks:
        done += run_checks([check])
        if done[-1].outcome == "failed":
            break
    return done


def _provider_checks(config: Config) -> Checks:
    table = config.oneroster
    assert table is not None  # noqa: S101 -- the caller found it
    opened: list[Peer] = []

    def peer() -> Peer:
        if not opened:
            opened.append(provider_peer(config, provider_credentials(table), lambda _: None))
        return opened[0]

    hooks: Checks = [
        (f"The `{name}` command can be started", _command(argv[0], config))
        for name in HOOKS
        if (argv := getattr(config.subject, name))
    ]
    return [
        ("The settings name a provider", lambda: _settings(lambda: provider_credentials(table))),
        ("The address is one of https", lambda: _https(table.base_url)),
        ("The provider lets us in", lambda: _token(peer(), "orgs?limit=1", "oneroster")),
        ("Both clocks agree", lambda: _clock(_first(peer(), "orgs?limit=1"))),
        ("The key may read rosters", lambda: _rights(peer())),
        ("A list comes in pages", lambda: _pages(peer())),
        *hooks,
    ]


def _canvas_checks(config: Config) -> Checks:
    table = config.canvas
    assert table is not None  # noqa: S101 -- the caller found it
    opened: list[Peer] = []

    def peer() -> Peer:
        if not opened:
            opened.append(canvas_peer(config, table.base_url, table.token, lambda _: None))
        return opened[0]

    return [
        ("The settings name a Canvas", lambda: _settings(lambda: peer().url("accounts/self"))),
        ("The address is one of https", lambda: _https(table.base_url)),
        ("Canvas lets us in", lambda: _token(peer(), "accounts/self", "canvas")),
        ("Both clocks agree", lambda: _clock(_first(peer(), "accounts/self"))),
        ("The token is an administrator's of the root account", lambda: _root(peer())),
        ("A list comes in pages", lambda: _canvas_pages(peer())),
    ]


def _command(program: str, config: Config) -> Callable[[], None]:
    return lambda: startable(program, config, os.environ)


def _settings(read: Callable[[], object]) -> None:
    try:
        read()
    except ConfigError as error:
        raise Unfit(str(error), "Correct homeroom.toml.") from error


def _https(address: str) -> None:
    parts = urlsplit(address)
    if parts.scheme == "https" or parts.hostname in LOOPBACK:
        return
    raise Unfit(
        f"{address} is not encrypted: pupils' data and the key would cross the network readable",
        "Use the https address.",
    )


def _first(peer: Peer, path: str) -> Answer:
    try:
        answer = peer.get(path)
    except SyncError as error:
        remedy = "Check client_id, client_secret and token_url."
        raise Unfit(str(error), MEND_TLS if "TLS" in str(error) else remedy) from error
    if answer.error:
        remedy = "Is the address right, and reached from here? Look at proxy and name."
        raise Unfit(answer.error, MEND_TLS if "TLS" in answer.error else remedy)
    return answer


def _token(peer: Peer, path: str, table: str) -> None:
    answer = _first(peer, path)
    if answer.status == 401:
        raise Unfit(
            f"{answer}", f"The credentials of [{table}] are not taken: check or renew them."
        )
    if answer.status >= 500 or answer.status == 404:
        raise Unfit(f"{answer}", f"Check [{table}] base_url: what is asked for does not lie there.")


def _clock(answer: Answer) -> None:
    try:
        theirs = parsedate_to_datetime(answer.headers["date"])
    except (KeyError, ValueError):
        return  # nothing to compare with
    apart_s = abs((datetime.now(UTC) - theirs).total_seconds())
    if apart_s > CLOCK_S:
        raise Unfit(
            f"its clock and ours are {apart_s:.0f} s apart",
            "Let both follow a time server: signatures and tokens live by the clock.",
        )


def _rights(peer: Peer) -> None:
    refused = [
        name
        for name in ("orgs", "users", "enrollments")
        if _first(peer, f"{name}?limit=1").status == 403
    ]
    if refused:
        raise Unfit(
            f"403 for {', '.join(refused)}",
            "Give the key the scopes roster-core.readonly and roster.readonly.",
        )


def _pages(peer: Peer) -> None:
    answer = _first(peer, "users?limit=2")
    document: Any = answer.document()
    rows = document.get("users") if isinstance(document, Mapping) else None
    if answer.status != 200 or not isinstance(rows, list):
        raise Unfit(f"{answer}, without a list of users", "Check [oneroster] base_url.")
    if not rows:
        raise Unfit(
            "the list of users is empty",
            "Give the key its schools: an empty provider shows nothing.",
        )


def _root(peer: Peer) -> None:
    answer = _first(peer, "accounts/self")
    document: Any = answer.document()
    if answer.status != 200 or not isinstance(document, Mapping) or "id" not in document:
        raise Unfit(f"{answer}", "The token needs to be an administrator's.")
    if document.get("parent_account_id") is not None:
        raise Unfit(
            f"account {document['id']} is no root account",
            "SIS imports exist at the root account alone: use its address and an administrator.",
        )


def _canvas_pages(peer: Peer) -> None:
    answer = _first(peer, "accounts/self/terms?per_page=1")
    document: Any = answer.document()
    if answer.status != 200 or not isinstance(document, Mapping):
        raise Unfit(f"{answer}", "The token needs the right to manage the account's settings.")
