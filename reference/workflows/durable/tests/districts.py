"""A registry in a temporary folder, for tests without sockets."""

from datetime import UTC, datetime
from pathlib import Path

from cryptography.fernet import Fernet

from homeroom.reference.onboarding.credentials import CanvasCredentials, ProviderCredentials
from homeroom.reference.onboarding.districts import District
from homeroom.reference.onboarding.registry import Registry
from homeroom.reference.onboarding.stages import Stage
from homeroom.reference.onboarding.tables import database_url, open_database
from homeroom.reference.onboarding.vault import Vault


class Clock:
    """A clock that a test sets."""

    def __init__(self, text: str = "2026-09-14T16:00") -> None:
        self.now = datetime.fromisoformat(text).replace(tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


def registry_in(folder: Path, clock: Clock) -> Registry:
    """Open a registry with one district, `d`, for which everything is switched on."""
    engine = open_database(database_url(folder))
    vault = Vault([Fernet.generate_key().decode()])
    registry = Registry(engine, vault, folder / "districts", clock=clock)
    registry.add(District(id="d", name="d", time_zone="UTC", night_at="02:00"), who="test")
    base = "http://127.0.0.1:9"
    given = ProviderCredentials(
        base_url=base, token_url=f"{base}/token", auth="oauth2", client_id="a", client_secret="b"
    )
    registry.put_credentials("d", given, who="test")
    registry.put_credentials("d", CanvasCredentials(base_url=base, token="t"), who="test")
    for stage in (Stage.CONNECTED, Stage.PROVISIONING, Stage.PASSBACK):
        registry.advance("d", stage, who="test", evidence={})
    return registry
