"""Spaces: isolated worlds, each with its district, clock, journal and one world per fake."""

import asyncio
import logging
import secrets
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Protocol

from homeroom.mocks.district import District, load_district
from homeroom.mocks.harness.clock import Clock
from homeroom.mocks.harness.faults.book import FaultBook
from homeroom.mocks.harness.journal import Journal
from homeroom.mocks.harness.request import Refusal

log = logging.getLogger(__name__)
DEFAULT_SPACE = "default"

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
        self._secrets: dict[str, str] = {}

    @property
    def prefix(self) -> str:
        """Path prefix of the space's URLs; the default space has none."""
        return "" if self.name == DEFAULT_SPACE else f"/s/{self.name}"

    def secret(self, label: str, *, length: int = 32) -> str:
        """Return this space's secret of that label, the same for as long as the space lives."""
        if label not in self._secrets:
            self._secrets[label] = secrets.token_hex(length)
        return self._secrets[label]

    async def run_due_jobs(self) -> None:
        """Let every fake do what is due at the space's present time."""
        for job in self.due_jobs:
            await job(self.clock.now())

    async def close(self) -> None:
        """Stop both fakes' background work in this space."""
        for world in self.worlds.values():
            await world.close()
        self.worlds.clear()
        self.due_jobs.clear()


class Spaces:
    """All spaces of one process."""

    def __init__(self, fakes: Sequence[WorldMaker]) -> None:
        self._fakes = tuple(fakes)
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
        await self._fill(space)
        self._spaces[space.name] = space
        return space

    async def reset(self, space: Space) -> None:
        """Put a space back to its seed and first time; URLs and credentials stay."""
        await space.close()
        space.clock = Clock(space.recipe.now)
        space.journal.clear()
        space.faults.clear()
        await self._fill(space)

    async def drop(self, space: Space) -> None:
        """Forget a space and all it holds."""
        del self._spaces[space.name]
        await space.close()

    async def _fill(self, space: Space) -> None:
        recipe = space.recipe
        # A large district takes seconds: in a thread, so that other spaces go on answering.
        space.district = await asyncio.to_thread(
            load_district, recipe.district, seed=recipe.seed, now=recipe.now
        )
        for fake in self._fakes:
            space.worlds[fake.name] = fake.new_world(space, space.district)
