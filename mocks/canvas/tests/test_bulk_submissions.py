"""students/submissions, row by row of canvas-rest-api.md 7.3."""

import re
from typing import Any
from urllib.parse import urlencode

import pytest

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


@pytest.mark.parametrize("name", ["submitted_since", "graded_since"])
def test_bad_dates_are_refused(taught: Taught, name: str) -> None:
    refused = taught.refused("GET", f"/students/submissions?{name}=yesterday")
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
