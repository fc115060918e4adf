"""`homeroom reconcile`: compares both gradebooks and says why an average differs."""

import os
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from homeroom.cli.passback import Courses
from homeroom.cli.provision import ConfigFile, Json, fail, print_json
from homeroom.config import read_config
from homeroom.reference.errors import SyncError
from homeroom.reference.workflows import read_settings
from homeroom.reference.workflows.reconciliation import Reconciliation, write_report
from homeroom.reference.workflows.reconciliation import reconcile as compare


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command()(reconcile)


def reconcile(
    course: Courses = None,
    out: Annotated[
        Path, typer.Option("--out", metavar="DIR", help="Where HTML, JSON and CSV are written.")
    ] = Path("reconciliation"),
    config: ConfigFile = None,
    json: Json = False,
) -> None:
    """Compare both gradebooks, only reading. Exit 0 alike or explained, 1 not, 2 unusable.

    For each student of each class it leads from Canvas's course grade to the SIS's average: what
    is hidden, excused, dropped, weighted, not passed back, or not sent yet.
    """
    try:
        settings = read_settings(os.environ, read_config(config))
        found = compare(settings, courses=course or ())
        files = write_report(found, out)
    except SyncError as error:
        fail(error)
    if json:
        print_json({**found.as_dict(), "files": files})
    else:
        _render(found, out, Console(highlight=False))
    raise typer.Exit(found.exit_code)


def _render(found: Reconciliation, out: Path, console: Console) -> None:
    counts = found.counts
    console.print(
        f"{counts['students']:,} students in {counts['classes']:,} classes: "
        f"{counts['averages_alike']:,} averages alike, {counts['averages_apart']:,} apart; "
        f"{counts['agrees']:,} grades agree, {counts['by_rule']:,} differ by rule, "
        f"{counts['differs']:,} are to be settled",
        soft_wrap=True,
    )
    if found.reasons:
        table = Table("why", title_justify="left")
        for name in ("grades", "averages"):
            table.add_column(name, justify="right")
        for reason, grades, averages in found.reasons:
            table.add_row(reason, f"{grades:,}", f"{averages:,}")
        console.print(table)
    for one in found.unread:
        console.print(f"not compared: {one['sourcedId']} {one['reason']}", markup=False)
    console.print(f"{out / 'index.html'} has every student")
