"""A whole space in one compressed file, and back.

The file is a zip: `manifest.json` with format, recipe, clock, secrets, fault rules and the SHA-256
of each other part; a part for each fake's world; the district's own file where it came from one;
the journal where it was asked for. The archive's comment holds the manifest's SHA-256, so a file
that was cut or altered anywhere is told from a whole one before anything is touched.
"""

import asyncio
import hashlib
import io
import random
import zipfile
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec

from homeroom import __version__
from homeroom.mocks.district import DistrictError
from homeroom.mocks.harness.clock import parse_instant
from homeroom.mocks.harness.faults.rule import FaultRule, When
from homeroom.mocks.harness.journal import Exchange
from homeroom.mocks.harness.pickled import ThawError, shape_of
from homeroom.mocks.harness.space import (
    Recipe,
    Space,
    Spaces,
    WorldMaker,
    load_district_of,
)

FORMAT = 1
MARK = b"homeroom-snapshot sha256="
_MANIFEST, _DISTRICT, _JOURNAL = "manifest.json", "district.zip", "journal.msgpack"


class SnapshotError(ValueError):
    """A file is no snapshot that can be restored; the text says why, and what to do."""


class FaultState(msgspec.Struct, kw_only=True):
    """A fault rule with all it has counted."""

    id: str
    when: When
    kind: str
    parameters: dict[str, Any]
    times: int | None
    hits: int
    matched: int
    random: tuple[int, tuple[int, ...], float | None]


class Manifest(msgspec.Struct, kw_only=True):
    """What a snapshot is of."""

    format: int
    homeroom: str
    space: str
    district: str
    seed: int
    first_now: datetime
    now: str
    frozen: bool
    secrets: dict[str, str]
    faults: list[FaultState]
    numbered_faults: int
    journal_seq: int
    shapes: dict[str, str]
    """By fake: the digest of the classes its world is made of."""
    sha256: dict[str, str]
    """By part."""


@dataclass(frozen=True)
class Snapshot:
    """A snapshot read and found whole."""

    manifest: Manifest
    worlds: Mapping[str, bytes]
    """By fake."""
    district_file: bytes | None
    exchanges: Sequence[Exchange]

    def apply(self, space: Space, *, with_secrets: bool) -> None:
        """Give an empty space the snapshot's clock, rules and, if asked, its secrets."""
        manifest = self.manifest
        space.clock.set(parse_instant(manifest.now), frozen=manifest.frozen)
        if with_secrets:
            space.secrets.update(manifest.secrets)
        for state in manifest.faults:
            space.faults.add(_to_rule(state))
        space.faults.numbered = manifest.numbered_faults
        space.journal.resume(manifest.journal_seq, self.exchanges)


def write_snapshot(space: Space, fakes: Sequence[WorldMaker], *, journal: bool = False) -> bytes:
    """Return a space as the bytes of a snapshot."""
    parts: dict[str, bytes] = {}
    for fake in fakes:
        parts[fake.name] = fake.dump_world(space.worlds[fake.name])
    if space.district_file is not None:
        parts[_DISTRICT] = space.district_file
    if journal:
        parts[_JOURNAL] = msgspec.msgpack.encode(list(space.journal))
    manifest = Manifest(
        format=FORMAT,
        homeroom=__version__,
        space=space.name,
        district=space.recipe.district,
        seed=space.recipe.seed,
        first_now=space.recipe.now,
        now=space.clock.now().isoformat(),
        frozen=space.clock.frozen,
        secrets=dict(space.secrets),
        faults=[_to_state(rule) for rule in space.faults],
        numbered_faults=space.faults.numbered,
        journal_seq=space.journal.last_seq,
        shapes={fake.name: shape_of(_package(fake)) for fake in fakes},
        sha256={name: hashlib.sha256(content).hexdigest() for name, content in parts.items()},
    )
    encoded = msgspec.json.format(msgspec.json.encode(manifest))
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        archive.writestr(_MANIFEST, encoded)
        for name, content in parts.items():
            archive.writestr(name, content)
        archive.comment = MARK + hashlib.sha256(encoded).hexdigest().encode()
    return file.getvalue()


