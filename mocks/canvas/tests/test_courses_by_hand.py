"""Courses and sections as people handle them, and what sticks. canvas-rest-api.md 5.1 and 5.2."""

from typing import Any

import pytest

from homeroom.mocks.canvas.tests.driver import ACCOUNT, Canvas
from homeroom.mocks.canvas.tests.taught import COURSE, Taught, words

KEYS = words(
    "id name course_code account_id created_at start_at end_at default_view "
    "enrollment_term_id is_public grading_standard_id root_account_id uuid license "
    "grade_passback_setting public_syllabus public_syllabus_to_auth storage_quota_mb "
    "is_public_to_auth_users homeroom_course course_color friendly_name "
    "apply_assignment_group_weights calendar time_zone blueprint template hide_final_grades "
    "workflow_state restrict_enrollments_to_course_dates sis_course_id sis_import_id "
    "integration_id enrollments"
)
SECTION = words(
    "id name course_id nonxlist_course_id start_at end_at "
    "restrict_enrollments_to_section_dates created_at sis_section_id sis_course_id "
    "integration_id sis_import_id"
)
SECTIONS = "/api/v1/sections"


def test_every_key_of_a_course_is_there_for_an_admin(taught: Taught) -> None:
    shown = taught.ok("GET", "")
    assert shown.keys() == KEYS
    assert (shown["workflow_state"], shown["enrollments"]) == ("available", [])


def test_teachers_see_sis_ids_without_the_import_and_their_own_enrollment(taught: Taught) -> None:
    shown = taught.ok("GET", "", token=taught.token(taught.ben))
    assert shown.keys() == KEYS - {"sis_import_id"}
    assert shown["enrollments"] == [
        {"type": "teacher", "role": "TeacherEnrollment", "role_id": 2, "user_id": taught.ben,
         "enrollment_state": "active", "limit_privileges_to_course_section": False},
    ]  # fmt: skip


def test_students_see_no_sis_ids(taught: Taught) -> None:
    shown = taught.ok("GET", "", token=taught.token(taught.ana))
    assert not shown.keys() & {"sis_course_id", "sis_import_id", "integration_id"}


def test_only_graders_see_how_much_needs_grading(taught: Taught) -> None:
    path = "?include[]=needs_grading_count"
    assert taught.ok("GET", path, token=taught.token(taught.ben))["needs_grading_count"] == 0
    assert "needs_grading_count" not in taught.ok("GET", path, token=taught.token(taught.ana))


def test_claimed_inside_is_unpublished_outside(district: Canvas) -> None:
    assert district.course("C2").workflow_state == "claimed"
    assert district.get("/api/v1/courses/sis_course_id:C2")["workflow_state"] == "unpublished"


@pytest.mark.parametrize(
    ("event", "state", "seats"),
    [
        ("claim", "unpublished", "active"),
        ("conclude", "completed", "completed"),
    ],
)
def test_events_change_state_and_enrollments(
    taught: Taught, event: str, state: str, seats: str
) -> None:
    shown = taught.ok("PUT", "", json={"course": {"event": event}})
    assert shown["workflow_state"] == state
    assert {one[2] for one in taught.canvas.seats("U1")} == {seats}
    assert "workflow_state" in taught.course.stuck


def test_deleting_takes_the_enrollments_and_undeleting_does_not_bring_them_back(
    taught: Taught,
) -> None:
    assert taught.ok("DELETE", "?event=delete") == {"delete": True}
    assert taught.refused("GET", "")[0] == 404
    assert taught.ok("GET", "?include[]=all_courses")["workflow_state"] == "deleted"
    shown = taught.ok("PUT", "", json={"course": {"event": "undelete"}})
    assert shown["workflow_state"] == "unpublished"
    assert {one[2] for one in taught.canvas.seats("U1")} == {"deleted"}


def test_publishing_by_hand_freezes_the_state_against_imports(district: Canvas) -> None:
    district.put("/api/v1/courses/sis_course_id:C1", course={"event": "offer"})
    row = (
        "course_id,short_name,long_name,account_id,term_id,status\nC1,ALG,Algebra,A1,T1,completed\n"
    )
    assert district.load(row)["workflow_state"] == "imported"
    assert district.course("C1").workflow_state == "available"


