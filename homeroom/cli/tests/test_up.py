"""`homeroom up` ends as it is told to, at any time."""

import signal
from collections.abc import Iterator
from typing import Any

import pytest
from typer.testing import CliRunner

from homeroom.cli.app import create_app


@pytest.fixture
def signals() -> Iterator[None]:
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.mark.usefixtures("signals")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_told_to_end_while_it_starts_it_ends_with_0(
    monkeypatch: pytest.MonkeyPatch, number: signal.Signals
) -> None:
    def starting(_settings: Any) -> None:
        signal.raise_signal(number)
        pytest.fail("it went on")

    monkeypatch.setattr("homeroom.mocks.stage.Stage", starting)
    ended = CliRunner().invoke(create_app("up"), ["up", "--district", "empty"])
    assert (ended.exit_code, ended.output) == (0, "")
