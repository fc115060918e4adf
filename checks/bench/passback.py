"""Grades back to the SIS: PUTs a second against a bare one-thread httpx.Client loop (P8)."""

import itertools
import shutil
import tempfile
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import httpx
import orjson

from checks.bench.focus import token_of
from checks.bench.measure import Asked, Bar, Found, Series, interleave, spend
from checks.support import Up, homeroom, subject_environment
from homeroom.certify.control import ControlClient, SpaceHandle
from homeroom.features.histories.calendar import Calendar
from homeroom.features.histories.classroom import Classroom
from homeroom.features.histories.school import School

SCHOOL, CLASS = "Lakeside High", "Algebra 1 Period 1"
THREADS = (1, 2, 4)
ASSIGNMENTS = 3
SLACK = 0.95
"""What counts as not falling: this share of the rate at half the concurrency."""


def run(asked: Asked) -> Found:
    """Send every score of one big class again and again, with more and more threads."""
    students = 100 if asked.quick else 300
    folder = Path(tempfile.mkdtemp(prefix="homeroom-bench-"))
    with Up("--district", "empty", validate="off") as up:
        access = up.document["control"]
        with ControlClient(access["url"], access["token"]) as client:
            space = client.new_space(now=Calendar().night(0))
            env = _grade(space, folder, students)
            sides = {
                f"passback, {count} threads: PUT/s": _passback(space, env, folder, count)
                for count in THREADS
            }
            bare = "bare httpx.Client loop, one thread: PUT/s"
            sides = {bare: partial(_bare, space), **sides}
            next(reversed(sides.values()))()  # so that there are results to put
            found = interleave(sides, rounds=asked.rounds)
    shutil.rmtree(folder)
    rates = [found[name].median for name in sides if name != bare]
    steps = [after / before for before, after in itertools.pairwise(rates)]
    bars = [
        Bar(
            id="P8",
            text="passback (4 threads, the default) / bare httpx.Client loop",
            ratio=rates[-1] / found[bare].median,
            needed=1.0,
        ),
        Bar(
            id="P8 threads",
            text="PUT/s with twice the threads / before, worst step to 4",
            ratio=min(steps),
            needed=SLACK,
        ),
    ]
    curve = [(float(count), rate) for count, rate in zip(THREADS, rates, strict=True)]
    series: list[Series] = list(found.values())
    return Found(bars=bars, series=series, curves={"Passback, PUT/s by threads": curve})


def _grade(space: SpaceHandle, folder: Path, students: int) -> dict[str, str]:
    """Provision one class and grade all of its work; return the service's environment."""
    school = School(space, Calendar())
    school.open(SCHOOL)
    school.teachers("Maria Delgado", school=SCHOOL)
    school.course("Algebra 1", "1200310", SCHOOL)
    school.class_(CLASS, course="Algebra 1", school=SCHOOL)
    school.teach("Maria Delgado", CLASS)
    pupils = school.pupils(students, school=SCHOOL)
    school.fill(CLASS, *pupils)
    now = Calendar().night(0)
    env = subject_environment(space.document, now=now.isoformat(), state_dir=folder / "state")
    done = homeroom("provision", "--json", env=env, cwd=folder)
    if done.code != 0:
        raise SystemExit(f"provision ended with {done.code}: {done.err}{done.out}")
    room = Classroom(space.document)
    course = room.course_of(school.id("classes", CLASS))
    room.publish(course)
    for number in range(ASSIGNMENTS):
        due = datetime(2026, 9, 4 + number, 15, tzinfo=UTC)
        work = room.assignment(course, f"Chapter {number}", due_at=due, points=100)
        for place, pupil in enumerate(pupils):
            room.grade(course, work, school.id("users", pupil), 50 + (place + number) % 50)
    room.close()
    return env | {"HOMEROOM_NOW": (now + timedelta(days=30)).isoformat()}


def _passback(
    space: SpaceHandle, env: Mapping[str, str], folder: Path, threads: int
) -> Callable[[], float]:
    """Make a side of the race: a remaster, which sends every score whatever the SIS holds."""
    config = folder / f"threads-{threads}.toml"
    config.write_text(f"[service]\nput_threads = {threads}\n", encoding="utf-8")

    def side() -> float:
        """Return PUTs a second, from the first to the last one's answer."""
        space.clear_journal()
        words = ("passback", "--remaster", "--json", "--config", str(config))
        done = spend(*words, env=env, folder=folder)
        if done.code != 0:
            raise SystemExit(f"passback ended with {done.code}: {done.err}{done.out}")
        told = space.journal(operationId="putResult", bodies="false")
        times = [datetime.fromisoformat(each["at"]) for each in told]
        return (len(times) - 1) / (max(times) - min(times)).total_seconds()

    return side


def _bare(space: SpaceHandle) -> float:
    """Put the same results by a loop that does nothing else; return PUTs a second."""
    base = space.document["oneroster"]["base_url"]
    token = token_of(space.document)
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    with httpx.Client(headers=headers) as client:
        rows = client.get(f"{base}/results", params={"limit": 5000}).json()["results"]
        began = time.perf_counter()
        for row in rows:
            body = orjson.dumps({"result": row})
            client.put(f"{base}/results/{row['sourcedId']}", content=body).raise_for_status()
        return len(rows) / (time.perf_counter() - began)
