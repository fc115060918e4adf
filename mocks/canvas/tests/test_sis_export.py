"""The SIS integration endpoints, row by row of canvas-rest-api.md 8."""

from typing import Any

from homeroom.mocks.canvas.store import GradingPeriod, GradingPeriodGroup
from homeroom.mocks.canvas.tests.taught import Taught, words
from homeroom.mocks.harness.clock import parse_instant
from homeroom.mocks.harness.testing import NOW

COURSE = "/api/sis/courses/sis_course_id:C1"
ACCOUNT = "/api/sis/accounts/sis_account_id:A1"


def names(taught: Taught, path: str = COURSE, **query: Any) -> list[str]:
    return [one["name"] for one in taught.canvas.get(f"{path}/assignments", **query)]


def add_period(taught: Taught, start: str, end: str, close: str) -> GradingPeriod:
    store = taught.canvas.world.store
    store.grading_period_count += 1
    group = GradingPeriodGroup(
        id=store.grading_period_groups.next_id, title="Quarters", created_at=NOW, updated_at=NOW
    )
    period = GradingPeriod(
        id=store.grading_period_count,
        grading_period_group_id=group.id,
        title="Q1",
        start_date=parse_instant(start),
        end_date=parse_instant(end),
        close_date=parse_instant(close),
    )
    group.grading_periods.append(period)
    store.grading_period_groups.add(group)
    taught.canvas.term("T1").grading_period_group_id = group.id
    return period


def test_an_item_has_every_key(taught: Taught) -> None:
    made = taught.assignment(
        post_to_sis=True, due_at="2026-09-10T00:00:00Z", integration_data={"synced": "no"}
    )
    (item,) = taught.canvas.get(f"{COURSE}/assignments")
    s1, s3 = taught.canvas.section("S1").id, taught.canvas.section("S3").id
    course = {"id": taught.course.id, "name": "Algebra", "sis_id": "C1", "integration_id": None}
    assert item == {
        "id": made["id"], "created_at": "2026-09-01T06:00:00Z", "due_at": "2026-09-10T00:00:00Z",
        "unlock_at": None, "lock_at": None, "points_possible": 20.0, "integration_id": None,
        "integration_data": {"synced": "no"}, "name": "Essay", "course_id": taught.course.id,
        "submission_types": ["none"], "include_in_final_grade": True,
        "assignment_group": {"id": 1, "name": "Assignments", "group_weight": 0.0,
                             "sis_source_id": None, "integration_data": {}},
        "sections": [
            {"id": s1, "name": "Algebra 1", "sis_id": "S1", "integration_id": None,
             "origin_course": course},
            {"id": s3, "name": "Algebra 2", "sis_id": "S3", "integration_id": None,
             "origin_course": course},
        ],
    }  # fmt: skip


def test_only_published_flagged_assignments_are_exported(taught: Taught) -> None:
    taught.assignment("A", post_to_sis=True)
    taught.assignment("B")
    taught.assignment("C", post_to_sis=True, published=False)
    assert names(taught) == ["A"]
    assert names(taught, ACCOUNT) == ["A"]
    assert names(taught, "/api/sis/accounts/self") == ["A"]


def test_omitted_work_is_told_not_hidden(taught: Taught) -> None:
    taught.assignment(post_to_sis=True, omit_from_final_grade=True)
    (item,) = taught.canvas.get(f"{COURSE}/assignments")
    assert item["include_in_final_grade"] is False


def test_a_cross_listed_section_names_both_courses(taught: Taught) -> None:
    taught.ok("POST", "/api/v1/sections/sis_section_id:S2/crosslist/sis_course_id:C1")
    taught.assignment(post_to_sis=True)
    (item,) = taught.canvas.get(f"{COURSE}/assignments")
    section = next(one for one in item["sections"] if one["sis_id"] == "S2")
    assert (section["origin_course"]["sis_id"], section["xlist_course"]["sis_id"]) == ("C2", "C1")


def test_section_overrides_stand_in_their_section(taught: Taught) -> None:
    section = taught.canvas.section("S3").id
    dated = {"course_section_id": section, "due_at": "2026-10-01T00:00:00Z"}
    taught.assignment(
        post_to_sis=True, only_visible_to_overrides=True, assignment_overrides=[dated]
    )
    (item,) = taught.canvas.get(f"{COURSE}/assignments")
    (shown,) = item["sections"]
    assert (shown["sis_id"], shown["override"]) == (
        "S3",
        {"id": 1, "override_title": "Algebra 2", "due_at": "2026-10-01T00:00:00Z",
         "unlock_at": None, "lock_at": None},
    )  # fmt: skip


