"""HTTP as both peers need it: one client per thread, patience with an unwell peer, one new token.

The only file that names the HTTP library.
"""

import contextlib
import functools
import logging
import random
import re
import ssl
import threading
import time
from collections.abc import Mapping, Sequence
from email.utils import parsedate_to_datetime
from types import TracebackType
from typing import Any, Protocol, Self, TypeAlias, cast
from urllib.parse import quote, urlsplit

import httpx
import msgspec
import stamina
from oauthlib.oauth1 import Client as OAuth1Client

from homeroom.reference.errors import FatalError, RetryableError

__all__ = [
    "Auth",
    "Bearer",
    "ClientCredentials",
    "NoAuth",
    "OAuth1",
    "Params",
    "Response",
    "Transport",
    "next_link",
    "quoted",
]

Response: TypeAlias = httpx.Response
Params: TypeAlias = Mapping[str, Any] | Sequence[tuple[str, str]] | None

LONGEST_WAIT_S = 120.0
"""A peer that asks for a longer pause than this is left for another run."""
UNWELL = frozenset({408, 429, 500, 502, 503, 504, 520, 521, 522, 523, 524})
EXCERPT_CHARS = 300
TOKEN_MARGIN_S = 30.0

_log = logging.getLogger(__name__)
logging.getLogger("stamina").addHandler(logging.NullHandler())  # its waits are told by ours


class _UnwellError(Exception):
    """The peer may answer better in a moment."""

    def __init__(self, reason: str, wait_s: float | None = None) -> None:
        super().__init__(reason)
        self.wait_s = wait_s


class Auth(Protocol):
    """How requests prove who sends them."""

    @property
    def secrets(self) -> Sequence[str]:
        """Everything that must never appear in a message."""
        ...

    def headers(self, transport: "Transport", method: str, url: str) -> Mapping[str, str]:
        """Give the headers that authorize one request."""
        ...

    def renew(self, sent: Mapping[str, str]) -> bool:
        """Forget the credential in `sent` after a 401; True when another try can differ."""
        ...


class NoAuth:
    """No credentials at all."""

    secrets: Sequence[str] = ()

    def headers(self, transport: "Transport", method: str, url: str) -> Mapping[str, str]:
        """Send none."""
        return {}

    def renew(self, sent: Mapping[str, str]) -> bool:
        """There is nothing to renew."""
        return False


class Bearer(NoAuth):
    """A token that somebody gave us, as Canvas access tokens are."""

    def __init__(self, token: str) -> None:
        self.secrets = (token,) if token else ()
        self._headers = {"Authorization": f"Bearer {token}"}

    def headers(self, transport: "Transport", method: str, url: str) -> Mapping[str, str]:
        """Send the token."""
        return self._headers


class OAuth1(NoAuth):
    """OAuth 1.0a, each request signed with the consumer's key and secret (two-legged)."""

    def __init__(self, client_id: str, client_secret: str, method: str = "HMAC-SHA256") -> None:
        self.secrets = (client_secret,)
        self._signer = OAuth1Client(client_id, client_secret, signature_method=method)
        self._lock = threading.Lock()

    def headers(self, transport: "Transport", method: str, url: str) -> Mapping[str, str]:
        """Sign the method and the URL as it will be sent."""
        with self._lock:
            _, headers, _ = self._signer.sign(url, http_method=cast("Any", method))
        return {str(name): str(value) for name, value in headers.items()}


