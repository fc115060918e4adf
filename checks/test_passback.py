"""`homeroom passback`: what a grade sync tells a teacher of what it left out."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from checks.school import DUE, NOW, School
from checks.support import Up, pair_secrets, pair_settings
from checks.worlds import control, focus

PAST = datetime(2026, 9, 9, 15, tzinfo=UTC)


@pytest.fixture(scope="module")
def up() -> Iterator[Up]:
    with Up("--district", "tiny", "--now", NOW) as running:
        yield running


@pytest.fixture
def school(up: Up, tmp_path: Path) -> Iterator[School]:
    with School(up.document, tmp_path) as school:
        yield school


def results(school: School) -> dict[tuple[str, str], dict[str, Any]]:
    """Return the class's live results in the SIS, by title and student."""
    where = f"/classes/{school.class_id}"
    items = focus(school.document, f"{where}/lineItems").json()["lineItems"]
    titles = {row["sourcedId"]: row["title"] for row in items if row["status"] == "active"}
    return {
        (titles[row["lineItem"]["sourcedId"]], row["student"]["sourcedId"]): row
        for row in focus(school.document, f"{where}/results?limit=1000").json()["results"]
        if row["status"] == "active" and row["lineItem"]["sourcedId"] in titles
    }


def writes(school: School) -> int:
    """Count the writes that the SIS gradebook has had."""
    return len(control(school.document, "GET", "/journal?method=PUT&fake=focus").json()["requests"])


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


def test_what_was_named_and_is_nowhere_ends_with_2_and_nothing_is_sent(school: School) -> None:
    essay = school.work("Essay", 9)
    path = f"courses/{school.course}/assignments/{essay}"
    school.classroom.call("PUT", path, {"assignment": {"sis_assignment_id": "essay/1"}})
    for named in (("--assignment", "999999"), ("--assignment", "essay/2"), ("--assignment", "")):
        done = school.verb("passback", "--assignment", str(essay), *named)
        assert done.code == 2
        assert "Canvas has nothing in assignments" in done.err
    assert writes(school) == 0
    # What is there, and is not for the SIS, is nobody's mistake.
    school.classroom.call("PUT", path, {"assignment": {"post_to_sis": False}})
    assert school.verb("passback", "--assignment", str(essay)).code == 0
    assert writes(school) == 0
    school.classroom.call("PUT", path, {"assignment": {"post_to_sis": True}})
    assert school.verb("passback", "--assignment", "essay/1").code == 0
    assert results(school)["Essay", school.students[0]]["score"] == 9


def test_a_course_that_is_not_published_is_left_out_and_told(school: School) -> None:
    rows = focus(school.document, "/classes?limit=1000").json()["classes"]
    other = next(
        row["sourcedId"]
        for row in rows
        if school.classroom.course_of(row["sourcedId"]) != school.course
    )
    essay = school.work("Essay", 9)
    done = school.verb("passback", "--section", other, "--section", school.class_id, "--json")
    assert done.code == 0, done.err
    told = {each["assignment"]: each["status"] for each in done.json()["outcomes"]}
    assert told == {None: "left out", essay: "synced"}
    alone = school.verb("passback", "--section", other)
    assert alone.code == 0
    assert "courses that are not published" in alone.out


def late_policy(school: School) -> None:
    """Take a tenth a day off late work, and give missing work a tenth."""
    policy = {
        "late_submission_deduction_enabled": True,
        "late_submission_deduction": 10,
        "missing_submission_deduction_enabled": True,
        "missing_submission_deduction": 90,
    }
    path = f"courses/{school.course}/late_policy"
    school.classroom.call("POST", path, {"late_policy": policy})


def mark(school: School, assignment: int, student: str, status: str) -> None:
    """Set Canvas's late mark by hand, as a teacher does."""
    path = f"courses/{school.course}/assignments/{assignment}/submissions/sis_user_id:{student}"
    fields = {"late_policy_status": status, "seconds_late_override": 90_000}
    school.classroom.call("PUT", path, {"submission": fields})


