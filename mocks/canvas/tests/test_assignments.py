"""Assignments, row by row of canvas-rest-api.md 6."""

from typing import Any

import pytest

from homeroom.mocks.canvas.tests.taught import COURSE, Taught, words

ALWAYS = words(
    "id description due_at unlock_at lock_at points_possible grading_type assignment_group_id "
    "grading_standard_id created_at updated_at peer_reviews automatic_peer_reviews position "
    "grade_group_students_individually anonymous_peer_reviews group_category_id post_to_sis "
    "moderated_grading omit_from_final_grade hide_in_gradebook intra_group_peer_reviews "
    "anonymous_instructor_annotations anonymous_grading graders_anonymous_to_graders "
    "grader_count grader_comments_visible_to_graders final_grader_id "
    "grader_names_visible_to_final_grader allowed_attempts annotatable_attachment_id "
    "secure_params lti_context_id course_id name submission_types has_submitted_submissions "
    "due_date_required max_name_length in_closed_grading_period graded_submissions_exist "
    "is_quiz_assignment can_duplicate original_course_id original_assignment_id "
    "original_lti_resource_link_id original_assignment_name original_quiz_id workflow_state "
    "important_dates muted html_url published only_visible_to_overrides visible_to_everyone "
    "locked_for_user submissions_download_url post_manually anonymize_students "
    "require_lockdown_browser restrict_quantitative_data"
)
MANAGED = {"has_overrides", "unpublishable"}
SIS = {"sis_assignment_id", "integration_id", "integration_data"}


def message(field: str, text: str) -> dict[str, Any]:
    return {"errors": {field: [{"attribute": field, "type": text, "message": text}]}}


def create(taught: Taught, **fields: Any) -> tuple[int, Any]:
    return taught.refused("POST", "/assignments", json={"assignment": {"name": "X", **fields}})


def test_creating_answers_201_and_is_unpublished(taught: Taught) -> None:
    reply = taught.call("POST", "/assignments", json={"assignment": {"name": "Essay"}})
    assert reply.status == 201
    shown = reply.json()
    assert (shown["workflow_state"], shown["published"]) == ("unpublished", False)
    assert (shown["points_possible"], shown["allowed_attempts"]) == (0.0, -1)
    assert (shown["submission_types"], shown["grading_type"]) == (["none"], "points")
    assert (shown["due_date_required"], shown["max_name_length"]) == (False, 255)


def test_every_key_is_there_for_an_admin(taught: Taught) -> None:
    shown = taught.assignment()
    assert shown.keys() >= ALWAYS | MANAGED | SIS | {"needs_grading_count"}


def test_students_see_no_columns_of_managers_or_of_the_sis(taught: Taught) -> None:
    made = taught.assignment()
    shown = taught.ok("GET", f"/assignments/{made['id']}", token=taught.token(taught.ana))
    assert shown.keys() >= ALWAYS
    assert not shown.keys() & (MANAGED | SIS | {"needs_grading_count"})


def test_students_do_not_see_unpublished_ones(taught: Taught) -> None:
    made = taught.assignment(published=False)
    token = taught.token(taught.ana)
    assert taught.ok("GET", "/assignments", token=token) == []
    assert taught.refused("GET", f"/assignments/{made['id']}", token=token)[0] == 403
    assert len(taught.ok("GET", "/assignments", token=taught.token(taught.ben))) == 1


def test_form_and_json_bodies_mean_the_same(taught: Taught) -> None:
    reply = taught.call(
        "POST",
        "/assignments",
        body=b"assignment[name]=F&assignment[points_possible]=5&assignment[published]=on"
        b"&assignment[submission_types][]=online_url&assignment[submission_types][]=online_upload",
        headers={"content-type": "application/x-www-form-urlencoded"},
    )
    shown = reply.json()
    assert (shown["name"], shown["points_possible"], shown["published"]) == ("F", 5.0, True)
    assert shown["submission_types"] == ["online_url", "online_upload"]


@pytest.mark.parametrize("body", [{"name": "X"}, {"assignment": None}, {"assignment": {}}])
def test_a_request_without_assignment_is_refused(taught: Taught, body: dict[str, Any]) -> None:
    refused = taught.refused("POST", "/assignments", json=body)
    assert refused == (400, {"errors": [{"message": "assignment is missing"}]})


def test_a_title_may_be_left_out_but_not_emptied(taught: Taught) -> None:
    nameless = taught.ok("POST", "/assignments", json={"assignment": {"points_possible": 1}})
    assert nameless["name"] == "Assignment"
    blank = {"attribute": "title", "type": "blank", "message": "can't be blank"}
    path = f"/assignments/{nameless['id']}"
    for method, where, name in (
        ("POST", "/assignments", ""),
        ("PUT", path, "  "),
        ("PUT", path, None),
    ):
        refused = taught.refused(method, where, json={"assignment": {"name": name}})
        assert refused == (400, {"errors": {"title": [blank]}})
    assert taught.ok("GET", path)["name"] == "Assignment"


