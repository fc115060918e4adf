"""What Locust runs, in every process of its own: leads or joins a run, and hands its figures back.

The plan lies in a file for the process that leads, and reaches workers in a message, so that one
on another machine needs nothing but this package and an address.
"""

import os
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import gevent
import msgspec
from locust import LoadTestShape, events
from locust.runners import MasterRunner, WorkerRunner

from homeroom.loadtests.forecast import forecast_s, is_hopeless
from homeroom.loadtests.plan import (
    FIGURES_VARIABLE,
    PLAN_VARIABLE,
    Measured,
    OperationFigures,
    Plan,
    Second,
)
from homeroom.loadtests.profiles import Kind
from homeroom.loadtests.tally import tally
from homeroom.loadtests.users.consumer import Consumer, Pace
from homeroom.loadtests.users.delta import Delta
from homeroom.loadtests.users.extract import Extract
from homeroom.loadtests.users.grades import Grades
from homeroom.loadtests.users.nights import Nights
from homeroom.loadtests.users.paging import Paging
from homeroom.loadtests.users.tokens import Tokens

__all__ = ["Delta", "Extract", "Grades", "Nights", "Paging", "Tokens"]

CLASSES: Mapping[Kind, type[Consumer]] = {
    Kind.EXTRACT: Extract,
    Kind.DELTA: Delta,
    Kind.GRADES: Grades,
    Kind.TOKENS: Tokens,
    Kind.PAGING: Paging,
    Kind.NIGHTS: Nights,
}
MESSAGE = "homeroom_plan"
TICK_S = 0.2
DESERTED_S = 30.0
"""So long after the last user was seen, nobody is waited for any more."""

_measured = Measured()
_began: list[float] = []


def read_plan() -> Plan | None:
    """Read the plan where this process leads the run; a worker is sent it."""
    path = os.environ.get(PLAN_VARIABLE)
    return msgspec.json.decode(Path(path).read_bytes(), type=Plan) if path else None


_plan = read_plan()

if _plan is not None and _plan.profile.shape:

    class Steps(LoadTestShape):
        """As many users as the profile's steps say, and all of them afterwards."""

        def tick(self) -> tuple[int, float] | None:
            """Give the number of users now; Locust asks every second."""
            assert _plan is not None  # noqa: S101 -- narrows the type: tested above
            at_s = time.perf_counter() - self.start_time
            ahead = [step for step in _plan.profile.shape if at_s < step.until_s]
            users = ahead[0].users if ahead else _plan.users
            return min(users, _plan.users), _plan.profile.users.spawn_per_s


def take_plan(plan: Plan, *, index: int, workers: int) -> None:
    """Let the users of this process know what they do, and who they are among all."""
    Consumer.plan = plan
    ceiling = plan.requests_per_s
    Consumer.pace = Pace(ceiling / max(1, workers) if ceiling else None)
    Consumer.first_index, Consumer.index_step = index, max(1, workers)


def begin(environment: Any, **_: Any) -> None:
    """Hand the plan out, and begin to watch, in the process that leads."""
    runner = environment.runner
    if isinstance(runner, WorkerRunner):
        return
    if _plan is None:
        raise RuntimeError(f"{PLAN_VARIABLE} names no plan")
    _began.append(time.perf_counter())
    if isinstance(runner, MasterRunner):
        ids = list(runner.clients)
        for index, client_id in enumerate(ids):
            data = {"plan": msgspec.to_builtins(_plan), "index": index, "workers": len(ids)}
            runner.send_message(MESSAGE, data, client_id)
    else:
        take_plan(_plan, index=0, workers=1)
    gevent.spawn(_lead, environment, _plan)


def prepare(environment: Any, **_: Any) -> None:
    """Spawn the profile's kind of user alone; let a worker hear its plan and send its counts."""
    if _plan is not None:
        chosen = CLASSES[_plan.profile.users.kind]
        environment.user_classes = [chosen]
    runner = environment.runner
    if isinstance(runner, WorkerRunner):
        runner.register_message(MESSAGE, _hear_plan)
        _hooks.report_to_master.add_listener(send_counts)
    elif isinstance(runner, MasterRunner):
        _hooks.worker_report.add_listener(receive_counts)


def _hear_plan(environment: Any, msg: Any, **_: Any) -> None:
    plan = msgspec.convert(msg.data["plan"], Plan)
    own = {
        "client_id": os.environ.get("ONEROSTER_CLIENT_ID", ""),
        "client_secret": os.environ.get("ONEROSTER_CLIENT_SECRET", ""),
    }
    worlds = tuple(
        world if world.client_id else msgspec.structs.replace(world, **own) for world in plan.worlds
    )
    plan = msgspec.structs.replace(plan, worlds=worlds)
    take_plan(plan, index=msg.data["index"], workers=msg.data["workers"])


def send_counts(client_id: str, data: dict[str, Any], **_: Any) -> None:
    """Let a worker's counts travel with its statistics."""
    data["homeroom"] = tally.take()


