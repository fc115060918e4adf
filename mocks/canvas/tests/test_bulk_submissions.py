"""students/submissions, row by row of canvas-rest-api.md 7.3."""

import re
from typing import Any
from urllib.parse import urlencode

import pytest

from homeroom.mocks.canvas.gradebook.seats import state_by_date
from homeroom.mocks.canvas.tests.taught import COURSE, Taught

PATH = f"{COURSE}/students/submissions"
ALL = {"student_ids[]": "all"}


def rows(taught: Taught, **query: Any) -> list[tuple[int, int]]:
    found = taught.canvas.get(PATH, **{**ALL, "per_page": 100, **query})
    return [(one["assignment_id"], one["user_id"]) for one in found]


def test_only_published_assignments_are_read(taught: Taught) -> None:
    first = taught.assignment("A")["id"]
    taught.assignment("B", published=False)
    assert rows(taught) == [(first, taught.ana), (first, taught.cai)]


def test_ungrouped_lists_page_by_bookmark(taught: Taught) -> None:
    for name in "ABC":
        taught.assignment(name)
    seen: list[int] = []
    path, query = PATH, urlencode({**ALL, "per_page": 4})
    while path:
        reply = taught.canvas.call("GET", path, query=query)
        found = re.findall(r'<([^>]*)>; rel="(\w+)"', reply.headers["link"])
        links: dict[str, str] = {rel: url for url, rel in found}
        assert "last" not in links
        seen += [one["id"] for one in reply.json()]
        path, _, query = links.get("next", "").removeprefix("http://sis.test").partition("?")
    assert len(seen) == 6
    assert seen == sorted(set(seen))


def test_grouped_lists_page_by_student(taught: Taught) -> None:
    taught.assignment("A")
    taught.assignment("B")
    (page,) = taught.canvas.get(PATH, **ALL, grouped=1, per_page=1)
    assert (page["user_id"], page["section_id"]) == (taught.ana, taught.canvas.section("S1").id)
    assert (page["sis_user_id"], page["integration_id"]) == ("U1", None)
    assert len(page["submissions"]) == 2
    assert page["submissions"][0]["has_postable_comments"] is False


def test_grouped_false_still_groups(taught: Taught) -> None:
    taught.assignment()
    assert "submissions" in taught.canvas.get(PATH, **ALL, grouped="false")[0]


def test_totals_come_with_groups(taught: Taught) -> None:
    made = taught.assignment()
    taught.grade(made, taught.ana, "15")
    (page, _) = taught.canvas.get(PATH, **ALL, grouped=1, **{"include[]": "total_scores"})
    names = ("computed_current_score", "computed_final_score", "unposted_current_score",
             "unposted_final_score")  # fmt: skip
    assert [page[name] for name in names] == [75.0, 75.0, 75.0, 75.0]


def test_students_without_matching_submissions_appear_empty(taught: Taught) -> None:
    made = taught.assignment()
    taught.canvas.advance(60)
    taught.grade(made, taught.ana, "1")
    found = taught.canvas.get(PATH, **ALL, grouped=1, graded_since="2026-09-01T06:00:30Z")
    assert [(one["user_id"], len(one["submissions"])) for one in found] == [
        (taught.ana, 1),
        (taught.cai, 0),
    ]


def test_graded_since_is_strictly_later(taught: Taught) -> None:
    made = taught.assignment()
    taught.canvas.space.clock.set(taught.canvas.space.clock.now(), frozen=True)
    taught.grade(made, taught.ana, "1")
    at = taught.submission(made, taught.ana)["graded_at"]
    exact = taught.canvas.space.clock.now().isoformat()
    assert rows(taught, graded_since=exact) == []
    assert rows(taught, graded_since="2026-09-01T05:59:59Z") == [(made["id"], taught.ana)]
    assert at == "2026-09-01T06:00:00Z"


