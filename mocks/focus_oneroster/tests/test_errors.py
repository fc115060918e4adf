"""Every refusal keeps the envelope, in whichever shape is set: OneRoster reference, section 4."""

from typing import TYPE_CHECKING, Any, cast

import pytest

from homeroom.mocks.harness.faults import ACTS, parse_rule

if TYPE_CHECKING:
    from homeroom.mocks.focus_oneroster.tests.conftest import Focus


def test_shapes_of_an_error(focus: "Focus") -> None:
    shapes: dict[str, Any] = {}
    for shape in ("statusInfoSet", "imsx_StatusInfo", "errors", "flat", "superset"):
        focus.settings(error_shape=shape)
        shapes[shape] = focus.get("/users/nobody").json()

    text = "Not Found - there is no resource behind the URI"
    entry = {
        "imsx_codeMajor": "failure",
        "imsx_severity": "error",
        "imsx_operationRefIdentifier": "getUser",
        "imsx_description": text,
        "imsx_codeMinor": "unknown object",
    }
    nested = {
        "imsx_codeMajor": "failure",
        "imsx_severity": "error",
        "imsx_messageRefIdentifier": "getUser",
        "imsx_operationRefIdentifier": ["getUser"],
        "imsx_description": text,
        "imsx_CodeMinor": {
            "imsx_codeMinorField": [
                {
                    "imsx_codeMinorFieldName": "TargetEndSystem",
                    "imsx_codeMinorFieldValue": "unknown object",
                }
            ]
        },
    }
    assert shapes == {
        "statusInfoSet": {"statusInfoSet": [entry]},
        "imsx_StatusInfo": {"imsx_StatusInfo": nested},
        "errors": {
            "errors": [
                {
                    "StatusCode": 404,
                    "CodeMajor": "failure",
                    "Severity": "error",
                    "CodeMinor": "unknown object",
                    "Description": text,
                }
            ]
        },
        "flat": {
            "codeMajor": "failure",
            "severity": "error",
            "description": text,
            "codeMinor": "unknown object",
        },
        "superset": {"statusInfoSet": [entry], **nested},
    }


def test_code_minor_may_be_spelled_without_blanks(focus: "Focus") -> None:
    focus.settings(code_minor="unspaced")

    minors = [
        focus.get(path, **query).json()["statusInfoSet"][0]["imsx_codeMinor"]
        for path, query in [("/users/x", {}), ("/users", {"limit": "x"}), ("/users", {"sort": "x"})]
    ]

    assert minors == ["unknownobject", "invaliddata", "invalid_sort_field"]


@pytest.mark.parametrize(
    ("prefix", "read", "write"),
    [("writes", False, True), ("all", True, True), ("none", False, False)],
)
def test_descriptions_begin_with_the_sis_s_name_where_set(
    focus: "Focus", prefix: str, read: bool, write: bool
) -> None:
    focus.settings(description_prefix=prefix)

    def is_prefixed(reply: Any) -> bool:
        return bool(reply.json()["statusInfoSet"][0]["imsx_description"].startswith("Focus: "))

    item = {"lineItem": {"title": "x", "class": {"sourcedId": "c-9"}}}
    assert is_prefixed(focus.get("/users/x")) == read
    assert is_prefixed(focus.put("/lineItems/li-1", item)) == write


@pytest.mark.parametrize(
    ("method", "path", "allow"),
    [
        ("POST", "/users", "GET"),
        ("PUT", "/users/u-1", "GET"),
        ("DELETE", "/enrollments/e-1", "GET"),
        ("PATCH", "/lineItems/li-1", "DELETE, GET, PUT"),
        ("GET", "/token", "DELETE, POST"),
    ],
)
def test_method_that_a_path_lacks_is_405_with_allow(
    focus: "Focus", method: str, path: str, allow: str
) -> None:
    reply = focus.call(method, path)

    assert (reply.status, reply.headers["allow"]) == (405, allow)
    (info,) = reply.json()["statusInfoSet"]
    assert (info["imsx_codeMajor"], info["imsx_codeMinor"]) == (
        "failure",
        "unsupported operation",
    )


def test_unsupported_method_may_be_400(focus: "Focus") -> None:
    focus.settings(unsupported_method="400")

    assert focus.call("POST", "/users").status == 400


