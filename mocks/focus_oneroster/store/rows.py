"""The rows of one collection: the district's table as it was, and an overlay of what changed.

A row is addressed by a handle: below `base` it is an index into the table, above it a row that was
added. Handles keep the order of a collection's pages: the table's order, then order of arrival.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from homeroom.mocks.district.tables import Table
from homeroom.mocks.focus_oneroster.model import Model, Row

Handles = NDArray[np.int32]
EMPTY: Handles = np.empty(0, np.int32)


def to_row(record: Any, *, since: str) -> Row:
    """Turn a district's record into a row; `since` stands in where it never was modified."""
    row: Row = msgspec.to_builtins(record, builtin_types=(Decimal,))
    # A record of a bulk file has neither: OneRoster reference, section 6, Record[-].
    row["status"] = row.get("status") or "active"
    row["dateLastModified"] = row.get("dateLastModified") or since
    return row


@dataclass(frozen=True)
class Overlay:
    """What a collection holds beyond its table, as snapshots keep it."""

    base: int
    version: int
    changed: dict[int, Row]
    added: list[Row]
    gone: set[int]


class Rows:
    """One collection in one space."""

    def __init__(self, model: Model, table: Table | None, *, since: str) -> None:
        self.model = model
        self.table = table
        self.since = since
        self.base = len(table) if table is not None else 0
        self.version = 0
        self._changed: dict[int, Row] = {}
        self._added: list[Row] = []
        self._added_at: dict[str, int] = {}
        self._gone: set[int] = set()
        self._index: dict[str, dict[str, dict[int, None]]] = {
            field.name: {} for field in model.references
        }
        self._all: tuple[int, Handles] | None = None
        self._touched: tuple[int, Handles] | None = None

    # Reading

    def __len__(self) -> int:
        return self.base + len(self._added) - len(self._gone)

    def find(self, sourced_id: str) -> int | None:
        """Return the handle of a sourcedId, or None."""
        handle = self._added_at.get(sourced_id)
        if handle is None and self.table is not None:
            handle = self.table.find(sourced_id)
        return None if handle is None or handle in self._gone else handle

    def row(self, handle: int) -> Row:
        """Return the row of a handle; it must not be altered."""
        if handle >= self.base:
            return self._added[handle - self.base]
        changed = self._changed.get(handle)
        if changed is not None:
            return changed
        return self.own_row(handle)

    def own_row(self, handle: int) -> Row:
        """Return the row that the district has at a handle below `base`, whatever came since."""
        assert self.table is not None  # noqa: S101 -- handles below base come from a table
        return to_row(self.table.record(handle), since=self.since)

    def get(self, sourced_id: str) -> Row | None:
        """Return the row of a sourcedId, or None."""
        handle = self.find(sourced_id)
        return None if handle is None else self.row(handle)

    def handles(self) -> Handles:
        """Return every handle, in order of pages."""
        if self._all is None or self._all[0] != self.version:
            every = np.arange(self.base + len(self._added), dtype=np.int32)
            if self._gone:
                every = np.delete(every, np.fromiter(self._gone, np.int64))
            self._all = (self.version, every)
        return self._all[1]

    def touched(self) -> Handles:
        """Return the handles below `base` whose rows were changed, ascending."""
        if self._touched is None or self._touched[0] != self.version:
            self._touched = (self.version, np.array(sorted(self._changed), np.int32))
        return self._touched[1]

    def written(self, field: str, value: str) -> Iterable[int]:
        """Return the handles of changed and added rows whose reference `field` holds `value`."""
        return self._index[field].get(value, ())

    def without_touched(self, handles: Handles) -> Handles:
        """Return the handles that are neither changed nor gone, from some below `base`."""
        if self._changed:
            handles = handles[~np.isin(handles, self.touched())]
        return self.without_gone(handles)

    def without_gone(self, handles: Handles) -> Handles:
        """Return the handles whose rows have not vanished."""
        if self._gone:
            return handles[~np.isin(handles, np.fromiter(self._gone, np.int64))]
        return handles

    # Writing

    def put(self, row: Row) -> bool:
        """Store a row under its sourcedId; return whether it is new."""
        self.version += 1
        handle = self.find(row["sourcedId"])
        if handle is None:
            self._added.append(row)
            handle = self.base + len(self._added) - 1
            self._added_at[row["sourcedId"]] = handle
            self._enter(handle, row)
            return True
        self._leave(handle)
        if handle >= self.base:
            self._added[handle - self.base] = row
        else:
            self._changed[handle] = row
        self._enter(handle, row)
        return False

    def remove(self, sourced_id: str) -> bool:
        """Let a row vanish; return whether there was one."""
        handle = self.find(sourced_id)
        if handle is None:
            return False
        self.version += 1
        self._leave(handle)
        self._added_at.pop(sourced_id, None)
        self._changed.pop(handle, None)
        self._gone.add(handle)
        if handle >= self.base:
            self._added[handle - self.base] = {}
        return True

    # Snapshots

    def overlay(self) -> Overlay:
        """Return what was changed, added and removed; nothing of the table."""
        return Overlay(self.base, self.version, self._changed, self._added, self._gone)

    def lay(self, overlay: Overlay) -> None:
        """Take an overlay in place of what was changed so far; raises ValueError when unfit."""
        if overlay.base != self.base:
            raise ValueError(
                f"{self.model.name}: {overlay.base} rows were there, now {self.base} are"
            )
        self.version = overlay.version
        self._changed, self._added, self._gone = overlay.changed, overlay.added, overlay.gone
        self._added_at = {}
        self._index = {field.name: {} for field in self.model.references}
        self._all = self._touched = None
        for handle, row in self._changed.items():
            self._enter(handle, row)
        for at, row in enumerate(self._added, self.base):
            if at not in self._gone:
                self._added_at[row["sourcedId"]] = at
                self._enter(at, row)

    def _keys(self, row: Mapping[str, Any]) -> Iterable[tuple[str, str]]:
        for field in self.model.references:
            value = row.get(field.name)
            if isinstance(value, str):
                yield field.name, value
            elif value:
                for item in value:
                    yield field.name, item

    def _enter(self, handle: int, row: Row) -> None:
        for name, value in self._keys(row):
            self._index[name].setdefault(value, {})[handle] = None

    def _leave(self, handle: int) -> None:
        row = self._changed.get(handle) if handle < self.base else self._added[handle - self.base]
        for name, value in self._keys(row or {}):
            entry = self._index[name].get(value)
            if entry is not None:
                entry.pop(handle, None)
                if not entry:
                    del self._index[name][value]
