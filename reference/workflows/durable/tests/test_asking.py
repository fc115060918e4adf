"""What can be asked of jobs, and what is refused; nothing is worked off here."""

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from homeroom.reference.onboarding.districts import UnknownDistrictError
from homeroom.reference.onboarding.registry import Registry
from homeroom.reference.workflows.durable import JobError, JobStatus, Runner, UnknownJobError
from homeroom.reference.workflows.durable.bench import Bench
from homeroom.reference.workflows.durable.jobqueue import JobQueue
from homeroom.reference.workflows.durable.planner import Planner
from homeroom.reference.workflows.durable.store import Store
from homeroom.reference.workflows.durable.tests.districts import Clock, registry_in


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def registry(tmp_path: Path, clock: Clock) -> Iterator[Registry]:
    registry = registry_in(tmp_path, clock)
    yield registry
    registry.engine.dispose()


@pytest.fixture
def runner(registry: Registry) -> Iterator[Runner]:
    runner = Runner(registry)
    yield runner
    runner.shutdown()


def test_what_was_asked_is_queued_and_listed_newest_first(runner: Runner) -> None:
    first = runner.run_now("d", "night", asked_by="ann")
    second = runner.run_now("d", "grades", asked_by="bo", courses=("c-1",), remaster=True)
    assert [job.id for job in runner.jobs("d")] == [second, first]
    job = runner.job(second)
    assert (job.status, job.asked_by, job.starts) == (JobStatus.QUEUED, "bo", 0)
    assert job.options == {"courses": ["c-1"], "remaster": True}
    assert runner.jobs("d", before=second) == [runner.job(first)]
    assert runner.jobs("other") == []


@pytest.mark.parametrize(
    ("kind", "options", "told"),
    [
        ("roster", {}, "kind is 'roster'; allowed are night, grades"),
        ("night", {"courses": ()}, r"options of night: .*courses.*known are plan_only, full"),
        ("night", {"full": "yes"}, r"options of night: .*full"),
        ("grades", {"courses": (1,)}, r"options of grades: .*courses"),
    ],
)
def test_an_option_that_is_none_is_named_with_what_is_known(
    runner: Runner, kind: Any, options: dict[str, Any], told: str
) -> None:
    with pytest.raises(JobError, match=told):
        runner.run_now("d", kind, asked_by="ann", **options)
    assert runner.jobs() == []


def test_the_same_asked_twice_is_queued_once(runner: Runner) -> None:
    first = runner.run_now("d", "night", asked_by="ann")
    with pytest.raises(JobError, match=f"{first} asks for the same"):
        runner.run_now("d", "night", asked_by="bo")
    runner.run_now("d", "night", asked_by="bo", plan_only=True)
    assert len(runner.jobs()) == 2


def test_a_district_that_is_not_so_far_is_refused(runner: Runner, registry: Registry) -> None:
    registry.step_back("d", who="test", reason="")
    with pytest.raises(JobError, match="d is at provisioning: grades are passed back once"):
        runner.run_now("d", "grades", asked_by="ann")
    registry.step_back("d", who="test", reason="")
    with pytest.raises(JobError, match="d is at connected: nights run once"):
        runner.run_now("d", "night", asked_by="ann")
    # A plan changes nothing: it may be looked at before provisioning is switched on.
    assert runner.run_now("d", "night", asked_by="ann", plan_only=True)
    with pytest.raises(UnknownDistrictError):
        runner.run_now("e", "night", asked_by="ann")


def test_no_night_is_asked_for_in_a_rollover(runner: Runner, registry: Registry) -> None:
    registry.change("d", who="test", pauses=[(date(2026, 9, 14), date(2026, 9, 20))])
    with pytest.raises(JobError, match="in its rollover of 2026-09-14 to 2026-09-20"):
        runner.run_now("d", "night", asked_by="ann")
    assert runner.run_now("d", "night", asked_by="ann", plan_only=True)
    assert runner.run_now("d", "grades", asked_by="ann")


def test_a_queued_job_is_cancelled_at_once(runner: Runner) -> None:
    job = runner.cancel(runner.run_now("d", "night", asked_by="ann"), asked_by="bo")
    assert (job.status, job.summary) == (JobStatus.FAILED, "cancelled by bo before it began")
    with pytest.raises(JobError, match="is Failed already"):
        runner.cancel(job.id, asked_by="bo")
    with pytest.raises(UnknownJobError, match="there is no job 'j'"):
        runner.cancel("j", asked_by="bo")


def test_only_the_newest_held_night_is_released_and_once(
    runner: Runner, registry: Registry
) -> None:
    store, ids = Store(registry.engine), list[str]()
    for _ in range(2):
        ids.append(runner.run_now("d", "night", asked_by="ann"))
        job = store.begin(ids[-1], "worker", registry.clock())
        assert job is not None
        store.end(ids[-1], JobStatus.HELD, "held", registry.clock(), {"run": "r"})
    with pytest.raises(JobError, match=f"{ids[1]} ran since"):
        runner.release(ids[0], asked_by="bo")
    released = runner.release(ids[1], asked_by="bo")
    assert (runner.job(released).releases, runner.job(ids[1]).released_by) == (ids[1], released)
    with pytest.raises(JobError, match="was released already"):
        runner.release(ids[1], asked_by="bo")
    with pytest.raises(JobError, match="only a held night is released"):
        runner.release(released, asked_by="bo")
    # Cancelled before it began, it may be released again.
    runner.cancel(released, asked_by="bo")
    assert runner.release(ids[1], asked_by="bo")


def test_two_workers_that_look_at_once_queue_one_night(registry: Registry, clock: Clock) -> None:
    store, queue = Store(registry.engine), JobQueue(registry.engine)
    planners = [
        Planner(
            Bench(registry, store, worker=f"w-{number}", clock=clock),
            queue,
            presence=None,
            asks=True,
            every_s=1,
        )
        for number in range(2)
    ]
    for _ in range(3):
        for planner in planners:
            planner.look()
        clock.now += timedelta(hours=5)
    queue.close()
    assert [job.id for job in store.find_all()] == ["night-d-20260915T0200"]


def test_history_is_kept_for_a_year_and_outcomes_for_two_months(
    runner: Runner, registry: Registry, clock: Clock
) -> None:
    store = Store(registry.engine)
    job = runner.run_now("d", "grades", asked_by="ann")
    store.put_outcomes(job, 7, 0, [{"title": "Essay"}])
    store.put_outcomes(job, 7, 0, [{"title": "Essay"}, {"title": "Quiz"}])
    assert [each["title"] for each in runner.outcomes(job)] == ["Essay", "Quiz"]
    store.end(job, JobStatus.COMPLETED, "", clock.now)
    for days, kept in ((50, (1, 2)), (70, (1, 0)), (500, (0, 0))):
        now = clock.now + timedelta(days=days)
        store.forget(
            jobs_before=now - timedelta(days=430), outcomes_before=now - timedelta(days=60)
        )
        assert (len(runner.jobs()), len(store.outcomes(job, None))) == kept
