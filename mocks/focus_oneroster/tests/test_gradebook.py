"""Writes of the gradebook: OneRoster reference, 7 and 11; Focus reference, 5 and 9."""

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from homeroom.mocks.focus_oneroster.tests.conftest import Focus
    from homeroom.mocks.harness.testing import Reply

REF = {"sourcedId": "c-1"}
ITEM: dict[str, Any] = {
    "title": "Unit 3 Test",
    "assignDate": "2026-10-01T04:00:00.000Z",
    "dueDate": "2026-10-09T03:59:59.000Z",
    "class": REF,
    "category": {"sourcedId": "cat-1"},
    "resultValueMin": 0,
    "resultValueMax": 100,
}
RESULT: dict[str, Any] = {
    "lineItem": {"sourcedId": "li-1"},
    "student": {"sourcedId": "u-1"},
    "scoreStatus": "fully graded",
    "score": 87.5,
    "scoreDate": "2026-10-10",
}
BASE = "http://sis.test/focus/api/1.0/ims/oneroster/v1p1"


def put_item(focus: "Focus", sourced_id: str = "li-1", /, **changes: Any) -> "Reply":
    """PUT a line item; a change to `...` leaves the field out."""
    item = {name: value for name, value in (ITEM | changes).items() if value is not ...}
    return focus.put(f"/lineItems/{sourced_id}", {"lineItem": item})


def put_result(focus: "Focus", sourced_id: str = "r-1", /, **changes: Any) -> "Reply":
    """PUT a result."""
    result = {name: value for name, value in (RESULT | changes).items() if value is not ...}
    return focus.put(f"/results/{sourced_id}", {"result": result})


def description(reply: "Reply") -> str:
    """The description of a refusal in the default shape."""
    (info,) = reply.json()["statusInfoSet"]
    assert (info["imsx_codeMajor"], info["imsx_severity"]) == ("failure", "error")
    return str(info["imsx_description"])


def test_new_line_item_is_created_and_answered_as_stored(focus: "Focus") -> None:
    reply = put_item(focus, sourcedId="li-1", dateLastModified="1999-01-01T00:00:00.000Z")

    stored = reply.json()["lineItem"]
    modified = stored.pop("dateLastModified")
    assert reply.status == 201
    assert modified.startswith("2026-09-01T06:00:")
    assert stored == {
        "sourcedId": "li-1",
        "status": "active",
        "title": "Unit 3 Test",
        "assignDate": "2026-10-01T04:00:00.000Z",
        "dueDate": "2026-10-09T03:59:59.000Z",
        "class": {"href": f"{BASE}/classes/c-1", "sourcedId": "c-1", "type": "class"},
        "category": {"href": f"{BASE}/categories/cat-1", "sourcedId": "cat-1", "type": "category"},
        "resultValueMin": 0,
        "resultValueMax": 100,
    }
    assert focus.get("/lineItems/li-1").json() == reply.json()


@pytest.mark.parametrize(
    ("sent", "shown"),
    [
        ("2026-10-09", "2026-10-09T00:00:00.000Z"),
        ("2026-10-09T03:59:59Z", "2026-10-09T03:59:59.000Z"),
        ("2026-10-08T23:59:59-04:00", "2026-10-09T03:59:59.000Z"),
        ("2026-10-09T03:59", "2026-10-09T03:59:00.000Z"),
        ("2026-10-09T03:59:59.123456Z", "2026-10-09T03:59:59.123Z"),
    ],
)
def test_line_item_s_dates_are_shown_as_instants(focus: "Focus", sent: str, shown: str) -> None:
    put_item(focus, dueDate=sent)

    assert focus.get("/lineItems/li-1").json()["lineItem"]["dueDate"] == shown
    assert focus.ids("/lineItems", filter=f"dueDate='{shown}'") == ["li-1"]


def test_replay_leaves_one_object_and_answers_200(focus: "Focus") -> None:
    statuses = [put_item(focus).status, put_item(focus).status, put_item(focus, title="B").status]

    assert statuses == [201, 200, 200]
    assert focus.ids("/lineItems") == ["li-1"]
    assert focus.get("/lineItems/li-1").json()["lineItem"]["title"] == "B"


def test_replacement_is_whole(focus: "Focus") -> None:
    put_item(focus, description="read chapter 3", metadata={"lms": "canvas"})

    put_item(focus, category=...)

    stored = focus.get("/lineItems/li-1").json()["lineItem"]
    assert not {"description", "category", "metadata"} & set(stored)


