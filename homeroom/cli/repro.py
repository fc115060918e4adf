"""`homeroom repro`: replays a failure, captures a live provider, shrinks to few records."""

from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from homeroom.cli.certify import AsJson, Consent, print_json
from homeroom.cli.ending import stop
from homeroom.config import Config, ConfigError, SubjectKind, read_config

if TYPE_CHECKING:
    from homeroom.certify.replay import Replay
    from homeroom.repro.play import Played
    from homeroom.repro.rehearse import Rehearsed

UNUSABLE, FAULT = 2, 3
File = Annotated[Path, typer.Argument(metavar="FILE", help="A replay bundle.")]
SubjectFile = Annotated[
    Path | None,
    typer.Option(
        "--subject",
        "--config",
        metavar="homeroom.toml",
        help="Whose [subject] to run; by default ./homeroom.toml, without one the reference. "
        "Its choices give way to the bundle's. A bundle about a named provider or Canvas asks the "
        "one that it names.",
    ),
]


def register(app: typer.Typer) -> None:
    """Add the verb and its parts."""
    repro = typer.Typer(no_args_is_help=True, rich_markup_mode=None)
    app.add_typer(repro, name="repro", help="Replay, capture and shrink what made a subject fail.")
    repro.command()(run)
    repro.command()(capture)
    repro.command()(shrink)


def run(
    file: File,
    *,
    subject: SubjectFile = None,
    consent: Consent = False,
    as_json: AsJson = False,
) -> None:
    """Live a failure again, in the same worlds. Exit 0 gone, 1 still there, 2 unusable, 3 ours."""
    with _errors():
        from homeroom.certify.replay import read_replay

        replay = read_replay(file)
        settings = _settings(replay, subject)
        if replay.manifest.scenarios:
            from homeroom.repro.rehearse import rehearse

            done = rehearse(replay, settings, consented=consent)
            code = _tell_rehearsed(replay, done, as_json=as_json)
        else:
            from homeroom.repro.play import play_once

            played = play_once(replay, settings)
            code = _tell_played(replay, played, as_json=as_json)
    raise typer.Exit(code)


def capture(
    *,
    out: Annotated[Path, typer.Option(metavar="FILE", help="Where to write the bundle.")],
    document: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="The space document of a running `homeroom up`; by default the provider of the "
            "ONEROSTER_ variables or of homeroom.toml.",
        ),
    ] = None,
    after: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="An earlier capture of the same provider under the same key: what changed since "
            "becomes a further night.",
        ),
    ] = None,
    now: Annotated[
        str | None,
        typer.Option(metavar="ISO8601", help="The night's time; by default the machine's."),
    ] = None,
    key: Annotated[
        str | None,
        typer.Option(
            metavar="$VARIABLE",
            help="The environment variable with the pseudonyms' key (16 characters or more); by "
            "default a key that nobody will ever know.",
        ),
    ] = None,
    as_is: Annotated[
        bool,
        typer.Option("--as-is", help="Keep names, addresses and ids. The file holds people then."),
    ] = False,
    rate: Annotated[float, typer.Option(min=0.1, max=100, help="Requests a second.")] = 5.0,
    subject: SubjectFile = None,
    as_json: AsJson = False,
) -> None:
    """Take a provider's state, pseudonymised, into a bundle. Exit 0 done, 2 unusable.

    Only reads. What is captured is played by `repro run` and reduced by `repro shrink`.
    """
    with _errors():
        from homeroom.repro.capture import Wanted
        from homeroom.repro.capture import capture as take

        wanted = Wanted(
            out=out, document=document, after=after, now=now, key=key, as_is=as_is, rate_per_s=rate
        )
        counts = take(wanted, read_config(subject), say=_say)
    if as_json:
        print_json({"file": str(out), "counts": counts, "pseudonymised": not as_is})
    else:
        typer.echo(f"{out}: {sum(counts.values()):,} records; `homeroom repro run {out}` plays it")


