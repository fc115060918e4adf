"""What changed on one shelf since last night. Pure."""

from collections.abc import Callable
from typing import Any, TypeAlias, TypeVar

from homeroom.reference.canvas.rows import Row
from homeroom.reference.roster.shelves import RowFile, encode

W = TypeVar("W", bound=Row)


# A row as it was and as it should be; None where there was or will be none.
Change: TypeAlias = tuple[Any, Any]


def diff(
    before: list[bytes], after: list[W], rows: RowFile[W], keep: Callable[[W], bool]
) -> tuple[list[Change], list[bytes]]:
    """Compare last night's rows of a shelf with tonight's.

    Args:
        before: Last night's rows, as written down.
        after: Tonight's, at most one for each id.
        rows: Where they were written down.
        keep: Whether a row stays though tonight's feed has no usable record for it.

    Returns:
        The changes, and all rows of tonight as they will be written down.
    """
    lines, known = encode(after), set(before)
    gone = {row.id: row for row in rows.decode(known.difference(lines))} if known else {}
    changes: list[Change] = []
    for line, row in zip(lines, after, strict=True):
        if line not in known:
            earlier = gone.pop(row.id, None) if gone else None
            if earlier is None or earlier.cells != row.cells:
                changes.append((earlier, row))
    kept = {row.id: row for row in gone.values() if keep(row)}
    changes += [(row, None) for id_, row in gone.items() if id_ not in kept]
    return changes, sorted(lines + encode(kept.values()))
