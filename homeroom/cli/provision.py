"""`homeroom provision`: one nightly run of the reference service, Focus to Canvas."""

import os
import sys
from functools import partial
from pathlib import Path
from typing import Annotated, Any, NoReturn

import msgspec
import typer
from msgspec.structs import replace
from rich.console import Console
from rich.table import Table

from homeroom.cli.ending import stop
from homeroom.config import read_config
from homeroom.reference.errors import SyncError
from homeroom.reference.workflows import Night, read_settings, run_night

ConfigFile = Annotated[
    Path | None, typer.Option("--config", help="Settings (default ./homeroom.toml).")
]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON document on stdout.")]
PlanOnly = Annotated[bool, typer.Option("--plan", help="Show what would change; send nothing.")]
Release = Annotated[
    str | None,
    typer.Option("--release", metavar="RUN", help="Apply a held run, if nothing moved since."),
]
Full = Annotated[
    bool, typer.Option("--full", help="Send everything, not only what changed; read all back.")
]
Rows = Annotated[
    int | None,
    typer.Option(
        "--rows",
        min=0,
        metavar="N",
        help="List so many changes of each kind; 0: all (else the setting plan_rows, 1000).",
    ),
]
SHOWN = 20
NOT_APPLIED = frozenset({"planned", "held"})


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command()(provision)


def provision(
    plan: PlanOnly = False,
    release: Release = None,
    full: Full = False,
    rows: Rows = None,
    config: ConfigFile = None,
    json: Json = False,
) -> None:
    """Run one night, Focus to Canvas. Exit 0 done, 1 rows refused, 2 unusable peer, 4 held."""
    try:
        settings = read_settings(os.environ, read_config(config))
        if rows is not None:
            service = replace(settings.service, plan_rows=rows or sys.maxsize)
            settings = replace(settings, service=service)
        night = run_night(settings, plan_only=plan, release=release, full=full)
    except SyncError as error:
        fail(error)
    if json:
        document = night.as_dict()
        short = sum(document["left_out"].values())
        if short and night.status in NOT_APPLIED:
            typer.echo(f"homeroom: {short:,} changes are not listed; --rows 0 lists all", err=True)
        print_json(document)
    else:
        render(night, Console(highlight=False), SHOWN if rows is None else rows or sys.maxsize)
    raise typer.Exit(night.exit_code if not plan else 0)


def fail(error: SyncError) -> NoReturn:
    """Say what stopped the run, in one sentence, and exit 2."""
    stop(f"homeroom: {error}")


def print_json(document: dict[str, Any]) -> None:
    """Print one JSON document on stdout."""
    typer.echo(msgspec.json.encode(document).decode())


def render(night: Night, console: Console, shown: int = SHOWN) -> None:
    """Print what a night did, or would do, and so many lines of each list."""
    block = partial(_block, console, shown)
    table = Table(title=f"Run {night.run}: {night.status}", title_justify="left")
    table.add_column("")
    for name in ("before", "after", "add", "change", "remove"):
        table.add_column(name, justify="right")
    for kind, counts in night.plan.counts.items():
        numbers = (counts.before, counts.after, counts.added, counts.changed, counts.removed)
        table.add_row(kind, *(f"{number:,}" for number in numbers))
    console.print(table)
    for kind, counts in night.plan.counts.items() if night.status in NOT_APPLIED else ():
        ours = [each for each in night.plan.changes if each["kind"] == kind]
        changing = counts.added + counts.changed + counts.removed
        block(f"In {kind}", [_change(each) for each in ours], of=changing)
    block("Held by the brake", night.plan.brake)
    block("Ids that look made anew", night.plan.evidence)
    block("Given its new id in Canvas", night.plan.rekeyed)
    if night.status == "held":
        console.print(f"Look at the plan, then: homeroom provision --release {night.run}")
    for title, ones in (("Refused", night.refused), ("Warnings", night.warnings)):
        lines = [f"{one['sourcedId']}: {one['field']} {one['reason']}" for one in ones]
        block(title, lines)
    block(
        "Sections that stay where they are",
        [
            f"{move['section']}: its key now leads to {move['key']}"
            for move in night.plan.held_moves
        ],
    )
    block("Put right", [f"{n} {what}" for what, n in night.plan.oddities.items()])
    block(
        "Canvas differs",
        [f"{d.kind} {d.id}: {d.field} is {d.found}, not {d.expected}" for d in night.drift],
    )


def _change(told: dict[str, Any]) -> str:
    """Tell one change: what came or went whole, of what stays only what differs."""
    before, after = told["before"] or {}, told["after"] or {}
    if before and after:
        moved = [
            f"{name} {before[name] or 'blank'} -> {value or 'blank'}"
            for name, value in after.items()
            if value != before[name] and name != "source"
        ]
        # The id stands first in every row, and of a place who and where.
        same = [value for name, value in after.items() if name != "source"]
        where = same[: 3 if told["kind"] == "enrollments" else 1]
        return f"change  {' '.join(where)}: {', '.join(moved)}"
    row = after or before
    cells = [f"{name} {value}" for name, value in row.items() if value and name != "source"]
    return f"{'add   ' if after else 'remove'}  {', '.join(cells)}"


def _block(
    console: Console, shown: int, title: str, lines: list[str], *, of: int | None = None
) -> None:
    """Print the first lines under a title; `of` is how many there are, where not all are here."""
    count = len(lines) if of is None else of
    if not count:
        return
    console.print(f"\n{title} ({count:,})", style="bold")
    for line in lines[:shown]:
        console.print(f"  {line}", soft_wrap=True, markup=False)
    rest = count - min(shown, len(lines))
    if rest:
        where = "--json has them all" if count == len(lines) else "--rows 0 lists all"
        console.print(f"  and {rest:,} more; {where}")
