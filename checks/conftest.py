"""Fixtures of whole-program checks; the programs that they start must hear an interrupt."""

import contextlib
import signal
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from checks.browsing import chromium
from checks.service_stage import Serve


def pytest_configure() -> None:
    """Hear SIGINT again where the runner was started in the background, which ignores it."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        with contextlib.suppress(ValueError):  # only a main thread may
            signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A Chromium of the module's own; without one its tests are skipped."""
    with chromium() as browser:
        yield browser


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serve]:
    """A service of the module's own, with no district yet."""
    with Serve(tmp_path_factory.mktemp("service") / "state") as running:
        yield running
