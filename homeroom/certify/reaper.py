"""Ends all that a killed `homeroom certify` had started; a program of its own, started at the end.

It stands outside of the group that it ends, so that nothing can be started behind its back: first
the workers, then what they had started of the subject, then the work folder with its secrets.
"""

import contextlib
import os
import shutil
import signal
import subprocess
import sys

from homeroom.certify.process import kill_family


def start_reaper(family: str, work: str) -> None:
    """Start it for this process's group; the caller is about to be ended."""
    if os.name != "posix":
        os._exit(1)
    subprocess.Popen(  # noqa: S603 -- this very interpreter
        [sys.executable, "-P", "-m", __name__, str(os.getpgrp()), family, work],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )


def reap(group: int, family: str, work: str) -> None:
    """End the group, then the family, then remove the work folder."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(group, signal.SIGKILL)
    kill_family(family)
    shutil.rmtree(work, ignore_errors=True)


if __name__ == "__main__":
    reap(int(sys.argv[1]), sys.argv[2], sys.argv[3])
