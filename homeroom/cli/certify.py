"""`homeroom certify`: runs the scenarios against a subject and writes the report."""

import json
import os
from pathlib import Path
from typing import Annotated

import typer

from homeroom.config import Need, SubjectKind, read_config

ConfigFile = Annotated[
    Path | None,
    typer.Option("--config", metavar="FILE", help="Settings; by default ./homeroom.toml."),
]
Only = Annotated[
    list[str] | None,
    typer.Option(
        "--only",
        metavar="REQUIREMENT|SCENARIO|FILE|FOLDER",
        help="Run a part: PRV-ENR-07, PRV-ENR, a scenario's id or name, a feature file or folder. "
        "May be repeated, and more may follow.",
    ),
]
ReportFolder = Annotated[
    Path | None,
    typer.Option(
        "--report",
        metavar="DIR",
        help="Where the bundle goes: absent, empty or an earlier bundle. By default reports/<run>, "
        "with reports/latest leading to it.",
    ),
]
Workers = Annotated[
    int | None,
    typer.Option(
        min=1, max=64, help="How many scenarios run side by side; by default one a core, at most 4."
    ),
]
Strict = Annotated[bool, typer.Option("--strict", help="Let the shoulds count too.")]
Needs = Annotated[
    list[Need] | None,
    typer.Option(
        "--needs",
        help="Hold a provider against what this consumer needs, too. May be repeated.",
    ),
]
Fake = Annotated[
    list[str] | None,
    typer.Option(
        "--fake",
        metavar="SETTING=VALUE",
        help="Provider and canvas without a named target: a setting of our own fake, to see what "
        "it breaks, such as null_end_dates=true. May be repeated.",
    ),
]
LoadReport = Annotated[
    Path | None,
    typer.Option(
        "--performance",
        metavar="DIR",
        help="The report of a load run of this subject (`homeroom load --report DIR`): it decides "
        "the requirements of area LOAD, and stands in the report.",
    ),
]
Consent = Annotated[
    bool,
    typer.Option(
        "--import-into-test-instance",
        help="Canvas: consent to one small SIS import into the root account of a test instance; "
        "allow_writes must be true as well.",
    ),
]
Changed = Annotated[
    bool,
    typer.Option(
        "--changed",
        help="A verdict on a change within a minute: what broke in the last report or is new, "
        "then the quick set.",
    ),
]
Since = Annotated[
    Path | None,
    typer.Option(
        metavar="DIR", help="The report that --changed starts from; by default reports/latest."
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON document on stdout.")]


def register(app: typer.Typer) -> None:
    """Add the verb."""

    @app.command()
    def certify(
        words: Annotated[
            list[str] | None,
            typer.Argument(
                metavar="[sync|provider|canvas]",
                help="The kind of subject, by default subject.kind of the settings.",
            ),
        ] = None,
        *,
        config: ConfigFile = None,
        report: ReportFolder = None,
        only: Only = None,
        workers: Workers = None,
        strict: Strict = False,
        changed: Changed = False,
        since: Since = None,
        needs: Needs = None,
        fake: Fake = None,
        consent: Consent = False,
        performance: LoadReport = None,
        list_: Annotated[
            bool, typer.Option("--list", help="List requirements and scenarios; run nothing.")
        ] = False,
        explain: Annotated[
            str | None, typer.Option(metavar="REQUIREMENT", help="Explain one; run nothing.")
        ] = None,
        as_json: AsJson = False,
    ) -> None:
        """Certify a sync service, a provider or a Canvas, with a report.

        Exit codes: 0 certified (waivers included), 1 not certified or incomplete, 2 unusable
        command line, settings or set-up, 3 a fault in Homeroom.
        """
        # Imported here: these bring pytest, templates and clients, and `--help` should not.
        from homeroom.certify.run import Request, certify
        from homeroom.certify.world import World
        from homeroom.cli import certify_show

        settings = read_config(config)
        kind, more = split_words(words or [], only is not None)
        request = Request(
            config=settings,
            kind=kind or settings.subject.kind,
            report=report,
            only=(*(only or ()), *more),
            workers=workers or default_workers(),
            strict=strict,
            needs=needs or (),
            performance=performance,
            world=World(settings=read_fake(fake or []), consented=consent),
        )
        with certify_show.kit_errors():
            if list_:
                certify_show.catalogue(request, as_json=as_json)
                return
            if explain:
                certify_show.explanation(explain, as_json=as_json)
                return
            if changed or since is not None:
                request = certify_show.narrowed(request, since)
            done = certify(request)
        certify_show.verdict(done, as_json=as_json)
        raise typer.Exit(done.exit_code)


def split_words(words: list[str], after_only: bool) -> tuple[SubjectKind | None, list[str]]:
    """Return the kind of subject and what else was written after `--only`."""
    kind, more = None, list(words)
    if more and more[0] in list(SubjectKind):
        kind = SubjectKind(more.pop(0))
    if more and not after_only:
        raise typer.BadParameter(
            f"{more[0]} is no kind of subject; there are: {', '.join(SubjectKind)}",
            param_hint="[sync|provider|canvas]",
        )
    return kind, more


def read_fake(words: list[str]) -> dict[str, object]:
    """Return settings of a fake from SETTING=VALUE, values as JSON or else as text."""
    settings: dict[str, object] = {}
    for word in words:
        name, equals, value = word.partition("=")
        if not (name and equals):
            raise typer.BadParameter(f"{word!r} is not SETTING=VALUE", param_hint="--fake")
        try:
            settings[name] = json.loads(value)
        except ValueError:
            settings[name] = value
    return settings


def default_workers() -> int:
    """Return how many scenarios run side by side where nobody says."""
    return min(4, os.cpu_count() or 1)


def print_json(value: object) -> None:
    """Print one JSON document on stdout."""
    typer.echo(json.dumps(value, ensure_ascii=False, indent=1))
