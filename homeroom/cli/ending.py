"""How a verb that cannot go on ends: one sentence on stderr, and the one document of `--json`."""

import json
from contextvars import ContextVar
from typing import NoReturn

import typer

UNUSABLE = 2
"""The command line, the configuration or a peer cannot be used."""
wants_json: ContextVar[bool] = ContextVar("homeroom_wants_json", default=False)
"""Whether whoever called reads one JSON document on stdout, however the verb ends."""


def tell(text: str, code: int) -> None:
    """Say why the verb ends with `code`; to be called where nothing was printed on stdout yet."""
    typer.echo(text, err=True)
    tell_json(text, code)


def tell_json(text: str, code: int) -> None:
    """Print the document of an ending, where one is read."""
    if wants_json.get():
        typer.echo(json.dumps({"error": text, "exit": code}, ensure_ascii=False))


def stop(text: str, code: int = UNUSABLE) -> NoReturn:
    """End the verb: say why, and exit with `code`."""
    tell(text, code)
    raise typer.Exit(code)
