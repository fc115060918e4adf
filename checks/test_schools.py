"""`[service] schools`: a district that licensed some of its schools provisions those alone."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from checks.support import Up, homeroom, subject_environment
from checks.worlds import canvas
from homeroom.certify.control import ControlClient
from homeroom.features.histories.calendar import Calendar
from homeroom.features.histories.school import School

OAK, ELM = "Oak High", "Elm Middle"
NIGHT = datetime(2026, 9, 15, 6, tzinfo=UTC)


@pytest.fixture(scope="module")
def up() -> Iterator[Up]:
    with Up("--district", "empty", "--now", NIGHT.isoformat()) as up:
        yield up


def names(document: dict[str, Any], path: str) -> set[str]:
    """Return the names of all that Canvas lists and a SIS made."""
    rows = canvas(document, "GET", f"{path}{'&' if '?' in path else '?'}per_page=100").json()
    return {row["name"] for row in rows if any(row.get(key) for key in SIS_IDS)}


SIS_IDS = ("sis_account_id", "sis_user_id", "sis_course_id")


def test_schools_that_nobody_asked_for_stay_out_with_their_people_and_classes(
    up: Up, tmp_path: Path
) -> None:
    access = up.document["control"]
    with ControlClient(access["url"], access["token"]) as client:
        space = client.new_space(now=NIGHT)
        school = School(space, Calendar())
        for place, teacher, pupil in ((OAK, "Ada Lind", "Ben Moss"), (ELM, "Cy Rood", "Di Hart")):
            school.open(place)
            school.teachers(teacher, school=place)
            school.course(f"Art at {place}", f"ART-{place[:3]}", place)
            school.class_(f"Art of {place}", course=f"Art at {place}", school=place)
            school.teach(teacher, f"Art of {place}")
            school.students(pupil, school=place)
            school.fill(f"Art of {place}", pupil)
        document = dict(space.document)
        chosen = json.dumps([school.id("orgs", OAK)])
        (tmp_path / "homeroom.toml").write_text(f"[service]\nschools = {chosen}\n")
        env = subject_environment(document, now=NIGHT.isoformat(), state_dir=tmp_path / "state")
        done = homeroom("provision", "--json", env=env, cwd=tmp_path)
        assert done.code == 0, (done.out, done.err)
        assert names(document, "/accounts/1/sub_accounts?recursive=true") == {OAK}
        assert names(document, "/accounts/1/users") == {"Ada Lind", "Ben Moss"}
        assert names(document, "/accounts/1/courses") == {f"Art at {OAK}"}

        # A slip in the list would otherwise be a school without its people the next night.
        slip = json.dumps(["oak-hihg"])
        (tmp_path / "homeroom.toml").write_text(f"[service]\nschools = {slip}\n")
        slipped = homeroom("provision", env=env, cwd=tmp_path)
        assert slipped.code == 2
        assert "schools in [service] names oak-hihg, which the provider does not" in slipped.err
        assert school.id("orgs", ELM) in slipped.err
        assert names(document, "/accounts/1/users") == {"Ada Lind", "Ben Moss"}
