"""Ends a child process with its parent, however the parent ends: SIGKILL leaves it no last word.

The parent keeps the writing end of a pipe that is the child's standard input, and writes nothing.
When it ends, the kernel closes that end, and the child reads an end of file. No polling, no parent
id that another process may have taken over meanwhile, and the same on every system.
"""

import contextlib
import os
import signal
import threading
from collections.abc import Callable

VARIABLE = "HOMEROOM_ENDS_WITH"
"""Set to STDIN for a child that is to end when its standard input does."""
STDIN = "stdin"
GRACE_S = 5.0


def hold_on(on_end: Callable[[], None]) -> bool:
    """Call `on_end` from a thread at the end of standard input, where the parent asked for it.

    Returns whether it did. The variable is taken out of the environment: children of this process
    have another standard input.
    """
    if os.environ.pop(VARIABLE, "") != STDIN:
        return False
    # A copy: a program may put something else in the place of its standard input, as pytest does.
    pipe = os.dup(0)
    threading.Thread(
        target=_wait, args=(pipe, on_end), name="homeroom-lifeline", daemon=True
    ).start()
    return True


def terminate() -> None:
    """End this process as SIGTERM does, and for certain a few seconds later."""
    os.kill(os.getpid(), signal.SIGTERM)
    threading.Event().wait(GRACE_S)
    os._exit(1)


def _wait(pipe: int, on_end: Callable[[], None]) -> None:
    with contextlib.suppress(OSError):
        while os.read(pipe, 4096):
            pass
    on_end()