def test_an_unknown_bucket_is_refused_with_those_there_are(taught: Taught) -> None:
    status, body = taught.refused("GET", "/assignments", query="bucket=old")
    assert status == 400
    assert body["errors"]["bucket"][0]["message"] == (
        "bucket name must be one of the following: "
        "past, overdue, undated, ungraded, unsubmitted, upcoming, future"
    )


def test_blank_points_become_zero(taught: Taught) -> None:
    assert taught.assignment(points_possible="")["points_possible"] == 0.0


@pytest.mark.parametrize(
    ("fields", "field", "text"),
    [
        ({"submission_types": ["nonsense"]}, "assignment[submission_types]",
         "Invalid submission types"),
        ({"submission_types": ["none", "nonsense"]}, "assignment[submission_types]",
         "Invalid submission types"),
        ({"due_at": "tomorrow"}, "assignment[due_at]", "Invalid datetime for due_at"),
        ({"due_at": "2026-10-01"}, "assignment[due_at]", "Invalid datetime for due_at"),
        ({"lock_at": "2026-10-01 10:00:00"}, "assignment[lock_at]",
         "Invalid datetime for lock_at"),
        ({"assignment_group_id": "-1"}, "assignment[assignment_group_id]",
         "must be a positive number"),
        ({"due_at": "2026-09-10T00:00:00Z", "lock_at": "2026-09-09T00:00:00Z"}, "due_at",
         "must be between availability dates"),
        ({"name": "x" * 256}, "title", "The title cannot be longer than 255 characters"),
        ({"points_possible": -1}, "points_possible",
         "The value of possible points for this assignment must be zero or greater."),
        ({"points_possible": 1_000_000_000}, "points_possible",
         "The value of possible points for this assignment cannot exceed 999999999."),
    ],
)  # fmt: skip
def test_refusals_say_what_canvas_says(
    taught: Taught, fields: dict[str, Any], field: str, text: str
) -> None:
    assert create(taught, **fields) == (400, message(field, text))
    assert taught.ok("GET", "/assignments") == []


def test_the_flag_is_forced_off_where_nothing_can_be_graded(taught: Taught) -> None:
    ungraded = taught.assignment(grading_type="not_graded", post_to_sis=True)
    assert ungraded["post_to_sis"] is False
    untyped = taught.assignment(submission_types=["not_graded"], post_to_sis=True)
    assert untyped["post_to_sis"] is False


def test_sis_columns_go_round_with_manage_sis(taught: Taught) -> None:
    made = taught.assignment(
        sis_assignment_id="A-7", integration_id="i-7", integration_data='{"synced": "now"}'
    )
    assert made["sis_assignment_id"] == "A-7"
    changed = taught.ok(
        "PUT",
        "/assignments/sis_assignment_id:A-7",
        json={"assignment": {"integration_data": {"synced": "later"}}},
    )
    assert changed["integration_data"] == {"synced": "later"}
    assert changed["integration_id"] == "i-7"
    by_tools_id = taught.ok("GET", f"/assignments/lti_context_id:{made['lti_context_id']}")
    assert by_tools_id["id"] == made["id"]


def test_sis_columns_are_dropped_silently_without_manage_sis(taught: Taught) -> None:
    fields = {"name": "X", "sis_assignment_id": "A-8", "integration_id": "i", "points_possible": 3}
    shown = taught.ok(
        "POST", "/assignments", json={"assignment": fields}, token=taught.token(taught.ben)
    )
    assert (shown["points_possible"], shown["sis_assignment_id"]) == (3.0, None)
    assert (shown["integration_id"], shown["integration_data"]) == (None, {})


def test_a_base_due_date_makes_it_everybodys_again(taught: Taught) -> None:
    made = taught.assignment(only_visible_to_overrides=True)
    assert made["visible_to_everyone"] is False
    path = f"/assignments/{made['id']}"
    changed = taught.ok("PUT", path, json={"assignment": {"due_at": "2026-10-01T00:00:00Z"}})
    assert changed["only_visible_to_overrides"] is False


