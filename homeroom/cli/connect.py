"""`homeroom connect`: can both peers be reached, and do they serve what a night needs?"""

import os
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from homeroom.cli.provision import print_json
from homeroom.config import read_config
from homeroom.reference.onboarding import Connection, connect, read_targets

STYLE = {"passed": "green", "warning": "yellow", "failed": "bold red", "skipped": "dim"}


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command("connect")(check_connection)


def check_connection(
    config: Annotated[
        Path | None, typer.Option("--config", help="Settings (default ./homeroom.toml).")
    ] = None,
    json: Annotated[
        bool, typer.Option("--json", help="Print one JSON document on stdout.")
    ] = False,
    probe: Annotated[bool, typer.Option("--probe", help="Time pages of the provider too.")] = False,
) -> None:
    """Check both peers, writing nothing. Exit 0 passed, 1 a check failed, 2 unusable peer."""
    found = connect(read_targets(os.environ, read_config(config)), probe=probe)
    if json:
        print_json(found.as_dict())
    else:
        _render(found, Console(highlight=False))
    raise typer.Exit(found.exit_code)


def _render(found: Connection, console: Console) -> None:
    table = Table(title="Connection", title_justify="left")
    for name in ("check, and what was asked", "outcome", "what came", "remedy"):
        table.add_column(name, overflow="fold")
    for one in found.checks:
        style = STYLE[one.outcome]
        asked = f"{one.check}\n[dim]{_plain(one.asked)}[/]"
        outcome = f"[{style}]{one.outcome}[/]"
        table.add_row(asked, outcome, _plain(one.received), _plain(one.remedy))
    console.print(table)
    if found.latencies is not None:
        timed = Table(title="Pages", title_justify="left")
        for name in ("collection", "limit", "p50 ms", "p95 ms", "whole, s"):
            timed.add_column(name, justify="right" if name != "collection" else "left")
        for each in found.latencies:
            whole = "?" if each.whole_s is None else f"{each.whole_s:,}"
            timed.add_row(each.path, str(each.limit), f"{each.p50_ms}", f"{each.p95_ms}", whole)
        console.print(timed)
    totals = found.as_dict()["totals"]
    console.print(", ".join(f"{count} {outcome}" for outcome, count in totals.items() if count))


def _plain(text: str) -> str:
    return text.replace("[", r"\[")