def test_only_what_really_changes_becomes_stuck(taught: Taught) -> None:
    fields = {"name": "Algebra I", "course_code": "ALG", "start_at": "2026-08-10T00:00:00Z"}
    shown = taught.ok("PUT", "", json={"course": fields})
    assert (shown["name"], shown["start_at"]) == ("Algebra I", "2026-08-10T00:00:00Z")
    assert taught.course.stuck == {"name", "start_at"}


def test_sis_ids_are_dropped_silently_without_manage_sis(taught: Taught) -> None:
    course = {"sis_course_id": "C9", "name": "Mine"}
    taught.ok("PUT", "", json={"course": course}, token=taught.token(taught.ben))
    assert (taught.course.sis_source_id, taught.course.name) == ("C1", "Mine")
    shown = taught.ok("PUT", "", json={"course": course})
    assert shown["sis_course_id"] == "C9"


def test_a_taken_sis_id_is_refused(taught: Taught) -> None:
    status, body = taught.refused("PUT", "", json={"course": {"sis_course_id": "C2"}})
    assert status == 400
    assert body["errors"]["sis_source_id"][0]["message"] == 'SIS ID "C2" is already in use'


def test_account_lists_show_all_but_deleted_and_filter(taught: Taught) -> None:
    taught.ok("DELETE", "/api/v1/courses/sis_course_id:C2?event=delete")
    canvas = taught.canvas

    def names(**query: Any) -> list[str]:
        return [one["name"] for one in canvas.get(f"{ACCOUNT}/courses", **query)]

    assert names() == ["Algebra"]
    assert sorted(names(**{"state[]": "all"})) == ["Algebra", "Biology"]
    assert names(**{"state[]": "deleted"}) == ["Biology"]
    assert names(with_enrollments="true") == ["Algebra"]
    assert names(enrollment_term_id="sis_term_id:T1") == ["Algebra"]
    assert names(search_term="alg") == ["Algebra"]
    assert names(published="false") == []
    assert "enrollments" not in canvas.get(f"{ACCOUNT}/courses")[0]


def test_account_lists_tell_published_from_completed(taught: Taught) -> None:
    def names(**query: Any) -> list[str]:
        return [one["name"] for one in taught.canvas.get(f"{ACCOUNT}/courses", **query)]

    ended = {"course": {"end_at": "2026-08-20T00:00:00Z"}}
    taught.ok("PUT", "/api/v1/courses/sis_course_id:C2", json=ended)
    assert (names(published="true"), names(published="false")) == (["Algebra", "Biology"], [])
    assert (names(completed="true"), names(completed="false")) == (["Biology"], ["Algebra"])
    taught.ok("PUT", "", json={"course": {"event": "conclude"}})
    assert (names(published="true"), names(published="false")) == (["Biology"], ["Algebra"])
    assert names(completed="true") == ["Algebra", "Biology"]


def test_includes_add_what_they_name(taught: Taught) -> None:
    shown = taught.ok(
        "GET", "?include[]=term&include[]=total_students&include[]=teachers&include[]=concluded"
    )
    assert (shown["term"]["name"], shown["total_students"]) == ("Fall", 2)
    assert [one["display_name"] for one in shown["teachers"]] == ["Ben Oak"]
    assert shown["concluded"] is False


def test_every_key_of_a_section_is_there_for_an_admin(taught: Taught) -> None:
    shown = taught.canvas.get(f"{COURSE}/sections")
    assert [one["sis_section_id"] for one in shown] == ["S1", "S3"]
    assert shown[0].keys() == SECTION
    assert (shown[0]["sis_course_id"], shown[0]["nonxlist_course_id"]) == ("C1", None)


def test_students_of_a_section_are_null_when_there_are_none(taught: Taught) -> None:
    shown = taught.canvas.get(f"{SECTIONS}/sis_section_id:S2", **{"include[]": "students"})
    assert shown["students"] is None
    shown = taught.canvas.get(f"{SECTIONS}/sis_section_id:S1", **{"include[]": "students"})
    assert [one["id"] for one in shown["students"]] == [taught.ana]


