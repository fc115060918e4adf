"""What `homeroom certify` and `homeroom report` print."""

import contextlib
from collections.abc import Generator
from dataclasses import replace
from pathlib import Path

import msgspec
import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from homeroom.certify.bundle import LATEST, REPORTS, BundleError
from homeroom.certify.catalogue import CatalogueError, read_catalogue
from homeroom.certify.changed import choose, earlier_report
from homeroom.certify.diff import Change, Diff
from homeroom.certify.fakes import FakesError
from homeroom.certify.html import OUTCOME_WORDS, VERDICT_WORDS, meaning, readiness
from homeroom.certify.outcomes import Outcome
from homeroom.certify.performance import PerformanceError, describe
from homeroom.certify.requirement_set import RequirementSetError, read_requirement_set
from homeroom.certify.results import Results, ResultsError, Verdict, encode
from homeroom.certify.run import Certified, Request, plan
from homeroom.certify.selection import SelectionError
from homeroom.certify.signing import KeyFileError
from homeroom.cli.ending import stop

UNUSABLE, FAULT = 2, 3
COLOURS = {
    Verdict.CERTIFIED: "green",
    Verdict.WITH_WAIVERS: "yellow",
    Verdict.INCOMPLETE: "yellow",
    Verdict.NOT_CERTIFIED: "red",
    Verdict.ERROR: "magenta",
}


@contextlib.contextmanager
def kit_errors() -> Generator[None]:
    """Turn what cannot be used into one sentence and its exit code."""
    try:
        yield
    except (SelectionError, BundleError, KeyFileError, PerformanceError, ResultsError) as error:
        stop(f"homeroom: {error}")
    except (CatalogueError, RequirementSetError, FakesError) as error:
        typer.echo(f"homeroom: a fault in Homeroom itself: {error}", err=True)
        raise typer.Exit(FAULT) from None


@contextlib.contextmanager
def key_errors() -> Generator[None]:
    """Turn a key that cannot be used into one sentence and exit 2."""
    try:
        yield
    except KeyFileError as error:
        stop(f"homeroom: {error}")


def verdict(done: Certified, *, as_json: bool) -> None:
    """Print the verdict, what failed, and where the report is."""
    if as_json:
        typer.echo(encode(done.results).decode(), nl=False)
    console = Console(stderr=as_json, soft_wrap=True, highlight=False)
    results = done.results
    _worklist(console, results)
    colour = COLOURS.get(Verdict(results.verdict), "white")
    console.print(
        f"\n[bold {colour}]{VERDICT_WORDS[results.verdict]}[/] {escape(meaning(results))}"
    )
    for reason in results.reasons:
        console.print(f"  {escape(reason)}")
    for each in readiness(results):
        why = f": {', '.join(one.id for one in each.lacks)}" if each.lacks else ""
        console.print(f"  ready for {escape(each.consumer)}: [bold]{each.ready}[/]{why}")
    _load_run(console, results)
    for line in results.left_behind:
        console.print(f"  [yellow]left behind[/] {escape(line)}")
    totals = results.totals
    console.print(
        f"  {totals.passed} passed, {totals.failed} failed, {totals.waived} waived, "
        f"{totals.not_applicable} not applicable, {totals.harness_error} not judged"
    )
    console.print(f"  report: {escape(str(done.report / 'index.html'))}")


def _worklist(console: Console, results: Results) -> None:
    for check in results.preflight:
        if check.outcome == "failed":
            console.print(f"[red]pre-flight[/] {escape(check.check)}: {escape(check.detail)}")
            console.print(f"           {escape(check.remedy)}")
    for scenario in results.scenarios:
        if scenario.outcome in (Outcome.FAILED, Outcome.HARNESS_ERROR):
            words = OUTCOME_WORDS[scenario.outcome]
            ids = escape(" ".join(scenario.requirements))
            console.print(
                f"[red]{words}[/] {ids} {escape(scenario.name)}: {escape(scenario.reason)}"
            )
    if results.performance is not None:
        for limit in results.performance.limits:
            if not limit.kept:
                console.print(f"[red]under load[/] {limit.requirement} {escape(describe(limit))}")
    for fault in results.faults:
        console.print(f"[magenta]fault[/] {escape(fault)}")


def _load_run(console: Console, results: Results) -> None:
    if results.performance is not None:
        run = results.performance
        console.print(f"  under load: {escape(run.profile)} of {escape(run.started_at)}")
        for mark in run.marks:
            console.print(f"    {escape(mark)}")


