"""The base of generated tables: ids, times of entry, records on demand."""

from abc import abstractmethod

import numpy as np
from numpy.typing import NDArray

from homeroom.mocks.district.generated.world import World
from homeroom.mocks.district.guids import Guids
from homeroom.mocks.district.records import Record
from homeroom.mocks.district.tables import Table


class GeneratedTable(Table):
    """Records that are made when asked for, none before; all of them active."""

    def __init__(self, world: World, collection: str, guids: Guids, count: int) -> None:
        """Make a table of `count` records, named by `guids`."""
        self._world = world
        self._plan = world.plan
        self._guids = guids
        self._count = count
        self._entered_key = world.entered_key(collection)

    def __len__(self) -> int:
        return self._count

    def sourced_id(self, index: int) -> str:
        """Return the sourcedId at `index`."""
        return self._guids.text(index)

    def sourced_ids(self, indices: NDArray[np.integer]) -> NDArray[np.bytes_]:
        """Return the sourcedIds at many indices, 36 bytes each."""
        return self._guids.texts(indices)

    def find(self, sourced_id: str) -> int | None:
        """Return the index of a sourcedId by reading it backwards, or None."""
        index = self._guids.index(sourced_id)
        return index if index is not None and index < self._count else None

    def record(self, index: int) -> Record:
        """Return the record at `index`; raises IndexError outside the table."""
        if not 0 <= index < self._count:
            raise IndexError(index)
        return self._record(int(index))

    @abstractmethod
    def _record(self, index: int) -> Record: ...

    def _entered(self, index: int) -> str:
        return self._world.entered(self._entered_key, index)

    def _make_modified(self) -> NDArray[np.int64]:
        return self._world.entered_millis(self._entered_key, self._count)

    def _make_tobedeleted(self) -> NDArray[np.bool_]:
        return np.zeros(self._count, np.bool_)