def test_student_overrides_come_with_the_include_alone(taught: Taught) -> None:
    dated = {"student_ids": [taught.ana], "title": "Ana", "due_at": "2026-10-01T00:00:00Z"}
    taught.assignment(post_to_sis=True, assignment_overrides=[dated])
    path = f"{COURSE}/assignments"
    assert "user_overrides" not in taught.canvas.get(path)[0]
    (item,) = taught.canvas.get(path, **{"include[]": "student_overrides"})
    assert item["user_overrides"] == [
        {"id": 1, "title": "Ana", "due_at": "2026-10-01T00:00:00Z", "unlock_at": None,
         "lock_at": None, "students": [{"user_id": taught.ana, "sis_user_id": "U1"}]},
    ]  # fmt: skip


def test_account_lists_filter_by_course_or_term_dates(taught: Taught) -> None:
    taught.assignment("A", post_to_sis=True)
    assert names(taught, ACCOUNT, starts_before="2026-07-01T00:00:00Z") == []
    assert names(taught, ACCOUNT, starts_before="2026-09-01T00:00:00Z") == ["A"]
    assert names(taught, ACCOUNT, ends_after="2027-01-01T00:00:00Z") == []


def test_account_lists_leave_the_instant_itself_out_and_take_either_date(taught: Taught) -> None:
    taught.assignment("A", post_to_sis=True)
    term_start, term_end = "2026-08-01T00:00:00Z", "2026-12-20T00:00:00Z"
    assert names(taught, ACCOUNT, starts_before=term_start) == []
    assert names(taught, ACCOUNT, ends_after=term_end) == []
    listed = "/api/v1/accounts/sis_account_id:A1/courses"
    for name, at in (("starts_before", term_start), ("ends_after", term_end)):
        assert len(taught.canvas.get(listed, **{name: at})) == 2
    # The course alone is later, or earlier: its term still meets the condition.
    own = {"start_at": "2026-10-01T00:00:00Z", "end_at": "2026-10-02T00:00:00Z"}
    taught.ok("PUT", "", json={"course": own})
    assert names(taught, ACCOUNT, starts_before="2026-09-01T00:00:00Z") == ["A"]
    assert names(taught, ACCOUNT, ends_after="2026-11-01T00:00:00Z") == ["A"]


def test_concluded_courses_still_export(taught: Taught) -> None:
    taught.assignment("A", post_to_sis=True)
    taught.ok("PUT", "", json={"course": {"event": "conclude"}})
    assert names(taught) == ["A"]


def test_refusals_come_in_canvas_order(taught: Taught) -> None:
    taught.ok("PUT", "", json={"course": {"event": "claim"}})
    path = f"{COURSE}/assignments"
    status, body = taught.refused("GET", path, token=taught.admin("read_sis"))
    assert (status, body["status"]) == (403, "unauthorized")
    taught.canvas.world.settings.patch({"bulk_sis_grade_export": False})
    assert taught.refused("GET", path) == (
        400,
        {
            "code": "not_enabled",
            "error": "A SIS integration is not configured and the bulk SIS Grade Export feature "
            "is not enabled",
        },
    )
    taught.canvas.world.settings.patch({"bulk_sis_grade_export": True})
    assert taught.refused("GET", path) == (
        400,
        {
            "code": "unpublished_course",
            "error": "Grade data is not available for non-published courses",
        },
    )


def test_the_flag_is_taken_off_all_published_assignments(taught: Taught) -> None:
    taught.assignment("A", post_to_sis=True)
    taught.canvas.world.settings.patch({"sis_syncing": False})
    reply = taught.call("PUT", f"{COURSE}/disable_post_to_sis")
    assert (reply.status, reply.body) == (204, b"")
    assert names(taught) == []


def test_with_a_period_only_its_assignments_and_those_without_date(taught: Taught) -> None:
    period = add_period(
        taught, "2026-09-01T00:00:00Z", "2026-10-01T00:00:00Z", "2026-10-01T00:00:00Z"
    )
    for name, due in (("in", "2026-09-10T00:00:00Z"), ("out", "2026-11-01T00:00:00Z"), ("no", "")):
        taught.assignment(name, post_to_sis=True, due_at=due)
    path = f"{COURSE}/disable_post_to_sis"
    assert taught.refused("PUT", f"{path}?grading_period_id=99") == (
        400,
        {"code": "not_found", "error": "The Grading Period cannot be found"},
    )
    assert taught.call("PUT", f"{path}?grading_period_id={period.id}").status == 204
    assert names(taught) == ["out"]