def test_post_to_sis_keeps_flagged_work_and_students_of_the_sis(taught: Taught) -> None:
    flagged = taught.assignment("A", post_to_sis=True)["id"]
    taught.assignment("B")
    by_hand = {"user_id": "sis_user_id:U2", "type": "StudentEnrollment"}
    taught.ok(
        "POST", "/enrollments", json={"enrollment": {**by_hand, "enrollment_state": "active"}}
    )
    assert (flagged, taught.ben) in rows(taught)
    assert rows(taught, post_to_sis="true") == [(flagged, taught.ana), (flagged, taught.cai)]


def test_naming_students_in_sis_form(taught: Taught) -> None:
    made = taught.assignment()["id"]
    assert rows(taught, **{"student_ids[]": "sis_user_id:U3"}) == [(made, taught.cai)]


def test_without_students_it_is_the_caller(taught: Taught) -> None:
    made = taught.assignment()["id"]
    found = taught.ok("GET", "/students/submissions", token=taught.token(taught.ana))
    assert [(one["assignment_id"], one["user_id"]) for one in found] == [(made, taught.ana)]


def test_students_cannot_read_others(taught: Taught) -> None:
    path = f"/students/submissions?student_ids[]={taught.cai}"
    status, body = taught.refused("GET", path, token=taught.token(taught.ana))
    assert (status, body["status"]) == (403, "unauthorized")


def test_observers_read_those_they_observe(taught: Taught) -> None:
    taught.canvas.load("user_id,login_id,status\nU9,mum,active\n")
    taught.canvas.load("observer_id,student_id,status\nU9,U1,active\n")
    made = taught.assignment()["id"]
    token = taught.token(taught.canvas.user("U9").id)
    for asked in ("sis_user_id:U1", "all"):
        path = f"/students/submissions?student_ids[]={asked}"
        (found,) = taught.ok("GET", path, token=token)
        assert (found["assignment_id"], found["user_id"]) == (made, taught.ana)
    path = f"/assignments/{made}/submissions"
    assert taught.ok("GET", f"{path}/{taught.ana}", token=token)["user_id"] == taught.ana
    assert taught.refused("GET", f"{path}/{taught.cai}", token=token)[0] == 403
    path = f"/students/submissions?student_ids[]={taught.cai}"
    assert taught.refused("GET", path, token=token)[0] == 403


@pytest.mark.parametrize("name", ["submitted_since", "graded_since"])
@pytest.mark.parametrize("text", ["yesterday", "2026-09-01", "2026-09-01T06:00Z"])
def test_what_is_no_instant_to_the_second_is_refused(taught: Taught, name: str, text: str) -> None:
    refused = taught.refused("GET", f"/students/submissions?student_ids[]=all&{name}={text}")
    assert refused == (400, {"errors": {name: f"Invalid datetime for {name}"}})


def test_too_many_students_are_refused(taught: Taught) -> None:
    query = "&".join(f"student_ids[]={one}" for one in range(101))
    assert taught.refused("GET", f"/students/submissions?{query}") == (
        400,
        {"error": "too many students"},
    )


def test_unknown_assignments_are_forbidden(taught: Taught) -> None:
    refused = taught.refused("GET", "/students/submissions?student_ids[]=all&assignment_ids[]=99")
    assert refused == (403, {"error": "invalid assignment ids requested"})


def test_unknown_enrollment_states_are_refused(taught: Taught) -> None:
    refused = taught.refused("GET", "/students/submissions?enrollment_state=lost")
    assert refused == (400, {"error": "invalid enrollment_state"})


def test_concluded_students_are_read_unless_only_active_ones_are_asked_for(taught: Taught) -> None:
    made = taught.assignment()["id"]
    (seat,) = taught.canvas.get(f"{COURSE}/enrollments", user_id=taught.ana)
    taught.ok("DELETE", f"/enrollments/{seat['id']}?task=conclude")
    assert (made, taught.ana) in rows(taught)
    assert rows(taught, enrollment_state="active") == [(made, taught.cai)]
    assert rows(taught, enrollment_state="concluded") == [(made, taught.ana)]


