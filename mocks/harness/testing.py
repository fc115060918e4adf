"""Calling a fake without sockets: what unit tests of the fakes stand on."""

import asyncio
from collections.abc import Coroutine, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeVar

import msgspec
from starlette.types import ASGIApp

from homeroom.mocks.harness.contract import Contract, create_app
from homeroom.mocks.harness.door import Door
from homeroom.mocks.harness.fake import Fake
from homeroom.mocks.harness.space import DEFAULT_SPACE, Space, Spaces

T = TypeVar("T")
NOW = datetime(2026, 9, 1, 6, 0, tzinfo=UTC)


@dataclass(frozen=True)
class Reply:
    """One answer of a fake."""

    status: int
    headers: Mapping[str, str]
    """Names in lower case."""
    body: bytes

    def json(self) -> Any:
        """Return the body, decoded."""
        return msgspec.json.decode(self.body)


_CACHE: dict[type[Fake], tuple[Contract, ASGIApp]] = {}


def _compiled(fake: Fake) -> tuple[Contract, ASGIApp]:
    """Compile a fake's contract, or take the one of an earlier test: it takes a second.

    A fake keeps what it knows in its spaces; one that has attributes of its own is not shared.
    """
    known = None if vars(fake) else _CACHE.get(type(fake))
    if known is None:
        contract = Contract(fake, validate_responses="all")
        known = contract, create_app(contract)
        if not vars(fake):
            _CACHE[type(fake)] = known
    return known


class OpenFake:
    """A fake with one space, called in process. Its faults in keeping its contract are raised."""

    def __init__(self, fake: Fake, *, district: str, seed: int, now: datetime) -> None:
        self.loop = asyncio.new_event_loop()
        self.spaces = Spaces([fake])
        self.contract, app = _compiled(fake)
        self.fake = self.contract.fake
        self.door = Door(app, self.fake, self.spaces)
        self.space: Space = self.run(
            self.spaces.create(district=district, seed=seed, now=now, name=DEFAULT_SPACE)
        )

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Run a coroutine on the fake's own loop."""
        return self.loop.run_until_complete(work)

    def call(
        self,
        method: str,
        path: str,
        *,
        headers: Mapping[str, str] | None = None,
        json: Any = None,
        body: bytes | None = None,
        query: str = "",
    ) -> Reply:
        """Send one request; `path` is percent-encoded and may hold a query of its own."""
        path, _, inline = path.partition("?")
        names = {key.lower(): value for key, value in (headers or {}).items()}
        if json is not None:
            body = msgspec.json.encode(json)
            names.setdefault("content-type", "application/json")
        names.setdefault("host", "sis.test")
        names.setdefault("content-length", str(len(body or b"")))
        before = self.door.faults
        reply = self.run(self._send(method, path, query or inline, names, body or b""))
        if self.door.faults != before:
            raise AssertionError(f"{method} {path}: the fake broke its contract: {reply.body!r}")
        return reply

    async def _send(
        self, method: str, path: str, query: str, headers: Mapping[str, str], body: bytes
    ) -> Reply:
        scope = {
            "type": "http", "http_version": "1.1", "method": method, "scheme": "http",
            "path": path, "raw_path": path.encode(), "query_string": query.encode(),
            "headers": [(key.encode(), value.encode("latin-1")) for key, value in headers.items()],
            "server": ("sis.test", 80), "client": ("127.0.0.1", 1), "root_path": "",
        }  # fmt: skip
        sent: list[Mapping[str, Any]] = []

        async def receive() -> Mapping[str, Any]:
            return {"type": "http.request", "body": body, "more_body": False}

        async def send(message: Mapping[str, Any]) -> None:
            sent.append(message)

        await self.door(scope, receive, send)  # type: ignore[arg-type]
        if not sent:
            raise ConnectionResetError("the connection was reset before an answer")
        start = sent[0]
        return Reply(
            status=start["status"],
            headers={key.decode(): value.decode("latin-1") for key, value in start["headers"]},
            body=b"".join(message.get("body", b"") for message in sent[1:]),
        )

    def close(self) -> None:
        """Stop the fake's background work and its loop."""
        self.run(self.space.close())
        self.loop.close()


def open_fake(
    fake: Fake, *, district: str = "empty", seed: int = 1, now: datetime = NOW
) -> OpenFake:
    """Open a fake around a district at an instant; close it when done."""
    return OpenFake(fake, district=district, seed=seed, now=now)
