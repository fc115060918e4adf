"""From the records of a view to those a query asks for, in its order; answers are remembered.

Clauses that a column can tell are answered at once. The others read records one by one, in turns
short enough that another space's request never waits long.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from homeroom.mocks.district.tables import Table
from homeroom.mocks.focus_oneroster.model import MODELS, Field, Kind, Row
from homeroom.mocks.focus_oneroster.query.filters import Clause, Connective, Filter
from homeroom.mocks.focus_oneroster.query.values import find_field, read, sort_key, test_of
from homeroom.mocks.focus_oneroster.store.columns import column_test
from homeroom.mocks.focus_oneroster.store.rows import Handles
from homeroom.mocks.focus_oneroster.store.store import Mask, OnBase, Store

SINGULAR = {name: model.singular for name, model in MODELS.items()}
_TURN_ROWS = 1_000
_REMEMBERED_BYTES = 24_000_000
_FIELDS_REMEMBERED = 2
# Fewer than one in so many handles are ordered by themselves.
_FEW = 8
_PLAIN = frozenset({Kind.TEXT, Kind.TOKEN, Kind.FLAG, Kind.DATE, Kind.NUMBER})


@dataclass(frozen=True, slots=True)
class Query:
    """What of a view is asked for, and in which order."""

    filter: Filter | None = None
    sort: tuple[str, ...] | None = None
    descending: bool = False
    case_sensitive: bool = False


class _Test(NamedTuple):
    """A clause as the test of a row, and of handles where a column can tell."""

    clause: Clause
    on_row: Callable[[Row], bool]
    on_base: OnBase | None


def _value_test(test: _Test, field: Field, values: Sequence[Any]) -> OnBase:
    """Test untouched handles by the values of a field that were read before."""
    on_row, name = test.on_row, field.name
    outcomes: dict[Any, bool] = {}

    def holds(value: Any) -> bool:
        if value not in outcomes:
            outcomes[value] = on_row({name: value})
        return outcomes[value]

    return lambda handles: np.fromiter(
        (holds(values[handle]) for handle in handles.tolist()), np.bool_
    )


class Selections:
    """Answers queries on one store."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._remembered: OrderedDict[Hashable, Handles] = OrderedDict()
        self._version = store.version
        self._values: OrderedDict[tuple[str, str], list[Any]] = OrderedDict()
        # Of each collection's own records, the place of each in the order of sourcedIds.
        self._ranks: dict[str, Handles] = {}

    async def choose(
        self, name: str, among: Callable[[], Handles], query: Query, *, view: Hashable
    ) -> Handles:
        """Return the handles that a query asks for; raises UnknownFieldError.

        Args:
            name: The collection.
            among: Makes the handles of the view; called only when the answer is not remembered.
            query: What is asked for.
            view: What tells this view from others of the collection.
        """
        if query.filter is None and query.sort is None:
            return among()
        version = self._store.version
        if version != self._version:
            self._remembered.clear()
            self._version = version
        key = (name, view, query)
        found = self._remembered.get(key)
        if found is not None:
            self._remembered.move_to_end(key)
            return found
        found = await self._filtered(name, among(), query)
        if query.sort is not None:
            found = await self._sorted(name, found, query)
        if version == self._store.version:
            self._remember(key, found)
            return found
        # Something was written while other requests had their turn.
        return self._store.rows[name].without_gone(found)

    def _remember(self, key: Hashable, handles: Handles) -> None:
        self._remembered[key] = handles
        while (
            len(self._remembered) > 1
            and sum(kept.nbytes for kept in self._remembered.values()) > _REMEMBERED_BYTES
        ):
            self._remembered.popitem(last=False)

    async def _filtered(self, name: str, handles: Handles, query: Query) -> Handles:
        asked = query.filter
        if asked is None:
            return handles
        model = MODELS[name]
        for clause in asked.clauses:
            find_field(model, clause.path)
        # A clause that a column can tell goes first: it leaves fewer records to be read.
        tests = sorted(
            (self._test(name, clause, query) for clause in asked.clauses),
            key=lambda test: test.on_base is None,
        )
        if asked.connective is Connective.AND:
            for test in tests:
                handles = handles[await self._mask(name, handles, test)]
            return handles
        chosen = np.zeros(len(handles), np.bool_)
        for test in tests:
            left = np.flatnonzero(~chosen)
            chosen[left] = await self._mask(name, handles[left], test)
        return handles[chosen]

    def _test(self, name: str, clause: Clause, query: Query) -> _Test:
        sensitive = query.case_sensitive
        on_row = test_of(MODELS[name], clause, SINGULAR, case_sensitive=sensitive)
        on_base = column_test(self._store, name, clause, case_sensitive=sensitive)
        return _Test(clause, on_row, on_base)

    async def _mask(self, name: str, handles: Handles, test: _Test) -> Mask:
        store = self._store
        if test.on_base is not None or len(handles) <= _TURN_ROWS:
            return store.evaluate(name, handles, test.on_row, test.on_base)
        field = MODELS[name].fields[test.clause.path[0]]
        if field.kind in _PLAIN and len(handles) * 2 > store.rows[name].base > 0:
            values = await self._values_of(name, field.name)
            return store.evaluate(name, handles, test.on_row, _value_test(test, field, values))
        parts: list[Mask] = []
        for start in range(0, len(handles), _TURN_ROWS):
            turn = handles[start : start + _TURN_ROWS]
            parts.append(store.evaluate(name, turn, test.on_row, None))
            await asyncio.sleep(0)
        return np.concatenate(parts)

    async def _values_of(self, name: str, field: str) -> list[Any]:
        """Read one field of every record of the district, or remember it: they never change."""
        found = self._values.get((name, field))
        if found is None:
            rows = self._store.rows[name]
            found = []
            for handle in range(rows.base):
                found.append(rows.own_row(handle).get(field))
                if handle % _TURN_ROWS == _TURN_ROWS - 1:
                    await asyncio.sleep(0)
            while len(self._values) >= _FIELDS_REMEMBERED:
                self._values.popitem(last=False)
            self._values[name, field] = found
        return found

    async def _sorted(self, name: str, handles: Handles, query: Query) -> Handles:
        path = query.sort or ()
        field = find_field(MODELS[name], path)
        if field.name == "sourcedId":
            order = await asyncio.to_thread(self._order_of_ids, name, handles)
        else:
            order = await self._order_of_values(name, handles, field, path)
        chosen: Handles = handles[order[::-1] if query.descending else order]
        return chosen

    def _order_of_ids(self, name: str, handles: Handles) -> Handles:
        rows = self._store.rows[name]
        own = handles < rows.base
        ours = np.flatnonzero(own)[self._order_of_own(name, handles[own])]
        added = np.flatnonzero(~own)
        if not len(added):
            return ours.astype(np.int32)
        written = [rows.row(handle)["sourcedId"].encode() for handle in handles[added].tolist()]
        ids = np.array(written)
        rising = _order_of_bytes(ids)
        at = _places_among(rows.table, handles[ours], ids[rising])
        return np.insert(ours, at, added[rising]).astype(np.int32)

    def _order_of_own(self, name: str, handles: Handles) -> Handles:
        """Order handles below the base by sourcedIds, which they keep whatever is written."""
        rows = self._store.rows[name]
        if rows.table is None:
            return handles
        ranks = self._ranks.get(name)
        if ranks is None and len(handles) * _FEW < rows.base:
            return _order_of_bytes(rows.table.sourced_ids(handles))
        if ranks is None:
            order = _order_of_bytes(rows.table.sourced_ids(np.arange(rows.base)))
            ranks = np.empty(rows.base, np.int32)
            ranks[order] = np.arange(rows.base, dtype=np.int32)
            self._ranks[name] = ranks
        return np.argsort(ranks[handles]).astype(np.int32)

    async def _order_of_values(
        self, name: str, handles: Handles, field: Field, path: Sequence[str]
    ) -> Handles:
        rows = self._store.rows[name]
        keys: list[tuple[bool, Any, str]] = []
        for place, handle in enumerate(handles.tolist()):
            row = rows.row(handle)
            values = read(row, field, path, SINGULAR)
            key = sort_key(field, values[0]) if values else None
            # Records without a value come first, and sourcedIds decide between equals.
            keys.append((key is not None, 0 if key is None else key, row.get("sourcedId", "")))
            if place % _TURN_ROWS == _TURN_ROWS - 1:
                await asyncio.sleep(0)
        return np.array(sorted(range(len(keys)), key=keys.__getitem__), np.int32)