def test_taking_the_flag_off_without_the_right_is_a_bare_401(taught: Taught) -> None:
    reply = taught.call("PUT", f"{COURSE}/disable_post_to_sis", token=taught.admin("read_sis"))
    assert (reply.status, reply.body) == (401, b"")


def test_a_closing_period_takes_the_flag_off_when_switched_on(taught: Taught) -> None:
    add_period(taught, "2026-08-01T00:00:00Z", "2026-09-05T00:00:00Z", "2026-09-05T00:00:00Z")
    taught.assignment("in", post_to_sis=True, due_at="2026-09-03T00:00:00Z")
    taught.assignment("later", post_to_sis=True, due_at="2026-09-13T00:00:00Z")
    setting = "disable_post_to_sis_when_grading_period_closed"
    taught.canvas.world.settings.patch({setting: True})
    taught.canvas.advance(86_400)
    assert names(taught) == ["in", "later"]
    taught.canvas.advance(4 * 86_400)
    assert names(taught) == ["later"]


def test_grading_periods_have_string_ids_and_an_envelope(taught: Taught) -> None:
    add_period(taught, "2026-08-01T00:00:00Z", "2026-08-20T00:00:00Z", "2026-08-25T00:00:00Z")
    shown = taught.ok("GET", "/grading_periods")
    (period,) = shown["grading_periods"]
    assert (period["id"], period["title"], period["is_closed"]) == ("1", "Q1", True)
    assert period.keys() == words(
        "id grading_period_group_id start_date end_date close_date weight title permissions "
        "is_closed"
    )
    assert shown["meta"]["primaryCollection"] == "grading_periods"
    assert taught.ok("GET", "/grading_periods/1")["grading_periods"] == [period]
    assert taught.refused("GET", "/grading_periods/2")[0] == 404


def test_courses_include_their_grading_periods_in_brief(taught: Taught) -> None:
    path = "?include[]=grading_periods"
    assert taught.ok("GET", path)["grading_periods"] is None
    add_period(taught, "2026-08-01T00:00:00Z", "2026-08-20T00:00:00Z", "2026-08-25T00:00:00Z")
    assert taught.ok("GET", path)["grading_periods"] == [
        {"id": 1, "title": "Q1", "start_date": "2026-08-01T00:00:00Z",
         "end_date": "2026-08-20T00:00:00Z", "workflow_state": "active"},
    ]  # fmt: skip


def test_closed_periods_stop_teachers_and_not_admins(taught: Taught) -> None:
    made = taught.assignment(due_at="2026-08-10T00:00:00Z")
    add_period(taught, "2026-08-01T00:00:00Z", "2026-08-20T00:00:00Z", "2026-08-25T00:00:00Z")
    path = f"/assignments/{made['id']}"
    teacher = taught.token(taught.ben)
    change = {"assignment": {"points_possible": 5}}
    status, body = taught.refused("PUT", path, json=change, token=teacher)
    assert (status, body["errors"]["points_possible"][0]["message"]) == (
        400,
        "cannot be changed because this assignment is due in a closed grading period",
    )
    grade = {"submission": {"posted_grade": "1"}}
    mark = f"{path}/submissions/{taught.ana}"
    assert taught.refused("PUT", mark, json=grade, token=teacher)[0] == 403
    assert taught.ok("PUT", mark, json=grade)["score"] == 1.0
    assert taught.ok("GET", path)["in_closed_grading_period"] is True


def test_totals_of_a_grading_period_count_its_assignments_alone(taught: Taught) -> None:
    period = add_period(
        taught, "2026-08-01T00:00:00Z", "2026-09-30T00:00:00Z", "2026-09-30T00:00:00Z"
    )
    taught.grade(taught.assignment(due_at="2026-09-10T00:00:00Z"), taught.ana, "10")
    taught.grade(taught.assignment(due_at="2026-11-10T00:00:00Z"), taught.ana, "20")
    assert taught.grades(taught.ana)["current_score"] == 75.0
    assert taught.grades(taught.ana, grading_period_id=period.id)["current_score"] == 50.0
