"""One-time links: open once, for a while, and spent only by what can be right."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from homeroom.reference.errors import FatalError
from homeroom.reference.onboarding.credentials import ProviderCredentials, parse_provider
from homeroom.reference.onboarding.districts import District
from homeroom.reference.onboarding.links import DISTRICT, LinkError, Links
from homeroom.reference.onboarding.registry import Registry
from homeroom.reference.onboarding.tables import database_url, open_database
from homeroom.reference.onboarding.vault import Vault

PROVIDER = parse_provider(
    {"base_url": "https://sis.example/v1p1", "client_id": "key", "client_secret": "secret"}
)


class Clock:
    """A time that a test sets."""

    def __init__(self) -> None:
        self.now = datetime(2026, 9, 14, 15, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def registry(tmp_path: Path, clock: Clock) -> Iterator[Registry]:
    engine = open_database(database_url(tmp_path))
    registry = Registry(engine, Vault([Fernet.generate_key().decode()]), tmp_path, clock=clock)
    registry.add(District(id="leon", name="Leon"), who="ada")
    yield registry
    engine.dispose()


@pytest.fixture
def links(registry: Registry) -> Links:
    return Links(registry)


def reason(links: Links, token: str) -> str:
    with pytest.raises(LinkError) as refused:
        links.look(token)
    return refused.value.reason


def test_link_is_spent_by_storing_credentials_once(links: Links, registry: Registry) -> None:
    link, token = links.make("leon", who="ada")
    assert (link.state, link.expires_at) == ("open", "2026-09-17T15:00:00+00:00")
    assert links.look(token)[1].id == "leon"
    assert links.spend(token, PROVIDER).id == "leon"
    assert registry.open_credentials("leon", "oneroster") == PROVIDER
    assert reason(links, token) == "spent"
    with pytest.raises(LinkError):
        links.spend(token, PROVIDER)
    told = [(one.who, one.what) for one in registry.log("leon", limit=3)]
    assert told == [
        (DISTRICT, "credentials stored"),
        (DISTRICT, "link spent"),
        ("ada", "link made"),
    ]


def test_link_expires(links: Links, clock: Clock, registry: Registry) -> None:
    _, token = links.make("leon", who="ada", hours=1)
    clock.now += timedelta(hours=1)
    assert reason(links, token) == "expired"
    with pytest.raises(LinkError):
        links.spend(token, PROVIDER)
    assert registry.credentials("leon") == []


def test_newer_link_takes_the_place_of_the_one_before(links: Links) -> None:
    _, first = links.make("leon", who="ada")
    _, second = links.make("leon", who="ada")
    assert reason(links, first) == "withdrawn"
    assert links.look(second)[0].state == "open"
    assert links.withdraw("leon", who="ada") == 1
    assert [one.state for one in links.list("leon")] == ["withdrawn", "withdrawn"]


def test_guessed_link_is_unknown_and_told_like_a_spent_one(links: Links) -> None:
    _, token = links.make("leon", who="ada")
    links.spend(token, PROVIDER)
    with pytest.raises(LinkError) as spent:
        links.look(token)
    with pytest.raises(LinkError) as unknown:
        links.look("x" * 43)
    assert (unknown.value.reason, str(unknown.value)) == ("unknown", str(spent.value))


def test_link_is_nowhere_in_the_database(links: Links, tmp_path: Path, registry: Registry) -> None:
    link, token = links.make("leon", who="ada")
    registry.engine.dispose()
    content = b"".join(path.read_bytes() for path in tmp_path.iterdir() if path.is_file())
    assert link.id.encode() in content
    assert token.encode() not in content


@pytest.mark.parametrize("hours", [0, -1, 24 * 14 + 1])
def test_link_is_not_open_for_ever(links: Links, hours: int) -> None:
    with pytest.raises(FatalError, match="allowed is 1 to 336"):
        links.make("leon", who="ada", hours=hours)


def test_spending_fails_whole(links: Links, registry: Registry) -> None:
    def fail(*_: object, **__: object) -> None:
        raise ZeroDivisionError

    _, token = links.make("leon", who="ada")
    registry.put_credentials = fail  # type: ignore[method-assign] # breaks between both writes
    given: ProviderCredentials = PROVIDER
    with pytest.raises(ZeroDivisionError):
        links.spend(token, given)
    assert links.look(token)[0].state == "open"
