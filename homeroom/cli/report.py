"""`homeroom report`: compares, checks, repeats and seals report bundles."""

from pathlib import Path
from typing import Annotated

import typer

from homeroom.cli.certify import (
    AsJson,
    ConfigFile,
    Consent,
    Fake,
    ReportFolder,
    Strict,
    Workers,
    default_workers,
    print_json,
    read_fake,
)
from homeroom.cli.ending import stop
from homeroom.config import Need, SubjectKind, read_config

Bundle = Annotated[Path, typer.Argument(metavar="DIR", help="A report bundle.")]


def register(app: typer.Typer) -> None:
    """Add the verb and its parts."""
    report = typer.Typer(no_args_is_help=True, rich_markup_mode=None)
    app.add_typer(report, name="report", help="Compare, check, repeat and seal report bundles.")
    report.command()(diff)
    report.command()(verify)
    report.command()(rerun)
    report.command()(package)
    report.command()(annotate)


def diff(
    before: Annotated[Path, typer.Argument(metavar="A", help="The bundle before.")],
    after: Annotated[Path, typer.Argument(metavar="B", help="The bundle after.")],
    *,
    as_json: AsJson = False,
) -> None:
    """Say what changed between two runs and why. Exit 0 same or better, 1 worse."""
    from homeroom.certify.diff import diff as compare
    from homeroom.certify.results import read_results
    from homeroom.cli import certify_show

    with certify_show.kit_errors():
        found = compare(read_results(before), read_results(after))
    if as_json:
        print_json(found.as_dict())
    else:
        certify_show.difference(found)
    raise typer.Exit(1 if found.is_worse else 0)


def verify(
    folder: Annotated[
        Path, typer.Argument(metavar="DIR|FILE", help="A report bundle, or one that was sealed.")
    ],
    *,
    public_key: Annotated[
        Path | None,
        typer.Option(
            "--public-key", metavar="FILE", help="PEM; the bundle must be signed by its owner."
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Check a bundle's digests and signature. Exit 0 whole, 1 changed, incomplete or not signed."""
    from homeroom.certify.bundle import is_signed, opened
    from homeroom.certify.bundle import verify as check
    from homeroom.certify.results import read_results
    from homeroom.cli import certify_show

    with certify_show.kit_errors():
        wrong = check(folder, public_key)
        signed = is_signed(folder)
        with opened(folder) as whole:
            results = None if wrong else read_results(whole)
    checked = signed and public_key is not None and not wrong
    if as_json:
        document = {"bundle": str(folder), "whole": not wrong, "wrong": wrong}
        print_json({**document, "signed": signed, "signature_checked": checked})
    else:
        certify_show.wrong_digests(str(folder), wrong, results)
        if checked:
            typer.echo(f"{folder}: signed by the owner of {public_key}")
        elif signed and public_key is None:
            typer.echo(f"{folder}: is signed; give --public-key to learn whether rightly", err=True)
    raise typer.Exit(1 if wrong else 0)


def rerun(
    folder: Bundle,
    *,
    config: ConfigFile = None,
    report: ReportFolder = None,
    workers: Workers = None,
    strict: Strict = False,
    fake: Fake = None,
    consent: Consent = False,
    as_json: AsJson = False,
) -> None:
    """Run again only what failed or was not judged. Exit codes as of certify.

    Our own fake stands in as it did then, with further --fake settings on top.
    """
    from homeroom.certify.outcomes import Outcome
    from homeroom.certify.results import read_results
    from homeroom.certify.run import Request, certify, same_world
    from homeroom.cli import certify_show

    with certify_show.kit_errors():
        results = read_results(folder)
        again = [
            each.id
            for each in results.scenarios
            if each.outcome in (Outcome.FAILED, Outcome.HARNESS_ERROR)
        ]
        again += results.not_run
        if not again:
            told = "nothing failed; there is nothing to run again"
            load = results.performance
            if load is not None and not all(limit.kept for limit in load.limits):
                told = f"only limits were missed under load: repeat homeroom load {load.profile}"
            typer.echo(f"{folder}: {told}", err=True)
            if as_json:
                print_json({"rerun": []})
            return
        settings, kind = read_config(config), SubjectKind(results.subject.kind)
        done = certify(
            Request(
                config=settings,
                kind=kind,
                report=report,
                only=tuple(again),
                workers=workers or default_workers(),
                strict=strict,
                needs=tuple({Need(each.need) for each in results.requirements if each.need}),
                world=same_world(results, settings, read_fake(fake or []), consented=consent),
            )
        )
    certify_show.verdict(done, as_json=as_json)
    raise typer.Exit(done.exit_code)


def annotate(
    folder: Bundle,
    *,
    summary: Annotated[
        Path | None,
        typer.Option("--summary", metavar="FILE", help="Append a summary in Markdown to it."),
    ] = None,
    verdict: Annotated[bool, typer.Option("--verdict", help="Print the verdict alone.")] = False,
    as_json: AsJson = False,
) -> None:
    """Print a CI annotation for each failure. Exit 0 whatever the verdict is."""
    from homeroom.certify.annotate import annotations
    from homeroom.certify.annotate import summary as to_summary
    from homeroom.certify.results import read_results
    from homeroom.cli import certify_show

    with certify_show.kit_errors():
        results = read_results(folder)
    if verdict:
        typer.echo(results.verdict)
        return
    if summary is not None:
        with summary.open("a", encoding="utf-8") as file:
            file.write(to_summary(results))
    lines = list(annotations(results))
    if as_json:
        print_json({"verdict": results.verdict, "annotations": lines})
    else:
        for line in lines:
            typer.echo(line)


def package(
    folder: Bundle,
    *,
    output: Annotated[
        Path | None,
        typer.Option("--output", metavar="FILE", help="By default DIR.zip beside the bundle."),
    ] = None,
    key: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="Ed25519 private key, PEM, readable by you alone: sign it."
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Seal a complete, unchanged run in one zip. Exit 1 where it is neither."""
    from homeroom.certify.bundle import BundleError
    from homeroom.certify.bundle import package as seal
    from homeroom.cli import certify_show

    whole = folder.resolve()
    target = output or whole.with_name(f"{whole.name}.zip")
    with certify_show.kit_errors():
        if not whole.is_dir():
            raise BundleError(f"{folder}: there is no such folder")
    try:
        with certify_show.key_errors():
            seal(folder, target, key)
    except BundleError as error:
        stop(f"homeroom: {error}", 1)
    if as_json:
        print_json({"bundle": str(folder), "package": str(target), "signed": key is not None})
    else:
        typer.echo(f"sealed{' and signed' if key else ''}: {target}")
