"""`homeroom init`: writes a commented homeroom.toml."""

from pathlib import Path
from typing import Annotated

import typer

from homeroom.cli.ending import stop


def register(app: typer.Typer) -> None:
    """Add the verb."""

    @app.command()
    def init(
        *,
        config: Annotated[
            Path, typer.Option("--config", metavar="FILE", help="Where to write it.")
        ] = Path("homeroom.toml"),
        as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
    ) -> None:
        """Write a commented homeroom.toml. Exit 2 where there is one already."""
        from homeroom.certify.starter import StarterError, write_starter
        from homeroom.cli.certify import print_json

        try:
            write_starter(config)
        except StarterError as error:
            stop(f"homeroom init: {error}")
        if as_json:
            print_json({"written": str(config)})
        else:
            typer.echo(
                f"wrote {config}: say in it how your subject is run, then `homeroom certify`"
            )
