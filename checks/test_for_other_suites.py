"""Homeroom inside other test suites: the pytest plugin, and the fakes as a library."""

import subprocess
import sys
from pathlib import Path

import pytest

from checks.support import environment
from checks.worlds import canvas, focus
from homeroom.mocks.stage import StageSettings, serve

SUITE = """
import json, urllib.request
import pytest


def ask(document, path):
    url = document["canvas"]["base_url"] + path
    headers = {"Authorization": "Bearer " + document["canvas"]["token"]}
    with urllib.request.urlopen(urllib.request.Request(url, headers=headers)) as answer:
        return json.load(answer)


@pytest.mark.homeroom(district="tiny", now="2026-09-15T06:00:00Z")
def test_the_marker_says_which_world(homeroom_space):
    assert homeroom_space.now.isoformat().startswith("2026-09-15T06:00")


@pytest.mark.parametrize("turn", [1, 2])
def test_each_test_has_a_world_of_its_own(homeroom_space, turn):
    assert homeroom_space.journal() == []
    ask(homeroom_space.document, "/api/v1/accounts/1/users")
    assert [one["operationId"] for one in homeroom_space.journal()] == ["listAccountUsers"]


def test_a_world_is_saved_and_brought_back(homeroom_space):
    before = homeroom_space.snapshot()
    homeroom_space.set_clock("2030-01-01T00:00:00Z", frozen=True)
    homeroom_space.restore(before)
    assert homeroom_space.now.year < 2030


def test_a_fault_that_never_hits_is_told(homeroom_space):
    homeroom_space.add_fault({"id": "idle", "act": {"kind": "delay"}})


@pytest.mark.homeroom(distrct="tiny")
def test_a_mistyped_marker_is_refused(homeroom_space):
    pass
"""


def run_suite(folder: Path, *options: str) -> str:
    (folder / "test_theirs.py").write_text(SUITE)
    command = [sys.executable, "-m", "pytest", "-p", "homeroom", "-q", "-p", "no:cacheprovider"]
    done = subprocess.run(
        [*command, *options, str(folder)],
        cwd=folder, env=environment(), capture_output=True, text=True, check=False, timeout=300,
    )  # fmt: skip
    return done.stdout + done.stderr


def test_a_suite_gets_a_world_for_each_test(tmp_path: Path) -> None:
    out = run_suite(tmp_path)
    assert "5 passed" in out, out
    assert "1 error" in out
    assert "@pytest.mark.homeroom takes district, now, seed by name" in out
    assert "UnusedFaultWarning: fault rule idle never hit" in out


def test_a_strict_suite_is_not_troubled_by_our_libraries(tmp_path: Path) -> None:
    options = ("-W", "error", "--strict-markers", "-k", "marker_says or of_its_own or brought_back")
    out = run_suite(tmp_path, *options)
    assert "4 passed" in out, out


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_the_fakes_are_a_library_in_one_block() -> None:
    with serve(StageSettings(district="tiny", seed=7)) as stage:
        document = stage.space_document
        assert focus(document, "/users?limit=1").status == 200
        assert canvas(document, "GET", "/accounts/1").json()["id"] == 1
    with pytest.raises(OSError, match="refused"):
        focus(document, "/users?limit=1")
