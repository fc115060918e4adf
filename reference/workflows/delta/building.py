"""Planning a night whose feed is kept: whole, or only what a scope holds."""

from bisect import bisect_left
from collections import Counter
from collections.abc import Container, Iterable
from pathlib import Path
from typing import Any

import msgspec

from homeroom.reference.roster.build import Build
from homeroom.reference.roster.mapping import Placing
from homeroom.reference.roster.people import People
from homeroom.reference.roster.plan import Ledger, Plan
from homeroom.reference.roster.read import Feed
from homeroom.reference.roster.shelves import SHELVES, Shelves
from homeroom.reference.settings import Settings
from homeroom.reference.workflows.delta.scope import Scope
from homeroom.reference.workflows.delta.store import Store

PERSON = "INSERT OR REPLACE INTO people VALUES (?, ?)"
PLACING = "INSERT OR REPLACE INTO placings VALUES (?, ?, ?)"
_encoder = msgspec.json.Encoder()


class KeptPeople(People):
    """Who has an account, noted in a store as well."""

    def __init__(self, store: Store) -> None:
        super().__init__()
        self._db = store.db

    def add(self, sourced_id: str, sis_id: str) -> None:
        """Count a user in."""
        super().add(sourced_id, sis_id)
        self._db.execute(PERSON, (sourced_id, sis_id))

    def depart(self, sourced_id: str) -> None:
        """Count a user as one who left."""
        super().depart(sourced_id)
        self._db.execute(PERSON, (sourced_id, None))


class FoundPeople(KeptPeople):
    """Who has an account, looked up in a store; those of a scope are counted anew."""

    def __init__(self, store: Store, scope: Scope) -> None:
        super().__init__(store)
        ours = ((user.sourced_id,) for shelf in range(SHELVES) for user in scope.iter_users(shelf))
        self._db.executemany("DELETE FROM people WHERE sourced_id = ?", list(ours))

    def sis_id(self, sourced_id: str) -> str | None:
        """Give a provisioned user's SIS ID."""
        found = self._find(sourced_id)
        return found[0] if found else None

    def has_departed(self, sourced_id: str) -> bool:
        """Tell a user who left from one the feed does not know."""
        return self._find(sourced_id) == (None,)

    def _find(self, sourced_id: str) -> tuple[str | None] | None:
        sql = "SELECT sis_id FROM people WHERE sourced_id = ?"
        found: tuple[str | None] | None = self._db.execute(sql, (sourced_id,)).fetchone()
        return found


class KeptPlacings(Shelves[Placing]):
    """What classes say of their courses, noted in a store as well."""

    def __init__(self, store: Store) -> None:
        super().__init__(Placing, lambda placing: placing.row.course_id)
        self._store = store

    def add(self, records: Iterable[Placing]) -> None:
        """Deal out some placings."""
        placings = list(records)
        super().add(placings)
        rows = [(p.row.source, p.row.course_id, _encoder.encode(p)) for p in placings]
        self._store.db.executemany(PLACING, rows)


class ScopedPlacings(Shelves[Placing]):
    """What the classes of a scope say, and what the others of their courses said last night."""

    def __init__(self, store: Store, scope: Scope) -> None:
        super().__init__(Placing, lambda placing: placing.row.course_id)
        self._db, self._scope = store.db, scope
        self._tonight: dict[str, Placing] = {}
        self._settled = False

    def add(self, records: Iterable[Placing]) -> None:
        """Take some placings in."""
        self._tonight |= {placing.row.source: placing for placing in records}

    def take(self, shelf: int) -> list[Placing]:
        """Give all placings of the courses on a shelf that may have changed."""
        if not self._settled:
            self._settle()
        sql, courses = "SELECT placing FROM placings WHERE course = ?", self._scope.course_shelves
        blobs = (blob for each in courses[shelf] for (blob,) in self._db.execute(sql, (each,)))
        return [self._decoder.decode(blob) for blob in blobs]

    def _settle(self) -> None:
        self._settled = True
        for class_id in self._scope.classes:
            sql = "SELECT course, placing FROM placings WHERE class = ?"
            was = self._db.execute(sql, (class_id,)).fetchone()
            placing = self._tonight.pop(class_id, None)
            blob = _encoder.encode(placing) if placing else None
            if was and was[1] == blob:
                continue
            if was:
                self._scope.courses.add(was[0])
            if placing:
                self._scope.courses.add(placing.row.course_id)
                self._db.execute(PLACING, (class_id, placing.row.course_id, blob))
            else:
                self._db.execute("DELETE FROM placings WHERE class = ?", (class_id,))


class ScopedLedger(Ledger):
    """Turns over those rows of a shelf that a scope holds; the others stay as they are."""

    def __init__(self, scope: Scope, kind: str, *rest: Any) -> None:
        super().__init__(kind, *rest)
        self._scope, self._shelf = scope, -1
        self._whole, self._others = list[bytes](), list[bytes]()

    def _draw(self) -> list[bytes]:
        self._whole, self._shelf = super()._draw(), self._shelf + 1
        ours, self._others = split(self._whole, self._scope.starts(self._kind, self._shelf))
        return ours

    def _shelve(self, lines: list[bytes]) -> None:
        super()._shelve(sorted(self._others + lines))

    def students(self, sections: Container[str]) -> Counter[str]:
        """Count the students whom sections had, beside those of the scope as well."""
        self._last_night = self._whole
        return super().students(sections)


class KeptBuild(Build):
    """A whole night whose feed is kept for the next."""

    def __init__(self, store: Store, *rest: Any) -> None:
        super().__init__(*rest)
        self._people, self._placings = KeptPeople(store), KeptPlacings(store)


class ScopedBuild(Build):
    """A night of what a scope holds; its plan is the one that a whole night would make."""

    def __init__(
        self,
        scope: Scope,
        store: Store,
        feed: Feed,
        before: Path | None,
        folder: Path,
        settings: Settings,
        plan: Plan,
    ) -> None:
        super().__init__(feed, before, folder, settings, plan)
        self._scope, self._store, self._people = scope, store, FoundPeople(store, scope)
        self._placings = ScopedPlacings(store, scope)

    def _ledger(self, kind: str) -> Ledger:
        if kind in {"accounts", "terms"}:
            return super()._ledger(kind)
        rest = self._before, self._folder, self._plan, self._settings
        return ScopedLedger(self._scope, kind, *rest)


def split(lines: list[bytes], starts: Iterable[bytes]) -> tuple[list[bytes], list[bytes]]:
    """Part sorted lines into those that begin in one of some ways, and the others."""
    ours: list[bytes] = []
    others: list[bytes] = []
    here = 0
    for start in sorted(starts):
        first = last = bisect_left(lines, start, here)
        while last < len(lines) and lines[last].startswith(start):
            last += 1
        others += lines[here:first]
        ours += lines[first:last]
        here = last
    return ours, others + lines[here:]
