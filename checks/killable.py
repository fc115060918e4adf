"""Runs `homeroom` and dies, as by SIGKILL, right before the nth thing it does to its state folder.

    python checks/killable.py NTH LOG VERB ...

Python tells every audit hook of a file before it is opened, renamed, removed or made: the product
needs no seam for it. NTH 0 kills nothing; LOG gets one line for each thing done.
"""

import os
import runpy
import signal
import sys
import threading
from pathlib import Path

WATCHED = {"open", "os.rename", "os.remove", "os.mkdir", "os.rmdir", "shutil.rmtree"}


def main() -> None:
    """Watch the state folder of HOMEROOM_STATE_DIR, then be `homeroom`."""
    nth, log = int(sys.argv[1]), Path(sys.argv[2])
    folder = os.environ["HOMEROOM_STATE_DIR"]
    lock, count = threading.Lock(), 0

    def hook(event: str, details: tuple[object, ...]) -> None:
        nonlocal count
        if event not in WATCHED or not f"{details[0]}/".startswith(f"{folder}/"):
            return
        if event == "open" and not _writes(details):
            return
        with lock:
            count += 1
            said = f"{event} {str(details[0])[len(folder) :]}\n".encode()
            out = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
            os.write(out, said)
            os.close(out)
            if count == nth:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(hook)
    sys.argv = ["homeroom", *sys.argv[3:]]
    runpy.run_module("homeroom", run_name="__main__", alter_sys=True)


def _writes(details: tuple[object, ...]) -> bool:
    flags = details[2] if len(details) > 2 else 0
    return bool(isinstance(flags, int) and flags & (os.O_WRONLY | os.O_RDWR))


if __name__ == "__main__":
    main()
