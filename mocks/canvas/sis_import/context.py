"""What the importers of one import share: the account, the import's options, its messages."""

import logging
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar

from homeroom.mocks.canvas.sis_import.batches import SisBatch, SisBatchError
from homeroom.mocks.canvas.sis_import.changes import NON_EXISTENT
from homeroom.mocks.canvas.sis_import.csv_files import Row
from homeroom.mocks.canvas.sis_import.dates import BadDate, parse_date
from homeroom.mocks.canvas.sis_import.recognise import COUNT_KEYS
from homeroom.mocks.canvas.stickiness import stick
from homeroom.mocks.canvas.store import CanvasStore, SisTable

if TYPE_CHECKING:
    from homeroom.mocks.canvas.settings import CanvasSettings

log = logging.getLogger(__name__)
MAX_TEXT = 255


class RowRefusedError(Exception):
    """A row is left out; the text is Canvas's warning."""


class ImportContext:
    """One import at work."""

    def __init__(
        self,
        batch: SisBatch,
        store: CanvasStore,
        settings: "CanvasSettings",
        *,
        clock: Callable[[], datetime],
        report_error: Callable[[], int],
        next_error_id: Callable[[], int],
    ) -> None:
        self.batch, self.store, self.settings = batch, store, settings
        self.clock, self.report_error, self._next_error_id = clock, report_error, next_error_id
        self.now = clock()
        self.changes = batch.changes
        self.counts = dict.fromkeys(COUNT_KEYS.values(), 0)
        self.override = bool(batch.override_sis_stickiness)
        self.add_stickiness = self.override and bool(batch.add_sis_stickiness)
        self.clear_stickiness = self.override and bool(batch.clear_sis_stickiness)
        if self.clear_stickiness:
            self.add_stickiness = False

    def message(
        self,
        file: str | None,
        text: str,
        *,
        failure: bool = False,
        line: int | None = None,
        info: str | None = None,
    ) -> None:
        """Record a warning, or a failure."""
        self.batch.add_error(
            SisBatchError(
                id=self._next_error_id(),
                sis_import_id=self.batch.id,
                file=file,
                message=text,
                row=line,
                row_info=info,
                failure=failure,
                created_at=self.clock(),
            )
        )

    def crashed(self, file: str | None, error: BaseException) -> None:
        """Record what Canvas says when a job of its own breaks."""
        number = self.report_error()
        log.warning("import %s, %s: error report %s: %r", self.batch.id, file, number, error)
        self.message(
            file,
            f"Error while importing CSV. Please contact support. (Error report {number})",
            failure=True,
        )

    def skips(self, status: str | None) -> bool:
        """Tell whether a row of this status is ignored unread because of `skip_deletes`."""
        return self.batch.skip_deletes and status is not None and "deleted" in status.lower()


class Edit:
    """Changes that one row makes to one object, by the rules of stickiness."""

    __slots__ = ("_before", "_given", "context", "is_new", "row")

    def __init__(self, context: ImportContext, row: Any, *, is_new: bool) -> None:
        self.context, self.row, self.is_new = context, row, is_new
        self._before: dict[str, Any] = {}
        self._given: list[str] = []

    @property
    def changed(self) -> bool:
        """Whether any field has another value now."""
        return bool(self._before)

    def may(self, field: str) -> bool:
        """Tell whether a sticky field may be written."""
        return self.is_new or self.context.override or field not in self.row.stuck

    def put(self, field: str, value: Any) -> bool:
        """Write a field unless it is stuck; returns whether it holds `value` now."""
        held = getattr(self.row, field)
        if self.is_new and value:
            # Whatever a new object is given is a change, though it was made with it.
            self._given.append(field)
        if held == value:
            return True
        if not self.may(field):
            return False
        self._before.setdefault(field, held)
        setattr(self.row, field, value)
        return True

    def revert(self) -> None:
        """Take all back: the object did not pass validation."""
        for field, value in self._before.items():
            setattr(self.row, field, value)

    def save(self, *also: str) -> None:
        """Mark the object as touched by the import; `also` names fields written elsewhere."""
        row, context = self.row, self.context
        row.sis_batch_id = context.batch.id
        if self._before or also or self.is_new:
            row.updated_at = context.now
        if context.clear_stickiness:
            row.stuck = frozenset()
        else:
            self.add_stuck(*also)

    def add_stuck(self, *also: str) -> None:
        """Let what changed become stuck where the import asks for that."""
        if self.context.add_stickiness:
            stick(self.row, *self._before, *self._given, *also)


def state_change(
    context: ImportContext, kind: str, row: Any, old: str | None, *, by_batch_mode: bool = False
) -> None:
    """Record a row's change of state if it changed; `old` None is a new row."""
    before = NON_EXISTENT if old is None else old
    if before != row.workflow_state:
        context.changes.record(
            kind, row.id, before, row.workflow_state, by_batch_mode=by_batch_mode
        )


class Importer:
    """Imports the rows of one CSV type from one file, a segment's buffer at a time."""

    kind: ClassVar[str]
    """Name in `supplied_batches`."""

    def __init__(self, context: ImportContext, file: str, columns: dict[str, int]) -> None:
        self.context, self.file, self.columns = context, file, columns
        self.store = context.store
        self.count_key = COUNT_KEYS[self.kind]

    def process(self, rows: Sequence[tuple[int, list[str]]]) -> None:
        """Import some rows, in order; what a row does wrong becomes a warning."""
        context = self.context
        context.now = context.clock()
        for line, cells in rows:
            row = Row(line, cells, self.columns)
            if context.skips(row["status"]):
                continue
            try:
                counted = self.import_row(row)
            except RowRefusedError as refused:
                self.warn(str(refused), row)
                continue
            if counted:
                context.counts[self.count_key] += 1

    def import_row(self, row: Row) -> bool:
        """Apply one row; returns whether it counts as done. Raises RowRefusedError."""
        raise NotImplementedError

    def warn(self, text: str, row: Row) -> None:
        """Record a warning about a row, which may be applied all the same."""
        self.context.message(self.file, text, line=row.line, info=row.info())

    def dates(self, row: Row, start: str, end: str, bad: str) -> tuple[Any, Any]:
        """Read two dates; from the first bad one on they are empty, and `bad` is warned of."""
        at_start: datetime | None = None
        at_end: datetime | None = None
        try:
            at_start = parse_date(row[start])
            at_end = parse_date(row[end])
        except BadDate:
            self.warn(bad, row)
        return at_start, at_end

    def find(self, table: SisTable[Any], sis_id: str | None) -> Any:
        """Return the row of a SIS id in whatever state, or None."""
        return None if sis_id is None else table.by_sis_id.get(sis_id)


def too_long(label: str, value: str | None, limit: int = MAX_TEXT) -> str | None:
    """Return Rails's complaint about a text over its column's length, or None."""
    if value is not None and len(value) > limit:
        return f"{label} is too long (maximum is {limit} characters)"
    return None


def same_state(status: str, *words: str) -> str | None:
    """Return the word that a status begins with, without regard to case, or None."""
    lowered = status.lower()
    return next((word for word in words if lowered.startswith(word)), None)
