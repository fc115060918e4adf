"""One load run: a target, Locust in processes of its own, and the verdict on its figures."""

import contextlib
import math
import tempfile
from collections.abc import Callable, Generator, Mapping, Sequence
from datetime import UTC, datetime
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import msgspec

from homeroom import __version__
from homeroom.config import Config
from homeroom.loadtests import generator
from homeroom.loadtests.bottleneck import Finding, find_bottleneck
from homeroom.loadtests.limits import (
    Figures,
    Miss,
    check_arithmetic,
    find_misses,
    to_figures,
)
from homeroom.loadtests.machine import Machine, PartFigures, Sample, Watch, this_machine
from homeroom.loadtests.night import Night, to_night
from homeroom.loadtests.operations import OPERATIONS
from homeroom.loadtests.plan import Measured, Plan, World
from homeroom.loadtests.profiles import Kind, Limits, LoadError, Profile
from homeroom.loadtests.replay import Replay
from homeroom.loadtests.services import ServiceShape, check_shape, started_service
from homeroom.loadtests.targets import (
    Target,
    TargetKind,
    count_rows,
    find_own_target,
    find_real_target,
    longest_chain,
    open_real,
    started_fakes,
)

FORMAT = 1
"""Of load.json."""
Tell = Callable[[str], None]


class Wish(msgspec.Struct, frozen=True, kw_only=True):
    """What a run is to be, as the command line says it."""

    profile: Profile
    limits: Limits
    limits_file: str = ""
    """Empty for Homeroom's own."""
    target: str = "auto"
    consent: str = ""
    rate: float | None = None
    workers: int = 0
    joined: int = 0
    listen: tuple[str, int] | None = None
    faults: tuple[str, ...] = ()
    replay: Replay | None = None
    stop_after_s: float | None = None
    service: ServiceShape = ServiceShape()


class Subject(msgspec.Struct, frozen=True, kw_only=True):
    """Whom a run's figures speak of; a certification takes them for no one else."""

    kind: TargetKind
    address: str
    """Empty where the run started it: then it is ours."""


class LoadRun(msgspec.Struct, frozen=True, kw_only=True):
    """What a run measured, and which limits it missed."""

    profile: Profile
    limits: Limits
    target: str
    subject: Subject
    wish: Wish
    started_at: datetime
    machine: Machine
    figures: Figures
    misses: tuple[Miss, ...]
    errors: tuple[str, ...]
    partial: bool
    stopped: str
    finding: Finding
    parts: tuple[PartFigures, ...]
    samples: tuple[Sample, ...]
    measured: Measured
    night: Night
    replay: Replay | None
    users: int
    requests_per_s: float | None

    @property
    def exit_code(self) -> int:
        """0 when every limit was kept by a run that came to its end, else 1."""
        return 1 if self.misses or self.partial else 0

    def as_dict(self) -> dict[str, Any]:
        """Write the run as one JSON document; docs/load.md says what each key means."""
        figures = msgspec.to_builtins(self.figures)
        return {
            "format": FORMAT,
            "homeroom": __version__,
            "profile": self.profile.name,
            "about": self.profile.about,
            "source": self.profile.source,
            "target": self.target,
            "subject": msgspec.to_builtins(self.subject),
            "load": self._load(),
            "started_at": self.started_at.isoformat(timespec="seconds"),
            "machine": msgspec.to_builtins(self.machine),
            "limits": {
                name: value
                for name, value in msgspec.to_builtins(self.limits).items()
                if value is not None
            },
            "figures": {
                **figures,
                "records_per_s": round(self.figures.records_per_s, 1),
                "error_share": round(self.figures.error_share, 6),
            },
            "misses": [msgspec.to_builtins(miss) for miss in self.misses],
            "errors": list(self.errors),
            "passed": self.exit_code == 0,
            "partial": self.partial,
            "stopped": self.stopped,
            "limited_by": msgspec.to_builtins(self.finding),
            "operations": msgspec.to_builtins(self.measured.operations),
            "processes": msgspec.to_builtins(self.parts),
            "night": msgspec.to_builtins(self.night),
            "replayed": msgspec.to_builtins(self.replay),
        }

    def _service(self) -> dict[str, Any]:
        if self.subject.kind is not TargetKind.SERVICE:
            return {}
        shape = self.wish.service
        return {
            "service_workers": shape.workers,
            "service_processes": max(1, shape.processes),
            # Its address may hold a password.
            "service_database": "PostgreSQL" if shape.database else "SQLite",
        }

    def _load(self) -> dict[str, Any]:
        """Say what was done, as far as the profile's name does not."""
        users, wish = self.profile.users, self.wish
        return {
            "districts": list(dict.fromkeys(self.profile.districts)),
            "spaces": self.profile.spaces,
            "users": self.users,
            "rounds": users.rounds,
            "concurrency": users.concurrency,
            "page_limit": users.page_limit,
            "operations": list(users.operations),
            "workers": wish.workers + wish.joined,
            "requests_per_s": self.requests_per_s,
            "stop_after_s": wish.stop_after_s,
            **self._service(),
            "limits_file": wish.limits_file,
            "faults": [Path(fault).name for fault in wish.faults],
        }