def shrink(
    file: File,
    *,
    out: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Where to write; by default FILE-shrunk.zip beside it."),
    ] = None,
    runs: Annotated[int, typer.Option(min=1, help="Try at most so many worlds.")] = 400,
    minutes: Annotated[float, typer.Option(min=0.1, help="For at most so long.")] = 30.0,
    requirement: Annotated[
        list[str] | None,
        typer.Option(metavar="REQUIREMENT", help="What must still fail; by default all that did."),
    ] = None,
    subject: SubjectFile = None,
    as_json: AsJson = False,
) -> None:
    """Leave out records while the subject still fails. Exit 0 shrunk, 1 it does not fail, 2, 3.

    FILE is never changed. References stay whole: who goes takes along what names them.
    """
    target = out or file.with_name(f"{file.stem}-shrunk.zip")
    with _errors():
        from homeroom.certify.replay import read_replay
        from homeroom.repro.shrink import Bounds, write_shrunk
        from homeroom.repro.shrink import shrink as reduce

        replay = read_replay(file)
        if target.resolve() == file.resolve():
            _fail(f"{target}: is the original; name another file with --out")
        bounds = Bounds(runs=runs, minutes=minutes)
        found = reduce(
            replay, _settings(replay, subject), bounds, tuple(requirement or ()), say=_say
        )
        if found is None:
            stop(f"{file}: the subject does not fail in it; nothing was written", 1)
        write_shrunk(found, target)
    if as_json:
        print_json({"file": str(target), **found.as_dict()})
    else:
        typer.echo(f"{target}: {found.describe()}")
        for line in found.lines:
            typer.echo(f"  {line}")


def _settings(replay: "Replay", subject: Path | None) -> Config:
    from homeroom.config import with_choices

    settings = read_config(subject)
    if replay.manifest.kind is not SubjectKind.SYNC:
        return settings  # nobody chooses there
    mine = settings.subject.choices
    changed = with_choices(settings, replay.manifest.choices)
    if changed.subject.choices != mine and subject is not None:
        _say(f"judged by the choices of the bundle, not by those of {settings.path}")
    return changed


def _tell_rehearsed(replay: "Replay", done: "Rehearsed", *, as_json: bool) -> int:
    broken = [each for each in done.scenarios if each.outcome == "harness-error"]
    idle = [each for each in done.scenarios if each.outcome == "not-applicable"]
    still = [each for each in done.scenarios if each.still_fails]
    code = FAULT if broken or done.faults else 1 if still else UNUSABLE if idle else 0
    if as_json:
        print_json(
            {
                "still_fails": bool(still),
                **({"peer": done.peer} if done.peer else {}),
                "same_world": done.same_world,
                "same_features": done.same_features,
                "nights": [
                    {"command": each.command, "now": each.now, "same_world": each.same_world}
                    for each in done.nights
                ],
                "scenarios": [
                    {
                        "id": each.failed.id,
                        "outcome": each.outcome,
                        "was": each.failed.outcome,
                        "same_words": each.is_the_same,
                        "reason": each.reason,
                    }
                    for each in done.scenarios
                ],
                "faults": done.faults,
            }
        )
        return code
    if done.peer:
        typer.echo(f"asked again: {done.peer}")
    else:
        same = sum(night.same_world for night in done.nights)
        typer.echo(f"{len(done.nights)} nights, {same} in the world that the bundle recorded")
    if not done.same_features:
        typer.echo(f"this Homeroom's scenarios are not those of {replay.manifest.homeroom}'s run")
    for each in done.scenarios:
        ids = " ".join(each.failed.requirements)
        word = {"failed": "still fails", "passed": "is gone", "not-applicable": "does not apply"}
        typer.echo(f"{word.get(each.outcome, 'not judged')}: {ids} {each.failed.name}")
        if each.still_fails and not each.is_the_same:
            typer.echo(f"  in other words than then: {each.reason}")
        elif each.reason and not each.still_fails:
            typer.echo(f"  {each.reason}")
    for fault in done.faults:
        typer.echo(f"fault: {fault}", err=True)
    return code


def _tell_played(replay: "Replay", played: "Played", *, as_json: bool) -> int:
    code = 1 if played.failures else 0
    if as_json:
        print_json({"still_fails": bool(code), **played.as_dict()})
        return code
    for line in played.lines(limit=20):
        typer.echo(line)
    was = ", ".join(replay.manifest.requirements)
    if code:
        typer.echo(f"{len(played.failures)} findings against {', '.join(played.requirements)}")
    else:
        typer.echo(f"gone: the worlds are as they must be{f' (then: {was})' if was else ''}")
    return code


@contextmanager
def _errors() -> Generator[None]:
    """Turn what cannot be used into one sentence and its exit code."""
    from homeroom.certify.catalogue import CatalogueError
    from homeroom.certify.fakes import FakesError
    from homeroom.certify.replay import ReplayError
    from homeroom.crawl.pages import CrawlError

    try:
        yield
    except (ReplayError, CrawlError, ConfigError) as error:
        _fail(str(error))
    except (CatalogueError, FakesError) as error:
        typer.echo(f"homeroom repro: a fault in Homeroom itself: {error}", err=True)
        raise typer.Exit(FAULT) from None


def _say(text: str) -> None:
    typer.echo(text, err=True)


def _fail(text: str) -> NoReturn:
    stop(f"homeroom repro: {text}")