def test_order_by_time_of_grading(taught: Taught) -> None:
    made = taught.assignment()
    taught.grade(made, taught.cai, "1")
    taught.canvas.advance(60)
    taught.grade(made, taught.ana, "1")
    found = rows(taught, order="graded_at", order_direction="descending")
    assert found == [(made["id"], taught.ana), (made["id"], taught.cai)]


def test_an_admin_who_names_nobody_is_no_student_and_refused(taught: Taught) -> None:
    assert taught.refused("GET", "/students/submissions")[0] == 403


def test_an_unknown_grading_period_is_not_found(taught: Taught) -> None:
    path = "/students/submissions?student_ids[]=all&grading_period_id=9"
    assert taught.refused("GET", path)[0] == 404


def test_enrollment_state_goes_by_dates_unless_told_not_to(taught: Taught) -> None:
    made = taught.assignment()["id"]
    section = taught.canvas.section("S1").id
    ended = {"course_section": {"end_at": "2026-08-30T00:00:00Z",
                                "restrict_enrollments_to_section_dates": True}}  # fmt: skip
    taught.ok("PUT", f"/api/v1/sections/{section}", json=ended)
    ana, cai = (made, taught.ana), (made, taught.cai)
    assert rows(taught, enrollment_state="active") == [cai]
    assert rows(taught, enrollment_state="concluded") == [ana]
    by_state = {"state_based_on_date": "false"}
    assert rows(taught, enrollment_state="active", **by_state) == [ana, cai]
    assert rows(taught, enrollment_state="concluded", **by_state) == []


@pytest.mark.parametrize(
    ("dates", "state"),
    [
        ("2026-08-01,2026-12-20", "active"),
        ("2026-08-01,2026-08-31", "completed"),
        ("2026-09-10,2026-12-20", "pending_active"),
    ],
)
def test_the_terms_dates_rule_where_no_nearer_ones_do(
    taught: Taught, dates: str, state: str
) -> None:
    taught.canvas.load(f"term_id,name,status,start_date,end_date\nT1,Fall,active,{dates}\n")
    world = taught.canvas.world
    (seat,) = taught.canvas.user("U1").enrollments
    assert state_by_date(world.store, seat, world.now()) == state


def test_what_grading_needs_is_told_on_demand(taught: Taught) -> None:
    essay = taught.assignment(submission_types=["online_text_entry"])
    names = {"include[]": ["submission_status", "grading_status"]}

    def told() -> tuple[str, str | None]:
        row = taught.submission(essay, taught.ana, **names)
        return row["submission_status"], row["grading_status"]

    assert told() == ("unsubmitted", None)
    taught.hand_in(essay, taught.ana)
    assert told() == ("submitted", "needs_grading")
    taught.grade(essay, taught.ana, "5")
    assert told() == ("submitted", "graded")
    taught.hand_in(essay, taught.ana)
    assert told() == ("resubmitted", "needs_grading")


def test_an_sis_id_that_finds_nobody_is_left_out_and_a_number_is_refused(taught: Taught) -> None:
    made = taught.assignment()["id"]
    named = {"student_ids[]": ["sis_user_id:U3", "sis_user_id:none"]}
    assert rows(taught, **named) == [(made, taught.cai)]
    for alone in ("sis_user_id:none", "999", f"{taught.ben}"):
        assert taught.refused("GET", f"/students/submissions?student_ids[]={alone}")[0] == 403


def test_naming_an_assignment_without_the_flag_is_refused_where_flags_are_asked_for(
    taught: Taught,
) -> None:
    flagged, plain = taught.assignment(post_to_sis=True), taught.assignment()
    asked: dict[str, Any] = {"assignment_ids[]": [flagged["id"]], "post_to_sis": "true"}
    assert len(rows(taught, **asked)) == 2
    asked["assignment_ids[]"].append(plain["id"])
    refused = taught.refused("GET", PATH, query=urlencode({**ALL, **asked}, doseq=True))
    assert refused == (403, {"error": "invalid assignment ids requested"})
    assert len(rows(taught, **{"assignment_ids[]": plain["id"]})) == 2
