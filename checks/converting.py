"""A district that converts: its Canvas holds people under e-mail addresses for SIS ids."""

import io
import itertools
import time
import zipfile
from pathlib import Path
from typing import Any

from checks.support import Done, homeroom, subject_environment
from checks.worlds import canvas

NOW = "2026-09-14T15:00:00Z"
BY_EMAIL = '[subject.choices]\nuser_id = "email"\nlogin_id = "username"\n'


def verb(space: dict[str, Any], folder: Path, *arguments: str, toml: str = "") -> Done:
    """Run a verb whose state and settings lie in a folder of its own."""
    folder.mkdir(exist_ok=True)
    (folder / "homeroom.toml").write_text(toml)
    env = subject_environment(space, now=NOW, state_dir=folder / "state")
    return homeroom(*arguments, env=env, cwd=folder)


def users_of(space: dict[str, Any]) -> dict[str, int]:
    """Return Canvas ids of all users by SIS id."""
    found: dict[str, int] = {}
    for page in itertools.count(1):
        query = f"/accounts/1/users?per_page=100&page={page}"
        rows = canvas(space, "GET", query).json()
        found |= {row["sis_user_id"]: row["id"] for row in rows if row["sis_user_id"]}
        if not rows:
            break
    return found


def import_rekeys(space: dict[str, Any], file: Path) -> None:
    """Let Canvas import the draft that an evaluation wrote, and wait for its end."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.write(file, "change_sis_id.csv")
    path = "/accounts/1/sis_imports?import_type=instructure_csv"
    made = canvas(space, "POST", path, packed.getvalue(), "application/zip")
    assert made.status == 200, made.body
    told: dict[str, Any] = {"progress": 0}
    until = time.monotonic() + 60
    while told["progress"] < 100 and time.monotonic() < until:
        told = canvas(space, "GET", f"/accounts/1/sis_imports/{made.json()['id']}").json()
    assert told["workflow_state"] == "imported", told
