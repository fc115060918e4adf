"""A world comes back whole: from a file, after a stop, after a kill, with an import under way."""

import json
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from checks.support import Done, Up, homeroom, subject_environment
from checks.worlds import both_worlds, canvas, control, focus, new_space

NOW = "2026-09-14T15:00:00Z"
WAIT_S = 30.0


def sync(up: Up, state_dir: Path) -> None:
    environment = subject_environment(up.document, now=NOW, state_dir=state_dir)
    done = homeroom("provision", env=environment)
    assert done.code == 0, done.err


def kill(up: Up) -> None:
    """End it as a power cut would."""
    up.process.send_signal(signal.SIGKILL)
    up.process.communicate(timeout=30)


def freeze(up: Up) -> None:
    assert control(up.document, "PUT", "/clock", {"frozen": True}).status == 200


def saved_since(state: Path, at: float) -> None:
    """Wait for a save that began after `at`."""
    file = state / "spaces" / "default.snapshot"
    until = time.monotonic() + WAIT_S
    while time.monotonic() < until:
        if file.exists() and file.stat().st_mtime > at:
            return
        time.sleep(0.05)
    pytest.fail(f"{file} was not saved within {WAIT_S} s")


@pytest.fixture(scope="module")
def synced(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Up]:
    with Up("--district", "tiny", "--now", NOW) as up:
        freeze(up)
        sync(up, tmp_path_factory.mktemp("subject"))
        yield up


def test_both_worlds_come_back_as_they_were(synced: Up) -> None:
    before = both_worlds(synced.document)
    snapshot = control(synced.document, "GET", "/snapshot")
    assert snapshot.status == 200
    assert snapshot.headers["content-type"] == "application/octet-stream"
    user = before["canvas users"][0]["id"]
    canvas(synced.document, "PUT", f"/users/{user}", {"user": {"name": "Somebody Else"}})
    record = {**before["users"]["users"][0], "givenName": "Nobody"}
    put = control(synced.document, "PUT", f"/focus/users/{record['sourcedId']}", {"user": record})
    assert put.status == 200
    assert both_worlds(synced.document) != before
    assert control(synced.document, "PUT", "/snapshot", snapshot.body).status == 204
    assert both_worlds(synced.document) == before


def test_a_snapshot_goes_into_another_space_whose_credentials_stay(synced: Up) -> None:
    snapshot = control(synced.document, "GET", "/snapshot").body
    made = new_space(synced.document)
    assert control(made, "PUT", "/snapshot", snapshot).status == 204
    ours, theirs = both_worlds(synced.document), both_worlds(made)
    assert theirs["canvas users"] == ours["canvas users"]
    assert len(theirs["enrollments"]["enrollments"]) == len(ours["enrollments"]["enrollments"])
    assert control(made, "DELETE", "").status == 204


def test_the_journal_comes_along_when_asked_for_by_way_of_a_child_process(synced: Up) -> None:
    made = new_space(synced.document)
    assert focus(made, "/orgs").status == 200
    snapshot = control(made, "GET", "/snapshot?journal=true")
    assert snapshot.status == 200
    assert control(made, "DELETE", "/journal").status == 204
    assert control(made, "PUT", "/snapshot", snapshot.body).status == 204
    counts = control(made, "GET", "/journal/counts").json()["counts"]
    assert {one["operationId"] for one in counts} == {"createToken", "getAllOrgs"}
    assert control(made, "DELETE", "").status == 204


@pytest.mark.parametrize("content", [b"", b"not a snapshot", b"PK\x03\x04 cut"])
def test_a_file_that_is_none_is_refused_and_the_world_stays(synced: Up, content: bytes) -> None:
    before = both_worlds(synced.document)
    refused = control(synced.document, "PUT", "/snapshot", content)
    assert refused.status == 422
    assert "no whole Homeroom snapshot" in refused.json()["error"]
    assert both_worlds(synced.document) == before


def test_a_snapshot_brings_the_districts_own_file_along(tmp_path: Path) -> None:
    file = tmp_path / "district.zip"
    assert homeroom("district", "generate", "--out", str(file), "--now", NOW).code == 0
    with Up("--district", str(file), "--now", NOW) as up:
        before = focus(up.document, "/users?limit=10000").json()
        snapshot = control(up.document, "GET", "/snapshot").body
        file.unlink()
        assert control(up.document, "PUT", "/snapshot", snapshot).status == 204
        assert focus(up.document, "/users?limit=10000").json() == before
        assert control(up.document, "POST", "/reset").status == 200
        assert focus(up.document, "/users?limit=10000").json() == before


def test_a_stage_with_a_state_folder_is_the_same_after_a_stop(tmp_path: Path) -> None:
    state = tmp_path / "state"
    with Up("--state", str(state), "--now", NOW) as up:
        freeze(up)
        sync(up, tmp_path / "subject")
        document, before = up.document, both_worlds(up.document)
        control(up.document, "POST", "/faults", {"id": "kept", "act": {"kind": "delay"}})
        assert up.stop().code == 0
    with Up("--state", str(state)) as up:
        assert up.document == document
        rules = control(document, "GET", "/faults").json()["faults"]
        assert [rule["id"] for rule in rules] == ["kept"]
        control(document, "DELETE", "/faults")
        assert both_worlds(document) == before


