"""Connection checks and evaluations that run beside requests: what is told when."""

import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from cryptography.fernet import Fernet

from homeroom.reference.onboarding.connect import Connection
from homeroom.reference.onboarding.credentials import CanvasCredentials, ProviderCredentials
from homeroom.reference.onboarding.districts import District
from homeroom.reference.onboarding.registry import Registry
from homeroom.reference.onboarding.stages import Stage
from homeroom.reference.onboarding.tables import database_url, open_database
from homeroom.reference.onboarding.vault import Vault
from homeroom.reference.service import looks as module
from homeroom.reference.service.looks import Look, Looks

NOW = datetime(2026, 9, 14, 15, tzinfo=UTC)
PASSED = Connection(checks=[], counts={}, latencies=None, exit_code=0)
PROVIDER = ProviderCredentials(
    base_url="https://sis.example/ims/oneroster/v1p1",
    token_url="https://sis.example/token",
    auth="oauth2",
    client_id="key-1",
    client_secret="plainly-secret-value",
)
CANVAS = CanvasCredentials(base_url="https://canvas.example", token="canvas-token-value")


def test_a_check_is_told_to_have_passed_once_the_district_has_moved_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A client that reads "passed" goes on at once: it must not be told that it is too early."""
    engine = open_database(database_url(tmp_path))
    vault = Vault([Fernet.generate_key().decode()])
    registry = Registry(engine, vault, tmp_path / "districts", clock=lambda: NOW)
    registry.add(District(id="leon", name="Leon County"), who="ada")
    for given in (PROVIDER, CANVAS):
        registry.put_credentials("leon", given, who="ada")
    looks = Looks(registry, private=True)
    monkeypatch.setattr(module, "connect", lambda targets: PASSED)
    outcomes: list[str] = []
    advance = registry.advance

    def watched(*arguments: Any, **more: Any) -> District:
        look = looks.find("leon", "connect")
        outcomes.append(look.outcome if look else "none")
        return advance(*arguments, **more)

    monkeypatch.setattr(registry, "advance", watched)
    look: Look | None = looks.start("leon", "connect", who="ada")
    deadline = time.monotonic() + 30
    while look and look.outcome == "running" and time.monotonic() < deadline:
        time.sleep(0.01)
        look = looks.find("leon", "connect")
    assert look is not None
    assert (outcomes, look.outcome) == (["running"], "passed")
    assert registry.find("leon").stage is Stage.CONNECTED
    looks.close()
    engine.dispose()
