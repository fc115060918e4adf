"""What Locust runs: the consumers of a profile, until all are done; figures go to a file."""

import json
import os
import time
from pathlib import Path
from typing import Any

import gevent
from locust import events

from homeroom.loadtests.profiles import PROFILES
from homeroom.loadtests.users import RosterConsumer, tally

__all__ = ["RosterConsumer"]

_started_at: list[float] = []


def note_start(environment: Any, **_: Any) -> None:
    """Note when the run began, and stop it when its consumers are done or late."""
    _started_at.append(time.perf_counter())
    gevent.spawn(_stop_when_done, environment)


def _stop_when_done(environment: Any) -> None:
    profile = PROFILES[os.environ["HOMEROOM_LOAD_PROFILE"]]
    began = time.perf_counter()
    while time.perf_counter() - began < profile.deadline_s:
        gevent.sleep(0.05)
        if environment.runner.user_count == 0 and environment.runner.stats.total.num_requests:
            break
    environment.runner.quit()


def write_figures(environment: Any, **_: Any) -> None:
    """Write the run's figures; the command that started Locust judges them."""
    profile = PROFILES[os.environ["HOMEROOM_LOAD_PROFILE"]]
    total = environment.stats.total
    figures = {
        "requests": total.num_requests,
        "failures": total.num_failures,
        "records": tally.records,
        "duration_s": time.perf_counter() - _started_at[0] if _started_at else 0.0,
        "p50_ms": total.get_response_time_percentile(0.50) or 0,
        "p95_ms": total.get_response_time_percentile(0.95) or 0,
        "p99_ms": total.get_response_time_percentile(0.99) or 0,
        "finished": tally.finished == profile.consumers,
    }
    reasons = sorted(
        {f"{error.name}: {error.error}" for error in environment.stats.errors.values()}
    )
    Path(os.environ["HOMEROOM_LOAD_FIGURES"]).write_text(
        json.dumps({"figures": figures, "errors": reasons}), encoding="utf-8"
    )
    environment.process_exit_code = 0


# Called rather than used as decorators, and as Any: Locust's hooks have no types.
_hooks: Any = events
_hooks.test_start.add_listener(note_start)
_hooks.quitting.add_listener(write_figures)
