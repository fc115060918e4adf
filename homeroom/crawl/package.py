"""From the pages of a crawl to a OneRoster CSV zip: everything as it came, nothing mended."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Any, Protocol

from homeroom.mocks.district.csv_binding.crawled import crawl_manifest
from homeroom.mocks.district.csv_binding.layout import COLUMNS, FILES, LINKS, MANIFEST, Column
from homeroom.mocks.district.csv_binding.values import write_list, write_metadata
from homeroom.mocks.district.csv_binding.write import header, to_csv, write_package
from homeroom.mocks.district.records import wire_name

CHUNK_ROWS = 5_000

Row = Mapping[str, Any]


class HasRows(Protocol):
    """What holds records by collection, such as the pages of a crawl."""

    def rows(self, collection: str) -> Iterator[Row]:
        """Yield a collection's records."""
        ...


def write_crawl(pages: HasRows, path: Path, *, system: str) -> dict[str, dict[str, int]]:
    """Write a zip of the crawl, with every row's status and date of change.

    Returns:
        By collection: rows, and how many of them are odd in a way that checked loading refuses.
    """
    told = {collection: _looked_at(pages, collection) for collection in COLUMNS}
    present = [file for file in FILES if _has_rows(pages, file)]
    write_package(path, _files(pages, present, system))
    return told


def _files(
    pages: HasRows, present: Sequence[str], system: str
) -> Iterator[tuple[str, Iterator[bytes]]]:
    yield MANIFEST, iter([to_csv(crawl_manifest(present, system))])
    for file in present:
        yield file, _chunks(pages, file)


def _has_rows(pages: HasRows, file: str) -> bool:
    return next(_rows(pages, file, ()), None) is not None


def _chunks(pages: HasRows, file: str) -> Iterator[bytes]:
    keys = [] if file in LINKS else _metadata_keys(pages, file)
    yield to_csv([header(file, keys)])
    rows = _rows(pages, file, keys)
    while chunk := list(islice(rows, CHUNK_ROWS)):
        yield to_csv(chunk)


def _rows(pages: HasRows, file: str, keys: Sequence[str]) -> Iterator[list[str]]:
    if file in LINKS:
        yield from _link_rows(pages, file)
        return
    for row in pages.rows(file):
        if row.get("sourcedId"):
            metadata = _metadata(row)
            extra = [_text(metadata.get(key)) for key in keys]
            yield [*(_cell(column, row) for column in COLUMNS[file]), *extra]


def _link_rows(pages: HasRows, file: str) -> Iterator[list[str]]:
    owners, _ = LINKS[file]
    for row in pages.rows(owners):
        for resource in row.get("resources") or ():
            id_ = _sourced_id(resource)
            if id_ and row.get("sourcedId"):
                link = f"{row['sourcedId']}/{id_}"
                modified = _text(row.get("dateLastModified"))
                yield [link, "active", modified, "", _text(row["sourcedId"]), id_]


def _metadata_keys(pages: HasRows, collection: str) -> list[str]:
    keys = {
        key
        for row in pages.rows(collection)
        for key, value in _metadata(row).items()
        if value is not None and key and "\n" not in key and "\r" not in key
    }
    return sorted(keys)


def _metadata(row: Row) -> Row:
    metadata = row.get("metadata")
    return metadata if isinstance(metadata, Mapping) else {}


def _cell(column: Column, row: Row) -> str:
    value = row.get("sourcedId" if column.field == "sourced_id" else wire_name(column.field))
    if value is None:
        return ""
    if isinstance(value, list):
        if column.field == "user_ids":
            return ",".join(
                f"{{{each.get('type', '')}:{each.get('identifier', '')}}}"
                for each in value
                if isinstance(each, Mapping)
            )
        items = [_sourced_id(each) if column.target else _text(each) for each in value]
        return write_list([item for item in items if item])
    return _sourced_id(value) if column.target and isinstance(value, Mapping) else _text(value)


def _sourced_id(reference: Any) -> str:
    return _text(reference.get("sourcedId")) if isinstance(reference, Mapping) else ""


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Mapping | list):
        return write_metadata(json.loads(json.dumps(value, default=str)))
    return str(value)


def _looked_at(pages: HasRows, collection: str) -> dict[str, int]:
    """Count a collection's rows, and those that no checked package may have."""
    seen: set[str] = set()
    counts: Counter[str] = Counter()
    for row in pages.rows(collection):
        counts["rows"] += 1
        id_ = row.get("sourcedId")
        counts["nameless"] += not id_
        counts["duplicate"] += bool(id_) and id_ in seen
        counts["tobedeleted"] += row.get("status") == "tobedeleted"
        seen.add(str(id_))
        for column in COLUMNS[collection]:
            if column.required and column.field != "sourced_id" and not _cell(column, row):
                counts[f"no {column.header}"] += 1
    return {name: number for name, number in counts.items() if number}
