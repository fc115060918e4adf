"""Whole-program checks interrupt the programs they start: those must not inherit deaf ears."""

import contextlib
import signal


def pytest_configure() -> None:
    """Hear SIGINT again where the runner was started in the background, which ignores it."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        with contextlib.suppress(ValueError):  # only a main thread may
            signal.signal(signal.SIGINT, signal.default_int_handler)
