"""A night as a job: its stages one by one, each remembered."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from homeroom.reference.onboarding.districts import District
from homeroom.reference.roster.plan import Plan
from homeroom.reference.roster.verify import Drift
from homeroom.reference.workflows.durable.bench import Bench, Ending, Remember, value_of
from homeroom.reference.workflows.durable.jobs import Job, JobStatus, NightOptions, StageRun
from homeroom.reference.workflows.durable.timing import rollover_reasons
from homeroom.reference.workflows.memory import provisioned
from homeroom.reference.workflows.night import Night, Sent, run_night
from homeroom.reference.workflows.planning import left_out
from homeroom.reference.workflows.state import read_json

T = TypeVar("T")
STATUS = {
    "planned": JobStatus.COMPLETED,
    "completed": JobStatus.COMPLETED,
    "warning": JobStatus.WARNING,
    "held": JobStatus.HELD,
}


def run_night_job(bench: Bench, job: Job, district: District, remember: Remember) -> Ending:
    """Run a night, or go on with one.

    Raises:
        FatalError: It failed; Canvas keeps what it had, or the next night finishes the import.
    """
    options = msgspec.convert(job.options, NightOptions)
    settings = bench.settings_of(job)
    release = bench.store.find(job.releases).run if job.releases else None
    judged = not options.plan_only and release is None
    hold = _reasons(bench, district, settings.state_dir, job) if judged else ()
    staged = _Staged(bench, job, settings.state_dir, remember)

    def night() -> Night:
        return run_night(
            settings,
            plan_only=options.plan_only,
            release=release,
            full=options.full,
            hold=hold,
            stages=staged,
        )

    return _ending(bench.wait_for_folder(job, night))


def run_folder(state_dir: Path, run: str) -> Path:
    """Give the folder of a run."""
    return state_dir / "provisioning" / "runs" / Path(run).name


def read_plan(state_dir: Path, run: str) -> dict[str, Any] | None:
    """Give a run's plan and what came of it; None before there is one, or long after.

    Returns:
        The fields of `Plan`; `left_out`, how many changes of each kind are not listed; `refused`
        and `warnings`, what Canvas said of single rows; `drift`, where it holds something else.
    """
    folder = run_folder(state_dir, run)
    plan = read_json(folder / "plan.json", Plan)
    if plan is None:
        return None
    sent = read_json(folder / "sent.json", Sent) or Sent()
    sent.drift += read_json(folder / "verified.json", list[Drift]) or []
    told: dict[str, Any] = msgspec.to_builtins(sent)
    del told["sis_import"]
    return {**msgspec.to_builtins(plan), "left_out": left_out(plan), **told}


def _reasons(bench: Bench, district: District, state_dir: Path, job: Job) -> tuple[str, ...]:
    current = provisioned(state_dir)
    applied_at = datetime.fromisoformat(current.at) if current else None
    seen = bench.store.window_seen(district.id)
    now = job.started_at or bench.clock()
    return tuple(rollover_reasons(district, applied_at, seen, now))


class _Staged:
    """Has each stage remembered, and shows in the job where it is."""

    def __init__(self, bench: Bench, job: Job, state_dir: Path, remember: Remember) -> None:
        self._bench, self._job, self._remember = bench, job, remember
        self._state_dir, self._done = state_dir, list[StageRun]()

    def __call__(self, name: str, stage: Callable[[], T], kind: Any, /) -> T:
        """Run a stage, or take what it gave before a kill."""
        begun = StageRun(name=name, started_at=self._bench.clock())
        self._bench.store.note(self._job, stage=name, stages=[*self._done, begun])
        told = self._remember(name, lambda: self._bench.try_stage(self._job, name, stage))
        value: T = value_of(told, kind)
        times = (datetime.fromisoformat(told[each]) for each in ("started_at", "ended_at"))
        started_at, ended_at = times
        counts = _counts(value, self._state_dir)
        over = StageRun(name=name, started_at=started_at, ended_at=ended_at, counts=counts)
        self._done.append(over)
        more = {"run": value} if name == "plan" else {}
        self._bench.store.note(self._job, stages=self._done, **more)
        return value


def _counts(value: Any, state_dir: Path) -> dict[str, int]:
    if isinstance(value, Sent):
        return {"refused": len(value.refused), "warnings": len(value.warnings)}
    if isinstance(value, list):
        return {"drift": len(value)}
    path = run_folder(state_dir, value) / "plan.json" if isinstance(value, str) else None
    plan = read_json(path, Plan) if path else None
    return _unsent(_totals(plan)) if plan else {}


def _totals(plan: Plan) -> dict[str, int]:
    counts = plan.counts.values()
    names = ("added", "changed", "removed", "sent")
    totals = {name: sum(getattr(each, name) for each in counts) for name in names}
    return {**totals, "refused": len(plan.refusals)}


_UNSENT = frozenset({"planned", "held"})


def _unsent(totals: dict[str, int]) -> dict[str, int]:
    """Say of what was not sent that it is still to be sent."""
    return {"to_send" if name == "sent" else name: count for name, count in totals.items()}


def _ending(night: Night) -> Ending:
    totals = _totals(night.plan)
    totals = _unsent(totals) if night.status in _UNSENT else totals
    totals |= {"refused": len(night.refused), "warnings": len(night.warnings)}
    totals["drift"] = len(night.drift)
    changes = ", ".join(f"{totals[name]} {name}" for name in ("added", "changed", "removed"))
    status = STATUS[night.status]
    if status is JobStatus.HELD:
        summary = f"held: {'; '.join(night.plan.brake[:3])}. Would be {changes}"
    else:
        rest = [f"{totals[name]} {told}" for name, told in _ODD if totals[name]]
        begin = "would be " if night.status == "planned" else ""
        summary = begin + ", ".join([changes, *rest])
    return Ending(status=status, summary=summary, more={"run": night.run, "totals": totals})


_ODD = (
    ("refused", "refused"),
    ("warnings", "with a warning of Canvas's"),
    ("drift", "found otherwise in Canvas"),
)
