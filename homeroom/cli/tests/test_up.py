"""Verbs end as they are told to, at any time, and say what ended them."""

import errno
import signal
from collections.abc import Iterator
from typing import Any

import pytest

from homeroom.cli.app import SERVING, main


@pytest.fixture
def signals() -> Iterator[None]:
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.mark.usefixtures("signals")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_told_to_end_while_it_starts_it_ends_with_0(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    number: signal.Signals,
) -> None:
    def starting(_settings: Any) -> None:
        signal.raise_signal(number)
        pytest.fail("it went on")

    monkeypatch.setattr("homeroom.mocks.stage.Stage", starting)
    with pytest.raises(SystemExit) as ended:
        main(["up", "--district", "empty"])
    assert (ended.value.code, *capsys.readouterr()) == (0, "", "")


def test_a_full_disk_is_told_as_one_and_is_no_fault_of_ours(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def full(_verb: str | None) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("homeroom.cli.app.create_app", full)
    with pytest.raises(SystemExit) as ended:
        main(["provision"])
    told = capsys.readouterr().err
    assert (ended.value.code, told.count("\n")) == (3, 1)
    assert "no space is left" in told


@pytest.mark.usefixtures("signals")
@pytest.mark.parametrize("verb", SERVING)
def test_told_to_end_while_its_verb_is_loaded_it_ends_with_0(
    monkeypatch: pytest.MonkeyPatch, verb: str
) -> None:
    def loading(_verb: str | None) -> None:
        signal.raise_signal(signal.SIGTERM)
        pytest.fail("it went on")

    monkeypatch.setattr("homeroom.cli.app.create_app", loading)
    with pytest.raises(SystemExit) as ended:
        main([verb])
    assert ended.value.code == 0
