"""Reads a district from a zip of CSV files: all of it is checked before any of it is loaded."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec

from homeroom.mocks.district.csv_binding.fields import RowParser
from homeroom.mocks.district.csv_binding.layout import (
    LINKS,
    METADATA,
    SOURCED_ID_COLUMN,
    columns_of,
)
from homeroom.mocks.district.csv_binding.package import Package, read_package
from homeroom.mocks.district.csv_binding.problems import Problems
from homeroom.mocks.district.csv_binding.references import Link, Rows, check_references
from homeroom.mocks.district.csv_binding.rows import (
    header_of,
    read_rows,
    read_rows_leniently,
)
from homeroom.mocks.district.district import District, district_of_rows
from homeroom.mocks.district.records import (
    COLLECTIONS,
    RECORD_TYPES,
    AcademicSession,
    Org,
    Record,
    Status,
)
from homeroom.mocks.district.rows import RowTable


def read_district(path: Path, *, seed: int, now: datetime, checked: bool = True) -> District:
    """Read a OneRoster 1.1 CSV zip.

    Args:
        path: The zip.
        seed: Kept with the district; nothing is drawn.
        now: When bulk rows count as imported: they have no `dateLastModified` of their own.
        checked: Refuse what breaks the binding. Otherwise load whatever can be read, for data
            crawled from a live provider: null references, broken ones and odd values included.

    Raises:
        DistrictError: The zip is unreadable, or breaks the binding; nothing is loaded then.
    """
    problems = Problems(path.name, checked=checked)
    package = read_package(path, problems)
    reading = Reading(package, now=now, problems=problems, checked=checked)
    rows = {collection: reading.records(collection) for collection in COLLECTIONS}
    links = {file: reading.links(file) for file in LINKS}
    if checked:
        unknown = package.missing | reading.unread
        check_references(rows, links, problems, unknown=unknown, partial=reading.deltas)
        problems.raise_if_any()
    resources: dict[str, dict[str, list[str]]] = {}
    for file, (owners, _) in LINKS.items():
        by_owner = resources.setdefault(owners, defaultdict(list))
        for link in links[file]:
            by_owner[link.owner].append(link.resource)
    tables = {
        collection: RowTable(_completed(collection, read.records, resources.get(collection, {})))
        for collection, read in rows.items()
    }
    return district_of_rows(
        tables, name=package.system_name or path.stem, seed=seed, generated=False
    )


def _completed(
    collection: str, records: Sequence[Record], resources: Mapping[str, Sequence[str]]
) -> Sequence[Record]:
    """Fill in what other rows say of a record: its children, and the resources of a class."""
    if collection in ("orgs", "academicSessions"):
        children: dict[str | None, list[str]] = defaultdict(list)
        for record in records:
            if isinstance(record, Org | AcademicSession):
                children[record.parent].append(record.sourced_id)
        return [
            msgspec.structs.replace(record, children=tuple(children[record.sourced_id]))
            if record.sourced_id in children
            else record
            for record in records
        ]
    if resources:
        return [
            msgspec.structs.replace(record, resources=tuple(resources[record.sourced_id]))
            if record.sourced_id in resources
            else record
            for record in records
        ]
    return records


class Reading:
    """One reading of a package: rows to records, problems noted on the way."""

    def __init__(
        self, package: Package, *, now: datetime, problems: Problems, checked: bool
    ) -> None:
        self._package = package
        self._problems = problems
        self._checked = checked
        at = now.replace(tzinfo=UTC) if now.tzinfo is None else now.astimezone(UTC)
        self.unread: set[str] = set()
        """Files whose encoding or header is wrong: what they hold is not known."""
        self.deltas: set[str] = set()
        """Files of changes."""
        self._imported = f"{at:%Y-%m-%dT%H:%M:%S}.{at.microsecond // 1000:03d}Z"

    def records(self, collection: str) -> Rows:
        """Return the records of a collection's file, none where the package has no such file."""
        record_type = RECORD_TYPES[collection]
        rows = Rows([], [])
        first: dict[str, int] = {}
        for line, fields in self.parsed(collection):
            sourced_id = fields["sourced_id"]
            if sourced_id in first:
                self._problems.add(
                    f"{sourced_id!r} is already the sourcedId of line {first[sourced_id]}; "
                    "give each record its own",
                    file=f"{collection}.csv",
                    line=line,
                    column=SOURCED_ID_COLUMN.header,
                )
            first.setdefault(sourced_id, line)
            rows.lines.append(line)
            rows.records.append(record_type(**fields))
        return rows

    def links(self, file: str) -> list[Link]:
        """Return the rows of a file that ties resources to classes or courses."""
        return [
            Link(line, fields.get("owner", ""), fields.get("resource", ""))
            for line, fields in self.parsed(file)
            if fields["status"] is not Status.TOBEDELETED
        ]

    def parsed(self, file: str) -> Iterator[tuple[int, dict[str, Any]]]:
        """Yield the rows of a file as fields of records, with their lines."""
        data = self._package.files.get(file)
        if data is None:
            return
        columns = columns_of(file)
        header = [column.header for column in columns]
        name, before = f"{file}.csv", self._problems.count
        if self._checked:
            rows = read_rows(name, data, header, self._problems, extensible=True)
        else:
            rows = read_rows_leniently(data, header)
        extensions = [extra for extra in header_of(data) if extra.startswith(METADATA)]
        parser = RowParser(name, columns, extensions, self._imported, self._problems)
        count = 0
        for count, (line, row) in enumerate(rows, start=1):  # noqa: B007 - counted for below
            fields = parser.parse(line, row)
            if self._checked or fields["sourced_id"]:
                yield line, fields
        if parser.is_delta:
            self.deltas.add(file)
        if not count:
            if self._problems.count == before:
                self._problems.add(
                    "has no rows; leave the file out and say absent in the manifest", file=name
                )
            else:
                self.unread.add(file)
