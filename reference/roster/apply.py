"""Sending a plan as one SIS import, and seeing it through; decides nothing.

What is under way is written down before it starts. After a crash the peer is asked first: an
import that Canvas has is awaited, never sent again.
"""

import csv
import io
import logging
import time
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path

import msgspec

from homeroom.reference.canvas.client import CanvasClient, ImportMessage, SisImport
from homeroom.reference.canvas.rows import ROWS
from homeroom.reference.errors import FatalError, RetryableError
from homeroom.reference.state import read_json, write_json

FIRST_WAIT_S, LONGEST_WAIT_S = 0.02, 5.0
SENDS = 3
GOOD = frozenset({"imported", "imported_with_messages"})
ENDED = GOOD | {"failed", "failed_with_messages", "aborted"}
APPLIED = (
    "The email address associated with user",
    "Bad date format",
    "Enrolled a user",
    "unknown abstract course id",
)
"""How messages begin that tell of a row which Canvas took all the same, but for one cell."""
_log = logging.getLogger(__name__)


class ImportFailedError(FatalError):
    """Canvas has ended the import and not taken it: there is nothing to take up again."""


class Underway(msgspec.Struct, kw_only=True):
    """What is being sent: the newest import there was before, then ours."""

    newest_before: int
    import_id: int | None = None


class Refusal(msgspec.Struct, kw_only=True):
    """A row that Canvas had something to say about."""

    kind: str
    id: tuple[str, ...] = ()
    message: str

    @property
    def applied(self) -> bool:
        """Whether the row was taken all the same."""
        return self.message.startswith(APPLIED)


def send(
    canvas: CanvasClient, run: Path, params: Mapping[str, str], *, stall_s: float
) -> tuple[SisImport, list[Refusal]]:
    """Have Canvas import a run's zip, once, and wait for the end.

    Returns:
        The import as it ended, and the rows Canvas had something to say about.

    Raises:
        ImportFailedError: It failed or was aborted.
        FatalError: It did not move on for `stall_s` seconds.
    """
    done = _await(canvas, _started(canvas, run, params), stall_s)
    refusals = list(_refusals(canvas, run, done))
    if done.workflow_state not in GOOD:
        said = "; ".join(refusal.message for refusal in refusals[:3]) or "it gave no reason"
        raise ImportFailedError(
            f"Canvas's SIS import {done.id} ended {done.workflow_state} ({said}); "
            "last night's state stays in force"
        )
    return done, refusals


def _started(canvas: CanvasClient, run: Path, params: Mapping[str, str]) -> int:
    path = run / "underway.json"
    underway = read_json(path, Underway)
    if underway is None:
        newest = canvas.newest_sis_imports()
        underway = Underway(newest_before=newest[0].id if newest else 0)
        write_json(path, underway)
    elif underway.import_id is None:
        underway.import_id = _ours(canvas, underway)
    sends = 0
    while underway.import_id is None:
        if (sends := sends + 1) > SENDS:
            raise FatalError("Canvas did not take the SIS import; nothing was applied")
        try:
            underway.import_id = canvas.create_sis_import(run / "import.zip", params).id
        except RetryableError as error:
            _log.warning("%s; asking Canvas whether it has the import", error)
            underway.import_id = _ours(canvas, underway)
    write_json(path, underway)
    return underway.import_id


def _ours(canvas: CanvasClient, underway: Underway) -> int | None:
    """Find an import that came after we wrote down that we would send one.

    One account takes its roster from one service, so whatever came since is ours.
    """
    since = [each.id for each in canvas.newest_sis_imports() if each.id > underway.newest_before]
    return min(since, default=None)


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


def _refusals(canvas: CanvasClient, run: Path, done: SisImport) -> Iterator[Refusal]:
    pairs = [*done.processing_errors, *done.processing_warnings]
    # Canvas keeps the whole list for 30 days; the first ones are in the import itself.
    messages = list(canvas.iter_import_messages(done.id)) if pairs else []
    messages = messages or [ImportMessage(file=file, message=text) for file, text in pairs]
    rows: dict[str, list[list[str]]] = {}
    for message in messages:
        kind = Path(message.file or "").stem
        if kind not in rows:
            rows[kind] = _rows(run / "import.zip", f"{kind}.csv")
        at = (message.row or 0) - 2  # the header is row 1
        cells = rows[kind][at] if 0 <= at < len(rows[kind]) and kind in ROWS else []
        yield Refusal(
            kind=kind, id=tuple(cells[: ROWS[kind].key if cells else 0]), message=message.message
        )


def _rows(archive: Path, member: str) -> list[list[str]]:
    with zipfile.ZipFile(archive) as files:
        if member not in files.namelist():
            return []
        with files.open(member) as file:
            return list(csv.reader(io.TextIOWrapper(file, "utf-8", newline="")))[1:]
