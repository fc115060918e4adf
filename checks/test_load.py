"""`homeroom load`: passes on a sound provider, fails on an unsound one, refuses what cannot be."""

import csv
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from checks.support import Up, environment, homeroom, subject_environment
from homeroom.certify.control import ControlClient

NOW = "2026-09-01T06:00:00Z"


def test_a_sound_provider_keeps_the_limits_and_the_report_says_so(tmp_path: Path) -> None:
    done = homeroom("load", "nightly", "--district", "tiny", "--json", cwd=tmp_path)
    assert done.code == 0, done.err
    run = done.json()
    assert (run["passed"], run["partial"], run["misses"]) == (True, False, [])
    folder = tmp_path / run["report"]
    assert json.loads((folder / "load.json").read_text()) == run
    with (folder / "operations.csv").open() as file:
        counts = {row["operation"]: int(row["requests"]) for row in csv.DictReader(file)}
    # Three threads, each with a token of its own; every page once.
    assert counts["createToken"] == 3
    page = (folder / "index.html").read_text()
    assert "All limits kept" in page
    assert page.count("<svg") == 4
    assert "http://" not in page.replace("http://www.w3.org", "")


def test_a_provider_that_fails_a_page_misses_a_limit(tmp_path: Path) -> None:
    with Up("--district", "tiny", "--now", NOW, validate="off") as up:
        control = up.document["control"]
        client = ControlClient(control["url"], control["token"])
        rule = {
            "when": {"fake": "focus", "operation": "getAllUsers"},
            "act": {"kind": "duplicate_rows"},
        }
        client.call("POST", "/spaces/default/faults", rule)
        env = subject_environment(up.document, now=NOW, state_dir=tmp_path)
        done = homeroom("load", "smoke", "--json", env=env, cwd=tmp_path)
        client.close()
    assert done.code == 1, done.err
    run = done.json()
    assert {"error_share", "consumers_finished"} <= {miss["limit"] for miss in run["misses"]}
    assert any("came twice" in error for error in run["errors"])


MINE = """
about = "a night of many small pages"
source = "Ours."
districts = ["tiny"]
[users]
kind = "extract"
page_limit = 20
operations = ["getAllEnrollments", "getAllUsers"]
deadline_s = 60
"""
LATE = """
about: The long endpoint answers late.
rules:
  - when: {fake: focus, operation: getAllEnrollments}
    act: {kind: delay, seconds: 1}
"""


def test_a_night_fits_its_window_and_not_when_the_provider_is_slowed(tmp_path: Path) -> None:
    (tmp_path / "mine.toml").write_text(MINE)
    (tmp_path / "limits.toml").write_text("[mine]\nwindow_minutes = 0.15\nerror_share = 0.0\n")
    (tmp_path / "late.yaml").write_text(LATE)
    command = ("load", "mine.toml", "--limits", "limits.toml", "--json")
    sound = homeroom(*command, cwd=tmp_path)
    assert (sound.code, sound.json()["misses"]) == (0, []), sound.err
    slow = homeroom(*command, "--faults", "late.yaml", cwd=tmp_path)
    run = slow.json()
    assert slow.code == 1, slow.err
    # For this reason alone: no answer was wrong, and nobody waited for 38 pages of a second each.
    assert {miss["limit"] for miss in run["misses"]} == {"window_minutes", "consumers_finished"}
    assert "cannot fit its window" in run["stopped"]
    assert run["figures"]["window_minutes"] > 0.5
    assert (run["errors"], run["partial"], run["figures"]["forecast"]) == ([], False, True)
    assert run["figures"]["duration_s"] < 25
    assert run["load"]["faults"] == ["late.yaml"]
    certified = homeroom(
        "certify", "provider", "--only", "PVD-PRF-01", "--performance", run["report"],
        "--report", "certified", "--json", cwd=tmp_path,
    )  # fmt: skip
    results = certified.json()
    assert (certified.code, results["verdict"]) == (1, "not-certified"), certified.err
    assert [each["id"] for each in results["requirements"] if each["outcome"] == "failed"] == [
        "LOAD-WIN-01"
    ]
    assert any("disturbed on purpose" in mark for mark in results["performance"]["marks"])
    page = (tmp_path / "certified" / "index.html").read_text()
    assert 'id="performance"' in page
    assert (tmp_path / "certified" / "performance" / "index.html").exists()


