import socket
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import httpx
import pytest

from homeroom.config import Config, ConfigError, OneRosterTarget
from homeroom.reference.errors import FatalError
from homeroom.reference.onboarding.checklist import (
    Checklist,
    Finding,
    Outcome,
    UnreachableError,
    failed,
    passed,
    warning,
)
from homeroom.reference.onboarding.pages import Page, is_live, refs_of
from homeroom.reference.onboarding.probe import quantile
from homeroom.reference.onboarding.reaching import look_at_addresses, look_at_clock, look_at_tls
from homeroom.reference.onboarding.services import judge_page
from homeroom.reference.onboarding.targets import Anonymous, ReadOnly, ReadOnlyError, read_targets

NOW = datetime(2026, 9, 1, 6, tzinfo=UTC)


class Dated:
    """An answer of which only the Date is looked at."""

    def __init__(self, *, ours_ahead_s: int) -> None:
        theirs = NOW - timedelta(seconds=ours_ahead_s)
        self.headers = {"Date": format_datetime(theirs, usegmt=True)}


def outcomes(checklist: Checklist) -> list[tuple[str, Outcome]]:
    return [(one.check, one.outcome) for one in checklist.checks]


def test_what_builds_on_a_failed_check_is_skipped_and_so_on_down() -> None:
    checklist = Checklist()
    checklist.run("a", "?", lambda: failed("no", "mend it"))
    checklist.run("b", "?", lambda: passed("never looked at"), after=("a",))
    checklist.run("c", "?", lambda: passed("never looked at"), after=("b",))
    checklist.run("d", "?", lambda: warning("odd", "look"))
    checklist.run("e", "?", lambda: passed("yes"), after=("d",))
    assert outcomes(checklist) == [
        ("a", Outcome.FAILED),
        ("b", Outcome.SKIPPED),
        ("c", Outcome.SKIPPED),
        ("d", Outcome.WARNING),
        ("e", Outcome.PASSED),
    ]
    assert checklist.exit_code == 1


def test_warnings_alone_are_done() -> None:
    checklist = Checklist()
    checklist.run("a", "?", lambda: warning("odd", "look"))
    assert checklist.exit_code == 0


def test_an_outage_in_the_middle_is_that_checks_failure() -> None:
    def look() -> Finding:
        raise FatalError("the token endpoint refused")

    checklist = Checklist()
    checklist.run("a", "?", look)
    assert [(one.received, one.outcome) for one in checklist.checks] == [
        ("the token endpoint refused", Outcome.FAILED)
    ]
    assert checklist.exit_code == 1


def test_a_peer_that_is_not_there_makes_the_run_unusable() -> None:
    def look() -> Finding:
        raise UnreachableError("cannot be reached", "start it")

    checklist = Checklist()
    checklist.run("a", "?", look)
    assert (checklist.exit_code, checklist.checks[0].remedy) == (2, "start it")


@pytest.mark.parametrize(
    ("ahead_s", "signed", "unsigned"),
    [
        (299, Outcome.PASSED, Outcome.PASSED),
        (-599, Outcome.PASSED, Outcome.PASSED),
        (300, Outcome.FAILED, Outcome.WARNING),
        (-600, Outcome.FAILED, Outcome.WARNING),
    ],
)
def test_clocks_may_differ_by_the_window_of_oauth_1(
    ahead_s: int, signed: Outcome, unsigned: Outcome
) -> None:
    answer: Any = Dated(ours_ahead_s=ahead_s)
    assert look_at_clock(answer, signs=True, now=NOW).outcome is signed
    assert look_at_clock(answer, signs=False, now=NOW).outcome is unsigned


@pytest.mark.parametrize(
    "url",
    ["sis.example/ims", "ftp://sis.example", "https:///ims", "https://me:secret@sis.example",
     "https://sis.example/a b", "https://sis.example:port/"],
)  # fmt: skip
def test_a_malformed_address_is_refused_without_being_repeated(url: str) -> None:
    with pytest.raises(UnreachableError) as refused:
        look_at_addresses({"[oneroster] base_url": url})
    assert url not in str(refused.value)