@pytest.mark.parametrize("setting", [None, "comment"])
def test_late_and_missing_work_arrives_as_canvas_counts_it_and_marked_where_that_was_chosen(
    school: School, setting: str | None
) -> None:
    if setting:
        settings = f'[service]\nlate_marks = "{setting}"\n'
        (school.folder / "homeroom.toml").write_text(settings, encoding="utf-8")
    ana, ben, cho = school.students
    late_policy(school)
    # Past its date: whoever has no score has what the missing policy leaves.
    quiz = school.work("Quiz", 9, 8, due_at=PAST)
    mark(school, quiz, ana, "late")
    ungraded = school.work("Essay", 7)
    mark(school, ungraded, ben, "late")
    assert school.verb("passback").code == 0
    found = results(school)
    scores = {key: row["score"] for key, row in found.items() if key[1] in school.students}
    assert scores == {
        ("Quiz", ana): 7.0,  # two days begun, a tenth of the maximum each
        ("Quiz", ben): 8.0,
        ("Quiz", cho): 1.0,
        ("Essay", ana): 7.0,
    }
    told = {key: found[key].get("comment") or None for key in scores}
    # Ben's essay has no score yet, so there is nothing to mark.
    if setting:
        assert told == {
            ("Quiz", ana): "Late",
            ("Quiz", ben): None,
            ("Quiz", cho): "Missing",
            ("Essay", ana): None,
        }
    else:
        assert set(told.values()) == {None}
    before = writes(school)
    assert school.verb("passback").code == 0
    assert writes(school) == before
    mark(school, quiz, ana, "none")
    assert school.verb("passback").code == 0
    assert writes(school) == before + 1
    again = results(school)["Quiz", ana]
    assert (again["score"], again.get("comment") or None) == (9.0, None)


def test_the_judge_takes_late_marks_for_what_they_are_nobodys_business(school: School) -> None:
    settings = pair_settings(school.document) + '[service]\nlate_marks = "comment"\n'
    (school.folder / "homeroom.toml").write_text(settings, encoding="utf-8")
    env = pair_secrets(school.document)
    late_policy(school)
    quiz = school.work("Quiz", 9, 8, due_at=PAST)
    mark(school, quiz, school.students[0], "late")
    before = school.verb("judge", "before", "--store", "look", **env)
    assert before.code == 0, before.err
    assert school.verb("passback", **env).code == 0
    assert {row.get("comment") for row in results(school).values()} >= {"Late", "Missing"}
    after = school.verb("judge", "after", "--store", "look", "--report", "report", "--json", **env)
    outcomes = {each["id"]: each["outcome"] for each in after.json()["requirements"]}
    assert outcomes["GPB-RES-01"] == outcomes["GPB-RUN-01"] == "passed"
    assert [each for each, outcome in outcomes.items() if outcome == "failed"] == []


def test_what_is_due_at_eight_in_the_evening_stays_on_that_day(school: School) -> None:
    """Midnight in UTC: a SIS that keeps days would file it under the next one."""
    school.work("Evening", 9, due_at=datetime(2026, 9, 22, 0, tzinfo=UTC))
    assert school.verb("passback").code == 0
    where = f"/classes/{school.class_id}/lineItems"
    (item,) = focus(school.document, where).json()["lineItems"]
    assert item["dueDate"] == "2026-09-21T23:59:59.000Z"
    before = writes(school)
    assert school.verb("passback").code == 0
    assert writes(school) == before


def sentences(document: dict[str, Any]) -> dict[str, str]:
    """Return the one sentence of each title that failed, the same in all its classes."""
    told: dict[str, set[str]] = {}
    for each in document["outcomes"]:
        for refusal in each["refusals"]:
            told.setdefault(each["title"], set()).add(refusal["sentence"])
    return {title: ones.pop() for title, ones in told.items() if len(ones) == 1}


