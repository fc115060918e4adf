"""Bytes made in a child process, so that a big world does not keep the event loop waiting.

A fork sees the world as it is at this instant while the parent goes on: nothing is copied by hand,
nothing is locked. Where there is no fork the work is done in place.
"""

import asyncio
import os
import signal
import tempfile
import warnings
from collections.abc import Callable
from pathlib import Path

_MOST_FILES = 1 << 20


class ChildFailedError(RuntimeError):
    """The child ended without its work done."""


async def made_in_child(make: Callable[[], bytes]) -> bytes:
    """Return what `make` returns, made in a child process; raises ChildFailedError."""
    if not hasattr(os, "fork"):
        return make()
    descriptor, name = tempfile.mkstemp(prefix="homeroom-snapshot-")
    os.close(descriptor)
    path = Path(name)
    try:
        with warnings.catch_warnings():
            # Python warns that a child of a process with threads may wait for a lock for ever:
            # this one only encodes, writes one file and ends.
            warnings.simplefilter("ignore", DeprecationWarning)
            child = os.fork()
        if child == 0:
            _work(make, path)
        status = await asyncio.to_thread(os.waitpid, child, 0)
        if status[1] != 0:
            raise ChildFailedError(f"the child process ended with {status[1]}")
        return await asyncio.to_thread(path.read_bytes)
    finally:
        path.unlink(missing_ok=True)


def _work(make: Callable[[], bytes], path: Path) -> None:
    """Do the child's work and end, whatever happens: nothing of the parent's may run here."""
    try:
        # Sockets that the child held open would keep connections alive that the parent ends.
        os.closerange(3, _MOST_FILES)
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        path.write_bytes(make())
    except BaseException:
        os._exit(1)
    os._exit(0)
