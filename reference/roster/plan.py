"""A night's plan: what would change in Canvas, counted, listed, and written out as CSV."""

from collections import Counter
from collections.abc import Callable, Container
from pathlib import Path
from typing import Any

import msgspec
from msgspec.structs import asdict, replace

from homeroom.reference.canvas.rows import ROWS, Row, to_csv
from homeroom.reference.roster.diff import Change, diff
from homeroom.reference.roster.mapping import departed
from homeroom.reference.roster.shelves import END, SHELVES, RowFile
from homeroom.reference.settings import Kind, Settings

Which = Callable[[Any], bool]

# Never removed: an empty shell harms nobody, and what teachers left in one stays.
KEPT = frozenset({"accounts", "terms", "courses"})


class Counts(msgspec.Struct):
    """How many rows of a kind there are and how many change."""

    before: int = 0
    after: int = 0
    added: int = 0
    changed: int = 0
    removed: int = 0
    sent: int = 0


class Losses(msgspec.Struct):
    """What a night takes away that the feed no longer stands by; the brake judges by it."""

    had: dict[Kind, int] = {}
    gone: dict[Kind, int] = {}
    # Of students, by section, where there are any.
    students_had: dict[str, int] = {}
    students_gone: dict[str, int] = {}


class Plan(msgspec.Struct, kw_only=True):
    """A night's plan, as `plan.json` holds it; long lists are cut, counts never are."""

    run: str
    now: str
    full: bool = False
    # On how many shelves its rows lie.
    shelves: int = SHELVES
    # Why the whole feed was read; blank: only what had changed was.
    why_whole: str = ""
    counts: dict[str, Counts] = {}
    changes: list[dict[str, Any]] = []
    refusals: list[dict[str, str]] = []
    oddities: dict[str, int] = {}
    held_moves: list[dict[str, str]] = []
    losses: Losses = msgspec.field(default_factory=Losses)
    brake: list[str] = []
    evidence: list[str] = []
    # What is given its new id in Canvas.
    rekeyed: list[str] = []
    # Of the CSV files: the same digest is the same plan.
    digest: str = ""


class Ledger:
    """One kind of row on its way from last night to tonight: compared, listed, written out."""

    def __init__(
        self, kind: str, before: Path | None, folder: Path, plan: Plan, settings: Settings
    ) -> None:
        self._kind, self._plan, choices = kind, plan, settings.choices
        self._first = before is None
        self._everything = plan.full or settings.service.diffing
        self._listed = settings.service.plan_rows
        name, self._path = f"{kind}.rows", folder / f"{kind}.csv"
        self.earlier: RowFile[Any] = RowFile((before or folder / "none") / name, ROWS[kind])
        # The shelf that was turned over last, as it was.
        self._last_night: list[bytes] = []
        self._shelves, self._next = self.earlier.shelves(), list[list[bytes]]()
        self._rows = (folder / name).open("wb")
        self._csv = self._path.open("w", encoding="utf-8", newline="")
        self._csv.write(to_csv([ROWS[kind].__struct_fields__[:-1]]))
        self.counts = plan.counts.setdefault(kind, Counts())
        gone = {"users": departed(choices), "enrollments": choices.removed.value}
        self._gone = "active" if kind in KEPT else gone.get(kind, "deleted")

    def __del__(self) -> None:
        self._rows.close()
        self._csv.close()

    def peek(self) -> list[Any]:
        """Give the next shelf's rows of last night."""
        self._next = self._next or [self._draw()]
        return self.earlier.decode(self._next[0])

    def _draw(self) -> list[bytes]:
        lines = next(self._shelves)
        self.counts.before += len(lines)
        return lines

    def _shelve(self, lines: list[bytes]) -> None:
        self._rows.write(b"".join([*lines, END]))
        self.counts.after += len(lines)

    def turn(self, after: list[Any], keep: Which, silent: Container[str] = ()) -> list[Change]:
        """Turn over the next shelf.

        Args:
            after: Tonight's rows of the shelf.
            keep: Which rows stay though the feed has none for them.
            silent: Of which parents Canvas makes the removals by itself.
        """
        self._last_night = self._next.pop() if self._next else self._draw()
        changes, lines = diff(self._last_night, after, self.earlier, keep)
        if not self._first:
            changes.sort(key=lambda each: (each[1] or each[0]).id)
        self._shelve(lines)
        gone, stay = [was for was, row in changes if not row], [row for _, row in changes if row]
        rows: list[Row] = self.earlier.decode(lines) if self._everything else stay
        if self._gone != "active":
            ours = (was for was in gone if was.id[0] not in silent)
            rows = [*rows, *(replace(was, status=self._gone) for was in ours)]
        self._csv.write(to_csv([row.cells for row in rows]))
        added = sum(was is None for was, _ in changes)
        self.counts.added += added
        self.counts.removed += len(gone)
        self.counts.changed += len(stay) - added
        self.counts.sent += len(rows)
        for was, row in changes[: self._listed]:
            act = ("changed" if was else "added") if row else "removed"
            told = {"before": was and asdict(was), "after": row and asdict(row)}
            self._plan.changes.append({"kind": self._kind, "act": act, **told})
        self._listed = max(0, self._listed - len(changes))
        return changes

    def students(self, sections: Container[str]) -> Counter[str]:
        """Count the students whom sections had on the shelf that was turned over last."""
        had = (row for row in self.earlier.decode(self._last_night) if row.role == "student")
        return Counter(row.section_id for row in had if row.section_id in sections)

    def close(self) -> None:
        """Finish the files; an empty CSV file is none."""
        self._rows.close()
        self._csv.close()
        if not self.counts.sent:
            self._path.unlink()
