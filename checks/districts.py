"""Districts of a service for checks: a registry of its own, spaces enrolled in it, jobs awaited."""

import json
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, Self

from cryptography.fernet import Fernet

from checks.support import environment
from checks.worlds import canvas, focus
from homeroom.reference.onboarding.credentials import CanvasCredentials, ProviderCredentials
from homeroom.reference.onboarding.districts import District
from homeroom.reference.onboarding.registry import Registry
from homeroom.reference.onboarding.stages import Stage
from homeroom.reference.onboarding.tables import database_url, open_database
from homeroom.reference.onboarding.vault import Vault
from homeroom.reference.workflows.durable import Job, Runner
from homeroom.reference.workflows.durable.worker import clock_of

# A school day: what time it is in the worlds, and to the service.
NOW = "2026-09-14T15:00:00Z"
STEPS = (Stage.CONNECTED, Stage.PROVISIONING, Stage.PASSBACK)


def open_registry(
    state: Path,
    key: str,
    *,
    url: str | None = None,
    clock: Callable[[], datetime] | None = None,
    private: bool = True,
) -> Registry:
    """Open the districts of a service's state folder, as `homeroom work --private-peers` does."""
    engine = open_database(url or database_url(state))
    clock = clock or clock_of({"HOMEROOM_NOW": NOW})
    return Registry(engine, Vault([key]), state / "districts", clock=clock, private=private)


def make_key() -> str:
    """Make a key for credentials."""
    return Fernet.generate_key().decode()


def enrol(
    registry: Registry, document: Mapping[str, Any], district: str, **settings: Any
) -> District:
    """Take the space of a document in as a district, with grade passback on."""
    oneroster, canvas = document["oneroster"], document["canvas"]
    registry.add(District(id=district, name=district, **settings), who="check")
    names = ("base_url", "token_url", "client_id", "client_secret")
    provider = {name: oneroster[name] for name in names}
    given = ProviderCredentials(auth="oauth2", **provider)
    registry.put_credentials(district, given, who="check")
    token = CanvasCredentials(base_url=canvas["base_url"], token=canvas["token"])
    registry.put_credentials(district, token, who="check")
    for stage in STEPS:
        registry.advance(district, stage, who="check", evidence={})
    return registry.find(district)


def await_job(
    runner: Runner, job_id: str, until: Callable[[Job], bool] = lambda job: job.status.ended
) -> Job:
    """Wait for a job to end, or to be where `until` wants it."""
    deadline = time.monotonic() + 120
    while not until(job := runner.job(job_id)):
        assert not job.status.ended, f"{job_id} ended {job.status}: {job.summary}"
        assert time.monotonic() < deadline, f"{job_id} is still {job.status} at {job.stage!r}"
        time.sleep(0.05)
    return job


class Worker:
    """A running `homeroom work`."""

    def __init__(self, state: Path, key: str, *options: str, now: str = NOW) -> None:
        self.log = state / f"worker-{time.monotonic_ns()}.log"
        state.mkdir(parents=True, exist_ok=True)
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "homeroom", "work", "--state", state, "--json",
                 "--private-peers", *options],
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                env=environment(HOMEROOM_VAULT_KEY=key, HOMEROOM_NOW=now),
            )  # fmt: skip
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        assert line, self.log.read_text()
        self.name: str = json.loads(line)["worker"]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def told(self) -> list[dict[str, Any]]:
        """Give the lines of its log about jobs: `at` is the machine's time."""
        lines = map(json.loads, self.log.read_text().splitlines())
        return [line for line in lines if "district" in line]

    def kill(self) -> None:
        """Kill it hard."""
        self.process.kill()
        self.process.communicate(timeout=30)

    def stop(self) -> int:
        """Stop it as an operator would, and give its exit code."""
        if self.process.poll() is None:
            self.process.terminate()
        self.process.communicate(timeout=60)
        return self.process.returncode


def seats_in_focus(document: Mapping[str, Any]) -> set[tuple[str, str, str]]:
    """Give who sits where as the SIS has it: class, user, role."""
    rows = focus(document, "/enrollments?limit=10000").json()["enrollments"]
    return {(row["class"]["sourcedId"], row["user"]["sourcedId"], row["role"]) for row in rows}


def seats_in_canvas(document: Mapping[str, Any]) -> set[tuple[str, str, str]]:
    """Give who sits where as Canvas has it, by SIS ids."""
    seats: set[tuple[str, str, str]] = set()
    for course in canvas(document, "GET", "/accounts/1/courses?per_page=100").json():
        page = 1
        while page:
            where = f"/courses/{course['id']}/enrollments?per_page=100&page={page}"
            rows = canvas(document, "GET", where).json()
            seats |= {(row["sis_section_id"], row["sis_user_id"], ROLES[row["type"]])
                      for row in rows}  # fmt: skip
            page = page + 1 if len(rows) == 100 else 0
    return seats


ROLES = {"StudentEnrollment": "student", "TeacherEnrollment": "teacher", "TaEnrollment": "aide"}
