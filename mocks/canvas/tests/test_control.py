"""The control plane's Canvas calls. Source: interface.md 3."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from homeroom.mocks.canvas import control
from homeroom.mocks.canvas.tests.driver import ACCOUNT, IMPORTS, Canvas
from homeroom.mocks.harness.request import Answer, Request, VendorError, bind_request

FRESH = {
    "allow_sis_import": True,
    "sis_syncing": True,
    "new_sis_integrations": True,
    "bulk_sis_grade_export": True,
    "post_grades": True,
    "sis_assignment_name_length": False,
    "sis_require_assignment_due_date": False,
    "throttling": "403",
    "import_rows_per_s": None,
}


def ask(canvas: Canvas, handler: Callable[..., Awaitable[Answer]], *args: Any) -> Any:
    """Call a handler of the control plane in the canvas's space."""

    async def run() -> Answer:
        bind_request(
            Request(
                method="POST", scheme="http", host="x", prefix="", raw_path="/", query_string="",
                headers={}, space=canvas.space, fake=canvas.fake.fake,
            )
        )  # fmt: skip
        return await handler(*args)

    return canvas.fake.run(run())


def test_fresh_settings(canvas: Canvas) -> None:
    settings = ask(canvas, control.get_canvas_settings)
    assert {name: settings[name] for name in FRESH} == FRESH


def test_alias_and_name_are_one_setting(canvas: Canvas) -> None:
    settings = ask(canvas, control.patch_canvas_settings, {"post_grades": False})
    assert settings["bulk_sis_grade_export"] is False


def test_unknown_names_are_refused_with_the_list_and_nothing_is_applied(canvas: Canvas) -> None:
    with pytest.raises(VendorError) as refused:
        ask(canvas, control.patch_canvas_settings, {"sis_syncing": False, "nonsense": 1})
    assert refused.value.status == 422
    assert isinstance(refused.value.body, dict)
    assert "nonsense" in refused.value.body["error"]
    assert "sis_syncing" in refused.value.body["known"]
    assert canvas.world.settings["sis_syncing"] is True


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("sis_syncing", "yes"),
        ("throttling", "418"),
        ("import_rows_per_s", "fast"),
        ("import_rows_per_s", 0),
        ("per_page_max", 0),
        ("per_page_max", 1.5),
        ("throttle_maximum", True),
        ("allow_sis_import", None),
    ],
)
def test_values_of_the_wrong_kind_are_refused_naming_the_field(
    canvas: Canvas, name: str, value: Any
) -> None:
    with pytest.raises(VendorError) as refused:
        ask(canvas, control.patch_canvas_settings, {name: value})
    assert refused.value.status == 422
    assert isinstance(refused.value.body, dict)
    assert refused.value.body["field"] == name


def test_settings_change_what_canvas_does(canvas: Canvas) -> None:
    ask(canvas, control.patch_canvas_settings, {"allow_sis_import": False})
    assert canvas.send("x").status == 403
    shown = canvas.get(f"{ACCOUNT}/settings")
    assert shown["allow_sis_import"] is False


def test_token_with_just_some_rights(canvas: Canvas) -> None:
    body, status = ask(canvas, control.create_canvas_token, {"permissions": ["manage_sis"]})
    assert status == 201
    assert canvas.call("GET", IMPORTS, token=body["token"]).status == 200
    assert canvas.send("x", token=body["token"]).status == 403


def test_canvas_names_of_rights_bring_what_the_fake_asks_for(district: Canvas) -> None:
    asked = {"permissions": ["manage_courses_admin", "read_course_list"]}
    body, _ = ask(district, control.create_canvas_token, asked)
    reply = district.call(
        "PUT", "/api/v1/courses/sis_course_id:C1", token=body["token"],
        json={"course": {"name": "X"}},
    )  # fmt: skip
    assert reply.status == 200
    assert district.course("C1").name == "X"


