"""`homeroom passback`: one grade sync of the reference service, Canvas to Focus."""

import os
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from homeroom.cli.provision import ConfigFile, Json, fail, print_json
from homeroom.config import read_config
from homeroom.reference.errors import SyncError
from homeroom.reference.workflows import GradeSync, read_settings, run_sync

Courses = Annotated[
    list[str] | None, typer.Option("--course", metavar="ID", help="Only this course; repeatable.")
]
Sections = Annotated[
    list[str] | None, typer.Option("--section", metavar="ID", help="Only this section; repeatable.")
]
Assignments = Annotated[
    list[str] | None,
    typer.Option("--assignment", metavar="ID", help="Only this assignment; repeatable."),
]
Remaster = Annotated[
    bool, typer.Option("--remaster", help="Send every score again; clear those deleted in Canvas.")
]


# How many of those left out are named; `--json` names all.
NAMED = 5


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command()(passback)


def passback(
    course: Courses = None,
    section: Sections = None,
    assignment: Assignments = None,
    remaster: Remaster = False,
    config: ConfigFile = None,
    json: Json = False,
) -> None:
    """Sync grades once, Canvas to Focus. Exit 0 done, 1 some refused, 2 unusable peer.

    IDs are Canvas's or the SIS's.
    """
    try:
        settings = read_settings(os.environ, read_config(config))
        sync = run_sync(
            settings,
            courses=course or (),
            sections=section or (),
            assignments=assignment or (),
            remaster=remaster,
        )
    except SyncError as error:
        fail(error)
    if json:
        print_json(sync.as_dict())
    else:
        _render(sync, Console(highlight=False))
    raise typer.Exit(sync.exit_code)


def _render(sync: GradeSync, console: Console) -> None:
    totals = ", ".join(f"{count} {name.replace('_', ' ')}" for name, count in sync.totals.items())
    table = Table(title=f"Grade sync: {totals}", title_justify="left")
    for name in ("course", "section", "title", "status"):
        table.add_column(name)
    for name in ("sent", "unchanged", "cleared"):
        table.add_column(name, justify="right")
    for each in sync.outcomes:
        numbers = (each.sent, each.unchanged, each.cleared)
        cells = (str(each.course), each.section_name or each.section, each.title, each.status)
        table.add_row(*cells, *(str(number) for number in numbers))
    console.print(table)
    for each in sync.outcomes:
        place = each.section_name or each.section
        title = f"{each.title} ({place})" if place else each.title
        for refusal in each.refusals:
            console.print(f"{title}: {refusal['sentence']}", soft_wrap=True, markup=False)
        for reason, who in each.skipped.items():
            named = ", ".join(who[:NAMED]) + ", ..." * (len(who) > NAMED)
            told = f"{title}: left out {len(who)} {reason} ({named})"
            console.print(told, soft_wrap=True, markup=False)
    if sync.alarm:
        console.print(f"{sync.alarm}.", soft_wrap=True, markup=False)
