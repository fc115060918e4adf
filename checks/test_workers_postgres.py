"""PostgreSQL with three worker processes on ten districts, one of them killed at work."""

import json
import time
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
from checks.postgres import Postgres, postgres
from checks.support import Up
from checks.worlds import canvas, control, focus, new_space
from homeroom.reference.workflows.durable import JobStatus, Runner

DISTRICTS = [f"district-{number}" for number in range(10)]
WORKERS = 3
# How long the database is away, at least.
AWAY_S = 2.0


class Service(NamedTuple):
    """Ten districts of one service, each with a space of its own."""

    state: Path
    key: str
    server: Postgres
    runner: Runner
    spaces: dict[str, dict[str, Any]]

    def start(self, close: ExitStack, count: int = WORKERS) -> list[Worker]:
        """Start some workers."""
        options = ("--database", self.server.url)
        return [close.enter_context(Worker(self.state, self.key, *options)) for _ in range(count)]

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
    with postgres() as server, Up("--district", "empty", validate="none") as up:
        registry = open_registry(state, key, url=server.url)
        spaces = {
            district: new_space(up.document, district="tiny", seed=seed, now=NOW)
            for seed, district in enumerate(DISTRICTS, start=21)
        }
        for district, document in spaces.items():
            enrol(registry, document, district)
        runner = Runner(registry)
        yield Service(state, key, server, runner, spaces)
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


def test_nights_go_on_when_their_database_is_restarted(service: Service, close: ExitStack) -> None:
    workers, stuck = service.start(close, 2), DISTRICTS[6:8]
    before = {district: service.imports(district) for district in stuck}
    for district in stuck:
        rename_somebody(service.spaces[district])
        set_jobs(service.spaces[district], "manual")
    asked = dict(zip(stuck, service.ask(stuck), strict=True))
    for job_id in asked.values():
        await_job(
            service.runner,
            job_id,
            lambda job: (
                job.stage == "import"
                and len(service.imports(job.district)) > len(before[job.district])
            ),
        )
    service.server.stop()
    # Canvas ends the imports while nothing can be written down.
    for district in stuck:
        set_jobs(service.spaces[district], "auto")
        await_import(service, district)
    time.sleep(AWAY_S)
    service.server.start()
    for district, job_id in asked.items():
        job = await_job(service.runner, job_id)
        assert job.status is JobStatus.COMPLETED, job.summary
        assert [stage.name for stage in job.stages] == ["resume", "plan", "import", "verify"]
        assert len(service.imports(district)) == len(before[district]) + 1
        document = service.spaces[district]
        assert seats_in_canvas(document) == seats_in_focus(document), district
    # Both are there still, and take what comes next.
    later = [await_job(service.runner, each) for each in service.ask(DISTRICTS[:4])]
    assert {job.status for job in later} == {JobStatus.COMPLETED}
    assert {worker.process.poll() for worker in workers} == {None}
    for worker in workers:
        await_word(worker, f"worker {worker.name} lost its session")
    assert [worker.stop() for worker in workers] == [0, 0]
    for worker in workers:
        log = worker.log.read_text()
        assert "Traceback" not in log
        # A complaint is not repeated, however long the database is away.
        lines = map(json.loads, log.splitlines())
        said = [line["message"] for line in lines if line["from"] == "dbos"]
        complaints = [message.partition(":")[0] for message in said]
        assert len(complaints) == len(set(complaints))


def rename_somebody(document: dict[str, Any]) -> None:
    """Give a night something to send, of which little is read back."""
    user = focus(document, "/students?limit=1").json()["users"][0]
    changed = {**user, "familyName": "Ruiz-Restart"}
    changed.pop("dateLastModified")
    put = control(document, "PUT", f"/focus/users/{user['sourcedId']}", {"user": changed})
    assert put.status < 300, put.body


def await_import(service: Service, district: str) -> None:
    """Wait for a district's newest import to end in Canvas."""
    deadline = time.monotonic() + 30
    where = f"/accounts/1/sis_imports/{max(service.imports(district))}"
    while canvas(service.spaces[district], "GET", where).json()["progress"] < 100:
        assert time.monotonic() < deadline
        time.sleep(0.05)


def await_word(worker: Worker, word: str) -> None:
    """Wait for a worker to say something: it looks after its session every few seconds."""
    deadline = time.monotonic() + 60
    while word not in worker.log.read_text():
        assert time.monotonic() < deadline, f"the log never said {word!r}"
        time.sleep(0.1)


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
