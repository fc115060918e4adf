"""Replays the scenarios of a bundle: same choices, same planted worlds, same nights.

A provider or a Canvas lives no nights: our own fake is set up again as it was and asked the same
questions; a peer that somebody named can only be asked again itself.
"""

import secrets
import tempfile
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import msgspec

from homeroom.certify.catalogue import FEATURES, digest, read_catalogue
from homeroom.certify.certification import Session
from homeroom.certify.fakes import faults_in, start_fakes
from homeroom.certify.keep import read_kept
from homeroom.certify.outcomes import Outcome
from homeroom.certify.preflight import FAILED
from homeroom.certify.recording import Step
from homeroom.certify.replay import Failed, Manifest, Replay, ReplayError
from homeroom.certify.run import PATIENCE_S, RUNS_WITHOUT_NEWS
from homeroom.certify.scenarios import Watched, run_scenarios
from homeroom.certify.target import named_target
from homeroom.certify.target_preflight import check_target_peer
from homeroom.certify.verdict import Reported
from homeroom.certify.world import World
from homeroom.config import Config, SubjectKind


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
    peer: str = ""
    """Which provider or Canvas was asked again; empty for a sync service."""

    @property
    def same_world(self) -> bool:
        """Whether every night of the bundle began in the same planted world."""
        return all(night.same_world for night in self.nights)


def rehearse(
    replay: Replay, config: Config, *, consented: bool = False, features: Path = FEATURES
) -> Rehearsed:
    """Live the bundle's scenarios again; the configuration's choices give way to the bundle's.

    Args:
        replay: The bundle.
        config: Names the sync service, or the provider or Canvas where the bundle is about one
            that somebody named; a bundle about our own fake needs none.
        consented: Whether a Canvas that somebody named may be given an import, as of certify.
        features: The kit.

    Raises:
        ReplayError: This Homeroom does not know a scenario, or the peer that it is about is not
            named or cannot be used.
        FakesError: As of certify.
    """
    manifest = replay.manifest
    _check_known(manifest, features)
    sync, named = manifest.kind is SubjectKind.SYNC, bool(manifest.address)
    if named:
        _check_peer(manifest, config)
    prefix = "homeroom-repro-"
    with tempfile.TemporaryDirectory(prefix=prefix, ignore_cleanup_errors=True) as folder:
        work = Path(folder)
        with _control(work, own_fakes=not named) as (url, token):
            whose = config.path.exists() and (sync or named)
            world = manifest.world or World()
            session = Session(
                control_url=url,
                control_token=token,
                config_path=str(config.path.resolve()) if whose else None,
                work=work.as_posix(),
                features=str(features),
                family=secrets.token_hex(8),
                selected=tuple(each.id for each in manifest.scenarios),
                choices=manifest.choices if sync else None,
                keeps_worlds=True,
                kind=manifest.kind,
                world=msgspec.structs.replace(world, consented=consented),
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
        peer="" if sync else _asked(manifest, config),
    )


@contextmanager
def _control(work: Path, *, own_fakes: bool) -> Generator[tuple[str, str]]:
    """Lend address and token of the control plane of our own fakes, empty where none are needed."""
    if not own_fakes:
        yield "", ""
        return
    with start_fakes(work) as document:
        yield document["control"]["url"], document["control"]["token"]


def _check_peer(manifest: Manifest, config: Config) -> None:
    """Raise ReplayError unless the configuration names a peer that can be asked."""
    if named_target(config, manifest.kind) is None:
        table = "oneroster" if manifest.kind is SubjectKind.PROVIDER else "canvas"
        raise ReplayError(
            f"this bundle is about the {manifest.kind} at {manifest.address}, which alone can "
            f"answer again: name it as [{table}] in a homeroom.toml, and that with --subject"
        )
    for check in check_target_peer(config, manifest.kind):
        if check.outcome == FAILED:
            told = " ".join(each for each in (check.detail, check.remedy) if each)
            raise ReplayError(f"{config.path}: {check.check}: {told}")


def _asked(manifest: Manifest, config: Config) -> str:
    """Say which peer was asked again."""
    target = named_target(config, manifest.kind) if manifest.address else None
    if target is not None:
        told = f"the {manifest.kind} at {target.base_url}"
        other = target.base_url.rstrip("/") != manifest.address.rstrip("/")
        return f"{told}, not the bundle's at {manifest.address}" if other else told
    world = manifest.world or World()
    settings = ", ".join(f"{name} = {value}" for name, value in sorted(world.settings.items()))
    return f"our own fake, as the bundle has it{f': {settings}' if settings else ''}"


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
