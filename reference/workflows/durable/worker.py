"""A worker process without pages: it works off the jobs of a service's database."""

import logging
import os
import signal
import threading
import time
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from types import FrameType
from typing import Any

from homeroom.reference.onboarding.registry import Registry, utc_now
from homeroom.reference.onboarding.tables import database_url, open_database
from homeroom.reference.onboarding.vault import find_vault
from homeroom.reference.workflows.configuration import read_now
from homeroom.reference.workflows.durable.runner import Runner

# How long what is under way may take to its end once a process is told to stop.
GRACE_S = 20.0
_log = logging.getLogger(__name__)


def clock_of(environ: Mapping[str, str]) -> Callable[[], datetime]:
    """Give a clock that ticks on from HOMEROOM_NOW, else the machine's. Raises FatalError."""
    begun, since = read_now(environ.get("HOMEROOM_NOW")), time.monotonic()
    if "HOMEROOM_NOW" not in environ:
        return utc_now
    return lambda: begun + timedelta(seconds=time.monotonic() - since)


def work_off(
    state: Path,
    database: str | None,
    environ: Mapping[str, str],
    announce: Callable[[dict[str, Any]], None],
    *,
    at_once: int = 2,
    grace_s: float = GRACE_S,
    private: bool = False,
) -> int:
    """Work until SIGTERM or Ctrl-C.

    Args:
        state: The service's state folder, which all its workers share.
        database: Its database; None: the SQLite file in that folder.
        environ: Where the key of the credentials may stand, and HOMEROOM_NOW: what the time is as
            the worker starts, for rehearsals in a world whose clock is not the machine's.
        announce: Called once jobs are taken.
        at_once: Districts worked on side by side.
        grace_s: How long stages under way may take to their end once it is told to stop.
        private: Whether peers on loopback and in private networks may be reached.

    Returns:
        How many jobs were left in a stage; another worker takes them up.

    Raises:
        FatalError: The database or the key cannot be used, or another process works on the
            SQLite file.
    """
    vault = find_vault(environ, state / "vault.key")
    clock = clock_of(environ)
    engine = open_database(database or database_url(state))
    registry = Registry(engine, vault, state / "districts", clock=clock, private=private)
    runner = Runner(registry, at_once=at_once)
    stop = threading.Event()

    def told_to_stop(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, told_to_stop)
    runner.launch()
    shown = engine.url.render_as_string(hide_password=True)
    announce({"worker": runner.worker, "pid": os.getpid(), "database": shown})
    _log.info("worker %s works off %s", runner.worker, shown)
    stop.wait()
    left = runner.shutdown(wait_s=grace_s)
    _log.info("worker %s stops; jobs left in a stage: %d", runner.worker, left)
    return left
