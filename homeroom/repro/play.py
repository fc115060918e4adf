"""Plays a bundle step by step: plants its world, runs the subject, judges what it left behind."""

import contextlib
import os
import secrets
import tempfile
from collections.abc import Generator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from homeroom.certify.control import ControlClient, ControlError, SpaceHandle
from homeroom.certify.fakes import start_fakes
from homeroom.certify.outcomes import NotApplicable
from homeroom.certify.process import kill_family
from homeroom.certify.recording import Step
from homeroom.certify.replay import Replay, ReplayError
from homeroom.certify.subject import Run, SubjectRunner
from homeroom.config import Choices, Config, SubjectKind
from homeroom.observe import observe_canvas, observe_provider
from homeroom.observe.pages import ObservationError
from homeroom.oracle.canvas import CanvasWorld
from homeroom.oracle.feed import Feed
from homeroom.oracle.judge import judge
from homeroom.oracle.nights import Night
from homeroom.oracle.obligations import Finding
from homeroom.oracle.roster import expected
from homeroom.reference.errors import SyncError
from homeroom.reference.transport import Bearer, ClientCredentials, Transport
from homeroom.repro.records import FROM_ROWS, read_rows, write_district

NIGHTS = frozenset({"provision", "release"})
HELD, DONE = 4, frozenset({0, 1, 4})
# What stands around a run and is no part of the world: the looks are taken outside of it.
_AROUND = ("/faults", "/focus/settings", "/canvas/settings")


@dataclass(frozen=True, kw_only=True)
class Failure:
    """One thing that is wrong after a night."""

    night: int
    """From 1."""
    what: str
    """The kind of thing and its field: what makes two failures the same."""
    requirement: str
    text: str


@dataclass(kw_only=True)
class Played:
    """What came of playing a bundle."""

    runs: list[Run] = field(default_factory=list[Run])
    failures: list[Failure] = field(default_factory=list[Failure])

    @property
    def requirements(self) -> list[str]:
        """The requirements that the failures are evidence against."""
        return sorted({each.requirement for each in self.failures if each.requirement})

    def signature(self) -> frozenset[tuple[str, str]]:
        """Return what fails: requirement and what it is about, whoever it hurts."""
        return frozenset((each.requirement, each.what) for each in self.failures)

    def lines(self, *, limit: int) -> list[str]:
        """Tell it, a line for each run and for the first failures."""
        told = [f"night {number}: {run}" for number, run in enumerate(self.runs, start=1)]
        told += [f"  night {each.night}: {each.text}" for each in self.failures[:limit]]
        more = len(self.failures) - limit
        return [*told, f"  and {more} more"] if more > 0 else told

    def as_dict(self) -> dict[str, Any]:
        """Return it as JSON has it."""
        return {
            "runs": [{"command": run.command, "exit_code": run.exit_code} for run in self.runs],
            "requirements": self.requirements,
            "failures": [
                {"night": each.night, "requirement": each.requirement, "text": each.text}
                for each in self.failures
            ],
        }


def check_playable(replay: Replay) -> None:
    """Raise ReplayError unless the bundle can be judged as a whole, without its scenarios' code."""
    if replay.manifest.kind is not SubjectKind.SYNC:
        raise ReplayError(
            f"this bundle is about a {replay.manifest.kind}, which lives no nights: it can be run, "
            "but not shrunk"
        )
    if any(step.do == "act" for step in replay.steps):
        raise ReplayError(
            "people act in this bundle's Canvas between the nights, on what the nights had "
            "brought: it can be run, but not shrunk"
        )
    if others := sorted({step.command for step in replay.runs} - NIGHTS):
        raise ReplayError(
            f"this bundle is about {', '.join(others)}: only nights of provisioning can be shrunk"
        )
    if not replay.runs:
        raise ReplayError("this bundle holds no night")