def test_each_of_focus_s_five_errors_is_a_sentence_with_a_remedy_and_stops_nothing_else(
    school: School,
) -> None:
    document, section = school.document, ("--section", school.class_id)
    gone = school.work("Deleted in Focus", 9)
    assert school.verb("passback", *section).code == 0
    where = f"/classes/{school.class_id}/lineItems"
    (item,) = focus(document, where).json()["lineItems"]
    path = f"/focus/lineItems/{item['sourcedId']}?gone=true"
    assert control(document, "DELETE", path).status == 204
    school.grade(gone, 5)
    school.work("Undated", 9, due_at=None)
    school.work("Elsewhere", 9, group="Field trips")
    school.work("Next summer", 9, due_at=datetime(2027, 8, 20, 15, tzinfo=UTC))
    fine = school.work("Fine", 9)
    done = school.verb("passback", *section, "--json")
    assert done.code == 1
    told = sentences(done.json())
    name = school.classroom.section(school.class_id)["name"]
    assert told["Deleted in Focus"] == (
        "Assignment Not Found: it was deleted in the SIS gradebook. Remaster to create it again."
    )
    assert told["Undated"] == (
        f"The assignment has no due date for section {name} (Cannot Find Due Date). "
        "Change it in Canvas."
    )
    assert told["Elsewhere"].startswith("Grading category [Field trips] not found in OneRoster")
    assert (
        "available categories are: [Homework, Classwork, Quizzes, Projects, Tests]"
        in (told["Elsewhere"])
    )
    assert told["Elsewhere"].endswith(
        "Move the assignment to a group of one of these names, or add the category in the SIS."
    )
    assert told["Next summer"].startswith(
        "The line item was refused: HTTP 422 Focus: 422 Error: Invalid Due Date: 2027-08-20"
    )
    assert "2026-08-10 to 2027-05-29" in told["Next summer"]
    assert told["Next summer"].endswith(
        "In Canvas, choose a due date within the class's terms, in a grading period that is still "
        "open, and sync again."
    )
    by_title = {each["title"]: each for each in done.json()["outcomes"]}
    assert (by_title["Fine"]["status"], by_title["Fine"]["sent"]) == ("synced", 1)
    assert by_title["Fine"]["section_name"] == name

    # The fifth: a path that Focus does not have, for one result.
    school.grade(fine, 8)
    rule = {
        "when": {"fake": "focus", "operation": "putResult"},
        "act": {
            "kind": "status",
            "status": 404,
            "headers": {"Content-Type": "application/json"},
            "body": '{"imsx_description": "Focus: 404 Error: API Route Not Found."}',
        },
        "times": 1,
    }
    assert control(document, "POST", "/faults", rule).status == 201
    done = school.verb("passback", *section, "--json")
    ana = school.students[0]
    assert sentences(done.json())["Fine"].startswith(
        f"The result of student {ana} was refused: HTTP 404 Focus: 404 Error: API Route Not Found. "
        "Sync again; if it stays, tell whoever set up the connection"
    )
    plain = school.verb("passback", *section)
    assert plain.code == 1
    for sentence in told.values():
        assert sentence in plain.out
    assert results(school)["Fine", ana]["score"] == 8


def test_a_line_item_without_any_grade_yet_is_told_as_sent_once(school: School) -> None:
    school.work("Nobody yet")
    first = school.verb("passback", "--section", school.class_id, "--json").json()
    assert [(each["status"], each["sent"]) for each in first["outcomes"]] == [("synced", 0)]
    again = school.verb("passback", "--section", school.class_id, "--json").json()
    assert [each["status"] for each in again["outcomes"]] == ["unchanged"]


def test_whoever_the_sis_did_not_put_there_is_left_out_and_listed(school: School) -> None:
    room, course = school.classroom, school.course
    guest = room.new_user("Guest", "guest")
    room.seat_by_hand(school.class_id, guest)
    room.section_by_hand(course, "Club")
    hidden = school.work("Hidden", None)
    room.hide_grades(hidden)
    school.grade(hidden, 4)
    essay = school.work("Essay", 9)
    room.grade(course, essay, guest, 7)
    done = school.verb("passback", "--course", str(course), "--json")
    assert done.code == 0, done.out
    outcomes = {(one["title"], one["section"]): one for one in done.json()["outcomes"]}
    by_hand = "students whom the SIS did not put in this class"
    assert outcomes["Essay", school.class_id]["skipped"] == {by_hand: [f"Canvas user {guest}"]}
    assert outcomes["Hidden", school.class_id]["skipped"] == {
        by_hand: [f"Canvas user {guest}"],
        "hidden from students": [school.students[0]],
    }
    assert outcomes["Essay", ""]["skipped"] == {"sections that the SIS did not make": ["Club"]}
    assert outcomes["Essay", ""]["status"] == "left out"
    plain = school.verb("passback", "--course", str(course))
    assert f"left out 1 {by_hand} (Canvas user {guest})" in plain.out
    assert "Essay: left out 1 sections that the SIS did not make (Club)" in plain.out
    assert {key[0] for key in results(school)} == {"Essay"}


def category_of(school: School, title: str) -> str:
    """Return the title of the SIS category that an assignment is filed under."""
    where = f"/classes/{school.class_id}/lineItems"
    rows = focus(school.document, where).json()["lineItems"]
    (item,) = (row for row in rows if row["title"] == title)
    categories = focus(school.document, "/categories?limit=1000").json()["categories"]
    titles = {row["sourcedId"]: row["title"] for row in categories}
    return str(titles[item["category"]["sourcedId"]])