@pytest.mark.parametrize(
    "path",
    [
        "/focus/api/1.0/ims/oneroster/v1p1/Users",
        "/focus/api/1.0/ims/oneroster/v1p1/users/a/b",
        "/focus/api/1.0/ims/oneroster/v1p1",
        "/ims/oneroster/v1p1/users",
        "/",
        "/focus/api/1.0/ims/oneroster/v1p2/users",
    ],
)
def test_path_that_is_none_is_api_route_not_found(focus: "Focus", path: str) -> None:
    reply = focus.opened.call("GET", path, headers={"authorization": f"Bearer {focus.bearer}"})

    assert reply.status == 404
    (info,) = reply.json()["statusInfoSet"]
    assert info["imsx_codeMinor"] == "unknown object"
    assert info["imsx_description"] == (
        "Focus: 404 Error: API Route Not Found. Not Found - there is no resource behind the URI"
    )


def test_booleans_are_strings_numbers_numbers_and_the_absent_is_left_out(focus: "Focus") -> None:
    focus.record("lineItems", "li-1", resultValueMin=0, resultValueMax=10.5)
    focus.record("results", "r-1", score=9.25)

    assert focus.get("/users/u-1").json()["user"]["enabledUser"] == "true"
    assert focus.get("/enrollments/e-3").json()["enrollment"]["primary"] == "true"
    item = focus.get("/lineItems/li-1").json()["lineItem"]
    assert (item["resultValueMin"], item["resultValueMax"]) == (0, 10.5)
    assert focus.get("/results/r-1").json()["result"]["score"] == 9.25
    assert "middleName" not in focus.get("/users/u-1").json()["user"]


def test_absent_values_may_be_null_or_empty(focus: "Focus") -> None:
    focus.settings(absent_values="null")
    as_null = focus.get("/users/u-2").json()["user"]
    focus.settings(absent_values="empty")
    as_empty = focus.get("/users").json()["users"][1]

    names = ("middleName", "grades", "agents", "metadata", "email")
    assert [as_null[name] for name in names] == [None] * 5
    assert {name: as_empty.get(name) for name in names} == {
        "middleName": "", "grades": [], "agents": [], "metadata": None, "email": "",
    }  # fmt: skip
    assert as_null["givenName"] == as_empty["givenName"] == "Bo"


def test_answers_are_json_and_single_reads_count_one(focus: "Focus") -> None:
    reply = focus.get("/users/u-1")

    assert reply.headers["content-type"] == "application/json"
    assert reply.headers["x-total-count"] == "1"


def test_space_that_is_none_is_told_in_the_envelope(focus: "Focus") -> None:
    reply = focus.opened.call("GET", "/s/nowhere/focus/api/1.0/ims/oneroster/v1p1/users")

    assert reply.status == 404
    assert reply.json() == {
        "statusInfoSet": [
            {
                "imsx_codeMajor": "failure",
                "imsx_severity": "error",
                "imsx_description": "no space answers at /s/nowhere",
                "imsx_codeMinor": "unknown object",
            }
        ]
    }


def _struck(focus: "Focus", status: int) -> dict[str, str]:
    """Ask for users while a fault answers with a status, and return what it says."""
    rule = {"when": {"operation": "getAllUsers"}, "act": {"kind": "status", "status": status}}
    known = {"focus": ["getAllUsers"]}
    focus.opened.space.faults.add(parse_rule(rule, default_id="f", operations=known, acts=ACTS))
    reply = focus.get("/users")
    assert reply.status == status
    return cast("dict[str, str]", reply.json()["statusInfoSet"][0])


@pytest.mark.parametrize(
    ("status", "code"),
    [
        (400, "invalid data"),
        (401, "unauthorized"),
        (403, "forbidden"),
        (404, "unknown object"),
        (429, "server_busy"),
    ],
)
def test_fault_of_a_status_is_worded_as_the_standard_has_that_status(
    focus: "Focus", status: int, code: str
) -> None:
    assert _struck(focus, status) == {
        "imsx_codeMajor": "failure",
        "imsx_severity": "error",
        "imsx_operationRefIdentifier": "getAllUsers",
        "imsx_description": "a fault was asked for",
        "imsx_codeMinor": code,
    }


def test_fault_of_a_catastrophe_has_no_code(focus: "Focus") -> None:
    assert _struck(focus, 503) == {
        "imsx_codeMajor": "failure",
        "imsx_severity": "error",
        "imsx_operationRefIdentifier": "getAllUsers",
        "imsx_description": "Internal Server Error",
    }
