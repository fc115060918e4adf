"""Focus's side of one space: its records, settings, partners and tokens."""

import asyncio
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from homeroom.mocks.district import District
from homeroom.mocks.focus_oneroster import quirks
from homeroom.mocks.focus_oneroster.enrollment_pages import EnrollmentPages
from homeroom.mocks.focus_oneroster.oauth1 import Nonces
from homeroom.mocks.focus_oneroster.selection import Selections
from homeroom.mocks.focus_oneroster.settings import Settings
from homeroom.mocks.focus_oneroster.store.store import Store
from homeroom.mocks.focus_oneroster.tokens import Client, Tokens
from homeroom.mocks.harness.clock import iso_millis
from homeroom.mocks.harness.space import Space


class Side:
    """A store as it is served: with what is remembered about it."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.selections = Selections(store)
        self.enrollment_pages = EnrollmentPages(store)


@dataclass(frozen=True, kw_only=True)
class YearLived:
    """How far a school year has been lived here, and by which dice."""

    seed: int
    scale: float
    first: date
    last: date | None = None


class FocusWorld:
    """One space's Focus. `truth` is what it holds, `side` what quirks let callers see."""

    def __init__(self, space: Space, district: District, clients: dict[str, Client]) -> None:
        self.space = space
        self.settings = Settings()
        self.clients = clients
        self.tokens = Tokens()
        self.nonces = Nonces()
        self.truth = Store(district, since=iso_millis(space.recipe.now))
        self._true_side = Side(self.truth)
        self._distorted: tuple[tuple[int, int], Side] | None = None
        self._distorts = (0, False)
        self.allocated: dict[tuple[str, str], str] = {}
        """By collection and the id in the path: the id that Modified mode gave instead."""
        self.lived: YearLived | None = None
        self.school_year: Any = None
        """The evolution behind `lived`, built again when a snapshot was restored."""
        self.evolving = asyncio.Lock()
        """Held while days are lived: another caller's come after them."""

    def now(self) -> datetime:
        """Return the space's time."""
        return self.space.clock.now()

    @property
    def side(self) -> Side:
        """The records as callers see them."""
        if self._distorts[0] != self.settings.version:
            self._distorts = (self.settings.version, quirks.distort_records(self.settings))
        if not self._distorts[1]:
            return self._true_side
        key = (self.truth.version, self.settings.version)
        if self._distorted is None or self._distorted[0] != key:
            self._distorted = (key, Side(quirks.distorted(self.truth, self.settings)))
        return self._distorted[1]

    @property
    def is_ours(self) -> bool:
        """Whether what is served keeps the standard: files and quirks may break any rule."""
        return self.truth.district.generated and not quirks.any_on(self.settings)

    async def close(self) -> None:
        """Nothing runs in the background."""
