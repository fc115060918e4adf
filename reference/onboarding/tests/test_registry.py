"""Districts, their stages, their sealed credentials and their log, in a database of their own."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa
from cryptography.fernet import Fernet
from sqlalchemy.exc import IntegrityError

from homeroom.config import CourseKey
from homeroom.reference.onboarding.credentials import CanvasCredentials, ProviderCredentials
from homeroom.reference.onboarding.districts import (
    District,
    DistrictError,
    UnknownDistrictError,
)
from homeroom.reference.onboarding.registry import Registry
from homeroom.reference.onboarding.stages import Stage, StageError
from homeroom.reference.onboarding.tables import database_url, open_database
from homeroom.reference.onboarding.vault import Vault, VaultError
from homeroom.reference.transport import ClientCredentials, OAuth1

KEY = Fernet.generate_key().decode()
NOW = datetime(2026, 9, 14, 15, tzinfo=UTC)
PROVIDER = ProviderCredentials(
    base_url="https://sis.example/ims/oneroster/v1p1",
    token_url="https://sis.example/token",
    auth="oauth2",
    client_id="key-1",
    client_secret="plainly-secret-value",
)
CANVAS = CanvasCredentials(base_url="https://canvas.example", token="canvas-token-value")


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[sa.Engine]:
    engine = open_database(database_url(tmp_path))
    yield engine
    engine.dispose()


def open_registry(engine: sa.Engine, tmp_path: Path, *keys: str) -> Registry:
    return Registry(engine, Vault(keys or (KEY,)), tmp_path / "districts", clock=lambda: NOW)


@pytest.fixture
def registry(engine: sa.Engine, tmp_path: Path) -> Registry:
    registry = open_registry(engine, tmp_path)
    registry.add(District(id="leon", name="Leon County"), who="ada")
    return registry


def connect(registry: Registry) -> None:
    registry.put_credentials("leon", PROVIDER, who="the district")
    registry.put_credentials("leon", CANVAS, who="ada")
    registry.advance("leon", Stage.CONNECTED, who="ada", evidence={"passed": 30})


def test_district_is_kept_as_it_was_given(registry: Registry) -> None:
    given = District(
        id="duval",
        name="Duval",
        time_zone="America/Chicago",
        grades_at="04:30",
        pauses=[(date(2027, 6, 1), date(2027, 7, 15))],
        converting=True,
        service={"concurrency": 4},
        choices={"course_key": "class"},
    )
    registry.add(given, who="ada")
    found = registry.find("duval")
    assert found == given
    assert found.read_service().concurrency == 4
    assert found.read_service().time_zone == "America/Chicago"
    assert found.read_choices().course_key is CourseKey.CLASS
    assert [each.id for each in registry.districts()] == ["duval", "leon"]


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"id": "../up"}, "id is '../up'"),
        ({"name": " "}, "name is ' '"),
        ({"name": "a\x00b"}, "name is"),
        ({"time_zone": "Mars/Olympus"}, "time_zone is 'Mars/Olympus'"),
        ({"night_at": "25:00"}, "night_at is '25:00'"),
        ({"pauses": [(date(2027, 7, 1), date(2027, 7, 1))]}, "pauses is"),
        ({"service": {"concurency": 4}}, "did you mean concurrency?; known are roster"),
        ({"service": {"time_zone": "UTC"}}, "service.time_zone"),
        ({"service": {"term_pattern": "["}}, "service.term_pattern"),
        (
            {"choices": {"course_key": "teacher"}},
            "choices.course_key is 'teacher'; allowed",
        ),
    ],
)
def test_what_is_not_allowed_is_refused_by_name(
    registry: Registry, values: dict[str, object], said: str
) -> None:
    given = {"id": "new", "name": "New", **values}
    with pytest.raises(DistrictError, match=None) as refused:
        registry.add(District(**given), who="ada")  # type: ignore[arg-type] # all sorts on purpose
    assert said in str(refused.value)
    assert [each.id for each in registry.districts()] == ["leon"]


def test_same_id_twice_is_refused(registry: Registry) -> None:
    with pytest.raises(DistrictError, match="already"):
        registry.add(District(id="leon", name="Another"), who="ada")


def test_unknown_district_is_named(registry: Registry) -> None:
    with pytest.raises(UnknownDistrictError, match="'lion'"):
        registry.change("lion", who="ada", paused=True)


def test_an_evaluation_is_not_left_out_by_no_longer_calling_it_a_conversion(
    registry: Registry,
) -> None:
    registry.change("leon", who="ada", converting=True)
    registry.change("leon", who="ada", converting=False)
    registry.change("leon", who="ada", converting=True)
    connect(registry)
    with pytest.raises(StageError, match="leon converts: it is evaluated before anything else"):
        registry.change("leon", who="ada", converting=False)
    assert registry.find("leon").converting
    registry.advance("leon", Stage.EVALUATED, who="ada", evidence={})
    registry.change("leon", who="ada", converting=False)
    assert registry.log("leon")[0].evidence == {"converting": False}


def test_every_step_is_logged_with_who_and_when_and_the_evidence(registry: Registry) -> None:
    connect(registry)
    registry.advance("leon", Stage.PROVISIONING, who="bob", evidence={"note": "go"})
    registry.change("leon", who="bob", paused=True, name="Leon County")
    told = [(one.who, one.what, one.evidence) for one in reversed(registry.log("leon"))][1:]
    assert told == [
        ("the district", "credentials stored", {"side": "oneroster"}),
        ("ada", "credentials stored", {"side": "canvas"}),
        ("ada", "connected", {"from": "requested", "passed": 30}),
        ("bob", "provisioning", {"from": "connected", "note": "go"}),
        ("bob", "changed", {"paused": True}),
    ]
    assert {one.at for one in registry.log("leon")} == {"2026-09-14T15:00:00+00:00"}


def test_steps_cannot_be_skipped(registry: Registry) -> None:
    with pytest.raises(StageError, match="next is connected"):
        registry.advance("leon", Stage.PROVISIONING, who="ada", evidence={})
    with pytest.raises(DistrictError, match="Canvas's address and token are missing"):
        registry.advance("leon", Stage.CONNECTED, who="ada", evidence={})
    connect(registry)
    with pytest.raises(StageError, match="next is provisioning"):
        registry.advance("leon", Stage.PASSBACK, who="ada", evidence={})
    assert registry.find("leon").stage is Stage.CONNECTED


def test_replacing_credentials_keeps_the_stage_and_the_state(registry: Registry) -> None:
    connect(registry)
    before = registry.settings_of("leon", NOW)
    moved = ProviderCredentials(
        base_url="https://new.example",
        token_url="https://new.example/token",
        auth="oauth1",
        client_id="key-2",
        client_secret="secret-2",
    )
    registry.put_credentials("leon", moved, who="the district")
    after = registry.settings_of("leon", NOW)
    assert (before.oneroster_url, after.oneroster_url) == (PROVIDER.base_url, moved.base_url)
    assert isinstance(before.oneroster_auth, ClientCredentials)
    assert isinstance(after.oneroster_auth, OAuth1)
    assert after.state_dir == before.state_dir
    assert registry.find("leon").stage is Stage.CONNECTED
    assert registry.log("leon", limit=1)[0].what == "credentials replaced"


def test_nothing_secret_lies_in_the_database(registry: Registry, tmp_path: Path) -> None:
    connect(registry)
    registry.engine.dispose()
    content = b"".join(path.read_bytes() for path in tmp_path.iterdir() if path.is_file())
    assert b"Leon County" in content
    for secret in (PROVIDER.client_secret, CANVAS.token, PROVIDER.client_id, KEY):
        assert secret.encode() not in content
    assert PROVIDER.client_secret not in repr(PROVIDER)


def test_credentials_moved_to_another_district_do_not_open(registry: Registry) -> None:
    connect(registry)
    registry.add(District(id="duval", name="Duval"), who="ada")
    with registry.engine.begin() as connection:
        connection.execute(sa.text("UPDATE homeroom_credentials SET district = 'duval'"))
    with pytest.raises(VaultError, match="sealed for another place"):
        registry.settings_of("duval", NOW)


def test_log_is_only_added_to(registry: Registry) -> None:
    for act in ("UPDATE homeroom_log SET who = 'eve'", "DELETE FROM homeroom_log"):
        with (
            pytest.raises(IntegrityError, match="only added to"),
            registry.engine.begin() as c,
        ):
            c.execute(sa.text(act))


def test_other_keys_are_refused_at_the_start(
    registry: Registry, engine: sa.Engine, tmp_path: Path
) -> None:
    assert registry.districts()
    with pytest.raises(VaultError, match="sealed with other keys"):
        open_registry(engine, tmp_path, Fernet.generate_key().decode())


def test_credentials_sealed_anew_open_with_the_new_key_alone(
    registry: Registry, engine: sa.Engine, tmp_path: Path
) -> None:
    connect(registry)
    new = Fernet.generate_key().decode()
    assert open_registry(engine, tmp_path, new, KEY).reseal() == 2
    after = open_registry(engine, tmp_path, new)
    assert after.open_credentials("leon", "oneroster") == PROVIDER


def test_passback_comes_off_before_provisioning(registry: Registry) -> None:
    connect(registry)
    registry.advance("leon", Stage.PROVISIONING, who="ada", evidence={})
    registry.advance("leon", Stage.PASSBACK, who="ada", evidence={})
    stages = [registry.step_back("leon", who="ada", reason="summer").stage for _ in range(2)]
    assert stages == [Stage.PROVISIONING, Stage.CONNECTED]
    with pytest.raises(StageError, match="nothing to switch off"):
        registry.step_back("leon", who="ada", reason="more")


def test_rollover_window_is_told_in_the_districts_own_days() -> None:
    window = (date(2027, 6, 1), date(2027, 7, 15))
    district = District(id="leon", name="Leon", pauses=[window])
    # 02:00 UTC on June 1 is still May 31 in Florida.
    assert district.window_at(datetime(2027, 6, 1, 2, tzinfo=UTC)) is None
    assert district.window_at(datetime(2027, 6, 1, 12, tzinfo=UTC)) == window
    assert district.window_at(datetime(2027, 7, 15, 12, tzinfo=UTC)) is None
