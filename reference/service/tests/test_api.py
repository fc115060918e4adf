"""The HTTP API: what it answers, in which shape it refuses, and what it never tells."""

from typing import Any

import pytest

from homeroom.reference.onboarding.stages import Stage as DistrictStage
from homeroom.reference.service.operations import read_contract

PROVIDER = {
    "base_url": "https://sis.example/v1p1",
    "client_id": "the-key-value",
    "client_secret": "the-secret-value",
}
CANVAS = {"base_url": "https://canvas.example", "token": "the-canvas-token"}


@pytest.fixture
def leon(stage: Any) -> Any:
    answer = stage.api("POST", "/districts", {"id": "leon", "name": "Leon County"})
    assert answer.status_code == 201, answer.text
    return stage


def problem(answer: Any, status: int) -> str:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    body = answer.json()
    assert body["status"] == status
    assert set(body) <= {"type", "title", "status", "detail", "problems"}
    return str(body["detail"])


def test_open_parts_need_no_token(stage: Any) -> None:
    for path in ("/health/live", "/health/ready", "/version", "/openapi.json"):
        assert stage.client.get(f"/api/v1{path}").status_code == 200
    assert stage.client.get("/api/v1/openapi.json").json() == read_contract()


@pytest.mark.parametrize(
    "headers", [{}, {"Authorization": "Bearer wrong"}, {"Authorization": "Basic eDp5"},
                {"Authorization": "Bearer"}],
)  # fmt: skip
def test_without_an_admins_token_nothing_is_told(leon: Any, headers: dict[str, str]) -> None:
    for path in ("/districts", "/districts/leon", "/jobs", "/districts/leon/log"):
        answer = leon.client.get(f"/api/v1{path}", headers=headers)
        problem(answer, 401)
        assert answer.headers["www-authenticate"].startswith("Bearer")


def test_guessing_tokens_is_slowed_and_a_right_one_waits_too(leon: Any) -> None:
    for _ in range(20):
        problem(leon.api("GET", "/districts", token="guess"), 401)
    answer = leon.api("GET", "/districts", token="guess")
    problem(answer, 429)
    assert 1 <= int(answer.headers["retry-after"]) <= 60


def test_every_operation_but_the_open_ones_needs_the_token() -> None:
    contract = read_contract()
    open_ones = {
        operation["operationId"]
        for item in contract["paths"].values()
        for method, operation in item.items()
        if method != "parameters" and operation.get("security") == []
    }
    assert contract["security"] == [{"admin": []}]
    assert open_ones == {"getContract", "getLiveness", "getReadiness", "getVersion"}


def test_district_is_added_changed_and_listed(leon: Any) -> None:
    changed = leon.api("PATCH", "/districts/leon", {
        "night_at": "01:30", "grades_at": "04:00", "pauses": [["2027-06-01", "2027-07-15"]],
        "choices": {"course_key": "class"},
    })  # fmt: skip
    assert changed.status_code == 200, changed.text
    district = changed.json()["district"]
    assert (district["night_at"], district["grades_at"]) == ("01:30", "04:00")
    assert district["pauses"] == [["2027-06-01", "2027-07-15"]]
    assert leon.api("GET", "/districts").json() == {"districts": [district]}
    assert leon.api("GET", "/districts/leon").json()["next_stage"] == "connected"


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"night_at": "26:00"}, "night_at"),
        ({"paused": True}, "paused"),
        ({"stage": "passback"}, "stage"),
        ({}, "non-empty"),
        ({"service": {"brake_share": 2}}, "service.brake_share"),
        ({"time_zone": "Mars"}, "time_zone is 'Mars'"),
        ({"pauses": [["2027-07-15", "2027-06-01"]]}, "pauses is"),
        ({"pauses": [["2027-13-45", "2027-14-01"]]}, "date"),
        ({"name": "x" * 201}, "name"),
    ],
)
def test_what_is_not_allowed_is_refused_by_name(leon: Any, body: dict[str, Any], said: str) -> None:
    before = leon.registry.find("leon")
    answer = leon.api("PATCH", "/districts/leon", body)
    assert answer.status_code in {400, 422}
    assert said in problem(answer, answer.status_code)
    assert leon.registry.find("leon") == before


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b"null", b'{"id": 1, "name": "x"}', b"\xff\xfe", b'"x"']
)
def test_bodies_that_are_none_are_refused(stage: Any, body: bytes) -> None:
    headers = {"Authorization": "Bearer a-token-that-nobody-guesses",
               "Content-Type": "application/json"}  # fmt: skip
    answer = stage.client.post("/api/v1/districts", content=body, headers=headers)
    problem(answer, 400)
    assert stage.registry.districts() == []


def test_what_is_not_there_is_named(leon: Any) -> None:
    for method, path in (
        ("GET", "/districts/lion"),
        ("POST", "/districts/lion/pause"),
        ("GET", "/districts/lion/log"),
        ("GET", "/districts/lion/links"),
        ("GET", "/jobs?district=lion"),
        ("POST", "/districts/lion/connect"),
    ):
        if path.endswith("connect"):
            continue
        assert "'lion'" in problem(leon.api(method, path), 404)
    assert "'j'" in problem(leon.api("GET", "/jobs/j"), 404)
    problem(leon.api("GET", "/nowhere"), 404)
    problem(leon.api("DELETE", "/districts/leon"), 405)
    assert "no such check" in problem(leon.api("GET", "/districts/leon/connect"), 404)


