"""State changes of one import: what `statistics` counts and `restore_states` takes back."""

from array import array
from collections.abc import Iterator, Mapping
from heapq import merge
from itertools import repeat
from typing import Any

NON_EXISTENT = "non-existent"
KINDS = (
    "Account", "EnrollmentTerm", "AbstractCourse", "Course", "CourseSection", "GroupCategory",
    "Group", "Pseudonym", "CommunicationChannel", "Enrollment", "GroupMembership", "UserObserver",
    "AccountUser",
)  # fmt: skip
"""In the order in which states are restored."""

_ACTIVE: Mapping[str, frozenset[str]] = {
    "Course": frozenset({"claimed", "created", "available"}),
    "Group": frozenset({"available"}),
    "GroupMembership": frozenset({"accepted"}),
}
_RESTORABLE: Mapping[str, frozenset[str]] = {
    "Course": frozenset({"deleted", "completed"}),
    "Enrollment": frozenset({"inactive", "completed", "rejected", "deleted"}),
    "CommunicationChannel": frozenset({"retired", "unconfirmed"}),
}
_BUCKETS: Mapping[str, tuple[str, ...]] = {
    "Course": ("created", "restored", "concluded", "deleted"),
    "Enrollment": ("created", "restored", "concluded", "deactivated", "deleted"),
}
_DEFAULT_BUCKETS = ("created", "restored", "deleted")
_Way = tuple[str, str, str, bool]
"""(kind, old state, new state, by batch mode)."""
_JUST_ACTIVE = frozenset({"active"})
_JUST_DELETED = frozenset({"deleted"})


def bucket_of(kind: str, old: str, new: str) -> str | None:
    """Return the bucket of `statistics` that a change counts in, or None."""
    active = _ACTIVE.get(kind, _JUST_ACTIVE)
    if new in active:
        if old in (NON_EXISTENT, "creation_pending"):
            return "created"
        return "restored" if old in _RESTORABLE.get(kind, _JUST_DELETED) else None
    if new == ("retired" if kind == "CommunicationChannel" else "deleted"):
        return "deleted"
    buckets = _BUCKETS.get(kind, _DEFAULT_BUCKETS)
    if new == "completed" and "concluded" in buckets:
        return "concluded"
    return "deactivated" if new == "inactive" and "deactivated" in buckets else None


class Changes:
    """The state changes an import made, kept by ids alone: a mega import makes millions."""

    def __init__(self) -> None:
        self._ids: dict[_Way, array[int]] = {}
        self._turns: dict[_Way, array[int]] = {}
        """Beside the ids, which change of the import it was: one row may change several times."""
        self._count = 0

    def record(
        self, kind: str, row_id: int, old: str, new: str, *, by_batch_mode: bool = False
    ) -> None:
        """Note that a row went from one state to another."""
        way = (kind, old, new, by_batch_mode)
        ids = self._ids.get(way)
        if ids is None:
            ids = self._ids[way] = array("Q")
            self._turns[way] = array("I")
        ids.append(row_id)
        self._turns[way].append(self._count)
        self._count += 1

    def of_kind(self, kind: str) -> Iterator[tuple[int, str, str, bool]]:
        """Yield (id, old state, new state, by batch mode) of one kind of object, oldest first."""
        ways = [
            zip(self._turns[way], ids, repeat(way))
            for way, ids in self._ids.items()
            if way[0] == kind
        ]
        for _, row_id, (_, old, new, by_batch_mode) in merge(*ways):
            yield row_id, old, new, by_batch_mode

    def statistics(self) -> dict[str, Any]:
        """Return the import's `statistics`."""
        counted: dict[str, Any] = {"total_state_changes": self._count}
        for kind in KINDS:
            counted[kind] = dict.fromkeys(_BUCKETS.get(kind, _DEFAULT_BUCKETS), 0)
        for (kind, old, new, _), ids in self._ids.items():
            bucket = bucket_of(kind, old, new)
            if bucket is not None:
                counted[kind][bucket] += len(ids)
        return counted
