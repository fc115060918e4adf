"""Takes a provider's state into a bundle: read-only, pseudonymised before anything is written."""

import json
import os
import re
import secrets
import tempfile
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

import msgspec

from homeroom import __version__
from homeroom.certify.recording import Step
from homeroom.certify.replay import FORMAT, Manifest, Origin, Replay, ReplayError, read_replay
from homeroom.certify.replay import to_bytes as encode
from homeroom.certify.requirement_set import read_requirement_set
from homeroom.config import Config
from homeroom.crawl.pages import OPTIONAL, REQUIRED, crawl
from homeroom.crawl.pseudonyms import Pseudonyms
from homeroom.mocks.district.records import SINGULAR
from homeroom.observe.targets import ReadOnly, provider
from homeroom.reference.transport import ClientCredentials
from homeroom.repro.records import FROM_ROWS, ROWS, Key, Row, key_of, read_rows, rows_part

Say = Callable[[str], None]
KEY_PART = "pseudonyms.txt"
"""The fingerprint of the pseudonyms' key: two captures under one key fit together."""


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What `homeroom repro capture` was asked for."""

    out: Path
    document: Path | None = None
    after: Path | None = None
    now: str | None = None
    key: str | None = None
    as_is: bool = False
    rate_per_s: float = 5.0


def capture(wanted: Wanted, config: Config, *, say: Say) -> dict[str, int]:
    """Read a provider and write the bundle; returns how many records there are by collection.

    Raises:
        ReplayError: The earlier capture, the key or the file cannot be used.
        CrawlError: The provider could not be read whole.
        ConfigError: No provider is named.
    """
    if wanted.out.exists():
        raise ReplayError(f"{wanted.out}: is there already; name another file with --out")
    earlier = read_replay(wanted.after) if wanted.after is not None else None
    pseudonyms = None if wanted.as_is else _pseudonyms(wanted)
    fingerprint = pseudonyms.fingerprint if pseudonyms else "as it is"
    if earlier is not None and earlier.parts.get(KEY_PART, b"").decode() != fingerprint:
        raise ReplayError(
            f"{wanted.after}: was captured under another key, or is no capture; its people would "
            "be strangers: give the key it was captured under with --key"
        )
    moment = _instant(wanted.now)
    peer = _peer(wanted, config)
    with (
        tempfile.TemporaryDirectory(prefix="homeroom-capture-") as folder,
        peer,
    ):
        pages = crawl(peer, Path(folder) / "pages", client="", pseudonyms=pseudonyms, say=say)
        rows = [
            (collection, row)
            for collection in (*REQUIRED, *OPTIONAL)
            for row in pages.rows(collection)
        ]
    if earlier is None:
        bundle = _first(rows, config, moment, fingerprint, as_is=wanted.as_is)
    else:
        bundle = _further(earlier, rows, moment)
    try:
        descriptor = os.open(wanted.out, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(encode(bundle))
    except OSError as error:
        raise ReplayError(f"{wanted.out}: cannot be written: {error.strerror}") from None
    return dict(sorted(Counter(collection for collection, _ in rows).items()))


def _first(
    rows: Sequence[tuple[str, Row]],
    config: Config,
    moment: str,
    fingerprint: str,
    *,
    as_is: bool,
) -> Replay:
    set_ = read_requirement_set()
    manifest = Manifest(
        format=FORMAT,
        homeroom=__version__,
        subject="",
        choices=msgspec.to_builtins(config.subject.choices),
        requirement_set=f"{set_.id} {set_.version} sha256 {set_.sha256}",
        features_sha256="",
        origin=Origin(district=FROM_ROWS, now=moment, pseudonymised=not as_is, generated=False),
    )
    parts = {ROWS: rows_part(rows), KEY_PART: fingerprint.encode()}
    steps = (Step(do="run", command="provision", now=moment),)
    return Replay(manifest=manifest, steps=steps, parts=parts)


def _further(earlier: Replay, rows: Sequence[tuple[str, Row]], moment: str) -> Replay:
    """Add a night to a capture: what differs since its last one, as steps of its provider."""
    if moment <= earlier.runs[-1].now:
        raise ReplayError(
            f"the night of {moment} is not after that of {earlier.runs[-1].now}; give --now"
        )
    was = _state(earlier)
    stands = {(collection, str(row.get("sourcedId"))): row for collection, row in rows}
    changed = [
        _put(key, row)
        for key, row in stands.items()
        if _comparable(was.get(key)) != _comparable(row)
    ]
    gone = [
        Step(do="call", method="DELETE", path=_path(key), query={"gone": "true"})
        for key in was
        if key not in stands
    ]
    clock = Step(do="call", method="PUT", path="/clock", body={"now": moment})
    night = Step(do="run", command="provision", now=moment)
    steps = (*earlier.steps, clock, *changed, *gone, night)
    return msgspec.structs.replace(earlier, steps=steps)


def _state(replay: Replay) -> dict[Key, Row]:
    """Return the provider's records after all steps of a capture."""
    state: dict[Key, Row] = {
        (collection, str(row.get("sourcedId"))): row for collection, row in read_rows(replay)
    }
    for step in replay.steps:
        if (key := key_of(step)) is not None:
            if step.method == "PUT":
                state[key] = step.body[SINGULAR[key[0]]]
            else:
                state.pop(key, None)
    return state