def test_replacing_may_answer_201(focus: "Focus") -> None:
    focus.settings(replace_status="201")

    assert [put_item(focus).status for _ in range(2)] == [201, 201]


@pytest.mark.parametrize(
    "changes",
    [
        {"category": ..., "gradingPeriod": None, "resultValueMin": ..., "resultValueMax": ...},
        {"assignDate": ..., "status": ..., "description": None},
        {"dueDate": "2026-10-09", "assignDate": "2026-10-01"},
        {"class": {"sourcedId": "c-1", "href": None, "type": None}},
        {"class": {"sourcedId": "c-1", "href": "https://elsewhere/x", "type": "class"}},
        {"gradingPeriod": {"sourcedId": "q-1", "type": "gradingPeriod"}},
        {"resultValueMax": 10.5},
        {"title": "x" * 255},
        {"metadata": {"canvas.assignment": "77"}},
    ],
)
def test_what_consumers_really_send_is_accepted(focus: "Focus", changes: dict[str, Any]) -> None:
    assert put_item(focus, **changes).status == 201


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"class": {"sourcedId": "c-9"}}, "Focus: lineItem.class: unknown sourcedId c-9"),
        ({"dueDate": ...}, "Focus: Cannot Find Due Date: Unit 3 Test has none"),
        ({"dueDate": "soon"}, "Focus: 422 Error: Invalid Due Date: dueDate soon is no date"),
        ({"dueDate": "0001-01-01T00:00:00+14:00"}, "Focus: 422 Error: Invalid Due Date: "),
        ({"dueDate": "9999-12-31T23:59:59-14:00"}, "Focus: 422 Error: Invalid Due Date: "),
        ({"dueDate": "20261009"}, "Focus: 422 Error: Invalid Due Date: dueDate 20261009 is no"),
        ({"dueDate": "2026-W41-5"}, "Focus: 422 Error: Invalid Due Date: dueDate 2026-W41-5"),
        ({"dueDate": ""}, "Focus: 422 Error: Invalid Due Date: dueDate  is no date"),
        ({"dueDate": "2027-02-01"}, "Focus: 422 Error: Invalid Due Date: 2027-02-01 is outside"),
        ({"dueDate": "2026-08-09"}, "Focus: 422 Error: Invalid Due Date: 2026-08-09 is outside"),
        ({"assignDate": "never"}, "Focus: 422 Error: Invalid Due Date: assignDate never"),
        (
            {"category": {"sourcedId": "cat-9"}},
            (
                "Focus: Grading Category Not Found: grading category [cat-9] not found in "
                "OneRoster for [Algebra 1 - 3]; available categories are: [Tests]"
            ),
        ),
        ({"gradingPeriod": {"sourcedId": "q-9"}}, "Focus: lineItem.gradingPeriod: unknown"),
        ({"title": "x" * 256}, "Focus: lineItem.title: is longer than 255 characters"),
        ({"title": ...}, "Focus: lineItem.title: is required"),
        ({"title": ""}, "Focus: lineItem.title: "),
        ({"class": ...}, "Focus: lineItem.class: is required"),
        ({"class": "c-1"}, "Focus: lineItem.class: "),
        ({"class": {"href": "x"}}, "Focus: lineItem.class.sourcedId: is required"),
        ({"resultValueMax": "100"}, "Focus: lineItem.resultValueMax: "),
        ({"status": "inactive"}, "Focus: lineItem.status: "),
    ],
)
def test_refused_line_item_says_why_and_changes_nothing(
    focus: "Focus", changes: dict[str, Any], expected: str
) -> None:
    put_item(focus)
    before = focus.get("/lineItems/li-1").body

    reply = put_item(focus, **changes)

    assert reply.status == 422
    assert description(reply).startswith(expected)
    assert reply.json()["statusInfoSet"][0]["imsx_codeMinor"] == "invalid data"
    assert focus.get("/lineItems/li-1").body == before


@pytest.mark.parametrize(
    ("options", "status"),
    [
        ({"body": b"{"}, 400),
        ({"body": b"\xff"}, 400),
        ({"body": b""}, 400),
        ({"body": b"[]"}, 422),
        ({"body": b'{"item":{}}'}, 422),
        ({"body": b'{"lineItem":null}'}, 422),
        ({"body": b"x", "headers": {"content-type": "text/plain"}}, 415),
        ({"body": b"[" * 5000}, 400),
    ],
)
def test_malformed_body_keeps_the_envelope(
    focus: "Focus", options: dict[str, Any], status: int
) -> None:
    options = {"headers": {"content-type": "application/json"}} | options
    reply = focus.call("PUT", "/lineItems/li-1", **options)

    assert reply.status == status
    assert description(reply).startswith("Focus: ")
    assert focus.ids("/lineItems") == []