def test_cross_listing_moves_people_keeps_the_home_and_sticks(taught: Taught) -> None:
    path = f"{SECTIONS}/sis_section_id:S1/crosslist/sis_course_id:C2"
    shown = taught.ok("POST", path)
    target = taught.canvas.course("C2")
    assert (shown["course_id"], shown["nonxlist_course_id"]) == (target.id, taught.course.id)
    assert shown["sis_course_id"] == "C2"
    assert {one.course_id for one in taught.canvas.section("S1").enrollments} == {target.id}
    row = "xlist_course_id,section_id,status\nC1,S1,active\n"
    assert taught.canvas.load(row)["workflow_state"] == "imported"
    assert taught.canvas.section("S1").course_id == target.id


def test_bringing_a_section_home_brings_its_people(taught: Taught) -> None:
    taught.ok("POST", f"{SECTIONS}/sis_section_id:S1/crosslist/sis_course_id:C2")
    shown = taught.ok("DELETE", f"{SECTIONS}/sis_section_id:S1/crosslist")
    assert (shown["course_id"], shown["nonxlist_course_id"]) == (taught.course.id, None)
    assert {one.course_id for one in taught.canvas.section("S1").enrollments} == {taught.course.id}


def test_what_is_not_cross_listed_cannot_come_home(taught: Taught) -> None:
    refused = taught.refused("DELETE", f"{SECTIONS}/sis_section_id:S1/crosslist")
    assert refused == (400, {"message": "section is not cross-listed"})


def test_section_fields_changed_by_hand_stick(taught: Taught) -> None:
    fields = {"name": "First", "end_at": "2026-12-01T00:00:00Z"}
    taught.ok("PUT", f"{SECTIONS}/sis_section_id:S1", json={"course_section": fields})
    assert taught.canvas.section("S1").stuck == {"name", "end_at"}


def test_a_section_with_people_cannot_be_deleted(taught: Taught) -> None:
    refused = taught.refused("DELETE", f"{SECTIONS}/sis_section_id:S1")
    assert refused == (400, {"message": "You can't delete a section that has enrollments"})
    shown = taught.ok("DELETE", f"{SECTIONS}/sis_section_id:S2")
    assert shown["sis_section_id"] == "S2"
    assert taught.refused("GET", f"{SECTIONS}/sis_section_id:S2")[0] == 404


def test_sticky_fields_are_left_alone_on_demand(taught: Taught) -> None:
    spare = "?override_sis_stickiness=false"
    section = "/api/v1/sections/sis_section_id:S1"
    given = {"name": "New", "restrict_enrollments_to_section_dates": True}
    shown = taught.ok("PUT", f"{section}{spare}", json={"course_section": given})
    assert (shown["name"], shown["restrict_enrollments_to_section_dates"]) == ("Algebra 1", True)
    moved = taught.ok("POST", f"{section}/crosslist/sis_course_id:C2{spare}")
    assert moved["nonxlist_course_id"] is None
    taught.ok("PUT", "", json={"course": {"name": "Mine"}})
    given = {"name": "Theirs", "course_code": "NEW"}
    shown = taught.ok("PUT", spare, json={"course": given})
    assert (shown["name"], shown["course_code"]) == ("Mine", "NEW")


def test_sis_ids_of_a_section_are_refused_without_manage_sis(taught: Taught) -> None:
    path, teacher = "/api/v1/sections/sis_section_id:S1", taught.token(taught.ben)
    given = {"course_section": {"sis_section_id": "NEW"}}
    assert taught.refused("PUT", path, json=given, token=teacher) == (
        401,
        {"message": "You must have manage_sis permission to update sis attributes"},
    )
    assert taught.ok("GET", path)["sis_section_id"] == "S1"


def test_sections_are_listed_by_name_to_graders_too(taught: Taught) -> None:
    for name in ("zeta", "Beta"):
        taught.ok("POST", "/sections", json={"course_section": {"name": name}})
    for right in ("view_all_grades", "manage_grades"):
        found = taught.ok("GET", "/sections?per_page=2&all=1", token=taught.admin(right))
        assert [one["name"] for one in found] == ["Algebra 1", "Algebra 2", "Beta", "zeta"]
    assert len(taught.ok("GET", "/sections?per_page=2")) == 2
