"""`homeroom judge`: a real pair, observed around a night that Homeroom does not drive."""

import os
import sys
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import msgspec
import typer

from homeroom.cli.ending import stop
from homeroom.config import read_config

if TYPE_CHECKING:
    from homeroom.judge import workflow

Store = Annotated[
    Path, typer.Option(metavar="DIR", help="Where the observations lie; one folder a night.")
]
ConfigFile = Annotated[
    Path | None, typer.Option("--config", help="Settings (default ./homeroom.toml).")
]
ReportFolder = Annotated[
    Path | None,
    typer.Option(
        "--report",
        metavar="DIR",
        help="Where the bundle goes: absent, empty or an earlier bundle. By default reports/<run>.",
    ),
]
Grades = Annotated[
    bool, typer.Option("--grades/--no-grades", help="Whether to look at gradebooks as well.")
]
Synced = Annotated[
    bool | None,
    typer.Option(
        "--synced/--not-synced",
        help="Whether a grade sync took place; by default, if the SIS gradebook changed.",
    ),
]
Ran = Annotated[
    bool,
    typer.Option(
        "--ran", help="Answer for it that the night ran, though nothing in Canvas may show it."
    ),
]
Rate = Annotated[
    float | None, typer.Option(metavar="N", min=0.01, help="At most N requests a second.")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON document on stdout.")]


def register(app: typer.Typer) -> None:
    """Add the verb and its parts."""
    judge = typer.Typer(no_args_is_help=True, rich_markup_mode=None)
    app.add_typer(judge, name="judge", help="Judge a night of a real pair, only reading.")
    judge.command()(before)
    judge.command()(after)


def before(
    *,
    store: Store,
    config: ConfigFile = None,
    grades: Grades = True,
    rate: Rate = None,
    attended: Annotated[
        bool,
        typer.Option("--attended", help="Wait here for the night, then look again and judge."),
    ] = False,
    report: ReportFolder = None,
    synced: Synced = None,
    as_json: AsJson = False,
) -> None:
    """Observe the pair before its night. Exit 0 stored, 2 not observed whole."""
    from homeroom.judge import workflow

    request = workflow.Request(
        config=read_config(config),
        environ=os.environ,
        store=store,
        report=report,
        grades=grades,
        synced=synced,
        rate_per_s=rate,
        say=_say,
    )
    with _refusals():
        recording = workflow.before(request)
    if as_json and not attended:
        typer.echo(msgspec.json.encode(recording).decode())
    for name, number in recording.counts.items():
        _say(f"  {number:>9,} {name}")
    _say(f"The pair as it stands lies in {store}.")
    _say("Now let the night happen: nobody should work in Canvas or Focus meanwhile.")
    if not attended:
        _say(f"When it is over: homeroom judge after --store {store}")
        return
    _say("Press Enter when it is over.")
    sys.stdin.readline()
    _after(request, as_json=as_json)


def after(
    *,
    store: Store,
    config: ConfigFile = None,
    report: ReportFolder = None,
    synced: Synced = None,
    ran: Ran = False,
    recorded: Annotated[
        bool, typer.Option("--recorded", help="Judge the after that is stored; look at nothing.")
    ] = False,
    attended: Annotated[
        bool, typer.Option("--attended", help="Wait for Enter before looking again.")
    ] = False,
    rate: Rate = None,
    as_json: AsJson = False,
) -> None:
    """Observe the pair again and judge its night. Exit 0 certified, 1 not, 2 unusable."""
    from homeroom.judge import workflow

    request = workflow.Request(
        config=read_config(config),
        environ=os.environ,
        store=store,
        report=report,
        synced=synced,
        ran=ran,
        recorded=recorded,
        rate_per_s=rate,
        say=_say,
    )
    if attended:
        _say("Let the night happen; press Enter when it is over.")
        sys.stdin.readline()
    _after(request, as_json=as_json)


def _after(request: "workflow.Request", *, as_json: bool) -> None:
    from homeroom.cli import certify_show
    from homeroom.judge import workflow

    with certify_show.kit_errors(), _refusals():
        done = workflow.after(request)
    certify_show.verdict(done, as_json=as_json)
    raise typer.Exit(done.exit_code)


@contextmanager
def _refusals() -> Generator[None]:
    from homeroom.judge.recording import JudgeError

    try:
        yield
    except JudgeError as error:
        stop(f"homeroom judge: {error}")


def _say(text: str) -> None:
    typer.echo(text, err=True)
