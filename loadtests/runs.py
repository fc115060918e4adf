"""A load as it is asked for: its profile with changes, one run or several, baseline and report."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import msgspec

from homeroom.config import Config
from homeroom.loadtests import baseline as baselines
from homeroom.loadtests.baseline import Comparison
from homeroom.loadtests.generator import parse_address
from homeroom.loadtests.machine import this_machine
from homeroom.loadtests.profiles import LoadError, Profile, read_limits, read_profile
from homeroom.loadtests.replay import read_replay
from homeroom.loadtests.report import write_report
from homeroom.loadtests.run import LoadRun, Wish, median_run, run_load
from homeroom.loadtests.services import ServiceShape

TARGETS = ("auto", "fakes", "real")


class Options(msgspec.Struct, frozen=True, kw_only=True):
    """The command line."""

    profile: str
    district: str | None = None
    spaces: int | None = None
    users: int | None = None
    rounds: int | None = None
    stop_after_s: float | None = None
    target: str = "auto"
    consent: str = ""
    rate: float | None = None
    faults: tuple[str, ...] = ()
    like: Path | None = None
    import_rows_per_s: float | None = None
    workers: int = 0
    listen: str | None = None
    joined: int = 0
    service: ServiceShape = ServiceShape()
    limits: Path | None = None
    repeat: int = 1
    save_baseline: Path | None = None
    baseline: Path | None = None
    report: Path


class Result(msgspec.Struct, frozen=True, kw_only=True):
    """All runs, the one that is shown, and what comparing says."""

    run: LoadRun
    runs: tuple[LoadRun, ...]
    comparison: Comparison | None
    report: Path
    interrupted: str = ""
    """Why not all runs were made, where the next one had not begun."""

    @property
    def exit_code(self) -> int:
        """1 when any run missed a limit, was partial, or all together are slower."""
        failed = any(run.exit_code for run in self.runs)
        slower = self.comparison is not None and self.comparison.is_slower
        return 1 if failed or slower or self.interrupted else 0

    def as_dict(self) -> dict[str, Any]:
        """Write it as one JSON document: the run that is shown, and all runs' speeds."""
        return {
            **self.run.as_dict(),
            "partial": self.run.partial or bool(self.interrupted),
            "stopped": self.run.stopped or self.interrupted,
            "passed": self.exit_code == 0,
            "runs": [
                {
                    **baselines.to_speeds(run),
                    "passed": run.exit_code == 0,
                    "misses": [msgspec.to_builtins(miss) for miss in run.misses],
                }
                for run in self.runs
            ],
            "comparison": msgspec.to_builtins(self.comparison),
            "report": str(self.report),
        }


def run_all(
    options: Options,
    *,
    environ: Mapping[str, str],
    config: Config,
    tell: Callable[[str], None],
) -> Result:
    """Make the runs that were asked for, and write the report.

    Raises LoadError before the first run: profile, limits, target, consent or baseline.
    """
    wish = to_wish(options)
    machine = this_machine()
    stored = baselines.read_baseline(options.baseline) if options.baseline else None
    if stored is not None and options.baseline is not None:
        baselines.check_comparable(
            options.baseline, stored, machine=machine, digest=wish.profile.digest
        )
    runs: list[LoadRun] = []
    interrupted = ""
    for number in range(options.repeat):
        if options.repeat > 1:
            tell(f"run {number + 1} of {options.repeat}")
        try:
            runs.append(run_load(wish, environ=environ, config=config, tell=tell))
        except KeyboardInterrupt:
            if not runs:
                raise
            interrupted = f"stopped by Ctrl-C after {number} of {options.repeat} runs"
            break
        if runs[-1].partial:
            break
    comparison = None
    whole = not (runs[-1].partial or interrupted)
    if stored is not None and options.baseline is not None and whole:
        comparison = baselines.compare(options.baseline, stored, runs)
    result = Result(
        run=runs[-1] if runs[-1].partial else median_run(runs),
        runs=tuple(runs),
        comparison=comparison,
        report=options.report,
        interrupted=interrupted,
    )
    write_report(result.as_dict(), result.run, options.report)
    if options.save_baseline and not interrupted:
        baselines.save_baseline(options.save_baseline, runs)
    return result


def to_wish(options: Options) -> Wish:
    """Read profile and limits, and change what the command line changes. Raises LoadError."""
    if options.target not in TARGETS:
        raise LoadError(f"--target is {options.target!r}; it takes one of {', '.join(TARGETS)}")
    if options.joined and not options.listen:
        raise LoadError("--expect counts workers from elsewhere: say where they join, --listen")
    if options.listen and not options.joined:
        raise LoadError("--listen waits for workers from elsewhere: say how many, --expect")
    profile = changed(read_profile(options.profile), options)
    return Wish(
        profile=profile,
        limits=read_limits(profile, options.limits),
        limits_file=options.limits.name if options.limits else "",
        target=options.target,
        consent=options.consent,
        rate=options.rate,
        workers=options.workers,
        joined=options.joined,
        listen=parse_address(options.listen, "--listen") if options.listen else None,
        faults=options.faults,
        replay=read_replay(
            options.like,
            import_rows_per_s=options.import_rows_per_s,
            page_limit=profile.users.page_limit,
        ),
        stop_after_s=options.stop_after_s,
        service=options.service,
    )


def changed(profile: Profile, options: Options) -> Profile:
    """Give the profile with other districts, spaces, users or rounds."""
    users = profile.users
    if options.users is not None:
        users = msgspec.structs.replace(users, per_district=options.users)
    if options.rounds is not None:
        users = msgspec.structs.replace(users, rounds=options.rounds)
    return msgspec.structs.replace(
        profile,
        districts=(options.district,) if options.district else profile.districts,
        spaces=options.spaces or profile.spaces,
        users=users,
    )
