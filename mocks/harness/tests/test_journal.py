"""The journal shows what happened, never a secret, and people only where they are ours."""

from datetime import UTC, datetime

import pytest

from homeroom.mocks.harness.journal import (
    REDACTED,
    Exchange,
    Journal,
    redact,
    redact_query,
    to_entry,
)


def exchange(
    query: str = "", request: bytes = b"", request_type: str = "application/json"
) -> Exchange:
    return Exchange(
        seq=7, at=datetime(2026, 9, 1, 6, tzinfo=UTC), fake="focus", client="partner", method="PUT",
        path="/x", query=query, operation_id="putResult", status=201, request_type=request_type,
        request=request, request_size=len(request), response_type="", response=b"", response_size=0,
    )  # fmt: skip


def test_an_entry_has_the_keys_of_the_interface() -> None:
    assert to_entry(exchange(request=b'{"score": 9.5}'), people=True) == {
        "seq": 7, "at": "2026-09-01T06:00:00.000Z", "fake": "focus", "client": "partner",
        "method": "PUT", "path": "/x", "query": "", "operationId": "putResult", "status": 201,
        "request": {"score": 9.5}, "response": None,
    }  # fmt: skip


def test_secrets_are_redacted_at_any_depth_and_in_forms() -> None:
    body = {"a": [{"client_secret": "s3", "token_type": "bearer"}], "access_token": "s3"}
    assert redact(body, people=True) == {
        "a": [{"client_secret": REDACTED, "token_type": "bearer"}],
        "access_token": REDACTED,
    }
    entry = to_entry(
        exchange("access_token=s3", b"client_secret=s3&a=1", "application/x-www-form-urlencoded"),
        people=True,
    )
    assert "s3" not in str(entry)


def test_people_are_hidden_in_worlds_that_are_not_ours() -> None:
    body = {"user": {"sourcedId": "u-1", "givenName": "Zoë", "email": None}}
    assert redact(body, people=False) == {
        "user": {"sourcedId": "u-1", "givenName": REDACTED, "email": None}
    }
    assert "Zoe" not in redact_query("filter=givenName%3D%27Zoe%27&limit=5", people=False)


def test_what_a_vendor_says_of_people_in_other_words_is_hidden_too() -> None:
    body = {
        "primary_email": "ana@x.org",
        "row_info": "st1,ana,Ana",
        "grade_before": "A",
        "override_score": 9,
        "metadata": {"classId": "c-1", "mother": "Ana"},
    }
    assert redact(body, people=False) == {
        **dict.fromkeys(body, REDACTED), "metadata": {"classId": "c-1", "mother": REDACTED}
    }  # fmt: skip
    assert redact(body, people=True) == body


def test_neither_an_error_nor_a_path_gives_away_who_was_asked_for() -> None:
    asked = exchange("filter=familyName%3DRuiz&limit=5")
    asked.path = "/api/v1/users/sis_login_id:ana.ruiz/courses"
    asked.response = b'{"statusInfoSet":[{"imsx_description":"familyName=Ruiz"}]}'
    asked.response_type, asked.response_size = "application/json", len(asked.response)
    shown = to_entry(asked, people=False)
    assert shown["path"] == f"/api/v1/users/sis_login_id:{REDACTED}/courses"
    assert shown["response"] == {"statusInfoSet": [{"imsx_description": REDACTED}]}
    assert to_entry(asked, people=True)["path"] == asked.path


def test_a_secret_of_ours_is_hidden_wherever_a_caller_wrote_it() -> None:
    secret = "0123456789abcdef" * 4
    asked = exchange(f"filter=x%3D%27{secret}%27", f'{{"a": ["x", "{secret}"]}}'.encode())
    asked.path = f"/users/{secret}/classes"
    shown = to_entry(asked, people=True, secrets={secret, "another" * 8})
    assert (shown["path"], shown["query"], shown["request"]) == (
        f"/users/{REDACTED}/classes", f"filter=x%3D%27{REDACTED}%27", {"a": ["x", REDACTED]}
    )  # fmt: skip


def test_a_plain_query_is_shown_as_sent() -> None:
    assert redact_query("filter=a%3D%27b%20c%27", people=True) == "filter=a%3D%27b%20c%27"


def test_old_bodies_are_let_go_and_their_exchanges_stay(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("homeroom.mocks.harness.journal.KEEP_ALL_BYTES", 25)
    journal = Journal(limit=10)
    for _ in range(3):
        journal.add(exchange(request=b'{"a": 12345}'))
    shown = [to_entry(one, people=True)["request"] for one in journal]
    assert shown == [
        {"bytes": 12, "content_type": "application/json"},
        {"a": 12345},
        {"a": 12345},
    ]


def test_files_are_told_by_size_alone() -> None:
    entry = to_entry(exchange(request=b"password\nsecret", request_type="text/csv"), people=True)
    assert entry["request"] == {"bytes": 15, "content_type": "text/csv"}