def test_admin_of_any_right_looks_at_accounts_and_terms(district: Canvas) -> None:
    body, _ = ask(district, control.create_canvas_token, {"permissions": ["view_statistics"]})
    for path in (ACCOUNT, f"{ACCOUNT}/sub_accounts", f"{ACCOUNT}/terms"):
        assert district.call("GET", path, token=body["token"]).status == 200
    assert district.call("GET", f"{ACCOUNT}/users", token=body["token"]).status == 403


def test_token_of_a_person(district: Canvas) -> None:
    body, _ = ask(district, control.create_canvas_token, {"user": "sis_user_id:U1"})
    reply = district.call("GET", "/api/v1/users/self", token=body["token"])
    assert reply.json()["name"] == "Ana Ruiz"
    assert district.call("GET", IMPORTS, token=body["token"]).status == 403


@pytest.mark.parametrize(
    "body", [{}, {"permissions": [], "user": "1"}, {"permissions": ["fly"]}, {"user": "none"}]
)
def test_tokens_that_cannot_be(canvas: Canvas, body: dict[str, Any]) -> None:
    with pytest.raises(VendorError) as refused:
        ask(canvas, control.create_canvas_token, body)
    assert refused.value.status == 422


PERIODS = {
    "title": "Quarters",
    "weighted": True,
    "enrollment_term_ids": ["sis_term_id:T1"],
    "grading_periods": [
        {"title": "Q2", "start_date": "2026-10-16T00:00:00Z", "end_date": "2026-12-20T00:00:00Z"},
        {"title": "Q1", "start_date": "2026-08-01T00:00:00Z", "end_date": "2026-10-15T00:00:00Z",
         "close_date": "2026-10-20T00:00:00Z", "weight": 50},
    ],
}  # fmt: skip


def test_grading_periods_are_given_to_terms_in_order_of_their_start(district: Canvas) -> None:
    body, status = ask(district, control.create_canvas_grading_periods, PERIODS)
    assert status == 201
    assert [period["title"] for period in body["grading_periods"]] == ["Q1", "Q2"]
    assert body["grading_periods"][0]["close_date"] == "2026-10-20T00:00:00Z"
    assert body["grading_periods"][1]["close_date"] == "2026-12-20T00:00:00Z"
    assert district.term("T1").grading_period_group_id == body["id"]


@pytest.mark.parametrize(
    "change",
    [
        {"enrollment_term_ids": ["sis_term_id:none"]},
        {"grading_periods": [{"title": "x", "start_date": "soon", "end_date": "later"}]},
        {
            "grading_periods": [
                {"title": "x", "start_date": "2026-10-02T00:00:00Z",
                 "end_date": "2026-10-01T00:00:00Z"}
            ]
        },
    ],
)  # fmt: skip
def test_grading_periods_that_cannot_be_leave_nothing(
    district: Canvas, change: dict[str, Any]
) -> None:
    with pytest.raises(VendorError) as refused:
        ask(district, control.create_canvas_grading_periods, PERIODS | change)
    assert refused.value.status == 422
    assert len(district.world.store.grading_period_groups) == 0


def test_jobs_step_by_step(canvas: Canvas) -> None:
    assert ask(canvas, control.set_canvas_jobs, {"mode": "manual"}) == {"mode": "manual"}
    canvas.send("user_id,login_id,status\nU1,ana,active\n")
    assert ask(canvas, control.run_canvas_jobs, None) == {"ran": 1, "mode": "manual"}
    assert canvas.shown(1)["workflow_state"] == "importing"
    assert ask(canvas, control.run_canvas_jobs, {"count": 9}) == {"ran": 1, "mode": "manual"}
    assert canvas.shown(1)["workflow_state"] == "imported"


def test_space_starts_in_auto(canvas: Canvas) -> None:
    assert canvas.world.runner.mode == "auto"


def test_document_names_base_url_token_and_account(canvas: Canvas) -> None:
    document = canvas.fake.fake.document(canvas.space, "http://h:1/s/x")
    assert document["canvas"] == {
        "base_url": "http://h:1/s/x", "token": canvas.token, "account_id": 1,
    }  # fmt: skip