def test_killed_hard_it_comes_back_to_its_last_save(tmp_path: Path) -> None:
    state = tmp_path / "state"
    up = Up("--state", str(state), "--district", "empty", "--now", NOW)
    freeze(up)
    began = time.time()
    user = {"user": {"name": "Ana Ruiz"}, "pseudonym": {"unique_id": "ana"}}
    assert canvas(up.document, "POST", "/accounts/1/users", user).status == 200
    saved_since(state, began)
    kill(up)
    with Up("--state", str(state)) as again:
        assert again.document == up.document
        names = [one["name"] for one in canvas(up.document, "GET", "/accounts/1/users").json()]
        assert names == ["Ana Ruiz"]


def test_an_import_that_was_running_is_finished_after_a_kill(tmp_path: Path) -> None:
    state = tmp_path / "state"
    up = Up("--state", str(state), "--district", "empty", "--now", NOW)
    control(up.document, "PATCH", "/canvas/settings", {"import_rows_per_s": 20})
    rows = "".join(f"u-{n},login{n},Pupil {n},active\n" for n in range(400))
    csv = f"user_id,login_id,full_name,status\n{rows}".encode()
    path = "/accounts/1/sis_imports?extension=csv"
    batch = canvas(up.document, "POST", path, csv, "text/csv").json()
    until = time.monotonic() + WAIT_S
    while progress(up, batch["id"])["workflow_state"] != "importing":
        assert time.monotonic() < until
        time.sleep(0.05)
    saved_since(state, time.time())
    assert progress(up, batch["id"])["workflow_state"] == "importing"
    kill(up)
    with Up("--state", str(state)) as again:
        control(again.document, "PATCH", "/canvas/settings", {"import_rows_per_s": None})
        control(again.document, "POST", "/clock/advance", {"seconds": 3600})
        until = time.monotonic() + WAIT_S
        while (ended := progress(again, batch["id"]))["workflow_state"] not in ENDED:
            assert time.monotonic() < until, ended
            time.sleep(0.1)
        assert ended["workflow_state"] == "imported"
        found = canvas(again.document, "GET", "/users/sis_user_id:u-399")
        assert found.json()["name"] == "Pupil 399"


ENDED = ("imported", "imported_with_messages", "failed", "failed_with_messages", "aborted")


def progress(up: Up, batch: int) -> dict[str, Any]:
    got: dict[str, Any] = canvas(up.document, "GET", f"/accounts/1/sis_imports/{batch}").json()
    return got


def test_a_second_process_on_the_same_folder_names_the_first(tmp_path: Path) -> None:
    with Up("--state", str(tmp_path), "--district", "empty") as up:
        done = homeroom("up", "--state", str(tmp_path))
        assert done.code == 2
        assert f"process {up.process.pid} uses it" in done.err
        assert "Traceback" not in done.err


def started(folder: Path) -> Done:
    return homeroom("up", "--json", "--state", str(folder), timeout_s=60)


def test_a_damaged_file_in_the_folder_is_named_and_kept(tmp_path: Path) -> None:
    with Up("--state", str(tmp_path), "--district", "empty") as up:
        assert up.stop().code == 0
    file = tmp_path / "spaces" / "default.snapshot"
    content = file.read_bytes()[:-30]
    file.write_bytes(content)
    done = started(tmp_path)
    assert done.code == 2
    assert "default.snapshot: " in done.err
    assert "Traceback" not in done.err
    assert file.read_bytes() == content


def test_a_folder_of_a_newer_homeroom_is_refused(tmp_path: Path) -> None:
    (tmp_path / "stage.json").write_text(json.dumps({"format": 2}))
    done = started(tmp_path)
    assert done.code == 2
    assert "its format 2 is newer than this Homeroom's, 1" in done.err


def test_credentials_in_the_folder_are_for_its_owner_alone(tmp_path: Path) -> None:
    with Up("--state", str(tmp_path), "--district", "empty") as up:
        assert up.stop().code == 0
    for file in (tmp_path / "stage.json", tmp_path / "spaces" / "default.snapshot"):
        assert file.stat().st_mode & 0o077 == 0


def test_a_dropped_space_is_gone_after_a_restart_and_the_others_are_there(tmp_path: Path) -> None:
    with Up("--state", str(tmp_path), "--district", "empty") as up:
        made = [new_space(up.document) for _ in range(2)]
        assert control(made[0], "DELETE", "").status == 204
        assert up.stop().code == 0
    with Up("--state", str(tmp_path)):
        assert control(made[0], "GET", "").status == 404
        assert control(made[1], "GET", "").json() == made[1]
