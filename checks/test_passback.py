"""`homeroom passback`: what a grade sync tells a teacher of what it left out."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from checks.support import Up
from checks.test_reconcile import NOW, School

DUE = datetime(2026, 9, 21, 15, tzinfo=UTC)


@pytest.fixture(scope="module")
def school(tmp_path_factory: pytest.TempPathFactory) -> Iterator[School]:
    with Up("--district", "tiny", "--now", NOW) as up:
        school = School(up.document, Path(tmp_path_factory.mktemp("passback")))
        yield school
        school.classroom.close()


def test_an_assignment_for_single_students_is_refused_by_name_and_the_rest_goes_through(
    school: School,
) -> None:
    room, course = school.classroom, school.course
    essay = school.work("Essay", 9)
    student = room.user(school.students[0])
    retake = room.assignment(
        course, "Retake", due_at=None, group=school.group, only_visible_to_overrides=True
    )
    override = {"student_ids": [student], "due_at": DUE.isoformat()}
    path = f"courses/{course}/assignments/{retake}/overrides"
    room.call("POST", path, {"assignment_override": override})
    school.grade(retake, 7)
    done = school.verb("passback", "--json")
    assert done.code == 1, done.err
    by_assignment = {each["assignment"]: each for each in done.json()["outcomes"] if each["sent"]}
    assert list(by_assignment) == [essay]
    (refused,) = (each for each in done.json()["outcomes"] if each["assignment"] == retake)
    assert refused["status"] == "failed"
    (told,) = refused["refusals"]
    assert told["reason"].startswith("is given to single students (")
    assert told["reason"].endswith("), to no section")
    assert told["remedy"] == "give it to everybody or to sections in Canvas"
    items = room.call("GET", f"courses/{course}/assignments/{retake}")
    assert "sis_sync" not in (items.get("integration_data") or {})
