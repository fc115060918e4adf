"""restore_states: the workflow states that an import changed are put back, nothing else."""

from collections.abc import Awaitable, Callable
from typing import Any

import msgspec

from homeroom.mocks.canvas.sis_import.batches import RETENTION, SisBatch
from homeroom.mocks.canvas.sis_import.changes import KINDS, NON_EXISTENT
from homeroom.mocks.canvas.store import CanvasStore

Breathe = Callable[[], Awaitable[None]]


class RestoreJob(msgspec.Struct, kw_only=True):
    """One request to restore states."""

    batch: SisBatch
    progress_id: int
    batch_mode: bool = False
    undelete_only: bool = False
    unconclude_only: bool = False

    @property
    def is_partial(self) -> bool:
        """Whether only some changes are to be taken back."""
        return self.batch_mode or self.undelete_only or self.unconclude_only


def table_of(store: CanvasStore, kind: str) -> Any:
    """Return the table of a kind of object that changes are recorded of, or None."""
    return {
        "Account": store.accounts,
        "EnrollmentTerm": store.terms,
        "AbstractCourse": store.abstract_courses,
        "Course": store.courses,
        "CourseSection": store.sections,
        "GroupCategory": store.group_categories,
        "Group": store.groups,
        "GroupMembership": store.group_memberships,
        "Pseudonym": store.pseudonyms,
        "CommunicationChannel": store.channels,
        "Enrollment": store.enrollments,
        "UserObserver": store.user_observers,
        "AccountUser": store.account_users,
    }.get(kind)


async def restore(store: CanvasStore, job: RestoreJob, breathe: Breathe, *, now: Any) -> None:
    """Take the changes back, kind by kind; the statistics then tell how many.

    What an import changed is known as long as its errors are.
    """
    if now - (job.batch.ended_at or job.batch.created_at) > RETENTION:
        return
    statistics = job.batch.data.get("statistics", {})
    for kind in KINDS:
        table = table_of(store, kind)
        if table is None:
            continue
        first: dict[int, str] = {}
        for at, (row_id, old, new, by_batch_mode) in enumerate(job.batch.changes.of_kind(kind)):
            if not at % 2048:
                await breathe()
            if (
                (job.batch_mode and not by_batch_mode)
                or (job.undelete_only and new not in ("deleted", "retired"))
                or (job.unconclude_only and new != "completed")
            ):
                continue
            # Of several changes of one object the state before the first is the one to go back to.
            first.setdefault(row_id, old)
        for at, (row_id, old) in enumerate(first.items()):
            if not at % 1024:
                await breathe()
            _put_back(table.get(row_id), kind, old, now)
        if kind in statistics:
            statistics[kind]["restored"] = len(first)


def _put_back(row: Any, kind: str, old: str, now: Any) -> None:
    gone = "retired" if kind == "CommunicationChannel" else "deleted"
    state = gone if old == NON_EXISTENT else old
    if row.workflow_state == state:
        return
    row.workflow_state, row.updated_at = state, now
    if kind == "Enrollment" and state == "active":
        row.completed_at = None
