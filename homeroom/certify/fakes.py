"""Starts one `homeroom up` for a run, every answer of its fakes checked against the contract."""

import contextlib
import json
import os
import subprocess
import sys
import threading
from collections.abc import Generator
from pathlib import Path
from typing import Any

from homeroom import lifeline

START_S = 60.0
STOP_S = 10.0
LOG = "fakes.log"

# What the harness logs when a fake of ours is at fault (mocks/harness/door.py).
FAULT_WORDS = ("broke its contract", "crashed")


class FakesError(RuntimeError):
    """The fakes did not start: a fault of Homeroom or of the machine."""


@contextlib.contextmanager
def start_fakes(
    work: Path, *, host: str = "127.0.0.1", tls: bool = False
) -> Generator[dict[str, Any]]:
    """Run `homeroom up` while the block runs; gives its space document. Raises FakesError.

    It ends with this process, however that ends. With `tls` both speak it, by an authority that
    nobody trusts of himself.
    """
    with (work / LOG).open("ab") as log:
        process = subprocess.Popen(  # noqa: S603 -- this very program
            [
                *(sys.executable, "-P", "-m", "homeroom", "up"),
                *("--json", "--district", "empty", "--host", host),
                *(("--tls",) if tls else ()),
            ],
            env={**os.environ, "HOMEROOM_VALIDATE": "all", lifeline.VARIABLE: lifeline.STDIN},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            start_new_session=True,
        )
        try:
            yield _first_line(process, work / LOG)
        finally:
            process.terminate()
            try:
                process.wait(STOP_S)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
            for pipe in (process.stdin, process.stdout):
                if pipe is not None:
                    pipe.close()


def _first_line(process: subprocess.Popen[bytes], log: Path) -> dict[str, Any]:
    stdout = process.stdout
    assert stdout is not None  # noqa: S101 -- a pipe was asked for
    lines: list[bytes] = []
    reader = threading.Thread(target=lambda: lines.append(stdout.readline()), daemon=True)
    reader.start()
    reader.join(START_S)
    if not lines or not lines[0].strip():
        told = log.read_text(encoding="utf-8", errors="replace").strip().splitlines()
        raise FakesError(
            f"the fakes did not start within {START_S:g} s: {told[-1] if told else 'not a word'}"
        )
    document: dict[str, Any] = json.loads(lines[0])
    return document


def faults_in(work: Path) -> list[str]:
    """Return the log lines in which a fake of ours was at fault."""
    try:
        text = (work / LOG).read_text(encoding="utf-8", errors="replace")
    except FileNotFoundError:
        return []
    return [line for line in text.splitlines() if any(words in line for words in FAULT_WORDS)]
