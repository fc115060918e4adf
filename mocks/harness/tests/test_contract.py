"""The harness answers by the contract alone, whatever is asked."""

from pathlib import Path
from types import ModuleType

import pytest

from homeroom.mocks.harness.contract import Contract, HarnessFault, load_contract
from homeroom.mocks.harness.testing import OpenFake

KEY = {"authorization": "key"}


def test_path_and_query_arrive_typed_and_as_sent(vendor: OpenFake) -> None:
    reply = vendor.call(
        "GET", "/api/v1/users/a%2Fb.json?limit=5&include[]=a&include[]=b&active=yes", headers=KEY
    )
    assert reply.json() == {
        "id": "a/b",
        "limit": 5,
        "include": ["a", "b"],
        "active": True,
        "origin": "http://sis.test",
    }


def test_defaults_and_a_trailing_slash(vendor: OpenFake) -> None:
    reply = vendor.call("GET", "/api/v1/users/a/", headers=KEY)
    assert (reply.status, reply.json()["limit"], reply.json()["include"]) == (200, 100, None)


def test_a_literal_path_wins_over_a_parameter_and_needs_no_key(vendor: OpenFake) -> None:
    assert vendor.call("GET", "/api/v1/users/everybody").json() == []


@pytest.mark.parametrize(
    ("method", "path", "status", "why", "field"),
    [
        ("GET", "/api/v1/nothing", 404, "route", None),
        ("GET", "/api/v1/Users/a", 404, "route", None),
        ("GET", "/api/v1", 404, "route", None),
        ("POST", "/api/v1/users/a", 405, "method", None),
        ("GET", "/api/v1/users/a?limit=0", 400, "parameter", "limit"),
        ("GET", "/api/v1/users/a?limit=ten", 400, "parameter", "limit"),
        ("GET", "/api/v1/users/a?include[]=c", 400, "parameter", "include[]"),
        ("GET", "/api/v1/users/a?active=perhaps", 400, "parameter", "active"),
        ("GET", "/s/nowhere/api/v1/users/a", 404, "space", "space"),
        ("GET", "/api/v1/later", 501, "not-implemented", None),
    ],
)
def test_a_refusal_is_worded_by_the_vendor(
    vendor: OpenFake, method: str, path: str, status: int, why: str, field: str | None
) -> None:
    reply = vendor.call(method, path, headers=KEY)
    assert (reply.status, reply.json()) == (status, {"why": why, "field": field})


def test_a_405_names_the_methods_there_are(vendor: OpenFake) -> None:
    assert vendor.call("DELETE", "/api/v1/users/a", headers=KEY).headers["allow"] == "GET, PUT"


def test_without_the_key_nothing_else_is_looked_at(vendor: OpenFake) -> None:
    reply = vendor.call("GET", "/api/v1/users/a?limit=ten")
    assert (reply.status, reply.json()["why"]) == (401, "credentials")


@pytest.mark.parametrize(
    ("body", "content_type", "status", "field"),
    [
        (b'{"id": 1}', "application/json", 422, "id"),
        (b"{}", "application/json; charset=utf-8", 422, "body"),
        (b"", "application/json", 422, "body"),
        (b"{oops", "application/json", 400, "body"),
        (b"\xff", "application/json", 400, "body"),
        (b"x", "text/plain", 415, "Content-Type"),
        (b"--b", "multipart/form-data", 400, "body"),
    ],
)
def test_a_bad_body_is_refused_by_field(
    vendor: OpenFake, body: bytes, content_type: str, status: int, field: str
) -> None:
    headers = {**KEY, "content-type": content_type}
    reply = vendor.call("PUT", "/api/v1/users/a", headers=headers, body=body)
    assert (reply.status, reply.json()["field"]) == (status, field)


@pytest.mark.parametrize(("levels", "status"), [(64, 201), (65, 400), (5000, 400)])
def test_a_body_nested_beyond_all_sense_is_refused(
    vendor: OpenFake, levels: int, status: int
) -> None:
    # What was taken stands in the journal, in snapshots and in every page from then on.
    inner = levels - 1
    body = b'{"id":"a","note":' + b"[" * inner + b"]" * inner + b"}"
    reply = vendor.call("PUT", "/api/v1/users/a", headers=KEY, body=body)
    assert reply.status == status
    assert vendor.space.journal.last_seq == 1


def test_a_null_is_taken_where_the_contract_is_nullable(vendor: OpenFake) -> None:
    reply = vendor.call("PUT", "/api/v1/users/a", headers=KEY, json={"id": "a", "nickname": None})
    assert reply.status == 201


def test_forms_arrive_as_fields_and_files(vendor: OpenFake) -> None:
    form = (
        b'--b\r\nContent-Disposition: form-data; name="id"\r\n\r\na\r\n'
        b'--b\r\nContent-Disposition: form-data; name="file"; filename="x.csv"\r\n\r\nrow\r\n'
        b"--b--\r\n"
    )
    headers = {**KEY, "content-type": "multipart/form-data; boundary=b"}
    reply = vendor.call("PUT", "/api/v1/users/a", headers=headers, body=form)
    assert reply.body == b"a [('id', 'a')] [('file', 'x.csv', b'row')]"


def test_head_answers_like_get_without_a_body(vendor: OpenFake) -> None:
    reply = vendor.call("HEAD", "/api/v1/users/everybody")
    assert (reply.status, reply.body, reply.headers["content-length"]) == (200, b"", "2")


def test_a_vendor_error_is_sent_as_it_is(vendor: OpenFake) -> None:
    reply = vendor.call("GET", "/api/v1/users/refused", headers=KEY)
    assert (reply.status, reply.json()) == (409, {"why": "taken"})


@pytest.mark.parametrize("id_", ["broken", "crash"])
def test_an_answer_outside_the_contract_is_a_fault_of_ours(vendor: OpenFake, id_: str) -> None:
    with pytest.raises(AssertionError, match="broke its contract"):
        vendor.call("GET", f"/api/v1/users/{id_}", headers=KEY)


def test_every_exchange_is_in_the_journal(vendor: OpenFake) -> None:
    vendor.call("GET", "/api/v1/users/a?limit=0", headers=KEY)
    exchange = next(iter(vendor.space.journal))
    assert (exchange.method, exchange.path, exchange.query, exchange.status) == (
        "GET", "/api/v1/users/a", "limit=0", 400,
    )  # fmt: skip


def test_an_operation_without_a_handler_stops_the_start(vendor: OpenFake) -> None:
    vendor.fake.handlers = [ModuleType("empty")]
    with pytest.raises(HarnessFault, match="no handler get_user"):
        Contract(vendor.fake)


def test_the_parts_of_a_contract_are_merged_and_never_overwrite(tmp_path: Path) -> None:
    whole = tmp_path / "openapi.yaml"
    whole.write_text("paths: {/a: {get: {}}}\nx-homeroom-parts: [part.yaml]", encoding="utf-8")
    part = tmp_path / "part.yaml"
    part.write_text("paths: {/a: {put: {}}}\ncomponents: {schemas: {A: {}}}", encoding="utf-8")
    assert load_contract(whole) == {
        "paths": {"/a": {"get": {}, "put": {}}},
        "components": {"schemas": {"A": {}}},
    }
    part.write_text("paths: {/a: {get: {}}}", encoding="utf-8")
    with pytest.raises(HarnessFault, match="/a get stands twice"):
        load_contract(whole)
