"""What changed on one shelf since last night. Pure."""

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple, TypeVar

from homeroom.reference.canvas.rows import Row
from homeroom.reference.roster.shelves import encode

W = TypeVar("W", bound=Row)


class Change(NamedTuple):
    """A row as it was and as it should be; None where there was or will be none."""

    before: Any
    after: Any


class ShelfDiff(NamedTuple):
    """The changes of a shelf, by id, and all its rows as they will be written down."""

    changes: list[Change]
    lines: list[bytes]


def diff(
    before: list[bytes],
    after: list[W],
    decode: Callable[[Iterable[bytes]], list[W]],
    *,
    keep: Callable[[W], bool] = lambda _: False,
) -> ShelfDiff:
    """Compare last night's rows of a shelf with tonight's.

    Args:
        before: Last night's rows, as written down.
        after: Tonight's, at most one for each id.
        decode: Reads rows as written down.
        keep: Whether a row stays though tonight's feed has no usable record for it.
    """
    lines = encode(after).split(b"\n")[:-1]
    if not before:
        return ShelfDiff([Change(None, row) for row in after], sorted(lines))
    known = set(before)
    gone = {row.id: row for row in decode(known.difference(lines))}
    changes: list[Change] = []
    for line, row in zip(lines, after, strict=True):
        if line in known:
            continue
        earlier = gone.pop(row.id, None)
        if earlier is None or earlier.cells != row.cells:
            changes.append(Change(earlier, row))
    kept = [row for row in gone.values() if keep(row)]
    lines += encode(kept).split(b"\n")[:-1]
    changes += [Change(row, None) for row in gone.values() if not keep(row)]
    changes.sort(key=lambda change: (change.after or change.before).id)
    return ShelfDiff(changes, sorted(lines))
