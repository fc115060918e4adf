"""What stands before API and pages: known hosts, bounded bodies, headers, one log line each."""

import logging
import re
import time
from collections.abc import Collection, MutableMapping
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from homeroom.reference.service.api import encode_problem
from homeroom.reference.service.operations import BASE

MAX_BODY_BYTES = 1 << 20
_LINK = re.compile(r"^/connect/[^/]+")
log = logging.getLogger(__name__)


class Front:
    """Sends each request to the API or to the pages."""

    def __init__(
        self, api: ASGIApp, pages: ASGIApp, hosts: Collection[str], *, secure: bool
    ) -> None:
        """Take both apps.

        Args:
            api: Answers what begins with the API's base path.
            pages: Answers the rest.
            hosts: Names by which the service may be called; `*.` stands for one label.
            secure: Whether it is reached over TLS alone.
        """
        self._api, self._pages, self._hosts, self._secure = api, pages, hosts, secure

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] == "lifespan":
            await self._api(scope, receive, send)
            return
        if scope["type"] != "http":
            return
        began, status = time.perf_counter(), 500

        async def seal(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                self._add_headers(message)
            await send(message)

        refusal = self._refuse(scope)
        to_api = scope["path"].startswith(f"{BASE}/")
        if refusal is not None:
            await _answer(*refusal, seal)
        elif to_api:
            await self._api(scope, receive, seal)
        else:
            await self._pages(scope, receive, seal)
        took = round((time.perf_counter() - began) * 1000, 1)
        path = _LINK.sub("/connect/(link)", scope["path"])
        about = {"method": scope["method"], "path": path, "status": status, "ms": took}
        log.info("request", extra=about)

    def _refuse(self, scope: Scope) -> tuple[int, str] | None:
        headers: dict[bytes, bytes] = dict(scope["headers"])
        host = headers.get(b"host", b"").decode("latin-1")
        if not self._knows(host):
            return 421, "this service does not answer to that host name"
        length = headers.get(b"content-length")
        if b"transfer-encoding" in headers and length is None:
            return 411, "a request says how long its body is"
        if length is not None and (not length.isdigit() or int(length) > MAX_BODY_BYTES):
            return 413, f"a body has at most {MAX_BODY_BYTES} bytes"
        return None

    def _knows(self, host: str) -> bool:
        name = re.sub(r":\d+$", "", host).lower().rstrip(".")
        parent = name.partition(".")[2]
        return name in self._hosts or bool(parent and f"*.{parent}" in self._hosts)

    def _add_headers(self, message: MutableMapping[str, Any]) -> None:
        given = {name.lower() for name, _ in message["headers"]}
        ours = {b"x-content-type-options": b"nosniff", b"cache-control": b"no-store"}
        if self._secure:
            ours[b"strict-transport-security"] = b"max-age=31536000"
        more = [(name, value) for name, value in ours.items() if name not in given]
        message["headers"] = [*message["headers"], *more]


async def _answer(status: int, detail: str, send: Send) -> None:
    body = encode_problem(status, detail)
    headers = [
        (b"content-type", b"application/problem+json"),
        (b"content-length", str(len(body)).encode()),
        (b"connection", b"close"),
    ]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
