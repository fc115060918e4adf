"""The control plane's calls about Focus: settings, partners, records as the SIS's screens write.

Source: interface.md section 3.
"""

import secrets
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, cast

import jsonschema_rs
import msgspec
import yaml

from homeroom.mocks.focus_oneroster.context import current_world
from homeroom.mocks.focus_oneroster.gradebook import is_date
from homeroom.mocks.focus_oneroster.model import MODELS, Kind, Model, Row
from homeroom.mocks.focus_oneroster.render import encode_records, to_instant
from homeroom.mocks.focus_oneroster.settings import SETTINGS
from homeroom.mocks.focus_oneroster.tokens import SCOPE_PREFIX, SCOPES, Client
from homeroom.mocks.harness.clock import iso_millis
from homeroom.mocks.harness.control import ControlPlane, refuse_names, refuse_value
from homeroom.mocks.harness.request import Answer, Refusal, current_request
from homeroom.mocks.harness.schemas import Schemas, first_error


async def get_focus_settings() -> Answer:
    """Answer getFocusSettings: name, type, default, source and present value of each."""
    return current_world().settings.describe()


async def patch_focus_settings(body: dict[str, Any]) -> Answer:
    """Answer patchFocusSettings; one wrong name or value and nothing is changed."""
    unknown = [name for name in body if name not in SETTINGS]
    if unknown:
        raise refuse_names(unknown, list(SETTINGS))
    for name, value in body.items():
        problem = SETTINGS[name].problem(value)
        if problem is not None:
            raise refuse_value(name, value, problem)
        if SETTINGS[name].type in ("names", "seconds"):
            unknown = [operation for operation in value if operation not in _operations()]
            if unknown:
                raise refuse_names([f"{name}.{operation}" for operation in unknown], _operations())
    settings = current_world().settings
    settings.change(body)
    return settings.describe()


async def create_focus_client(body: dict[str, Any] | None = None) -> Answer:
    """Answer createFocusClient: a partner's key and secret."""
    asked = body or {}
    scopes = asked.get("scopes")
    full = [_full_scope(scope) for scope in scopes] if scopes is not None else list(SCOPES)
    unknown = [scope for scope in full if scope not in SCOPES]
    if unknown:
        raise refuse_names(unknown, SCOPES)
    schools = asked.get("schools")
    client = Client(
        client_id=f"partner-{secrets.token_hex(4)}",
        client_secret=secrets.token_hex(32),
        scopes=frozenset(full),
        auth=asked.get("auth"),
        schools=None if schools is None else frozenset(schools),
    )
    current_world().clients[client.client_id] = client
    return {"client_id": client.client_id, "client_secret": client.client_secret}, 201


def _full_scope(scope: str) -> str:
    return scope if scope.startswith(SCOPE_PREFIX) else f"{SCOPE_PREFIX}{scope}"


async def put_focus_record(collection: str, sourced_id: str, body: dict[str, Any]) -> Answer:
    """Answer putFocusRecord: the row is in every view, lookup and delta at once."""
    world, model = current_world(), MODELS[collection]
    given = body.get(model.singular)
    if not isinstance(given, dict):
        raise refuse_value(
            model.singular, given, f"must be the object: send {{{model.singular!r}: {{...}}}}"
        )
    row = _to_row(model, sourced_id, given)
    is_new = world.truth.rows[collection].put(row)
    return _shown(model, row), 201 if is_new else 200


async def delete_focus_record(collection: str, sourced_id: str, *, gone: bool = False) -> Answer:
    """Answer deleteFocusRecord: the row is marked tobedeleted, or vanishes."""
    world, model = current_world(), MODELS[collection]
    rows = world.truth.rows[collection]
    row = rows.get(sourced_id)
    if row is None:
        raise Refusal(
            status=404,
            reason="route",
            detail=f"{collection} has no {sourced_id!r}",
            parameter="sourcedId",
            value=sourced_id,
        )
    if gone:
        rows.remove(sourced_id)
        return None, 204
    if row["status"] != "tobedeleted":
        row = {**row, "status": "tobedeleted", "dateLastModified": iso_millis(world.now())}
        rows.put(row)
    return _shown(model, row), 200


