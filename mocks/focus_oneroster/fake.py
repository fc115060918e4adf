"""The Focus fake as the harness sees it."""

import re
from collections.abc import Collection, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any, cast
from weakref import WeakKeyDictionary

from homeroom.mocks.district import District
from homeroom.mocks.focus_oneroster import auth, errors, reading, snapshot
from homeroom.mocks.focus_oneroster.context import NAME
from homeroom.mocks.focus_oneroster.operations import (
    academic_sessions,
    categories,
    classes,
    courses,
    demographics,
    enrollments,
    line_items,
    orgs,
    resources,
    results,
    token,
    users,
)
from homeroom.mocks.focus_oneroster.settings import Settings
from homeroom.mocks.focus_oneroster.tokens import Client, Principal, Tokens
from homeroom.mocks.focus_oneroster.world import FocusWorld
from homeroom.mocks.harness.fake import Fake
from homeroom.mocks.harness.request import Answer, Body, Refusal, Request
from homeroom.mocks.harness.space import Space, World

_MISSING = re.compile(r'^(\S+): "(\w+)" is a required property$')
_CODES = {
    400: "invalid data",
    401: "unauthorized",
    403: "forbidden",
    404: "unknown object",
    422: "invalid data",
    429: "server_busy",
}
"""What each status says where a fault is asked for: OneRoster reference, section 4.1."""
_TOKEN_OPERATION = "createToken"  # noqa: S105 -- an operationId


class FocusFake(Fake):
    """A Focus SIS that provides OneRoster 1.1."""

    name = NAME
    contract = Path(__file__).with_name("openapi.yaml")
    handlers = (
        academic_sessions,
        categories,
        classes,
        courses,
        demographics,
        enrollments,
        line_items,
        orgs,
        resources,
        results,
        token,
        users,
    )

    def __init__(self) -> None:
        self._clients: WeakKeyDictionary[Space, dict[str, Client]] = WeakKeyDictionary()
        self._tokens: WeakKeyDictionary[Space, Tokens] = WeakKeyDictionary()

    def new_world(self, space: Space, district: District) -> FocusWorld:
        """Build Focus's side of a space; partners' keys and tokens outlive a reset."""
        clients = self._clients.get(space)
        if clients is None:
            default = _first_client(space)
            clients = self._clients[space] = {default.client_id: default}
        world = FocusWorld(space, district, clients)
        if space in self._tokens:
            until = world.now() + timedelta(seconds=world.settings.token_lifetime_s)
            world.tokens = self._tokens[space].kept(until=until)
        self._tokens[space] = world.tokens
        return world

    def dump_world(self, world: World) -> bytes:
        """Return all that a world holds beyond its district."""
        return snapshot.dump(cast("FocusWorld", world))

    def restore_world(self, space: Space, district: District, dump: bytes) -> FocusWorld:
        """Build a world from what `dump_world` gave."""
        world = snapshot.restore(space, district, dump, _first_client(space))
        self._clients[space], self._tokens[space] = world.clients, world.tokens
        return world

    def secrets(self, world: World) -> Collection[str]:
        """Every partner's secret and every token."""
        focus = cast("FocusWorld", world)
        return {client.client_secret for client in focus.clients.values()} | focus.tokens.texts()

    def document(self, space: Space, origin: str) -> Mapping[str, Any]:
        """Return the `oneroster` entry of the space document."""
        client = next(iter(self._clients[space].values()))
        base = f"{origin}{reading.BASE_PATH}"
        return {
            "oneroster": {
                "base_url": base,
                "token_url": f"{base}/token",
                "client_id": client.client_id,
                "client_secret": client.client_secret,
            }
        }

    def authenticate(self, request: Request) -> None:
        """Check token or signature and scope; a route that is switched off is not there at all."""
        world = _world(request)
        if request.operation_id in world.settings.missing_routes:
            raise errors.route_not_found()
        auth.authenticate(request, world)

    def revoke(self, request: Request) -> None:
        """End the token that a request carries, or else all of its client's."""
        world, principal = _world(request), request.principal
        if isinstance(principal, Principal) and principal.token is not None:
            world.tokens.revoke(principal.token.text)
        elif isinstance(principal, Principal):
            world.tokens.revoke_all(principal.client)

    def refuse(self, request: Request, refusal: Refusal) -> Answer:
        """Say a refusal in OneRoster's envelope, or in RFC 6749's at the token endpoint."""
        if refusal.reason == "space" or NAME not in request.space.worlds:
            # No space, no settings: the envelope in its default shape.
            info = errors.StatusInfo(refusal.status, "unknown object", refusal.detail)
            return errors.payload([info], Settings()), refusal.status, {}
        is_asking = request.operation_id == _TOKEN_OPERATION and refusal.reason != "throttle"
        if is_asking and refusal.status < 500:
            error = token.token_refusal(400, "invalid_request", refusal.detail)
            return error.body, error.status, error.headers
        made = _worded(request, refusal)
        return made.body, made.status, made.headers

    def vouches(self, request: Request) -> bool:
        """Tell whether the answer must keep the contract: data from files may break any rule."""
        return _world(request).is_ours

    def finish(
        self, request: Request, body: Body, status: int, headers: dict[str, str]
    ) -> tuple[Body, int, dict[str, str]]:
        """Select fields, write absent values as the settings say, let quirks befall the answer."""
        return reading.finish(request, body, status, headers)


def _first_client(space: Space) -> Client:
    return Client(
        client_id=f"homeroom-{space.secret('focus client_id', length=4)}",
        client_secret=space.secret("focus client_secret"),
    )


def _world(request: Request) -> FocusWorld:
    return cast("FocusWorld", request.space.worlds[NAME])


def _worded(request: Request, refusal: Refusal) -> Any:
    settings = _world(request).settings
    writes = request.method in ("PUT", "DELETE")
    match refusal.reason:
        case "route":
            return errors.route_not_found()
        case "method":
            status = int(settings.unsupported_method)
            headers = {"Allow": ", ".join(refusal.allow)}
            return errors.failure(status, "unsupported operation", refusal.detail, headers=headers)
        case "throttle":
            return errors.failure(429, "server_busy", refusal.detail, headers={"Retry-After": "30"})
        case "crash":
            return errors.failure(refusal.status, "", "Internal Server Error")
        case "scope":
            return errors.failure(refusal.status, "forbidden", refusal.detail)
        case "credentials":
            return errors.failure(refusal.status, "unauthorized", refusal.detail)
        case "fault":
            code = _CODES.get(refusal.status, "")
            detail = refusal.detail if refusal.status < 500 else "Internal Server Error"
            return errors.failure(refusal.status, code, detail)
        case "body" if not request.body.strip():
            return errors.failure(400, "invalid data", "the body is empty", write=writes)
        case _:
            detail = _MISSING.sub(r"\1.\2: is required", refusal.detail).removeprefix("body.")
            return errors.failure(refusal.status, "invalid data", detail, write=writes)
