"""Tampering with a right provider: its answers, altered on their way to the certification."""

import json
from collections.abc import Callable, Mapping
from typing import Any, ClassVar
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit, urlunsplit

from homeroom.reference.transport import Response, Transport

TAMPERS: dict[str, type["Tamper"]] = {}
Body = dict[str, Any]
Pairs = list[tuple[str, str]]


class Tamper:
    """A right provider; a subclass overrides one hook."""

    name: ClassVar[str] = ""
    base_url: str = ""

    def __init_subclass__(cls) -> None:
        if not cls.__name__.startswith("_"):
            TAMPERS[cls.name] = cls

    def query(self, path: str, pairs: Pairs) -> Pairs:
        """Change what was asked for."""
        return pairs

    def headers(self, path: str, headers: Mapping[str, str]) -> Mapping[str, str]:
        """Change who asks."""
        return headers

    def sent(self, path: str, body: Body) -> Body:
        """Change what was written."""
        return body

    def status(self, method: str, path: str, status: int, body: Any) -> int:
        """Change the status of an answer."""
        return status

    def record(self, path: str, record: Body) -> Body:
        """Change one record of an answer."""
        return record

    def body(self, path: str, pairs: Pairs, body: Any) -> Any:
        """Change a whole answer."""
        return body

    def install(self, base_url: str) -> Callable[[], None]:
        """Stand between every transport and the provider; returns what ends it."""
        self.base_url = base_url
        original = Transport.send

        def send(
            transport: Transport, method: str, url: str, headers: Mapping[str, str], **more: Any
        ) -> Response:
            if not url.startswith(base_url):
                return original(transport, method, url, headers, **more)
            parts = urlsplit(url)
            path = unquote(parts.path.rpartition("/v1p1/")[2])
            pairs = parse_qsl(parts.query, keep_blank_values=True)
            asked = self.query(path, list(pairs))
            if asked != pairs:
                url = urlunsplit(parts._replace(query=urlencode(asked).replace("+", "%20")))
            if method == "PUT" and "content" in more:
                more["content"] = json.dumps(self.sent(path, json.loads(more["content"]))).encode()
            response = original(transport, method, url, self.headers(path, headers), **more)
            return self._altered(method, path, pairs, response)

        Transport.send = send  # type: ignore[method-assign,assignment] # that is a wrong provider

        def end() -> None:
            Transport.send = original  # type: ignore[method-assign] # and its end

        return end

    def _altered(self, method: str, path: str, pairs: Pairs, response: Response) -> Response:
        try:
            body = response.json()
        except ValueError:
            body = None
        if isinstance(body, dict) and response.status_code in (200, 201) and path != "token":
            for key, value in body.items():
                if isinstance(value, list) and key != "statusInfoSet":
                    body[key] = [self.record(path, row) for row in value]
                elif isinstance(value, dict) and "sourcedId" in value:
                    body[key] = self.record(path, value)
        body = self.body(path, pairs, body) if method == "GET" else body
        status = self.status(method, path, response.status_code, body)
        dropped = ("content-length", "content-encoding", "transfer-encoding")
        headers = {name: value for name, value in response.headers.items() if name not in dropped}
        content = b"" if body is None else json.dumps(body, ensure_ascii=False).encode()
        return Response(status, headers=headers, content=content, request=response.request)