def _put(key: Key, row: Row) -> Step:
    return Step(do="call", method="PUT", path=_path(key), body={SINGULAR[key[0]]: _plain(row)})


def _path(key: Key) -> str:
    return f"/focus/{key[0]}/{quote(key[1], safe='')}"


def _comparable(row: Row | None) -> Any:
    return None if row is None else json.dumps(_plain(row), sort_keys=True, default=str)


def _plain(value: Any) -> Any:
    """Return a record without addresses, which are the provider's own."""
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items() if key != "href"}
    return [_plain(each) for each in value] if isinstance(value, list) else value


def _pseudonyms(wanted: Wanted) -> Pseudonyms:
    if wanted.key is None:
        if wanted.after is not None:
            raise ReplayError("--after needs --key: the key that the earlier capture was made with")
        return Pseudonyms(secrets.token_hex(32))
    named = re.fullmatch(r"\$?([A-Za-z_]\w*)", wanted.key)
    secret = os.environ.get(named[1]) if named else None
    # A shell puts a variable's value in its place; then that value is what arrives here.
    secret = secret or (wanted.key if not wanted.key.startswith("$") else None)
    if not secret:
        raise ReplayError(f"--key {wanted.key}: names no environment variable that is set")
    try:
        return Pseudonyms(secret)
    except ValueError as error:
        raise ReplayError(f"--key: {error}") from None


def _peer(wanted: Wanted, config: Config) -> ReadOnly:
    if wanted.document is None:
        return provider(config, os.environ, rate_per_s=wanted.rate_per_s)
    try:
        told = json.loads(wanted.document.read_text(encoding="utf-8"))["oneroster"]
        auth = ClientCredentials(told["token_url"], told["client_id"], told["client_secret"])
        return ReadOnly(told["base_url"], auth, token_url=told["token_url"])
    except OSError as error:
        raise ReplayError(f"{wanted.document}: cannot be read: {error.strerror}") from None
    except (ValueError, KeyError, TypeError):
        raise ReplayError(
            f"{wanted.document}: is no space document, as `homeroom up --json` prints it"
        ) from None


def _instant(text: str | None) -> str:
    try:
        moment = datetime.fromisoformat(text) if text else datetime.now(UTC)
    except ValueError:
        raise ReplayError(
            f"--now {text}: is no ISO 8601 instant, such as 2026-09-01T06:00:00Z"
        ) from None
    if moment.tzinfo is None:
        raise ReplayError(f"--now {text}: names no zone; write 2026-09-01T06:00:00Z")
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
