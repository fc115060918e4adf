"""Checks that every reference of a package finds its record, and that no tree has a loop."""

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Any

from homeroom.mocks.district.csv_binding.layout import COLUMNS, LINKS, Column
from homeroom.mocks.district.csv_binding.problems import Problems
from homeroom.mocks.district.records import Record


@dataclass(frozen=True)
class Rows:
    """The records of one file and the lines they stand in."""

    records: list[Record]
    lines: list[int]


@dataclass(frozen=True, slots=True)
class Link:
    """A resource tied to a class or course, and the line that says so."""

    line: int
    owner: str
    resource: str


def check_references(
    rows: Mapping[str, Rows],
    links: Mapping[str, Sequence[Link]],
    problems: Problems,
    *,
    unknown: AbstractSet[str],
    partial: AbstractSet[str] = frozenset(),
) -> None:
    """Report every reference that finds no record, file by file and line by line.

    Files in `unknown` are missing or could not be read, and that is reported already: whether
    their records are there cannot be said. Files in `partial` hold changes alone: what they
    refer to need not have changed.
    """
    ids = {
        collection: {record.sourced_id for record in read.records}
        for collection, read in rows.items()
    }
    for collection, columns in COLUMNS.items():
        if collection in partial:
            continue
        file = f"{collection}.csv"
        for column in columns:
            if column.target is None or column.target in unknown:
                continue
            known = ids[column.target]
            for line, record in zip(rows[collection].lines, rows[collection].records, strict=True):
                for sourced_id in _referenced(getattr(record, column.field)):
                    if sourced_id not in known:
                        _report(sourced_id, file, line, column, problems)
    for file, found in links.items():
        if file not in partial:
            _check_links(file, found, ids, problems, unknown)
    for collection in ("orgs", "academicSessions"):
        _check_tree(collection, rows[collection], problems)


def _check_links(
    file: str,
    links: Sequence[Link],
    ids: Mapping[str, set[str]],
    problems: Problems,
    unknown: AbstractSet[str],
) -> None:
    for column in LINKS[file][1]:
        if column.target is None or column.target in unknown:
            continue
        for link in links:
            sourced_id = getattr(link, column.field)
            if sourced_id and sourced_id not in ids[column.target]:
                _report(sourced_id, f"{file}.csv", link.line, column, problems)


def _referenced(value: Any) -> Sequence[str]:
    if isinstance(value, tuple):
        return value
    return (value,) if value else ()


def _report(sourced_id: str, file: str, line: int, column: Column, problems: Problems) -> None:
    problems.add(
        f"{sourced_id!r} is in no row of {column.target}.csv; add it there, or correct it here",
        file=file,
        line=line,
        column=column.header,
    )


def _check_tree(collection: str, rows: Rows, problems: Problems) -> None:
    """Report a record that is above itself: whoever walks up the tree would never arrive."""
    parents: dict[str, str | None] = {
        record.sourced_id: getattr(record, "parent", None) for record in rows.records
    }
    sound: set[str] = set()
    for line, record in zip(rows.lines, rows.records, strict=True):
        path: list[str] = []
        at: str | None = record.sourced_id
        while at is not None and at not in sound and at not in path:
            path.append(at)
            at = parents.get(at)
        if at is not None and at in path:
            problems.add(
                f"{record.sourced_id!r} is above itself; correct one parent on the way",
                file=f"{collection}.csv",
                line=line,
                column="parentSourcedId",
            )
        sound.update(path)
