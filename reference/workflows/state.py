"""Files of the state folder: whole or absent, and never overwritten where they are unreadable."""

import os
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from homeroom.reference.errors import FatalError

T = TypeVar("T")


def write_json(path: Path, value: Any) -> None:
    """Write a value so that a reader, and a crash, see all of it or the one before."""
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(path.name + ".part")
    with beside.open("wb") as file:
        file.write(msgspec.json.format(msgspec.json.encode(value), indent=1))
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)


def read_json(path: Path, kind: type[T]) -> T | None:
    """Read a file of ours; None where there is none.

    Raises:
        FatalError: It is there and unreadable; it is left alone, for a person to look at.
    """
    try:
        return msgspec.json.decode(path.read_bytes(), type=kind)
    except FileNotFoundError:
        return None
    except (OSError, msgspec.MsgspecError) as error:
        raise FatalError(
            f"the state file {path} cannot be read ({error}); it was left as it is. "
            "Restore it from a backup, or move it away to start without it"
        ) from None
