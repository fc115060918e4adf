"""The `canvasapi` client of the package index, unmodified, against the Canvas fake over sockets."""

import io
import json
import time
import urllib.request
import zipfile
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

import pytest

from homeroom.mocks.stage import StageSettings, serve

canvasapi = pytest.importorskip("canvasapi", reason="canvasapi is absent")
# The client warns of plain HTTP, which loopback is.
pytestmark = pytest.mark.filterwarnings("ignore:Canvas may respond unexpectedly")
NOW = datetime(2026, 9, 1, 6, tzinfo=UTC)
DEADLINE_S = 30.0

ROSTER = {
    "accounts.csv": "account_id,parent_account_id,name,status\nA1,,North,active\n",
    "terms.csv": "term_id,name,status,start_date,end_date\nT1,Fall,active,2026-08-01,2026-12-20\n",
    "courses.csv": (
        "course_id,short_name,long_name,account_id,term_id,status\n"
        "C1,ALG,Algebra,A1,T1,published\nC2,BIO,Biology,A1,T1,published\n"
    ),
    "sections.csv": "section_id,course_id,name,status\nS1,C1,Algebra 1,active\n",
    "users.csv": (
        "user_id,login_id,status,first_name,last_name,email\n"
        + "".join(f"U{n},user{n},active,First{n},Last{n},u{n}@x.org\n" for n in range(1, 31))
    ),
    "enrollments.csv": (
        "course_id,section_id,user_id,role,status\nC1,S1,U30,teacher,active\n"
        + "".join(f"C1,S1,U{n},student,active\n" for n in range(1, 26))
    ),
}


@pytest.fixture(scope="module")
def document() -> Iterator[Mapping[str, Any]]:
    """A space document, of a space with a prefix in its URLs."""
    with serve(StageSettings(district="empty", now=NOW, validate_responses="all")) as stage:
        first = stage.document(stage.spaces.get("default"))
        made = _control(first, "/spaces", {"district": "empty", "now": "2026-09-01T06:00:00Z"})
        assert "/s/" in made["canvas"]["base_url"]
        yield made
        assert not any(door.faults for door in stage.doors.values()), "a fake broke its contract"


def _control(document: Mapping[str, Any], path: str, body: Mapping[str, Any]) -> Any:
    request = urllib.request.Request(  # noqa: S310 -- our own loopback address
        document["control"]["url"] + path,
        data=json.dumps(body).encode(),
        headers={
            "Authorization": f"Bearer {document['control']['token']}",
            "Content-Type": "application/json",
        },
    )
    with urllib.request.urlopen(request) as answer:  # noqa: S310
        return json.load(answer)


@pytest.fixture(scope="module")
def canvas(document: Mapping[str, Any]) -> Any:
    """A client as the admin, after the roster was imported by the client itself."""
    client = canvasapi.Canvas(document["canvas"]["base_url"], document["canvas"]["token"])
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as out:
        for name, text in ROSTER.items():
            out.writestr(name, text)
    archive.seek(0)
    archive.name = "roster.zip"
    account = client.get_account(1)
    batch = account.create_sis_import(archive)
    deadline = time.monotonic() + DEADLINE_S
    while batch.workflow_state not in ("imported", "imported_with_messages", "failed"):
        assert time.monotonic() < deadline, f"the import hangs in {batch.workflow_state}"
        time.sleep(0.05)
        batch = account.get_sis_import(batch.id)
    assert batch.workflow_state == "imported"
    return client


@pytest.fixture(scope="module")
def course(canvas: Any) -> Any:
    """The imported course, found by its SIS id."""
    return canvas.get_course("C1", use_sis_id=True)


def test_what_was_imported_is_read_back(canvas: Any, course: Any) -> None:
    account = canvas.get_account("A1", use_sis_id=True)
    assert [one.sis_course_id for one in account.get_courses()] == ["C1", "C2"]
    assert course.workflow_state == "available"
    assert canvas.get_user("user3", "sis_login_id").name == "First3 Last3"
    assert canvas.get_section("S1", use_sis_id=True).course_id == course.id


def test_every_page_of_a_list_is_followed(course: Any) -> None:
    assert len(list(course.get_users(per_page=7))) == 26
    enrollments = list(course.get_enrollments(per_page=7))
    assert len({one.id for one in enrollments}) == 26
    assert enrollments[0].grades["current_score"] is None


def test_an_assignment_is_made_changed_and_deleted(course: Any) -> None:
    made = course.create_assignment({"name": "Draft", "points_possible": 5, "published": True})
    assert (made.name, made.published, made.sis_assignment_id) == ("Draft", True, None)
    changed = made.edit(assignment={"name": "Final", "integration_data": {"synced": "now"}})
    assert (changed.name, changed.integration_data) == ("Final", {"synced": "now"})
    override = made.create_override(
        assignment_override={
            "course_section_id": course.get_sections()[0].id,
            "due_at": datetime(2026, 9, 10, tzinfo=UTC),
        }
    )
    assert override.due_at == "2026-09-10T00:00:00Z"
    assert [one.title for one in made.get_overrides()] == ["Algebra 1"]
    assert made.delete().workflow_state == "deleted"
    assert "Final" not in [one.name for one in course.get_assignments()]


