"""Admins by token, and logs without anything secret."""

import io
import json
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from homeroom.reference.errors import FatalError
from homeroom.reference.service.logs import start_logs
from homeroom.reference.service.tokens import TOKENS_VARIABLE, find_admins

ADA, BOB = "ada-token-that-is-long-enough", "bob-token-that-is-long-enough"


def test_admin_is_found_by_token(tmp_path: Path) -> None:
    admins = find_admins({TOKENS_VARIABLE: f"ada={ADA} bob={BOB}"}, tmp_path / "unused")
    assert (admins.find(ADA), admins.find(BOB), admins.find("x"), admins.find("")) == (
        "ada", "bob", None, None,
    )  # fmt: skip
    assert admins.knows("ada", admins.mark("ada"))
    assert not admins.knows("ada", admins.mark("bob"))
    assert not admins.knows("eve", admins.mark("bob"))
    assert ADA not in repr(admins)
    assert list(tmp_path.iterdir()) == []


def test_session_ends_with_the_token_that_it_began_with(tmp_path: Path) -> None:
    mark = find_admins({TOKENS_VARIABLE: f"ada={ADA}"}, tmp_path).mark("ada")
    assert not find_admins({TOKENS_VARIABLE: f"ada={BOB}"}, tmp_path).knows("ada", mark)


def test_first_start_makes_a_private_file(tmp_path: Path) -> None:
    path = tmp_path / "admin-tokens"
    admins = find_admins({}, path)
    name, _, token = path.read_text().strip().partition("=")
    assert (name, admins.find(token)) == ("admin", "admin")
    assert path.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("ada=short", "too easy to guess"),
        (ADA, "entry 1 is not NAME=TOKEN"),
        (f"ada={ADA} ada={BOB}", "stands twice"),
        (f"<b>={ADA}", "is no name of an admin"),
    ],
)
def test_tokens_that_cannot_be_used_are_refused_unsaid(
    given: str, said: str, tmp_path: Path
) -> None:
    with pytest.raises(FatalError, match=said) as refused:
        find_admins({TOKENS_VARIABLE: given}, tmp_path)
    assert ADA not in str(refused.value)


@pytest.fixture
def logged() -> Iterator[io.StringIO]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    stream = io.StringIO()
    start_logs(stream=stream)
    yield stream
    root.handlers[:], root.level = handlers, level


def test_log_line_holds_no_credential_and_no_text_of_an_error(logged: io.StringIO) -> None:
    log = logging.getLogger("homeroom.test")
    log.warning("asked with Bearer %s of postgresql://x:hush@db/y at /connect/%s", ADA, "k" * 43)
    try:
        raise KeyError("Ana Ruiz")
    except KeyError:
        log.exception("broke", extra={"district": "leon"})
    first, second = map(json.loads, logged.getvalue().splitlines())
    for secret in (ADA, "hush", "k" * 43):
        assert secret not in json.dumps(first)
    assert (second["level"], second["district"]) == ("ERROR", "leon")
    assert second["exc_info"].startswith("KeyError > ")
    assert "Ana Ruiz" not in json.dumps(second)
