"""A reconciliation as files: a page for people, JSON for programs, CSV to work through."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from homeroom.reference.errors import FatalError
from homeroom.reference.onboarding.report_files import render_page, write_csv
from homeroom.reference.workflows.reconciliation.reconcile import Reconciliation

PAGE = Path(__file__).with_name("reconciliation.html")
SHOWN = 500
"""Students whose averages the page explains one by one; the CSV has all."""

GRADES = (
    "class",
    "student",
    "title",
    "assignment",
    "line_item",
    "canvas",
    "sis",
    "standing",
    "reason",
)
AVERAGES = ("class", "student", "canvas", "sis", "explained", "steps")


def write_report(found: Reconciliation, folder: Path) -> list[str]:
    """Write all files, and give their names.

    Raises:
        FatalError: The folder cannot be written to.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "index.html").write_text(_page(found), encoding="utf-8")
        (folder / "reconciliation.json").write_bytes(msgspec.json.encode(found.as_dict()))
        write_csv(folder / "grades.csv", GRADES, _grades(found))
        write_csv(folder / "averages.csv", AVERAGES, _averages(found))
    except OSError as error:
        raise FatalError(f"{folder} cannot be written to: {error.strerror}") from None
    return ["index.html", "reconciliation.json", "grades.csv", "averages.csv"]


def _page(found: Reconciliation) -> str:
    apart = [
        (each, one)
        for each in found.classes
        for one in each.students
        if one.averages.steps or one.cells
    ]
    shown = apart[:SHOWN]
    return render_page(PAGE, found=found, apart=shown, left_out=len(apart) - len(shown))


def _grades(found: Reconciliation) -> Iterator[tuple[Any, ...]]:
    for each in found.classes:
        for one in each.students:
            for cell in one.cells:
                about = each.class_id, one.sourced_id, cell.title, cell.assignment, cell.line_item
                yield (*about, cell.canvas, cell.sis, cell.standing.value, cell.reason)


def _averages(found: Reconciliation) -> Iterator[tuple[Any, ...]]:
    for each in found.classes:
        for one in each.students:
            theirs, steps = one.averages, one.averages.steps
            told = "; ".join(f"{step.reason}: {step.average}" for step in steps)
            about = each.class_id, one.sourced_id, theirs.canvas, theirs.sis
            yield (*about, theirs.explained, told)