@pytest.mark.parametrize(
    "due", ["2026-12-18", "2026-12-19T04:59:59.000Z", "2026-12-18T23:59:59-05:00", "2026-08-10"]
)
def test_due_date_on_the_first_or_last_day_of_the_term_is_taken(focus: "Focus", due: str) -> None:
    assert put_item(focus, dueDate=due).status == 201


def test_due_date_may_lie_anywhere_by_setting(focus: "Focus") -> None:
    focus.settings(due_dates="school-year")
    assert [put_item(focus, dueDate=due).status for due in ("2027-02-01", "2027-07-01")] == [
        201,
        422,
    ]

    focus.settings(due_dates="any")

    assert put_item(focus, dueDate="1999-01-01").status == 200


def test_closed_posting_window_refuses_the_due_date(focus: "Focus") -> None:
    window = {"postStartDate": "2026-08-20", "postEndDate": "2026-08-31"}
    focus.record(
        "academicSessions", "q-1", title="Q1", type="gradingPeriod", parent="t-1",
        startDate="2026-08-10", endDate="2026-10-15", metadata=window,
    )  # fmt: skip

    refused, taken = put_item(focus), put_item(focus, dueDate="2026-11-02")
    focus.settings(posting_windows=False)

    assert description(refused) == (
        "Focus: 422 Error: Invalid Due Date: 2026-10-09T03:59:59.000Z is in Q1, which is closed "
        "for posting"
    )
    assert (taken.status, put_item(focus).status) == (201, 200)


def test_grading_periods_close_after_their_days_of_grace(focus: "Focus") -> None:
    focus.settings(posting_grace_days=5)
    assert put_item(focus).status == 201

    focus.advance(50 * 86_400)
    focus.bearer = focus.token().json()["access_token"]

    assert put_item(focus).status == 422


def test_grading_period_may_be_found_by_the_due_date(focus: "Focus") -> None:
    focus.settings(derive_grading_period=True)

    put_item(focus)

    stored = focus.get("/lineItems/li-1").json()["lineItem"]
    assert stored["gradingPeriod"]["sourcedId"] == "q-1"


def test_category_of_another_class_is_not_found(focus: "Focus") -> None:
    focus.record("categories", "cat-2", title="Labs", metadata={"classId": "c-2"})
    focus.record("categories", "cat-3", title="Quizzes", metadata={"classId": "c-1"})

    refused = put_item(focus, category={"sourcedId": "cat-2"})

    assert description(refused).endswith("available categories are: [Tests, Quizzes]")
    assert put_item(focus, category={"sourcedId": "cat-3"}).status == 201
    assert focus.ids("/categories", filter="metadata.classId='c-1'") == ["cat-3"]

    focus.settings(category_scope="global")
    assert put_item(focus, category={"sourcedId": "cat-2"}).status == 200
    focus.settings(category_scope="class")
    assert put_item(focus, category={"sourcedId": "cat-1"}).status == 422


def test_categories_of_a_class_are_a_route_by_setting_only(focus: "Focus") -> None:
    focus.record("categories", "cat-2", title="Labs", metadata={"classId": "c-2"})
    reply = focus.get("/classes/c-1/categories")

    focus.settings(class_categories=True)

    assert (
        reply.status,
        description(reply).startswith("Focus: 404 Error: API Route Not Found"),
    ) == (
        404,
        True,
    )
    assert focus.ids("/classes/c-1/categories") == ["cat-1"]
    assert focus.ids("/classes/c-2/categories") == ["cat-1", "cat-2"]


def test_category_is_put_read_and_deleted(focus: "Focus") -> None:
    body = {"category": {"sourcedId": "cat-7", "title": "Essays", "metadata": {"classId": "c-1"}}}

    assert focus.put("/categories/cat-7", body).status == 201
    stored = focus.get("/categories/cat-7").json()["category"]
    assert (stored["title"], stored["metadata"]) == ("Essays", {"classId": "c-1"})
    assert focus.call("DELETE", "/categories/cat-7").status == 204
    assert focus.get("/categories/cat-7").status == 404
    assert focus.call("DELETE", "/categories/cat-7").status == 404
    assert focus.ids("/categories") == ["cat-1"]


