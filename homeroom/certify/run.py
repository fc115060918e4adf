"""One certification from configuration to bundle."""

import platform
import secrets
import signal
import tempfile
import threading
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType
from typing import Any

import msgspec

from homeroom import __version__
from homeroom.certify.bundle import (
    REPORTS,
    check_target,
    new_run_folder,
    point_latest,
    write_bundle,
)
from homeroom.certify.catalogue import FEATURES, Scenario, digest, read_catalogue
from homeroom.certify.certification import Session
from homeroom.certify.control import ControlClient, RefusedError
from homeroom.certify.fakes import faults_in, start_fakes
from homeroom.certify.keep import read_kept, with_replays
from homeroom.certify.leftovers import read_leftovers
from homeroom.certify.performance import (
    Attached,
    Certifying,
    read_performance,
    this_machine,
    with_performance,
)
from homeroom.certify.preflight import FAILED, check_fakes, check_subject
from homeroom.certify.progress import show_progress
from homeroom.certify.requirement_set import (
    RequirementSet,
    RequirementSetError,
    read_requirement_set,
)
from homeroom.certify.results import (
    Check,
    Environment,
    Results,
    Selection,
    SetInfo,
    SubjectInfo,
)
from homeroom.certify.scenarios import Watched, run_scenarios
from homeroom.certify.selection import SelectionError, of_kind, select
from homeroom.certify.subject import is_reference, read_runs
from homeroom.certify.subject_info import describe_peer, describe_sync
from homeroom.certify.target import check_world, named_target
from homeroom.certify.target_preflight import check_target_peer
from homeroom.certify.verdict import (
    Case,
    Judgement,
    count,
    judge,
    judge_requirements,
    judge_scenarios,
    judge_waivers,
)
from homeroom.certify.waivers import check_waivers
from homeroom.certify.world import World
from homeroom.config import Config, Need, SubjectKind

SEED = 1
# However slow a subject, so many of its runs in a row without news mean that something is stuck.
RUNS_WITHOUT_NEWS = 6
PATIENCE_S = 300.0


@dataclass(frozen=True, kw_only=True)
class Request:
    """What `homeroom certify` was asked for."""

    config: Config
    kind: SubjectKind = SubjectKind.SYNC
    report: Path | None = None
    only: Sequence[str] = ()
    workers: int = 1
    strict: bool = False
    features: Path = FEATURES
    needs: Sequence[Need] = ()
    """Consumers a provider must be ready for, beyond those of the settings."""
    performance: Path | None = None
    """The report of a load run of the subject, to be evidence too."""
    world: World = field(default_factory=World)
    """How our own fake stands in, where no provider or Canvas is named."""

    @property
    def all_needs(self) -> frozenset[Need]:
        """The consumers a provider must be ready for."""
        if self.kind is not SubjectKind.PROVIDER:
            return frozenset()
        return frozenset((*self.needs, *self.config.subject.needs))


@dataclass(frozen=True, kw_only=True)
class Certified:
    """What came of it."""

    results: Results
    exit_code: int
    report: Path


