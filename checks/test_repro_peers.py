"""A provider that fell short is asked again: our own fake as it was set up, or the named one."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from checks.support import Done, Up, environment, homeroom
from checks.worlds import control
from homeroom.certify.replay import read_replay

CASE, NAME = "PVD-FLT-10", "filter_case_sensitive"


def run(folder: Path, *words: str, up: Up | None = None) -> Done:
    """Run a verb in the folder, with the secrets of `up`."""
    oneroster = up.document["oneroster"] if up else {}
    secrets = {"SECRET": oneroster["client_secret"]} if up else {}
    return homeroom(*words, cwd=folder, env=environment(**secrets))


def bundle_of(folder: Path) -> Path:
    """Return the one replay bundle of the folder's report."""
    [found] = (folder / "report" / "repro").iterdir()
    listed = (folder / "report" / "SHA256SUMS").read_text(encoding="ascii")
    assert f"  repro/{found.name}\n" in listed
    assert f'href="repro/{found.name}"' in (folder / "report" / "index.html").read_text("utf-8")
    return found


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project in which our own fake, with one setting changed, was certified in part."""
    folder = tmp_path_factory.mktemp("own")
    words = ("--fake", f"{NAME}=true", "--only", CASE, "--report", "report")
    done = run(folder, "certify", "provider", *words)
    assert done.code == 1, done.err
    return folder


def test_our_own_fake_is_set_up_as_it_was_and_asked_again(own: Path) -> None:
    path = bundle_of(own)
    manifest = read_replay(path).manifest
    assert (manifest.kind, manifest.origin.district, manifest.address) == ("provider", "tiny", "")
    assert manifest.world is not None
    assert manifest.world.settings == {NAME: True}
    again = run(own, "repro", "run", str(path), "--json")
    told = again.json()
    assert (again.code, told["still_fails"], told["same_features"]) == (1, True, True)
    assert told["peer"] == f"our own fake, as the bundle has it: {NAME} = True"
    assert [each["same_words"] for each in told["scenarios"]] == [True]
    shrunk = run(own, "repro", "shrink", str(path))
    assert shrunk.code == 2
    assert "is about a provider, which lives no nights" in shrunk.err


def test_a_rerun_has_the_settings_of_the_fake_and_takes_more(own: Path) -> None:
    more = ("--fake", "pagination_body=false")
    done = run(own, "report", "rerun", "report", "--report", "again", "--json", *more)
    assert done.code == 1, done.err
    told = done.json()
    assert told["subject"]["world"]["settings"] == {NAME: True, "pagination_body": False}
    assert [each["outcome"] for each in told["scenarios"]] == ["failed"]


def test_a_setting_that_the_fake_does_not_have_is_no_fault_of_homeroom(tmp_path: Path) -> None:
    done = run(tmp_path, "certify", "provider", "--fake", "case=1", "--only", CASE)
    assert done.code == 2
    assert "--fake: unknown: case; known are: absent_values" in done.err
    assert list(tmp_path.iterdir()) == []


@pytest.fixture(scope="module")
def up() -> Iterator[Up]:
    with Up("--district", "tiny", "--now", "2026-10-06T15:00:00Z") as running:
        yield running


def test_a_named_provider_is_asked_again_itself(up: Up, tmp_path: Path) -> None:
    peer = up.document["oneroster"]
    (tmp_path / "district.toml").write_text(
        f'[subject]\nkind = "provider"\nrequests_per_s = 1000\n'
        f'[oneroster]\nbase_url = "{peer["base_url"]}"\ntoken_url = "{peer["token_url"]}"\n'
        f'client_id = "{peer["client_id"]}"\nclient_secret = "$SECRET"\n'
    )
    assert control(up.document, "PATCH", "/focus/settings", {NAME: True}).status == 200
    only = ("--config", "district.toml", "--only", CASE, "--report", "report")
    assert run(tmp_path, "certify", "provider", *only, up=up).code == 1
    path = bundle_of(tmp_path)
    replay = read_replay(path)
    assert (replay.manifest.address, replay.manifest.world) == (peer["base_url"], None)
    assert not replay.manifest.origin.generated
    shown = [json.loads(line) for line in replay.parts["journal.jsonl"].splitlines()]
    assert shown
    assert peer["client_secret"].encode() not in path.read_bytes()

    unnamed = run(tmp_path, "repro", "run", str(path))
    assert unnamed.code == 2
    assert f"about the provider at {peer['base_url']}, which alone can answer" in unnamed.err
    rerun = run(tmp_path, "report", "rerun", "report")
    assert rerun.code == 2
    assert "names none; give its file with --config" in rerun.err

    words = ("repro", "run", str(path), "--subject", "district.toml")
    assert run(tmp_path, *words, up=up).code == 1
    assert control(up.document, "PATCH", "/focus/settings", {NAME: False}).status == 200
    mended = run(tmp_path, *words, up=up)
    assert mended.code == 0
    assert mended.out.splitlines() == [
        f"asked again: the provider at {peer['base_url']}",
        f"is gone: {CASE} Large and small letters are alike",
    ]
