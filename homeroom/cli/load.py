"""`homeroom load`: a Locust run of a named profile with its limits."""

import json
import os
import sys
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from homeroom.loadtests.profiles import PROFILES, find_profile
from homeroom.loadtests.run import LoadError, LoadRun, run_load


def register(app: typer.Typer) -> None:
    """Add the verb."""

    @app.command()
    def load(
        profile: Annotated[str, typer.Argument(help=f"One of: {', '.join(PROFILES)}.")],
        *,
        as_json: Annotated[bool, typer.Option("--json", help="Print the figures as JSON.")] = False,
    ) -> None:
        """Load a provider as consumers do; exit 1 when a limit is missed.

        The target is a fake started for the run, or the one that ONEROSTER_BASE_URL,
        ONEROSTER_TOKEN_URL, ONEROSTER_CLIENT_ID and ONEROSTER_CLIENT_SECRET name.
        """
        chosen = find_profile(profile)
        if chosen is None:
            raise typer.BadParameter(
                f"there is no profile {profile!r}; there are: {', '.join(PROFILES)}"
            )
        try:
            run = run_load(chosen, environ=os.environ)
        except LoadError as error:
            typer.echo(f"homeroom load: {error}", err=True)
            raise typer.Exit(2) from None
        if as_json:
            sys.stdout.write(json.dumps(run.as_dict()) + "\n")
        else:
            _show(run)
        raise typer.Exit(run.exit_code)


def _show(run: LoadRun) -> None:
    console = Console()
    figures, limits = run.figures, run.profile.limits
    table = Table(title=f"{run.profile.name}: {run.profile.summary}")
    for column in ("figure", "measured", "limit"):
        table.add_column(column, justify="left" if column == "figure" else "right")
    table.add_row("requests", f"{figures.requests:,}", "")
    table.add_row("records", f"{figures.records:,}", "")
    table.add_row(
        "records a second", f"{figures.records_per_s:,.0f}", f">= {limits.records_per_s:,.0f}"
    )
    for name in ("p50_ms", "p95_ms", "p99_ms"):
        table.add_row(name, f"{getattr(figures, name):g}", f"<= {getattr(limits, name):g}")
    table.add_row("error share", f"{figures.error_share:.2%}", f"<= {limits.error_share:.2%}")
    console.print(table)
    for error in run.errors:
        console.print(error, markup=False)
    for miss in run.misses:
        console.print(f"missed: {miss}", markup=False)
    console.print("all limits kept" if not run.misses else f"{len(run.misses)} limits missed")
