"""Writes any district as a OneRoster 1.1 CSV zip, the same bytes every time."""

import csv
import hashlib
import io
import uuid
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

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
_LINKS_SPACE = uuid.UUID("6f1ef3f2-3c4e-5b51-9d6a-2f6f6b6f6d01")


def write_district(district: District, path: Path) -> None:
    """Write a bulk package: every record that is not marked tobedeleted.

    Line breaks inside values become blanks, dates with a time lose the time: the binding has no
    room for them. The bytes depend on the records and on the zip library's version alone.
    """
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in csv_files(district):
            info = zipfile.ZipInfo(name, _EPOCH)
            info.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(info, data, compresslevel=6)


def digest(district: District) -> str:
    """Return the SHA-256 of a district's CSV files: what two districts that are alike share."""
    total = hashlib.sha256()
    for name, data in csv_files(district):
        total.update(f"{name}\0{len(data)}\0".encode())
        total.update(data)
    return total.hexdigest()


def csv_files(district: District) -> Iterator[tuple[str, bytes]]:
    """Yield name and bytes of the manifest and of every data file that has rows, one at a time."""
    present = [file for file in FILES if _has_rows(district, file)]
    yield f"{MANIFEST}.csv", _manifest(district, present)
    for file in present:
        yield f"{file}.csv", _file(district, file)


def _has_rows(district: District, file: str) -> bool:
    return next(_rows(district, file), None) is not None


def _manifest(district: District, present: Sequence[str]) -> bytes:
    rows = [*VERSIONS.items()]
    rows += [(f"file.{file}", "bulk" if file in present else "absent") for file in FILES]
    rows += [("source.systemName", _one_line(district.name))]
    return _csv([MANIFEST_HEADER, *rows])


def _file(district: District, file: str) -> bytes:
    columns = columns_of(file)
    keys = [] if file in LINKS else sorted(_metadata_keys(district.tables[file]))
    header = [column.header for column in columns] + [f"{METADATA}{key}" for key in keys]
    return _csv([header], _rows(district, file, keys))


def _csv(*parts: Any) -> bytes:
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    for part in parts:
        writer.writerows(part)
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