def run_load(
    wish: Wish, *, environ: Mapping[str, str], config: Config, tell: Tell = lambda _: None
) -> LoadRun:
    """Make one run. Raises LoadError before it; Ctrl-C during it ends it as a partial one."""
    if find_spec("locust") is None:
        raise LoadError("Locust is not installed: pip install 'homeroom[load]'")
    profile = wish.profile
    if wish.workers + wish.joined > profile.total_users:
        raise LoadError(
            f"{profile.name} has {profile.total_users} user(s), which {wish.workers + wish.joined} "
            "workers cannot share: a user is one consumer, whose pages follow each other"
        )
    check_shape(wish.service, nights=profile.users.kind is Kind.NIGHTS)
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="homeroom-load-")))
        tell(f"{profile.name}: {profile.about}")
        target = stack.enter_context(_target(wish, environ=environ, config=config))
        plan = make_plan(wish, target)
        # Others than extracts read no collection from its first page to its last.
        extracts = target.worlds if profile.users.kind is Kind.EXTRACT else ()
        chain = max((longest_chain(world, profile) for world in extracts), default=0)
        check_arithmetic(plan, wish.limits, chain)
        to_read = f", {plan.expected_records:,} records" if plan.expected_records else ""
        tell(f"target: {target.name}; {plan.users} users{to_read}")
        started_at = datetime.now(UTC)
        makers = stack.enter_context(
            generator.Generator(
                _without_secrets(plan, wish, target), folder,
                environ=_secrets(target, environ), workers=wish.workers,
                listen=wish.listen, joined=wish.joined,
            )
        )  # fmt: skip
        with Watch({**target.pids, **makers.pids}) as watch:
            measured, partial = _wait(makers, plan, tell)
        return _judge(wish, target, plan, chain, measured, watch, started_at, partial=partial)


def _wait(makers: generator.Generator, plan: Plan, tell: Tell) -> tuple[Measured, bool]:
    def tell_stand(measured: Measured) -> None:
        of = f" of {plan.expected_records:,}" if plan.expected_records else ""
        tell(
            f"{measured.duration_s:6.0f} s  {measured.requests:,} requests, "
            f"{measured.records:,}{of} records, {measured.failures} failed"
        )

    try:
        measured = makers.wait(tell_stand)
    except generator.Interrupted as stopped:
        return stopped.measured, True
    return measured, not measured.complete


def _judge(
    wish: Wish,
    target: Target,
    plan: Plan,
    chain: int,
    measured: Measured,
    watch: Watch,
    started_at: datetime,
    *,
    partial: bool,
) -> LoadRun:
    parts = watch.parts()
    growth = [
        part.growth_mb_per_min
        for part in parts
        if part.part in target.pids and part.growth_mb_per_min is not None
    ]
    figures = to_figures(measured, plan, memory_growth_mb_per_min=max(growth, default=None))
    return LoadRun(
        profile=wish.profile,
        limits=wish.limits,
        target=target.name,
        subject=Subject(kind=target.kind, address=target.address),
        wish=wish,
        users=plan.users,
        requests_per_s=plan.requests_per_s,
        started_at=started_at,
        machine=this_machine(),
        figures=figures,
        misses=tuple(find_misses(figures, wish.limits)),
        errors=tuple(measured.errors),
        partial=partial,
        stopped=measured.stopped,
        finding=find_bottleneck(
            parts,
            duration_s=measured.duration_s,
            cpu_warning=measured.cpu_warning,
            machine_share=watch.machine_share,
        ),
        parts=tuple(parts),
        samples=tuple(watch.samples),
        measured=measured,
        night=to_night(figures, measured, plan, chain, wish.replay),
        replay=wish.replay,
    )


