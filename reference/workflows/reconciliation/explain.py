"""Explains a student's two averages: each reason in turn, until one has become the other. Pure."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

import msgspec

from homeroom.reference.workflows.reconciliation.averages import Group, Mark, average
from homeroom.reference.workflows.reconciliation.compare import Cell

UNEXPLAINED = "unexplained"


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """One reason, with the average (percent) once it is taken away."""

    reason: str
    average: Decimal | None


class Rules(msgspec.Struct, frozen=True, kw_only=True):
    """What a course's grade rests on in Canvas, and no SIS is told."""

    groups: Mapping[int, Group]
    weighted: bool
    periods_weighted: bool


class Averages(msgspec.Struct, frozen=True, kw_only=True):
    """A student's course grade on both sides, in percent, and the way from one to the other."""

    canvas: Decimal | None
    sis: Decimal | None
    steps: list[Step]

    @property
    def explained(self) -> bool:
        """Whether the reasons lead all the way."""
        return all(step.reason != UNEXPLAINED for step in self.steps)


def explain(grades: Mapping[str, Any], cells: Iterable[Cell], rules: Rules) -> Averages:
    """Lead from Canvas's current grade to the plain average of what the SIS holds.

    OneRoster 1.1 tells no average of the SIS and none of its weights: what is compared is points
    earned of points possible, exempt ones left out.

    Args:
        grades: The enrollment's `grades`; `override_score` and `current_score` are read.
        cells: The student's cells.
        rules: The course's.
    """
    listed = list(cells)
    counted = {mark.assignment: mark for cell in listed if (mark := cell.counted_in_canvas)}
    current, override = _number(grades, "current_score"), _number(grades, "override_score")
    path = _Path(current if override is None else override)
    path.to("a teacher overrode the course grade", current)
    marks = list(counted.values())
    computed = average(marks, rules.groups, weighted=rules.weighted, drops=True)
    path.to("grading periods are weighted" if rules.periods_weighted else UNEXPLAINED, computed)
    path.to("groups are weighted in Canvas", average(marks, rules.groups, drops=True))
    path.to("scores are dropped in Canvas", average(marks))
    for reason, theirs in _by_reason(listed).items():
        for cell in theirs:
            _replace(counted, cell)
        path.to(reason, average(counted.values()))
    in_sis = [mark for cell in listed if (mark := cell.counted_in_sis)]
    return Averages(canvas=path.start, sis=average(in_sis), steps=path.steps)


def _by_reason(cells: Iterable[Cell]) -> dict[str, list[Cell]]:
    found: defaultdict[str, list[Cell]] = defaultdict(list)
    for cell in cells:
        if cell.counted_in_canvas != cell.counted_in_sis:
            found[cell.reason or UNEXPLAINED].append(cell)
    return dict(sorted(found.items()))


def _replace(counted: dict[str, Mark], cell: Cell) -> None:
    if cell.counted_in_canvas is not None:
        counted.pop(cell.counted_in_canvas.assignment, None)
    if cell.counted_in_sis is not None:
        counted[cell.counted_in_sis.assignment] = cell.counted_in_sis


def _number(grades: Mapping[str, Any], name: str) -> Decimal | None:
    value = grades.get(name)
    return None if value is None else Decimal(str(value)).quantize(Decimal("0.01"))


class _Path:
    def __init__(self, start: Decimal | None) -> None:
        self.start = self._now = start
        self.steps: list[Step] = []

    def to(self, reason: str, reached: Decimal | None) -> None:
        """Note a reason, if it made a difference."""
        if reached != self._now:
            self.steps.append(Step(reason=reason, average=reached))
            self._now = reached
