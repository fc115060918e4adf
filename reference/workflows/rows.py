"""Single rows in the row files of a run, found by id without reading all of them."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from itertools import islice
from pathlib import Path
from typing import Any

import msgspec

from homeroom.reference.canvas.rows import ROWS
from homeroom.reference.roster.plan import Plan
from homeroom.reference.roster.shelves import END, RowFile, encode, shelf_of

Id = tuple[str, ...]
# Of the rows read back, those that did not change are one in so many.
STANDING_PART = 5


def find_rows(folder: Path, kind: str, ids: Collection[Id]) -> dict[Id, Any]:
    """Give the rows of some ids that a run's folder has."""
    rows: RowFile[Any] = RowFile(folder / f"{kind}.rows", ROWS[kind])
    wanted, found = _by_shelf(ids), dict[Id, Any]()
    for number, lines in enumerate(rows.shelves() if ids else ()):
        if starts := tuple(map(_start, wanted[number])):
            ours = [line for line in lines if line.startswith(starts)]
            found |= {row.id: row for row in rows.decode(ours)}
    return found


def put_back(before: Path | None, folder: Path, kind: str, ids: Collection[Id]) -> int:
    """Let a run's rows of some ids be those of the run before; give how many rows it has now."""
    stood = find_rows(before, kind, ids) if before else {}
    ours: RowFile[Any] = RowFile(folder / f"{kind}.rows", ROWS[kind])
    beside, wanted, count = ours.path.with_suffix(".part"), _by_shelf(ids), 0
    with beside.open("wb") as file:
        for number, lines in enumerate(ours.shelves()):
            if starts := tuple(map(_start, wanted[number])):
                lines = [line for line in lines if not line.startswith(starts)]
                lines += encode(stood[id_] for id_ in wanted[number] if id_ in stood)
            count += len(lines)
            file.write(b"".join([*sorted(lines), END]))
    beside.replace(ours.path)
    return count


def rows_to_verify(plan: Plan, folder: Path, kind: str, sample: int, shelf: int) -> Iterable[Any]:
    """Choose the rows of a kind that are read back from Canvas after a night.

    A full night's are all. Else they are some that changed, and a few of those that did not: what
    people changed in Canvas by hand shows in them. They come from another shelf every night.
    """
    rows: RowFile[Any] = RowFile(folder / f"{kind}.rows", ROWS[kind])
    if plan.full:
        return rows
    changed = [each for each in plan.changes if each["kind"] == kind]
    lines = [
        msgspec.json.encode(tuple(each["after"].values())) for each in changed if each["after"]
    ]
    standing = next(islice(rows.shelves(), shelf, None), [])
    chosen = [*spread(lines, sample), *spread(standing, -(-sample // STANDING_PART))]
    return rows.decode(dict.fromkeys(chosen))


def spread(lines: list[bytes], sample: int) -> list[bytes]:
    """Take so many of some lines, evenly."""
    step = -(-len(lines) // sample) if sample else 1
    return lines[:: max(1, step)] if sample else []


def _by_shelf(ids: Collection[Id]) -> defaultdict[int, set[Id]]:
    shelves: defaultdict[int, set[Id]] = defaultdict(set)
    for id_ in ids:
        shelves[shelf_of(id_[0])].add(id_)
    return shelves


def _start(id_: Id) -> bytes:
    return msgspec.json.encode(id_)[:-1] + b","
