"""What a table is: the records of one collection by index, made on demand or held as rows."""

from abc import ABC, abstractmethod
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from homeroom.mocks.district.records import Record


class Table(ABC):
    """The records of one collection, by index."""

    @abstractmethod
    def __len__(self) -> int: ...

    @abstractmethod
    def sourced_id(self, index: int) -> str:
        """Return the sourcedId at `index`."""

    @abstractmethod
    def sourced_ids(self, indices: NDArray[np.integer]) -> NDArray[np.bytes_]:
        """Return the sourcedIds at many indices as UTF-8, faster than one by one."""

    @abstractmethod
    def find(self, sourced_id: str) -> int | None:
        """Return the index of a sourcedId, or None."""

    @abstractmethod
    def record(self, index: int) -> Record:
        """Return the record at `index`, of the type that `records.RECORD_TYPES` names."""

    @cached_property
    def modified(self) -> NDArray[np.int64]:
        """`dateLastModified` of every record in milliseconds since 1970; 0 where there is none."""
        return self._make_modified()

    @cached_property
    def tobedeleted(self) -> NDArray[np.bool_]:
        """Whether each record is marked tobedeleted."""
        return self._make_tobedeleted()

    @abstractmethod
    def _make_modified(self) -> NDArray[np.int64]: ...

    @abstractmethod
    def _make_tobedeleted(self) -> NDArray[np.bool_]: ...
