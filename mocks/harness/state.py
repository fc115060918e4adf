"""A folder that outlives the process: its spaces, its token, its ports."""

import asyncio
import contextlib
import logging
import os
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import IO

import msgspec

from homeroom.mocks.harness.forked import ChildFailedError
from homeroom.mocks.harness.snapshot import SnapshotError, restore_space, write_snapshot
from homeroom.mocks.harness.snapshot_operations import encode_space
from homeroom.mocks.harness.space import Space, Spaces

log = logging.getLogger(__name__)
LOOK_S = 0.5
"""How often a keeper looks for changes."""
SHARE = 0.2
"""At most this part of the time goes into saving, however big the worlds are."""
_SUFFIX = ".snapshot"


class StateError(ValueError):
    """The folder cannot be used; the text says why, and what to do."""


class StageRecord(msgspec.Struct, kw_only=True):
    """What a stage must be again, for its clients to find it."""

    format: int = 1
    token: str = ""
    ports: dict[str, int] = msgspec.field(default_factory=dict[str, int])


class StateFolder:
    """The folder of one stage, held by one process at a time."""

    def __init__(self, folder: Path) -> None:
        """Take hold of the folder, made where it is missing; raises StateError."""
        self.folder = folder
        self._spaces_folder = folder / "spaces"
        try:
            self._spaces_folder.mkdir(parents=True, exist_ok=True)
            self._lock = (folder / "lock").open("a+", encoding="utf-8")
        except OSError as error:
            raise StateError(f"--state {folder}: cannot be used ({error.strerror})") from None
        _hold(self._lock, folder)
        self.record = self._read_record()
        self._saved: dict[str, tuple[Space, int]] = {}
        self._not_before = 0.0

    def _read_record(self) -> StageRecord:
        path = self.folder / "stage.json"
        if not path.exists():
            return StageRecord()
        try:
            record = msgspec.json.decode(path.read_bytes(), type=StageRecord)
        except msgspec.MsgspecError as error:
            raise StateError(f"{path}: it is damaged ({error}): remove it or the folder") from None
        if record.format != 1:
            raise StateError(f"{path}: its format {record.format} is newer than this Homeroom's, 1")
        return record

    def write_record(self, token: str, ports: Mapping[str, int]) -> None:
        """Remember token and ports."""
        self.record = StageRecord(token=token, ports=dict(ports))
        path = self.folder / "stage.json"
        _replace(path, msgspec.json.format(msgspec.json.encode(self.record)))

    async def restore(self, spaces: Spaces) -> list[str]:
        """Bring every space back; raises StateError that names the file that cannot be."""
        names: list[str] = []
        for path in sorted(self._spaces_folder.glob(f"*{_SUFFIX}")):
            try:
                space = await restore_space(spaces, path.read_bytes())
            except SnapshotError as error:
                raise StateError(f"{path}: {error}") from error
            self._saved[space.name] = (space, space.writes)
            names.append(space.name)
        return names

    async def keep(self, spaces: Spaces, stopping: Callable[[], bool]) -> None:
        """Save what changed, again and again, until the stage stops; then save all."""
        while not stopping():
            await asyncio.sleep(LOOK_S)
            if time.monotonic() >= self._not_before:
                await self._save_changed(spaces)
        self.save_all(spaces)

    async def _save_changed(self, spaces: Spaces) -> None:
        began = time.monotonic()
        for space in spaces:
            if not self._is_changed(space, spaces):
                continue
            writes = space.writes
            try:
                content = await encode_space(space, spaces.fakes)
                await asyncio.to_thread(_replace, self._path(space), content)
            except (OSError, ChildFailedError) as error:
                log.error("space %s was not saved: %s", space.name, error)  # noqa: TRY400 -- one line
                continue
            self._saved[space.name] = (space, writes)
        self._forget_dropped(spaces)
        took = time.monotonic() - began
        self._not_before = time.monotonic() + took * (1 - SHARE) / SHARE

    def _is_changed(self, space: Space, spaces: Spaces) -> bool:
        if spaces.find(space.name) is not space or len(space.worlds) != len(spaces.fakes):
            return False  # dropped or being reset right now
        saved = self._saved.get(space.name)
        if saved is None or saved[0] is not space or saved[1] != space.writes:
            return True
        if any(fake.is_busy(space.worlds[fake.name]) for fake in spaces.fakes):
            space.writes += 1  # what it does until the next look is a change too
            return True
        return False

    def save_all(self, spaces: Spaces) -> None:
        """Save every space as it is now: the process is about to end."""
        for space in spaces:
            _replace(self._path(space), write_snapshot(space, spaces.fakes))
        self._forget_dropped(spaces)

    def _forget_dropped(self, spaces: Spaces) -> None:
        for path in self._spaces_folder.glob(f"*{_SUFFIX}"):
            if spaces.find(path.name.removesuffix(_SUFFIX)) is None:
                path.unlink(missing_ok=True)

    def _path(self, space: Space) -> Path:
        return self._spaces_folder / f"{space.name}{_SUFFIX}"

    def close(self) -> None:
        """Let go of the folder."""
        self._lock.close()


def _replace(path: Path, content: bytes) -> None:
    """Write a file so that there is the old one or the new one at any moment, never a part."""
    part = path.with_name(f".{path.name}.part")
    with part.open("wb") as file:
        with contextlib.suppress(NotImplementedError, OSError):
            part.chmod(0o600)  # it holds the stage's credentials
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)


def _hold(lock: IO[str], folder: Path) -> None:
    try:
        import fcntl
    except ImportError:  # no such locks on Windows: one process at a time is the user's care
        return
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        lock.seek(0)
        holder = lock.read().strip() or "unknown"
        raise StateError(f"--state {folder}: process {holder} uses it; stop that first") from None
    lock.truncate(0)
    lock.write(f"{os.getpid()}\n")
    lock.flush()