def test_an_address_that_goes_one_step_too_far_is_pointed_out() -> None:
    found = look_at_addresses({"[oneroster] base_url": "https://sis.example/v1p1/users"})
    assert found.outcome is Outcome.WARNING
    assert look_at_addresses(
        {"[oneroster] token_url": "https://sis.example/token?scope=secret"}
    ) == passed("[oneroster] token_url https://sis.example/token")


def test_plain_http_is_refused_before_anything_is_sent() -> None:
    def never() -> Any:
        raise AssertionError("a request was made")

    assert look_at_tls(["http://sis.example/v1p1"], never).outcome is Outcome.FAILED


def test_nothing_is_said_on_a_connection_that_came_to_this_machine() -> None:
    """A name that was public when it was looked at can lead elsewhere a moment later."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"https://127.0.0.1:{listener.getsockname()[1]}"
        found = look_at_tls([url], lambda: httpx.Response(401), private=False)
        line, _ = listener.accept()
        with line:
            line.settimeout(5)
            heard = line.recv(1)
    assert (heard, found.outcome) == (b"", Outcome.PASSED)
    assert "could not be read" in found.received


def test_a_preflight_cannot_write() -> None:
    with ReadOnly(
        "https://sis.example", Anonymous(), token_url="https://sis.example/token"
    ) as peer:
        for method, url in (("PUT", "results/1"), ("POST", "token/other"), ("DELETE", "token")):
            with pytest.raises(ReadOnlyError, match="only reads"):
                peer.request(method, url)


def page(rows: int, total: int | None = None, following: str | None = None) -> Page:
    counted_by = "" if total is None else "X-Total-Count"
    listed: list[dict[str, Any]] = [{"sourcedId": str(number)} for number in range(rows)]
    return Page(rows=listed, total=total, counted_by=counted_by, next=following, seconds=0.1)


@pytest.mark.parametrize(
    ("path", "first", "outcome"),
    [
        ("users", page(5, 9, "/users?offset=5"), Outcome.PASSED),
        ("users", page(5), Outcome.WARNING),
        ("users", page(3), Outcome.PASSED),
        ("users", page(6, 9), Outcome.FAILED),
        ("users", page(4, 9), Outcome.FAILED),
        ("users", page(0, 0), Outcome.FAILED),
        ("gradingPeriods", page(0, 0), Outcome.WARNING),
        ("classes/1/results", page(0, 0), Outcome.PASSED),
    ],
)
def test_a_first_page_is_judged_by_itself(path: str, first: Page, outcome: Outcome) -> None:
    assert judge_page(first, path).outcome is outcome


def test_references_are_read_in_every_shape_that_providers_send() -> None:
    row: dict[str, Any] = {
        "school": {"sourcedId": "s"},
        "terms": [{"sourcedId": "t"}, {"sourcedId": None}, "x"],
        "course": None,
    }
    assert [refs_of(row, name) for name in ("school", "terms", "course", "orgs")] == [
        ["s"],
        ["t", "", ""],
        [],
        [],
    ]
    assert [is_live({"status": name}) for name in ("active", "", "tobedeleted")] == [
        True,
        True,
        False,
    ]


@pytest.mark.parametrize(("share", "value"), [(0.5, 5.0), (0.95, 10.0), (0.0, 1.0), (1.0, 10.0)])
def test_a_quantile_is_one_of_the_values(share: float, value: float) -> None:
    assert quantile([float(number) for number in range(10, 0, -1)], share) == value


def test_half_a_target_is_refused_and_says_which_half() -> None:
    with pytest.raises(ConfigError, match="CANVAS_TOKEN"):
        read_targets({"CANVAS_BASE_URL": "https://canvas.example"}, Config())
    with pytest.raises(ConfigError, match="neither"):
        read_targets({}, Config())


def test_the_environment_goes_before_the_file() -> None:
    table = OneRosterTarget(base_url="https://a.example/", client_id="k", client_secret="s")
    found = read_targets(
        {"ONEROSTER_CLIENT_ID": "other", "ONEROSTER_AUTH": "oauth1"}, Config(oneroster=table)
    ).provider
    assert found is not None
    assert (found.base_url, found.token_url, found.client_id, found.auth) == (
        "https://a.example",
        "https://a.example/token",
        "other",
        "oauth1",
    )
