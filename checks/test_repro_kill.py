"""A certification that is killed leaves nothing behind: no fakes, no workers, no subject."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from checks.support import environment

SUBJECT = """
import os, sys, time
from pathlib import Path
if os.fork() == 0:
    os.setsid()
Path(sys.argv[1], str(os.getpid())).touch()
time.sleep(600)
"""
SECONDS = 8.0


def until(true: Callable[[], bool], limit_s: float) -> bool:
    """Wait until something is true; returns whether it became so."""
    deadline = time.monotonic() + limit_s
    while not true():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


@pytest.mark.skipif(sys.platform != "linux", reason="processes are marked on Linux alone")
@pytest.mark.parametrize("workers", [pytest.param("1", marks=pytest.mark.long), "2"])
def test_killed_certification_takes_all_its_processes_along(tmp_path: Path, workers: str) -> None:
    subject, seen, temporary = tmp_path / "slow.py", tmp_path / "seen", tmp_path / "tmp"
    subject.write_text(SUBJECT)
    seen.mkdir()
    temporary.mkdir()
    (tmp_path / "homeroom.toml").write_text(
        f'[subject]\nprovision = ["{sys.executable}", "{subject}", "{seen}"]\n'
    )
    certify = subprocess.Popen(
        [
            *(sys.executable, "-m", "homeroom", "certify", "--workers", workers),
            *("--only", "PRV-ENR-01", "--report", "report"),
        ],
        cwd=tmp_path,
        env=environment(TMPDIR=str(temporary)),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        assert until(lambda: len(list(seen.iterdir())) >= 2, 60), "the subject was never run"
        family = psutil.Process(certify.pid).children(recursive=True)
        family += [psutil.Process(int(path.name)) for path in seen.iterdir()]
        assert len({each.pid for each in family}) >= 4  # up, pytest, two of the subject
    finally:
        os.kill(certify.pid, signal.SIGKILL)
        certify.wait()
    left = psutil.wait_procs(family, timeout=SECONDS)[1]
    told = [each.cmdline() for each in left]
    for each in left:
        each.kill()
    assert told == []
    assert until(lambda: not list(temporary.glob("homeroom-certify-*")), SECONDS), "files are left"
