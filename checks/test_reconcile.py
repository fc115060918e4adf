"""`homeroom reconcile`: both gradebooks compared, and every average's difference explained."""

import csv
import json
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import hypothesis.strategies as st
import pytest
from hypothesis import given

from checks.school import DUE, NOW, School
from checks.support import Up, homeroom, subject_environment
from checks.worlds import control, focus
from homeroom.mocks.canvas.gradebook import totals
from homeroom.reference.workflows.reconciliation.averages import Group, Mark, average


@given(st.data())
def test_averages_are_canvas_s_own_whatever_is_weighted_or_dropped(data: st.DataObject) -> None:
    """The service's arithmetic and the fake's were written apart; they may not differ."""
    cents = st.integers(0, 4000).map(lambda n: Decimal(n) / 100)
    worth = st.sampled_from([Decimal(0), Decimal("2.5"), Decimal(10), Decimal(33), Decimal(100)])
    marks = [
        Mark(str(number), data.draw(st.integers(1, 3)), data.draw(cents), data.draw(worth))
        for number in range(data.draw(st.integers(0, 7)))
    ]
    names = [mark.assignment for mark in marks]
    groups = {
        key: Group(
            weight=Decimal(data.draw(st.sampled_from([0, 20, 40, 70]))),
            drop_lowest=data.draw(st.integers(0, 3)),
            drop_highest=data.draw(st.integers(0, 2)),
            never_drop=frozenset(name for name in names if data.draw(st.booleans())),
        )
        for key in (1, 2, 3)
    }
    theirs = totals.current_total(
        [totals.Mark(int(m.assignment), m.group, m.points, m.possible) for m in marks],
        {
            key: totals.GroupRules(
                weight=group.weight,
                drop_lowest=group.drop_lowest,
                drop_highest=group.drop_highest,
                never_drop=frozenset(map(int, group.never_drop)),
            )
            for key, group in groups.items()
        },
        weighted=(weighted := data.draw(st.booleans())),
    )
    assert average(marks, groups, weighted=weighted, drops=True) == theirs.percentage


@pytest.fixture(scope="module")
def up() -> Iterator[Up]:
    with Up("--district", "tiny", "--now", NOW) as running:
        yield running


@pytest.fixture
def school(up: Up, tmp_path: Path) -> Iterator[School]:
    with School(up.document, tmp_path) as school:
        yield school


def reasons(student: dict[str, Any]) -> dict[str, float | None]:
    """Return a student's steps."""
    return {step["reason"]: step["average"] for step in student["averages"]["steps"]}


def test_every_difference_of_an_average_is_led_back_to_its_reason(school: School) -> None:
    ana, ben, cho = school.students
    room, course = school.classroom, school.course
    school.work("Essay", 9, 8, 7)
    school.work("Low", 2, 10, 10)
    private = school.work("Not for the SIS", 10, 0, 10, post_to_sis=False)
    practice = school.work("Practice", 6, 6, None, omit_from_final_grade=True)
    hidden = room.assignment(course, "Hidden", due_at=DUE, group=school.group, points=10)
    room.hide_grades(hidden)
    school.grade(hidden, 1, 1, 1)
    room.excuse(course, school.work("Excused", None, 4, 10), ana)
    group = room.group(course, school.group)
    room.call("PUT", f"courses/{course}/assignment_groups/{group}", {"rules": {"drop_lowest": 1}})
    assert school.verb("passback").code == 0
    found = school.reconcile(code=0)
    # Ana: 9, 10 of Essay, Low dropped, and what the SIS is not sent; she was excused once.
    assert found[ana]["averages"]["canvas"] == 95.0
    assert found[ana]["averages"]["sis"] == 56.67  # 9 + 2 + 6 of 30
    assert reasons(found[ana]) == {
        "scores are dropped in Canvas": 70.0,
        "Sync to SIS is off for the assignment": 55.0,
        "left out of the course grade in Canvas, counted in the SIS": 56.67,
    }
    told = {cell["assignment"]: cell["reason"] for cell in found[ben]["cells"]}
    assert told == {
        private: "Sync to SIS is off for the assignment",
        practice: "left out of the course grade in Canvas, counted in the SIS",
        hidden: "hidden from students",
    }
    assert found[cho]["averages"] == {
        "canvas": 100.0,
        "sis": 90.0,
        "steps": [
            {"reason": "scores are dropped in Canvas", "average": 92.5},
            {"reason": "Sync to SIS is off for the assignment", "average": 90.0},
        ],
    }
    assert school.found["counts"]["differs"] == 0
    assert school.found["counts"]["unexplained"] == 0


