"""Both worlds at one moment as files: written whole or not at all, and known by their digests."""

import hashlib
import os
import shutil
import tempfile
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import TypeVar

import msgspec

from homeroom.oracle.canvas import CanvasWorld
from homeroom.oracle.feed import Feed, Gradebook

FORMAT = 1
RECORDING = "recording.json"

_T = TypeVar("_T")


class JudgeError(Exception):
    """A night cannot be judged; the text says why and what to do."""


class Moment(StrEnum):
    """When, by the night, an observation was made."""

    BEFORE = "before"
    AFTER = "after"


class Target(msgspec.Struct, frozen=True, kw_only=True):
    """Which pair was observed: addresses, and what the two worlds call themselves."""

    oneroster: str
    canvas: str
    account: int | str
    account_uuid: str = ""
    districts: tuple[str, ...] = ()
    """sourcedIds of the orgs at the top."""


class Import(msgspec.Struct, frozen=True, kw_only=True):
    """A SIS import as Canvas lists it."""

    id: int
    created_at: datetime | None = None
    state: str = ""
    progress: float | None = None


class Recording(msgspec.Struct, frozen=True, kw_only=True):
    """What recording.json holds: when and of what, and the digests of the worlds beside it."""

    format: int
    moment: Moment
    started_at: datetime
    ended_at: datetime
    target: Target
    grades: bool
    imports: tuple[Import, ...] | None
    """None where Canvas does not let this token list them."""
    counts: dict[str, int]
    sha256: dict[str, str]


class Worlds(msgspec.Struct, frozen=True, kw_only=True):
    """Both worlds at one moment."""

    feed: Feed
    gradebook: Gradebook
    canvas: CanvasWorld


class Observation(msgspec.Struct, frozen=True, kw_only=True):
    """A recording and the worlds it is about."""

    recording: Recording
    worlds: Worlds

    @property
    def target(self) -> Target:
        """Which pair it is of."""
        return self.recording.target


WORLDS = ("feed", "gradebook", "canvas")


def write_observation(observation: Observation, store: Path) -> Path:
    """Write an observation into a store, replacing an earlier one of the same moment whole.

    Returns:
        The folder that it lies in, `store`/`moment`.

    Raises:
        JudgeError: The store cannot be written; an earlier observation is then as it was.
    """
    folder = store / observation.recording.moment
    try:
        store.mkdir(parents=True, exist_ok=True)
        beside = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=store))
        try:
            digests = {
                name: _write(beside / f"{name}.json", getattr(observation.worlds, name))
                for name in WORLDS
            }
            recording = msgspec.structs.replace(observation.recording, sha256=digests)
            _write(beside / RECORDING, recording)
            if folder.exists():
                shutil.rmtree(folder)
            beside.rename(folder)
        finally:
            shutil.rmtree(beside, ignore_errors=True)
    except OSError as error:
        raise JudgeError(f"{store}: cannot be written: {error.strerror}") from error
    return folder


def read_observation(
    store: Path, moment: Moment, *, like: Observation | None = None
) -> Observation:
    """Read an observation back; raises JudgeError where it is missing, incomplete or altered.

    A world that is the same as in `like` is held only once.
    """
    folder = store / moment
    if not folder.is_dir():
        raise JudgeError(
            f"{store}: holds no observation from {moment} the night; "
            f"run `homeroom judge {moment} --store {store}`"
        )
    recording = _read(folder / RECORDING, Recording)
    if recording.format != FORMAT:
        raise JudgeError(
            f"{folder / RECORDING}: format is {recording.format}; this Homeroom reads {FORMAT}"
        )
    digests = recording.sha256
    feed = _read(folder / "feed.json", Feed, digests.get("feed", ""))
    if like is not None and like.recording.sha256.get("feed") == digests.get("feed"):
        feed = like.worlds.feed
    worlds = Worlds(
        feed=feed,
        gradebook=_read(folder / "gradebook.json", Gradebook, digests.get("gradebook", "")),
        canvas=_read(folder / "canvas.json", CanvasWorld, digests.get("canvas", "")),
    )
    return Observation(recording=recording, worlds=worlds)


def _write(path: Path, value: object) -> str:
    content = msgspec.json.encode(value)
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    return hashlib.sha256(content).hexdigest()


def _read(path: Path, type_: type[_T], digest: str | None = None) -> _T:
    again = "observe again"
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        raise JudgeError(f"{path}: is missing: the observation is incomplete; {again}") from None
    except OSError as error:
        raise JudgeError(f"{path}: cannot be read: {error.strerror}") from error
    if digest is not None and hashlib.sha256(content).hexdigest() != digest:
        raise JudgeError(
            f"{path}: is not as it was written: its SHA-256 differs from that of {RECORDING}; "
            f"{again}"
        )
    try:
        return msgspec.json.decode(content, type=type_)
    except msgspec.MsgspecError as error:
        raise JudgeError(f"{path}: cannot be read: {error}; {again}") from error