def read_snapshot(content: bytes, fakes: Sequence[WorldMaker]) -> Snapshot:
    """Read a snapshot and check that it is whole and fits; raises SnapshotError."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            first = min((info.header_offset for info in archive.infolist()), default=0)
            if first or not content.endswith(archive.comment):
                raise SnapshotError("the snapshot was altered: something stands before or after it")
            encoded = archive.read(_MANIFEST)
            if archive.comment != MARK + hashlib.sha256(encoded).hexdigest().encode():
                raise SnapshotError("the snapshot was cut or altered: its seal does not match")
            manifest = _read_manifest(encoded)
            parts = {name: archive.read(name) for name in manifest.sha256}
    except KeyError as error:
        raise SnapshotError(f"this is no whole Homeroom snapshot: it lacks {error}") from None
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError) as error:
        raise SnapshotError(
            f"this is no whole Homeroom snapshot ({error}): it was cut, or is another file"
        ) from None
    for name, digest in manifest.sha256.items():
        if hashlib.sha256(parts[name]).hexdigest() != digest:
            raise SnapshotError(f"the snapshot was altered: its part {name} does not match")
    for fake in fakes:
        if fake.name not in parts:
            raise SnapshotError(f"the snapshot has no world of {fake.name}")
        if manifest.shapes.get(fake.name) != shape_of(_package(fake)):
            raise SnapshotError(
                f"the snapshot was made by Homeroom {manifest.homeroom}, whose {fake.name} world "
                f"has another shape than this one's ({__version__}): make it again here"
            )
    exchanges: list[Exchange] = []
    if _JOURNAL in parts:
        exchanges = msgspec.msgpack.decode(parts[_JOURNAL], type=list[Exchange])
    worlds = {fake.name: parts[fake.name] for fake in fakes}
    return Snapshot(manifest, worlds, parts.get(_DISTRICT), exchanges)


def _read_manifest(encoded: bytes) -> Manifest:
    try:
        version = msgspec.json.decode(encoded)["format"]
    except (msgspec.DecodeError, KeyError, TypeError):
        raise SnapshotError("this is no Homeroom snapshot: its manifest has no format") from None
    if version != FORMAT:
        raise SnapshotError(
            f"the snapshot has format {version}, this Homeroom ({__version__}) reads format "
            f"{FORMAT}: restore it with the Homeroom that made it, or a newer one"
        )
    try:
        return msgspec.json.decode(encoded, type=Manifest)
    except msgspec.ValidationError as error:
        raise SnapshotError(f"the snapshot's manifest is damaged: {error}") from None


async def restore_space(spaces: Spaces, content: bytes, *, space: Space | None = None) -> Space:
    """Make a space of a snapshot: in the place of `space`, or as the one that it was.

    In another's place the URLs and credentials of that one stay. Raises SnapshotError, and then
    nothing has changed.
    """
    snapshot = await asyncio.to_thread(read_snapshot, content, spaces.fakes)
    manifest = snapshot.manifest
    recipe = Recipe(manifest.district, manifest.seed, manifest.first_now)
    fresh = Space(manifest.space if space is None else space.name, recipe)
    fresh.district_file = snapshot.district_file
    if space is not None:
        fresh.secrets = dict(space.secrets)
        fresh.journal.resume(space.journal.last_seq, ())
    snapshot.apply(fresh, with_secrets=space is None)
    try:
        fresh.district = await load_district_of(fresh)
        for fake in spaces.fakes:
            fresh.worlds[fake.name] = await asyncio.to_thread(
                fake.restore_world, fresh, fresh.district, snapshot.worlds[fake.name]
            )
    except (DistrictError, ThawError) as error:
        raise SnapshotError(f"the snapshot cannot be restored: {error}") from error
    if space is not None and spaces.find(space.name) is not space:
        raise SnapshotError(f"space {space.name!r} was dropped or replaced meanwhile")
    fresh.writes = 1
    await spaces.put(fresh)
    for fake in spaces.fakes:
        fake.wake(fresh.worlds[fake.name])
    return fresh


def _package(fake: WorldMaker) -> str:
    return type(fake).__module__.rpartition(".")[0]


def _to_state(rule: FaultRule) -> FaultState:
    version, internal, gauss = rule.die.getstate()
    return FaultState(
        id=rule.id,
        when=rule.when,
        kind=rule.kind,
        parameters=dict(rule.parameters),
        times=rule.times,
        hits=rule.hits,
        matched=rule.matched,
        random=(version, internal, gauss),
    )


def _to_rule(state: FaultState) -> FaultRule:
    rule = FaultRule(
        id=state.id,
        when=state.when,
        kind=state.kind,
        parameters=state.parameters,
        times=state.times,
        hits=state.hits,
        matched=state.matched,
    )
    rule.die = random.Random()  # noqa: S311 -- a seeded die, no secret
    rule.die.setstate(state.random)
    return rule


__all__ = [
    "Snapshot",
    "SnapshotError",
    "ThawError",
    "read_snapshot",
    "restore_space",
    "write_snapshot",
]