class ClientCredentials:
    """OAuth 2.0 client credentials by HTTP Basic; threads share one token."""

    def __init__(
        self,
        token_url: str,
        client_id: str,
        client_secret: str,
        scope: str | Sequence[str] | None = None,
    ) -> None:
        self.secrets: Sequence[str] = (client_secret,)
        self._token_url = token_url
        self._basic = httpx.BasicAuth(client_id, client_secret)
        self._form = {"grant_type": "client_credentials"}
        if scope:
            self._form["scope"] = scope if isinstance(scope, str) else " ".join(scope)
        self._lock = threading.Lock()
        self._header: str | None = None
        self._good_until = 0.0

    def headers(self, transport: "Transport", method: str, url: str) -> Mapping[str, str]:
        """Send the present token, fetching one when there is none or it is about to expire."""
        with self._lock:
            if self._header is None or time.monotonic() > self._good_until:
                self._fetch(transport)
            return {"Authorization": str(self._header)}

    def renew(self, sent: Mapping[str, str]) -> bool:
        """Forget the refused token, unless another thread has already replaced it."""
        with self._lock:
            if self._header == sent.get("Authorization"):
                self._header = None
        return True

    def _fetch(self, transport: "Transport") -> None:
        request = httpx.Request("POST", self._token_url)
        authorization = next(self._basic.auth_flow(request)).headers["Authorization"]
        response = transport.send_plain(
            "POST", self._token_url, data=self._form, headers={"Authorization": authorization}
        )
        if response.status_code not in {200, 201}:
            raise FatalError(
                f"the token endpoint {self._token_url} refused the client credentials: "
                f"{transport.describe(response)}. Check the client id and secret"
            )
        try:
            body = msgspec.json.decode(response.content, type=dict[str, Any])
            token, lifetime = body["access_token"], float(body.get("expires_in") or 3600)
        except (msgspec.MsgspecError, KeyError, TypeError, ValueError):
            raise FatalError(
                f"the token endpoint {self._token_url} answered 200 with no access_token"
            ) from None
        self._header = f"Bearer {token}"
        self._good_until = time.monotonic() + max(lifetime - TOKEN_MARGIN_S, lifetime / 2)
        self.secrets = (self.secrets[0], str(token))


class Transport:
    """One peer: its base address, its credentials, and patience."""

    def __init__(
        self,
        base_url: str,
        auth: Auth,
        *,
        timeout_s: float = 60.0,
        attempts: int = 5,
        wait_initial_s: float = 0.2,
    ) -> None:
        self.base_url = base_url.rstrip("/")
        self._auth = auth
        self._timeout_s, self._attempts, self._wait_s = timeout_s, attempts, wait_initial_s
        self._local = threading.local()
        self._clients: list[httpx.Client] = []
        self._lock = threading.Lock()

    def __enter__(self) -> Self:
        """Nothing is opened before the first request."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close every thread's client."""
        self.close()

    def close(self) -> None:
        """Close every thread's client."""
        with self._lock:
            for client in self._clients:
                client.close()
            self._clients.clear()
            self._local = threading.local()

    def url(self, url: str) -> str:
        """Join a relative address to the base; an absolute one is taken as it is.

        A link that repeats the base's own path is one from the host's root.
        """
        base = urlsplit(self.base_url)
        if urlsplit(url).scheme in {"http", "https"}:
            return url
        if base.path and url.startswith(f"{base.path}/"):
            return f"{base.scheme}://{base.netloc}{url}"
        return f"{self.base_url}/{url.lstrip('/')}"

    def request(
        self,
        method: str,
        url: str,
        *,
        params: Params = None,
        json: Any = None,
        content: bytes | None = None,
        data: Mapping[str, Any] | None = None,
        files: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
        idempotent: bool = True,
    ) -> Response:
        """Send one request, repeating it while the peer is only unwell.

        A 4xx answer is returned as it is (after one new token for a 401); what it means is the
        caller's affair. A request that is not `idempotent` is repeated only where the peer
        certainly did not act on it: refused for its rate, or never connected.

        Raises:
            RetryableError: The peer stayed unwell through all attempts.
            FatalError: The address is unusable, or no token could be had.
        """
        sent_headers = dict(headers or {})
        if json is not None:
            content = msgspec.json.encode(json)
            sent_headers.setdefault("Content-Type", "application/json")
        body = {"content": content, "data": data, "files": files}
        target = self._target(url, params)
        authorization = self._auth.headers(self, method, target)
        response = self._patiently(method, target, body, sent_headers, authorization, idempotent)
        if response.status_code == 401 and self._auth.renew(authorization):
            authorization = self._auth.headers(self, method, target)
            response = self._patiently(
                method, target, body, sent_headers, authorization, idempotent
            )
        return response

    def send_plain(
        self, method: str, url: str, *, data: Mapping[str, Any], headers: Mapping[str, str]
    ) -> Response:
        """Send a form without our own authorization, as token requests are sent."""
        body = {"content": None, "data": data, "files": None}
        return self._patiently(method, self._target(url, None), body, headers, {}, True)

    def describe(self, response: Response) -> str:
        """Say what a peer answered, in one short line without secrets."""
        text = " ".join(response.text.split())[:EXCERPT_CHARS]
        return self._safe(f"HTTP {response.status_code} {text}".strip())

    def _target(self, url: str, params: Params) -> str:
        try:
            target = httpx.URL(self.url(url))
            if params:
                target = target.copy_merge_params(
                    httpx.QueryParams(params if isinstance(params, Mapping) else list(params))
                )
        except httpx.InvalidURL as error:
            raise FatalError(f"{url} is no address: {error}") from None
        return str(target)

    def _patiently(
        self,
        method: str,
        url: str,
        body: Mapping[str, Any],
        headers: Mapping[str, str],
        authorization: Mapping[str, str],
        idempotent: bool,
    ) -> Response:
        where = f"{method} {url.partition('?')[0]}"
        rounds = stamina.retry_context(
            on=self._pause,
            attempts=self._attempts,
            timeout=None,
            wait_initial=self._wait_s,
            wait_max=10.0,
        )
        try:
            for attempt in rounds:
                with attempt:
                    all_headers = {**headers, **authorization}
                    return self._once(method, url, body, all_headers, idempotent)
        except _UnwellError as error:
            raise RetryableError(
                f"{where}: {error}, still after {self._attempts} attempts"
            ) from None
        raise AssertionError("unreachable: the last attempt returns or raises")

    def _once(
        self,
        method: str,
        url: str,
        body: Mapping[str, Any],
        headers: Mapping[str, str],
        idempotent: bool,
    ) -> Response:
        try:
            response = self._client().request(method, url, headers=headers, **body)
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
            if _is_tls(error):
                raise FatalError(f"{url}: TLS failed: {error}") from None
            raise _UnwellError(f"cannot be reached ({_name(error)})") from None
        except (httpx.UnsupportedProtocol, httpx.InvalidURL, httpx.LocalProtocolError) as error:
            raise FatalError(self._safe(f"{url}: {error}")) from None
        except (httpx.TransportError, httpx.DecodingError) as error:
            if not idempotent:
                raise RetryableError(
                    f"{method} {url}: the connection failed ({_name(error)}) and the peer may "
                    "have acted on it"
                ) from None
            raise _UnwellError(f"the connection failed ({_name(error)})") from None
        limited = is_rate_limited(response)
        if limited or (response.status_code in UNWELL and idempotent):
            raise _UnwellError(self.describe(response), retry_after_s(response))
        return response

    def _pause(self, error: Exception) -> bool | float:
        if not isinstance(error, _UnwellError):
            return False
        _log.info("pausing: %s", error)
        if error.wait_s is None:
            return True
        if error.wait_s > LONGEST_WAIT_S:
            return False
        return error.wait_s + random.uniform(0, 0.1)  # noqa: S311 - spreads threads apart

    def _client(self) -> httpx.Client:
        client: httpx.Client | None = getattr(self._local, "client", None)
        if client is None:
            client = httpx.Client(
                timeout=httpx.Timeout(self._timeout_s, connect=min(self._timeout_s, 15.0)),
                verify=_tls_context(),
                headers={"User-Agent": "homeroom", "Accept": "application/json"},
            )
            self._local.client = client
            with self._lock:
                self._clients.append(client)
        return client

    def _safe(self, text: str) -> str:
        for secret in self._auth.secrets:
            text = text.replace(secret, "[secret]") if secret else text
        return text


