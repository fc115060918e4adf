"""Runs a foreign command within limits: time, output, disk, and nothing left behind."""

import contextlib
import os
import signal
import subprocess
import threading
import time
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

TAIL_BYTES = 64 * 1024
GRACE_S = 10.0
FOLDER_LIMIT_BYTES = 2 * 1024**3
POLL_S = 0.5

# Marks every process a run starts, also those that leave its process group.
MARK = "HOMEROOM_RUN"


@dataclass(frozen=True, kw_only=True)
class Ended:
    """How a command ended. `exit_code` is negative where a signal ended it, as in `subprocess`."""

    exit_code: int
    timed_out: bool
    duration_s: float
    stdout: bytes
    stderr: bytes
    notes: tuple[str, ...]
    """What had to be done to it, as sentences for the report."""


def run_command(
    argv: Sequence[str],
    *,
    cwd: Path,
    environ: Mapping[str, str],
    timeout_s: float,
    watched: Path | None = None,
    grace_s: float = GRACE_S,
    folder_limit_bytes: int = FOLDER_LIMIT_BYTES,
    family: str = "",
) -> Ended:
    """Run `argv` without a shell, in its own process group, to completion or its limits.

    Args:
        argv: Program and arguments.
        cwd: Where it runs.
        environ: Its whole environment; one variable that marks the run is added.
        timeout_s: After this it gets TERM, `grace_s` later KILL, with its whole group.
        watched: A folder that may not grow above `folder_limit_bytes`.
        grace_s: Time between TERM and KILL.
        folder_limit_bytes: See `watched`.
        family: Begins the mark of every process started; see `kill_family`.

    Raises:
        OSError: The program cannot be started.
    """
    mark = f"{family}:{uuid.uuid4().hex}"
    started = time.monotonic()
    process = subprocess.Popen(  # noqa: S603 -- the command is what its owner wrote in homeroom.toml
        list(argv),
        cwd=cwd,
        env={**environ, MARK: mark},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    assert process.stdout is not None  # noqa: S101 -- a pipe was asked for
    assert process.stderr is not None  # noqa: S101 -- as above
    tails = _Tail(process.stdout), _Tail(process.stderr)
    notes: list[str] = []
    timed_out = False
    try:
        stop = _wait(process, started + timeout_s, watched, folder_limit_bytes)
        if stop:
            timed_out = stop == "time"
            notes.append(
                f"it was stopped after {timeout_s:g} s, its time limit"
                if timed_out
                else f"it was stopped: its state folder grew above {folder_limit_bytes} bytes"
            )
            _stop(process, grace_s, notes)
    finally:
        left = _kill_what_is_left(process, mark)
    duration_s = time.monotonic() - started
    if left:
        notes.append(f"it left {left} process{'es' if left > 1 else ''} running, which were ended")
    if process.returncode < 0 and not notes:
        notes.append(f"it was ended by signal {-process.returncode}")
    return Ended(
        exit_code=process.returncode,
        timed_out=timed_out,
        duration_s=duration_s,
        stdout=tails[0].read(),
        stderr=tails[1].read(),
        notes=tuple(notes),
    )


class _Tail:
    """Drains a pipe in a thread and keeps its last bytes: a flood blocks and fills nothing."""

    def __init__(self, pipe: IO[bytes]) -> None:
        self._pipe, self._kept, self._total = pipe, bytearray(), 0
        self._thread = threading.Thread(target=self._drain, name="homeroom-tail", daemon=True)
        self._thread.start()

    def _drain(self) -> None:
        with contextlib.suppress(OSError, ValueError):
            while chunk := os.read(self._pipe.fileno(), TAIL_BYTES):
                self._total += len(chunk)
                self._kept += chunk
                del self._kept[:-TAIL_BYTES]

    def read(self) -> bytes:
        """Return the tail, after the writers are gone or after two more seconds."""
        self._thread.join(timeout=2)
        if not self._thread.is_alive():
            self._pipe.close()
        kept = bytes(self._kept)
        dropped = self._total - len(kept)
        return f"[{dropped} bytes left out]\n".encode() + kept if dropped else kept


def _wait(
    process: subprocess.Popen[bytes], deadline: float, watched: Path | None, limit: int
) -> str:
    """Wait for the end; returns "time" or "disk" where a limit was reached first."""
    while True:
        left_s = deadline - time.monotonic()
        if left_s <= 0:
            return "time"
        try:
            process.wait(min(left_s, POLL_S))
        except subprocess.TimeoutExpired:
            if watched is not None and folder_bytes(watched) > limit:
                return "disk"
        else:
            return ""


def _stop(process: subprocess.Popen[bytes], grace_s: float, notes: list[str]) -> None:
    _signal_group(process, signal.SIGTERM)
    try:
        process.wait(grace_s)
    except subprocess.TimeoutExpired:
        notes.append(f"it did not end within {grace_s:g} s of TERM and was killed")


def _kill_what_is_left(process: subprocess.Popen[bytes], mark: str) -> int:
    """Kill the group and whatever else carries the mark; returns how many outlived the command."""
    was_running = process.poll() is None
    strays = {pid for pid in _marked(mark) if pid != process.pid}
    _signal_group(process, signal.SIGKILL if os.name == "posix" else signal.SIGTERM)
    for _ in range(5):  # a process may have started another one meanwhile
        for pid in strays:
            with contextlib.suppress(OSError):
                os.kill(pid, signal.SIGKILL)
        time.sleep(0.01 if strays else 0)
        more = {pid for pid in _marked(mark) if pid != process.pid}
        if not more:
            break
        strays |= more
    process.wait()
    return 0 if was_running else len(strays)


def _signal_group(process: subprocess.Popen[bytes], number: signal.Signals) -> None:
    if os.name != "posix":
        process.terminate()
        return
    # The group outlives its leader, and its number is not given away while it has members.
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, number)


def _marked(mark: str) -> set[int]:
    """Return the ids of live processes that carry the mark; only Linux can tell."""
    wanted = f"{MARK}={mark}".encode()
    # A whole mark, or with its colon last the beginning of those of a family.
    found: set[int] = set()
    proc = Path("/proc")
    if not proc.is_dir():
        return found
    for entry in proc.iterdir():
        if entry.name.isdigit():
            # Gone meanwhile, or another user's.
            with contextlib.suppress(OSError):
                variables = (entry / "environ").read_bytes().split(b"\0")
                if any(variable.startswith(wanted) for variable in variables):
                    found.add(int(entry.name))
    return found


def kill_family(family: str) -> int:
    """Kill whatever still runs of a certification's subjects; returns how many there were."""
    pids = _marked(f"{family}:") if family else set()
    for pid in pids:
        with contextlib.suppress(OSError):
            os.kill(pid, signal.SIGKILL)
    return len(pids)


def folder_bytes(folder: Path) -> int:
    """Return how many bytes a folder's files take; what vanishes meanwhile counts nothing."""
    total = 0
    for root, _, files in os.walk(folder):
        for name in files:
            with contextlib.suppress(OSError):
                total += (Path(root) / name).stat(follow_symlinks=False).st_size
    return total
