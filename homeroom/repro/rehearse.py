"""Replays the scenarios of a bundle: same choices, same planted worlds, same nights."""

import secrets
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from homeroom.certify.catalogue import FEATURES, read_catalogue
from homeroom.certify.certification import Session
from homeroom.certify.fakes import faults_in, start_fakes
from homeroom.certify.keep import read_kept
from homeroom.certify.outcomes import Outcome
from homeroom.certify.recording import Step
from homeroom.certify.replay import Failed, Manifest, Replay, ReplayError
from homeroom.certify.run import PATIENCE_S, RUNS_WITHOUT_NEWS, digest
from homeroom.certify.scenarios import Watched, run_scenarios
from homeroom.certify.verdict import Reported
from homeroom.config import Config


@dataclass(frozen=True, kw_only=True)
class Again:
    """One scenario of the bundle, as it came out this time."""

    failed: Failed
    """As it was."""
    outcome: Outcome
    reason: str
    expected: str
    received: str

    @property
    def still_fails(self) -> bool:
        """Whether the failure is still there."""
        return self.outcome is Outcome.FAILED

    @property
    def is_the_same(self) -> bool:
        """Whether it fails with the very same words."""
        then = (self.failed.reason, self.failed.expected, self.failed.received)
        return self.still_fails and then == (self.reason, self.expected, self.received)


@dataclass(frozen=True, kw_only=True)
class Night:
    """One run of the subject in the bundle, and whether its planted world was there again."""

    command: str
    now: str
    same_world: bool


@dataclass(frozen=True, kw_only=True)
class Rehearsed:
    """What came of a replay."""

    scenarios: list[Again]
    nights: list[Night]
    faults: list[str]
    same_features: bool
    """Whether this Homeroom plants what the bundle's planted, to the byte."""

    @property
    def same_world(self) -> bool:
        """Whether every night of the bundle began in the same planted world."""
        return all(night.same_world for night in self.nights)


def rehearse(replay: Replay, config: Config, *, features: Path = FEATURES) -> Rehearsed:
    """Live the bundle's scenarios again; the configuration's choices give way to the bundle's.

    Raises ReplayError where this Homeroom does not know a scenario, FakesError as certify does.
    """
    manifest = replay.manifest
    _check_known(manifest, features)
    prefix = "homeroom-repro-"
    with tempfile.TemporaryDirectory(prefix=prefix, ignore_cleanup_errors=True) as folder:
        work = Path(folder)
        with start_fakes(work) as document:
            session = Session(
                control_url=document["control"]["url"],
                control_token=document["control"]["token"],
                config_path=str(config.path.resolve()) if config.path.exists() else None,
                work=work.as_posix(),
                features=str(features),
                family=secrets.token_hex(8),
                selected=tuple(each.id for each in manifest.scenarios),
                choices=manifest.choices,
                keeps_worlds=True,
            )
            limit_s = RUNS_WITHOUT_NEWS * config.subject.timeout_s + PATIENCE_S
            watched = run_scenarios(session, workers=1, limit_s=limit_s)
        spaces, kept = read_kept(work)
        lived = [
            kept[space].steps
            for each in manifest.scenarios
            if (space := spaces.get(each.id, "")) in kept
        ]
        faults = [*watched.faults, *faults_in(work)[:20]]
    return Rehearsed(
        scenarios=[_again(each, watched) for each in manifest.scenarios],
        nights=compare(replay.runs, lived[0] if lived else []),
        faults=faults,
        same_features=digest(features) == manifest.features_sha256,
    )


def _check_known(manifest: Manifest, features: Path) -> None:
    known = {each.id for each in read_catalogue(features)}
    unknown = [each.id for each in manifest.scenarios if each.id not in known]
    if unknown:
        raise ReplayError(
            f"this Homeroom has no scenario {unknown[0]}; the bundle was made by Homeroom "
            f"{manifest.homeroom}, requirement set {manifest.requirement_set}: use that version"
        )


def _again(failed: Failed, watched: Watched) -> Again:
    lost = Reported(outcome=Outcome.HARNESS_ERROR, reason="it was not reported")
    reported = watched.reported.get(failed.id, lost)
    return Again(
        failed=failed,
        outcome=reported.outcome,
        reason=reported.reason,
        expected=reported.expected,
        received=reported.received,
    )


def compare(then: Sequence[Step], steps: Sequence[Step]) -> list[Night]:
    """Compare the nights of a bundle with those just lived, by all that was planted before each."""
    now = [step for step in steps if step.do == "run"]
    return [
        Night(
            command=night.command,
            now=night.now,
            same_world=at < len(now)
            and (night.command, night.now, night.planted)
            == (now[at].command, now[at].now, now[at].planted),
        )
        for at, night in enumerate(then)
    ]
