"""Spaces: isolated worlds, each with its district, clock, journal and one world per fake."""

import asyncio
import logging
import secrets
import tempfile
from collections.abc import Awaitable, Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol

from homeroom.mocks.district import District, load_district
from homeroom.mocks.harness.clock import Clock
from homeroom.mocks.harness.faults.book import FaultBook
from homeroom.mocks.harness.journal import Journal
from homeroom.mocks.harness.request import Refusal

log = logging.getLogger(__name__)
DEFAULT_SPACE = "default"
LARGE = 50_000
"""Enrollments above which a district's columns are made before its space opens."""

DueJob = Callable[[datetime], Awaitable[None]]
"""Called with the space's time after its clock was moved; returns when nothing is left to do."""


class World(Protocol):
    """One fake's side of a space."""

    async def close(self) -> None:
        """Stop what runs in the background; the space is being dropped or reset."""
        ...


class WorldMaker(Protocol):
    """The part of a fake that a space needs: its name, a new world, its lines of the document."""

    name: str

    def new_world(self, space: "Space", district: District) -> World:
        """Build the fake's world around `district`; credentials come from `space.secret`."""
        ...

    def document(self, space: "Space", origin: str) -> Mapping[str, Any]:
        """Return the fake's entry of the space document; `origin` is scheme, authority, prefix."""
        ...

    def dump_world(self, world: World) -> bytes:
        """Return all that a world holds, for a snapshot."""
        ...

    def restore_world(self, space: "Space", district: District, dump: bytes) -> World:
        """Build a world from what `dump_world` gave."""
        ...

    def is_busy(self, world: World) -> bool:
        """Whether work in the background is changing a world."""
        ...

    def secrets(self, world: World) -> Collection[str]:
        """Return what must never be shown: secrets and tokens that the world gave out."""
        ...

    def wake(self, world: World) -> None:
        """Go on with what a snapshot found unfinished; called on the event loop."""
        ...


@dataclass(frozen=True, slots=True)
class Recipe:
    """What a space is made from, and made from again by a reset."""

    district: str
    seed: int
    now: datetime


class Space:
    """One isolated world. Fakes keep theirs in `worlds[fake name]`."""

    def __init__(self, name: str, recipe: Recipe, *, journal_limit: int = 20_000) -> None:
        self.name = name
        self.recipe = recipe
        self.clock = Clock(recipe.now)
        self.journal = Journal(limit=journal_limit)
        self.faults = FaultBook()
        self.worlds: dict[str, World] = {}
        self.due_jobs: list[DueJob] = []
        self.district: District | None = None
        self.district_file: bytes | None = None
        """The file that the district was read from, as it was then; None for a generated one."""
        self.secrets: dict[str, str] = {}
        self.writes = 0
        """How many requests may have changed it; a saver looks whether the number moved."""

    @property
    def prefix(self) -> str:
        """Path prefix of the space's URLs; the default space has none."""
        return "" if self.name == DEFAULT_SPACE else f"/s/{self.name}"

    def secret(self, label: str, *, length: int = 32) -> str:
        """Return this space's secret of that label, the same for as long as the space lives."""
        if label not in self.secrets:
            self.secrets[label] = secrets.token_hex(length)
        return self.secrets[label]

    async def run_due_jobs(self) -> None:
        """Let every fake do what is due at the space's present time."""
        for job in self.due_jobs:
            await job(self.clock.now())

    async def close(self) -> None:
        """Stop both fakes' background work; what is being answered may still look at its world."""
        self.due_jobs.clear()
        for world in tuple(self.worlds.values()):
            await world.close()


class Spaces:
    """All spaces of one process."""

    def __init__(self, fakes: Sequence[WorldMaker]) -> None:
        self.fakes = tuple(fakes)
        self._spaces: dict[str, Space] = {}

    def __iter__(self) -> Iterator[Space]:
        return iter(tuple(self._spaces.values()))

    def find(self, name: str) -> Space | None:
        """Return the space of that name, or None."""
        return self._spaces.get(name)

    def get(self, name: str) -> Space:
        """Return the space of that name; raises Refusal, a 404 that lists the names there are."""
        space = self._spaces.get(name)
        if space is None:
            known = ", ".join(sorted(self._spaces)[:20]) or "none"
            raise Refusal(
                status=404,
                reason="space",
                detail=f"space {name!r} does not exist; there are: {known}",
                parameter="space",
                value=name,
            )
        return space

    async def create(
        self,
        *,
        district: str = "empty",
        seed: int = 1,
        now: datetime | None = None,
        name: str | None = None,
    ) -> Space:
        """Make a new space; raises DistrictError (a ValueError) when the district is unusable."""
        space = Space(
            name or secrets.token_hex(4), Recipe(district, seed, now or datetime.now(UTC))
        )
        space.district = await load_district_of(space)
        self._fill(space, space.district)
        self._spaces[space.name] = space
        return space

    async def reset(self, space: Space) -> None:
        """Put a space back to its seed and first time; URLs and credentials stay.

        The new worlds stand before anything else runs: no request ever finds a space without.
        """
        # It never changes, fakes write beside it: it need not be made again, nor its file be there.
        district = space.district or await load_district_of(space)
        before = tuple(space.worlds.values())
        space.clock = Clock(space.recipe.now)
        space.journal.clear()
        space.faults.clear()
        space.due_jobs.clear()
        self._fill(space, district)
        for world in before:
            await world.close()

    async def drop(self, space: Space) -> None:
        """Forget a space and all it holds."""
        del self._spaces[space.name]
        await space.close()

    async def put(self, space: Space) -> None:
        """Put a space in its name's place, and close the one that was there."""
        replaced = self._spaces.get(space.name)
        self._spaces[space.name] = space
        if replaced is not None:
            await replaced.close()

    def _fill(self, space: Space, district: District) -> None:
        for fake in self.fakes:
            space.worlds[fake.name] = fake.new_world(space, district)


async def load_district_of(space: Space) -> District:
    """Make a space's district, in a thread: a large one takes seconds, and others go on."""
    recipe = space.recipe

    def load(path: str) -> District:
        district = load_district(path, seed=recipe.seed, now=recipe.now)
        if len(district.tables["enrollments"]) > LARGE:
            # Columns are made at their first use: here, so that no request waits for them.
            _ = district.columns.enrollments
        return district

    def load_file(content: bytes) -> District:
        with tempfile.TemporaryDirectory(prefix="homeroom-district-") as folder:
            path = Path(folder) / Path(recipe.district).name
            path.write_bytes(content)
            return load(str(path))

    if space.district_file is not None:
        return await asyncio.to_thread(load_file, space.district_file)
    district = await asyncio.to_thread(load, recipe.district)
    if not district.generated:
        # A snapshot must hold it, whatever becomes of the file while the space lives.
        space.district_file = await asyncio.to_thread(Path(recipe.district).read_bytes)
    return district
