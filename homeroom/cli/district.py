"""`homeroom district`: districts generated, looked at, checked and written as CSV zips."""

import json
import sys
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from homeroom.cli.crawl import crawl
from homeroom.cli.ending import UNUSABLE, stop
from homeroom.mocks.district import District, DistrictError, load_district
from homeroom.mocks.harness.clock import parse_clock_time

What = Annotated[
    str,
    typer.Argument(
        metavar="SIZE|FILE",
        help="empty, tiny, small, medium, large, mega, stress, enrollments=N, or the path of a "
        "OneRoster 1.1 CSV zip.",
    ),
]
Seed = Annotated[int, typer.Option(help="Same seed, same district.")]
Now = Annotated[
    str | None,
    typer.Option(metavar="ISO8601", help="An instant of the school year; by default, now."),
]
Out = Annotated[Path, typer.Option(metavar="FILE.zip", help="Where to write the zip.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON document.")]
WithDigest = Annotated[
    bool, typer.Option("--digest/--no-digest", help="Whether to read all of it for its SHA-256.")
]
SHOWN_ORGS = 12


def register(app: typer.Typer) -> None:
    """Add the verb and its parts."""
    district = typer.Typer(no_args_is_help=True, rich_markup_mode=None)
    app.add_typer(
        district, name="district", help="Districts as code and as OneRoster 1.1 CSV zips."
    )
    district.command()(generate)
    district.command()(inspect)
    district.command("import")(import_)
    district.command()(export)
    district.command()(evolve)
    district.command()(crawl)


def generate(
    *,
    out: Out,
    district: Annotated[
        str, typer.Option(metavar="SIZE", help="A size, or enrollments=N.")
    ] = "tiny",
    seed: Seed = 1,
    now: Now = None,
    as_json: AsJson = False,
) -> None:
    """Write a generated district as a CSV zip. Exit 0 written, 2 no such size or place."""
    with _refusals():
        made = load_district(district, seed=seed, now=_instant(now))
    _write(made, out, as_json=as_json)


def inspect(
    what: What,
    *,
    seed: Seed = 1,
    now: Now = None,
    with_digest: WithDigest = True,
    as_json: AsJson = False,
) -> None:
    """Say what a district holds. Exit 0 said, 1 a zip that is refused, 2 no such district."""
    with _refusals():
        district = load_district(what, seed=seed, now=_instant(now))
    _show(district, with_digest=with_digest, as_json=as_json)


def import_(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A OneRoster 1.1 CSV zip.")],
    *,
    now: Now = None,
    with_digest: WithDigest = True,
    as_json: AsJson = False,
) -> None:
    """Check a CSV zip and say what it holds. Exit 0 sound, 1 refused with reasons, 2 no file."""
    from homeroom.mocks.district.csv_binding import read_district

    with _refusals(as_json=as_json):
        district = read_district(file, seed=0, now=_instant(now))
    _show(district, with_digest=with_digest, as_json=as_json)


def export(
    what: What, *, out: Out, seed: Seed = 1, now: Now = None, as_json: AsJson = False
) -> None:
    """Write any district as a CSV zip. Exit 0 written, 1 a zip that is refused, 2 no such place."""
    with _refusals():
        district = load_district(what, seed=seed, now=_instant(now))
    _write(district, out, as_json=as_json)


def evolve(
    what: What,
    *,
    first: Annotated[str, typer.Option("--from", metavar="DATE", help="The first day.")],
    last: Annotated[str, typer.Option("--until", metavar="DATE", help="The last day.")],
    out: Annotated[Path, typer.Option(metavar="DIR", help="A new or empty folder.")],
    seed: Seed = 1,
    factor: Annotated[
        float, typer.Option(min=0, max=1000, help="How many times as often things happen.")
    ] = 1.0,
    as_json: AsJson = False,
) -> None:
    """Live day by day; a delta zip a day, a log of why. Exit 0 done, 1 refused zip, 2 unusable."""
    from homeroom.mocks.district.evolve import Rates
    from homeroom.mocks.district.evolve import evolve as live
    from homeroom.mocks.district.evolve.files import write_days

    begin, end = _day(first, "--from"), _day(last, "--until")
    if end < begin:
        raise typer.BadParameter(f"{last} lies before {first}", param_hint="--until")
    with _refusals():
        district = load_district(what, seed=seed, now=_instant(first))
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        stop(f"homeroom district: {out} is not empty; give a new folder")
    lived = live(district, seed=seed, first=begin, last=end, rates=Rates().scaled(factor))
    try:
        written = write_days(lived, out, system=district.name)
    except OSError as error:
        stop(f"homeroom district: {out} cannot be written: {error.strerror}")
    if as_json:
        _print_json({"folder": str(out), **written})
    else:
        typer.echo(
            "{days:,} days, {events:,} events, {changes:,} changed records".format(**written)
        )


def _day(text: str, option: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter(
            f"{text} is no date, such as 2026-09-01", param_hint=option
        ) from None


@contextmanager
def _refusals(*, as_json: bool = False) -> Generator[None]:
    try:
        yield
    except DistrictError as error:
        code = 1 if error.count else UNUSABLE
        if not as_json:
            stop(f"homeroom district: {error}", code)
        typer.echo(f"homeroom district: {error}", err=True)
        _print_json({"refused": True, "count": error.count, "problems": error.problems})
        raise typer.Exit(code) from None


def _instant(now: str | None) -> datetime:
    if now is None:
        return datetime.now(UTC)
    try:
        return parse_clock_time(now)
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="--now") from None


def _write(district: District, out: Path, *, as_json: bool) -> None:
    from homeroom.mocks.district.csv_binding import write_district

    try:
        write_district(district, out)
    except OSError as error:
        stop(f"homeroom district: {out} cannot be written: {error.strerror}")
    counts = {collection: len(table) for collection, table in district.tables.items()}
    if as_json:
        _print_json({"file": str(out), "counts": counts})
    else:
        typer.echo(f"{out}: {sum(counts.values()):,} records")


def _show(district: District, *, with_digest: bool, as_json: bool) -> None:
    from homeroom.mocks.district.summary import summarise

    summary = summarise(district, with_digest=with_digest)
    if as_json:
        _print_json(summary)
    else:
        typer.echo("\n".join(_lines(summary)))


def _lines(summary: dict[str, Any]) -> Iterator[str]:
    made = f"generated, seed {summary['seed']}" if summary["generated"] else "read from a file"
    yield f"{summary['name']} ({made})"
    for collection, count in summary["counts"].items():
        roles = summary.get(collection) if collection in ("users", "enrollments") else None
        detail = ", ".join(f"{number:,} {role}" for role, number in (roles or {}).items())
        yield f"  {collection:<17}{count:>10,}{f'   {detail}' if detail else ''}"
    yield "academic sessions"
    for session in summary["academicSessions"]:
        yield (
            f"  {session['startDate']} to {session['endDate']}  {session['type'] or '?':<13}  "
            f"{session['title']}"
        )
    yield "orgs"
    for org in summary["orgs"][:SHOWN_ORGS]:
        yield f"  {org['type'] or '?':<9} {org['identifier'] or '':<6} {org['name']}"
    if len(summary["orgs"]) > SHOWN_ORGS:
        yield f"  and {len(summary['orgs']) - SHOWN_ORGS} more"
    if summary["sha256"]:
        yield f"sha256 {summary['sha256']}"


def _print_json(document: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(document, ensure_ascii=False) + "\n")
