"""Delta packages: what changed, as CSV, and back."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path

import msgspec

from homeroom.mocks.district.changes import Change
from homeroom.mocks.district.csv_binding.layout import FILES, LINKS, MANIFEST
from homeroom.mocks.district.csv_binding.package import read_package
from homeroom.mocks.district.csv_binding.problems import Problems
from homeroom.mocks.district.csv_binding.read import Reading
from homeroom.mocks.district.csv_binding.write import (
    header,
    manifest_rows,
    to_csv,
    to_row,
    write_package,
)
from homeroom.mocks.district.records import COLLECTIONS, Record, Status


def write_delta(changes: Iterable[Change], path: Path, *, system: str) -> None:
    """Write changes as a delta package: the last state of each record, ordered by sourcedId.

    The binding cannot say that a record vanished: one that is gone is written tobedeleted.
    """
    latest: dict[str, dict[str, Record]] = {collection: {} for collection in COLLECTIONS}
    for change in changes:
        record = change.record
        if change.gone:
            record = msgspec.structs.replace(record, status=Status.TOBEDELETED)
        latest[change.collection][record.sourced_id] = record
    write_package(path, _files(latest, system))


def _files(
    latest: dict[str, dict[str, Record]], system: str
) -> Iterator[tuple[str, Iterable[bytes]]]:
    present = [file for file in FILES if file not in LINKS and latest[file]]
    yield MANIFEST, [to_csv(manifest_rows(dict.fromkeys(present, "delta"), system))]
    for file in present:
        records = [latest[file][sourced_id] for sourced_id in sorted(latest[file])]
        keys = sorted({key for record in records for key in record.metadata or {}})
        rows = (to_row(file, record, keys, is_delta=True) for record in records)
        yield file, [to_csv([header(file, keys)]), to_csv(rows)]


def read_delta(path: Path, *, now: datetime) -> list[Change]:
    """Read a package as changes, in an order in which references point backwards.

    Every value is checked; references are not, since they may point at what did not change.
    What a package says of resources of classes and courses is left out.

    Raises:
        DistrictError: The zip is unreadable, or breaks the binding.
    """
    problems = Problems(path.name)
    reading = Reading(read_package(path, problems), now=now, problems=problems, checked=True)
    changes = [
        Change(collection, record)
        for collection in COLLECTIONS
        for record in reading.records(collection).records
    ]
    problems.raise_if_any()
    return changes
