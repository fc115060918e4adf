"""Writes any district as a OneRoster 1.1 CSV zip, the same bytes every time."""

import csv
import hashlib
import io
import uuid
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path

from homeroom.mocks.district.csv_binding.layout import (
    COLUMNS,
    FILES,
    LINKS,
    MANIFEST,
    MANIFEST_HEADER,
    METADATA,
    VERSIONS,
    columns_of,
)
from homeroom.mocks.district.csv_binding.values import write_metadata
from homeroom.mocks.district.district import District
from homeroom.mocks.district.records import Class, Course, Record, Status
from homeroom.mocks.district.rows import RowTable
from homeroom.mocks.district.tables import Table

_EPOCH = (1980, 1, 1, 0, 0, 0)
"""The first moment a zip can name: time of writing must not be in the bytes."""
_CHUNK_ROWS = 5_000
_LINKS_SPACE = uuid.UUID("6f1ef3f2-3c4e-5b51-9d6a-2f6f6b6f6d01")


def write_district(district: District, path: Path) -> None:
    """Write a bulk package: every record that is not marked tobedeleted.

    Line breaks inside values become blanks, dates with a time lose the time: the binding has no
    room for them. The bytes depend on the records and on the zip library's version alone.
    """
    partial = path.with_name(f"{path.name}.partial")
    try:
        with zipfile.ZipFile(partial, "w") as archive:
            for file in (MANIFEST, *_present(district)):
                info = zipfile.ZipInfo(f"{file}.csv", _EPOCH)
                info.compress_type = zipfile.ZIP_DEFLATED
                with archive.open(info, "w", force_zip64=True) as entry:
                    for chunk in csv_chunks(district, file):
                        entry.write(chunk)
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)


def digest(district: District) -> str:
    """Return the SHA-256 of a district's CSV files: what two districts that are alike share."""
    total = hashlib.sha256()
    for file in (MANIFEST, *_present(district)):
        total.update(f"{file}.csv\0".encode())
        for chunk in csv_chunks(district, file):
            total.update(chunk)
        total.update(b"\0")
    return total.hexdigest()


def csv_chunks(district: District, file: str) -> Iterator[bytes]:
    """Yield the bytes of the manifest or of a data file, a few thousand rows at a time."""
    if file == MANIFEST:
        yield _csv([MANIFEST_HEADER, *_manifest_rows(district)])
        return
    columns = columns_of(file)
    keys = [] if file in LINKS else sorted(_metadata_keys(district.tables[file]))
    yield _csv([[column.header for column in columns] + [f"{METADATA}{key}" for key in keys]])
    rows = _rows(district, file, keys)
    while chunk := list(islice(rows, _CHUNK_ROWS)):
        yield _csv(chunk)


def _present(district: District) -> list[str]:
    return [file for file in FILES if next(_rows(district, file), None) is not None]


def _manifest_rows(district: District) -> Iterator[tuple[str, str]]:
    present = _present(district)
    yield from VERSIONS.items()
    for file in FILES:
        yield f"file.{file}", "bulk" if file in present else "absent"
    yield "source.systemName", _one_line(district.name)


def _csv(rows: Iterable[Sequence[str]]) -> bytes:
    out = io.StringIO(newline="")
    csv.writer(out, lineterminator="\r\n").writerows(rows)
    return out.getvalue().encode()


def _records(table: Table) -> Iterator[Record]:
    for index in range(len(table)):
        record = table.record(index)
        if record.status != Status.TOBEDELETED:
            yield record


def _metadata_keys(table: Table) -> set[str]:
    if not isinstance(table, RowTable):
        return set()  # Generated records carry no extensions: no need to make them twice.
    return {key for record in table.records if record.metadata for key in record.metadata}


def _rows(district: District, file: str, keys: Sequence[str] = ()) -> Iterator[list[str]]:
    if file in LINKS:
        yield from _link_rows(district, file)
        return
    # Identity, then nothing where a bulk file has neither status nor time of change.
    columns = [(column.field, column.type.write) for column in COLUMNS[file][3:]]
    for record in _records(district.tables[file]):
        row = [record.sourced_id, "", ""]
        for field, write in columns:
            value = getattr(record, field)
            row.append("" if value is None or value == () else _one_line(write(value)))
        for key in keys:
            value = (record.metadata or {}).get(key)
            row.append("" if value is None else _one_line(write_metadata(value)))
        yield row


def _link_rows(district: District, file: str) -> Iterator[list[str]]:
    owners, _ = LINKS[file]
    for record in _records(district.tables[owners]):
        if isinstance(record, Class | Course):
            for resource in record.resources:
                name = f"{owners}/{record.sourced_id}/{resource}"
                link = str(uuid.uuid5(_LINKS_SPACE, name))
                yield [link, "", "", "", record.sourced_id, resource]


def _one_line(text: str) -> str:
    return " ".join(text.splitlines()) if "\n" in text or "\r" in text else text
