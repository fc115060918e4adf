"""Districts of a service for checks: a registry of its own, spaces enrolled in it, jobs awaited."""

import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from cryptography.fernet import Fernet

from homeroom.reference.onboarding.credentials import CanvasCredentials, ProviderCredentials
from homeroom.reference.onboarding.districts import District
from homeroom.reference.onboarding.registry import Registry, utc_now
from homeroom.reference.onboarding.stages import Stage
from homeroom.reference.onboarding.tables import database_url, open_database
from homeroom.reference.onboarding.vault import Vault
from homeroom.reference.workflows.durable import Job, Runner

STEPS = (Stage.CONNECTED, Stage.PROVISIONING, Stage.PASSBACK)


def open_registry(
    state: Path,
    key: str,
    *,
    url: str | None = None,
    clock: Callable[[], Any] = utc_now,
) -> Registry:
    """Open the districts of a service's state folder, as `homeroom work` does."""
    engine = open_database(url or database_url(state))
    return Registry(engine, Vault([key]), state / "districts", clock=clock)


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
    deadline = time.monotonic() + 60
    while not until(job := runner.job(job_id)):
        assert time.monotonic() < deadline, f"{job_id} is still {job.status} at {job.stage!r}"
        time.sleep(0.05)
    return job
