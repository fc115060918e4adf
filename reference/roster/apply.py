"""Seeing a SIS import through to its end; decides nothing."""

import csv
import io
import time
import zipfile
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import msgspec

from homeroom.reference.canvas.client import CanvasClient, ImportMessage, SisImport
from homeroom.reference.canvas.rows import ROWS
from homeroom.reference.errors import FatalError

FIRST_WAIT_S, LONGEST_WAIT_S = 0.02, 5.0
GOOD = frozenset({"imported", "imported_with_messages"})
ENDED = GOOD | {"failed", "failed_with_messages", "aborted"}
# How messages begin that tell of a row which Canvas took all the same, but for one cell.
APPLIED = ("The email address associated with user", "Bad date format", "Enrolled a user")


class ImportFailedError(FatalError):
    """Canvas has ended the import and not taken it: there is nothing to take up again."""


class Refusal(msgspec.Struct, kw_only=True):
    """A row that Canvas had something to say about."""

    kind: str
    id: tuple[str, ...] = ()
    message: str

    @property
    def applied(self) -> bool:
        """Whether the row was taken all the same."""
        return self.message.startswith(APPLIED)


def see_through(
    canvas: CanvasClient, import_id: int, archive: Path, stall_s: float
) -> tuple[SisImport, list[Refusal]]:
    """Wait for an import to end, and lead what Canvas says of it back to rows of the archive.

    Raises:
        ImportFailedError: It failed or was aborted.
        FatalError: It did not move on for `stall_s` seconds.
    """
    done = _await(canvas, import_id, stall_s)
    refusals = list(_refusals(canvas, archive, done))
    if done.workflow_state not in GOOD:
        said = "; ".join(refusal.message for refusal in refusals[:3]) or "it gave no reason"
        raise ImportFailedError(
            f"Canvas's SIS import {done.id} ended {done.workflow_state} ({said}); "
            "last night's state stays in force"
        )
    return done, refusals


def _await(canvas: CanvasClient, import_id: int, stall_s: float) -> SisImport:
    wait, moved_at, seen = FIRST_WAIT_S, time.monotonic(), ("", -1.0)
    while True:
        now = canvas.get_sis_import(import_id)
        if now.workflow_state in ENDED:
            return now
        if seen != (seen := (now.workflow_state, now.progress or 0.0)):
            moved_at = time.monotonic()
        if time.monotonic() - moved_at > stall_s:
            raise FatalError(
                f"Canvas's SIS import {import_id} has been {seen[0]} at {seen[1]:.0f} % for "
                f"{stall_s:.0f} s; the next run takes it up again"
            )
        time.sleep(wait)
        wait = min(wait * 1.5, LONGEST_WAIT_S)


def _refusals(canvas: CanvasClient, archive: Path, done: SisImport) -> Iterator[Refusal]:
    pairs = [*done.processing_errors, *done.processing_warnings]
    # Canvas keeps the whole list for 30 days; the first ones are in the import itself.
    messages = list(canvas.iter_import_messages(done.id)) if pairs else []
    messages = messages or [ImportMessage(file=file, message=text) for file, text in pairs]
    told = [(Path(each.file or "").stem, each.row or 0, each.message) for each in messages]
    wanted: defaultdict[str, set[int]] = defaultdict(set)
    for kind, row, _ in told:
        wanted[kind].add(row)
    ids = {kind: dict(_ids(archive, kind, rows)) for kind, rows in wanted.items()}
    for kind, row, message in told:
        yield Refusal(kind=kind, id=ids.get(kind, {}).get(row, ()), message=message)


def _ids(archive: Path, kind: str, rows: set[int]) -> Iterator[tuple[int, tuple[str, ...]]]:
    """Yield the ids in some rows of a file; the header is row 1. Of change_sis_id, whole rows."""
    member, key = f"{kind}.csv", ROWS[kind].key if kind in ROWS else None
    with zipfile.ZipFile(archive) as files:
        for name in {member}.intersection(files.namelist()):
            with files.open(name) as file:
                lines = enumerate(csv.reader(io.TextIOWrapper(file, "utf-8", newline="")), 1)
                yield from ((row, tuple(cells[:key])) for row, cells in lines if row in rows - {1})
