"""Tables of objects: by Canvas id, which is the place in a list, and by SIS and integration id."""

from collections.abc import Iterator
from typing import Generic, Protocol, TypeVar

from homeroom.mocks.canvas.store.people import Pseudonym


class Row(Protocol):
    """Anything with a Canvas id."""

    id: int


class SisRow(Row, Protocol):
    """Anything that a SIS may own."""

    sis_source_id: str | None
    integration_id: str | None


RowT = TypeVar("RowT", bound=Row)
SisRowT = TypeVar("SisRowT", bound=SisRow)


class Table(Generic[RowT]):
    """Rows in order of their ids, from 1 without gaps; none is ever taken out."""

    __slots__ = ("rows",)

    def __init__(self) -> None:
        self.rows: list[RowT] = []

    @property
    def next_id(self) -> int:
        """The id that the next row to be added must have."""
        return len(self.rows) + 1

    def add(self, row: RowT) -> RowT:
        """Append a row made with `next_id`."""
        if row.id != len(self.rows) + 1:
            raise ValueError(f"row {row.id} was not made with next_id {len(self.rows) + 1}")
        self.rows.append(row)
        return row

    def find(self, row_id: int) -> RowT | None:
        """Return the row of that id, in whatever state, or None."""
        return self.rows[row_id - 1] if 0 < row_id <= len(self.rows) else None

    def get(self, row_id: int) -> RowT:
        """Return the row of an id known to exist; raises KeyError."""
        row = self.find(row_id)
        if row is None:
            raise KeyError(row_id)
        return row

    def __iter__(self) -> Iterator[RowT]:
        return iter(self.rows)

    def __len__(self) -> int:
        return len(self.rows)


class SisTable(Table[SisRowT]):
    """Rows also found by SIS id and integration id. Deleted rows keep both, as in Canvas."""

    __slots__ = ("by_integration_id", "by_sis_id")

    def __init__(self) -> None:
        super().__init__()
        self.by_sis_id: dict[str, SisRowT] = {}
        self.by_integration_id: dict[str, SisRowT] = {}

    def add(self, row: SisRowT) -> SisRowT:
        """Append a row made with `next_id`, and index it."""
        super().add(row)
        if row.sis_source_id is not None:
            self.by_sis_id[row.sis_source_id] = row
        if row.integration_id is not None:
            self.by_integration_id[row.integration_id] = row
        return row

    def set_sis_id(self, row: SisRowT, sis_id: str | None) -> None:
        """Give a row another SIS id, or none."""
        if row.sis_source_id is not None and self.by_sis_id.get(row.sis_source_id) is row:
            del self.by_sis_id[row.sis_source_id]
        row.sis_source_id = sis_id
        if sis_id is not None:
            self.by_sis_id[sis_id] = row

    def set_integration_id(self, row: SisRowT, integration_id: str | None) -> None:
        """Give a row another integration id, or none."""
        held = row.integration_id
        if held == integration_id:
            return
        if held is not None and self.by_integration_id.get(held) is row:
            del self.by_integration_id[held]
        row.integration_id = integration_id
        if integration_id is not None:
            self.by_integration_id[integration_id] = row


class PseudonymTable(Table[Pseudonym]):
    """Logins, found by SIS id, by integration id, and by login_id without regard to case."""

    __slots__ = ("by_integration_id", "by_login", "by_sis_id")

    def __init__(self) -> None:
        super().__init__()
        self.by_sis_id: dict[str, Pseudonym] = {}
        self.by_integration_id: dict[str, Pseudonym] = {}
        self.by_login: dict[str, Pseudonym | tuple[Pseudonym, ...]] = {}
        """A tuple where several logins share a name: deleted ones, or of other providers."""

    def add(self, row: Pseudonym) -> Pseudonym:
        """Append a login made with `next_id`, and index it."""
        super().add(row)
        if row.sis_user_id is not None:
            self.by_sis_id[row.sis_user_id] = row
        if row.integration_id is not None:
            self.by_integration_id[row.integration_id] = row
        self._index_login(row)
        return row

    def _index_login(self, row: Pseudonym) -> None:
        key = row.unique_id.lower()
        held = self.by_login.get(key)
        if held is None:
            # Most names are in lower case: one string will do for name and key.
            self.by_login[row.unique_id if key == row.unique_id else key] = row
        else:
            self.by_login[key] = (*held, row) if isinstance(held, tuple) else (held, row)

    def of_login(self, unique_id: str) -> tuple[Pseudonym, ...]:
        """Return all logins of that name, deleted ones too, oldest first."""
        held = self.by_login.get(unique_id.lower())
        if held is None:
            return ()
        return held if isinstance(held, tuple) else (held,)

    def set_unique_id(self, row: Pseudonym, unique_id: str) -> None:
        """Rename a login."""
        if row.unique_id == unique_id:
            return
        key = row.unique_id.lower()
        rest = tuple(other for other in self.of_login(row.unique_id) if other is not row)
        if len(rest) > 1:
            self.by_login[key] = rest
        elif rest:
            self.by_login[key] = rest[0]
        else:
            self.by_login.pop(key, None)
        row.unique_id = unique_id
        self._index_login(row)

    def set_sis_id(self, row: Pseudonym, sis_id: str | None) -> None:
        """Give a login another SIS id, or none."""
        if row.sis_user_id is not None and self.by_sis_id.get(row.sis_user_id) is row:
            del self.by_sis_id[row.sis_user_id]
        row.sis_user_id = sis_id
        if sis_id is not None:
            self.by_sis_id[sis_id] = row

    def set_integration_id(self, row: Pseudonym, integration_id: str | None) -> None:
        """Give a login another integration id, or none."""
        held = row.integration_id
        if held is not None and self.by_integration_id.get(held) is row:
            del self.by_integration_id[held]
        row.integration_id = integration_id
        if integration_id is not None:
            self.by_integration_id[integration_id] = row