def _order_of_bytes(ids: NDArray[np.bytes_]) -> Handles:
    """Return the order of ids by their bytes, which is Unicode's: UTF-8 keeps it."""
    width = -(-max(ids.itemsize, 1) // 8) * 8
    words = ids.astype(f"S{width}").view(">u8").reshape(len(ids), width // 8).astype(np.uint64)
    order = np.argsort(words[:, 0], kind="stable")
    # Eight bytes tell nearly all ids apart; only runs that share them need the others.
    first = words[order, 0]
    same = np.flatnonzero(first[1:] == first[:-1])
    tied = np.union1d(same, same + 1)
    order[tied] = order[tied][np.lexsort(words[order[tied]].T[::-1])]
    return order.astype(np.int32)


def _places_among(
    table: Table | None, ordered: Handles, ids: NDArray[np.bytes_]
) -> NDArray[np.intp]:
    """Return before which of some handles of a table, ordered by id, other ids belong."""
    low, high = np.zeros(len(ids), np.intp), np.full(len(ids), len(ordered), np.intp)
    while table is not None and (unsure := low < high).any():
        middle = (low + high) // 2
        below = table.sourced_ids(ordered[np.minimum(middle, len(ordered) - 1)]) < ids
        low = np.where(unsure & below, middle + 1, low)
        high = np.where(unsure & ~below, middle, high)
    return low
