"""`homeroom admin ...`: what an admin does with a running `homeroom serve`, from the shell."""

import os
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperCommand

from homeroom.cli.ending import UNUSABLE, stop
from homeroom.cli.provision import print_json
from homeroom.reference.errors import SyncError
from homeroom.reference.service.client import Client, RefusedError, find_client

District = Annotated[str, typer.Argument(help="The district's short name.")]
Job = Annotated[str, typer.Argument(help="The job's id.")]
Reason = Annotated[str, typer.Option(help="Why, for the log.")]
Ask = Callable[..., Any]

admin = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode=None,
    help="Districts, steps and jobs in a running `homeroom serve`. Prints JSON. "
    "Exit 0 done, 1 refused by the service, 2 no service or no token.",
)


class _PrintsJson(TyperCommand):
    """A command that prints JSON in any case, and so takes the `--json` of every verb."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Read the command's own arguments."""
        return super().parse_args(ctx, [each for each in args if each != "--json"])


def register(app: typer.Typer) -> None:
    """Add the family."""
    for command in admin.registered_commands:
        command.cls = _PrintsJson
    app.add_typer(admin, name="admin")


@admin.callback()
def find_service(
    context: typer.Context,
    url: Annotated[
        str | None, typer.Option(help="The service's address (default $HOMEROOM_SERVICE_URL).")
    ] = None,
    token_file: Annotated[
        Path | None,
        typer.Option(help="File of an admin's token, mode 0600 (default $HOMEROOM_SERVICE_TOKEN)."),
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print JSON, as without; may stand after the command.")
    ] = False,
) -> None:
    """Keep where the service is for the command that follows."""
    del as_json
    context.obj = (url, token_file)


def _ask(context: typer.Context, method: str, *segments: str, **more: Any) -> None:
    """Make one call, and print its document."""
    _call(context, lambda client: client.ask(method, *segments, **more))


def _call(context: typer.Context, calls: Callable[[Client], Any]) -> None:
    """Make some calls, and print the last one's document."""
    try:
        client = find_client(os.environ, *context.obj)
        try:
            print_json(calls(client))
        finally:
            client.close()
    except SyncError as error:
        stop(f"homeroom admin: {error}", 1 if isinstance(error, RefusedError) else UNUSABLE)


@admin.command()
def districts(context: typer.Context) -> None:
    """List all districts."""
    _ask(context, "GET", "districts")


@admin.command()
def show(context: typer.Context, district: District) -> None:
    """Show a district: stage, schedule, which credentials it has."""
    _ask(context, "GET", "districts", district)


@admin.command()
def add(
    context: typer.Context,
    district: District,
    name: Annotated[str, typer.Option(help="Its full name.")],
    time_zone: Annotated[
        str, typer.Option(help="Of its nights; a name of the time zone database.")
    ] = "America/New_York",
    converting: Annotated[
        bool, typer.Option("--converting", help="It comes from another integration.")
    ] = False,
) -> None:
    """Take in a district."""
    body = {"id": district, "name": name, "time_zone": time_zone, "converting": converting}
    _ask(context, "POST", "districts", body=body)


@admin.command()
def link(
    context: typer.Context,
    district: District,
    hours: Annotated[int, typer.Option(help="How long it is open.")] = 72,
) -> None:
    """Make a one-time link for a district's secrets, shown this once."""
    _ask(context, "POST", "districts", district, "links", body={"hours": hours})


@admin.command("canvas")
def put_canvas(
    context: typer.Context,
    district: District,
    base_url: Annotated[str, typer.Option(help="Such as https://district.instructure.com")],
    variable: Annotated[
        str, typer.Option(help="Environment variable that holds the access token.")
    ] = "CANVAS_TOKEN",
) -> None:
    """Store Canvas's address, and its token from the environment."""
    body = {"base_url": base_url, "token": os.environ.get(variable, "")}
    _ask(context, "PUT", "districts", district, "credentials", "canvas", body=body)


@admin.command("connect")
def check(context: typer.Context, district: District) -> None:
    """Begin the connection check; `look` shows how it went."""
    _ask(context, "POST", "districts", district, "connect")


@admin.command()
def evaluate(context: typer.Context, district: District) -> None:
    """Begin a converting district's evaluation; `look` shows it."""
    _ask(context, "POST", "districts", district, "evaluate")


@admin.command()
def look(
    context: typer.Context,
    district: District,
    kind: Annotated[str, typer.Argument(help="connect or evaluate")] = "connect",
) -> None:
    """Show the newest check or evaluation, with all that it found."""
    _ask(context, "GET", "districts", district, kind)


@admin.command()
def accept(context: typer.Context, district: District, reason: Reason) -> None:
    """Go on in spite of an evaluation's critical concerns."""
    _ask(context, "POST", "districts", district, "evaluate", "accept", body={"reason": reason})


