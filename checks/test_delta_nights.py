"""A week lived twice: by a subject that reads everything and by one that reads what changed."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from checks.support import Up, homeroom, subject_environment
from checks.worlds import canvas, control, new_space

NOW = "2026-09-01T06:00:00Z"


@pytest.fixture(scope="module")
def up() -> Iterator[Up]:
    with Up("--district", "empty", "--now", NOW) as up:
        yield up


class Service:
    """The reference service against a space of its own."""

    def __init__(self, up: Up, folder: Path, settings: str) -> None:
        self.document = new_space(up.document, district="tiny", seed=7, now=NOW)
        self._state, self._config = folder / "state", folder / "homeroom.toml"
        folder.mkdir()
        self._config.write_text(settings, encoding="utf-8")

    def night(self, *arguments: str) -> dict[str, Any]:
        now = control(self.document, "GET", "/clock").json()["now"]
        env = subject_environment(self.document, now=now, state_dir=self._state)
        words = "provision", "--json", "--config", str(self._config), *arguments
        done = homeroom(*words, env=env)
        assert done.code in {0, 1, 4}, done.err
        return dict(done.json())


def canvas_holds(document: dict[str, Any]) -> dict[str, Any]:
    """Return all that provisioning puts in Canvas, without its numbers."""
    held: dict[str, Any] = {}
    users = canvas(document, "GET", "/accounts/1/users?per_page=100").json()
    held["users"] = sorted((u["sis_user_id"] or "", u["name"], u["login_id"]) for u in users)
    for course in canvas(document, "GET", "/accounts/1/courses?per_page=100").json():
        where = f"/courses/{course['id']}"
        sections = canvas(document, "GET", f"{where}/sections?per_page=100").json()
        states = "&".join(f"state[]={s}" for s in ("active", "inactive", "completed", "deleted"))
        seats = canvas(document, "GET", f"{where}/enrollments?per_page=100&{states}").json()
        held[str(course["sis_course_id"])] = {
            "name": course["name"],
            "code": course["course_code"],
            "sections": sorted((s["sis_section_id"] or "", s["name"]) for s in sections),
            "seats": sorted(
                (s["sis_section_id"] or "", s["sis_user_id"], s["type"], s["enrollment_state"])
                for s in seats
            ),
        }
    return held


def test_a_week_of_deltas_leaves_canvas_as_full_reads_do(up: Up, tmp_path: Path) -> None:
    whole = Service(up, tmp_path / "whole", "")
    delta = Service(up, tmp_path / "delta", "[service]\ndelta = true\n")
    first = whole.night(), delta.night()
    assert {night["plan"]["why_whole"] for night in first} == {"the first night"}
    how = list[str]()
    for _ in range(7):
        for service in (whole, delta):
            control(service.document, "POST", "/focus/evolve", {"days": 1, "scale": 10})
        ours, theirs = delta.night(), whole.night()
        print(ours["status"], ours["plan"]["why_whole"], ours["plan"]["counts"], ours["refused"][:2], ours["drift"][:2])
        how.append(ours["plan"]["why_whole"])
        assert ours["plan"]["digest"] == theirs["plan"]["digest"], (ours["plan"]["counts"], theirs["plan"]["counts"])
    assert canvas_holds(delta.document) == canvas_holds(whole.document)
