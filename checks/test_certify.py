"""`homeroom certify` and `homeroom report` as users run them: exit codes, bundles, subjects."""

import json
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from checks.support import ROOT, Done, environment, homeroom

PART = "PRV-TRM-01"
COMMANDS = f"""
[subject]
name = "Ours by command"
provision = [{sys.executable!r}, "-m", "homeroom", "provision"]
passback = [{sys.executable!r}, "-m", "homeroom", "passback"]
"""
IDLE = '[subject]\nname = "Idle"\nprovision = ["true"]\n'


def results(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / "results.json").read_text())
    return found


def write(folder: Path, text: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "homeroom.toml").write_text(text)
    return folder


def certify(folder: Path, *arguments: str) -> Done:
    return homeroom("certify", "--workers", "1", *arguments, cwd=folder)


@pytest.fixture(scope="module")
def reference(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project in which the reference was certified in part; holds `report` and the outcome."""
    folder = tmp_path_factory.mktemp("reference")
    done = certify(folder, "sync", "--only", PART, "--report", "report", "--json")
    (folder / "stdout").write_text(done.out)
    assert done.code == 0, done.err
    return folder


@pytest.fixture(scope="module")
def idle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project whose subject does nothing at all."""
    folder = write(tmp_path_factory.mktemp("idle"), IDLE)
    done = certify(folder, "--only", PART)
    assert done.code == 1, done.err
    return folder


def test_part_that_passes_exits_0_and_is_incomplete(reference: Path) -> None:
    found = results(reference / "report")
    assert found["verdict"] == "incomplete"
    assert {each["outcome"] for each in found["scenarios"]} == {"passed"}
    assert found["totals"]["passed"] == len(found["scenarios"]) > 1
    assert found["subject"]["kind"] == "sync"
    assert {check["outcome"] for check in found["preflight"]} == {"passed"}
    assert not (reference / "reports").exists()


def test_trouble_that_the_subject_never_met_is_told(tmp_path: Path) -> None:
    done = certify(write(tmp_path, IDLE), "--only", "resilience/hiccups.feature", "--report", "r")
    assert done.code == 1, done.err
    told = " ".join(each["received"] for each in results(tmp_path / "r")["scenarios"])
    assert "no request met the fault " in told


def test_json_on_stdout_is_the_file(reference: Path) -> None:
    assert json.loads((reference / "stdout").read_text()) == results(reference / "report")


def test_bundle_is_verified_and_tampering_noticed(reference: Path, tmp_path: Path) -> None:
    assert homeroom("report", "verify", "report", cwd=reference).code == 0
    copy = tmp_path / "copy"
    copy.mkdir()
    for path in (reference / "report").iterdir():
        (copy / path.name).write_bytes(path.read_bytes())
    (copy / "index.html").write_text("certified!")
    done = homeroom("report", "verify", str(copy), "--json")
    assert (done.code, done.json()["wrong"]) == (1, ["index.html: was changed after the run"])


def test_part_of_a_run_is_not_sealed(reference: Path) -> None:
    done = homeroom("report", "package", "report", cwd=reference)
    assert (done.code, "only a complete run can be sealed" in done.err) == (1, True)
    assert not (reference / "report.zip").exists()


def test_subject_that_does_nothing_is_not_certified(idle: Path) -> None:
    found = results(idle / "reports" / "latest")
    assert found["verdict"] == "not-certified"
    assert (found["totals"]["failed"] > 0, found["totals"]["harness_error"]) == (True, 0)
    assert all(each["reason"] for each in found["scenarios"] if each["outcome"] == "failed")
    assert (idle / "reports" / "latest").is_symlink()


def test_diff_says_what_got_worse_and_why(reference: Path, idle: Path) -> None:
    before, after = reference / "report", idle / "reports" / "latest"
    done = homeroom("report", "diff", str(before), str(after), "--json")
    assert done.code == 1
    assert "subject" in {change["what"] for change in done.json()["causes"]}
    assert homeroom("report", "diff", str(before), str(before)).code == 0


def test_rerun_runs_what_failed_and_nothing_else(idle: Path) -> None:
    before = results(idle / "reports" / "latest")
    failed = {each["id"] for each in before["scenarios"] if each["outcome"] == "failed"}
    done = homeroom("report", "rerun", "reports/latest", "--report", "again", cwd=idle)
    assert done.code == 1
    assert {each["id"] for each in results(idle / "again")["scenarios"]} == failed


def test_reference_run_by_command_passes_too(tmp_path: Path) -> None:
    done = certify(write(tmp_path, COMMANDS), "--only", PART, "--report", "report")
    assert done.code == 0, done.err
    assert results(tmp_path / "report")["subject"]["name"] == "Ours by command"


@pytest.mark.skipif(shutil.which("faketime") is None, reason="Debian's faketime is not here")
def test_signatures_of_the_nights_time_are_in_time(tmp_path: Path) -> None:
    signs = f'{COMMANDS}auth = "oauth1"\n\n[subject.choices]\ntime = "faketime"\n'
    done = certify(write(tmp_path, signs), "--only", PART, "--report", "report")
    assert done.code == 0, done.err


def test_unusable_set_up_is_told_apart_from_the_product(tmp_path: Path) -> None:
    folder = write(tmp_path, '[subject]\nprovision = ["./nowhere.sh"]\n')
    done = certify(folder, "--only", PART, "--report", "report")
    assert done.code == 2
    found = results(folder / "report")
    assert (found["verdict"], found["scenarios"]) == ("incomplete", [])
    [failed] = [check for check in found["preflight"] if check["outcome"] == "failed"]
    assert failed["detail"] == f"{folder / 'nowhere.sh'}: there is no such file"
    assert failed["remedy"]


WAIVER = '\n[[waivers]]\nrequirement = "{}"\nreason = "r"\nowner = "o"\nexpires = {}\n'


def requirements_of(folder: Path, outcome: str) -> list[str]:
    return [each["id"] for each in results(folder)["requirements"] if each["outcome"] == outcome]


def test_waived_failures_leave_no_failure(idle: Path, tmp_path: Path) -> None:
    failed = requirements_of(idle / "reports" / "latest", "failed")
    waivers = "".join(WAIVER.format(id_, "2099-12-31") for id_ in failed)
    folder = write(tmp_path, IDLE + waivers)
    done = certify(folder, "--only", PART, "--report", "report")
    assert done.code == 0, done.err
    totals = results(folder / "report")["totals"]
    assert (totals["failed"], totals["waived"] > 0) == (0, True)


def test_stale_waiver_fails_the_run(reference: Path, tmp_path: Path) -> None:
    [id_, *_] = requirements_of(reference / "report", "passed")
    folder = write(tmp_path, WAIVER.format(id_, "2099-12-31"))
    done = certify(folder, "--only", id_, "--report", "report")
    assert done.code == 1
    assert results(folder / "report")["verdict"] == "not-certified"


@pytest.mark.parametrize(
    ("waiver", "told"),
    [
        (WAIVER.format("PRV-XYZ-99", "2099-12-31"), "PRV-XYZ-99 is no requirement"),
        (WAIVER.format("PRV-ENR-01", "2020-01-01"), "expired on 2020-01-01"),
    ],
)
def test_unusable_waiver_stops_before_anything_starts(
    tmp_path: Path, waiver: str, told: str
) -> None:
    done = certify(write(tmp_path, waiver), "--only", PART)
    assert (done.code, told in done.err) == (2, True)
    assert not (tmp_path / "reports").exists()


def test_foreign_folder_is_refused_before_anything_starts(tmp_path: Path) -> None:
    (tmp_path / "work").mkdir()
    (tmp_path / "work" / "thesis.doc").write_text("years")
    started = time.monotonic()
    done = certify(tmp_path, "--only", PART, "--report", "work")
    assert (done.code, "something other than an earlier report" in done.err) == (2, True)
    assert (tmp_path / "work" / "thesis.doc").read_text() == "years"
    assert time.monotonic() - started < 20


def test_selecting_nothing_is_told(tmp_path: Path) -> None:
    done = certify(tmp_path, "--only", "PRV-XYZ")
    assert (done.code, "--only PRV-XYZ: no scenario" in done.err) == (2, True)


def test_interrupted_run_leaves_an_incomplete_report(tmp_path: Path) -> None:
    (tmp_path / "slow.py").write_text("import time\ntime.sleep(100)\n")
    folder = write(tmp_path, f'[subject]\nprovision = [{sys.executable!r}, "slow.py"]\n')
    process = subprocess.Popen(
        [sys.executable, "-m", "homeroom", "certify", "--workers", "1", "--only", PART],
        cwd=folder,
        env=environment(),
        stderr=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
    )
    pid = wait_for_subject(folder)
    process.send_signal(signal.SIGINT)
    assert process.wait(timeout=60) == 1
    found = results(folder / "reports" / "latest")
    assert found["verdict"] == "incomplete"
    assert found["not_run"]
    assert not Path(f"/proc/{pid}").exists()


def wait_for_subject(folder: Path) -> str:
    for _ in range(600):
        for entry in Path("/proc").iterdir():
            if entry.name.isdigit():
                try:
                    words = (entry / "cmdline").read_bytes().split(b"\0")
                    here = (entry / "cwd").readlink() == folder
                except OSError:
                    continue
                if here and b"slow.py" in words:
                    return entry.name
        time.sleep(0.1)
    raise AssertionError("the subject was never started")


def test_ci_script_annotates_and_keeps_the_exit_code(tmp_path: Path) -> None:
    folder = write(tmp_path, '[subject]\nprovision = ["./nowhere.sh"]\n')
    (folder / "homeroom").write_text(f'#!/bin/sh\nexec {sys.executable} -m homeroom "$@"\n')
    (folder / "homeroom").chmod(0o755)
    files = {"GITHUB_STEP_SUMMARY": "summary.md", "GITHUB_OUTPUT": "output"}
    given = {"CONFIG": "homeroom.toml", "REPORT": "report", "ONLY": PART, "STRICT": "true"}
    done = subprocess.run(
        [shutil.which("bash") or "bash", ROOT / ".github" / "actions" / "certify" / "certify.sh"],
        cwd=folder,
        env=environment(HOMEROOM_BIN="./homeroom") | files | given,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert "::error title=The provision command can be started::" in done.stdout
    assert (folder / "output").read_text() == "verdict=incomplete\n"
    assert (folder / "summary.md").read_text().startswith("## Incomplete: nowhere.sh")


def test_a_pair_is_sent_to_the_judge(tmp_path: Path) -> None:
    done = certify(tmp_path, "pair")
    assert (done.code, "`homeroom judge before` and `after`" in done.err) == (2, True)


def test_list_and_explain_run_nothing(tmp_path: Path) -> None:
    listed = certify(tmp_path, "--list", "--json").json()
    assert listed["requirement_set"]["id"] == "focus-canvas-1.1"
    assert listed["scenarios"]
    assert all(each["requirements"] for each in listed["scenarios"])
    explained = certify(tmp_path, "--explain", listed["requirements"][0]["id"])
    assert (explained.code, "who is hurt" in explained.out) == (0, True)
    assert certify(tmp_path, "--explain", "PRV-XYZ-99").code == 2


def test_init_writes_a_file_that_certify_takes(tmp_path: Path) -> None:
    assert homeroom("init", cwd=tmp_path).code == 0
    assert certify(tmp_path, "--list").code == 0
    assert homeroom("init", cwd=tmp_path).code == 2
