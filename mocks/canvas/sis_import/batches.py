"""SIS imports as objects (SisBatch): their states, counts, errors and what they changed."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import msgspec

from homeroom.mocks.canvas.sis_import.changes import Changes

INITIALIZING, CREATED, IMPORTING, CLEANUP = "initializing", "created", "importing", "cleanup_batch"
IMPORTED, IMPORTED_WITH_MESSAGES = "imported", "imported_with_messages"
FAILED, FAILED_WITH_MESSAGES, ABORTED = "failed", "failed_with_messages", "aborted"
RESTORING, PARTIALLY_RESTORED, RESTORED = "restoring", "partially_restored", "restored"
NOT_COMPLETED = (INITIALIZING, CREATED, IMPORTING, CLEANUP)
RUNNING = (IMPORTING, CLEANUP)
SUCCEEDED = (IMPORTED, IMPORTED_WITH_MESSAGES)
ALL_STATES = frozenset({
    *NOT_COMPLETED, *SUCCEEDED, FAILED, FAILED_WITH_MESSAGES, ABORTED,
    RESTORING, PARTIALLY_RESTORED, RESTORED,
})  # fmt: skip


RETENTION = timedelta(days=30)
"""How long errors are kept, and what an import changed."""
SHOWN_MESSAGES = 24
"""Of errors and of warnings at most so many are shown with an import."""


class SisBatchError(msgspec.Struct, gc=False, kw_only=True):
    """One warning or failure of an import."""

    id: int
    sis_import_id: int
    file: str | None
    message: str
    row_info: str | None = None
    row: int | None = None
    failure: bool = False
    created_at: datetime


class SisBatch(msgspec.Struct, kw_only=True):
    """One SIS import."""

    id: int
    user_id: int | None
    workflow_state: str = CREATED
    created_at: datetime
    updated_at: datetime
    started_at: datetime | None = None
    ended_at: datetime | None = None
    progress: int = 0
    data: dict[str, Any] = msgspec.field(default_factory=lambda: {"import_type": "instructure_csv"})
    batch_mode: bool | None = None
    batch_mode_term_id: int | None = None
    multi_term_batch_mode: bool | None = None
    override_sis_stickiness: bool | None = None
    add_sis_stickiness: bool | None = None
    clear_sis_stickiness: bool | None = None
    update_sis_id_if_login_claimed: bool = False
    skip_deletes: bool = False
    diffing_data_set_identifier: str | None = None
    diffing_remaster: bool | None = None
    diffing_drop_status: str | None = None
    diffing_user_remove_status: str | None = None
    diffing_threshold_exceeded: bool | None = None
    change_threshold: int | None = None
    diff_row_count_threshold: int | None = None
    batch_mode_enrollment_drop_status: str | None = None
    attachment_id: int | None = None
    """The upload as sent."""
    csv_attachment_ids: list[int] = msgspec.field(default_factory=list[int])
    diffed_attachment_ids: list[int] = msgspec.field(default_factory=list[int])
    errors_attachment_id: int | None = None
    errors: list[SisBatchError] = msgspec.field(default_factory=list[SisBatchError])
    term_ids: set[int] = msgspec.field(default_factory=set[int])
    """Terms that this import's terms files touched, for multi-term batch mode."""
    changes: Changes = msgspec.field(default_factory=Changes)
    """State changes it made, which restoring takes back."""
    fault: str | None = None
    """`stuck_import` or `abort_import`, when a fault rule hit it."""

    failure_count: int = 0
    shown_errors: list[SisBatchError] = msgspec.field(default_factory=list[SisBatchError])
    shown_warnings: list[SisBatchError] = msgspec.field(default_factory=list[SisBatchError])
    """The first of each kind, as many as are shown: there may be a million."""

    def restart(self) -> None:
        """Wait again: the process died while it ran. What it applied stays applied."""
        self.workflow_state, self.progress, self.started_at = CREATED, 0, None
        self.errors, self.shown_errors, self.shown_warnings = [], [], []
        self.failure_count = 0
        self.csv_attachment_ids, self.diffed_attachment_ids = [], []
        self.data = {"import_type": "instructure_csv"}

    def add_error(self, error: SisBatchError) -> None:
        """Note a warning or failure."""
        self.errors.append(error)
        self.failure_count += error.failure
        shown = self.shown_errors if error.failure else self.shown_warnings
        if len(shown) < SHOWN_MESSAGES:
            shown.append(error)


class Batches:
    """The imports of a root account, oldest first; ids from 1."""

    def __init__(self) -> None:
        self.rows: list[SisBatch] = []
        self.error_count = 0
        self.resume_at: datetime | None = None
        """After an abort the queue rests until then."""

    def __iter__(self) -> Iterator[SisBatch]:
        return iter(self.rows)

    @property
    def next_id(self) -> int:
        """The id that the next import must have."""
        return len(self.rows) + 1

    def next_error_id(self) -> int:
        """Return the id of the next warning or failure."""
        self.error_count += 1
        return self.error_count

    def add(self, batch: SisBatch) -> SisBatch:
        """Append an import made with `next_id`."""
        self.rows.append(batch)
        return batch

    def find(self, batch_id: int) -> SisBatch | None:
        """Return the import of that id, or None."""
        return self.rows[batch_id - 1] if 0 < batch_id <= len(self.rows) else None

    def running(self) -> SisBatch | None:
        """Return the import being worked on, or None."""
        return next((batch for batch in self.rows if batch.workflow_state in RUNNING), None)

    def next_waiting(self) -> SisBatch | None:
        """Return the oldest import that waits, or None."""
        return next((batch for batch in self.rows if batch.workflow_state == CREATED), None)
