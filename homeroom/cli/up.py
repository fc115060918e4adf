"""`homeroom up`: both fakes, their control plane and its console, until told to stop."""

import asyncio
import gc
import json
import os
import sys
import tempfile
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from homeroom.cli.ending import stop
from homeroom.lifeline import hold_on, terminate
from homeroom.mocks.district import DistrictError
from homeroom.mocks.harness.clock import parse_clock_time
from homeroom.mocks.harness.faults import FaultRuleError
from homeroom.mocks.harness.serve import BindError
from homeroom.mocks.harness.state import StateError

if TYPE_CHECKING:
    from homeroom.mocks.stage import Stage


def register(app: typer.Typer) -> None:
    """Add the verb."""

    @app.command()
    def up(
        *,
        district: Annotated[
            str,
            typer.Option(
                metavar="NAME|PATH",
                help="empty, tiny, small, medium, large, mega, stress, enrollments=N, or the path "
                "of a OneRoster 1.1 CSV zip.",
            ),
        ] = "tiny",
        seed: Annotated[int, typer.Option(help="Same seed, same district.")] = 1,
        now: Annotated[
            str | None,
            typer.Option(metavar="ISO8601", help="The world's time at the start; it ticks on."),
        ] = None,
        host: Annotated[str, typer.Option(help="Address to bind.")] = "127.0.0.1",
        port: Annotated[
            int,
            typer.Option(
                min=0,
                max=65533,
                help="Of control and console; Focus takes the next, Canvas the one after.",
            ),
        ] = 0,
        faults: Annotated[
            list[str] | None,
            typer.Option(
                metavar="NAME|FILE",
                help="A bundle of fault rules, by name (such as bad-tuesday) or as a YAML file; "
                "may be given several times.",
            ),
        ] = None,
        state: Annotated[
            Path | None,
            typer.Option(
                metavar="DIR",
                help="Outlives the process: what is in it comes back, in place of --district, "
                "--seed and --now.",
            ),
        ] = None,
        tls: Annotated[
            bool,
            typer.Option(
                "--tls",
                help="Both fakes speak HTTPS; `ca_file` of the space document is what to trust.",
            ),
        ] = False,
        as_json: Annotated[
            bool, typer.Option("--json", help="Print the space document as one line of JSON.")
        ] = False,
    ) -> None:
        """Start both fakes and serve until SIGTERM or Ctrl-C. Exit 0 then."""
        # connexion imports starlette's test client, which warns of its own future: not ours.
        warnings.filterwarnings("ignore", message="Using `httpx` with `starlette.testclient`")
        # Imported here: compiling the contracts takes a while, and `--help` should not.
        from homeroom.mocks.stage import VALIDATE, Stage, StageSettings

        try:
            at = parse_clock_time(now) if now is not None else None
        except ValueError as error:
            raise typer.BadParameter(str(error), param_hint="--now") from None
        if Path(district).suffix == ".zip":
            district = str(Path(district).absolute())
        validate = os.environ.get("HOMEROOM_VALIDATE", "sample")
        if validate not in VALIDATE:
            raise typer.BadParameter(
                f"HOMEROOM_VALIDATE is {validate!r}; it takes one of {', '.join(VALIDATE)}"
            )
        try:
            stage = Stage(
                StageSettings(
                    district=district,
                    seed=seed,
                    now=at,
                    host=host,
                    port=port,
                    validate_responses=validate,
                    state=state,
                    tls=_tls_folder(state) if tls else None,
                )
            )
            asyncio.run(_serve(stage, faults or [], as_json=as_json))
        except (BindError, DistrictError, FaultRuleError, StateError) as error:
            stop(f"homeroom up: {error}")


def _tls_folder(state: Path | None) -> Path:
    return Path(tempfile.mkdtemp(prefix="homeroom-tls-")) if state is None else state / "tls"


async def _serve(stage: "Stage", faults: list[str], *, as_json: bool) -> None:
    stage.servers.stop_on_signals()
    hold_on(terminate)
    space = await stage.open_default_space()
    for bundle in faults:
        stage.add_faults(space, bundle)
    serving = asyncio.create_task(stage.run())
    await stage.servers.ready()
    document = stage.document(space)
    if as_json:
        sys.stdout.write(json.dumps(document, separators=(",", ":")) + "\n")
    else:
        sys.stdout.write(_describe(document, stage.unsupported))
    sys.stdout.flush()
    # What stands now stays: the collector need not look at it again, nor stop an import for it.
    gc.freeze()
    await serving


def _describe(document: dict[str, Any], unsupported: dict[str, list[str]]) -> str:
    oneroster, canvas, control = document["oneroster"], document["canvas"], document["control"]
    lines = [
        "Homeroom is up. Ctrl-C stops it.",
        "",
        f"  console    {document['console']['url']}#token={control['token']}",
        f"  control    {control['url']}",
        f"             token {control['token']}",
        f"  Focus      {oneroster['base_url']}",
        f"             token {oneroster['token_url']}",
        f"             client {oneroster['client_id']}  secret {oneroster['client_secret']}",
        f"  Canvas     {canvas['base_url']}",
        f"             token {canvas['token']}  account {canvas['account_id']}",
    ]
    for fake, operations in unsupported.items():
        if operations:
            lines.append(f"  not imitated yet by {fake} (answered 501): {', '.join(operations)}")
    return "\n".join([*lines, ""])