def catalogue(request: Request, *, as_json: bool) -> None:
    """Print the requirements of a kind of subject and the scenarios that were selected."""
    planned = plan(request)
    requirements = planned.requirement_set.binding(request.kind, request.all_needs)
    by_requirement = {
        requirement.id: [
            scenario for scenario in planned.selected if requirement.id in scenario.requirements
        ]
        for requirement in requirements
    }
    if as_json:
        document = {
            "requirement_set": {
                "id": planned.requirement_set.id,
                "version": planned.requirement_set.version,
                "sha256": planned.requirement_set.sha256,
            },
            "requirements": [
                {
                    **msgspec.to_builtins(each),
                    "scenarios": [scenario.id for scenario in by_requirement[each.id]],
                }
                for each in requirements
            ],
            "scenarios": [
                {"id": each.id, "name": each.name, "requirements": list(each.requirements)}
                for each in planned.selected
            ],
        }
        typer.echo(msgspec.json.format(msgspec.json.encode(document), indent=1).decode())
        return
    for requirement in requirements:
        scenarios = by_requirement[requirement.id]
        if scenarios or not request.only:
            typer.echo(f"{requirement.id}  {requirement.level}  {requirement.title}")
        for scenario in scenarios:
            typer.echo(f"    {scenario.id}")
    typer.echo(f"{len(requirements)} requirements, {len(planned.selected)} scenarios", err=True)


def narrowed(request: Request, since: Path | None) -> Request:
    """Return the request for what `--changed` is about, and say what that is."""
    if request.only:
        raise SelectionError("--changed chooses by itself; leave --only out")
    folder = since or REPORTS / LATEST
    earlier = earlier_report(folder)
    if earlier is None and since is not None:
        raise SelectionError(f"--since {since}: holds no results.json: it is no report bundle")
    if earlier is not None and earlier.subject.kind != request.kind:
        if since is not None:
            told = f"is about a {earlier.subject.kind}, and a {request.kind} is certified"
            raise SelectionError(f"--since {since}: {told}")
        earlier = None
    whole = plan(request).scenarios
    chosen = choose(whole, earlier, workers=request.workers)
    told = chosen.describe(folder if earlier else None, len(whole))
    typer.echo(f"--changed: {told}", err=True)
    if len(chosen.scenarios) == len(whole):
        return request  # that is no part: its verdict counts
    return replace(request, only=tuple(chosen.scenarios))


def explanation(id_: str, *, as_json: bool) -> None:
    """Print all that is known of one requirement."""
    requirement_set = read_requirement_set()
    requirement = requirement_set.requirements.get(id_)
    if requirement is None:
        raise SelectionError(
            f"--explain {id_}: no such requirement; `homeroom certify --list` shows them"
        )
    scenarios = [each for each in read_catalogue() if id_ in each.requirements]
    if as_json:
        document = {
            **msgspec.to_builtins(requirement),
            "scenarios": [each.id for each in scenarios],
        }
        typer.echo(msgspec.json.format(msgspec.json.encode(document), indent=1).decode())
        return
    facts = {
        "level": f"{requirement.level} ({requirement.rules})",
        "binds": ", ".join(requirement.subject),
        "text": requirement.text,
        "source": f"{requirement.source} ({requirement.evidence})",
        "who is hurt": requirement.consequence,
        "remedy": requirement.remedy,
        "exception": requirement.exception
        or "a [[waivers]] entry in homeroom.toml, with reason, owner and expiry",
        "need of": requirement.need,
        "untested": requirement.untested,
        "no mutant": requirement.no_mutant,
        "not alone": requirement.not_alone,
    }
    typer.echo(f"{requirement.id}  {requirement.title}\n")
    for name, value in facts.items():
        if value:
            typer.echo(f"{name:>12}  {value}")
    for scenario in scenarios:
        typer.echo(f"\n    scenario  {scenario.id}")
        for step in scenario.steps:
            typer.echo(f"              {step}")


def difference(found: Diff) -> None:
    """Print what changed between two runs, causes first."""
    console = Console(soft_wrap=True, highlight=False)
    if found.is_empty:
        console.print("The same: versions, settings, requirement set and every outcome.")
        return
    if found.verdict:
        colour = "red" if found.verdict.worse else "green"
        console.print(f"[bold {colour}]{found.verdict.before} -> {found.verdict.after}[/]")
    _changes(console, "What may be why", found.causes)
    _changes(console, "Requirements", found.requirements)
    _changes(console, "Scenarios", found.scenarios)


def _changes(console: Console, title: str, changes: list[Change]) -> None:
    if not changes:
        return
    table = Table(title=title, title_justify="left", box=None, padding=(0, 2, 0, 0))
    for column in ("", "before", "after"):
        table.add_column(column, overflow="fold")
    for change in changes:
        style = "red" if change.worse else None
        table.add_row(
            escape(change.what),
            escape(change.before or "absent"),
            escape(change.after or "absent"),
            style=style,
        )
    console.print(table)


def wrong_digests(folder: str, wrong: list[str], results: Results | None) -> None:
    """Print what is wrong with a bundle, or that nothing is."""
    if wrong:
        for line in wrong:
            typer.echo(f"{folder}: {line}")
    elif results is not None:
        typer.echo(f"{folder}: whole and unchanged; verdict {results.verdict}")