def test_what_somebody_has_to_settle_is_told_from_what_is_by_rule(school: School) -> None:
    ana, ben, cho = school.students
    essay = school.work("Essay", 9, 8, 7)
    assert school.verb("passback").code == 0
    school.reconcile(code=0)
    assert school.found["counts"]["averages_alike"] == school.found["counts"]["students"] == 3
    school.grade(essay, 10)
    late = school.work("Late", None, 5, None)
    results = focus(school.document, f"/classes/{school.class_id}/results").json()["results"]
    (theirs,) = (row for row in results if row["student"]["sourcedId"] == cho)
    changed = {**theirs, "score": 3, "scoreStatus": "fully graded"}
    path = f"/focus/results/{theirs['sourcedId']}"
    assert control(school.document, "PUT", path, {"result": changed}).status == 200
    found = school.reconcile(code=1)
    assert {
        one: [(c["assignment"], c["canvas"], c["sis"], c["reason"]) for c in found[one]["cells"]]
        for one in (ana, ben, cho)
    } == {
        ana: [(essay, 10, 9, "changed in Canvas since it was sent; the next sync sends it")],
        ben: [(late, 5, None, "not in the SIS yet; the next sync sends it")],
        cho: [(essay, 7, 3, "changed in the SIS since it was sent; a remaster overwrites it")],
    }
    school.classroom.excuse(school.course, essay, ben)
    found = school.reconcile(code=1)
    assert "excused in Canvas, counted in the SIS" in {c["reason"] for c in found[ben]["cells"]}
    assert school.verb("passback").code == 0
    assert [one for one, each in school.reconcile(code=1).items() if each["cells"]] == [cho]
    assert school.verb("passback", "--remaster").code == 0
    school.reconcile(code=0)
    assert school.found["reasons"] == []


def test_files_name_students_by_id_alone_and_a_page_renders_a_hostile_title(
    school: School,
) -> None:
    school.work("<script>alert(1)</script>", 9, post_to_sis=False)
    school.reconcile(code=0)
    page = (school.folder / "found" / "index.html").read_text(encoding="utf-8")
    assert "<script>" not in page
    assert "&lt;script&gt;alert(1)" in page
    student = focus(school.document, f"/users/{school.students[0]}").json()["user"]
    for name in school.found["files"]:
        text = (school.folder / "found" / name).read_text(encoding="utf-8")
        assert school.students[0] in text
        assert student["familyName"] not in text
    with (school.folder / "found" / "averages.csv").open(encoding="utf-8") as file:
        (row,) = csv.DictReader(file)
    assert (row["canvas"], row["sis"], row["explained"]) == ("90.00", "", "True")
    whole = json.loads((school.folder / "found" / "reconciliation.json").read_text())
    assert whole["counts"] == school.found["counts"]


def test_without_a_night_or_with_an_unknown_course_there_is_nothing_to_compare(
    up: Up, tmp_path: Path
) -> None:
    env = subject_environment(up.document, now=NOW, state_dir=tmp_path / "state")
    done = homeroom("reconcile", env=env, cwd=tmp_path)
    assert done.code == 2
    assert "Run `homeroom provision` first" in done.err
    assert homeroom("provision", env=env, cwd=tmp_path).code == 0
    done = homeroom("reconcile", "--course", "nowhere", env=env, cwd=tmp_path)
    assert done.code == 2
    assert "Canvas has nothing in courses with the id or SIS ID nowhere" in done.err
    assert not (tmp_path / "reconciliation").exists()
