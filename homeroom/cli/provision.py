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
        _render(night, Console(highlight=False))
    raise typer.Exit(night.exit_code if not plan else 0)


def fail(error: SyncError) -> NoReturn:
    """Say what stopped the run, in one sentence, and exit 2."""
    typer.echo(f"homeroom: {error}", err=True)
    raise typer.Exit(2)


def print_json(document: dict[str, Any]) -> None:
    """Print one JSON document on stdout."""
    typer.echo(msgspec.json.encode(document).decode())


def _render(night: Night, console: Console) -> None:
    table = Table(title=f"Run {night.run}: {night.status}", title_justify="left")
    table.add_column("")
    for name in ("before", "after", "add", "change", "remove"):
        table.add_column(name, justify="right")
    for kind, counts in night.plan.counts.items():
        numbers = (counts.before, counts.after, counts.added, counts.changed, counts.removed)
        table.add_row(kind, *(f"{number:,}" for number in numbers))
    console.print(table)
    _block(console, "Held by the brake", [*night.plan.brake, *night.plan.evidence])
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


def _block(console: Console, title: str, lines: list[str]) -> None:
    if not lines:
        return
    console.print(f"\n{title} ({len(lines)})", style="bold")
    for line in lines[:SHOWN]:
        console.print(f"  {line}", soft_wrap=True, markup=False)
    if len(lines) > SHOWN:
        console.print(f"  and {len(lines) - SHOWN} more; --json has them all")
