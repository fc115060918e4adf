"""`homeroom evaluate`: compares what Canvas holds with what the provider serves."""

import os
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from homeroom.cli.provision import fail, print_json
from homeroom.config import read_config
from homeroom.reference.errors import SyncError
from homeroom.reference.onboarding import read_targets
from homeroom.reference.onboarding.evaluation import Evaluation
from homeroom.reference.onboarding.evaluation import evaluate as compare
from homeroom.reference.onboarding.evaluation_report import write_report
from homeroom.reference.workflows import read_settings

STYLE = {"critical": "bold red", "warning": "yellow", "note": "dim"}


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command()(evaluate)


def evaluate(
    out: Annotated[
        Path, typer.Option("--out", metavar="DIR", help="Where HTML, JSON and CSV are written.")
    ] = Path("evaluation"),
    config: Annotated[
        Path | None, typer.Option("--config", help="Settings (default ./homeroom.toml).")
    ] = None,
    json: Annotated[
        bool, typer.Option("--json", help="Print one JSON document on stdout.")
    ] = False,
) -> None:
    """Compare Canvas with the feed, reading only. Exit 0 done, 1 critical concerns, 2 unusable."""
    try:
        configured = read_config(config)
        settings = read_settings(os.environ, configured)
        found = compare(settings, read_targets(os.environ, configured))
        files = write_report(found, out)
    except SyncError as error:
        fail(error)
    if json:
        print_json({**found.as_dict(), "files": files})
    else:
        _render(found, out, Console(highlight=False))
    raise typer.Exit(found.exit_code)


def _render(found: Evaluation, out: Path, console: Console) -> None:
    table = Table(title="Canvas and the feed", title_justify="left")
    counts = found.counts()
    for name in ("", *counts["users"]):
        table.add_column(name, justify="right" if name else "left")
    for kind, numbers in counts.items():
        table.add_row(kind, *(f"{number:,}" for number in numbers.values()))
    console.print(table)
    for one in found.concerns:
        told = f"{one.count:,} {one.kind} {one.what}. {one.remedy}"
        console.print(f"[{STYLE[one.severity]}]{one.severity}[/] {told}", soft_wrap=True)
    console.print(f"{out / 'index.html'} has the rest; {len(found.rekeys):,} rows to re-key")