def test_dates_are_the_callers_unless_asked_otherwise(taught: Taught) -> None:
    made = taught.assignment(due_at="2026-09-10T00:00:00Z")
    section = taught.canvas.section("S1").id
    override = {"course_section_id": section, "due_at": "2026-09-12T00:00:00Z"}
    taught.ok(
        "POST", f"/assignments/{made['id']}/overrides", json={"assignment_override": override}
    )
    ana, cai = taught.token(taught.ana), taught.token(taught.cai)
    path = f"/assignments/{made['id']}"
    assert taught.ok("GET", path, token=ana)["due_at"] == "2026-09-12T00:00:00Z"
    assert taught.ok("GET", path, token=cai)["due_at"] == "2026-09-10T00:00:00Z"
    base = taught.ok("GET", path, token=ana, query="override_assignment_dates=false")
    assert base["due_at"] == "2026-09-10T00:00:00Z"


def test_the_flag_filter_is_exact(taught: Taught) -> None:
    taught.assignment("A", post_to_sis=True)
    taught.assignment("B")
    names = [one["name"] for one in taught.canvas.get(f"{COURSE}/assignments", post_to_sis="true")]
    others = [one["name"] for one in taught.canvas.get(f"{COURSE}/assignments", post_to_sis="f")]
    assert (names, others) == (["A"], ["B"])


def test_unknown_assignment_ids_are_named(taught: Taught) -> None:
    refused = taught.refused("GET", "/assignments?assignment_ids[]=1&assignment_ids[]=2")
    assert refused == (400, {"message": "Invalid assignment_ids: 1,2"})


def test_too_many_assignment_ids_are_refused_with_two_blanks(taught: Taught) -> None:
    query = "&".join(f"assignment_ids[]={one}" for one in range(101))
    refused = taught.refused("GET", f"/assignments?{query}")
    assert refused[1] == {"message": "Request contains too many assignment_ids.  Limit 100"}


def test_what_was_handed_in_cannot_be_unpublished(taught: Taught) -> None:
    made = taught.assignment(submission_types=["online_text_entry"])
    taught.hand_in(made, taught.ana)
    path = f"/assignments/{made['id']}"
    status, body = taught.refused("PUT", path, json={"assignment": {"published": False}})
    assert status == 400
    assert body == message("published", "Can't unpublish if there are student submissions")
    assert taught.ok("GET", path)["unpublishable"] is False


def test_all_dates_name_everyone_and_each_override(taught: Taught) -> None:
    made = taught.assignment(due_at="2026-09-10T00:00:00Z")
    override = {"student_ids": [taught.ana], "title": "Ana", "due_at": "2026-09-12T00:00:00Z"}
    one = taught.ok(
        "POST", f"/assignments/{made['id']}/overrides", json={"assignment_override": override}
    )
    shown = taught.ok("GET", f"/assignments/{made['id']}?include[]=all_dates")
    assert shown["all_dates"] == [
        {"due_at": "2026-09-10T00:00:00Z", "unlock_at": None, "lock_at": None, "base": True,
         "title": "Everyone else"},
        {"id": one["id"], "title": "Ana", "set_type": "ADHOC", "set_id": None,
         "due_at": "2026-09-12T00:00:00Z", "unlock_at": None, "lock_at": None},
    ]  # fmt: skip


def test_visibility_lists_ids_as_strings(taught: Taught) -> None:
    taught.assignment()
    (shown,) = taught.ok("GET", "/assignments?include[]=assignment_visibility")
    assert shown["assignment_visibility"] == [str(taught.ana), str(taught.cai)]


def test_deleting_answers_the_object_and_hides_it(taught: Taught) -> None:
    made = taught.assignment()
    shown = taught.ok("DELETE", f"/assignments/{made['id']}")
    assert (shown["id"], shown["workflow_state"]) == (made["id"], "deleted")
    assert taught.refused("GET", f"/assignments/{made['id']}")[0] == 404


def test_string_ids_on_request(taught: Taught) -> None:
    taught.assignment()
    (shown,) = taught.ok(
        "GET", "/assignments", headers={"accept": "application/json+canvas-string-ids"}
    )
    assert (shown["id"], shown["course_id"], shown["grader_count"]) == ("1", "1", 0)


def test_groups_have_their_sis_columns_for_everybody(taught: Taught) -> None:
    taught.ok(
        "POST",
        "/assignment_groups",
        json={"name": "Tests", "group_weight": 40, "sis_source_id": "cat-1",
              "integration_data": {"k": "v"}, "rules": {"drop_lowest": 1}},
    )  # fmt: skip
    (shown,) = taught.ok("GET", "/assignment_groups", token=taught.token(taught.ana))
    assert shown == {
        "id": 1, "name": "Tests", "position": 1, "group_weight": 40.0, "sis_source_id": "cat-1",
        "integration_data": {"k": "v"}, "rules": {"drop_lowest": 1},
    }  # fmt: skip


def test_a_course_without_groups_gets_its_first_on_demand(taught: Taught) -> None:
    (shown,) = taught.ok("GET", "/assignment_groups?include[]=assignments")
    assert (shown["name"], shown["assignments"]) == ("Assignments", [])
