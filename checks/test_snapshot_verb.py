"""`homeroom snapshot`: the world of a running stage, saved and restored from the command line."""

import hashlib
import json
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from checks.support import Done, Up, environment, homeroom
from checks.worlds import both_worlds, canvas, control, new_space

NOW = "2026-09-14T15:00:00Z"


@pytest.fixture(scope="module")
def up() -> Iterator[Up]:
    with Up("--district", "tiny", "--now", NOW) as running:
        control(running.document, "PUT", "/clock", {"frozen": True})
        yield running


def snapshot(up: Up, *arguments: object, **variables: str) -> Done:
    access = up.document["control"]
    given = {"HOMEROOM_CONTROL_URL": access["url"], "HOMEROOM_CONTROL_TOKEN": access["token"]}
    env = environment(**{**given, **variables})
    return homeroom("snapshot", *map(str, arguments), env=env)


def test_a_world_saved_to_a_file_comes_back_from_it(up: Up, tmp_path: Path) -> None:
    file = tmp_path / "monday.snapshot"
    before = both_worlds(up.document)
    saved = snapshot(up, "save", file, "--json")
    assert saved.code == 0, saved.err
    assert saved.json()["bytes"] == file.stat().st_size
    assert file.stat().st_mode & 0o077 == 0
    user = {"user": {"name": "Ana Ruiz"}, "pseudonym": {"unique_id": "ana"}}
    assert canvas(up.document, "POST", "/accounts/1/users", user).status == 200
    assert both_worlds(up.document) != before
    restored = snapshot(up, "restore", file)
    assert (restored.code, restored.out.split(",")[0]) == (0, f"{file}: restored")
    assert both_worlds(up.document) == before


def test_the_space_document_says_where_and_which(up: Up, tmp_path: Path) -> None:
    made = new_space(up.document, district="empty", now=NOW)
    document, file = tmp_path / "space.json", tmp_path / "other.snapshot"
    document.write_text(json.dumps(made))
    done = homeroom("snapshot", "save", str(file), "--document", str(document), "--json")
    assert done.code == 0, done.err
    assert done.json()["space"] == made["space"]
    assert control(made, "DELETE", "").status == 204


def test_a_file_that_is_there_is_replaced_only_where_asked(up: Up, tmp_path: Path) -> None:
    file = tmp_path / "kept.snapshot"
    file.write_text("kept")
    refused = snapshot(up, "save", file)
    assert (refused.code, file.read_text()) == (2, "kept")
    assert "--overwrite" in refused.err
    assert snapshot(up, "save", file, "--overwrite", "--journal").code == 0
    with zipfile.ZipFile(file) as archive:
        assert "journal.msgpack" in archive.namelist()


def test_a_cut_a_foreign_and_a_newer_file_are_refused_and_the_world_stays(
    up: Up, tmp_path: Path
) -> None:
    whole = tmp_path / "whole.snapshot"
    assert snapshot(up, "save", whole).code == 0
    before = both_worlds(up.document)
    cut = tmp_path / "cut.snapshot"
    cut.write_bytes(whole.read_bytes()[:-40])
    foreign = tmp_path / "foreign.zip"
    with zipfile.ZipFile(foreign, "w") as archive:
        archive.writestr("users.csv", "sourcedId\n")
    for file, why in (
        (cut, "was cut"),
        (foreign, "no whole Homeroom snapshot"),
        (newer(whole, tmp_path), "has format 2"),
    ):
        refused = snapshot(up, "restore", file)
        assert (refused.code, refused.out) == (2, "")
        assert f"{file}: " in refused.err
        assert why in refused.err
        assert "Traceback" not in refused.err
    assert both_worlds(up.document) == before


def newer(whole: Path, folder: Path) -> Path:
    """Return a snapshot as a Homeroom of the next format would have written it."""
    made = folder / "newer.snapshot"
    with zipfile.ZipFile(whole) as old, zipfile.ZipFile(made, "w") as archive:
        manifest: dict[str, Any] = {**json.loads(old.read("manifest.json")), "format": 2}
        encoded = json.dumps(manifest).encode()
        archive.writestr("manifest.json", encoded)
        for name in manifest["sha256"]:
            archive.writestr(name, old.read(name))
        seal = hashlib.sha256(encoded).hexdigest()
        archive.comment = f"homeroom-snapshot sha256={seal}".encode()
    return made


@pytest.mark.parametrize(
    ("variables", "why"),
    [
        ({"HOMEROOM_CONTROL_URL": "http://127.0.0.1:9/__control__"}, "cannot be used"),
        ({"HOMEROOM_CONTROL_URL": ""}, "--control-url is missing"),
        ({"HOMEROOM_CONTROL_TOKEN": ""}, "--token is missing"),
        ({"HOMEROOM_CONTROL_TOKEN": "wrong"}, "is the token that of this"),
    ],
)
def test_a_control_plane_that_cannot_be_used_is_exit_2(
    up: Up, tmp_path: Path, variables: dict[str, str], why: str
) -> None:
    done = snapshot(up, "save", tmp_path / "none.snapshot", **variables)
    assert (done.code, done.out, [*tmp_path.iterdir()]) == (2, "", [])
    assert why in done.err
    assert "Traceback" not in done.err


def test_a_space_that_is_not_there_is_named(up: Up, tmp_path: Path) -> None:
    done = snapshot(up, "save", tmp_path / "none.snapshot", "--space", "nowhere")
    assert done.code == 2
    assert "no space 'nowhere'" in done.err
