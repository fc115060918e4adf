"""What the control plane does to Focus: interface.md, section 3."""

from typing import TYPE_CHECKING, Any, cast

import pytest

from homeroom.mocks.focus_oneroster import control
from homeroom.mocks.focus_oneroster.settings import SETTINGS
from homeroom.mocks.harness.request import Refusal, VendorError

if TYPE_CHECKING:
    from homeroom.mocks.focus_oneroster.tests.conftest import Focus

BASE = "http://sis.test/focus/api/1.0/ims/oneroster/v1p1"
USER: dict[str, Any] = {
    "username": "ana",
    "enabledUser": True,
    "givenName": "Ana",
    "familyName": "Ruiz",
    "role": "student",
    "orgs": [{"sourcedId": "s-1"}],
}


def test_record_is_stored_with_defaults_and_answered_as_partners_see_it(empty: "Focus") -> None:
    body, status = empty.control(control.put_focus_record("users", "u-1", {"user": USER}))

    assert status == 201
    assert body["user"].pop("dateLastModified").startswith("2026-09-01T06:00:0")
    assert body == {
        "user": {
            "sourcedId": "u-1",
            "status": "active",
            "username": "ana",
            "enabledUser": "true",
            "givenName": "Ana",
            "familyName": "Ruiz",
            "role": "student",
            "orgs": [{"href": f"{BASE}/orgs/s-1", "sourcedId": "s-1", "type": "org"}],
        }
    }
    assert empty.ids("/students") == ["u-1"]


def test_second_write_replaces_the_whole_row(empty: "Focus") -> None:
    def write(**changes: Any) -> int:
        body = {"user": USER | changes}
        return empty.control(control.put_focus_record("users", "u-1", body))[1]

    assert (write(email="a@x.example"), write(status="tobedeleted")) == (201, 200)
    row = empty.get("/users/u-1").json()["user"]
    assert ("email" in row, row["status"]) == (False, "tobedeleted")


def test_given_modification_time_is_kept(empty: "Focus") -> None:
    body = {"user": USER | {"dateLastModified": "2020-01-01T00:00:00+02:00"}}

    empty.control(control.put_focus_record("users", "u-1", body))

    row = empty.get("/users/u-1").json()["user"]
    assert row["dateLastModified"] == "2019-12-31T22:00:00.000Z"


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({}, "user: None must be the object"),
        ({"user": []}, "user: [] must be the object"),
        ({"user": USER | {"shoeSize": 9}}, "unknown: user.shoeSize; known are: "),
        ({"user": USER | {"role": "king"}}, "user.role: 'king' is refused: "),
        ({"user": USER | {"orgs": ["s-1"]}}, "user.orgs.0: 's-1' is refused: "),
        ({"user": USER | {"orgs": [{}]}}, "user.orgs.0"),
        ({"user": USER | {"status": "inactive"}}, "user.status: 'inactive' is refused: "),
        ({"user": USER | {"username": None}}, 'user: None is refused: "username"'),
        ({"user": USER | {"sourcedId": "u-2"}}, "user.sourcedId: 'u-2' is not the path's 'u-1'"),
        ({"user": USER | {"dateLastModified": "soon"}}, "user.dateLastModified: 'soon' is refused"),
    ],
)
def test_misshapen_record_is_refused_and_nothing_stored(
    empty: "Focus", body: dict[str, Any], said: str
) -> None:
    with pytest.raises(VendorError) as refused:
        empty.control(control.put_focus_record("users", "u-1", body))

    assert refused.value.status == 422
    assert isinstance(refused.value.body, dict)
    assert refused.value.body["error"].startswith(said)
    assert empty.ids("/users") == []


def test_references_are_not_checked(empty: "Focus") -> None:
    empty.record("enrollments", "e-1", user="nobody", school="nowhere", **{"class": "none"})

    assert empty.ids("/enrollments") == ["e-1"]


def test_generated_record_is_marked_deleted_once(fresh_tiny: "Focus") -> None:
    user = fresh_tiny.ids("/users", limit="1")[0]
    fresh_tiny.advance(60)

    fresh_tiny.delete("users", user)
    marked = fresh_tiny.get(f"/users/{user}").json()["user"]
    fresh_tiny.advance(60)
    fresh_tiny.delete("users", user)

    assert marked["status"] == "tobedeleted"
    assert marked["dateLastModified"].startswith("2026-09-01T06:01:0")
    assert fresh_tiny.get(f"/users/{user}").json()["user"] == marked
    assert fresh_tiny.ids("/users", filter="dateLastModified>'2026-09-01'") == [user]


