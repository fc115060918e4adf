"""A small vendor for the harness's own tests: just enough manners to see it at work."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any, cast

import pytest

from homeroom.mocks.district import District
from homeroom.mocks.harness.fake import Fake
from homeroom.mocks.harness.pickled import freeze, thaw
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
  /rows:
    get:
      operationId: getAllRows
      parameters:
        - {name: limit, in: query, schema: {type: integer, minimum: 1, default: 4}}
        - {name: offset, in: query, schema: {type: integer, minimum: 0, default: 0}}
      responses:
        "200": {description: Rows., content: {application/json: {schema: {type: object, required: [rows]}}}}
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
    """A little to hold, nothing to stop."""

    def __init__(self) -> None:
        self.held: dict[str, str] = {}

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
        self.is_revoked = False

    def new_world(self, space: Space, district: District) -> World:
        return SmallWorld()

    def dump_world(self, world: World) -> bytes:
        return freeze(cast("SmallWorld", world).held)

    def restore_world(self, space: Space, district: District, dump: bytes) -> World:
        world = SmallWorld()
        world.held = thaw(dump, __name__)
        return world

    def document(self, space: Space, origin: str) -> Mapping[str, Any]:
        return {}

    def authenticate(self, request: Request) -> None:
        if request.headers.get("authorization") != "key" or self.is_revoked:
            raise Refusal(status=401, reason="credentials", detail="no key")
        request.client = "key-holder"

    def revoke(self, request: Request) -> None:
        self.is_revoked = True

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


async def get_all_rows(limit: int, offset: int) -> Answer:
    """Page through ten rows."""
    rows = list(range(10))[offset : offset + limit]
    more = offset + limit < 10
    following = f"{current_request().url}?limit={limit}&offset={offset + limit}"
    link = {"Link": f'<{following}>; rel="next"'} if more else {}
    page = {"rows": rows, "pagination": {"total": 10, "next": following if more else ""}}
    return page, 200, {"X-Total-Count": "10", **link}


async def get_everybody() -> Answer:
    """Answer without asking who."""
    return []


@pytest.fixture
def vendor(tmp_path: Path) -> Iterator[OpenFake]:
    """The small vendor, open."""
    handlers = ModuleType("handlers")
    handlers.__dict__.update(
        get_user=get_user,
        put_user=put_user,
        get_everybody=get_everybody,
        get_all_rows=get_all_rows,
    )
    opened = open_fake(SmallVendor(tmp_path, [handlers]))
    yield opened
    opened.close()
