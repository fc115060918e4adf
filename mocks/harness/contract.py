"""From an OpenAPI document to an ASGI app: connexion's AsyncApp, compiled beforehand.

The document is the only source of routes, parameters, security and schemas. connexion loads and
checks it and holds the operations; what it would do anew for every request (scan the routes, build
validators, inspect handlers) is done once here, when the app is made.
"""

import inspect
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, cast
from urllib.parse import parse_qsl, unquote

import msgspec
import yaml
from connexion import AsyncApp
from connexion.middleware.abstract import SpecMiddleware
from connexion.spec import Specification
from jsonschema_rs import Draft4Validator
from starlette.types import ASGIApp, Receive, Scope, Send

from homeroom.mocks.harness.answers import encode_json, send_answer, send_stream, unpack
from homeroom.mocks.harness.fake import Fake
from homeroom.mocks.harness.faults.acts import send_struck, strike_answer, strike_before
from homeroom.mocks.harness.faults.pages import Again, Page
from homeroom.mocks.harness.multipart import read_multipart
from homeroom.mocks.harness.parameters import Parameter, to_snake
from homeroom.mocks.harness.request import Answer, Body, Refusal, Request
from homeroom.mocks.harness.routes import Routes
from homeroom.mocks.harness.schemas import Schemas, first_error

log = logging.getLogger(__name__)

Handler = Callable[..., Awaitable[Answer]]
_METHODS = ("get", "put", "post", "delete", "patch", "head", "options")
_FORM = "application/x-www-form-urlencoded"
_MULTIPART = "multipart/form-data"
_SAMPLE_EVERY = 50
_DEEPEST = 64
"""Levels of a JSON body: what is written must be read, journaled and saved again, at any depth."""
_SOME = {"description": "See the document."}


class HarnessFault(Exception):  # noqa: N818 -- ours, never the subject's: named for what it is
    """A fake broke its own contract: a fault in Homeroom, never in the subject."""


def load_contract(path: Path) -> dict[str, Any]:
    """Read an OpenAPI document, with the parts that its `x-homeroom-parts` names merged in.

    Raises:
        HarnessFault: Two parts say the same thing.
    """
    document = _read_yaml(path)
    for name in document.pop("x-homeroom-parts", ()):
        part = _read_yaml(path.parent / name)
        for route, item in part.get("paths", {}).items():
            known = document["paths"].setdefault(route, {})
            if clash := known.keys() & item.keys() - {"parameters"}:
                raise HarnessFault(f"{name}: {route} {', '.join(sorted(clash))} stands twice")
            known.update(item)
        for kind, items in part.get("components", {}).items():
            known = document.setdefault("components", {}).setdefault(kind, {})
            if clash := known.keys() & items.keys():
                raise HarnessFault(
                    f"{name}: components.{kind} {', '.join(sorted(clash))} stands twice"
                )
            known.update(items)
    return document


def _read_yaml(path: Path) -> dict[str, Any]:
    with path.open(encoding="utf-8") as stream:
        loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # ten times faster where libyaml is
        return cast("dict[str, Any]", yaml.load(stream, Loader=loader))  # noqa: S506 -- safe


@dataclass(frozen=True)
class Operation:
    """One operation of the contract, everything about it compiled."""

    operation_id: str
    method: str
    path: str
    handler: Handler
    accepts: frozenset[str] | None
    """Arguments that the handler takes; None when it takes any."""
    parameters: tuple[Parameter, ...]
    bodies: Mapping[str, Draft4Validator]
    """Validator of the body by media type; empty when the operation takes none."""
    body_required: bool
    secured: bool
    scopes: tuple[str, ...]
    responses: Mapping[str, Any]
    schemas: Schemas
    _validators: dict[str, Draft4Validator | None] = field(
        default_factory=dict[str, Draft4Validator | None]
    )

    def check_response(self, status: int, body: Body) -> None:
        """Hold a faithful answer against the contract; raises HarnessFault."""
        key = str(status)
        if key not in self._validators:
            described = self.responses.get(key) or self.responses.get("default")
            if described is None:
                raise HarnessFault(f"{self.operation_id}: status {status} is not in the contract")
            schema = described.get("content", {}).get("application/json", {}).get("schema")
            self._validators[key] = self.schemas.compile(schema) if schema is not None else None
        validator = self._validators[key]
        if validator is None or body is None:
            return
        document = msgspec.json.decode(body if isinstance(body, bytes | str) else encode_json(body))
        if error := first_error(validator, document):
            raise HarnessFault(f"{self.operation_id} {status}: {error[0] or 'body'}: {error[1]}")