def _shown(model: Model, row: Row) -> dict[str, Any]:
    request = current_request()
    document = cast("ControlPlane", request.fake).space_document(request.space)
    text = encode_records(model, [row], document["oneroster"]["base_url"])
    return {model.singular: msgspec.json.decode(text)}


def _to_row(model: Model, sourced_id: str, given: Mapping[str, Any]) -> Row:
    """Check an object's shape against the contract and turn it into a row."""
    unknown = [name for name in given if name not in model.fields]
    if unknown:
        raise refuse_names([f"{model.singular}.{name}" for name in unknown], list(model.fields))
    now = iso_millis(current_world().now())
    completed: dict[str, Any] = {
        "sourcedId": sourced_id,
        "status": "active",
        "dateLastModified": now,
    } | {name: _completed(model, name, value) for name, value in given.items() if value is not None}
    if completed["sourcedId"] != sourced_id:
        raise refuse_value(
            f"{model.singular}.sourcedId",
            completed["sourcedId"],
            f"is not the path's {sourced_id!r}",
        )
    error = first_error(_validator(model.name), completed)
    if error is not None:
        path, message = error
        raise refuse_value(
            f"{model.singular}.{path}".rstrip("."), _at(completed, path), f"is refused: {message}"
        )
    for name, value in completed.items():
        # The contract leaves room here: dates and instants are both taken, as from consumers.
        if model.fields[name].kind in (Kind.INSTANT, Kind.DATE) and not is_date(value):
            raise refuse_value(f"{model.singular}.{name}", value, "is no date and no instant")
    return {name: _stored(model, name, value) for name, value in completed.items()}


def _completed(model: Model, name: str, value: Any) -> Any:
    """Complete what callers may leave out: href and type of references; JSON's own booleans."""
    field = model.fields[name]
    if field.kind is Kind.FLAG and isinstance(value, bool):
        return "true" if value else "false"
    if field.kind is Kind.FLAG and isinstance(value, str) and value.lower() in ("true", "false"):
        return value.lower()
    kind = MODELS[field.refers_to].singular if field.refers_to else ""
    if field.kind is Kind.REF and isinstance(value, dict):
        return {"href": "", "type": kind, **_given(value)}
    if field.kind is Kind.REFS and isinstance(value, list):
        return [
            {"href": "", "type": kind, **_given(item)} if isinstance(item, dict) else item
            for item in value
        ]
    return value


def _given(reference: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in reference.items() if value is not None}


def _stored(model: Model, name: str, value: Any) -> Any:
    match model.fields[name].kind:
        case Kind.REF:
            return value["sourcedId"]
        case Kind.REFS:
            return [item["sourcedId"] for item in value]
        case Kind.FLAG:
            return value == "true"
        case Kind.INSTANT:
            return to_instant(value)
        case _:
            return value


def _at(value: Any, path: str) -> Any:
    for step in path.split(".") if path else ():
        if isinstance(value, list):
            value = value[int(step)]
        elif isinstance(value, dict):
            value = value.get(step)
    return value if not isinstance(value, dict) else None


@cache
def _validator(collection: str) -> jsonschema_rs.Draft4Validator:
    """Compile the contract's schema of a collection's records."""
    name = MODELS[collection].singular
    return Schemas(_contract()).compile(
        {"$ref": f"#/components/schemas/{name[0].upper()}{name[1:]}"}
    )


@cache
def _contract() -> Mapping[str, Any]:
    with Path(__file__).with_name("openapi.yaml").open(encoding="utf-8") as stream:
        document = yaml.load(stream, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506
    return cast("Mapping[str, Any]", document)


@cache
def _operations() -> tuple[str, ...]:
    """Return the operationIds of the contract, which settings may name."""
    paths = _contract()["paths"].values()
    return tuple(operation["operationId"] for item in paths for operation in item.values())
