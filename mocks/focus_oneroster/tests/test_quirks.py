"""Quirks of real Focus data and services, off by default: Focus reference, 3.6, 8 and 9."""

import time
from typing import TYPE_CHECKING

import msgspec
import pytest

from homeroom.mocks.focus_oneroster.settings import SETTINGS

if TYPE_CHECKING:
    from homeroom.mocks.focus_oneroster.tests.conftest import Focus


def test_null_end_dates(focus: "Focus") -> None:
    dates = {"beginDate": "2026-08-10", "endDate": "2026-12-19"}
    focus.record("enrollments", "e-1", **dates)
    focus.record("enrollments", "e-2", user="u-2", **dates)

    focus.settings(null_end_dates=["e-1"])

    rows = {row["sourcedId"]: row for row in focus.get("/enrollments").json()["enrollments"]}
    assert ("endDate" in rows["e-1"], rows["e-2"]["endDate"]) == (False, "2026-12-19")
    focus.settings(absent_values="null")
    assert focus.get("/enrollments/e-1").json()["enrollment"]["endDate"] is None


def test_full_year_without_term(focus: "Focus") -> None:
    focus.settings(full_year_without_term=True)

    assert [row["terms"] for row in focus.get("/classes").json()["classes"]] == [[], []]
    assert focus.ids("/terms/t-1/classes") == []


def test_duplicate_enrollments(focus: "Focus") -> None:
    focus.record("enrollments", "e-1", beginDate="2026-09-01", endDate="2026-12-19")

    focus.settings(duplicate_enrollments=["e-1"])

    reply = focus.get("/enrollments", filter="user.sourcedId='u-1'")
    first, older = reply.json()["enrollments"]
    assert first["sourcedId"] == "e-1" != older["sourcedId"]
    assert (older["class"], older["beginDate"], older["endDate"]) == (
        first["class"], "2026-08-18", "2026-08-25",
    )  # fmt: skip
    assert focus.ids("/classes/c-1/students") == ["u-1", "u-2"]
    assert focus.get(f"/enrollments/{older['sourcedId']}").status == 200


def test_only_a_pupil_s_place_is_duplicated(focus: "Focus") -> None:
    focus.settings(duplicate_enrollments=True)

    seats = focus.get("/enrollments", filter="class.sourcedId='c-1'").json()["enrollments"]

    assert [seat["role"] for seat in seats] == ["student", "student", "teacher"] + ["student"] * 2


def test_one_reference_of_a_named_row_is_null(focus: "Focus") -> None:
    focus.settings(null_references=["e-1"])

    row = focus.get("/enrollments/e-1").json()["enrollment"]

    assert [row[name] for name in ("user", "class", "school")].count(None) == 1


def test_edited_uuid(focus: "Focus") -> None:
    focus.record("demographics", "u-1", sex="female")

    focus.settings(edited_uuid=["u-1"])

    new, *others = focus.ids("/users")
    assert new != "u-1"
    assert others == ["u-2", "u-3"]
    assert focus.get("/users/u-1").status == 404
    assert focus.get(f"/users/{new}").json()["user"]["username"] == "ana"
    assert focus.ids("/classes/c-1/students") == [new, "u-2"]
    assert focus.ids("/demographics") == [new]


def test_highest_profile_role(focus: "Focus") -> None:
    focus.settings(highest_profile_role=True)

    assert focus.get("/users/u-3").json()["user"]["role"] == "administrator"
    assert focus.ids("/teachers") == []
    assert focus.ids("/classes/c-1/teachers") == ["u-3"]


def test_excluded_marking_periods(focus: "Focus") -> None:
    focus.settings(excluded_marking_periods=["t-1"])

    assert focus.ids("/academicSessions") == ["y-1", "q-1", "q-2"]
    assert focus.get("/classes/c-1").json()["class"]["terms"][0]["sourcedId"] == "t-1"
    assert focus.get("/academicSessions/t-1").status == 404


def test_several_primary_teachers(focus: "Focus") -> None:
    focus.record("enrollments", "e-5", role="teacher", primary="false")

    focus.settings(several_primary_teachers=["c-1"])

    rows = focus.get("/enrollments", filter="role='teacher'").json()["enrollments"]
    assert {row["sourcedId"]: row.get("primary") for row in rows} == {
        "e-3": "true", "e-4": None, "e-5": "true",
    }  # fmt: skip


