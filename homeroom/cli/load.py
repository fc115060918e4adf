"""`homeroom load`: a Locust run of a named profile with its limits."""

import importlib
import json
import os
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import msgspec
import typer

from homeroom.cli.ending import stop
from homeroom.config import read_config
from homeroom.loadtests.profiles import LoadError, list_profiles

if TYPE_CHECKING:
    from homeroom.loadtests.runs import Options

STOPPED = 130
"""As shells have it for Ctrl-C."""
PROFILES = ", ".join(list_profiles())


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command()(load)


def load(
    profile: Annotated[
        str | None,
        typer.Argument(help=f"One of: {PROFILES}; or a TOML file of your own."),
    ] = None,
    *,
    district: Annotated[
        str | None,
        typer.Option(metavar="NAME|PATH", help="Of our fakes, instead of the profile's."),
    ] = None,
    spaces: Annotated[
        int | None, typer.Option(min=1, help="Districts side by side, each a world of its own.")
    ] = None,
    users: Annotated[
        int | None, typer.Option(min=1, help="Users a district, instead of the profile's.")
    ] = None,
    rounds: Annotated[
        int | None, typer.Option(min=1, help="Rounds of a user, instead of the profile's.")
    ] = None,
    stop_after: Annotated[
        float | None,
        typer.Option(metavar="SECONDS", min=1, help="Stop then; the window is judged by forecast."),
    ] = None,
    target: Annotated[
        str,
        typer.Option(
            metavar="auto|fakes|real",
            help="auto: the provider of ONEROSTER_* if set, else fakes started for the run; real: "
            "that of [oneroster] in homeroom.toml.",
        ),
    ] = "auto",
    consent: Annotated[
        str,
        typer.Option(
            metavar="HOST", help="The provider's host: says that whoever runs it agreed to this."
        ),
    ] = "",
    rate: Annotated[
        float | None,
        typer.Option(metavar="N", min=0.01, help="Requests a second at most, all users together."),
    ] = None,
    faults: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME|FILE", help="A bundle of fault rules for our fakes."),
    ] = None,
    like: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Let our fakes be as slow as what `homeroom connect --probe --json` measured.",
        ),
    ] = None,
    import_rows_per_s: Annotated[
        float | None,
        typer.Option(metavar="N", min=0.1, help="Rate of a real Canvas's imports."),
    ] = None,
    workers: Annotated[
        int, typer.Option(min=0, max=64, help="Locust workers on this machine, under a master.")
    ] = 0,
    listen: Annotated[
        str | None,
        typer.Option(metavar="HOST:PORT", help="Where the master waits for joining machines."),
    ] = None,
    expect: Annotated[
        int, typer.Option(min=0, max=256, help="Workers that join from elsewhere (--listen).")
    ] = 0,
    join: Annotated[
        str | None,
        typer.Option(metavar="HOST:PORT", help="Be a worker of the run that is led there."),
    ] = None,
    service_workers: Annotated[
        int,
        typer.Option(min=1, max=64, help="service-nights: districts side by side in a process."),
    ] = 2,
    service_processes: Annotated[
        int,
        typer.Option(
            min=0, max=64, help="service-nights: processes of `homeroom work`, on PostgreSQL."
        ),
    ] = 0,
    database: Annotated[
        str | None,
        typer.Option(
            metavar="URL",
            help="service-nights: an empty PostgreSQL, postgresql+psycopg://...; else SQLite.",
        ),
    ] = None,
    limits: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Limits, instead of Homeroom's own file.")
    ] = None,
    repeat: Annotated[
        int, typer.Option(min=1, max=50, help="Runs; a baseline needs four or more to say much.")
    ] = 1,
    save_baseline: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Keep the runs' speeds.")
    ] = None,
    baseline: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Compare with kept speeds.")
    ] = None,
    report: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Where the report goes (default ./reports/load-PROFILE)."),
    ] = None,
    config: Annotated[
        Path | None, typer.Option("--config", help="Settings (default ./homeroom.toml).")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the figures as JSON.")] = False,
) -> None:
    """Load a provider or the service, and hold it against limits.

    PROFILE names a night or a day of consumers, and what it may cost.

    Exit 0: all limits kept. 1: a limit missed, slower than the baseline, or stopped early, with a
    partial report. 2: refused before the run: profile, limits, target or consent. 130: stopped by
    Ctrl-C before anything was measured.
    """
    # Imported here: plots and statistics take a second, and `--help` should not.
    runs = importlib.import_module("homeroom.loadtests.runs")
    services = importlib.import_module("homeroom.loadtests.services")
    show = importlib.import_module("homeroom.loadtests.show")
    try:
        if join is not None:
            raise typer.Exit(_join(join))
        if profile is None:
            raise LoadError(f"which profile? There are: {PROFILES}")
        options: Options = runs.Options(
            profile=profile, district=district, spaces=spaces, users=users, rounds=rounds,
            stop_after_s=stop_after, target=target, consent=consent, rate=rate,
            faults=tuple(faults or ()), like=like, import_rows_per_s=import_rows_per_s,
            workers=workers, listen=listen, joined=expect,
            service=services.ServiceShape(
                workers=service_workers, processes=service_processes, database=database or ""
            ),
            limits=limits, repeat=repeat,
            save_baseline=save_baseline, baseline=baseline,
            report=report or Path("reports") / f"load-{Path(profile).stem}",
        )  # fmt: skip
        result = runs.run_all(
            options, environ=os.environ, config=read_config(config), tell=show.tell
        )
    except LoadError as error:
        stop(f"homeroom load: {error}")
    except KeyboardInterrupt:
        typer.echo("homeroom load: stopped before the run began: nothing was measured", err=True)
        raise typer.Exit(STOPPED) from None
    document: dict[str, Any] = result.as_dict()
    if as_json:
        sys.stdout.write(json.dumps(document, default=msgspec.to_builtins) + "\n")
    else:
        show.show(result)
    raise typer.Exit(result.exit_code)


def _join(address: str) -> int:
    generator = importlib.import_module("homeroom.loadtests.generator")
    with tempfile.TemporaryDirectory(prefix="homeroom-load-") as folder:
        place = generator.parse_address(address, "--join")
        return int(generator.join(place, environ=os.environ, folder=Path(folder)))
