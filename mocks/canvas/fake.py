"""The Canvas fake: what the harness asks of it."""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

from homeroom.mocks.canvas import auth, errors, ids, snapshot
from homeroom.mocks.canvas.operations import all_modules
from homeroom.mocks.canvas.params import params, parse_nested, to_text
from homeroom.mocks.canvas.shapes.submission import narrowed
from homeroom.mocks.canvas.world import ADMIN_TOKEN, FAKE_NAME, CanvasWorld
from homeroom.mocks.district import District
from homeroom.mocks.harness.fake import Answer, Body, Fake, Refusal, Request, Space, World
from homeroom.mocks.harness.request import VendorError

STRING_IDS = "application/json+canvas-string-ids"
_SUBMISSION_READS = ("Submission", "Submissions")
"""How the operations end whose answers `response_fields[]` narrows."""
_ID_KEY = re.compile(r"(^id|_id|_ids)$")


class CanvasFake(Fake):
    """Canvas, with one root account in each space."""

    name = FAKE_NAME
    contract = Path(__file__).with_name("openapi.yaml")
    handlers = all_modules()
    json_type = "application/json; charset=utf-8"
    suffix = ".json"

    def new_world(self, space: Space, district: District) -> World:
        """Build an empty root account: what a district has comes to Canvas by imports only."""
        return CanvasWorld(space)

    def dump_world(self, world: World) -> bytes:
        """Return all that a world holds."""
        return snapshot.dump(cast("CanvasWorld", world))

    def restore_world(self, space: Space, district: District, dump: bytes) -> World:
        """Build a world from what `dump_world` gave."""
        del district
        return snapshot.restore(space, dump)

    def is_busy(self, world: World) -> bool:
        """Whether imports are changing the world."""
        return snapshot.is_busy(cast("CanvasWorld", world))

    def secrets(self, world: World) -> Collection[str]:
        """Every access token of the account."""
        return cast("CanvasWorld", world).tokens.keys()

    def wake(self, world: World) -> None:
        """Let the imports that a snapshot found waiting or running go on."""
        cast("CanvasWorld", world).runner.kick()

    def document(self, space: Space, origin: str) -> Mapping[str, Any]:
        """Return base URL, token and root account."""
        token = space.secret(ADMIN_TOKEN)
        return {FAKE_NAME: {"base_url": origin, "token": token, "account_id": 1}}

    def authenticate(self, request: Request) -> None:
        """Check the token, the caller's bucket, and whom they act as."""
        auth.authenticate(request)
        world = _world(request)
        if world.settings["throttling"] != "off":
            self._throttle(request, world)
        acting = to_text(params().get("as_user_id"))
        if acting is not None:
            request.principal = auth.masquerade(request.principal, ids.user_of(world, acting))

    def _throttle(self, request: Request, world: CanvasWorld) -> None:
        remaining = world.buckets.enter(request.notes["token"], world.settings, now=world.now())
        if remaining is None:
            request.notes["metered"] = True
            return
        raise _rate_limited(int(world.settings["throttling"]), remaining)

    def throttle(self, request: Request, dialect: str) -> None:
        """Refuse a request as when its bucket is full, in the dialect asked for or the set one."""
        world = _world(request)
        setting = world.settings["throttling"]
        if request.notes.pop("metered", False):
            # Metered when it came in; refused like this it costs nothing.
            world.buckets.leave(request.notes["token"], world.settings, 0.0, now=world.now())
        raise _rate_limited(int(dialect or (setting if setting != "off" else "403")), 0.0)

    def revoke(self, request: Request) -> None:
        """End the token that a request carries."""
        world, text = _world(request), request.notes["token"]
        world.tokens[text] = replace(world.tokens[text], revoked=True)

    def _meter(self, request: Request) -> dict[str, str]:
        if not request.notes.pop("metered", False):
            return {}
        world = _world(request)
        cost: float = world.settings["request_cost"]
        remaining = world.buckets.leave(
            request.notes["token"], world.settings, cost, now=world.now()
        )
        return {"X-Request-Cost": str(cost), "X-Rate-Limit-Remaining": str(round(remaining, 4))}

    def refuse(self, request: Request, refusal: Refusal) -> Answer:
        """Say a refusal as Canvas would; it has no 405 of its own: an unknown verb is a 404."""
        match refusal.reason:
            case "route" | "method" | "space":
                error = errors.not_found()
            case "credentials":
                error = errors.unauthenticated()
            case "scope":
                error = errors.not_permitted(403)
            case "crash":
                error = errors.internal_error(_world(request).report_error())
            case _:
                error = VendorError(refusal.status, {"errors": [{"message": refusal.detail}]})
        return error.body, error.status, error.headers

    def seal_refusal(self, request: Request, headers: Mapping[str, str]) -> dict[str, str]:
        """Add what the request cost: refused ones cost too."""
        return {**headers, **self._meter(request)}

    def parse_body(self, request: Request, fields: Sequence[tuple[str, str]]) -> Any:
        """Nest a form's fields as Rails does."""
        form = parse_nested(fields)
        request.notes["form"] = form
        request.notes.pop("params", None)
        return form

    def finish(
        self, request: Request, body: Body, status: int, headers: dict[str, str]
    ) -> tuple[Body, int, dict[str, str]]:
        """Add what the request cost, and turn ids to strings for callers who ask for that."""
        if (request.operation_id or "").endswith(_SUBMISSION_READS):
            body = cast("Body", narrowed(body))
        if STRING_IDS in request.headers.get("accept", "") and isinstance(body, dict | list):
            body = cast("Body", to_string_ids(body))
        return body, status, {**headers, **self._meter(request)}


def to_string_ids(value: Any, *, is_id: bool = False) -> Any:
    """Return JSON with every id (keys `id`, `*_id`, `*_ids`) as a string."""
    if isinstance(value, dict):
        return {
            key: to_string_ids(item, is_id=_ID_KEY.search(str(key)) is not None)
            for key, item in cast("dict[str, Any]", value).items()
        }
    if isinstance(value, list):
        return [to_string_ids(item, is_id=is_id) for item in value]
    if is_id and isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return value


def _rate_limited(status: int, remaining: float) -> VendorError:
    phrase = "403 Forbidden" if status == 403 else "429 Too Many Requests"
    return VendorError(
        status,
        f"{phrase} (Rate Limit Exceeded)\n",
        {
            "Content-Type": "text/plain; charset=utf-8",
            "X-Rate-Limit-Remaining": str(remaining),
        },
    )


def _world(request: Request) -> CanvasWorld:
    return cast("CanvasWorld", request.space.worlds[FAKE_NAME])


__all__ = ["CanvasFake", "to_string_ids"]
