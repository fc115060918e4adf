"""`homeroom district crawl`: a whole live provider, read into a zip that loads again."""

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import msgspec
import typer

from homeroom.cli.ending import stop
from homeroom.config import read_config

if TYPE_CHECKING:
    from homeroom.crawl.pages import Pages
    from homeroom.crawl.pseudonyms import Pseudonyms

FASTEST = 100.0
Raw = Annotated[
    Path | None,
    typer.Option(
        metavar="DIR", help="Where the pages lie as they were served; by default FILE.pages."
    ),
]
Pseudonymise = Annotated[
    bool,
    typer.Option(
        "--pseudonymise", help="Keep no name, address or id; nothing original is written."
    ),
]
Key = Annotated[
    str | None,
    typer.Option(
        metavar="$VARIABLE",
        help="The environment variable with the pseudonyms' key: same key, same pseudonyms.",
    ),
]


def crawl(
    *,
    out: Annotated[Path, typer.Option(metavar="FILE.zip", help="Where to write the zip.")],
    raw: Raw = None,
    rate: Annotated[
        str, typer.Option(metavar="N/s", help="At most so many requests: 5, 5/s, 60/min.")
    ] = "5/s",
    limit: Annotated[
        int, typer.Option(min=1, max=10_000, help="Rows asked for in one page.")
    ] = 500,
    pseudonymise: Pseudonymise = False,
    key: Key = None,
    config: Annotated[
        Path | None, typer.Option("--config", help="Settings (default ./homeroom.toml).")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """Read a whole provider, only reading. Exit 0 done, 2 broke off: run it again to go on."""
    from homeroom.crawl.package import write_crawl
    from homeroom.crawl.pages import CrawlError
    from homeroom.crawl.pages import crawl as read
    from homeroom.observe.targets import provider

    settings = read_config(config)
    pseudonyms = _pseudonyms(pseudonymise, key)
    client = os.environ.get("ONEROSTER_CLIENT_ID") or (
        settings.oneroster.client_id if settings.oneroster else ""
    )
    try:
        if not out.parent.is_dir():
            raise CrawlError(f"{out}: there is no folder {out.parent}")
        peer = provider(settings, os.environ, rate_per_s=_rate(rate))
        with peer:
            pages = read(
                peer,
                raw or out.with_suffix(".pages"),
                client=client,
                pseudonyms=pseudonyms,
                limit=limit,
                say=_say,
            )
            system = "a pseudonymised district" if pseudonyms else peer.base_url
        try:
            counts = write_crawl(pages, out, system=system)
        except OSError as error:
            raise CrawlError(f"{out}: cannot be written: {error.strerror}") from None
    except CrawlError as error:
        stop(f"homeroom district crawl: {error}")
    _tell(pages, counts, out, pseudonymised=pseudonyms is not None, as_json=as_json)


def _tell(
    pages: "Pages",
    counts: dict[str, dict[str, int]],
    out: Path,
    *,
    pseudonymised: bool,
    as_json: bool,
) -> None:
    for collection, told in counts.items():
        for what, number in told.items():
            if what != "rows":
                _say(f"  {collection}: {number:,} {what}")
    if as_json:
        document = {
            "file": str(out),
            "pages": str(pages.folder),
            "counts": {collection: told.get("rows", 0) for collection, told in counts.items()},
            "oddities": {
                collection: {what: number for what, number in told.items() if what != "rows"}
                for collection, told in counts.items()
            },
            "refused": {
                collection: state.refused
                for collection, state in pages.collected.items()
                if state.refused
            },
            "pseudonymised": pseudonymised,
        }
        typer.echo(msgspec.json.encode(document).decode())
    else:
        rows = sum(told.get("rows", 0) for told in counts.values())
        typer.echo(f"{out}: {rows:,} records; `homeroom up --district {out}` serves them")


def _pseudonyms(wanted: bool, key: str | None) -> "Pseudonyms | None":
    from homeroom.crawl.pseudonyms import Pseudonyms

    if not wanted:
        if key:
            raise typer.BadParameter("is of no use without --pseudonymise", param_hint="--key")
        return None
    named = re.fullmatch(r"\$([A-Za-z_]\w*)", key or "")
    # A shell puts a variable's value in its place; then that value is what arrives here.
    secret = os.environ.get(named[1]) if named else os.environ.get(key or "", key)
    if not secret:
        raise typer.BadParameter(
            "names the environment variable that holds the key: --key '$PSEUDONYM_KEY'",
            param_hint="--key",
        )
    try:
        return Pseudonyms(secret)
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="--key") from None


def _rate(text: str) -> float:
    told = re.fullmatch(r"(\d+(?:\.\d+)?)\s*(?:/\s*(s|sec|min|m|h))?", text.strip())
    seconds = {None: 1, "s": 1, "sec": 1, "min": 60, "m": 60, "h": 3600}
    number = float(told[1]) / seconds[told[2]] if told else 0.0
    if not 0 < number <= FASTEST:
        raise typer.BadParameter(
            f"{text} is no rate; give 5/s or 60/min, at most {FASTEST:.0f}/s", param_hint="--rate"
        )
    return number


def _say(text: str) -> None:
    typer.echo(text, err=True)
