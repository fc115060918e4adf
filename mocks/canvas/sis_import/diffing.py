"""Diffing: only what changed since the baseline import is applied, and what vanished is dropped."""

import asyncio
import csv
import io
import zipfile
from array import array
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Protocol, cast

import numpy as np
from numpy.typing import NDArray

from homeroom.mocks.canvas.sis_import.batches import SUCCEEDED, Batches, SisBatch
from homeroom.mocks.canvas.sis_import.csv_files import CsvFile, to_columns
from homeroom.mocks.canvas.sis_import.recognise import PROCESSING_ORDER


class Writer(Protocol):
    """The part of csv.writer that is used here."""

    def writerow(self, row: Sequence[str], /) -> object:
        """Write one row."""
        ...


KEYS: dict[str, tuple[str, ...]] = {
    "account": ("account_id",),
    "term": ("term_id",),
    "course": ("course_id",),
    "section": ("section_id",),
    "xlist": ("section_id",),
    "user": ("user_id",),
    "login": ("user_id",),
    "enrollment": (
        "course_id", "section_id", "user_id", "user_integration_id", "role", "role_id",
        "associated_user_id",
    ),
    "admin": ("user_id", "account_id"),
    "group": ("group_id",),
    "group_membership": ("group_id", "user_id"),
    "group_category": ("group_id",),
    "user_observer": ("observer_id", "student_id"),
    "change_sis_id": ("old_id", "old_integration_id"),
    "abstract_course": ("abstract_course_id",),
    "grade_publishing_results": ("enrollment_id",),
}  # fmt: skip
"""What tells one row from another, by type. Group categories are keyed on a column they lack."""
THRESHOLD_RUN = 5
"""After so many imports in a row over the change threshold further ones fail."""

Breathe = Callable[[], Awaitable[None]]
Hashes = NDArray[np.int64]


def baseline_of(batches: Batches, batch: SisBatch) -> SisBatch | None:
    """Return the import to compare with: the latest remaster or diff made, else the first."""
    chain = [
        other
        for other in batches
        if other.id != batch.id
        and other.diffing_data_set_identifier == batch.diffing_data_set_identifier
        and other.workflow_state in SUCCEEDED
    ]
    for other in reversed(chain):
        if other.diffing_remaster or "diffed_against_sis_batch_id" in other.data:
            return other
    return chain[0] if chain else None


def exceeded_in_a_row(batches: Batches, batch: SisBatch) -> int:
    """Return how many imports of the data set in a row were over the threshold, up to now."""
    run = 0
    for other in reversed(batches.rows):
        if (
            other.id < batch.id
            and other.diffing_data_set_identifier == batch.diffing_data_set_identifier
            and other.workflow_state in SUCCEEDED
        ):
            if not other.diffing_threshold_exceeded or other.diffing_remaster:
                break
            run += 1
    return run


@dataclass
class Diff:
    """What is to be imported instead of the upload."""

    files: list[tuple[str, CsvFile]] = field(default_factory=list[tuple[str, CsvFile]])
    """(type, file): whole files, and computed ones."""
    warnings: list[tuple[str | None, str]] = field(default_factory=list[tuple[str | None, str]])
    """(file, message)."""
    rows: int = 0


@dataclass
class _Table:
    """One file by hashes: of each row's key, and of the whole row."""

    columns: dict[str, int]
    keys: Hashes
    rows: Hashes
    last: NDArray[np.bool_]
    """Whether a row is the last one with its key: only those count."""

    def find_last(self) -> None:
        """Tell which rows are the last of their keys."""
        if len(self.keys):
            # The first of the reversed column is the last of the column.
            _, first = np.unique(self.keys[::-1], return_index=True)
            self.last[len(self.keys) - 1 - first] = True


async def compute_diff(
    previous: Sequence[tuple[str, CsvFile]],
    current: Sequence[tuple[str, CsvFile]],
    batch: SisBatch,
    *,
    pairs_by_name: bool,
    breathe: Breathe,
) -> Diff:
    """Compare two uploads, type by type."""
    diff = Diff()
    for kind in PROCESSING_ORDER:
        new = [file for found, file in current if found == kind]
        old = [file for found, file in previous if found == kind]
        if not new:
            continue
        pairs, warning = _pair(kind, old, new, pairs_by_name=pairs_by_name)
        if warning is not None:
            diff.warnings.append((new[0].name, warning))
        for before, file in pairs:
            made = file
            if before is not None:
                made = await _diff_file(kind, before, file, batch, diff, breathe)
            diff.files.append((kind, made))
            if made is file:
                async for _ in _records(file, breathe):
                    diff.rows += 1
    return diff


