"""How a job's stages are run again, remembered and handed on; with DBOS played by a dict."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.exc import OperationalError

from homeroom.reference.errors import FatalError, RetryableError
from homeroom.reference.onboarding.registry import Registry
from homeroom.reference.workflows.durable import Runner
from homeroom.reference.workflows.durable.bench import Bench, Interrupted, Told, value_of
from homeroom.reference.workflows.durable.jobs import Job
from homeroom.reference.workflows.durable.nights import run_night_job
from homeroom.reference.workflows.durable.presence import OnlyOne
from homeroom.reference.workflows.durable.store import Store
from homeroom.reference.workflows.durable.tests.districts import Clock, registry_in
from homeroom.reference.workflows.memory import InUseError, locked


@pytest.fixture
def registry(tmp_path: Path) -> Iterator[Registry]:
    registry = registry_in(tmp_path, Clock())
    yield registry
    registry.engine.dispose()


@pytest.fixture
def bench(registry: Registry) -> Bench:
    store = Store(registry.engine)
    return Bench(registry, store, worker="w", clock=registry.clock, retry_waits_s=(0.0, 0.0))


@pytest.fixture
def job(registry: Registry, bench: Bench) -> Iterator[Job]:
    runner = Runner(registry)
    job = bench.store.begin(runner.run_now("d", "night", asked_by="ann"), "w", registry.clock())
    assert job is not None
    yield job
    runner.shutdown()


class Failing:
    """A stage that fails some times, then gives 7."""

    def __init__(self, *errors: Exception) -> None:
        self.errors, self.calls = list(errors), 0

    def __call__(self) -> int:
        self.calls += 1
        if self.errors:
            raise self.errors.pop(0)
        return 7


def test_a_stage_is_run_again_while_a_peer_is_unwell(bench: Bench, job: Job) -> None:
    stage = Failing(RetryableError("a"), RetryableError("b"))
    assert value_of(bench.try_stage(job, "plan", stage), int) == 7
    assert stage.calls == 3


@pytest.mark.parametrize(
    ("errors", "calls"),
    [([RetryableError("unwell")] * 3, 3), ([FatalError("unwell")], 1)],
)
def test_what_stays_wrong_is_told_as_it_was_said(
    bench: Bench, job: Job, errors: list[Exception], calls: int
) -> None:
    stage = Failing(*errors)
    with pytest.raises(FatalError, match=r"^unwell$"):
        value_of(bench.try_stage(job, "plan", stage), int)
    assert stage.calls == calls


def test_no_stage_begins_once_the_process_is_to_end(bench: Bench, job: Job) -> None:
    stage = Failing()
    bench.stopping.set()
    with pytest.raises(Interrupted):
        bench.try_stage(job, "plan", stage)
    assert stage.calls == 0


def test_a_busy_state_folder_is_waited_for(
    bench: Bench, job: Job, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("homeroom.reference.workflows.durable.bench.LOOK_S", 0.01)
    stage = Failing(InUseError("busy"), InUseError("busy"))
    assert bench.wait_for_folder(job, stage) == 7
    monkeypatch.setattr("homeroom.reference.workflows.durable.bench.PATIENCE_S", 0.0)
    with pytest.raises(InUseError):
        bench.wait_for_folder(job, Failing(InUseError("busy")))


def test_a_night_taken_up_again_runs_only_what_is_left(
    bench: Bench, job: Job, registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: dict[str, Told] = {}
    ran = list[str]()

    def remember(name: str, step: Callable[[], Told], /) -> Told:
        if name not in done:
            told = step()
            if name == "import" and len(ran) == 3:
                raise Interrupted  # killed after the stage, before it was written down
            done[name] = told
        return done[name]

    def night(_settings: Any, **asked: Any) -> Any:
        stages = asked["stages"]
        for name, value in (("resume", None), ("plan", "r-1"), ("import", [1, 2])):

            def stage(name: str = name, value: Any = value) -> Any:
                ran.append(name)
                return value

            assert stages(name, stage, Any) == value
        raise FatalError("the end")

    monkeypatch.setattr("homeroom.reference.workflows.durable.nights.run_night", night)
    district = registry.find("d")
    with pytest.raises(Interrupted):
        run_night_job(bench, job, district, remember)
    running = bench.store.find(job.id)
    assert (running.stage, running.run, len(running.stages)) == ("import", "r-1", 3)
    again = bench.store.begin(job.id, "w-2", registry.clock())
    assert again is not None
    assert (again.starts, again.started_at) == (2, job.started_at)
    with pytest.raises(FatalError, match="the end"):
        run_night_job(bench, again, district, remember)
    assert ran == ["resume", "plan", "import", "import"]
    stages = bench.store.find(job.id).stages
    assert [(stage.name, stage.counts) for stage in stages] == [
        ("resume", {}),
        ("plan", {}),
        ("import", {"drift": 2}),
    ]


def test_a_worker_that_lost_a_job_writes_nothing_more_of_it(
    bench: Bench, job: Job, registry: Registry
) -> None:
    assert bench.store.begin(job.id, "w-2", registry.clock()) is not None
    bench.store.note(job, stage="plan")
    assert bench.store.find(job.id).stage == ""


def test_a_second_process_on_a_sqlite_file_is_refused(tmp_path: Path) -> None:
    first = OnlyOne(tmp_path / "service.sqlite")
    with pytest.raises(FatalError, match=r"another process \(pid \d+\) works on .*service.sqlite"):
        OnlyOne(tmp_path / "service.sqlite")
    first.close()
    OnlyOne(tmp_path / "service.sqlite").close()


def test_a_lock_is_not_held_twice_by_one_process_either(tmp_path: Path) -> None:
    with locked(tmp_path), pytest.raises(InUseError), locked(tmp_path):
        pass


def test_what_is_written_waits_for_a_database_that_is_away(
    bench: Bench, job: Job, monkeypatch: pytest.MonkeyPatch
) -> None:
    away = [OperationalError("", None, Exception("server closed the connection"))]
    begin = bench.store.engine.begin

    def flaky() -> Any:
        if away:
            raise away.pop()
        return begin()

    monkeypatch.setattr(bench.store.engine, "begin", flaky)
    bench.store.note(job, stage="plan")
    assert not away
    assert bench.store.find(job.id).stage == "plan"
