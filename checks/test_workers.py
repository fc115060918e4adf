"""The service's jobs over sockets, on SQLite: asked for, scheduled, paused, killed and taken up."""

import json
import socket
import threading
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

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
from checks.service_stage import Serve
from checks.support import Up, environment, homeroom
from checks.worlds import canvas, control, focus, new_space
from homeroom.features.histories.classroom import Classroom
from homeroom.reference.onboarding.registry import Registry
from homeroom.reference.workflows.durable import Job, JobError, JobStatus, Runner

# Half a second for stages, five at most for open connections, and the rest for a busy machine.
STOPPED_S = 15
# A name that was public when it was entered.
REBOUND = "sis.rebound.example"


def quick(registry: Registry) -> Runner:
    """Make a runner that looks about often, and asks a peer that is unwell once."""
    return Runner(registry, look_every_s=0.1, retry_waits_s=())


class Clock:
    """A clock that a check sets; between settings it stands."""

    def __init__(self) -> None:
        self.now = datetime.fromisoformat(NOW)

    def __call__(self) -> datetime:
        """Tell the time."""
        return self.now


@pytest.fixture(scope="module")
def up() -> Iterator[Up]:
    with Up("--district", "empty", validate="none") as running:
        yield running


@pytest.fixture
def close() -> Iterator[ExitStack]:
    """What is left to a test's end, passed or failed."""
    with ExitStack() as stack:
        yield stack


def space_of(up: Up, seed: int) -> dict[str, Any]:
    """Make a tiny district of its own."""
    return new_space(up.document, district="tiny", seed=seed, now=NOW)


def imports_of(document: Mapping[str, Any]) -> list[Any]:
    """Give the SIS imports that Canvas was sent."""
    found = canvas(document, "GET", "/accounts/1/sis_imports").json()["sis_imports"]
    return list(found)


def graded_class(document: Mapping[str, Any], scores: int) -> tuple[str, int]:
    """Have a teacher publish a course and grade an assignment; give the class and the course."""
    terms = focus(document, "/terms?limit=1000").json()["academicSessions"]
    today = NOW[:10]
    open_ = {each["sourcedId"] for each in terms if each["startDate"] <= today <= each["endDate"]}
    classes = focus(document, "/classes?limit=1000").json()["classes"]
    class_id = min(
        each["sourcedId"]
        for each in classes
        if open_ & {term["sourcedId"] for term in each["terms"]}
    )
    rows = focus(document, f"/classes/{class_id}/students").json()["users"]
    students = sorted(row["sourcedId"] for row in rows)
    group = focus(document, "/categories").json()["categories"][0]["title"]
    classroom = Classroom(document)
    course = classroom.course_of(class_id)
    classroom.publish(course)
    due = datetime.fromisoformat(NOW) + timedelta(days=7)
    made = classroom.assignment(course, "Essay", due_at=due, group=group, points=10)
    for number, student in enumerate(students[:scores]):
        classroom.grade(course, made, student, number % 11)
    classroom.close()
    return class_id, course


def test_a_night_and_grades_by_hand_leave_a_history_that_outlives_the_service(
    up: Up, tmp_path: Path, close: ExitStack
) -> None:
    document, key = space_of(up, 11), make_key()
    registry = open_registry(tmp_path, key)
    enrol(registry, document, "wakulla")
    runner = quick(registry)
    close.callback(runner.shutdown, wait_s=10)
    runner.launch(schedule=False)
    plan = await_job(runner, runner.run_now("wakulla", "night", asked_by="ann", plan_only=True))
    assert (plan.status, plan.summary) == (
        JobStatus.COMPLETED,
        "would be 958 added, 0 changed, 0 removed",
    )
    assert imports_of(document) == []
    night = await_job(runner, runner.run_now("wakulla", "night", asked_by="ann"))
    assert [stage.name for stage in night.stages] == ["resume", "plan", "import", "verify"]
    assert (night.status, night.stage, night.asked_by) == (JobStatus.COMPLETED, "", "ann")
    assert seats_in_canvas(document) == seats_in_focus(document)
    told = runner.plan(night.id)
    assert told is not None
    assert told["counts"]["sections"]["added"] == 36

    class_id, course = graded_class(document, 5)
    grades = await_job(runner, runner.run_now("wakulla", "grades", asked_by="ann"))
    assert grades.status is JobStatus.COMPLETED, grades.summary
    assert grades.totals["results_sent"] >= 5
    titles = {each["title"]: each["sent"] for each in runner.outcomes(grades.id, course=course)}
    assert titles["Essay"] == 5
    again = await_job(runner, runner.run_now("wakulla", "grades", asked_by="ann"))
    assert again.totals["results_sent"] == 0
    results = focus(document, f"/classes/{class_id}/results").json()["results"]
    items = focus(document, f"/classes/{class_id}/lineItems").json()["lineItems"]
    essays = [each["sourcedId"] for each in items if each["title"] == "Essay"]
    assert sum(each["lineItem"]["sourcedId"] in essays for each in results) == 5
    assert runner.shutdown(wait_s=10) == 0
    registry.engine.dispose()

    later = Runner(open_registry(tmp_path, key))
    assert [job.id for job in later.jobs()] == [again.id, grades.id, night.id, plan.id]
    assert later.jobs(kind="night", limit=1) == [night]
    assert later.jobs(before=grades.id) == [night, plan]
    assert later.outcomes(grades.id, course=course)