def test_a_group_tied_by_id_or_renamed_keeps_its_category_and_its_line_item(
    school: School,
) -> None:
    room, course, section = school.classroom, school.course, ("--section", school.class_id)
    categories = focus(school.document, "/categories?limit=1000").json()["categories"]
    (tests,) = (row["sourcedId"] for row in categories if row["title"] == "Tests")
    quiz = school.work("Quiz", 9, group="Quizzes")
    school.work("Midterm", 9, group="Big ones")
    group = room.group(course, "Big ones")
    path = f"courses/{course}/assignment_groups"
    room.call("PUT", f"{path}/{group}", {"sis_source_id": tests})
    assert school.verb("passback", *section).code == 0
    assert (category_of(school, "Quiz"), category_of(school, "Midterm")) == ("Quizzes", "Tests")
    # Renamed to what is no category of the SIS: old work and new stay where the group was.
    room.call("PUT", f"{path}/{room.group(course, 'Quizzes')}", {"name": "Little ones"})
    room.change(course, quiz, name="Quiz, renamed too")
    school.grade(quiz, 10)
    school.work("Second quiz", 8, group="Little ones")
    done = school.verb("passback", *section)
    assert done.code == 0, done.out
    assert category_of(school, "Quiz, renamed too") == "Quizzes"
    assert category_of(school, "Second quiz") == "Quizzes"
    assert {key[0] for key in results(school)} == {"Midterm", "Quiz, renamed too", "Second quiz"}
    assert results(school)["Quiz, renamed too", school.students[0]]["score"] == 10


def test_a_name_that_the_sis_would_cut_is_refused_before_anything_is_sent(school: School) -> None:
    (school.folder / "homeroom.toml").write_text("[service]\ntitle_limit = 30\n", encoding="utf-8")
    school.work("The causes of the War of 1812, part one", 9)
    before = writes(school)
    done = school.verb("passback", "--section", school.class_id, "--json")
    assert done.code == 1
    assert writes(school) == before
    (told,) = sentences(done.json()).values()
    assert told == (
        "The assignment has a name of 39 letters, the SIS takes 30. Change it in Canvas."
    )


def test_a_rebuilt_gradebook_is_filled_again_by_a_remaster(school: School) -> None:
    section = ("--section", school.class_id)
    school.work("Essay", 9, 8)
    school.work("Quiz", 7)
    assert school.verb("passback", *section).code == 0
    before = {key: row["score"] for key, row in results(school).items()}
    for collection in ("results", "lineItems"):
        for row in focus(school.document, f"/{collection}?limit=1000").json()[collection]:
            path = f"/focus/{collection}/{row['sourcedId']}?gone=true"
            assert control(school.document, "DELETE", path).status == 204
    done = school.verb("passback", *section, "--json")
    assert done.code == 1
    assert {key.partition(":")[0] for key in sentences(done.json()).values()} == {
        "Assignment Not Found"
    }
    assert results(school) == {}
    assert school.verb("passback", *section, "--remaster").code == 0
    assert {key: row["score"] for key, row in results(school).items()} == before
    assert school.verb("passback", *section).code == 0


def test_a_course_grade_that_canvas_no_longer_has_is_taken_back_by_a_remaster_alone(
    school: School,
) -> None:
    settings = '[subject.choices]\ncourse_grade = "current"\n'
    (school.folder / "homeroom.toml").write_text(settings, encoding="utf-8")
    room, (ana, ben, _) = school.classroom, school.students
    sessions = focus(school.document, "/academicSessions?limit=100").json()["academicSessions"]
    periods = [
        {
            "title": row["title"],
            "start_date": f"{row['startDate']}T04:00:00Z",
            "end_date": f"{row['endDate']}T03:59:00Z",
        }
        for row in sessions
        if row["type"] == "gradingPeriod"
    ]
    terms = room.call("GET", "accounts/1/terms?per_page=100")["enrollment_terms"]
    ids = [term["id"] for term in terms if term["sis_term_id"]]
    body = {"title": "Quarters", "grading_periods": periods, "enrollment_term_ids": ids}
    assert control(school.document, "POST", "/canvas/grading_periods", body).status == 201
    quiz = school.work("Quiz", 9, 8)
    first = school.verb("passback", "--section", school.class_id, "--json")
    assert first.code == 0, first.out
    (title,) = {key[0] for key in results(school)} - {"Quiz"}
    assert title.startswith("Course grade ")
    assert [results(school)[title, one]["score"] for one in (ana, ben)] == [90, 80]
    room.grade(school.course, quiz, ana, "")
    assert school.verb("passback", "--section", school.class_id).code == 0
    assert results(school)[title, ana]["score"] == 90
    done = school.verb("passback", "--section", school.class_id, "--remaster", "--json")
    assert done.code == 0, done.out
    assert {key for key in results(school) if key[1] == ana} == set()
    assert results(school)[title, ben]["score"] == 80