class Player:
    """Plays bundles against one subject, each in a space of its own."""

    def __init__(self, control: ControlClient, config: Config, work: Path, family: str) -> None:
        self._control, self._config, self._work = control, config, work
        self._subject = SubjectRunner(config, work=work, environ=os.environ, family=family)

    def play(self, replay: Replay) -> Played:
        """Play one bundle. Raises ReplayError where its world cannot be made."""
        origin = replay.manifest.origin
        district = origin.district
        with tempfile.TemporaryDirectory(dir=self._work) as folder:
            if district == FROM_ROWS:
                district = str(Path(folder) / "district.zip")
                write_district(read_rows(replay), Path(district))
            now = origin.now or replay.runs[0].now
            try:
                with self._control.space(district, origin.seed, now) as space:
                    return self._live(replay, space, Path(folder) / "memory")
            except (ControlError, ObservationError, SyncError) as error:
                raise ReplayError(f"its world cannot be made again: {error}") from error

    def _live(self, replay: Replay, space: SpaceHandle, memory: Path) -> Played:
        document = space.document_for(self._config.subject.auth)
        choices = self._config.subject.choices
        played, nights = Played(), list[Night]()
        with _looks(space) as look:
            before: tuple[Feed, CanvasWorld] | None = None
            steps = replay.steps
            for at, step in enumerate(steps):
                if step.do == "call":
                    if step.path.startswith(_AROUND) and before is None and _run_is_next(steps, at):
                        before = look()
                    space.send(step.method, step.path, step.body, step.query)
                    continue
                feed, canvas = before or look()
                before = None
                run = self._run(step, document, memory)
                played.runs.append(run)
                _leave(space, steps, at)
                moment = datetime.fromisoformat(step.now)
                applied = not run.held and run.exit_code in (0, 1)
                nights.append(Night(feed=feed, now=moment, applied=applied, before=canvas))
                played.failures += _judge(nights, choices, look()[1], run)
        return played

    def _run(self, step: Step, document: Any, memory: Path) -> Run:
        now = datetime.fromisoformat(step.now)
        try:
            return self._subject.run(step.command, document, now=now, state_dir=memory)
        except NotApplicable as error:
            raise ReplayError(f"this subject cannot play it: {error.reason}") from None


def play_once(replay: Replay, config: Config) -> Played:
    """Start the fakes, play a bundle and stop them. Raises ReplayError and FakesError."""
    check_playable(replay)
    with player(config) as one:
        return one.play(replay)


@contextlib.contextmanager
def player(config: Config) -> Generator[Player]:
    """Lend a player with fakes of its own; nothing of the subject outlives the block."""
    family = secrets.token_hex(8)
    prefix = "homeroom-repro-"
    with tempfile.TemporaryDirectory(prefix=prefix, ignore_cleanup_errors=True) as folder:
        work = Path(folder)
        try:
            with start_fakes(work) as document:
                plane = document["control"]
                with ControlClient(plane["url"], plane["token"], timeout_s=600) as control:
                    yield Player(control, config, work, family)
        finally:
            kill_family(family)


@contextlib.contextmanager
def _looks(space: SpaceHandle) -> "Generator[Any]":
    peer, canvas = space.document["oneroster"], space.document["canvas"]
    auth = ClientCredentials(peer["token_url"], peer["client_id"], peer["client_secret"])
    focus = Transport(peer["base_url"], auth)
    reader = Transport(canvas["base_url"], Bearer(canvas["token"]))

    def look() -> tuple[Feed, CanvasWorld]:
        return observe_provider(focus), observe_canvas(reader, canvas["account_id"], grades=False)

    try:
        yield look
    finally:
        focus.close()
        reader.close()


def _run_is_next(steps: Sequence[Step], at: int) -> bool:
    """Say whether nothing but what stands around a run comes before the next run."""
    for step in steps[at:]:
        if step.do == "run":
            return True
        if not step.path.startswith(_AROUND):
            return False
    return False


def _leave(space: SpaceHandle, steps: Sequence[Step], at: int) -> None:
    """Take away at once what stands around a run, so that the look after it sees the worlds."""
    for step in steps[at + 1 :]:
        if step.do != "call" or not step.path.startswith(_AROUND):
            return
        if step.method != "POST":
            space.send(step.method, step.path, step.body, step.query)


def _judge(
    nights: Sequence[Night], choices: Choices, canvas: CanvasWorld, run: Run
) -> list[Failure]:
    number = len(nights)
    if run.timed_out or run.exit_code not in DONE:
        text = f"{run}\n{run.last_words}".strip()
        return [Failure(night=number, what=f"exit {run.exit_code}", requirement="", text=text)]
    return [_failure(number, each) for each in judge(expected(nights, choices), canvas)]


def _failure(number: int, finding: Finding) -> Failure:
    what = f"{finding.kind} {finding.field}"
    return Failure(night=number, what=what, requirement=finding.requirement, text=str(finding))