def test_schedules_run_once_a_slot_and_a_rollover_is_waited_for(
    up: Up, tmp_path: Path, close: ExitStack
) -> None:
    document, clock = space_of(up, 12), Clock()
    registry = open_registry(tmp_path, make_key(), clock=clock)
    enrol(registry, document, "wakulla", time_zone="UTC", night_at="20:00", grades_at="21:00")
    today, day = clock.now.date(), timedelta(days=1)
    runner = quick(registry)
    close.callback(runner.shutdown, wait_s=10)

    def look_at(now: datetime, *, keep: bool = False) -> list[Job]:
        """Set the clock, let the service look about, and give what it has asked for since."""
        known, clock.now = {job.id for job in runner.jobs()}, now
        runner.launch(work=False)
        asked = [job for job in reversed(runner.jobs()) if job.id not in known]
        runner.shutdown()
        for job in asked:
            if not keep:
                runner.cancel(job.id, asked_by="check")
        return asked

    noon = clock.now
    assert look_at(noon) == []
    assert runner.next_at(registry.find("wakulla"), "night") == noon.replace(hour=20)
    (night,) = look_at(noon.replace(hour=20), keep=True)
    assert (night.id, night.asked_by) == (f"night-wakulla-{today:%Y%m%d}T2000", "schedule")
    runner.launch()
    await_job(runner, night.id)
    runner.shutdown(wait_s=10)
    # Nobody was there for three days: one night and one grade sync, not three of each.
    missed = look_at(noon + 3 * day)
    assert [job.kind for job in missed] == ["night", "grades"]
    registry.change("wakulla", who="check", paused=True)
    assert look_at(noon + 4 * day) == []
    registry.change("wakulla", who="check", paused=False)
    assert look_at(noon + 4 * day) == []
    assert [job.kind for job in look_at(noon + 5 * day)] == ["night", "grades"]

    window = (today + 6 * day, today + 8 * day)
    registry.change("wakulla", who="check", pauses=[window])
    # Grades go on through a rollover; nights do not, nor by hand.
    within = look_at(noon + 7 * day)
    assert [job.kind for job in within] == ["grades"]
    with pytest.raises(JobError, match="is in its rollover"):
        runner.run_now("wakulla", "night", asked_by="ann")
    ends = noon.replace(hour=20) + 8 * day
    assert runner.next_at(registry.find("wakulla"), "night") == ends
    first, yesterday = look_at(ends, keep=True)
    assert (first.kind, yesterday.kind) == ("night", "grades")
    runner.launch(schedule=False)
    held = await_job(runner, first.id)
    assert (held.status, held.stage) == (JobStatus.HELD, "plan")
    assert "first night after the rollover" in held.summary
    released = await_job(runner, runner.release(held.id, asked_by="ann"))
    assert released.status is JobStatus.COMPLETED, released.summary
    assert runner.job(held.id).released_by == released.id
    with pytest.raises(JobError, match="released already"):
        runner.release(held.id, asked_by="ann")
    clock.now += day
    after = await_job(runner, runner.run_now("wakulla", "night", asked_by="ann"))
    assert after.status is JobStatus.COMPLETED, after.summary
    assert runner.shutdown(wait_s=10) == 0