@admin.command()
def enable(
    context: typer.Context,
    district: District,
    stage: Annotated[str, typer.Argument(help="provisioning or passback")],
    note: Annotated[str, typer.Option(help="For the log.")] = "",
) -> None:
    """Switch provisioning on, or passback once a night was completed."""
    _ask(context, "POST", "districts", district, "enable", body={"stage": stage, "note": note})


@admin.command()
def disable(context: typer.Context, district: District, reason: Reason) -> None:
    """Switch passback off, or provisioning where passback is off."""
    _ask(context, "POST", "districts", district, "disable", body={"reason": reason})


@admin.command()
def schedule(
    context: typer.Context,
    district: District,
    night_at: Annotated[str | None, typer.Option(help="Local time, such as 02:00.")] = None,
    grades_at: Annotated[str | None, typer.Option(help="Likewise; `off`: only when asked.")] = None,
    rollover: Annotated[
        list[str] | None,
        typer.Option(help="FROM/UNTIL, such as 2027-06-01/2027-07-15; replaces all; may repeat."),
    ] = None,
) -> None:
    """Set when nights and grades run. Nights rest in the rollover windows."""
    body: dict[str, Any] = {} if night_at is None else {"night_at": night_at}
    if grades_at is not None:
        body["grades_at"] = None if grades_at == "off" else grades_at
    if rollover is not None:
        body["pauses"] = [window.split("/") for window in rollover]
    _ask(context, "PATCH", "districts", district, body=body)


@admin.command("set")
def set_values(
    context: typer.Context,
    district: District,
    values: Annotated[
        list[str],
        typer.Argument(
            metavar="TABLE.NAME=VALUE...",
            help="Such as service.brake_share=0.2 or choices.removed=completed; the value as in "
            "TOML, without one the default again.",
        ),
    ],
) -> None:
    """Set names of [service] and [subject.choices] for a district."""
    given = [_setting(each) for each in values]

    def calls(client: Client) -> Any:
        now = client.ask("GET", "districts", district)["district"]
        body: dict[str, dict[str, Any]] = {}
        for table, name, value in given:
            settings = body.setdefault(table, dict(now[table]))
            settings.pop(name, None)
            settings |= {} if value is None else {name: value}
        return client.ask("PATCH", "districts", district, body=body)

    _call(context, calls)


def _setting(text: str) -> tuple[str, str, Any]:
    """Read TABLE.NAME=VALUE; a value that is no TOML is a text."""
    where, equals, value = text.partition("=")
    table, _, name = where.partition(".")
    if not equals or table not in {"service", "choices"} or not name:
        raise typer.BadParameter(f"{text!r} is not like service.NAME=VALUE or choices.NAME=VALUE")
    try:
        return table, name, tomllib.loads(f"value = {value}")["value"] if value else None
    except tomllib.TOMLDecodeError:
        return table, name, value


@admin.command()
def pause(context: typer.Context, district: District) -> None:
    """Stop a district's schedule until resumed."""
    _ask(context, "POST", "districts", district, "pause")


@admin.command()
def resume(context: typer.Context, district: District) -> None:
    """Let a district's schedule run again."""
    _ask(context, "POST", "districts", district, "resume")


@admin.command()
def run(
    context: typer.Context,
    district: District,
    kind: Annotated[str, typer.Argument(help="night or grades")] = "night",
    full: Annotated[bool, typer.Option("--full", help="A night: send everything.")] = False,
    remaster: Annotated[
        bool, typer.Option("--remaster", help="Grades: send every score again.")
    ] = False,
) -> None:
    """Run a night or a grade sync now."""
    body = {"kind": kind, **({"full": True} if full else {})}
    _ask(context, "POST", "districts", district, "jobs",
         body={**body, **({"remaster": True} if remaster else {})})  # fmt: skip


@admin.command()
def jobs(
    context: typer.Context,
    district: Annotated[str | None, typer.Argument(help="Only its jobs; by default all.")] = None,
) -> None:
    """List jobs, newest first."""
    _ask(context, "GET", "jobs", query={"district": district} if district else None)


@admin.command()
def job(context: typer.Context, job: Job) -> None:
    """Show one job."""
    _ask(context, "GET", "jobs", job)


@admin.command()
def plan(context: typer.Context, job: Job) -> None:
    """Show a night's plan, with its refusals and what held it."""
    _ask(context, "GET", "jobs", job, "plan")


@admin.command()
def release(context: typer.Context, job: Job) -> None:
    """Apply a held night's plan, if nothing moved since."""
    _ask(context, "POST", "jobs", job, "release")


@admin.command()
def cancel(context: typer.Context, job: Job) -> None:
    """Cancel a job."""
    _ask(context, "POST", "jobs", job, "cancel")


@admin.command()
def log(context: typer.Context, district: District) -> None:
    """Show who did what about a district, when, and by what evidence."""
    _ask(context, "GET", "districts", district, "log")
