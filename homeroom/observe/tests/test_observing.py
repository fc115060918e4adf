"""Observers read whole worlds or say that they could not."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from homeroom.observe import ObservationError, observe_canvas, observe_gradebook, observe_provider
from homeroom.observe.provider import LIMIT, iter_rows
from homeroom.observe.tests.scripted import Scripted
from homeroom.oracle.canvas import Assignment, Enrollment, Override, Section, Submission, User
from homeroom.oracle.feed import Class, LineItem, Result
from homeroom.oracle.feed import Enrollment as Row
from homeroom.oracle.feed import User as Person

EMPTY: dict[str, Any] = {
    name: {name: []}
    for name in (
        "orgs", "academicSessions", "courses", "classes", "users", "enrollments", "categories",
        "lineItems", "results",
    )
}  # fmt: skip


def page(collection: str, offset: int) -> str:
    return f"{collection}?limit={LIMIT}&offset={offset}"


def ref(sourced_id: str) -> dict[str, str]:
    return {"sourcedId": sourced_id, "type": "any"}


def test_a_collection_is_read_by_offset_to_its_announced_end() -> None:
    peer = Scripted(
        {
            page("users", 0): {"users": [{"sourcedId": "a"}, {"sourcedId": "b"}]},
            page("users", 2): {"users": [{"sourcedId": "c"}]},
        },
        headers={
            page("users", 0): {"X-Total-Count": "3"},
            page("users", 2): {"X-Total-Count": "3"},
        },
    )

    rows = [row["sourcedId"] for row in iter_rows(peer.as_transport(), "users")]

    assert rows == ["a", "b", "c"]
    assert peer.asked == [page("users", 0), page("users", 2)]


def test_without_a_count_the_end_is_an_empty_page() -> None:
    peer = Scripted(
        {page("users", 0): {"users": [{"sourcedId": "a"}]}, page("users", 1): {"users": []}}
    )

    assert [row["sourcedId"] for row in iter_rows(peer.as_transport(), "users")] == ["a"]


@pytest.mark.parametrize(
    ("answer", "headers", "told"),
    [
        ({"people": []}, {}, "users: the answer has no list of users"),
        (b'{"users": [', {}, "the answer is no JSON"),
        ({"users": [{"sourcedId": "a"}] * 2}, {"X-Total-Count": "1"}, "2 rows of 1 announced"),
        ({"users": []}, {"X-Total-Count": "1"}, "0 rows of 1 announced"),
    ],
    ids=["no list", "broken off", "more than announced", "fewer than announced"],
)
def test_a_part_is_never_taken_for_the_whole(
    answer: Any, headers: dict[str, str], told: str
) -> None:
    peer = Scripted({page("users", 0): answer}, headers={page("users", 0): headers})

    with pytest.raises(ObservationError, match=told):
        list(iter_rows(peer.as_transport(), "users"))


def test_a_provider_is_read_with_its_spellings_of_nothing_and_truth() -> None:
    peer = Scripted(
        {
            **EMPTY,
            page("users", 0): {"users": [
                {"sourcedId": "0042", "status": "active", "username": "Ana", "givenName": "Ana",
                 "familyName": "Ruiz", "role": "student", "enabledUser": "False", "email": "",
                 "orgs": [ref("s1")]},
            ]},
            page("users", 1): {"users": []},
            page("classes", 0): {"classes": [
                {"sourcedId": "c1", "title": "Algebra", "course": ref("alg"), "school": None,
                 "terms": [ref("t1"), ref("y")]},
            ]},
            page("classes", 1): {"classes": []},
            page("enrollments", 0): {"enrollments": [
                {"sourcedId": "e1", "user": ref("0042"), "class": None, "role": "teacher",
                 "primary": True, "beginDate": "2026-08-10T00:00:00Z", "endDate": None},
            ]},
            page("enrollments", 1): {"enrollments": []},
        }
    )  # fmt: skip

    feed = observe_provider(peer.as_transport())

    assert feed.users == {
        "0042": Person(
            sourced_id="0042", username="Ana", given_name="Ana", family_name="Ruiz",
            role="student", enabled=False, orgs=("s1",),
        )
    }  # fmt: skip
    assert feed.classes == {
        "c1": Class(sourced_id="c1", title="Algebra", course="alg", terms=("t1", "y"))
    }
    assert feed.enrollments == {
        "e1": Row(
            sourced_id="e1", user="0042", class_=None, role="teacher", primary=True,
            begin_date=date(2026, 8, 10),
        )
    }  # fmt: skip


def test_a_gradebook_s_numbers_are_exact_also_as_strings() -> None:
    peer = Scripted(
        {
            page("lineItems", 0): {"lineItems": [
                {"sourcedId": "L", "title": "Quiz", "class": ref("c1"), "category": ref("hw"),
                 "dueDate": "2026-10-09T00:00:00.000Z", "resultValueMax": "10.5"},
            ]},
            page("lineItems", 1): {"lineItems": []},
            page("results", 0): {"results": [
                {"sourcedId": "R", "lineItem": ref("L"), "student": ref("a"), "score": 9.1,
                 "scoreStatus": "fully graded"},
            ]},
            page("results", 1): {"results": []},
        }
    )  # fmt: skip

    book = observe_gradebook(peer.as_transport())

    assert book.line_items == (
        LineItem(
            sourced_id="L", title="Quiz", class_="c1", category="hw",
            due_date="2026-10-09T00:00:00.000Z", maximum=Decimal("10.5"),
        ),
    )  # fmt: skip
    assert book.results == (
        Result(
            sourced_id="R", line_item="L", student="a", score=Decimal("9.1"),
            score_status="fully graded",
        ),
    )  # fmt: skip


CANVAS: dict[str, Any] = {
    "/api/v1/accounts/1": {"id": 1, "name": "Root", "parent_account_id": None},
    "/api/v1/accounts/1/sub_accounts": [],
    "/api/v1/accounts/1/terms": {"enrollment_terms": []},
    "/api/v1/accounts/1/courses": [
        {"id": 3, "name": "Algebra", "course_code": "A", "account_id": 1, "enrollment_term_id": 1,
         "workflow_state": "available"},
    ],
    "/api/v1/courses/3/sections": [
        {"id": 5, "name": "P1", "course_id": 3, "sis_section_id": "c1", "nonxlist_course_id": 9},
    ],
    "/api/v1/courses/3/enrollments": [
        {"id": 8, "course_section_id": 5, "user_id": 7, "type": "StudentEnrollment",
         "enrollment_state": "inactive", "start_at": "2026-08-10T04:00:00Z", "end_at": None,
         "grades": {"final_score": 88.5}},
    ],
    "/api/v1/accounts/1/users": [
        {"id": 7, "name": "Ana Ruiz", "email": "a@x.example", "login_id": "ana"},
        {"id": 2, "name": "Admin"},
    ],
    "/api/v1/users/7/logins": [
        {"unique_id": "by hand", "sis_user_id": None, "workflow_state": "active"},
        {"unique_id": "ana", "sis_user_id": "0042", "workflow_state": "suspended"},
    ],
    "/api/v1/users/2/logins": [],
    "/api/v1/courses/3/assignment_groups": [{"id": 4, "name": "Homework"}],
    "/api/v1/courses/3/assignments": [
        {"id": 6, "name": "Quiz", "assignment_group_id": 4, "points_possible": 10.0,
         "due_at": "2026-10-10T03:59:00Z", "published": True, "post_to_sis": True,
         "grading_type": "points", "submission_types": ["online_quiz"],
         "overrides": [{"course_section_id": 5, "due_at": None}, {"student_ids": [7]}]},
    ],
    "/api/v1/courses/3/students/submissions": [
        {"assignment_id": 6, "user_id": 7, "score": 9.25, "excused": False, "posted_at": None},
    ],
    "/api/v1/courses/3/grading_periods": {"grading_periods": []},
}  # fmt: skip


def test_canvas_is_read_with_suspended_logins_and_cross_listed_sections() -> None:
    world = observe_canvas(Scripted(CANVAS).as_transport())

    assert world.users[7] == User(
        id=7, sis_id="0042", name="Ana Ruiz", login="ana", state="suspended", email="a@x.example"
    )
    assert world.users[2].state == "deleted"
    assert world.sections == {5: Section(id=5, sis_id="c1", name="P1", course=3, origin=9)}
    assert world.enrollments == {
        8: Enrollment(
            id=8, section=5, user=7, type="StudentEnrollment", state="inactive",
            start_at=datetime(2026, 8, 10, 4, tzinfo=UTC), final_score=Decimal("88.5"),
        )
    }  # fmt: skip
    assert world.assignments == {}


def test_logins_that_the_account_lists_are_not_asked_for_again() -> None:
    one_by_one = {
        key: value for key, value in CANVAS.items() if not key.startswith("/api/v1/users/")
    }
    listed = [
        {"user_id": 7, "unique_id": "ana", "sis_user_id": "0042", "workflow_state": "suspended"},
        {"user_id": 2, "unique_id": "admin", "sis_user_id": None, "workflow_state": "active"},
    ]
    table = {**one_by_one, "/api/v1/accounts/1/logins": listed}
    world = observe_canvas(Scripted(table).as_transport())

    assert (world.users[7].sis_id, world.users[7].state) == ("0042", "suspended")
    assert (world.users[2].login, world.users[2].state) == ("admin", "active")


def test_an_account_s_list_with_the_callers_own_login_alone_leaves_nobody_out() -> None:
    own = [{"user_id": 2, "unique_id": "admin", "workflow_state": "active"}]
    world = observe_canvas(Scripted({**CANVAS, "/api/v1/accounts/1/logins": own}).as_transport())

    assert (world.users[7].sis_id, world.users[7].state) == ("0042", "suspended")
    assert world.users[2].login == "admin"


def test_canvas_s_gradebook_is_read_where_it_is_asked_for() -> None:
    world = observe_canvas(Scripted(CANVAS).as_transport(), grades=True)

    assert world.assignments == {
        6: Assignment(
            id=6, course=3, name="Quiz", group="Homework",
            group_id=4, points_possible=Decimal(10),
            due_at=datetime(2026, 10, 10, 3, 59, tzinfo=UTC), published=True, post_to_sis=True,
            grading_type="points", submission_types=("online_quiz",),
            overrides=(
                Override(section=5, due_at=None),
                Override(section=None, due_at=None, sets_due_at=False),
            ),
        )
    }  # fmt: skip
    assert world.submissions == (
        Submission(assignment=6, user=7, score=Decimal("9.25"), excused=False, posted=False),
    )


def test_a_list_that_names_itself_as_its_next_page_is_an_error() -> None:
    users = "/api/v1/accounts/1/users"
    looping = Scripted(
        {**CANVAS, "again": CANVAS[users]}, next_links={users: "again", "again": "again"}
    )

    with pytest.raises(ObservationError, match="names itself as the next"):
        observe_canvas(looping.as_transport())


def test_a_refusal_is_missing_evidence_and_no_empty_world() -> None:
    table = {key: value for key, value in CANVAS.items() if not key.endswith("/sub_accounts")}

    with pytest.raises(ObservationError, match="sub_accounts: HTTP 404"):
        observe_canvas(Scripted(table).as_transport())