def quoted(identifier: str) -> str:
    """Escape an id as one path segment; a `/` in it becomes %2F."""
    return quote(identifier, safe="")


def next_link(response: Response) -> str | None:
    """Give the address of `Link: rel="next"` as it was sent, or None."""
    return response.links.get("next", {}).get("url")


def is_rate_limited(response: Response) -> bool:
    """Read Canvas's two ways of saying that we ask too much: 429, or 403 with a plain text."""
    if response.status_code == 429:
        return True
    return response.status_code == 403 and b"rate limit exceeded" in response.content.lower()


def retry_after_s(response: Response) -> float | None:
    """Read Retry-After, in seconds or as a date; None when absent or unreadable."""
    value = response.headers.get("Retry-After", "").strip()
    if re.fullmatch(r"\d+(\.\d+)?", value):
        return float(value)
    with contextlib.suppress(TypeError, ValueError):
        until = parsedate_to_datetime(value).timestamp()
        sent = parsedate_to_datetime(response.headers["Date"]).timestamp()
        return max(0.0, until - sent)
    return None


def _is_tls(error: Exception) -> bool:
    return "CERTIFICATE" in str(error).upper() or "SSL" in str(error).upper()


def _name(error: Exception) -> str:
    return f"{type(error).__name__}: {error}" if str(error) else type(error).__name__


@functools.cache
def _tls_context() -> ssl.SSLContext:
    return httpx.create_ssl_context()  # loading the roots takes 20 ms: once, not per thread