@pytest.mark.parametrize(
    "status", ["exempt", "fully graded", "not submitted", "partially graded", "submitted"]
)
def test_score_status_round_trips(focus: "Focus", status: str) -> None:
    put_item(focus)

    assert put_result(focus, scoreStatus=status).status == 201
    assert focus.get("/results/r-1").json()["result"]["scoreStatus"] == status


def test_result_is_answered_as_stored(focus: "Focus") -> None:
    put_item(focus)

    reply = put_result(focus, comment="well done", scoreDate="2026-10-10T14:00:00.000Z")

    stored = reply.json()["result"]
    del stored["dateLastModified"]
    assert stored == {
        "sourcedId": "r-1",
        "status": "active",
        "lineItem": {"href": f"{BASE}/lineItems/li-1", "sourcedId": "li-1", "type": "lineItem"},
        "student": {"href": f"{BASE}/users/u-1", "sourcedId": "u-1", "type": "user"},
        "scoreStatus": "fully graded",
        "score": 87.5,
        "scoreDate": "2026-10-10",
        "comment": "well done",
    }


@pytest.mark.parametrize("score", [0, 0.1, 33.333333, 105, -1, 1e3])
def test_score_is_kept_to_the_digit_extra_credit_included(focus: "Focus", score: float) -> None:
    put_item(focus)

    assert put_result(focus, score=score).status == 201
    assert focus.get("/results/r-1").json()["result"]["score"] == score


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        (
            {"lineItem": {"sourcedId": "li-9"}},
            "Focus: Assignment Not Found: result.lineItem: unknown sourcedId li-9",
        ),
        ({"student": {"sourcedId": "u-9"}}, "Focus: result.student: unknown sourcedId u-9"),
        ({"student": ...}, "Focus: result.student: is required"),
        (
            {"scoreStatus": "graded"},
            (
                'Focus: result.scoreStatus: "graded" is not one of "exempt", "fully graded", '
                '"not submitted", "partially graded", "submitted"'
            ),
        ),
        ({"scoreStatus": "not submmitted"}, "Focus: result.scoreStatus: "),
        ({"score": "A"}, "Focus: result.score: "),
        ({"score": ...}, "Focus: result.score: is required"),
        ({"scoreDate": "today"}, "Focus: result.scoreDate: today is no date"),
    ],
)
def test_refused_result_says_why_and_changes_nothing(
    focus: "Focus", changes: dict[str, Any], expected: str
) -> None:
    put_item(focus)
    put_result(focus)
    before = focus.get("/results/r-1").body

    reply = put_result(focus, **changes)

    assert reply.status == 422
    assert description(reply).startswith(expected)
    assert focus.get("/results/r-1").body == before


def test_score_may_be_cleared(focus: "Focus") -> None:
    put_item(focus)
    put_result(focus)

    reply = put_result(focus, score=None, scoreStatus="not submitted")

    assert (reply.status, "score" in reply.json()["result"]) == (200, False)


def test_deleting_a_line_item_takes_its_results_along(focus: "Focus") -> None:
    put_item(focus)
    put_item(focus, "li-2")
    put_result(focus)
    put_result(focus, "r-2", lineItem={"sourcedId": "li-2"})

    assert focus.call("DELETE", "/lineItems/li-1").status == 204

    assert (focus.ids("/lineItems"), focus.ids("/results")) == (["li-2"], ["r-2"])
    assert description(put_result(focus)).startswith("Focus: Assignment Not Found")


def test_results_may_outlive_their_line_item(focus: "Focus") -> None:
    focus.settings(cascade_results=False)
    put_item(focus)
    put_result(focus)

    focus.call("DELETE", "/lineItems/li-1")

    assert focus.ids("/results") == ["r-1"]


def test_line_item_removed_by_the_sis_takes_no_results(focus: "Focus") -> None:
    put_item(focus)
    focus.delete("lineItems", "li-1")

    assert description(put_result(focus)).startswith("Focus: Assignment Not Found")
    assert focus.get("/lineItems/li-1").json()["lineItem"]["status"] == "tobedeleted"


def test_deleted_object_may_be_created_again(focus: "Focus") -> None:
    put_item(focus)
    focus.call("DELETE", "/lineItems/li-1")

    assert put_item(focus).status == 201
    assert focus.ids("/classes/c-1/lineItems") == ["li-1"]


