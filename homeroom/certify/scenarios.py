"""Runs selected scenarios in a pytest of their own and gathers what it writes of them."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec

from homeroom import lifeline
from homeroom.certify.certification import SESSION_VARIABLE, Session
from homeroom.certify.outcomes import Outcome
from homeroom.certify.process import kill_family
from homeroom.certify.verdict import Reported

LOG = "pytest.log"
POLL_S = 0.2
STOP_S = 15.0
ROUNDS = 6
PLUGINS = ("pytest_bdd.plugin", "xdist.plugin", "homeroom.certify.plugin")

# A pytest of its own: what the surrounding project configures or installs must not reach it.
_DROPPED = ("PYTEST_ADDOPTS", "PYTEST_PLUGINS", "PYTEST_XDIST_WORKER", "PYTEST_CURRENT_TEST")


@dataclass
class Watched:
    """What is known of the run so far."""

    collected: set[str] = field(default_factory=set[str])
    started: dict[str, float] = field(default_factory=dict[str, float])
    reported: dict[str, Reported] = field(default_factory=dict[str, Reported])
    interrupted: bool = False
    faults: list[str] = field(default_factory=list[str])


def run_scenarios(
    session: Session,
    *,
    workers: int,
    limit_s: float,
    on_progress: Callable[[Watched], None] = lambda _: None,
) -> Watched:
    """Run the session's scenarios; on Ctrl-C what is known by then is returned.

    Args:
        session: What to run and against what.
        workers: How many run side by side.
        limit_s: After so long without any event the run is stopped as stuck.
        on_progress: Called whenever something became known.
    """
    watched = Watched()
    remaining, exit_code = session.selected, 0
    # A worker that dies takes its scenario with it, never those that had not started.
    for _ in range(ROUNDS):
        exit_code = _run_once(
            msgspec.structs.replace(session, selected=remaining),
            workers,
            limit_s,
            watched,
            on_progress,
        )
        before, remaining = (
            remaining,
            tuple(
                id_ for id_ in remaining if id_ in watched.collected and id_ not in watched.started
            ),
        )
        if watched.interrupted or watched.faults or not remaining or remaining == before:
            break
    _cross_check(session, watched, exit_code)
    return watched


def _run_once(
    session: Session,
    workers: int,
    limit_s: float,
    watched: Watched,
    on_progress: Callable[[Watched], None],
) -> int:
    work = Path(session.work)
    file = work / "session.json"
    file.touch(mode=0o600)
    file.write_bytes(msgspec.json.encode(session))
    with (work / LOG).open("ab") as log:
        process = subprocess.Popen(  # noqa: S603 -- this very interpreter
            [sys.executable, "-P", "-m", "pytest", *_arguments(session, workers)],
            cwd=work,
            env=_environ(file),
            stdin=subprocess.PIPE,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            _watch(process, work, watched, limit_s, on_progress)
        except KeyboardInterrupt:
            watched.interrupted = True
        finally:
            _stop(process)
            if process.stdin is not None:
                process.stdin.close()
            kill_family(session.family)
    _read_events(work, watched, {})
    return process.returncode


def _arguments(session: Session, workers: int) -> Iterator[str]:
    for plugin in PLUGINS:
        yield from ("-p", plugin)
    yield from ("-p", "no:cacheprovider", "-c", os.devnull, "--rootdir", session.features)
    yield from ("--import-mode=importlib", "-q", "--tb=short", "--no-header")
    if workers > 1:
        yield from ("-n", str(workers), "--dist", "loadscope", "--max-worker-restart", "0")
    yield session.features


def _environ(session_file: Path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name not in _DROPPED}
    return {
        **kept,
        SESSION_VARIABLE: str(session_file),
        lifeline.VARIABLE: lifeline.STDIN,
        "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
    }


def _watch(
    process: subprocess.Popen[bytes],
    work: Path,
    watched: Watched,
    limit_s: float,
    on_progress: Callable[[Watched], None],
) -> None:
    offsets: dict[Path, int] = {}
    last_event = time.monotonic()
    while process.poll() is None:
        if _read_events(work, watched, offsets):
            last_event = time.monotonic()
            on_progress(watched)
        elif time.monotonic() - last_event > limit_s:
            watched.faults.append(
                f"Nothing happened for {limit_s:g} s: the scenarios were stopped as stuck."
            )
            return
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(POLL_S)
    _read_events(work, watched, offsets)
    on_progress(watched)


def _stop(process: subprocess.Popen[bytes]) -> None:
    """Let pytest and its workers end by themselves, then make sure of it."""
    if process.poll() is None:
        _signal(process, signal.SIGINT)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(STOP_S)
    if os.name == "posix":
        _signal(process, signal.SIGKILL)
    elif process.poll() is None:
        process.kill()
    process.wait()


def _signal(process: subprocess.Popen[bytes], number: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        if os.name == "posix":
            os.killpg(process.pid, number)
        else:
            process.terminate()


def _read_events(work: Path, watched: Watched, offsets: dict[Path, int]) -> bool:
    """Take in whole lines that were written since `offsets`; returns whether there were any."""
    news = False
    for path in sorted(work.glob("events-*.jsonl")):
        with path.open("rb") as events:
            events.seek(offsets.get(path, 0))
            text = events.read()
        whole = text[: text.rfind(b"\n") + 1]
        offsets[path] = offsets.get(path, 0) + len(whole)
        for line in whole.splitlines():
            news = True
            _take_in(json.loads(line), watched)
    return news


def _take_in(event: Mapping[str, Any], watched: Watched) -> None:
    match event["event"]:
        case "collected":
            watched.collected.update(event["ids"])
        case "started":
            watched.started.setdefault(event["id"], time.monotonic())
        case _:
            watched.reported[event["id"]] = Reported(
                outcome=Outcome(event["outcome"]),
                reason=event["reason"],
                expected=event["expected"],
                received=event["received"],
                step=event["step"],
                trace=event["trace"],
                duration_s=event["duration_s"],
                runs=tuple(event["runs"]),
                exchanges=tuple(event["exchanges"]),
            )


def _cross_check(session: Session, watched: Watched, exit_code: int) -> None:
    """Turn what is missing into harness errors: a scenario that vanished is never a pass."""
    if watched.interrupted:
        return
    tail = _tail(Path(session.work) / LOG)
    lost = False
    for id_ in session.selected:
        if id_ in watched.reported:
            continue
        lost = True
        if id_ in watched.started:
            why = "it started and was never reported: its worker was lost"
        elif id_ in watched.collected:
            why = "it was collected and never started"
        else:
            why = "no test runs it: the runner did not collect it"
        watched.reported[id_] = Reported(outcome=Outcome.HARNESS_ERROR, reason=why, trace=tail)
    # 0 passed, 1 some failed, 5 nothing collected, which the loop above has told.
    if exit_code not in (0, 1, 5) and not (lost or watched.faults):
        watched.faults.append(f"The runner ended with {exit_code}. Its last words:\n{tail}")


def _tail(path: Path, characters: int = 4000) -> str:
    return path.read_text(encoding="utf-8", errors="replace")[-characters:]
