"""The door of a fake: finds the space, reads the request, journals it, and words every refusal."""

import asyncio
import contextlib
import hmac
import logging
import socket
import struct
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any

from starlette.types import ASGIApp, Receive, Scope, Send

from homeroom.mocks.harness.answers import send_answer, unpack
from homeroom.mocks.harness.contract import HarnessFault
from homeroom.mocks.harness.fake import Fake
from homeroom.mocks.harness.faults.acts import ConnectionDropped
from homeroom.mocks.harness.journal import Exchange, clip
from homeroom.mocks.harness.request import Refusal, Request, VendorError, bind_request
from homeroom.mocks.harness.space import DEFAULT_SPACE, Recipe, Space, Spaces

log = logging.getLogger(__name__)
MAX_BODY_BYTES = 1 << 30
OBSERVER = "x-homeroom-observer"


class Door:
    """ASGI app around a fake's compiled contract. Nothing leaves it but the vendor's shapes."""

    def __init__(
        self,
        app: ASGIApp,
        fake: Fake,
        spaces: Spaces,
        *,
        journaled: bool = True,
        observer: str = "",
    ) -> None:
        """`observer` is what a request's X-Homeroom-Observer must hold to leave no trace."""
        self.app, self.fake, self.spaces, self.journaled = app, fake, spaces, journaled
        self._observer = observer
        self.faults = 0
        """How often a fake of ours broke its own contract; tests and certification want none."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request; whatever goes wrong is worded as the vendor would."""
        if scope["type"] == "lifespan":
            await _lifespan(receive, send)
            return
        if scope["type"] != "http":
            return
        request = self._read_head(scope)
        bind_request(request)
        answer = _AnswerWatch(send, head_only=request.method == "HEAD", kept=self.journaled)
        dropped = False
        try:
            if request.space is _NOWHERE and self.fake.in_space:
                raise Refusal(
                    status=404,
                    reason="space",
                    detail=f"no space answers at {request.prefix}",
                    parameter="space",
                    value=request.prefix,
                )
            request.body = await _read_body(receive)
            scope["homeroom"] = request
            await self.app(scope, receive, answer)
        except ConnectionDropped:
            dropped = True
        except Exception as error:
            if answer.started:
                raise
            await self._refuse(request, error, answer)
        finally:
            if request.method not in ("GET", "HEAD"):
                request.space.writes += 1
            if self.journaled and request.space is not _NOWHERE and not request.is_observer:
                self._note(request, answer)
        if dropped:
            # Noted before: a client that sees the connection die may look at the journal at once.
            await answer.abort()

    def _read_head(self, scope: Scope) -> Request:
        headers: dict[str, str] = {}
        for key, value in scope["headers"]:
            name = key.decode("latin-1")
            text = value.decode("latin-1")
            headers[name] = f"{headers[name]}, {text}" if name in headers else text
        raw_path = scope.get("raw_path", b"").decode("latin-1").split("?", 1)[0] or scope["path"]
        prefix, space = "", self.spaces.find(DEFAULT_SPACE)
        if raw_path.startswith("/s/"):
            name = raw_path.split("/", 3)[2]
            prefix, space = f"/s/{name}", self.spaces.find(name)
        server = scope.get("server") or ("127.0.0.1", 0)
        return Request(
            method=scope["method"],
            scheme=_forwarded(headers, "x-forwarded-proto") or scope.get("scheme", "http"),
            host=_forwarded(headers, "x-forwarded-host")
            or headers.get("host")
            or f"{server[0]}:{server[1]}",
            prefix=prefix,
            raw_path=raw_path,
            query_string=scope["query_string"].decode("latin-1"),
            headers=headers,
            space=space or _NOWHERE,
            fake=self.fake,
            is_observer=self._is_observer(headers.get(OBSERVER)),
        )

    def _is_observer(self, given: str | None) -> bool:
        return (
            given is not None
            and self._observer != ""
            and hmac.compare_digest(given.encode(), self._observer.encode())
        )

    async def _refuse(self, request: Request, error: Exception, send: Send) -> None:
        match error:
            case VendorError():
                body, status, headers = error.body, error.status, error.headers
            case Refusal():
                body, status, headers = unpack(self.fake.refuse(request, error))
            case _:
                self.faults += 1
                kind = "broke its contract" if isinstance(error, HarnessFault) else "crashed"
                log.error(
                    "%s %s %s: %s",
                    self.fake.name,
                    request.operation_id,
                    kind,
                    error,
                    exc_info=error,
                )
                crash = Refusal(
                    status=HTTPStatus.INTERNAL_SERVER_ERROR,
                    reason="crash",
                    detail="a fault in Homeroom itself",
                )
                body, status, headers = unpack(self.fake.refuse(request, crash))
        headers = dict(self.fake.seal_refusal(request, headers))
        await send_answer(send, body, status, headers, json_type=self.fake.json_type)

    def _note(self, request: Request, answer: "_AnswerWatch") -> None:
        journal = request.space.journal
        journal.add(
            Exchange(
                seq=journal.next_seq(),
                at=request.space.clock.now(),
                fake=self.fake.name,
                client=request.client,
                method=request.method,
                path=request.raw_path[len(request.prefix) :],
                query=request.query_string,
                operation_id=request.operation_id,
                status=answer.status,
                request_type=request.content_type,
                request=clip(request.body),
                request_size=len(request.body),
                response_type=answer.content_type,
                response=clip(answer.body),
                response_size=len(answer.body),
                faults=tuple(rule.id for rule in request.faults),
                duration_s=time.perf_counter() - answer.since,
            )
        )