@pytest.mark.parametrize(
    ("arguments", "records"),
    [
        (("grade-deadline", "--district", "tiny", "--users", "8"), 300),
        (("first-day", "--district", "tiny", "--spaces", "2", "--rounds", "1"), 200),
        pytest.param(("token-storm", "--users", "10", "--rounds", "3"), 60, marks=pytest.mark.long),
        pytest.param(
            ("paging-depth", "--district", "tiny", "--rounds", "2"), 1500, marks=pytest.mark.long
        ),
        (("statewide", "--district", "tiny", "--spaces", "4", "--workers", "2"), 4500),
    ],
)
def test_each_profile_runs_to_its_end(
    arguments: tuple[str, ...], records: int, tmp_path: Path
) -> None:
    done = homeroom("load", *arguments, "--json", cwd=tmp_path)
    run = done.json()
    assert (done.code, run["errors"], run["partial"]) == (0, [], False), done.err
    assert run["figures"]["finished"]
    assert run["figures"]["records"] >= records


def test_a_lost_write_is_seen_in_the_final_totals(tmp_path: Path) -> None:
    bundle = tmp_path / "lost.yaml"
    bundle.write_text(
        "about: The gradebook answers with no rows.\n"
        "rules:\n"
        "  - when: {fake: focus, operation: getResultsForLineItemForClass}\n"
        "    act: {kind: empty_page}\n"
    )
    done = homeroom(
        "load", "grade-deadline", "--district", "tiny", "--users", "2", "--faults", str(bundle),
        "--json", cwd=tmp_path,
    )  # fmt: skip
    assert done.code == 1
    assert any("0 results of 0 points; sent were" in error for error in done.json()["errors"])


def test_ctrl_c_leaves_a_partial_report(tmp_path: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "homeroom", "load", "soak", "--district", "tiny", "--json"],
        cwd=tmp_path, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )  # fmt: skip
    assert process.stderr is not None
    for line in process.stderr:
        if " requests, " in line:
            break
    os.kill(process.pid, signal.SIGINT)
    out, _ = process.communicate(timeout=60)
    run = json.loads(out)
    assert (process.returncode, run["partial"], run["stopped"]) == (1, True, "stopped by Ctrl-C")
    assert run["figures"]["requests"] > 0
    assert "partial" in (tmp_path / run["report"] / "index.html").read_text()


def test_ctrl_c_before_the_run_says_so_and_leaves_nothing(tmp_path: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "homeroom", "load", "smoke"],
        cwd=tmp_path, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )  # fmt: skip
    assert process.stderr is not None
    assert process.stderr.readline().startswith("smoke: ")
    os.kill(process.pid, signal.SIGINT)
    _, err = process.communicate(timeout=60)
    assert (process.returncode, "nothing was measured" in err) == (130, True), err
    assert list(tmp_path.iterdir()) == []


LOCAL = {
    "ONEROSTER_BASE_URL": "http://127.0.0.1:9/x",
    "ONEROSTER_TOKEN_URL": "http://127.0.0.1:9/t",
    "ONEROSTER_CLIENT_ID": "id",
    "ONEROSTER_CLIENT_SECRET": "a-secret-of-somebody",
}


@pytest.mark.parametrize(
    ("arguments", "variables", "part"),
    [
        (("smoky",), {}, "there is no profile 'smoky'"),
        (("typo.toml",), {}, "'getAllEnrolments' unknown; did you mean getAllEnrollments?"),
        (("smoke",), {"ONEROSTER_BASE_URL": "http://x"}, "ONEROSTER_TOKEN_URL"),
    ],
)
def test_what_cannot_be_run_is_said_and_2(
    arguments: tuple[str, ...], variables: dict[str, str], part: str, tmp_path: Path
) -> None:
    typo = MINE.replace("getAllEnrollments", "getAllEnrolments")
    (tmp_path / "typo.toml").write_text(typo)
    done = homeroom("load", *arguments, env=environment(**variables), cwd=tmp_path)
    assert done.code == 2
    assert part in done.err
    assert not (tmp_path / "reports").exists()
    assert "Traceback" not in done.err


def test_an_unreachable_target_is_refused_before_the_run(tmp_path: Path) -> None:
    began = time.monotonic()
    done = homeroom("load", "smoke", env=environment(**LOCAL), cwd=tmp_path)
    assert done.code == 2
    assert "the target cannot be loaded" in done.err
    assert time.monotonic() - began < 60


def test_a_window_that_arithmetic_excludes_is_refused(tmp_path: Path) -> None:
    limits = tmp_path / "limits.toml"
    limits.write_text("[nightly]\nwindow_minutes = 0.00001\n")
    done = homeroom("load", "nightly", "--district", "tiny", "--limits", str(limits), cwd=tmp_path)
    assert done.code == 2
    assert "window_minutes = 1e-05 cannot be met" in done.err