def test_credentials_go_in_and_never_come_out(leon: Any) -> None:
    for side, body in (("oneroster", PROVIDER), ("canvas", CANVAS)):
        answer = leon.api("PUT", f"/districts/leon/credentials/{side}", body)
        assert answer.status_code == 200, answer.text
    view = leon.api("GET", "/districts/leon")
    assert [note["side"] for note in view.json()["credentials"]] == ["canvas", "oneroster"]
    told = view.text + leon.api("GET", "/districts/leon/log").text
    for secret in ("the-key-value", "the-secret-value", "the-canvas-token"):
        assert secret not in told
    # Both sides being known, the connection is checked at once.
    assert leon.looks.started == [("leon", "connect", "ada")]


def test_malformed_credentials_are_refused_by_field_with_nothing_stored(leon: Any) -> None:
    bad = {**PROVIDER, "base_url": "sis.example", "client_secret": "two words"}
    answer = leon.api("PUT", "/districts/leon/credentials/oneroster", bad)
    assert "two words" not in problem(answer, 422)
    assert set(answer.json()["problems"]) == {"base_url", "client_secret"}
    assert leon.registry.credentials("leon") == []


def test_link_is_told_once(leon: Any) -> None:
    made = leon.api("POST", "/districts/leon/links", {"hours": 5})
    assert made.status_code == 201
    url = made.json()["url"]
    assert url.startswith("http://127.0.0.1:8443/connect/")
    token = url.rpartition("/")[2]
    told = (
        leon.api("GET", "/districts/leon/links").text + leon.api("GET", "/districts/leon/log").text
    )
    assert token not in told
    assert leon.api("DELETE", "/districts/leon/links").status_code == 200
    assert leon.api("GET", "/districts/leon/links").json()["links"][0]["state"] == "withdrawn"


def test_steps_are_refused_out_of_turn(leon: Any) -> None:
    said = problem(leon.api("POST", "/districts/leon/enable", {"stage": "passback"}), 409)
    assert "next is connected" in said
    problem(leon.api("POST", "/districts/leon/enable", {"stage": "connected"}), 400)
    said = problem(leon.api("POST", "/districts/leon/evaluate/accept", {"reason": "x"}), 409)
    assert "no finished evaluation" in said


def test_passback_waits_for_a_completed_night(leon: Any) -> None:
    for side, body in (("oneroster", PROVIDER), ("canvas", CANVAS)):
        leon.api("PUT", f"/districts/leon/credentials/{side}", body)
    leon.registry.advance("leon", DistrictStage.CONNECTED, who="ada", evidence={})
    on = leon.api("POST", "/districts/leon/enable", {"stage": "provisioning", "note": "go"})
    assert on.json()["district"]["stage"] == "provisioning"
    said = problem(leon.api("POST", "/districts/leon/enable", {"stage": "passback"}), 409)
    assert "no night has been completed yet" in said
    current = leon.registry.state_root / "leon" / "provisioning" / "current.json"
    current.parent.mkdir(parents=True)
    current.write_text('{"run": "20260914T020000-1", "at": "2026-09-14T02:00:00Z"}')
    on = leon.api("POST", "/districts/leon/enable", {"stage": "passback"})
    assert on.json()["district"]["stage"] == "passback"
    log = leon.api("GET", "/districts/leon/log?limit=1").json()["log"]
    assert log[0]["evidence"] == {"from": "provisioning", "night": "20260914T020000-1"}
    off = leon.api("POST", "/districts/leon/disable", {"reason": "summer"})
    assert off.json()["district"]["stage"] == "provisioning"


def test_jobs_are_asked_for_by_name(leon: Any) -> None:
    answer = leon.api("POST", "/districts/leon/jobs", {"kind": "grades", "courses": ["12"]})
    assert answer.status_code == 202, answer.text
    assert answer.headers["location"] == f"/api/v1/jobs/{answer.json()['id']}"
    assert leon.jobs.asked == [("leon", "grades", "ada", {"courses": ["12"]})]
    assert leon.api("GET", answer.headers["location"].removeprefix("/api/v1")).status_code == 200
    assert len(leon.api("GET", "/jobs?district=leon&limit=5").json()["jobs"]) == 1
    job = answer.json()["id"]
    assert "no plan" in problem(leon.api("GET", f"/jobs/{job}/plan"), 404)
    assert "not held" in problem(leon.api("POST", f"/jobs/{job}/release"), 409)
    assert leon.api("POST", f"/jobs/{job}/cancel").json()["status"] == "Failed"


def test_foreign_hosts_large_and_endless_bodies_are_refused(leon: Any) -> None:
    answer = leon.client.get("/api/v1/version", headers={"Host": "evil.example"})
    problem(answer, 421)
    answer = leon.client.get("/", headers={"Host": "127.0.0.1.evil.example:8443"})
    problem(answer, 421)
    problem(leon.client.post("/login", content=b"x" * ((1 << 20) + 1)), 413)
    chunks = iter([b"a", b"b"])
    problem(leon.client.post("/login", content=chunks), 411)