@contextlib.contextmanager
def _target(wish: Wish, *, environ: Mapping[str, str], config: Config) -> Generator[Target]:
    profile = wish.profile
    own = find_own_target(environ) if wish.target in {"auto", "real"} else None
    if wish.target == "real":
        own = find_real_target(environ, config)
    if own is not None:
        _refuse_for_real(wish)
        target = open_real(
            own, profile, consent=wish.consent, rate=wish.rate,
            ceiling=config.subject.requests_per_s,
        )  # fmt: skip
        yield count_rows(target, profile)
        return
    host = wish.listen[0] if wish.listen else "127.0.0.1"
    with started_fakes(
        profile, environ=environ, host=host, faults=wish.faults, replay=wish.replay
    ) as (target, documents):
        target = msgspec.structs.replace(count_rows(target, profile), requests_per_s=wish.rate)
        if profile.users.kind is Kind.NIGHTS:
            with started_service(target, documents, shape=wish.service, environ=environ) as served:
                yield served
        else:
            yield target


def _refuse_for_real(wish: Wish) -> None:
    given = {"--faults": wish.faults, "--like and --import-rows-per-s": wish.replay}
    for option, value in given.items():
        if value:
            raise LoadError(f"{option} is for our own fakes; this target was started elsewhere")


def make_plan(wish: Wish, target: Target) -> Plan:
    """Work out who reads how much of what."""
    profile = wish.profile
    users = profile.users
    count = users.per_district * len(target.worlds)
    expected = 0
    if users.kind is Kind.EXTRACT and users.runs_for_s is None:
        known = all(
            len(world.expected) == len(set(users.operations)) for world in target.worlds
        )  # a provider without totals promises nothing
        if known:
            rows = sum(sum(world.expected.values()) for world in target.worlds)
            expected = rows * users.per_district * users.rounds
    minutes = wish.limits.window_minutes
    pages = [_pages(world, profile) for world in target.worlds] if expected else []
    return Plan(
        profile=profile,
        worlds=target.worlds,
        users=count,
        expected_records=expected,
        expected_pages=sum(sum(each.values()) for each in pages) * users.per_district,
        window_s=minutes * 60 if minutes is not None else None,
        stop_after_s=wish.stop_after_s,
        requests_per_s=target.requests_per_s,
        workers=wish.workers + wish.joined,
        # In the largest world, where one thread reads the most of an endpoint in a row.
        chains={name: max(each[name] for each in pages) for name in users.operations}
        if pages
        else {},
    )


def _pages(world: World, profile: Profile) -> dict[str, int]:
    """Count each endpoint's pages, all rounds of one user together; an empty one has a page too."""
    users = profile.users
    return {
        name: users.rounds
        * max(1, math.ceil(world.expected[OPERATIONS[name].collection] / users.page_limit))
        for name in users.operations
    }


def _without_secrets(plan: Plan, wish: Wish, target: Target) -> Plan:
    """Leave a real provider's secret out of what crosses the network to joined machines."""
    if target.ours or not wish.joined:
        return plan
    worlds = tuple(
        msgspec.structs.replace(world, client_id="", client_secret="") for world in plan.worlds
    )
    return msgspec.structs.replace(plan, worlds=worlds)


def _secrets(target: Target, environ: Mapping[str, str]) -> dict[str, str]:
    if target.ours:
        return dict(environ)
    world = target.worlds[0]
    return {
        **environ,
        "ONEROSTER_CLIENT_ID": world.client_id,
        "ONEROSTER_CLIENT_SECRET": world.client_secret,
    }


def median_run(runs: Sequence[LoadRun]) -> LoadRun:
    """Choose the run whose speed lies in the middle, to show in the report."""
    ranked = sorted(runs, key=lambda run: run.figures.records_per_s)
    return ranked[len(ranked) // 2]
