"""The harness answers by the contract alone, whatever is asked."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from homeroom.mocks.district import District
from homeroom.mocks.harness.contract import Contract, HarnessFault
from homeroom.mocks.harness.fake import Fake
from homeroom.mocks.harness.request import Answer, Refusal, Request, VendorError, current_request
from homeroom.mocks.harness.space import Space, World
from homeroom.mocks.harness.testing import OpenFake, open_fake

DOCUMENT = """
openapi: 3.0.3
info: {title: A small vendor, version: "1"}
servers: [{url: /api/v1}]
security: [{key: [read, admin]}]
paths:
  /users/{id}:
    parameters: [{name: id, in: path, required: true, schema: {type: string}}]
    get:
      operationId: getUser
      parameters:
        - {name: limit, in: query, schema: {type: integer, minimum: 1, default: 100}}
        - {name: "include[]", in: query, schema: {type: array, items: {type: string, enum: [a, b]}}}
        - {name: active, in: query, schema: {type: boolean}}
      responses:
        "200": {description: A user., content: {application/json: {schema: {$ref: "#/components/schemas/User"}}}}
    put:
      operationId: putUser
      requestBody:
        required: true
        content:
          application/json: {schema: {$ref: "#/components/schemas/User"}}
          application/x-www-form-urlencoded: {schema: {type: object}}
          multipart/form-data: {schema: {type: object}}
      responses: {"201": {description: Stored.}}
  /users/everybody:
    get:
      operationId: getEverybody
      security: []
      responses: {"200": {description: All.}}
  /later:
    get:
      operationId: getLater
      responses: {"200": {description: Not yet.}}
components:
  schemas:
    User:
      type: object
      required: [id]
      properties:
        id: {type: string}
        nickname: {type: string, nullable: true}
"""  # noqa: E501


class SmallWorld:
    """Nothing to hold, nothing to stop."""

    async def close(self) -> None:
        """Stop nothing."""


class SmallVendor(Fake):
    """A vendor with just enough manners to see the harness at work."""

    name = "small"
    suffix = ".json"
    unsupported = frozenset({"getLater"})

    def __init__(self, folder: Path, handlers: Sequence[ModuleType]) -> None:
        self.contract = folder / "openapi.yaml"
        self.contract.write_text(DOCUMENT, encoding="utf-8")
        self.handlers = handlers

    def new_world(self, space: Space, district: District) -> World:
        return SmallWorld()

    def document(self, space: Space, origin: str) -> Mapping[str, Any]:
        return {}

    def authenticate(self, request: Request) -> None:
        if request.headers.get("authorization") != "key":
            raise Refusal(status=401, reason="credentials", detail="no key")

    def refuse(self, request: Request, refusal: Refusal) -> Answer:
        headers = {"Allow": ", ".join(refusal.allow)} if refusal.allow else {}
        return {"why": refusal.reason, "field": refusal.parameter}, refusal.status, headers


async def get_user(id_: str, limit: int, include: list[str] | None, active: bool | None) -> Answer:
    """Echo what arrived; two ids misbehave on purpose."""
    if id_ == "broken":
        return {"nickname": "no id"}
    if id_ == "refused":
        raise VendorError(409, {"why": "taken"})
    if id_ == "crash":
        raise KeyError(id_)
    origin = current_request().origin
    return {"id": id_, "limit": limit, "include": include, "active": active, "origin": origin}


async def put_user(id_: str, body: dict[str, Any]) -> Answer:
    """Store nothing, tell what would be."""
    files = [(file.name, file.filename, file.content) for file in current_request().files]
    return f"{id_} {sorted(body.items())} {files}", 201


async def get_everybody() -> Answer:
    """Answer without asking who."""
    return []


@pytest.fixture
def vendor(tmp_path: Path) -> Iterator[OpenFake]:
    """The small vendor, open."""
    handlers = ModuleType("handlers")
    handlers.__dict__.update(get_user=get_user, put_user=put_user, get_everybody=get_everybody)
    opened = open_fake(SmallVendor(tmp_path, [handlers]))
    yield opened
    opened.close()


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


def test_an_operation_without_a_handler_stops_the_start(tmp_path: Path) -> None:
    with pytest.raises(HarnessFault, match="no handler get_user"):
        Contract(SmallVendor(tmp_path, [ModuleType("empty")]))
