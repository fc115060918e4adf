"""The CI kit's scripts, each run by bash as a runner would, without GitHub."""

import os
import re
import subprocess
import sys
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

ACTION = Path(__file__).parent.parent / ".github/actions/certify"
DOCS = Path(__file__).parent.parent / "docs/ci.md"
METADATA: dict[str, Any] = yaml.safe_load((ACTION / "action.yml").read_text(encoding="utf-8"))
STEPS: list[dict[str, Any]] = METADATA["runs"]["steps"]


@dataclass
class Ran:
    """A step that ran, and what it told the runner."""

    code: int
    out: str
    outputs: str
    summary: str


@pytest.fixture
def runner(tmp_path: Path) -> dict[str, str]:
    """A stand-in for a runner's environment, this Homeroom in the place of an installed one."""
    bin_ = tmp_path / "temp" / "homeroom" / "bin"
    bin_.mkdir(parents=True)
    program = bin_ / "homeroom"
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m homeroom "$@"\n')
    program.chmod(0o755)
    kept = {key: value for key, value in os.environ.items() if not key.startswith("HOMEROOM_")}
    return {
        **kept,
        "RUNNER_TEMP": str(tmp_path / "temp"),
        "GITHUB_ACTION_PATH": str(ACTION),
        "GITHUB_OUTPUT": str(tmp_path / "output"),
        "GITHUB_STEP_SUMMARY": str(tmp_path / "summary"),
        "PYTHONPATH": str(ACTION.parents[2]),
    }


def inputs(**given: str) -> dict[str, str]:
    """Return the environment that the action makes of its inputs."""
    step = next(step for step in STEPS if step.get("id") == "certify")
    names = {
        name: value.strip("${} ").removeprefix("inputs.") for name, value in step["env"].items()
    }
    defaults = {name: str(each["default"]) for name, each in METADATA["inputs"].items()}
    return {name: {**defaults, **given}[named] for name, named in names.items()}


def run(step: dict[str, Any], cwd: Path, env: dict[str, str]) -> Ran:
    """Run a step's script with the shell options that GitHub uses."""
    words = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]]
    done = subprocess.run(
        words, cwd=cwd, env=env, capture_output=True, text=True, timeout=300, check=False
    )
    files = [Path(env[name]) for name in ("GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY")]
    told = [path.read_text(encoding="utf-8") if path.exists() else "" for path in files]
    return Ran(done.returncode, done.stdout + done.stderr, *told)


def test_certify_step_annotates_summarises_and_fails_the_job(
    tmp_path: Path, runner: dict[str, str]
) -> None:
    step = next(step for step in STEPS if step.get("id") == "certify")
    (tmp_path / "homeroom.toml").write_text(
        '[subject]\nprovision = ["true"]\npassback = ["true"]\n'
    )
    given = inputs(kind="sync", only="provisioning/sub_accounts.feature", report="the report")
    ran = run(step, tmp_path, {**runner, **given})
    assert ran.code == 1, ran.out
    assert "::error title=PRV-ORG-01" in ran.out
    assert ran.outputs == "verdict=not-certified\n"
    assert ran.summary.startswith("## Not certified")
    assert (tmp_path / "the report" / "index.html").exists()


def test_certify_step_reports_a_set_up_that_cannot_be_used(
    tmp_path: Path, runner: dict[str, str]
) -> None:
    step = next(step for step in STEPS if step.get("id") == "certify")
    (tmp_path / "homeroom.toml").write_text('[subject]\nprovision = ["no-such-program"]\n')
    ran = run(step, tmp_path, {**runner, **inputs(only="PRV-TRM-01")})
    assert (ran.code, ran.outputs) == (2, "verdict=incomplete\n")


def test_words_of_changed_reach_the_program(tmp_path: Path, runner: dict[str, str]) -> None:
    step = next(step for step in STEPS if step.get("id") == "certify")
    program = tmp_path / "program"
    program.write_text('#!/bin/sh\necho "$@"\n')
    program.chmod(0o755)
    given = inputs(changed="true", since="last report", only="A B", kind="sync", strict="true")
    ran = run(step, tmp_path, {**runner, **given, "HOMEROOM_BIN": str(program)})
    assert ran.out.split() == [
        *("certify", "sync", "--report", "homeroom-report", "--workers", "2"),
        *("--only", "A", "--only", "B", "--changed", "--since", "last", "report", "--strict"),
    ]


def test_set_up_step_makes_its_own_environment(tmp_path: Path, runner: dict[str, str]) -> None:
    step = next(step for step in STEPS if step["name"] == "Set up Homeroom")
    fakes, log = tmp_path / "bin", tmp_path / "log"
    fakes.mkdir()
    # python3 and pip that write down what they are asked: nothing is installed here.
    (fakes / "python3").write_text(
        f'#!/bin/sh\necho "python3 $*" >> "{log}"\nmkdir -p "$3/bin"\n'
        f'printf \'#!/bin/sh\\necho "pip $*" >> "{log}"\\n\' > "$3/bin/pip"\n'
        'chmod +x "$3/bin/pip"\n'
    )
    (fakes / "python3").chmod(0o755)
    env = {**runner, "PATH": f"{fakes}:{runner['PATH']}", "HOMEROOM": "homeroom==1.2"}
    ran = run(step, tmp_path, env)
    assert ran.code == 0, ran.out
    venv = f"{runner['RUNNER_TEMP']}/homeroom"
    assert log.read_text().splitlines() == [
        f"python3 -m venv {venv}",
        "pip install --quiet homeroom==1.2",
    ]


def test_every_input_reaches_a_step_and_every_step_is_tried() -> None:
    used = {name for step in STEPS for name in re.findall(r"inputs\.(\w+)", yaml.safe_dump(step))}
    assert used == set(METADATA["inputs"])
    scripts = {step["name"] for step in STEPS if "run" in step}
    assert scripts == {"Set up Homeroom", "Certify"}


def test_actions_of_others_are_pinned_to_a_commit_or_major_version() -> None:
    text = (ACTION / "action.yml").read_text(encoding="utf-8") + DOCS.read_text(encoding="utf-8")
    foreign = [each for each in re.findall(r"uses: (\S+)", text) if not each.startswith("OWNER/")]
    assert foreign
    assert [each for each in foreign if not re.search(r"@(v\d+(\.\d+)*|[0-9a-f]{40})$", each)] == []


@cache
def help_of(verb: str) -> str:
    """Return what a verb says of itself."""
    words = [sys.executable, "-m", "homeroom", *verb.split(), "--help"]
    return subprocess.run(words, capture_output=True, text=True, check=True).stdout


@pytest.mark.parametrize("language", ["sh", "yaml", "groovy"])
def test_documented_scripts_have_no_unknown_verb_or_option(language: str) -> None:
    blocks = re.findall(rf"```{language}\n(.*?)```", DOCS.read_text(encoding="utf-8"), re.DOTALL)
    assert blocks
    for line in "\n".join(blocks).splitlines():
        if command := re.search(
            r"(?:^|[\s'/])homeroom (certify|report \w+|repro \w+)([^'#]*)", line
        ):
            told = help_of(command[1])
            for option in re.findall(r"--[a-z-]+", command[2]):
                assert option in told, line