@dataclass(kw_only=True)
class _Course:
    """What happened between the plan and the judgement."""

    started_at: datetime
    preflight: list[Check] = field(default_factory=list[Check])
    watched: Watched = field(default_factory=Watched)
    subject_runs: int = 0
    subject_runs_s: float = 0.0
    left_behind: list[str] = field(default_factory=list[str])


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What will run: the whole catalogue of a kind, and what was selected of it."""

    requirement_set: RequirementSet
    scenarios: list[Scenario]
    selected: list[Scenario]
    attached: Attached | None = None
    """The load run that was handed in."""


def plan(request: Request) -> Plan:
    """Read set and catalogue and select; raises before anything is started.

    Raises:
        SelectionError: Nothing was selected.
        ConfigError: A waiver is unknown or expired.
        PerformanceError: The load run that was handed in is none of this subject.
        CatalogueError, RequirementSetError: The kit itself is broken.
    """
    if request.kind is SubjectKind.PAIR:
        raise SelectionError(
            "a pair's nights are not ours to drive; `homeroom judge before` and `after` watch one"
        )
    if request.needs and request.kind is not SubjectKind.PROVIDER:
        raise SelectionError("--needs is about providers: `homeroom certify provider --needs ...`")
    ours = (
        request.kind is not SubjectKind.SYNC and named_target(request.config, request.kind) is None
    )
    if request.world.is_peculiar and not ours:
        raise SelectionError(
            "--fake changes our own fake, which stands in where no provider or Canvas is named; "
            f"{request.config.path} names one, or a sync service is certified"
        )
    requirement_set = read_requirement_set(request.features / "requirements")
    catalogue = read_catalogue(request.features)
    unknown = [told for told in requirement_set.orphans(catalogue) if "::" in told]
    if unknown:
        raise RequirementSetError("; ".join(unknown))
    check_waivers(request.config.waivers, requirement_set, today=datetime.now(UTC).date())
    scenarios = of_kind(catalogue, requirement_set, request.kind, request.all_needs)
    return Plan(
        requirement_set=requirement_set,
        scenarios=scenarios,
        selected=select(scenarios, request.only, features=request.features),
        attached=read_performance(request.performance, _certifying(request))
        if request.performance
        else None,
    )


def _certifying(request: Request) -> Certifying:
    """Say whom a load run must be of."""
    provider = request.config.oneroster if request.kind is SubjectKind.PROVIDER else None
    return Certifying(
        kind=request.kind,
        address=provider.base_url.rstrip("/") if provider else "",
        is_reference=is_reference(request.config.subject),
        machine=this_machine(),
        settings=request.world.settings,
    )


def same_world(
    earlier: Results, config: Config, more: Mapping[str, Any], *, consented: bool
) -> World:
    """Return how our own fake stood in for an earlier run, with further settings of it.

    Raises SelectionError where that run was about our own fake and the configuration names a peer,
    or the other way round: what failed there would be sought elsewhere.
    """
    kind = SubjectKind(earlier.subject.kind)
    if kind is not SubjectKind.SYNC:
        target = named_target(config, kind)
        if earlier.subject.world is not None and target is not None:
            raise SelectionError(
                f"that report is about our own fake, and {config.path} names a {kind} "
                f"({target.base_url}); give another file with --config"
            )
        if earlier.subject.world is None and target is None:
            raise SelectionError(
                f"that report is about the {kind} at {earlier.subject.commands.get('address')}, "
                f"and {config.path} names none; give its file with --config"
            )
    world = earlier.subject.world or World()
    return msgspec.structs.replace(world, settings={**world.settings, **more}, consented=consented)


def certify(request: Request) -> Certified:
    """Run what was asked for, judge it and write the bundle; see `plan` for what it raises."""
    planned = plan(request)
    check_target(request.report or REPORTS / "new")
    course = _Course(started_at=datetime.now(UTC))
    with (
        tempfile.TemporaryDirectory(prefix="homeroom-certify-", ignore_cleanup_errors=True) as work,
        _terminable(),
    ):
        try:
            _run(request, planned, course, Path(work))
        except KeyboardInterrupt:
            course.watched.interrupted = True
        runs = read_runs(Path(work))
        course.subject_runs, course.subject_runs_s = len(runs), sum(runs)
        course.left_behind = read_leftovers(Path(work))
        spaces, kept = read_kept(Path(work))
    results, judgement = _judge(request, planned, course)
    results, replays = with_replays(results, spaces, kept)
    report = request.report or new_run_folder(results.environment.run_id)
    files = planned.attached.files if planned.attached else {}
    write_bundle(results, report, {**replays, **files})
    if request.report is None:
        point_latest(report)
    return Certified(results=results, exit_code=judgement.exit_code, report=report)


def _run(request: Request, planned: Plan, course: _Course, work: Path) -> None:
    if request.kind is not SubjectKind.SYNC and named_target(request.config, request.kind):
        course.preflight = check_target_peer(request.config, request.kind)
        if not _any_failed(course.preflight):
            _watch(request, planned, course, work, {"url": "", "token": ""})
        return
    subject = request.config.subject
    if request.kind is SubjectKind.SYNC:
        course.preflight = check_subject(request.config)
    if _any_failed(course.preflight):
        return
    # A subject in a container reaches the fakes from outside of loopback.
    host = "0.0.0.0" if subject.advertise else "127.0.0.1"  # noqa: S104 -- asked for by `advertise`
    with start_fakes(work, host=host) as document:
        course.preflight += check_fakes(document)
        if _any_failed(course.preflight):
            return
        _check_fake(request, document["control"])
        _watch(request, planned, course, work, document["control"])
    faults = [f"A fake broke: {line}" for line in faults_in(work)]
    course.watched.faults += faults[:20]


def _check_fake(request: Request, control: Mapping[str, str]) -> None:
    """Raise SelectionError where our own fake does not know what --fake says."""
    if not request.world.is_peculiar:
        return
    try:
        with ControlClient(control["url"], control["token"]) as client:
            check_world(client, request.kind, request.world)
    except RefusedError as error:
        raise SelectionError(f"--fake: {error.reason}") from None


def _watch(
    request: Request, planned: Plan, course: _Course, work: Path, control: Mapping[str, str]
) -> None:
    """Run the scenarios, with the control plane of the fakes where there are some."""
    subject = request.config.subject
    session = Session(
        control_url=control["url"],
        control_token=control["token"],
        config_path=str(request.config.path.resolve()) if request.config.path.exists() else None,
        work=work.as_posix(),
        features=str(request.features),
        family=secrets.token_hex(8),
        selected=tuple(scenario.id for scenario in planned.selected),
        kind=request.kind,
        world=request.world,
    )
    names = {scenario.id: scenario.name for scenario in planned.selected}
    # A provider or a Canvas is one peer, read once and by one client; a service is one service.
    alone = request.kind is not SubjectKind.SYNC or bool(subject.reset_url)
    with show_progress(len(names), names) as on_progress:
        course.watched = run_scenarios(
            session,
            workers=1 if alone else request.workers,
            limit_s=RUNS_WITHOUT_NEWS * subject.timeout_s + PATIENCE_S,
            on_progress=on_progress,
        )


def _any_failed(checks: Sequence[Check]) -> bool:
    return any(check.outcome == FAILED for check in checks)


def _judge(request: Request, planned: Plan, course: _Course) -> tuple[Results, Judgement]:
    config, watched = request.config, course.watched
    preflight_failed = _any_failed(course.preflight)
    scenarios, not_run = judge_scenarios(
        planned.selected,
        watched.reported,
        config.waivers,
        interrupted=watched.interrupted or preflight_failed,
    )
    performance = planned.attached.performance if planned.attached else None
    requirements = judge_requirements(
        planned.requirement_set.binding(request.kind, request.all_needs),
        scenarios,
        config.waivers,
        config.subject.choices.rules,
    )
    requirements = with_performance(requirements, performance, config.waivers)
    chosen = {scenario.id for scenario in planned.selected} - set(not_run)
    partly = {
        id_ for each in planned.scenarios if each.id not in chosen for id_ in each.requirements
    }
    waivers = judge_waivers(config.waivers, requirements, partly_selected=partly)
    judgement = judge(
        Case(
            requirements=requirements,
            scenarios=scenarios,
            waivers=waivers,
            faults=watched.faults,
            not_run=not_run,
            interrupted=watched.interrupted,
            preflight_failed=preflight_failed,
            only=bool(request.only),
            strict=request.strict,
        )
    )
    results = Results(
        verdict=judgement.verdict,
        subject=_subject_info(request),
        preflight=course.preflight,
        requirement_set=SetInfo(
            id=planned.requirement_set.id,
            version=planned.requirement_set.version,
            sha256=planned.requirement_set.sha256,
        ),
        totals=count(scenarios),
        requirements=requirements,
        scenarios=scenarios,
        waivers=waivers,
        environment=_environment(request, course),
        reasons=judgement.reasons,
        selection=Selection(
            only=list(request.only), strict=request.strict, scenarios=len(planned.scenarios)
        ),
        not_run=not_run,
        faults=watched.faults,
        left_behind=course.left_behind,
        performance=performance,
    )
    return results, judgement


def _subject_info(request: Request) -> SubjectInfo:
    config, kind = request.config, request.kind
    if kind is SubjectKind.SYNC:
        return describe_sync(config.subject)
    return describe_peer(config, kind, needs=request.all_needs, world=request.world)


def _environment(request: Request, course: _Course) -> Environment:
    started, ended = course.started_at, datetime.now(UTC)
    return Environment(
        homeroom=__version__,
        python=platform.python_version(),
        seed=SEED,
        district_sha256=digest(request.features),
        platform=platform.platform(),
        started_at=_iso(started),
        ended_at=_iso(ended),
        run_id=f"{started:%Y%m%dT%H%M%SZ}-{request.kind}",
        workers=request.workers,
        subject_runs=course.subject_runs,
        subject_runs_s=round(course.subject_runs_s, 3),
    )


def _iso(at: datetime) -> str:
    return at.isoformat(timespec="seconds").replace("+00:00", "Z")


@contextmanager
def _terminable() -> Generator[None]:
    """Let SIGTERM end the run as Ctrl-C does, with a report; only in the main thread."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def stop(_number: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
