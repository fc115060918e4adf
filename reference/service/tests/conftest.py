"""A service without sockets: real registry, API and pages, and a stand-in for its jobs."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest
from cryptography.fernet import Fernet
from starlette.testclient import TestClient

from homeroom.reference.onboarding.districts import District
from homeroom.reference.onboarding.registry import Registry
from homeroom.reference.onboarding.tables import database_url, open_database
from homeroom.reference.onboarding.vault import Vault
from homeroom.reference.service.addresses import Address, plan_address
from homeroom.reference.service.looks import Look, LookKind
from homeroom.reference.service.serving import assemble
from homeroom.reference.service.tokens import Admins
from homeroom.reference.workflows.durable import Job, JobError, JobStatus, UnknownJobError

TOKEN = "a-token-that-nobody-guesses"
NOW = datetime(2026, 9, 14, 15, tzinfo=UTC)


class StandInJobs:
    """Keeps jobs that a test plants; asks for none by itself."""

    def __init__(self) -> None:
        self.known: dict[str, Job] = {}
        self.plans: dict[str, dict[str, Any]] = {}
        self.asked: list[tuple[str, str, str, dict[str, Any]]] = []

    def plant(self, job: Job, plan: dict[str, Any] | None = None) -> None:
        self.known[job.id] = job
        if plan is not None:
            self.plans[job.id] = plan

    def run_now(self, district_id: str, kind: str, *, asked_by: str, **options: Any) -> str:
        self.asked.append((district_id, kind, asked_by, options))
        job_id = f"job-{len(self.known) + 1}"
        fields = {"id": job_id, "district": district_id, "kind": kind, "asked_by": asked_by,
                  "asked_at": NOW, "status": "Queued", "options": options}  # fmt: skip
        self.known[job_id] = msgspec.convert(fields, Job)
        return job_id

    def job(self, job_id: str) -> Job:
        if job_id not in self.known:
            raise UnknownJobError(f"there is no job {job_id!r}")
        return self.known[job_id]

    def jobs(self, district_id: str | None = None, **_: Any) -> list[Job]:
        every = reversed(self.known.values())
        return [job for job in every if district_id in {None, job.district}]

    def plan(self, job_id: str) -> dict[str, Any] | None:
        return self.plans.get(self.job(job_id).id)

    def outcomes(self, job_id: str, *, course: int | None = None) -> list[dict[str, Any]]:
        return []

    def release(self, job_id: str, *, asked_by: str) -> str:
        job = self.job(job_id)
        if job.status is not JobStatus.HELD:
            raise JobError(f"job {job_id} is not held")
        return self.run_now(job.district, "night", asked_by=asked_by)

    def cancel(self, job_id: str, *, asked_by: str) -> Job:
        job = msgspec.structs.replace(self.job(job_id), status=JobStatus.FAILED)
        self.known[job_id] = job
        return job

    def next_at(self, district: District, kind: str) -> datetime | None:
        return NOW if district.stage.provisions else None


class StandInLooks:
    """Notes which checks were asked for, and shows what a test planted."""

    def __init__(self) -> None:
        self.started: list[tuple[str, str, str]] = []
        self.known: dict[tuple[str, str], Look] = {}

    def find(self, district_id: str, kind: LookKind) -> Look | None:
        return self.known.get((district_id, kind))

    def start(self, district_id: str, kind: LookKind, *, who: str) -> Look:
        self.started.append((district_id, kind, who))
        at = NOW.isoformat()
        look = Look(district=district_id, kind=kind, at=at, who=who, outcome="running", found={})
        self.known[district_id, kind] = look
        return look


class Stage:
    """A service and a client of it."""

    def __init__(self, folder: Path, address: Address) -> None:
        engine = open_database(database_url(folder))
        vault = Vault([Fernet.generate_key().decode()])
        self.registry = Registry(engine, vault, folder / "districts", clock=lambda: NOW)
        self.jobs, self.looks = StandInJobs(), StandInLooks()
        admins = Admins({"ada": TOKEN}, where="a test")
        self.desk, app = assemble(
            self.registry,
            self.looks,  # type: ignore[arg-type] # stand-ins have the shape, not the type
            self.jobs,  # type: ignore[arg-type]
            admins,
            address,
            port=8443,
        )
        self.client = TestClient(app, base_url=address.origin, follow_redirects=False)

    def api(self, method: str, path: str, body: Any = None, token: str = TOKEN) -> Any:
        """Ask the API as an admin."""
        headers = {"Authorization": f"Bearer {token}"}
        return self.client.request(method, f"/api/v1{path}", json=body, headers=headers)


def local_address() -> Address:
    return plan_address(
        host="127.0.0.1", port=8443, cert=None, key=None, public_url=None, private_peers=None
    )


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    made = Stage(tmp_path, local_address())
    with made.client:
        yield made
    made.registry.engine.dispose()