def test_class_scoped_reads_select(focus: "Focus") -> None:
    put_item(focus)
    put_item(focus, "li-2", title="Quiz")
    put_item(focus, "li-3", category=..., **{"class": {"sourcedId": "c-2"}})
    put_result(focus)
    put_result(focus, "r-2", student={"sourcedId": "u-2"})
    put_result(focus, "r-3", lineItem={"sourcedId": "li-2"})
    put_result(focus, "r-4", lineItem={"sourcedId": "li-3"}, student={"sourcedId": "u-2"})

    assert focus.ids("/classes/c-1/lineItems") == ["li-1", "li-2"]
    assert focus.ids("/classes/c-1/results") == ["r-1", "r-2", "r-3"]
    assert focus.ids("/classes/c-1/lineItems/li-1/results") == ["r-1", "r-2"]
    assert focus.ids("/classes/c-1/students/u-1/results") == ["r-1", "r-3"]
    assert focus.ids("/classes/c-2/students/u-2/results") == ["r-4"]
    assert focus.get("/classes/c-2/lineItems/li-1/results").status == 404
    assert focus.get("/classes/c-1/lineItems/li-9/results").status == 404


def test_rewritten_result_moves_between_views(focus: "Focus") -> None:
    put_item(focus)
    put_item(focus, "li-2")
    put_result(focus)

    put_result(focus, lineItem={"sourcedId": "li-2"}, student={"sourcedId": "u-2"})

    assert focus.ids("/classes/c-1/lineItems/li-1/results") == []
    assert focus.ids("/classes/c-1/lineItems/li-2/results") == ["r-1"]
    assert focus.ids("/classes/c-1/students/u-1/results") == []


def test_id_longer_than_the_standard_s_is_refused(focus: "Focus") -> None:
    assert put_item(focus, "x" * 255).status == 201
    assert description(put_item(focus, "x" * 256)) == (
        "Focus: lineItem.sourcedId: is longer than 255 characters"
    )


# Modified passback


def test_modified_provider_gives_its_own_ids_and_stays_idempotent(focus: "Focus") -> None:
    focus.settings(gradebook_mode="modified")

    first, again = put_item(focus, "theirs"), put_item(focus, "theirs")
    allocated = first.json()["lineItem"]["sourcedId"]

    assert (first.status, again.status) == (201, 200)
    assert allocated != "theirs"
    assert again.json()["lineItem"]["sourcedId"] == allocated
    assert focus.ids("/lineItems") == [allocated]
    assert focus.get("/lineItems/theirs").status == 404
    assert put_item(focus, allocated, title="B").status == 200
    assert focus.get(f"/lineItems/{allocated}").json()["lineItem"]["title"] == "B"


# Strict


@pytest.mark.parametrize(
    "changes",
    [
        {"sourcedId": "other"},
        {"category": ...},
        {"gradingPeriod": ...},
        {"assignDate": ...},
        {"resultValueMin": ...},
        {"resultValueMax": ...},
        {"resultValueMin": 10, "resultValueMax": 5},
    ],
)
def test_strict_provider_wants_all_that_the_standard_requires(
    focus: "Focus", changes: dict[str, Any]
) -> None:
    focus.settings(strict=True)
    whole = {"sourcedId": "li-1", "gradingPeriod": {"sourcedId": "q-1"}}

    assert put_item(focus, **(whole | changes)).status == 422
    assert put_item(focus, **whole).status == 201


def test_strict_provider_wants_scores_within_bounds_of_students(focus: "Focus") -> None:
    put_item(focus)
    focus.settings(strict=True)

    def status(**changes: Any) -> int:
        return put_result(focus, **({"sourcedId": "r-1"} | changes)).status

    assert status(score=101) == 422
    assert status(score=-0.5) == 422
    assert status(student={"sourcedId": "u-3"}) == 422
    assert status(scoreDate=...) == 422
    assert status(score=100) == 201


def test_strict_provider_takes_the_sourced_id_from_the_path_and_only_grading_periods(
    focus: "Focus",
) -> None:
    focus.settings(strict=True)

    assert put_item(focus, gradingPeriod={"sourcedId": "t-1"}).status == 422
    assert put_item(focus, gradingPeriod={"sourcedId": "q-1"}).status == 201
    assert put_result(focus).status == 201
    assert focus.put("/categories/cat-2", {"category": {"title": "Quizzes"}}).status == 201


def test_empty_body_is_malformed(focus: "Focus") -> None:
    reply = focus.call("PUT", "/lineItems/li-1", headers={"content-type": "application/json"})

    assert reply.status == 400
    assert reply.json()["statusInfoSet"][0] == {
        "imsx_codeMajor": "failure",
        "imsx_severity": "error",
        "imsx_operationRefIdentifier": "putLineItem",
        "imsx_description": "Focus: the body is empty",
        "imsx_codeMinor": "invalid data",
    }
