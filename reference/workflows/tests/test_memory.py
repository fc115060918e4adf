"""The state folder: one process, whole files, nothing overwritten that cannot be read."""

from pathlib import Path

import pytest

from homeroom.config import Choices, Config, DepartedStatus, Subject
from homeroom.reference.canvas.rows import TermRow
from homeroom.reference.errors import FatalError
from homeroom.reference.workflows import read_settings, run_night
from homeroom.reference.workflows.memory import iter_rows, locked, provisioned
from homeroom.reference.workflows.state import read_json, write_json

ENVIRON = {
    "ONEROSTER_BASE_URL": "http://sis.test/v1p1/",
    "ONEROSTER_CLIENT_ID": "id",
    "ONEROSTER_CLIENT_SECRET": "secret",
    "CANVAS_BASE_URL": "http://canvas.test",
    "CANVAS_TOKEN": "token",
    "HOMEROOM_NOW": "2026-09-01T06:00:00Z",
}


def test_a_second_holder_is_refused_and_told_who_holds_it(tmp_path: Path) -> None:
    with locked(tmp_path), pytest.raises(FatalError, match=r"pid \d+"), locked(tmp_path):
        pass


def test_the_lock_ends_with_its_holder(tmp_path: Path) -> None:
    with locked(tmp_path):
        pass
    with locked(tmp_path):
        assert provisioned(tmp_path) is None


def test_an_unreadable_state_file_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "current.json"
    path.write_text("{ torn")
    with pytest.raises(FatalError, match="left as it is"):
        read_json(path, dict)
    assert path.read_text() == "{ torn"


@pytest.mark.parametrize("held", [None, b"\x00\n", b'{"term_id": 3}\n'])
def test_rows_that_cannot_be_read_are_named(tmp_path: Path, held: bytes | None) -> None:
    path = tmp_path / "provisioning" / "runs" / "1" / "terms.rows"
    path.parent.mkdir(parents=True)
    if held is not None:
        path.write_bytes(held)
    with pytest.raises(FatalError, match=r"terms\.rows cannot be read .*`homeroom provision`"):
        list(iter_rows(tmp_path, "1", "terms", TermRow))


def test_what_is_written_is_read_back(tmp_path: Path) -> None:
    write_json(tmp_path / "below" / "a.json", {"run": "1"})
    assert read_json(tmp_path / "below" / "a.json", dict) == {"run": "1"}


def test_settings_come_from_the_environment() -> None:
    settings = read_settings(ENVIRON, Config())
    assert settings.oneroster_url == "http://sis.test/v1p1"
    assert settings.now.isoformat() == "2026-09-01T06:00:00+00:00"


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"CANVAS_TOKEN": ""}, "CANVAS_TOKEN is not set"),
        ({"ONEROSTER_AUTH": "basic"}, "ONEROSTER_AUTH is 'basic'; allowed are oauth2 and oauth1"),
        ({"CANVAS_BASE_URL": "canvas.test"}, "allowed is an http or https address"),
        ({"HOMEROOM_NOW": "tonight"}, "HOMEROOM_NOW is 'tonight'; allowed is ISO 8601"),
        ({"HOMEROOM_NOW": "0001-01-01"}, "in the years 1970 to 9000"),
        ({"HOMEROOM_NOW": ""}, "or not to set it: then it is the machine's time"),
    ],
)
def test_a_wrong_setting_is_named_with_what_is_allowed(changed: dict[str, str], told: str) -> None:
    with pytest.raises(FatalError, match=told):
        read_settings({**ENVIRON, **changed}, Config())


@pytest.mark.parametrize(
    ("service", "told"),
    [
        ({"page_sise": 5}, "page_sise"),
        ({"page_size": 0}, "page_size"),
        ({"time_zone": "America/Gotham"}, "time_zone is 'America/Gotham'"),
        ({"term_pattern": "("}, "term_pattern"),
        ({"roster": "some"}, "roster"),
        ({"oauth1_method": "MD5"}, "allowed is 'HMAC-SHA1' or 'HMAC-SHA256'"),
        ({"timeout_s": float("inf")}, "up to 3600"),
        ({"import_stall_s": float("inf")}, "import_stall_s"),
        ({"delta_margin_s": 1e300}, "delta_margin_s"),
    ],
)
def test_a_wrong_service_setting_is_named(service: dict[str, object], told: str) -> None:
    with pytest.raises(FatalError, match=told):
        read_settings(ENVIRON, Config(service=service))


def test_diffing_and_kept_people_are_refused_before_the_first_request(tmp_path: Path) -> None:
    choices = Choices(departed_users=DepartedStatus.KEPT)
    config = Config(subject=Subject(choices=choices), service={"diffing": True})
    settings = read_settings({**ENVIRON, "HOMEROOM_STATE_DIR": str(tmp_path)}, config)
    with pytest.raises(FatalError, match="exclude each other"):
        run_night(settings)
    assert not list(tmp_path.iterdir())
