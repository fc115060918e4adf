"""The console's clients: the control plane, Focus and Canvas, each over HTTP."""

import base64
import json
import ssl
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from typing import Any, cast
from urllib.parse import quote, urlencode, urlsplit

TIMEOUT_S = 30.0
OBSERVER = "X-Homeroom-Observer"
"""With the control plane's token in it, a request is neither journaled nor hit by faults."""

Params = Sequence[tuple[str, str | int]]


class PeerError(Exception):
    """A peer refused or could not be reached; the text is for the person at the page."""

    def __init__(self, message: str, status: int = 0) -> None:
        super().__init__(message)
        self.status = status


@dataclass(frozen=True)
class Reply:
    """One answer."""

    status: int
    body: bytes

    def json(self) -> Any:
        """Return the body, decoded; raises PeerError."""
        try:
            return json.loads(self.body) if self.body else None
        except ValueError as error:
            raise PeerError(f"the answer is no JSON: {error}", self.status) from error


def send(
    method: str,
    url: str,
    *,
    headers: Mapping[str, str],
    body: bytes | None = None,
    context: ssl.SSLContext | None = None,
) -> Reply:
    """Send one request; raises PeerError when nothing answers."""
    parts = urlsplit(url)
    host, port = parts.hostname or "", parts.port
    connection = (
        HTTPSConnection(host, port, timeout=TIMEOUT_S, context=context)
        if parts.scheme == "https"
        else HTTPConnection(host, port, timeout=TIMEOUT_S)
    )
    target = parts.path + (f"?{parts.query}" if parts.query else "")
    try:
        connection.request(method, target, body=body, headers=dict(headers))
        answer: HTTPResponse = connection.getresponse()
        return Reply(answer.status, answer.read())
    except (OSError, HTTPException) as error:
        raise PeerError(f"{parts.netloc} does not answer: {error}") from error
    finally:
        connection.close()


def path_of(*segments: str) -> str:
    """Join path segments, each percent-encoded whole."""
    return "/" + "/".join(quote(segment, safe=":") for segment in segments)


class Control:
    """The control plane."""

    def __init__(self, url: str, token: str) -> None:
        self.url, self.token = url, token

    def call(
        self, method: str, path: str, *, params: Params = (), body: Any = None, raw: bool = False
    ) -> Any:
        """Call the control plane and return its answer, as bytes when `raw`; raises PeerError."""
        headers = {"Authorization": f"Bearer {self.token}"}
        payload: bytes | None = None
        if isinstance(body, bytes):
            payload, headers["Content-Type"] = body, "application/octet-stream"
        elif body is not None:
            payload, headers["Content-Type"] = json.dumps(body).encode(), "application/json"
        query = f"?{urlencode(params)}" if params else ""
        reply = send(method, f"{self.url}{path}{query}", headers=headers, body=payload)
        if reply.status >= 400:
            raise PeerError(_reason(reply), reply.status)
        return reply.body if raw else reply.json()


def _reason(reply: Reply) -> str:
    try:
        return str(cast("dict[str, Any]", reply.json())["error"])
    except (PeerError, KeyError, TypeError):
        return f"the control plane answers {reply.status}"


class Worlds:
    """Both fakes of one space, read with credentials of the console's own."""

    def __init__(
        self, control: Control, document: Mapping[str, Any], context: ssl.SSLContext | None
    ) -> None:
        self._control, self._document, self._context = control, document, context
        self._space = str(document["space"])
        self._focus_token = ""
        self._lock = threading.Lock()

    def focus(self, *segments: str, params: Params = ()) -> Any | None:
        """Read from Focus; None where it answers 404. Raises PeerError."""
        query = f"?{urlencode(params)}" if params else ""
        url = f"{self._document['oneroster']['base_url']}{path_of(*segments)}{query}"
        for attempt in (1, 2):
            token = self._token(renew=attempt == 2)
            reply = self._get(url, {"Authorization": f"Bearer {token}"})
            if reply.status != 401:
                break
        return _read(reply, "Focus", segments)

    def _token(self, *, renew: bool) -> str:
        with self._lock:
            if renew or not self._focus_token:
                client = self._control.call(
                    "POST", f"/spaces/{self._space}/focus/clients", body={"auth": "oauth2"}
                )
                pair = f"{client['client_id']}:{client['client_secret']}"
                reply = send(
                    "POST",
                    self._document["oneroster"]["token_url"],
                    headers=self._own(
                        {
                            "Authorization": f"Basic {base64.b64encode(pair.encode()).decode()}",
                            "Content-Type": "application/x-www-form-urlencoded",
                        }
                    ),
                    body=urlencode({"grant_type": "client_credentials"}).encode(),
                    context=self._context,
                )
                if reply.status != 200:
                    raise PeerError(f"Focus gives no token: {reply.status}", reply.status)
                self._focus_token = str(reply.json()["access_token"])
            return self._focus_token

    def canvas(self, *segments: str, params: Params = ()) -> Any | None:
        """Read from Canvas's REST API; None where it answers 404. Raises PeerError."""
        query = f"?{urlencode(params)}" if params else ""
        canvas = self._document["canvas"]
        url = f"{canvas['base_url']}/api/v1{path_of(*segments)}{query}"
        return _read(
            self._get(url, {"Authorization": f"Bearer {canvas['token']}"}), "Canvas", segments
        )

    def _get(self, url: str, headers: Mapping[str, str]) -> Reply:
        return send("GET", url, headers=self._own(headers), context=self._context)

    def _own(self, headers: Mapping[str, str]) -> dict[str, str]:
        return {**headers, OBSERVER: self._control.token, "Accept": "application/json"}


def _read(reply: Reply, peer: str, segments: Sequence[str]) -> Any | None:
    if reply.status == 404:
        return None
    if reply.status != 200:
        raise PeerError(f"{peer} answers {reply.status} to /{'/'.join(segments)}", reply.status)
    return reply.json()
