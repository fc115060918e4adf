"""Unusable peers are one clear sentence and exit code 2; one bad record is listed and 1."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from checks.support import Up, homeroom, subject_environment
from homeroom.certify.control import ControlClient, SpaceHandle
from homeroom.reference.transport import Bearer, ClientCredentials, Transport

NOW = "2026-09-15T06:00:00Z"
NIGHT_2 = "2026-09-16T06:00:00Z"


@pytest.fixture(scope="module")
def up() -> Iterator[Up]:
    with Up("--district", "tiny", "--now", NOW) as running:
        yield running


@pytest.fixture
def space(up: Up) -> Iterator[SpaceHandle]:
    control = up.document["control"]
    client = ControlClient(control["url"], control["token"])
    yield client.new_space(district="tiny", now=NOW)
    client.close()


def env_of(space: SpaceHandle, folder: Path, *, now: str = NOW, **changed: str) -> dict[str, str]:
    return {**subject_environment(space.document, now=now, state_dir=folder), **changed}


@pytest.mark.parametrize(
    ("changed", "part"),
    [
        ({"ONEROSTER_CLIENT_SECRET": "wrong"}, "refused the client credentials"),
        ({"CANVAS_TOKEN": "wrong"}, "check the Canvas token"),
        ({"CANVAS_BASE_URL": "http://127.0.0.1:9"}, "127.0.0.1:9"),
        ({"ONEROSTER_BASE_URL": "http://127.0.0.1:9/x"}, "127.0.0.1:9"),
        ({"CANVAS_TOKEN": ""}, "CANVAS_TOKEN is not set"),
        ({"CANVAS_TOKEN": "two\nlines"}, "its token has a stray character"),
        ({"HOMEROOM_NOW": "yesterday"}, "HOMEROOM_NOW"),
    ],
)
def test_an_unusable_peer_is_one_sentence_and_2(
    space: SpaceHandle, tmp_path: Path, changed: dict[str, str], part: str
) -> None:
    done = homeroom("provision", env=env_of(space, tmp_path, **changed))
    assert done.code == 2, done.err
    assert part in done.err
    assert "Traceback" not in done.err
    assert "lines" not in done.err
    assert space.journal(operationId="createSisImport") == []


def test_a_canvas_token_without_rights_is_2(space: SpaceHandle, tmp_path: Path) -> None:
    token = space.canvas_token(permissions=["view_all_grades"])
    done = homeroom("provision", env=env_of(space, tmp_path, CANVAS_TOKEN=token))
    assert done.code == 2
    assert "lacks a right" in done.err


def test_a_wrong_canvas_token_is_told_on_a_quiet_night_too(
    space: SpaceHandle, tmp_path: Path
) -> None:
    assert homeroom("provision", env=env_of(space, tmp_path)).code == 0
    quiet = env_of(space, tmp_path, now=NIGHT_2, CANVAS_TOKEN="wrong")
    assert homeroom("provision", env=quiet).code == 2


def test_passback_before_provisioning_is_2(space: SpaceHandle, tmp_path: Path) -> None:
    done = homeroom("passback", env=env_of(space, tmp_path))
    assert done.code == 2
    assert "homeroom provision" in done.err


def test_a_record_that_canvas_refuses_is_listed_and_the_rest_goes_through(
    space: SpaceHandle, tmp_path: Path
) -> None:
    school = next(org["sourcedId"] for org in focus_list(space, "orgs") if org["type"] == "school")
    for number, username in enumerate(("x" * 101, "fine")):
        person = {
            "sourcedId": f"planted-{number}",
            "username": username,
            "enabledUser": "true",
            "givenName": "Ana",
            "familyName": "Ruiz",
            "role": "student",
            "orgs": [{"sourcedId": school}],
        }
        space.put_record("users", person)
    done = homeroom("provision", "--json", env=env_of(space, tmp_path))
    assert done.code == 1, done.err
    refused = done.json()["refused"]
    assert [one["sourcedId"] for one in refused] == ["planted-0"]
    assert "unique_id is too long" in refused[0]["reason"]
    assert canvas_status(space, "planted-1") == 200
    assert canvas_status(space, "planted-0") == 404


def focus_list(space: SpaceHandle, collection: str) -> list[dict[str, str]]:
    """Read the first page of a collection from Focus."""
    oneroster = space.document["oneroster"]
    auth = ClientCredentials(
        oneroster["token_url"], oneroster["client_id"], oneroster["client_secret"]
    )
    with Transport(oneroster["base_url"], auth) as focus:
        rows: list[dict[str, str]] = focus.request("GET", collection).json()[collection]
    return rows


def canvas_status(space: SpaceHandle, sis_id: str) -> int:
    """Return the status of a read of one user."""
    canvas = space.document["canvas"]
    with Transport(canvas["base_url"], Bearer(canvas["token"])) as transport:
        status: int = transport.request("GET", f"api/v1/users/sis_user_id:{sis_id}").status_code
    return status