class _AnswerWatch:
    """Passes an answer on, and remembers what the journal needs of it."""

    def __init__(self, send: Send, *, head_only: bool, kept: bool) -> None:
        self._send, self._head_only, self._kept = send, head_only, kept
        self.since = time.perf_counter()
        self.started = False
        self.status, self.content_type, self.body = 0, "", b""

    async def __call__(self, message: Any) -> None:
        if message["type"] == "http.response.start":
            self.started = True
            self.status = message["status"]
            for key, value in message["headers"]:
                if key == b"content-type":
                    self.content_type = value.decode("latin-1")
        elif message["type"] == "http.response.body":
            body = message.get("body", b"")
            if self._kept:
                self.body = self.body + body if self.body else body
            if self._head_only:
                message = {**message, "body": b""}
        await self._send(message)

    async def abort(self) -> None:
        """Reset the connection: the peer sees it die, not end."""
        cycle = getattr(self._send, "__self__", None)
        transport = getattr(cycle, "transport", None)
        if transport is None:
            return
        peer = transport.get_extra_info("socket")
        with contextlib.suppress(OSError):
            peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        transport.abort()
        # uvicorn learns of it in the loop's next rounds; before that it would add a 500 of its own.
        for _ in range(8):
            await asyncio.sleep(0)


def _forwarded(headers: Mapping[str, str], name: str) -> str:
    """Return what a proxy says the caller wrote: the first of several is the outermost proxy's."""
    value = headers.get(name, "").split(",", 1)[0].strip()
    return value.lower() if name == "x-forwarded-proto" else value


async def _read_body(receive: Receive) -> bytes:
    chunks: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            break
        chunk = message.get("body", b"")
        size += len(chunk)
        if size > MAX_BODY_BYTES:
            raise Refusal(
                status=413,
                reason="body",
                parameter="body",
                detail=f"the body is larger than {MAX_BODY_BYTES} bytes",
            )
        chunks.append(chunk)
        if not message.get("more_body", False):
            break
    return chunks[0] if len(chunks) == 1 else b"".join(chunks)


async def _lifespan(receive: Receive, send: Send) -> None:
    while True:
        message = await receive()
        await send({"type": f"{message['type']}.complete"})
        if message["type"] == "lifespan.shutdown":
            return


# Where a request for an unknown space is read, so that its refusal has the vendor's shape too.
_NOWHERE = Space("nowhere", Recipe("empty", 1, datetime(2000, 1, 1, tzinfo=UTC)), journal_limit=1)