def test_killed_in_an_import_and_between_results_a_job_goes_on_and_sends_nothing_again(
    up: Up, tmp_path: Path
) -> None:
    document, key = space_of(up, 13), make_key()
    registry = open_registry(tmp_path, key)
    enrol(registry, document, "wakulla", choices={"course_grade": "off"})
    runner = Runner(registry)
    set_jobs(document, "manual")
    night_id = runner.run_now("wakulla", "night", asked_by="ann")
    with Worker(tmp_path, key) as first:
        await_job(runner, night_id, partial(is_sent, document))
        first.kill()
    assert runner.job(night_id).status is JobStatus.IN_PROGRESS
    set_jobs(document, "auto")
    when = {"fake": "focus", "operation": "putResult"}
    slow = {"when": when, "act": {"kind": "delay", "seconds": 0.15}}
    with Worker(tmp_path, key) as second:
        env = environment(HOMEROOM_VAULT_KEY=key)
        refused = homeroom("work", "--state", str(tmp_path), env=env)
        assert refused.code == 2
        assert f"another process (pid {second.process.pid}) works on" in refused.err
        assert "Traceback" not in refused.err
        night = await_job(runner, night_id)
        assert (night.status, night.starts, night.worker) == (
            JobStatus.COMPLETED,
            2,
            second.name,
        )
        assert [stage.name for stage in night.stages] == ["resume", "plan", "import", "verify"]
        assert len(imports_of(document)) == 1
        assert seats_in_canvas(document) == seats_in_focus(document)
        class_id, _ = graded_class(document, 18)
        made = control(document, "POST", "/faults", slow)
        assert made.status == 201, made.body
        grades_id = runner.run_now("wakulla", "grades", asked_by="ann")
        await_job(runner, grades_id, lambda _: len(results_of(document, class_id)) >= 4)
        second.kill()
    assert control(document, "DELETE", f"/faults/{made.json()['id']}").status in {200, 204}
    with Worker(tmp_path, key) as third:
        grades = await_job(runner, grades_id)
        assert third.stop() == 0
    assert (grades.status, grades.starts) == (JobStatus.COMPLETED, 2), grades.summary
    assert len(results_of(document, class_id)) == 18
    journal = control(document, "GET", "/journal?operationId=putResult").json()["requests"]
    puts = Counter(each["path"] for each in journal)
    assert len(puts) == 18
    assert set(puts.values()) == {1}
    secrets = (document["canvas"]["token"], document["oneroster"]["client_secret"], key)
    logs = "".join(worker.log.read_text() for worker in (first, second, third))
    assert not [each for each in secrets if each in logs]


def is_sent(document: Mapping[str, Any], job: Job) -> bool:
    """Whether a night has sent its import and waits for it."""
    return job.stage == "import" and bool(imports_of(document))


def set_jobs(document: Mapping[str, Any], mode: str) -> None:
    """Let Canvas's imports go on by themselves, or wait."""
    assert control(document, "POST", "/canvas/jobs", {"mode": mode}).status == 200


def results_of(document: Mapping[str, Any], class_id: str) -> list[Any]:
    """Give the results of a class as the SIS has them."""
    return list(focus(document, f"/classes/{class_id}/results").json()["results"])


def test_a_name_that_leads_home_by_night_is_not_asked(
    up: Up, tmp_path: Path, close: ExitStack, monkeypatch: pytest.MonkeyPatch
) -> None:
    document, key = space_of(up, 18), make_key()
    known = partial(journal_of, document)
    registry = open_registry(tmp_path, key, private=False)
    elsewhere = json.loads(json.dumps(document).replace("//127.0.0.1:", f"//{REBOUND}:"))
    enrol(registry, elsewhere, "wakulla")
    find = socket.getaddrinfo

    def lead_home(host: Any, *rest: Any, **more: Any) -> Any:
        return find("127.0.0.1" if host == REBOUND else host, *rest, **more)

    monkeypatch.setattr(socket, "getaddrinfo", lead_home)
    # Where such peers are allowed it is a name like any other.
    allowed = quick(open_registry(tmp_path, key))
    close.callback(allowed.shutdown, wait_s=10)
    allowed.launch(schedule=False)
    night = await_job(allowed, allowed.run_now("wakulla", "night", asked_by="ann"))
    assert night.status is JobStatus.COMPLETED, night.summary
    assert allowed.shutdown(wait_s=10) == 0

    runner, before = quick(registry), known()
    close.callback(runner.shutdown, wait_s=10)
    runner.launch(schedule=False)
    for kind in ("night", "grades"):
        job = await_job(runner, runner.run_now("wakulla", kind, asked_by="ann"))
        assert (job.status, known()) == (JobStatus.FAILED, before)
        assert f"{REBOUND} is an address of this machine" in job.summary
    assert runner.shutdown(wait_s=10) == 0


