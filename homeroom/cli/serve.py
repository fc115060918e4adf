"""`homeroom serve`: the reference service as a service, with its schedule, API and pages."""

import importlib.util
import json
import os
import sys
import warnings
from pathlib import Path
from typing import Annotated, Any

import typer

from homeroom.cli.ending import stop
from homeroom.cli.work import Grace
from homeroom.reference.errors import SyncError

NEEDED = ("dbos", "sqlalchemy", "flask_wtf", "limits", "pythonjsonlogger")


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command()(serve)


def serve(
    *,
    host: Annotated[
        str, typer.Option(help="Address to bind; one beyond loopback needs --cert and --key.")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="0 takes a free one.")] = 8443,
    database: Annotated[
        str | None,
        typer.Option(
            metavar="URL",
            help="postgresql+psycopg://... or sqlite:////...; default a SQLite file in --state.",
        ),
    ] = None,
    state: Annotated[
        Path, typer.Option(metavar="DIR", help="Folder of districts, database, keys and tokens.")
    ] = Path(".homeroom/service"),
    cert: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Certificate chain in PEM: serves TLS.")
    ] = None,
    key: Annotated[Path | None, typer.Option(metavar="FILE", help="Its private key.")] = None,
    public_url: Annotated[
        str | None,
        typer.Option(metavar="URL", help="What districts' links begin with, behind a proxy."),
    ] = None,
    private_peers: Annotated[
        bool | None,
        typer.Option(
            "--private-peers/--public-peers",
            help="Whether peers on loopback and in private networks may be entered; by default "
            "only where the service itself is on loopback without TLS.",
        ),
    ] = None,
    workers: Annotated[
        int,
        typer.Option(min=0, max=64, help="Districts at work side by side; 0: pages and API alone."),
    ] = 2,
    grace: Grace = 20,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print one line of JSON once it answers.")
    ] = False,
) -> None:
    """Serve schedule, HTTP API and pages until SIGTERM or Ctrl-C. Exit 0 then, 2 unusable."""
    missing = [name for name in NEEDED if importlib.util.find_spec(name) is None]
    if missing:
        absent = ", ".join(missing)
        told = f"homeroom serve: {absent} not installed: `pip install 'homeroom[service]'`"
        typer.echo(told, err=True)
        raise typer.Exit(2)
    # connexion imports starlette's test client, which warns of its own future: not ours.
    warnings.filterwarnings("ignore", message="Using `httpx` with `starlette.testclient`")
    from homeroom.reference.service.logs import start_logs
    from homeroom.reference.service.serving import Options
    from homeroom.reference.service.serving import serve as run

    def announce(document: dict[str, Any]) -> None:
        if as_json:
            sys.stdout.write(json.dumps(document, separators=(",", ":")) + "\n")
        else:
            sys.stdout.write(
                f"Homeroom's service is at {document['url']} (Ctrl-C stops it).\n"
                f"Admin tokens are in {document['admin_tokens']}.\n"
            )
        sys.stdout.flush()

    options = Options(
        state=state,
        host=host,
        port=port,
        database=database,
        cert=cert,
        key=key,
        public_url=public_url,
        private_peers=private_peers,
        workers=workers,
        grace_s=grace,
    )
    try:
        start_logs()
        left = run(options, os.environ, announce)
    except SyncError as error:
        stop(f"homeroom serve: {error}")
    if left:
        # Their threads would keep the process; cut off in a stage, a job is taken up by the next.
        os._exit(0)