def test_grades_are_given_one_by_one_and_in_bulk(canvas: Any, course: Any) -> None:
    quiz = course.create_assignment(
        {"name": "Quiz", "points_possible": 20, "published": True, "post_to_sis": True}
    )
    first, second, third = list(course.get_users(enrollment_type=["student"]))[:3]
    quiz.get_submission(first.id).edit(submission={"posted_grade": "17.5"})
    quiz.get_submission(second.id).edit(submission={"excuse": True})
    progress = quiz.submissions_bulk_update(grade_data={third.id: {"posted_grade": "50%"}})
    assert (progress.workflow_state, progress.query().workflow_state) == ("queued", "completed")
    found = {one.user_id: (one.score, one.excused) for one in quiz.get_submissions()}
    assert [found[one.id] for one in (first, second, third)] == [
        (17.5, False),
        (None, True),
        (10.0, False),
    ]
    bulk = course.get_multiple_submissions(
        student_ids=["all"], post_to_sis=True, graded_since="2026-09-01T00:00:00Z", per_page=2
    )
    assert {one.user_id for one in bulk} == {first.id, second.id, third.id}
    grouped = course.get_multiple_submissions(
        student_ids="all", grouped=True, include=["total_scores"], per_page=10
    )
    assert len(list(grouped)) == 25
    changes = [one for one in quiz.get_grade_change_events() if "grade_after" in vars(one)]
    assert sorted(str(one.grade_after) for one in changes) == ["10", "17.5", "None"]
    (seat,) = course.get_enrollments(user_id=first.id)
    assert (seat.grades["current_score"], seat.sis_user_id) == (87.5, first.sis_user_id)
    assert canvas.get_progress(progress.id).completion == 100


def test_final_grades_are_overridden_by_graphql(canvas: Any, course: Any) -> None:
    (seat,) = course.get_enrollments(user_id="sis_user_id:U9")
    answer = canvas.graphql(
        "mutation Final($id: ID!, $score: Float) { setOverrideScore(input: {enrollmentId: $id, "
        "overrideScore: $score}) { grades { overrideScore } } }",
        variables={"id": seat.id, "score": 88.5},
    )
    assert answer["data"]["setOverrideScore"]["grades"] == {"overrideScore": 88.5}
    (seat,) = course.get_enrollments(user_id="sis_user_id:U9")
    assert seat.grades["override_score"] == 88.5


def test_quizzes_discussions_and_groups(course: Any) -> None:
    quiz = course.create_quiz({"title": "Unit 1", "published": True})
    assert course.get_assignment(quiz.assignment_id).submission_types == ["online_quiz"]
    topic = course.create_discussion_topic(title="Talk", assignment={"points_possible": 5})
    assert topic.assignment["points_possible"] == 5
    group = course.create_assignment_group(name="Tests", group_weight=40, rules={"drop_lowest": 1})
    assert group.edit(name="Exams").rules == {"drop_lowest": 1}
    new = course.create_new_quiz(quiz={"title": "NQ", "points_possible": 3})
    assert course.get_assignment(new.id).is_quiz_lti_assignment is True
    assert list(course.get_grading_periods()) == []
    assert course.get_settings()["allow_final_grade_override"] is False


def test_people_and_sections_are_managed(canvas: Any, course: Any) -> None:
    section = course.create_course_section(course_section={"name": "Late", "sis_section_id": "S9"})
    seat = section.enroll_user(
        canvas.get_user("U26", "sis_user_id"), enrollment={"enrollment_state": "active"}
    )
    assert seat.deactivate("inactivate").enrollment_state == "inactive"
    assert seat.reactivate().enrollment_state == "active"
    biology = canvas.get_course("C2", use_sis_id=True)
    moved = section.cross_list_section(biology.id)
    assert (moved.course_id, moved.nonxlist_course_id) == (biology.id, course.id)
    assert moved.decross_list_section().course_id == course.id
    assert seat.deactivate("delete").enrollment_state == "deleted"


def test_a_teacher_and_a_student_see_what_is_theirs(
    document: Mapping[str, Any], course: Any
) -> None:
    people: dict[str, Any] = {}
    for user in ("U30", "U1"):
        path = f"/spaces/{document['space']}/canvas/tokens"
        token = _control(document, path, {"user": f"sis_user_id:{user}"})["token"]
        people[user] = canvasapi.Canvas(document["canvas"]["base_url"], token)
    assert [one.id for one in people["U30"].get_courses()] == [course.id]
    theirs = people["U1"].get_course(course.id)
    assert not hasattr(theirs, "sis_course_id")
    with pytest.raises(canvasapi.exceptions.Forbidden):
        theirs.create_assignment({"name": "Mine"})
    taught = people["U30"].get_course(course.id)
    assert taught.create_assignment({"name": "Taught"}).published is False


def test_refusals_reach_the_client_as_its_own_exceptions(
    document: Mapping[str, Any], canvas: Any, course: Any
) -> None:
    with pytest.raises(canvasapi.exceptions.ResourceDoesNotExist):
        canvas.get_course("nowhere", use_sis_id=True)
    with pytest.raises(canvasapi.exceptions.BadRequest, match="Invalid datetime for due_at"):
        course.create_assignment({"name": "X", "due_at": "tomorrow"})
    stranger = canvasapi.Canvas(document["canvas"]["base_url"], "wrong")
    with pytest.raises(canvasapi.exceptions.InvalidAccessToken):
        stranger.get_current_user()
