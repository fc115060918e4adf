"""Steps of what a service keeps to itself, and of how it bears with a peer that is busy."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl

import pytest
from pytest_bdd import given, parsers, then, when

from homeroom.certify.certification import Certification
from homeroom.certify.control import ControlClient
from homeroom.certify.fakes import start_fakes
from homeroom.certify.outcomes import NotApplicable, Unmet
from homeroom.certify.subject import Run
from homeroom.features.histories.calendar import FIRST_NIGHT, Calendar
from homeroom.features.histories.story import LivedNight, LivedSync, Story

SECRET_NAMES = frozenset({"access_token", "client_secret", "token", "api_key", "password"})
LARGEST_BYTES = 8 * 1024 * 1024
"""Larger files in a service's memory are its rosters, and are not searched."""
AGAIN_AT_MOST = 3
"""So often may one page be asked for in a night without a hiccup."""
EARLY_S = 0.2
"""Clocks are read at both ends of a pause."""


@when("its nights and grade syncs are looked at", target_fixture="everything")
def looks_at_all(story: Story) -> list[LivedNight | LivedSync]:
    """Everything that was lived; raises where nothing was."""
    lived: list[LivedNight | LivedSync] = [*story.nights.values(), *story.syncs.values()]
    if not lived:
        raise story.broken or NotApplicable("no night was lived")
    return lived


@then("no address held a secret")
def no_secret_in_address(everything: list[LivedNight | LivedSync]) -> None:
    """Addresses stand in the logs of every server on the way."""
    told = [
        exchange
        for lived in everything
        for exchange in lived.asked
        if SECRET_NAMES & {name for name, _ in parse_qsl(str(exchange.get("query") or ""))}
    ]
    if told:
        raise Unmet(
            "A secret was sent in an address",
            expected="tokens in the Authorization header, secrets in the body or header",
            received="\n".join(
                f"{each['method']} {each['path']}?{each['query']}" for each in told[:5]
            ),
            exchanges=told[:5],
        )


@then("nothing it said held a secret")
def no_secret_said(everything: list[LivedNight | LivedSync]) -> None:
    """What a command prints stands in the log of whatever starts it."""
    leaking = [lived for lived in everything if lived.run.leaks]
    if leaking:
        raise Unmet(
            "A secret was printed",
            expected="no client secret, token or key in the output",
            received="\n".join(f"{lived.label}: {lived.run.command}" for lived in leaking[:5]),
        )


@then("nothing it remembers holds a secret")
def no_secret_kept(story: Story, everything: list[LivedNight | LivedSync]) -> None:
    """Its memory is copied, backed up and mailed to a vendor."""
    assert everything
    secrets = story.secrets()
    found = [
        str(path.relative_to(story.state_dir))
        for path in sorted(story.state_dir.rglob("*"))
        if path.is_file() and path.stat().st_size <= LARGEST_BYTES
        if any(secret in path.read_bytes() for secret in secrets)
    ]
    if found:
        raise Unmet(
            "A secret lies in what it remembers",
            expected="no client secret and no Canvas token in the state folder",
            received="\n".join(found[:5]),
        )


@then("nobody's birthday was read")
def no_demographics(everything: list[LivedNight | LivedSync]) -> None:
    """Canvas has no place for them, so that there is no reason to have them."""
    told = [
        exchange
        for lived in everything
        for exchange in lived.asked
        if exchange["fake"] == "focus" and "/demographics" in exchange["path"]
    ]
    if told:
        raise Unmet(
            "Birthdays and the like were read",
            expected="no read of demographics",
            received="\n".join(map(_line, told[:5])),
            exchanges=told[:5],
        )


@then("no page was asked for again and again")
def reads_bounded(lived: LivedNight) -> None:
    """Equal reads in one night."""
    counts = Counter(
        (exchange["path"], str(exchange.get("query") or ""))
        for exchange in lived.asked
        if exchange["fake"] == "focus" and exchange["method"] == "GET"
    )
    often = {key: number for key, number in counts.items() if number > AGAIN_AT_MOST}
    if often:
        raise Unmet(
            "One page was asked for again and again",
            expected=f"{AGAIN_AT_MOST} times at most",
            received="\n".join(f"{path}?{query}: {n} times" for (path, query), n in often.items()),
        )


@then("whoever was busy was given the time it asked for")
def pause_kept(lived: LivedNight) -> None:
    """After a 503 or 429 with Retry-After: 1 the same is not asked again within that second."""
    early: list[Mapping[str, Any]] = []
    for at, refused in enumerate(lived.asked):
        if refused["fake"] != "focus" or refused["status"] not in (429, 503):
            continue
        until = datetime.fromisoformat(refused["at"]).timestamp() + 1 - EARLY_S
        early += [
            again
            for again in lived.asked[at + 1 :]
            if (again["path"], again.get("query")) == (refused["path"], refused.get("query"))
            and datetime.fromisoformat(again["at"]).timestamp() < until
        ]
    if early:
        raise Unmet(
            "A busy provider was asked again at once",
            expected="nothing before the time that Retry-After names",
            received="\n".join(f"{each['at']} {each['method']} {each['path']}" for each in early),
            exchanges=early[:5],
        )


def _line(exchange: Mapping[str, Any]) -> str:
    query = f"?{exchange['query']}" if exchange.get("query") else ""
    return f"{exchange['fake']}: {exchange['method']} {exchange['path']}{query}"


@dataclass(kw_only=True)
class Stranger:
    """Two servers whose certificate nobody vouches for."""

    document: Mapping[str, Any]
    control: ControlClient
    run: Run | None = None


@pytest.fixture
def stranger(certification: Certification) -> Iterator[Stranger]:
    """A stage of its own, which speaks TLS by an authority that no machine trusts."""
    work = certification.new_state_dir("tls")
    host = "0.0.0.0" if certification.config.subject.advertise else "127.0.0.1"  # noqa: S104 -- asked for by `advertise`
    with start_fakes(work, host=host, tls=True) as document:
        access = document["control"]
        with ControlClient(access["url"], access["token"]) as control:
            yield Stranger(document=document, control=control)


@given("both peers show a certificate that nobody vouches for")
def untrusted_peers(stranger: Stranger) -> None:
    """The fixture started them."""
    assert stranger.document["canvas"]["base_url"].startswith("https://")


@when("the roster is to be synced with them")
def syncs_with_strangers(certification: Certification, stranger: Stranger) -> None:
    """One night; how it ends is the subject's affair, as long as it says so."""
    stranger.run = certification.subject.run(
        "provision",
        stranger.document,
        now=Calendar(FIRST_NIGHT).night(0),
        state_dir=certification.new_state_dir("strangers"),
    )


@then(parsers.parse("neither got a word from the service"))
def nothing_sent(stranger: Stranger) -> None:
    """The handshake ends it: no key, no token, no pupil's name."""
    exchanges = stranger.control.call("GET", "/spaces/default/journal", query={"bodies": "false"})
    told = exchanges["requests"]
    if told:
        raise Unmet(
            "The service talked to a server that nobody vouches for",
            expected="no request after a certificate that cannot be trusted",
            received="\n".join(
                f"{each['fake']}: {each['method']} {each['path']}" for each in told[:5]
            ),
            exchanges=told[:5],
        )


@then("the night does not count as done")
def not_done(stranger: Stranger) -> None:
    """A night that could not happen is no success."""
    run = stranger.run
    if run is None or run.exit_code == 0:
        raise Unmet(
            "A night with untrusted peers is told as done",
            expected="an exit code that says it was not",
            received=str(run),
        )
