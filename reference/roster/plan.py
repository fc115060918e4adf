"""A night's plan: what would change in Canvas, counted, listed, and written out as CSV."""

import csv
import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import IO, Any

import msgspec

from homeroom.config import Choices
from homeroom.reference.canvas.rows import ROWS, ChangeSisIdRow, Row, header
from homeroom.reference.errors import RecordError
from homeroom.reference.roster.diff import Change
from homeroom.reference.roster.mapping import DEPARTED

KEPT = frozenset({"accounts", "terms", "courses"})
"""Never removed: an empty shell harms nobody, and what teachers left in one stays."""


class Counts(msgspec.Struct):
    """How many rows of a kind there are and how many change."""

    before: int = 0
    after: int = 0
    added: int = 0
    changed: int = 0
    removed: int = 0


class Plan(msgspec.Struct, kw_only=True):
    """A night's plan, as `plan.json` holds it; long lists are cut, counts never are."""

    run: str
    now: str
    full: bool = False
    counts: dict[str, Counts] = {}
    rows: dict[str, int] = {}
    """CSV rows to send, by file."""
    changes: list[dict[str, Any]] = []
    refusals: list[dict[str, str]] = []
    oddities: dict[str, int] = {}
    held_moves: list[dict[str, str]] = []
    brake: list[str] = []
    evidence: list[str] = []
    digest: str = ""

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to send."""
        return not any(self.rows.values())


class PlanWriter:
    """Takes changes as they are found, lists and counts them, and writes the CSV files."""

    def __init__(self, folder: Path, plan: Plan, choices: Choices, listed: int) -> None:
        self._folder, self._plan, self._listed = folder, plan, listed
        self._files: dict[str, IO[str]] = {}
        self._writers: dict[str, Any] = {}
        self._room: Counter[tuple[str, str]] = Counter()
        self.removed_status = {
            "users": DEPARTED[choices.departed_users],
            "enrollments": choices.removed.value,
        }

    def count(self, kind: str, before: int, after: int) -> None:
        """Count a shelf's rows."""
        counts = self._plan.counts.setdefault(kind, Counts())
        counts.before += before
        counts.after += after

    def change(self, kind: str, changes: Iterable[Change]) -> list[Any]:
        """List and count changes, and give the rows that make them in Canvas."""
        counts = self._plan.counts.setdefault(kind, Counts())
        rows: list[Row] = []
        for before, after in changes:
            if after is not None:
                act = "change" if before is not None else "add"
                counts.changed += before is not None
                counts.added += before is None
                rows.append(after)
            else:
                counts.removed += 1
                act = "remove"
                rows += self._removal(kind, before)
            self._list(kind, act, before, after)
        return rows

    def write(self, kind: str, rows: Iterable[Row]) -> None:
        """Write rows to a kind's CSV file, without listing them as changes."""
        cells = [row.cells for row in rows]
        if not cells:
            return
        if kind not in self._writers:
            kind_rows: Mapping[str, type[Row]] = {**ROWS, "change_sis_id": ChangeSisIdRow}
            file = (self._folder / f"{kind}.csv").open("w", encoding="utf-8", newline="")
            self._files[kind], self._writers[kind] = file, csv.writer(file, lineterminator="\n")
            self._writers[kind].writerow(header(kind_rows[kind]))
        self._writers[kind].writerows(cells)
        self._plan.rows[kind] = self._plan.rows.get(kind, 0) + len(cells)

    def close(self) -> None:
        """Finish the files and take the plan's digest: the same digest is the same plan."""
        digest = hashlib.sha256()
        for kind in sorted(self._files):
            self._files[kind].close()
            digest.update(kind.encode())
            with (self._folder / f"{kind}.csv").open("rb") as file:
                while chunk := file.read(1 << 20):
                    digest.update(chunk)
        self._plan.digest = digest.hexdigest()

    def _removal(self, kind: str, before: Any) -> list[Row]:
        status = self.removed_status.get(kind, "deleted")
        if kind in KEPT or status == "active":
            return []
        return [msgspec.structs.replace(before, status=status)]

    def _list(self, kind: str, act: str, before: Row | None, after: Row | None) -> None:
        if self._room[kind, act] >= self._listed:
            return
        self._room[kind, act] += 1
        told: dict[str, Any] = {"kind": kind, "act": act}
        for name, row in (("before", before), ("after", after)):
            if row is not None:
                told[name] = msgspec.structs.asdict(row)
        self._plan.changes.append(told)


def as_text(plan: Plan) -> str:
    """Write a plan for a person to read."""
    lines = [f"Plan {plan.run}, made {plan.now}" + (" (full)" if plan.full else ""), ""]
    lines.append(f"{'':<16}{'before':>10}{'after':>10}{'add':>8}{'change':>8}{'remove':>8}")
    for kind, each in plan.counts.items():
        numbers = (each.added, each.changed, each.removed)
        cells = "".join(f"{number:>8}" for number in numbers)
        lines.append(f"{kind:<16}{each.before:>10}{each.after:>10}{cells}")
    blocks: list[tuple[str, Iterable[str]]] = [
        ("Held by the brake", [*plan.brake, *plan.evidence]),
        ("Refused", (_told(refusal) for refusal in plan.refusals)),
        ("Sections that stay where they are", (_moved(move) for move in plan.held_moves)),
        ("Put right", (f"{count} {what}" for what, count in plan.oddities.items())),
        ("Changes", (_changed(change) for change in plan.changes)),
    ]
    for title, block in blocks:
        told = list(block)
        if told:
            lines += ["", title, *(f"  {line}" for line in told)]
    return "\n".join(lines) + "\n"


def _told(refusal: Mapping[str, str]) -> str:
    remedy = f" - {refusal['remedy']}" if refusal["remedy"] else ""
    return f"{refusal['sourcedId']}: {refusal['field']} {refusal['reason']}{remedy}"


def _moved(move: Mapping[str, str]) -> str:
    return f"{move['section']} in {move['stays']}; its key now leads to {move['key']}"


def _changed(change: Mapping[str, Any]) -> str:
    before, after = change.get("before"), change.get("after")
    if before and after:
        parts = [
            f"{name} {value!r} -> {after[name]!r}"
            for name, value in before.items()
            if after[name] != value
        ]
        return f"change {change['kind']} {_id(after)}: {', '.join(parts)}"
    return f"{change['act']} {change['kind']} {_id(after or before)}"


def _id(row: Any) -> str:
    return " ".join(str(value) for name, value in row.items() if name.endswith("_id"))


def cut(refusals: Iterable[RecordError]) -> list[dict[str, str]]:
    """Tell refusals as a plan lists them."""
    return [refusal.as_dict() for refusal in refusals]
