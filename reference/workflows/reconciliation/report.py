"""A reconciliation as files: a page for people, JSON for programs, CSV to work through."""

import csv
from pathlib import Path

import msgspec
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from homeroom.reference.errors import FatalError
from homeroom.reference.workflows.reconciliation.reconcile import Reconciliation

SHOWN = 500
"""Students whose averages the page explains one by one; the CSV has all."""

GRADES = ("class", "student", "title", "assignment", "line_item", "canvas", "sis", "standing")
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
        with (folder / "grades.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow((*GRADES, "reason"))
            writer.writerows(
                (
                    each.class_id,
                    one.sourced_id,
                    cell.title,
                    *(cell.assignment, cell.line_item, cell.canvas, cell.sis),
                    *(cell.standing.value, cell.reason),
                )
                for each in found.classes
                for one in each.students
                for cell in one.cells
            )
        with (folder / "averages.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(AVERAGES)
            writer.writerows(
                (
                    *(each.class_id, one.sourced_id, one.averages.canvas, one.averages.sis),
                    one.averages.explained,
                    "; ".join(f"{step.reason}: {step.average}" for step in one.averages.steps),
                )
                for each in found.classes
                for one in each.students
            )
    except OSError as error:
        raise FatalError(f"{folder} cannot be written to: {error.strerror}") from None
    return ["index.html", "reconciliation.json", "grades.csv", "averages.csv"]


def _page(found: Reconciliation) -> str:
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    apart = [
        (each, one)
        for each in found.classes
        for one in each.students
        if one.averages.steps or one.cells
    ]
    page = environment.get_template("reconciliation.html")
    return page.render(found=found, apart=apart[:SHOWN], left_out=len(apart) - len(apart[:SHOWN]))