class _Compiled(SpecMiddleware):  # type: ignore[misc]  # connexion has no types
    """A middleware of ours in connexion's stack, built once from the compiled contract."""

    def __init__(self, app: ASGIApp, contract: "Contract") -> None:
        self.app, self.contract = app, contract

    def add_api(self, specification: Specification, **kwargs: Any) -> None:
        """Nothing to do: the contract is compiled already."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            await self.handle(scope["homeroom"], receive, send)
        await self.app(scope, receive, send)

    async def handle(self, request: Request, receive: Receive, send: Send) -> None:
        """Do this middleware's part for one request; raises Refusal."""
        raise NotImplementedError


class Routing(_Compiled):
    """Finds the operation of a path and method; 404 and 405 are refusals like any other."""

    async def handle(self, request: Request, receive: Receive, send: Send) -> None:
        """Set `operation_id` and the path's arguments."""
        self.contract.route(request)


class Gate(_Compiled):
    """Authenticates, then reads and checks parameters and body."""

    async def handle(self, request: Request, receive: Receive, send: Send) -> None:
        """Set `principal` and `arguments`; raises Refusal."""
        operation = self.contract.operations[cast("str", request.operation_id)]
        request.scopes = operation.scopes
        fake = self.contract.fake
        if operation.secured:
            fake.authenticate(request)
        if fake.in_space and not request.is_observer:
            request.faults = request.space.faults.fire(request, request.space.clock.now())
        if request.faults:
            await strike_before(request, request.faults)
        if operation.operation_id in fake.unsupported:
            raise Refusal(
                status=501,
                reason="not-implemented",
                detail=f"{operation.operation_id} is not imitated yet",
            )
        arguments = request.arguments
        query: dict[str, list[str]] = {}
        if request.query_string:
            for key, value in request.query:
                query.setdefault(key, []).append(value)
        if not fake.in_space:
            _refuse_unknown(query, operation.parameters)
        for parameter in operation.parameters:
            if parameter.where == "query":
                arguments[parameter.argument] = parameter.read(query.get(parameter.name, ()))
            else:
                arguments[parameter.argument] = parameter.read((arguments.pop(parameter.name),))
        if operation.bodies:
            arguments["body"] = await self._read_body(request, operation)

    async def _read_body(self, request: Request, operation: Operation) -> Any:
        media_type = request.content_type
        validator = operation.bodies.get(media_type)
        if validator is None:
            validator = operation.bodies.get("*/*")
            if validator is not None and media_type not in (_FORM, _MULTIPART):
                return request.body
            if not media_type and validator is None:
                media_type = next(iter(operation.bodies))
                validator = operation.bodies[media_type]
        if validator is None:
            if not request.body and not operation.body_required:
                return None
            raise Refusal(
                status=415,
                reason="media-type",
                parameter="Content-Type",
                value=media_type,
                detail=f"Content-Type {media_type} is not one of {', '.join(operation.bodies)}",
            )
        body = await self._parse(request, media_type)
        if body is None and not operation.body_required:
            return None
        if error := first_error(validator, body):
            raise Refusal(
                status=422,
                reason="body",
                parameter=error[0] or "body",
                value=None,
                detail=f"{error[0] or 'body'}: {error[1]}",
            )
        return body

    async def _parse(self, request: Request, media_type: str) -> Any:
        if media_type == _FORM:
            return self.contract.fake.parse_body(
                request, parse_qsl(request.body.decode("utf-8", "replace"), keep_blank_values=True)
            )
        if media_type == _MULTIPART:
            return self.contract.fake.parse_body(request, await read_multipart(request))
        if not media_type.endswith("json"):
            return request.body
        if not request.body.strip():
            return None
        try:
            document = msgspec.json.decode(request.body)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise Refusal(
                status=400, reason="body", parameter="body", detail=f"the body is no JSON: {error}"
            ) from None
        brackets = request.body.count(b"{") + request.body.count(b"[")
        if brackets > _DEEPEST and _is_deeper(document, _DEEPEST):
            raise Refusal(
                status=400,
                reason="body",
                parameter="body",
                detail=f"the body is nested deeper than {_DEEPEST} levels",
            )
        return document