def receive_counts(client_id: str, data: Mapping[str, Any], **_: Any) -> None:
    """Add a worker's counts to those of the run."""
    if "homeroom" in data:
        tally.merge(data["homeroom"])


def _lead(environment: Any, plan: Plan) -> None:
    """Note how the run stands every second, and end it when it is over, late or hopeless."""
    noted = peopled = 0.0
    while True:
        gevent.sleep(TICK_S)
        elapsed = time.perf_counter() - _began[0]
        if elapsed - noted >= 1.0:
            noted = elapsed
            _note_second(environment, elapsed)
            write_figures(environment)
        if tally.ended_users >= plan.users:
            break
        if environment.runner.user_count:
            peopled = elapsed
        _measured.forecast_s = _forecast(environment, plan, elapsed)
        _measured.stopped = _reason_to_stop(plan, elapsed)
        if not _measured.stopped and elapsed - peopled > DESERTED_S:
            _measured.stopped = "no user is left, though not all came to their end"
        if _measured.stopped:
            break
    _note_second(environment, time.perf_counter() - _began[0])
    _measured.complete = True
    write_figures(environment)
    environment.runner.quit()


def _forecast(environment: Any, plan: Plan, elapsed: float) -> float | None:
    pages = {
        name: entry for (name, _), entry in environment.stats.entries.items() if name in plan.chains
    }
    read = sum(entry.num_requests - entry.num_failures for entry in pages.values())
    mean_ms = {name: float(entry.avg_response_time) for name, entry in pages.items()}
    return forecast_s(plan, elapsed, read, mean_ms)


def _reason_to_stop(plan: Plan, elapsed: float) -> str:
    if plan.stop_after_s is not None and elapsed >= plan.stop_after_s:
        return f"asked to stop after {plan.stop_after_s:g} s"
    if elapsed >= plan.profile.users.deadline_s:
        return f"not through after the deadline of {plan.profile.users.deadline_s:g} s"
    whole = _measured.forecast_s
    if plan.window_s is None or whole is None or not is_hopeless(plan.window_s, elapsed, whole):
        return ""
    return (
        f"cannot fit its window: at this pace {whole / 60:,.3g} minutes, "
        f"the window has {plan.window_s / 60:,.3g}"
    )


def _note_second(environment: Any, at_s: float) -> None:
    total = environment.stats.total

    def current_ms(share: float) -> float:
        # Locust knows nothing of the last ten seconds before the second is over.
        now = total.get_current_response_time_percentile(share)
        return float(now or total.get_response_time_percentile(share) or 0)

    _measured.timeline.append(
        Second(
            at_s=round(at_s, 2),
            requests=total.num_requests,
            failures=total.num_failures,
            records=tally.records,
            users=environment.runner.user_count,
            p50_ms=current_ms(0.50),
            p95_ms=current_ms(0.95),
        )
    )


def write_figures(environment: Any, **_: Any) -> None:
    """Write the run's figures; the command that started Locust judges them."""
    path = os.environ.get(FIGURES_VARIABLE)
    if not path or not _began:
        return
    total = environment.stats.total
    _measured.requests, _measured.failures = total.num_requests, total.num_failures
    _measured.records, _measured.renewals = tally.records, tally.renewals
    _measured.finished_users, _measured.failed_users = tally.finished_users, tally.failed_users
    _measured.depths = tally.depths
    if not _measured.complete:
        _measured.duration_s = time.perf_counter() - _began[0]
    elif _measured.timeline:
        _measured.duration_s = _measured.timeline[-1].at_s
    _measured.p50_ms, _measured.p95_ms, _measured.p99_ms = _percentiles(total)
    _measured.operations = [
        OperationFigures(
            operation=name, method=method, requests=entry.num_requests,
            failures=entry.num_failures, mean_ms=round(entry.avg_response_time, 2),
            max_ms=entry.max_response_time or 0,
            mean_bytes=round(entry.avg_content_length, 1),
            **dict(zip(("p50_ms", "p95_ms", "p99_ms"), _percentiles(entry), strict=True)),
        )
        for (name, method), entry in sorted(environment.stats.entries.items())
    ]  # fmt: skip
    _measured.errors = sorted(
        {f"{error.name}: {error.error}" for error in environment.stats.errors.values()}
    )[:50]
    runner = environment.runner
    _measured.cpu_warning = bool(runner.cpu_warning_emitted or runner.worker_cpu_warning_emitted)
    target = Path(path)
    fresh = target.with_suffix(".new")
    fresh.write_bytes(msgspec.json.encode(_measured))
    fresh.replace(target)
    environment.process_exit_code = 0


def _percentiles(entry: Any) -> tuple[float, ...]:
    return tuple(entry.get_response_time_percentile(share) or 0 for share in (0.50, 0.95, 0.99))


# Called rather than used as decorators, and as Any: Locust's hooks have no types.
_hooks: Any = events
_hooks.init.add_listener(prepare)
_hooks.test_start.add_listener(begin)
_hooks.quitting.add_listener(write_figures)
