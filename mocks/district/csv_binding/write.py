"""Writes any district as a OneRoster 1.1 CSV zip, the same bytes every time."""

import csv
import errno
import hashlib
import io
import uuid
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
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
    files = (MANIFEST, *_present(district))
    write_package(path, ((file, csv_chunks(district, file)) for file in files))


def write_package(path: Path, files: Iterable[tuple[str, Iterable[bytes]]]) -> None:
    """Write a zip of CSV files whole or not at all; no time of writing is in its bytes."""
    if path.exists() and not path.is_file():
        # Put in its place, the zip would take the place of a device such as /dev/stdout.
        raise OSError(errno.EINVAL, "there is something there that is no file")
    partial = path.with_name(f"{path.name}.partial")
    try:
        with zipfile.ZipFile(partial, "w") as archive:
            for file, chunks in files:
                info = zipfile.ZipInfo(f"{file}.csv", _EPOCH)
                info.compress_type = zipfile.ZIP_DEFLATED
                with archive.open(info, "w", force_zip64=True) as entry:
                    for chunk in chunks:
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
        modes = dict.fromkeys(_present(district), "bulk")
        yield to_csv(manifest_rows(modes, district.name))
        return
    keys = [] if file in LINKS else sorted(_metadata_keys(district.tables[file]))
    yield to_csv([header(file, keys)])
    rows = _rows(district, file, keys)
    while chunk := list(islice(rows, _CHUNK_ROWS)):
        yield to_csv(chunk)


def header(file: str, keys: Sequence[str]) -> list[str]:
    """Return a file's header, with extension columns for metadata of `keys`."""
    return [column.header for column in columns_of(file)] + [f"{METADATA}{key}" for key in keys]


def _present(district: District) -> list[str]:
    return [file for file in FILES if next(_rows(district, file), None) is not None]


def manifest_rows(modes: Mapping[str, str], system: str) -> Iterator[tuple[str, str]]:
    """Yield the rows of a manifest; files without a mode are absent."""
    yield MANIFEST_HEADER
    yield from VERSIONS.items()
    for file in FILES:
        yield f"file.{file}", modes.get(file, "absent")
    yield "source.systemName", _one_line(system)


def to_csv(rows: Iterable[Sequence[str]]) -> bytes:
    """Write rows as CSV."""
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
    for record in _records(district.tables[file]):
        yield to_row(file, record, keys)


def to_row(
    collection: str, record: Record, keys: Sequence[str], *, is_delta: bool = False
) -> list[str]:
    """Write a record as a row, with metadata of `keys` behind; a bulk row has no state."""
    state = (record.status or "", record.date_last_modified or "") if is_delta else ("", "")
    row = [record.sourced_id, *state]
    for field, write in _WRITERS[collection]:
        value = getattr(record, field)
        row.append("" if value is None or value == () else _one_line(write(value)))
    for key in keys:
        value = (record.metadata or {}).get(key)
        row.append("" if value is None else _one_line(write_metadata(value)))
    return row


_WRITERS = {
    collection: [(column.field, column.type.write) for column in columns[3:]]
    for collection, columns in COLUMNS.items()
}
"""Fields behind identity, status and time of change, and how each is written."""


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