def _pair(
    kind: str, old: list[CsvFile], new: list[CsvFile], *, pairs_by_name: bool
) -> tuple[list[tuple[CsvFile | None, CsvFile]], str | None]:
    whole: list[tuple[CsvFile | None, CsvFile]] = [(None, file) for file in new]
    if not old:
        return whole, None
    if len(old) == 1 and len(new) == 1:
        return [(old[0], new[0])], None
    if not pairs_by_name:
        return whole, "Can't perform diffing against more than one file of the same type"
    by_name = {file.name: file for file in old}
    if len(by_name) == len(old) == len(new) and {file.name for file in new} == by_name.keys():
        return [(by_name[file.name], file) for file in new], None
    return whole, (
        f"Unable to perform diffing against mismatched previous and current {kind} imports"
    )


async def _diff_file(
    kind: str, before: CsvFile, file: CsvFile, batch: SisBatch, diff: Diff, breathe: Breathe
) -> CsvFile:
    old = await _read_table(kind, before, breathe)
    new = await _read_table(kind, file, breathe)
    failed = "Couldn't generate diff: "
    if old.columns.keys() != new.columns.keys():
        diff.warnings.append((file.name, f"{failed}CSV headers do not match, cannot diff"))
        return file
    if not any(column in new.columns for column in KEYS[kind]):
        diff.warnings.append((file.name, f"{failed}At least one primary key field must be present"))
        return file
    # Sorting millions takes a while: beside the event loop.
    changed, vanished = await asyncio.to_thread(_compare, new, old)
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    columns = list(new.columns)
    writer.writerow(columns)
    await _emit(writer, file, changed, columns, breathe)
    await _emit(writer, before, vanished, columns, breathe, status=removal_status(kind, batch))
    diff.rows += int(changed.sum() + vanished.sum())
    content = out.getvalue().encode()
    return CsvFile(file.name, len(content), lambda: io.BytesIO(content))


def removal_status(kind: str, batch: SisBatch) -> str:
    """Return the status written for rows that vanished."""
    if kind == "enrollment":
        return batch.diffing_drop_status or "deleted"
    if kind == "user":
        return batch.diffing_user_remove_status or "deleted"
    return "deleted"


def _compare(new: _Table, old: _Table) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Return which new rows are new or changed, and which old ones vanished."""
    for table in (new, old):
        table.find_last()
    return new.last & ~_same_rows(new, old), old.last & ~np.isin(old.keys, new.keys)


def _same_rows(new: _Table, old: _Table) -> NDArray[np.bool_]:
    """Tell for each new row whether the old row of its key is the same."""
    keys, rows = old.keys[old.last], old.rows[old.last]
    if not len(keys):
        return np.zeros(len(new.keys), dtype=bool)
    order = np.argsort(keys, kind="stable")
    keys, rows = keys[order], rows[order]
    at = np.minimum(np.searchsorted(keys, new.keys), len(keys) - 1)
    return cast("NDArray[np.bool_]", (keys[at] == new.keys) & (rows[at] == new.rows))


async def _read_table(kind: str, file: CsvFile, breathe: Breathe) -> _Table:
    keys, rows = array("q"), array("q")
    columns: dict[str, int] | None = None
    key_at: list[int] = []
    order: list[int] = []
    width = 0
    async for cells in _records(file, breathe, header=True):
        if columns is None:
            columns = to_columns(cells)
            key_at = [columns[name] for name in KEYS[kind] if name in columns]
            order = [columns[name] for name in sorted(columns)]
            width = len(cells)
            continue
        if len(cells) < width:
            cells = [*cells, *[""] * (width - len(cells))]
        keys.append(hash(tuple([cells[at] for at in key_at])))
        rows.append(hash(tuple([cells[at] for at in order])))
    key_hashes = np.array(keys, dtype=np.int64)
    last = np.zeros(len(key_hashes), dtype=bool)
    return _Table(columns or {}, key_hashes, np.array(rows, dtype=np.int64), last)


async def _emit(
    writer: Writer,
    file: CsvFile,
    wanted: NDArray[np.bool_],
    columns: list[str],
    breathe: Breathe,
    *,
    status: str | None = None,
) -> None:
    held: dict[str, int] | None = None
    at = 0
    status_at = columns.index("status") if status and "status" in columns else None
    async for cells in _records(file, breathe, header=True):
        if held is None:
            held = to_columns(cells)
            continue
        if wanted[at]:
            out = [cells[held[name]] if held[name] < len(cells) else "" for name in columns]
            if status_at is not None and status is not None:
                out[status_at] = status
            writer.writerow(out)
        at += 1


async def _records(
    file: CsvFile, breathe: Breathe, *, header: bool = False
) -> AsyncIterator[list[str]]:
    """Yield a file's records, the header only when asked for; blank lines are none."""
    with file.text() as stream:
        first = True
        for number, cells in enumerate(csv.reader(stream)):
            if not cells:
                continue
            if not number % 2048:
                await breathe()
            if first:
                first = False
                if not header:
                    continue
            yield cells


def pack_diff(diff: Diff) -> bytes:
    """Return the archive in which a computed diff is kept."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name, content in _unique(diff):
            archive.writestr(name, content)
    return out.getvalue()


def _unique(diff: Diff) -> Iterator[tuple[str, bytes]]:
    for _, file in diff.files:
        with file.open() as stream:
            yield file.name, stream.read()
