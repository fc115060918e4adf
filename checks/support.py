"""What whole-program checks share: running verbs, starting fakes, finding third-party data."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

ROOT = Path(__file__).resolve().parent.parent
SHARED_DATA = ROOT.parent / "shared" / "data"
MOCKROSTER = SHARED_DATA / "mockroster-oneroster-1.1.zip"
PAIR = """
[subject]
kind = "pair"
name = "Lake County's night"
[subject.choices]
{choices}
[oneroster]
base_url = "{base_url}"
token_url = "{token_url}"
client_id = "{client_id}"
client_secret = "$FOCUS_SECRET"
[canvas]
base_url = "{canvas}"
token = "$CANVAS_SECRET"
"""


def environment(**variables: str) -> dict[str, str]:
    """Return the caller's environment without what would aim a verb at another world."""
    kept = {
        key: value
        for key, value in os.environ.items()
        if not key.startswith(("ONEROSTER_", "CANVAS_", "HOMEROOM_"))
    }
    return {**kept, **variables}


@dataclass(frozen=True)
class Done:
    """A verb that ran to its end."""

    code: int
    out: str
    err: str

    def json(self) -> Any:
        """Return the one document on stdout."""
        return json.loads(self.out)


def homeroom(
    *arguments: str,
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    timeout_s: float = 300,
    program: Sequence[str] = (sys.executable, "-m", "homeroom"),
) -> Done:
    """Run one verb to its end."""
    done = subprocess.run(
        [*program, *arguments],
        env=dict(env) if env is not None else environment(),
        cwd=cwd,
        capture_output=True,
        text=True,
        timeout=timeout_s,
        check=False,
    )
    return Done(done.returncode, done.stdout, done.stderr)


class Up:
    """A running `homeroom up`, with the space document it printed."""

    def __init__(self, *arguments: str, validate: str = "all") -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "homeroom", "up", "--json", *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=environment(HOMEROOM_VALIDATE=validate),
        )
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        if not line:
            _, err = self.process.communicate()
            raise AssertionError(f"homeroom up ended with {self.process.returncode}: {err}")
        self.document: dict[str, Any] = json.loads(line)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self) -> Done:
        """Stop it as an operator would, and return how it ended."""
        if self.process.poll() is None:
            self.process.terminate()
        out, err = self.process.communicate(timeout=30)
        return Done(self.process.returncode, out, err)


def subject_environment(
    document: Mapping[str, Any], *, now: str, state_dir: Path, **variables: str
) -> dict[str, str]:
    """Return the variables of interface.md section 4 for the world of a space document."""
    oneroster, canvas = document["oneroster"], document["canvas"]
    return environment(
        ONEROSTER_BASE_URL=oneroster["base_url"],
        ONEROSTER_TOKEN_URL=oneroster["token_url"],
        ONEROSTER_CLIENT_ID=oneroster["client_id"],
        ONEROSTER_CLIENT_SECRET=oneroster["client_secret"],
        ONEROSTER_AUTH="oauth2",
        CANVAS_BASE_URL=canvas["base_url"],
        CANVAS_TOKEN=canvas["token"],
        HOMEROOM_NOW=now,
        HOMEROOM_STATE_DIR=str(state_dir),
        **variables,
    )


def pair_settings(document: Mapping[str, Any], choices: str = "") -> str:
    """Return the homeroom.toml of a district whose pair is the world of a space document."""
    peer, canvas = document["oneroster"], document["canvas"]
    return PAIR.format(**peer, canvas=canvas["base_url"], choices=choices)


def pair_secrets(document: Mapping[str, Any]) -> dict[str, str]:
    """Return the variables that `pair_settings` names."""
    peer, canvas = document["oneroster"], document["canvas"]
    return {"FOCUS_SECRET": peer["client_secret"], "CANVAS_SECRET": canvas["token"]}
