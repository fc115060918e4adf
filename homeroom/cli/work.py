"""`homeroom work`: a worker of the reference service, without its pages."""

import os
from pathlib import Path
from typing import Annotated, Any

import typer

from homeroom.cli.ending import stop
from homeroom.cli.provision import fail, print_json
from homeroom.reference.errors import SyncError

State = Annotated[
    Path, typer.Option("--state", help="State folder of the service; all its workers share it.")
]
Database = Annotated[
    str | None,
    typer.Option(
        "--database",
        metavar="URL",
        help="postgresql+psycopg://... of the service; else the SQLite file in the state folder.",
    ),
]
AtOnce = Annotated[int, typer.Option("--workers", min=1, help="Districts side by side.")]
Private = Annotated[
    bool,
    typer.Option(
        "--private-peers/--public-peers",
        help="Whether peers on loopback and in private networks may be reached.",
    ),
]
Grace = Annotated[
    float,
    typer.Option(
        "--grace",
        min=0,
        max=3600,
        metavar="SECONDS",
        help="How long stages under way may take to their end on SIGTERM; what does not end is "
        "taken up by the next process.",
    ),
]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON line on stdout when ready.")]


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command()(work)


def work(
    state: State = Path(".homeroom/service"),
    database: Database = None,
    workers: AtOnce = 2,
    private_peers: Private = False,
    grace: Grace = 20,
    json: Json = False,
) -> None:
    """Work off a service's jobs until SIGTERM. Exit 2 where another process works on its SQLite."""
    try:
        from homeroom.reference.service.logs import start_logs
        from homeroom.reference.workflows.durable.worker import work_off
    except ImportError as error:
        stop(f"homeroom: {error}: install the extra, homeroom[service]")
    start_logs()
    try:
        left = work_off(
            state,
            database,
            os.environ,
            print_json if json else _show,
            at_once=workers,
            grace_s=grace,
            private=private_peers,
        )
    except SyncError as error:
        fail(error)
    if left:
        # Their threads would keep the process; killed in a stage, a job goes on elsewhere.
        os._exit(0)


def _show(ready: dict[str, Any]) -> None:
    typer.echo(f"Worker {ready['worker']} works off {ready['database']} (Ctrl-C stops it).")