def test_deleting_what_is_not_there_is_not_found(empty: "Focus") -> None:
    with pytest.raises(Refusal) as refused:
        empty.control(control.delete_focus_record("users", "u-1"))

    assert (refused.value.status, refused.value.detail) == (404, "users has no 'u-1'")


def test_settings_tell_type_default_and_source(empty: "Focus") -> None:
    described = empty.control(control.get_focus_settings())[0]

    assert set(described) == set(SETTINGS)
    assert described["replace_status"] == {
        "name": "replace_status",
        "value": "200",
        "type": "text",
        "choices": ["200", "201"],
        "nullable": False,
        "default": "200",
        "about": "HTTP status of a PUT that replaces.",
        "source": "[MS] 200, [OAS] 201; OneRoster reference 11 #2",
    }
    assert all(setting["source"] for setting in described.values())
    assert all(SETTINGS[name].problem(one["default"]) is None for name, one in described.items())


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"strict": True, "shoe_size": 9}, "unknown: shoe_size; known are: "),
        ({"strict": "yes"}, "strict: 'yes' must be true or false"),
        ({"token_lifetime_s": 0}, "token_lifetime_s: 0 must be a positive integer"),
        ({"token_lifetime_s": True}, "token_lifetime_s: True must be a positive integer"),
        ({"error_shape": "xml"}, "error_shape: 'xml' must be one of statusInfoSet, "),
        ({"limit_cap": -1}, "limit_cap: -1 must be a positive integer up to 1000000000 or null"),
        (
            {"token_lifetime_s": 10**10},
            "token_lifetime_s: 10000000000 must be a positive integer up to 1000000000",
        ),
        ({"edited_uuid": 2}, "edited_uuid: 2 must be true, false, a share between 0 and 1"),
        (
            {"missing_routes": ["getOrgs"]},
            "unknown: missing_routes.getOrgs; known are: ",
        ),
        ({"slow_operations": {"getOrgs": 1}}, "unknown: slow_operations.getOrgs; known are: "),
        ({"slow_operations": {"x": -1}}, "slow_operations: {'x': -1} must be an object"),
        ({"missing_routes": "getOrg"}, "missing_routes: 'getOrg' must be a list"),
        ({"strict": None}, "strict: None must be true or false"),
    ],
)
def test_wrong_setting_is_refused_and_none_changed(
    empty: "Focus", changes: dict[str, Any], said: str
) -> None:
    with pytest.raises(VendorError) as refused:
        empty.settings(**({"replace_status": "201"} | changes))

    assert refused.value.status == 422
    assert isinstance(refused.value.body, dict)
    assert refused.value.body["error"].startswith(said)
    assert empty.world.settings.replace_status == "200"


def test_client_of_unknown_scope_is_refused(empty: "Focus") -> None:
    with pytest.raises(VendorError) as refused:
        empty.client(scopes=["roster.everything"])

    assert refused.value.status == 422


def test_reset_keeps_credentials_and_forgets_records_and_settings(focus: "Focus") -> None:
    client = focus.client(scopes=["roster.readonly"])
    focus.settings(strict=True)

    focus.opened.run(focus.opened.spaces.reset(focus.opened.space))
    again = type(focus)(focus.opened)

    assert again.document == focus.document
    assert again.token(**client).status == 200
    assert (again.ids("/users"), again.world.settings.strict) == ([], False)


@pytest.mark.parametrize(
    ("collection", "field"),
    [("lineItems", "dueDate"), ("lineItems", "assignDate"), ("results", "scoreDate")],
)
def test_record_s_dates_are_dates_or_instants(focus: "Focus", collection: str, field: str) -> None:
    for value in ("2026-10-09", "2026-10-09T03:59:59.000Z"):
        focus.record(collection, "x-1", **{field: value})
    with pytest.raises(VendorError) as refused:
        focus.record(collection, "x-1", **{field: "soon"})

    assert refused.value.status == 422
    assert "'soon' is no date and no instant" in cast("Any", refused.value.body)["error"]


def test_booleans_are_taken_as_strings_of_any_case_and_shown_in_lower(focus: "Focus") -> None:
    focus.record("users", "u-1", enabledUser="False")

    assert focus.get("/users/u-1").json()["user"]["enabledUser"] == "false"