class Operations(_Compiled):
    """Calls the handler and sends its answer, held against the contract and then finished."""

    def __init__(self, contract: "Contract") -> None:
        super().__init__(_no_app, contract)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request that was let through."""
        request: Request = scope["homeroom"]
        if request.faults:
            page = await self.answer(request)
            page = await strike_answer(request, request.faults, page, self._again(request))
            json_type = self.contract.fake.json_type
            await send_struck(send, request.faults, page, json_type=json_type)
            return
        body, status, headers = await self.answer(request)
        if request.stream is not None:
            await send_stream(send, receive, request.stream, headers)
            return
        await send_answer(send, body, status, headers, json_type=self.contract.fake.json_type)

    def _again(self, request: Request) -> Again:
        async def again(**changed: Any) -> Page:
            own = request.arguments
            request.arguments = {**own, **changed}
            try:
                return await self.answer(request)
            finally:
                request.arguments = own

        return again

    async def answer(self, request: Request) -> tuple[Body, int, dict[str, str]]:
        """Return the handler's answer, finished; raises as the handler does, and HarnessFault."""
        operation = self.contract.operations[cast("str", request.operation_id)]
        arguments = request.arguments
        if operation.accepts is not None:
            arguments = {key: arguments[key] for key in operation.accepts if key in arguments}
        body, status, headers = unpack(await operation.handler(**arguments))
        if self.contract.checks_now() and self.contract.fake.vouches(request):
            operation.check_response(status, body)
        return self.contract.fake.finish(request, body, status, headers)


def _is_deeper(document: Any, levels: int) -> bool:
    """Tell whether a document is nested deeper than so many levels."""
    level: list[Any] = [[document]]
    for _ in range(levels + 1):
        level = [
            child
            for outer in level
            for child in (outer.values() if isinstance(outer, dict) else outer)
            if isinstance(child, dict | list)
        ]
        if not level:
            return False
    return True


def _refuse_unknown(query: Mapping[str, Any], parameters: Sequence[Parameter]) -> None:
    """Refuse a query of the control plane that nothing would look at: a filter misspelt, say."""
    known = [parameter.name for parameter in parameters if parameter.where == "query"]
    for name in query:
        if name not in known:
            listed = f"known are: {', '.join(known)}" if known else "none is known"
            raise Refusal(
                status=400,
                reason="parameter",
                detail=f"{name} is unknown here; {listed}",
                parameter=name,
            )


async def _no_app(scope: Scope, receive: Receive, send: Send) -> None:
    raise HarnessFault("nothing stands behind the operations")


