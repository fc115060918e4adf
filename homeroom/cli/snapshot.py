"""`homeroom snapshot`: a running world into one file, and back."""

import hashlib
import json
import os
import sys
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer

from homeroom.cli.ending import stop

if TYPE_CHECKING:
    from homeroom.certify.control import SpaceHandle

LIMIT_S = 600.0
"""How long a world may take to be written or read: the largest take a minute."""

File = Annotated[Path, typer.Argument(metavar="FILE", help="The snapshot.")]
Document = Annotated[
    str | None,
    typer.Option(
        metavar="FILE|-",
        help="The space document that `homeroom up --json` printed, or - for stdin: it has URL, "
        "token and space.",
    ),
]
ControlUrl = Annotated[
    str | None,
    typer.Option(
        "--control-url",
        metavar="URL",
        envvar="HOMEROOM_CONTROL_URL",
        help="Of the control plane, as `homeroom up` prints it.",
    ),
]
Token = Annotated[
    str | None,
    typer.Option(
        metavar="TOKEN",
        envvar="HOMEROOM_CONTROL_TOKEN",
        help="Of the control plane. Others can read a command line: prefer the variable.",
    ),
]
SpaceName = Annotated[
    str | None, typer.Option("--space", metavar="NAME", help="Which space; by default, `default`.")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON document on stdout.")]


def register(app: typer.Typer) -> None:
    """Add the verb and its parts."""
    snapshot = typer.Typer(no_args_is_help=True, rich_markup_mode=None)
    app.add_typer(
        snapshot, name="snapshot", help="Save and restore the world of a running `homeroom up`."
    )
    snapshot.command()(save)
    snapshot.command()(restore)


def save(
    file: File,
    *,
    document: Document = None,
    control_url: ControlUrl = None,
    token: Token = None,
    space: SpaceName = None,
    journal: Annotated[bool, typer.Option("--journal", help="The journal too.")] = False,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Replace a file that is there already.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Write both worlds, clock, tokens and faults into FILE. Exit 0 saved, 2 unusable."""
    if file.exists() and not overwrite:
        _fail(f"{file} is there already; give another name, or --overwrite")
    with _world(document, control_url, token, space) as world:
        content = world.snapshot(journal=journal)
    try:
        _write(file, content)
    except OSError as error:
        _fail(f"{file} cannot be written: {error.strerror}")
    _tell(file, content, world.name, "saved", as_json=as_json)


def restore(
    file: File,
    *,
    document: Document = None,
    control_url: ControlUrl = None,
    token: Token = None,
    space: SpaceName = None,
    as_json: AsJson = False,
) -> None:
    """Make a space what FILE holds, its URLs and credentials kept. Exit 0 restored, 2 refused."""
    try:
        content = file.read_bytes()
    except OSError as error:
        _fail(f"{file} cannot be read: {error.strerror}")
    with _world(document, control_url, token, space, file=file) as world:
        world.restore(content)
    _tell(file, content, world.name, "restored", as_json=as_json)


@contextmanager
def _world(
    document: str | None,
    control_url: str | None,
    token: str | None,
    space: str | None,
    *,
    file: Path | None = None,
) -> "Generator[SpaceHandle]":
    """Lend the space that was meant; whatever is refused or unreachable exits 2."""
    from homeroom.certify.control import ControlClient, ControlError, RefusedError, SpaceHandle

    if document is not None:
        told = _read_document(document)
        control_url = control_url or str(told["control"]["url"])
        token = token or str(told["control"]["token"])
        space = space or str(told["space"])
    for name, value in (("--control-url", control_url), ("--token", token)):
        if not value:
            variable = "HOMEROOM_CONTROL_URL" if name == "--control-url" else _TOKEN
            _fail(f"{name} is missing: give it, {variable}, or --document with a space document")
    space = space or "default"
    try:
        with ControlClient(control_url or "", token or "", timeout_s=LIMIT_S) as client:
            yield SpaceHandle(client, {"space": space})
    except RefusedError as error:
        about = f"{file}: " if file is not None and error.status in (413, 422) else ""
        hint = {
            401: "; is the token that of this `homeroom up`?",
            404: f"; the control plane at {control_url} has no space {space!r}",
        }.get(error.status, "")
        _fail(f"{about}{error.reason}{hint}")
    except ControlError as error:
        _fail(f"the control plane at {control_url} cannot be used: {error}")


_TOKEN = "HOMEROOM_CONTROL_TOKEN"  # noqa: S105 -- the name of a variable


def _read_document(name: str) -> dict[str, Any]:
    try:
        text = sys.stdin.read() if name == "-" else Path(name).read_text(encoding="utf-8")
        told: dict[str, Any] = json.loads(text)
        _ = told["control"]["url"], told["control"]["token"], told["space"]
    except OSError as error:
        _fail(f"--document: {name} cannot be read: {error.strerror}")
    except (ValueError, KeyError, TypeError):
        _fail(f"--document: {name} is no space document, as `homeroom up --json` prints it")
    return told


def _write(file: Path, content: bytes) -> None:
    """Write a file whole or not at all; it holds credentials, so it is its owner's alone."""
    part = file.with_name(f".{file.name}.{os.getpid()}")
    try:
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
            out.write(content)
        part.replace(file)
    finally:
        part.unlink(missing_ok=True)


def _tell(file: Path, content: bytes, space: str, done: str, *, as_json: bool) -> None:
    if as_json:
        digest = hashlib.sha256(content).hexdigest()
        told = {"file": str(file), "space": space, "bytes": len(content), "sha256": digest}
        sys.stdout.write(json.dumps({**told, "outcome": done}, ensure_ascii=False) + "\n")
    else:
        typer.echo(f"{file}: {done}, {len(content):,} bytes, space {space}")


def _fail(text: str) -> NoReturn:
    stop(f"homeroom snapshot: {text}")