def journal_of(document: Mapping[str, Any]) -> int:
    """Count the requests that both fakes have had."""
    return len(control(document, "GET", "/journal").json()["requests"])


def test_a_running_job_is_cancelled_before_its_next_stage(
    up: Up, tmp_path: Path, close: ExitStack
) -> None:
    document, key = space_of(up, 15), make_key()
    registry = open_registry(tmp_path, key)
    enrol(registry, document, "wakulla")
    runner = quick(registry)
    close.callback(runner.shutdown, wait_s=10)
    set_jobs(document, "manual")
    runner.launch(schedule=False)
    job_id = runner.run_now("wakulla", "night", asked_by="ann")
    queued = runner.run_now("wakulla", "night", asked_by="ann", full=True)
    await_job(runner, job_id, partial(is_sent, document))
    assert runner.cancel(queued, asked_by="bo").summary == "cancelled by bo before it began"
    runner.cancel(job_id, asked_by="bo")
    set_jobs(document, "auto")
    job = await_job(runner, job_id)
    assert (job.status, job.stage, job.summary) == (
        JobStatus.FAILED,
        "import",
        "cancelled by bo",
    )
    with pytest.raises(JobError, match="nothing to cancel"):
        runner.cancel(job_id, asked_by="bo")
    # What the cancelled one had sent is finished, not sent again.
    after = await_job(runner, runner.run_now("wakulla", "night", asked_by="bo"))
    assert after.status is JobStatus.COMPLETED, after.summary
    assert len(imports_of(document)) == 1
    assert runner.shutdown(wait_s=10) == 0


def test_a_process_told_to_stop_in_a_long_stage_goes_in_time_and_the_next_takes_its_job_up(
    up: Up, tmp_path: Path
) -> None:
    document, key = space_of(up, 17), make_key()
    registry = open_registry(tmp_path, key)
    enrol(registry, document, "wakulla")
    runner = Runner(registry)
    set_jobs(document, "manual")
    night_id = runner.run_now("wakulla", "night", asked_by="ann")
    env = {"HOMEROOM_VAULT_KEY": key, "HOMEROOM_NOW": NOW}
    with Serve(tmp_path, "--grace", "0.5", env=env) as service:
        await_job(runner, night_id, partial(is_sent, document))
        begun = time.monotonic()
        ended = service.stop()
        assert time.monotonic() - begun < STOPPED_S
    assert ended.code == 0, ended.err
    last = json.loads(ended.err.splitlines()[-1])
    assert (last["message"], last["left"]) == ("stopped", 1)
    assert runner.job(night_id).status is JobStatus.IN_PROGRESS
    set_jobs(document, "auto")
    with Worker(tmp_path, key) as worker:
        night = await_job(runner, night_id)
        assert (night.status, night.starts, night.worker) == (
            JobStatus.COMPLETED,
            2,
            worker.name,
        )
        assert worker.stop() == 0
    assert len(imports_of(document)) == 1
    assert seats_in_canvas(document) == seats_in_focus(document)
    registry.engine.dispose()


def test_a_service_told_to_stop_in_a_night_goes_on_with_it_when_started_again(
    up: Up, tmp_path: Path, close: ExitStack
) -> None:
    document = space_of(up, 16)
    registry = open_registry(tmp_path, make_key())
    enrol(registry, document, "wakulla")
    runner = quick(registry)
    close.callback(runner.shutdown, wait_s=10)
    set_jobs(document, "manual")
    runner.launch(schedule=False)
    job_id = runner.run_now("wakulla", "night", asked_by="ann")
    await_job(runner, job_id, partial(is_sent, document))
    finish = threading.Timer(0.3, set_jobs, (document, "auto"))
    finish.start()
    # The stage under way ends; the next does not begin.
    assert runner.shutdown(wait_s=20) == 0
    finish.join()
    stopped = runner.job(job_id)
    assert (stopped.status, stopped.stage) == (JobStatus.IN_PROGRESS, "verify")
    runner.launch(schedule=False)
    job = await_job(runner, job_id)
    assert (job.status, job.starts) == (JobStatus.COMPLETED, 2), job.summary
    assert len(imports_of(document)) == 1