def test_deleted_line_items(focus: "Focus") -> None:
    focus.record("lineItems", "li-1")
    focus.record("results", "r-1")
    focus.settings(deleted_line_items=["li-1"])

    reply = focus.put(
        "/results/r-2",
        {
            "result": {
                "lineItem": {"sourcedId": "li-1"},
                "student": {"sourcedId": "u-1"},
                "scoreStatus": "fully graded",
                "score": 1,
                "scoreDate": "2026-09-01",
            }
        },
    )

    assert (reply.status, "Assignment Not Found" in reply.body.decode()) == (422, True)
    assert (focus.ids("/lineItems"), focus.ids("/results")) == ([], [])
    focus.settings(deleted_line_items=False)
    assert (focus.ids("/lineItems"), focus.ids("/results")) == (["li-1"], ["r-1"])


def test_a_missing_route_is_told_as_focus_does(focus: "Focus") -> None:
    focus.settings(missing_routes=["getAllClasses"])

    reply = focus.get("/classes")

    (info,) = reply.json()["statusInfoSet"]
    assert (reply.status, info["imsx_codeMinor"]) == (404, "unknown object")
    assert info["imsx_description"].startswith("Focus: 404 Error: API Route Not Found")
    assert focus.get("/courses").status == 200


def test_refused_due_dates(focus: "Focus") -> None:
    focus.settings(refuse_due_dates=True)
    item = {"title": "Unit 1", "class": {"sourcedId": "c-1"}, "dueDate": "2026-10-09"}

    reply = focus.put("/lineItems/li-1", {"lineItem": item})

    assert (reply.status, reply.json()["statusInfoSet"][0]["imsx_description"]) == (
        422,
        "Focus: 422 Error: Invalid Due Date: 2026-10-09",
    )


def test_slow_operations(focus: "Focus") -> None:
    focus.settings(slow_operations={"getAllOrgs": 0.2})

    started = time.monotonic()
    assert focus.get("/orgs").status == 200

    assert time.monotonic() - started >= 0.2


def test_cut_off_pages(focus: "Focus") -> None:
    whole = focus.get("/users").body
    focus.settings(cut_off_pages=["getAllUsers"])

    reply = focus.get("/users")

    assert reply.status == 200
    assert whole.startswith(reply.body)
    with pytest.raises(msgspec.DecodeError):
        reply.json()


def test_missing_envelope(focus: "Focus") -> None:
    focus.settings(missing_envelope=["getAllUsers"])

    reply = focus.get("/users")

    assert (reply.status, list(reply.json())) == (200, ["pagination"])


def test_share_befalls_the_same_records_each_time(fresh_tiny: "Focus") -> None:
    fresh_tiny.settings(null_end_dates=0.25)

    def open_ended() -> list[str]:
        rows = fresh_tiny.get("/enrollments", limit="5000").json()["enrollments"]
        return [row["sourcedId"] for row in rows if "endDate" not in row]

    chosen = open_ended()
    assert 0.15 < len(chosen) / len(fresh_tiny.world.truth.rows["enrollments"]) < 0.35
    assert open_ended() == chosen
    fresh_tiny.settings(null_end_dates=False)
    assert open_ended() == []


def test_every_quirk_is_off_by_default(focus: "Focus") -> None:
    values = {name: setting.default for name, setting in SETTINGS.items()}

    assert focus.world.is_ours
    assert [name for name, value in values.items() if value is True] == [
        "total_count_header", "link_header", "pagination_body", "posting_windows",
        "cascade_results",
    ]  # fmt: skip


def test_deleted_rows_absent(focus: "Focus") -> None:
    focus.record("enrollments", "e-1", status="tobedeleted")
    assert "e-1" in focus.ids("/enrollments")

    focus.settings(deleted_rows_absent=True)

    assert "e-1" not in focus.ids("/enrollments")
    assert focus.get("/enrollments/e-1").status == 404


def test_stale_modified(focus: "Focus") -> None:
    delta = "dateLastModified>'2026-01-01'"
    focus.record("enrollments", "e-1", beginDate="2026-08-11", endDate="2026-12-19")
    assert "e-1" in focus.ids("/enrollments", filter=delta)

    focus.settings(stale_modified=["e-1"])

    assert "e-1" not in focus.ids("/enrollments", filter=delta)
    row = focus.get("/enrollments/e-1").json()["enrollment"]
    assert (row["beginDate"], row["dateLastModified"]) == (
        "2026-08-11", "2000-01-01T00:00:00.000Z",
    )  # fmt: skip
