"""PostgreSQL with three worker processes on ten districts, one of them killed at work."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from checks.districts import (
    NOW,
    Worker,
    await_job,
    enrol,
    make_key,
    open_registry,
    seats_in_canvas,
    seats_in_focus,
)
from checks.postgres import postgres
from checks.support import Up
from checks.worlds import canvas, control, new_space
from homeroom.reference.workflows.durable import JobStatus, Runner

DISTRICTS = [f"district-{number}" for number in range(10)]
WORKERS = 3


class Service(NamedTuple):
    """Ten districts of one service, each with a space of its own."""

    state: Path
    key: str
    url: str
    runner: Runner
    spaces: dict[str, dict[str, Any]]

    def start(self, close: ExitStack) -> list[Worker]:
        """Start the workers."""
        options = ("--database", self.url)
        return [close.enter_context(Worker(self.state, self.key, *options)) for _ in range(WORKERS)]

    def ask(self, districts: Sequence[str] = DISTRICTS, **options: Any) -> list[str]:
        """Ask for a night of each district."""
        return [self.runner.run_now(each, "night", asked_by="ann", **options) for each in districts]

    def imports(self, district: str) -> list[int]:
        """Give the ids of the SIS imports that a district's Canvas was sent."""
        answer = canvas(self.spaces[district], "GET", "/accounts/1/sis_imports?per_page=100")
        return [each["id"] for each in answer.json()["sis_imports"]]


@pytest.fixture
def close() -> Iterator[ExitStack]:
    """What is left to a test's end, passed or failed."""
    with ExitStack() as stack:
        yield stack


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    state, key = tmp_path_factory.mktemp("service"), make_key()
    with postgres() as url, Up("--district", "empty", validate="none") as up:
        registry = open_registry(state, key, url=url)
        spaces = {
            district: new_space(up.document, district="tiny", seed=seed, now=NOW)
            for seed, district in enumerate(DISTRICTS, start=21)
        }
        for district, document in spaces.items():
            enrol(registry, document, district)
        runner = Runner(registry)
        yield Service(state, key, url, runner, spaces)
        runner.shutdown()
        registry.engine.dispose()


def test_three_workers_keep_ten_districts_right_though_one_of_them_is_killed(
    service: Service, close: ExitStack
) -> None:
    workers = service.start(close)
    # Two jobs a district, so that a worker is free to take the next while one is under way.
    jobs = [await_job(service.runner, each) for each in service.ask() + service.ask(plan_only=True)]
    assert {job.status for job in jobs} == {JobStatus.COMPLETED}, jobs[0].summary
    assert {job.worker for job in jobs} == {worker.name for worker in workers}
    for district, document in service.spaces.items():
        assert seats_in_canvas(document) == seats_in_focus(document), district
        assert len(service.imports(district)) == 1

    # Two districts' imports wait in Canvas; the worker that has one of them dies.
    stuck, others = DISTRICTS[:2], DISTRICTS[2:6]
    for district in stuck:
        set_jobs(service.spaces[district], "manual")
    again = service.ask(stuck + others, full=True)
    asked = dict(zip(stuck + others, again, strict=True))
    for district in stuck:
        await_job(
            service.runner,
            asked[district],
            lambda job: job.stage == "import" and len(service.imports(job.district)) == 2,
        )
    name = service.runner.job(asked[stuck[0]]).worker
    victim = next(worker for worker in workers if worker.name == name)
    victim.kill()
    theirs = {
        each for each in again
        if (job := service.runner.job(each)).worker == name and not job.status.ended
    }  # fmt: skip
    assert asked[stuck[0]] in theirs
    for district in stuck:
        set_jobs(service.spaces[district], "auto")
    after = [await_job(service.runner, each) for each in again]
    assert {job.status for job in after} == {JobStatus.COMPLETED}, after[0].summary
    assert {job.id for job in after if job.starts > 1} == theirs
    assert name not in {job.worker for job in after if job.id in theirs}
    for district in asked:
        assert len(service.imports(district)) == 2, district
    for district in stuck:
        document = service.spaces[district]
        assert seats_in_canvas(document) == seats_in_focus(document), district
    assert [worker.stop() for worker in workers if worker is not victim] == [0] * (WORKERS - 1)
    assert_one_at_a_time(workers, name)


def set_jobs(document: dict[str, Any], mode: str) -> None:
    """Let Canvas's imports go on by themselves, or wait."""
    assert control(document, "POST", "/canvas/jobs", {"mode": mode}).status == 200


def assert_one_at_a_time(workers: Sequence[Worker], victim: str) -> None:
    """In the logs no district's job begins before the one before has ended, or died."""
    lines = sorted((line for worker in workers for line in worker.told()), key=_at)
    begun: dict[str, tuple[str, str]] = {}
    for line in lines:
        now, district = (line["job"], line.get("worker", "")), line["district"]
        if "status" in line:
            assert begun.pop(district)[0] == line["job"]
        elif line["message"].startswith(f"job {line['job']}: start"):
            before = begun.get(district)
            assert before is None or before == (line["job"], victim), (before, now)
            begun[district] = now
    assert begun == {}
    assert sum("status" in line for line in lines) >= len(DISTRICTS)


def _at(line: dict[str, Any]) -> str:
    return str(line["at"])
