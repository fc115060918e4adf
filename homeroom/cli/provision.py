"""`homeroom provision`: one nightly run of the reference service, Focus to Canvas."""

import os
from pathlib import Path
from typing import Annotated, Any, NoReturn

import msgspec
import typer
from rich.console import Console
from rich.table import Table

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
SHOWN = 20


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command()(provision)


def provision(
    plan: PlanOnly = False,
    release: Release = None,
    full: Full = False,
    config: ConfigFile = None,
    json: Json = False,
) -> None:
    """Run one night, Focus to Canvas; exit 0 done, 1 rows refused, 2 unusable peer, 4 held."""
    try:
        settings = read_settings(os.environ, read_config(config))
        night = run_night(settings, plan_only=plan, release=release, full=full)
    except SyncError as error:
        fail(error)
    if json:
        print_json(night.as_dict())
    else:
        render(night, Console(highlight=False))
    raise typer.Exit(night.exit_code if not plan else 0)


def fail(error: SyncError) -> NoReturn:
    """Say what stopped the run, in one sentence, and exit 2."""
    typer.echo(f"homeroom: {error}", err=True)
    raise typer.Exit(2)


def print_json(document: dict[str, Any]) -> None:
    """Print one JSON document on stdout."""
    typer.echo(msgspec.json.encode(document).decode())


def render(night: Night, console: Console) -> None:
    """Print what a night did, or would do."""
    table = Table(title=f"Run {night.run}: {night.status}", title_justify="left")
    table.add_column("")
    for name in ("before", "after", "add", "change", "remove"):
        table.add_column(name, justify="right")
    for kind, counts in night.plan.counts.items():
        numbers = (counts.before, counts.after, counts.added, counts.changed, counts.removed)
        table.add_row(kind, *(f"{number:,}" for number in numbers))
    console.print(table)
    for kind, counts in night.plan.counts.items() if night.status in {"planned", "held"} else ():
        ours = [each for each in night.plan.changes if each["kind"] == kind]
        changing = counts.added + counts.changed + counts.removed
        _block(console, f"In {kind}", [_change(each) for each in ours], of=changing)
    _block(console, "Held by the brake", night.plan.brake)
    _block(console, "Ids that look made anew", night.plan.evidence)
    _block(console, "Given its new id in Canvas", night.plan.rekeyed)
    if night.status == "held":
        console.print(f"Look at the plan, then: homeroom provision --release {night.run}")
    for title, ones in (("Refused", night.refused), ("Warnings", night.warnings)):
        lines = [f"{one['sourcedId']}: {one['field']} {one['reason']}" for one in ones]
        _block(console, title, lines)
    _block(
        console,
        "Sections that stay where they are",
        [
            f"{move['section']}: its key now leads to {move['key']}"
            for move in night.plan.held_moves
        ],
    )
    _block(console, "Put right", [f"{n} {what}" for what, n in night.plan.oddities.items()])
    _block(
        console,
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


def _block(console: Console, title: str, lines: list[str], *, of: int | None = None) -> None:
    """Print the first lines under a title; `of` is how many there are, where not all are here."""
    count = len(lines) if of is None else of
    if not count:
        return
    console.print(f"\n{title} ({count:,})", style="bold")
    for line in lines[:SHOWN]:
        console.print(f"  {line}", soft_wrap=True, markup=False)
    if count > SHOWN:
        where = "--json has them all" if count == len(lines) else "the setting plan_rows lists more"
        console.print(f"  and {count - SHOWN:,} more; {where}")
