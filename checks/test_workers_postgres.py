"""PostgreSQL with three worker processes on ten districts, one of them killed at work."""

import time
from collections import Counter
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

    def ask(self, **options: Any) -> list[str]:
        """Ask for a night of every district."""
        return [self.runner.run_now(each, "night", asked_by="ann", **options) for each in DISTRICTS]

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


def test_ten_districts_are_right_and_none_is_ever_in_two_hands(
    service: Service, close: ExitStack
) -> None:
    # Two jobs a district, so that a worker is free to take the next while one is under way.
    asked = service.ask() + service.ask(full=True)
    workers = service.start(close)
    jobs = [await_job(service.runner, job_id) for job_id in asked]
    assert Counter(job.status for job in jobs) == {JobStatus.COMPLETED: 20}, jobs[0].summary
    assert {job.worker for job in jobs} == {worker.name for worker in workers}
    assert_one_at_a_time(workers)
    for district, document in service.spaces.items():
        assert seats_in_canvas(document) == seats_in_focus(document), district
        assert len(service.imports(district)) == 2
    assert [worker.stop() for worker in workers] == [0] * WORKERS


def test_a_worker_killed_at_work_is_stood_in_for_and_no_import_is_sent_twice(
    service: Service, close: ExitStack
) -> None:
    before = {district: service.imports(district) for district in DISTRICTS}
    stuck = DISTRICTS[:2]
    for district in stuck:
        answer = control(service.spaces[district], "POST", "/canvas/jobs", {"mode": "manual"})
        assert answer.status == 200
    workers = service.start(close)
    asked = dict(zip(DISTRICTS, service.ask(full=True), strict=True))
    # Two districts' imports wait in Canvas; the worker that has one of them dies.
    for district in stuck:
        deadline = time.monotonic() + 60
        while len(service.imports(district)) == len(before[district]):
            assert time.monotonic() < deadline
            time.sleep(0.05)
    at = await_job(service.runner, asked[stuck[0]], lambda job: job.stage == "import")
    victim = next(worker for worker in workers if worker.name == at.worker)
    theirs = {
        job.id for job in service.runner.jobs()
        if job.worker == victim.name and job.status is JobStatus.IN_PROGRESS
    }  # fmt: skip
    assert at.id in theirs
    victim.kill()
    for district in stuck:
        answer = control(service.spaces[district], "POST", "/canvas/jobs", {"mode": "auto"})
        assert answer.status == 200
    jobs = {district: await_job(service.runner, asked[district]) for district in DISTRICTS}
    assert Counter(job.status for job in jobs.values()) == {JobStatus.COMPLETED: 10}
    assert victim.name not in {job.worker for job in jobs.values() if job.id in theirs}
    assert {job.id for job in jobs.values() if job.starts > 1} == theirs
    assert_one_at_a_time(workers, victim.name)
    for district, document in service.spaces.items():
        assert len(service.imports(district)) == len(before[district]) + 1, district
        assert seats_in_canvas(document) == seats_in_focus(document), district
    assert [worker.stop() for worker in workers if worker is not victim] == [0] * (WORKERS - 1)


def assert_one_at_a_time(workers: Sequence[Worker], victim: str = "") -> None:
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