class Contract:
    """A fake's OpenAPI document, compiled."""

    def __init__(self, fake: Fake, *, validate_responses: str = "sample") -> None:
        """Compile; raises HarnessFault.

        `validate_responses` is `all`, `sample` or `off`; `none` leaves requests unchecked too,
        which is for measuring what the checks cost.
        """
        self.fake = fake
        self.document = load_contract(fake.contract)
        self.validate_responses = validate_responses
        self._checks_requests = validate_responses != "none"
        self._answers = 0
        self.base_path = self.document["servers"][0]["url"].rstrip("/")
        self.routes = Routes()
        self.operations: dict[str, Operation] = {}
        self._base = [segment for segment in self.base_path.split("/") if segment]
        schemas = Schemas(self.document)
        for path, item in self.document["paths"].items():
            for method in _METHODS:
                if method in item:
                    operation = self._compile(schemas, path, method, item)
                    if operation.operation_id in self.operations:
                        raise HarnessFault(
                            f"{fake.name}: operationId {operation.operation_id} stands twice"
                        )
                    self.operations[operation.operation_id] = operation
                    self.routes.add(path, method, operation.operation_id)

    def checks_now(self) -> bool:
        """Tell whether this answer is to be held against the contract."""
        self._answers += 1
        match self.validate_responses:
            case "all":
                return True
            case "off" | "none":
                return False
            case _:
                return self._answers % _SAMPLE_EVERY == 1

    def route(self, request: Request) -> None:
        """Find the request's operation; raises Refusal with 404 or 405."""
        raw = request.raw_path[len(request.prefix) :].rstrip("/")
        segments = [unquote(segment) for segment in raw.split("/")[1:]]
        if self.fake.suffix and segments:
            segments[-1] = segments[-1].removesuffix(self.fake.suffix)
        depth = len(self._base)
        found = self.routes.match(segments, depth) if segments[:depth] == self._base else None
        if found is None:
            raise Refusal(
                status=404, reason="route", detail="there is no resource behind the URI", value=raw
            )
        node, values = found
        method = (
            "GET" if request.method == "HEAD" and "HEAD" not in node.methods else request.method
        )
        operation_id = node.methods.get(method)
        if operation_id is None:
            raise Refusal(
                status=405,
                reason="method",
                detail=f"{request.method} is not supported here",
                allow=tuple(sorted(node.methods)),
                value=request.method,
            )
        request.operation_id = operation_id
        request.arguments = dict(zip(node.names[method], values, strict=True))

    def _resolve(self, item: Any) -> Any:
        while isinstance(item, Mapping) and "$ref" in item:
            target: Any = self.document
            for step in item["$ref"].removeprefix("#/").split("/"):
                target = target[step.replace("~1", "/").replace("~0", "~")]
            item = target
        return item

    def _compile(
        self, schemas: Schemas, path: str, method: str, item: Mapping[str, Any]
    ) -> Operation:
        described = item[method]
        operation_id = described["operationId"]
        handler = self._find_handler(operation_id)
        named: dict[tuple[str, str], Parameter] = {}
        for raw in (*item.get("parameters", ()), *described.get("parameters", ())):
            parameter = self._compile_parameter(schemas, self._resolve(raw))
            if parameter is not None:
                named[parameter.where, parameter.name] = parameter
        request_body = self._resolve(described.get("requestBody", {}))
        signature = inspect.signature(handler).parameters.values()
        takes_any = any(parameter.kind is parameter.VAR_KEYWORD for parameter in signature)
        security = described.get("security", self.document.get("security", []))
        return Operation(
            operation_id=operation_id,
            method=method.upper(),
            path=path,
            handler=handler,
            accepts=None if takes_any else frozenset(parameter.name for parameter in signature),
            parameters=tuple(named.values()),
            bodies={
                media_type: schemas.compile(
                    content.get("schema", {}) if self._checks_requests else {}
                )
                for media_type, content in request_body.get("content", {}).items()
            },
            body_required=bool(request_body.get("required", False)),
            secured=bool(security),
            scopes=tuple(
                {scope: None for one in security for scopes in one.values() for scope in scopes}
            ),
            responses={
                status: self._resolve(response)
                for status, response in described["responses"].items()
            },
            schemas=schemas,
        )

    def _compile_parameter(
        self, schemas: Schemas, described: Mapping[str, Any]
    ) -> Parameter | None:
        if described["in"] not in ("path", "query"):
            return None
        schema = self._resolve(described.get("schema", {}))
        is_array = schema.get("type") == "array"
        items = self._resolve(schema.get("items", {})) if is_array else schema
        constrained = set(items) - {"type", "default", "description", "example", "nullable"} or (
            is_array and set(schema) - {"type", "items", "default", "description", "example"}
        )
        return Parameter(
            name=described["name"],
            where=described["in"],
            argument=to_snake(described["name"]),
            required=bool(described.get("required", False)),
            is_array=is_array,
            type=items.get("type", "string"),
            default=schema.get("default"),
            check=schemas.compile(schema) if constrained and self._checks_requests else None,
        )

    def _find_handler(self, operation_id: str) -> Handler:
        name = to_snake(operation_id)
        for module in self.fake.handlers:
            handler = getattr(module, name, None)
            if handler is not None:
                return cast("Handler", handler)
        if operation_id in self.fake.unsupported:
            return _unsupported
        raise HarnessFault(f"{self.fake.name}: no handler {name} for operation {operation_id}")


async def _unsupported() -> Answer:
    raise HarnessFault("an unsupported operation is refused before its handler")


def create_app(contract: Contract) -> AsyncApp:
    """Make connexion's AsyncApp of a compiled contract, with our routing, gate and operations."""

    def find_handler(operation_id: str) -> Handler:
        return contract.operations[operation_id].handler

    stack: list[Any] = [partial(Routing, contract=contract), partial(Gate, contract=contract)]
    app = AsyncApp(__name__, middlewares=stack)
    operations: Any = Operations(contract)
    # AsyncApp offers no other way to set its innermost app.
    app._middleware_app = operations  # noqa: SLF001  # pyright: ignore[reportPrivateUsage]
    app.middleware.app = operations
    app.add_api(_as_loaded(contract), resolver=find_handler)
    return app


def _as_loaded(contract: Contract) -> dict[str, Any]:
    """Return what connexion is to load and check: the whole document, or its skeleton.

    Checking a large document against OpenAPI's own schema takes a second of CPU. It is done where
    every answer is checked too, in tests and certification; elsewhere connexion gets the routes.
    """
    document = contract.document
    if contract.validate_responses == "all":
        return document
    paths = {
        path: {
            method: {"operationId": item[method]["operationId"], "responses": {"default": _SOME}}
            for method in _METHODS
            if method in item
        }
        for path, item in document["paths"].items()
    }
    return {key: document[key] for key in ("openapi", "info", "servers")} | {"paths": paths}
