"""`homeroom load smoke` passes on a sound provider, and fails the process on an unsound one."""

from pathlib import Path

import pytest

from checks.support import Up, environment, homeroom, subject_environment
from homeroom.certify.control import ControlClient

NOW = "2026-09-01T06:00:00Z"


def test_a_sound_provider_keeps_the_limits(tmp_path: Path) -> None:
    done = homeroom("load", "smoke", "--json", cwd=tmp_path)
    assert done.code == 0, done.err
    run = done.json()
    assert run["passed"]
    assert run["misses"] == []
    assert run["figures"]["records"] > 80_000


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


@pytest.mark.parametrize(
    ("arguments", "variables", "part"),
    [
        (("load", "smoky"), {}, "there is no profile 'smoky'"),
        (("load", "smoke"), {"ONEROSTER_BASE_URL": "http://x"}, "ONEROSTER_TOKEN_URL"),
    ],
)
def test_what_cannot_be_run_is_said_and_2(
    arguments: tuple[str, ...], variables: dict[str, str], part: str, tmp_path: Path
) -> None:
    done = homeroom(*arguments, env=environment(**variables), cwd=tmp_path)
    assert done.code == 2
    assert part in done.err
    assert "Traceback" not in done.err
