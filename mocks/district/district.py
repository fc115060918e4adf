"""A district as data: one table per OneRoster collection, frozen once made."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from homeroom.mocks.district.columns import Columns, Relations
from homeroom.mocks.district.records import COLLECTIONS, Record
from homeroom.mocks.district.rows import RowColumns, RowTable
from homeroom.mocks.district.tables import Table


class DistrictError(ValueError):
    """A district cannot be made of what was given; the text names file, line, column and remedy."""

    def __init__(self, text: str, *, problems: tuple[str, ...] = (), count: int = 0) -> None:
        """Say what is wrong in `text`.

        `problems` are the first single points of a file that was refused and `count` says how
        many there are; 0 where there was no file to refuse.
        """
        super().__init__(text)
        self.problems = problems
        self.count = count


def _no_tables() -> dict[str, RowTable]:
    return {collection: RowTable() for collection in COLLECTIONS}


@dataclass(frozen=True, kw_only=True, eq=False)
class District:
    """The ground truth of a space at its start.

    The Focus fake serves it and keeps changes apart.
    """

    name: str
    seed: int
    generated: bool
    """Whether its people are ours: then their names may be shown."""
    tables: Mapping[str, Table] = field(default_factory=_no_tables)
    """By collection name on the wire, all of `records.COLLECTIONS`; some may have no rows."""
    columns: Columns = field(default_factory=lambda: RowColumns(_no_tables()))
    """The same records as numpy columns; see `columns`."""

    @cached_property
    def relations(self) -> Relations:
        """Who refers to a record: the references read backwards; see `columns`."""
        return Relations(self.columns)

    def find(self, collection: str, sourced_id: str) -> Record | None:
        """Return the record of a collection under a sourcedId, or None."""
        table = self.tables[collection]
        index = table.find(sourced_id)
        return None if index is None else table.record(index)


def district_of_rows(
    rows: Mapping[str, RowTable], *, name: str, seed: int, generated: bool
) -> District:
    """Make a district of rows; collections not given are empty."""
    tables = _no_tables() | dict(rows)
    return District(
        name=name, seed=seed, generated=generated, tables=tables, columns=RowColumns(tables)
    )
