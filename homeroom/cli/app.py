"""The `homeroom` program: gathers the verbs, and turns what escapes them into exit codes."""

import errno
import importlib
import os
import signal
import sys
import traceback
from collections.abc import Callable
from types import FrameType
from typing import Annotated, NoReturn

import typer

from homeroom import __version__
from homeroom.cli.ending import UNUSABLE, tell, tell_json, wants_json
from homeroom.config import ConfigError

FAMILIES = (
    "up",
    "snapshot",
    "init",
    "connect",
    "evaluate",
    "provision",
    "passback",
    "reconcile",
    "serve",
    "admin",
    "work",
    "certify",
    "judge",
    "report",
    "repro",
    "district",
    "load",
)
"""Modules of this package, each named for the verb it adds, in the order of `--help`."""

SERVING = ("up", "serve", "work")
"""Verbs whose document says that they answer; they print none where they never do."""

FULL = frozenset({errno.ENOSPC, errno.EDQUOT})

EPILOG = (
    "Exit codes: 0 done or certified; 1 the subject fell short; 2 command line, configuration or "
    "a peer unusable; 3 a fault in Homeroom itself; 4 held for a person's release."
)


def _end(_number: int, _frame: FrameType | None) -> NoReturn:
    raise SystemExit(0)


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"homeroom {__version__}")
        raise typer.Exit


def create_app(verb: str | None = None) -> typer.Typer:
    """Make the program with all its verbs, or with one of them alone, which starts faster."""
    app = typer.Typer(
        name="homeroom",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
        epilog=EPILOG,
        context_settings={"help_option_names": ["-h", "--help"]},
    )

    @app.callback()
    def main_options(
        version: Annotated[
            bool,
            typer.Option(
                "--version", callback=_show_version, is_eager=True, help="Show the version."
            ),
        ] = False,
    ) -> None:
        """The dress rehearsal for a Focus-Canvas integration over OneRoster 1.1."""

    for family in (verb,) if verb in FAMILIES else FAMILIES:
        importlib.import_module(f"homeroom.cli.{family}").register(app)
    return app


def main(arguments: list[str] | None = None) -> None:
    """Run the program; a fault of our own prints its trace and exits 3."""
    given = sys.argv[1:] if arguments is None else arguments
    verb = next(iter(given), None)
    wants_json.set("--json" in given and verb not in SERVING)
    if verb in SERVING:
        # Whoever ends it while it is only being loaded gets the 0 of an end, as later on.
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, _end)
    try:
        # Outside standalone mode typer hands an Exit's code back as the return value.
        returned = create_app(verb)(arguments, standalone_mode=False)
    except typer.Exit as stop:
        code = stop.exit_code
    except typer.TyperException as error:
        # Usage errors can show themselves with the verb's usage line; typer brings its own click.
        show: Callable[[], None] | None = getattr(error, "show", None)
        show() if show else typer.echo(error.format_message(), err=True)
        code = UNUSABLE
        tell_json(error.format_message(), code)
    except (typer.Abort, KeyboardInterrupt):
        typer.echo("stopped", err=True)
        code = 130
    except ConfigError as error:
        code = UNUSABLE
        tell(f"homeroom: {error}", code)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = 1
    except SystemExit as stop:
        code = stop.code if isinstance(stop.code, int) else 2
    except Exception as error:
        if isinstance(error, OSError) and error.errno in FULL:
            where = error.filename or "where stdout or the state folder lies"
            told = f"homeroom: no space is left ({where}): free some, then run it again"
        else:
            traceback.print_exc()
            told = "homeroom: this is a fault in Homeroom itself; please report it"
        typer.echo(told, err=True)
        code = 3
    else:
        code = returned if isinstance(returned, int) else 0
    sys.exit(code)
