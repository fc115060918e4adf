"""What lasts between runs: one process at a time, and which run Canvas holds."""

import contextlib
import os
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import IO, TypeVar

import msgspec

from homeroom.reference.errors import FatalError
from homeroom.reference.workflows.state import read_json

T = TypeVar("T")


class InUseError(FatalError):
    """Another process is at work there; its text names it."""


@contextlib.contextmanager
def locked(folder: Path) -> Generator[None]:
    """Hold the folder; the lock ends with the process, however that ends.

    Raises:
        InUseError: Another process, or thread, holds it.
        FatalError: It cannot be made.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        handle = (folder / "lock").open("a+")
    except OSError as error:
        raise FatalError(f"the state folder {folder} cannot be used: {error.strerror}") from None
    with handle:
        try:
            _lock(handle)
        except OSError:
            handle.seek(0)
            holder = handle.read().strip() or "unknown"
            raise InUseError(f"another process (pid {holder}) is at work on {folder}") from None
        handle.truncate(0)
        handle.write(str(os.getpid()))
        handle.flush()
        yield


class Current(msgspec.Struct, kw_only=True):
    """The run whose rows Canvas holds. That there is one is what lets grades be passed back."""

    run: str
    at: str
    nights: int = 1
    since_full: int = 0


def provisioned(state_dir: Path) -> Current | None:
    """Say which run provisioned Canvas last; None where none ever did."""
    return read_json(state_dir / "provisioning" / "current.json", Current)


def iter_rows(state_dir: Path, run: str, name: str, kind: type[T]) -> Iterator[T]:
    """Yield the rows of a kind that a run left in Canvas. Raises FatalError: unreadable."""
    decoder = msgspec.json.Decoder(kind)
    path = state_dir / "provisioning" / "runs" / run / f"{name}.rows"
    try:
        with path.open("rb") as file:
            for line in file:
                if line != b"\n":
                    yield decoder.decode(line)
    except (OSError, msgspec.MsgspecError) as error:
        raise FatalError(
            f"the state file {path} cannot be read ({error}); it was left as it is. Restore the "
            "state folder from a backup, or move it away and run `homeroom provision`"
        ) from None


def _lock(handle: IO[str]) -> None:
    if os.name == "nt":
        import msvcrt

        msvcrt.locking(handle.fileno(), msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined, unused-ignore]
    else:
        import fcntl

        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
