"""The replay bundle: one file from which a failure can be lived through again, anywhere.

A zip: `manifest.json` (what failed, under which choices and versions, from which world), the
`steps.jsonl` by which that world was built and lived in, both worlds as they stood at the end
(`worlds/`), the journal's last exchanges (`journal.jsonl`), and the district's own zip where the
world came from one. The archive's comment holds the manifest's SHA-256, the manifest those of the
parts. No secret is in it: the credentials of a space end with it, and its exchanges are redacted.
"""

import hashlib
import io
import zipfile
import zlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

from homeroom import __version__
from homeroom.certify.recording import Step
from homeroom.certify.world import World
from homeroom.config import Need, SubjectKind

FORMAT = 1
MARK = b"homeroom-replay sha256="
MANIFEST, STEPS, JOURNAL, DISTRICT = "manifest.json", "steps.jsonl", "journal.jsonl", "district.zip"
WORLDS = ("feed", "gradebook", "canvas")
JOURNAL_BYTES = 4_000_000
"""Of exchanges, the newest; a night of a big district makes more than anybody reads."""
LIMIT_BYTES = 512 * 1024**2
"""A file that unpacks to more is not read."""


class ReplayError(ValueError):
    """A file is no replay bundle that can be used; the text says why, and what to do."""


class Origin(msgspec.Struct, frozen=True, kw_only=True):
    """The world before the first step."""

    district: str = "empty"
    """As of POST /spaces; `district.zip` where the file is a part of the bundle."""
    seed: int = 1
    now: str = ""
    pseudonymised: bool = False
    generated: bool = True
    """Whether nobody in it exists."""


class Failed(msgspec.Struct, frozen=True, kw_only=True):
    """A scenario that failed in this world."""

    id: str
    name: str
    requirements: tuple[str, ...]
    outcome: str
    reason: str = ""
    expected: str = ""
    received: str = ""


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """What a bundle is about."""

    format: int
    homeroom: str
    subject: str
    """Name and version of what failed."""
    choices: dict[str, Any]
    requirement_set: str
    """Id, version and SHA-256."""
    features_sha256: str
    """Of all that scenarios plant."""
    origin: Origin
    scenarios: tuple[Failed, ...] = ()
    """Empty for a captured world, which is judged as a whole."""
    requirements: tuple[str, ...] = ()
    """Those that failed in a captured world, where that was tried."""
    kind: SubjectKind = SubjectKind.SYNC
    """The kind of subject; a provider or a Canvas lives no nights, but is asked again."""
    needs: tuple[Need, ...] = ()
    """The consumers that a provider was held against."""
    world: World | None = None
    """How our own fake stood in; None for a sync service, and for a peer that somebody named."""
    address: str = ""
    """Of the peer that somebody named, who alone can answer again."""
    sha256: dict[str, str] = {}
    """By part."""


class Replay(msgspec.Struct, frozen=True, kw_only=True):
    """A bundle as read, or about to be written."""

    manifest: Manifest
    steps: tuple[Step, ...]
    parts: Mapping[str, bytes]
    """All parts but the steps, by name."""

    @property
    def runs(self) -> list[Step]:
        """The nights and grade syncs, oldest first."""
        return [step for step in self.steps if step.do == "run"]

    @property
    def district(self) -> bytes | None:
        """The district's own zip, where the world came from one."""
        return self.parts.get(DISTRICT)


def to_bytes(replay: Replay) -> bytes:
    """Write a bundle: the same bytes for the same content."""
    parts = {**replay.parts, STEPS: _lines(replay.steps)}
    digests = {name: hashlib.sha256(parts[name]).hexdigest() for name in sorted(parts)}
    manifest = msgspec.structs.replace(replay.manifest, sha256=digests)
    encoded = msgspec.json.format(msgspec.json.encode(manifest), indent=1)
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in ((MANIFEST, encoded), *sorted(parts.items())):
            entry = zipfile.ZipInfo(name, date_time=(1980, 1, 1, 0, 0, 0))
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, content)
        archive.comment = MARK + hashlib.sha256(encoded).hexdigest().encode()
    return file.getvalue()


def read_replay(path: Path) -> Replay:
    """Read a bundle and check that it is whole; raises ReplayError."""
    try:
        return from_bytes(path.read_bytes())
    except OSError as error:
        raise ReplayError(f"{path}: cannot be read: {error.strerror}") from None
    except ReplayError as error:
        raise ReplayError(f"{path}: {error}") from None


def from_bytes(content: bytes) -> Replay:
    """Read a bundle from its bytes; raises ReplayError."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            if sum(each.file_size for each in archive.infolist()) > LIMIT_BYTES:
                raise ReplayError(f"it unpacks to more than {LIMIT_BYTES // 1024**2} MB")
            encoded, comment = archive.read(MANIFEST), archive.comment
            manifest = _manifest(encoded)
            if comment != MARK + hashlib.sha256(encoded).hexdigest().encode():
                raise ReplayError("it was altered: its seal does not match its manifest")
            parts = {name: archive.read(name) for name in manifest.sha256}
    except KeyError as error:
        raise ReplayError(f"it is no replay bundle: it lacks {error}") from None
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError) as error:
        raise ReplayError(f"it is no whole replay bundle: {error}") from None
    for name, digest in manifest.sha256.items():
        if hashlib.sha256(parts[name]).hexdigest() != digest:
            raise ReplayError(f"it was altered: its part {name} does not match")
    if STEPS not in parts:
        raise ReplayError(f"it is no replay bundle: it lacks {STEPS}")
    try:
        lines = parts.pop(STEPS).splitlines()
        steps = tuple(msgspec.json.decode(line, type=Step) for line in lines)
    except msgspec.MsgspecError as error:
        raise ReplayError(f"{STEPS} cannot be read: {error}") from None
    return Replay(manifest=manifest, steps=steps, parts=parts)


def _manifest(encoded: bytes) -> Manifest:
    try:
        told = msgspec.json.decode(encoded)
        version, maker = told["format"], told["homeroom"]
    except (msgspec.MsgspecError, KeyError, TypeError):
        raise ReplayError("it is no replay bundle: its manifest names no format") from None
    if version != FORMAT:
        raise ReplayError(
            f"it has format {version}, made by Homeroom {maker}; this one ({__version__}) reads "
            f"format {FORMAT}: use that Homeroom, or a newer one"
        )
    try:
        return msgspec.json.decode(encoded, type=Manifest)
    except msgspec.MsgspecError as error:
        raise ReplayError(f"its manifest cannot be read: {error}") from None


def journal_part(exchanges: Sequence[Mapping[str, Any]]) -> bytes:
    """Return the newest exchanges as lines of JSON, at most JOURNAL_BYTES of them."""
    kept: list[bytes] = []
    size = 0
    for exchange in reversed(exchanges):
        line = msgspec.json.encode(exchange) + b"\n"
        size += len(line)
        if size > JOURNAL_BYTES:
            break
        kept.append(line)
    return b"".join(reversed(kept))


def _lines(steps: Sequence[Step]) -> bytes:
    return b"".join(msgspec.json.encode(step) + b"\n" for step in steps)
