"""HTTP as both peers need it: one client per thread, patience with an unwell peer, one new token.

The only file that names the HTTP library.
"""

import contextlib
import functools
import logging
import random
import ssl
import threading
import time
from collections.abc import Mapping, Sequence
from email.utils import parsedate_to_datetime
from types import SimpleNamespace
from typing import Any, TypeAlias, cast
from urllib.parse import quote, urlsplit

import httpx
import msgspec
import stamina
from oauthlib.oauth1 import Client as OAuth1Client

from homeroom.reference.errors import FatalError, RetryableError

Response: TypeAlias = httpx.Response
Params: TypeAlias = Mapping[str, Any] | Sequence[tuple[str, str]] | None

# A peer that asks for a longer pause than this is left for another run.
LONGEST_WAIT_S = 120.0
UNWELL = frozenset({408, 429, 500, 502, 503, 504, 520, 521, 522, 523, 524})

logging.getLogger("stamina").addHandler(logging.NullHandler())  # heard where one listens


class _UnwellError(Exception):
    """The peer may answer better in a moment."""

    def __init__(self, reason: str, wait_s: float | None = None) -> None:
        super().__init__(reason)
        self.wait_s = wait_s


class Auth:
    """How requests prove who sends them; this one does not."""

    # Everything that must never appear in a message.
    secrets: Sequence[str] = ()

    def headers(self, transport: "Transport", method: str, url: str) -> Mapping[str, str]:
        """Give the headers that authorize one request."""
        return {}

    def renew(self, sent: Mapping[str, str]) -> bool:
        """Forget the credential in `sent` after a 401; True when another try can differ."""
        return False


NoAuth = Auth


class Bearer(Auth):
    """A token that somebody gave us, as Canvas access tokens are."""

    def __init__(self, token: str) -> None:
        self.secrets = (token,) if token else ()

    def headers(self, transport: "Transport", method: str, url: str) -> Mapping[str, str]:
        """Send the token."""
        return {"Authorization": f"Bearer {''.join(self.secrets)}"}


class OAuth1(Auth):
    """OAuth 1.0a, each request signed with the consumer's key and secret (two-legged)."""

    def __init__(self, client_id: str, client_secret: str, method: str = "HMAC-SHA256") -> None:
        self.secrets = (client_secret,)
        self._signer = OAuth1Client(client_id, client_secret, signature_method=method)

    def headers(self, transport: "Transport", method: str, url: str) -> Mapping[str, str]:
        """Sign the method and the URL as it will be sent."""
        headers = self._signer.sign(url, http_method=cast("Any", method))[1]
        return {str(name): str(value) for name, value in headers.items()}


class ClientCredentials(Auth):
    """OAuth 2.0 client credentials by HTTP Basic; a token for each thread.

    Once one is refused, one for all: the provider may be of those whose new token ends the others.
    """

    def __init__(
        self, token_url: str, client_id: str, client_secret: str, scope: str | None = None
    ) -> None:
        self.secrets: Sequence[str] = (client_secret,)
        self._token_url, self._basic = token_url, (client_id, client_secret)
        self._form = {"grant_type": "client_credentials", **({"scope": scope} if scope else {})}
        self._lock = threading.Lock()
        # Each holds `header` and `good_until`.
        self._own: Any = threading.local()
        self._shared: Any = None

    def headers(self, transport: "Transport", method: str, url: str) -> Mapping[str, str]:
        """Send the present token, fetching one when there is none or it is about to expire."""
        with self._lock:
            held = self._shared or self._own
            if time.monotonic() > getattr(held, "good_until", 0.0):
                self._fetch(transport, held)
            return {"Authorization": held.header}

    def renew(self, sent: Mapping[str, str]) -> bool:
        """Forget the refused token, unless another thread has already replaced it."""
        with self._lock:
            self._shared = self._shared or SimpleNamespace(header="")
            if self._shared.header == sent.get("Authorization"):
                self._shared.good_until = 0.0
        return True

    def _fetch(self, transport: "Transport", held: Any) -> None:
        response = transport.send("POST", self._token_url, {}, data=self._form, auth=self._basic)
        try:
            if response.status_code not in {200, 201}:
                raise FatalError(
                    f"the token endpoint {self._token_url} refused the client credentials: "
                    f"{transport.describe(response)}. Check the client id and secret"
                )
            body = msgspec.json.decode(response.content, type=dict[str, Any])
            token, lifetime = str(body["access_token"]), float(body.get("expires_in") or 3600)
        except (msgspec.MsgspecError, KeyError, TypeError, ValueError):
            raise FatalError(f"{self._token_url} answered 200 with no access_token") from None
        held.header = f"Bearer {token}"
        held.good_until = time.monotonic() + max(lifetime - 30, lifetime / 2)
        self.secrets = (*self.secrets, token)


class Transport(contextlib.AbstractContextManager["Transport"]):
    """One peer: its base address, its credentials, and patience."""

    def __init__(
        self, base_url: str, auth: Auth, *, timeout_s: float = 60.0, attempts: int = 5
    ) -> None:
        self.base_url, self._auth = base_url.rstrip("/"), auth
        self._timeout_s, self._attempts = timeout_s, attempts
        self._local = threading.local()
        self._clients: list[httpx.Client] = []

    def __exit__(self, *_: object) -> None:
        """Close every thread's client."""
        while self._clients:
            self._clients.pop().close()
        self._local = threading.local()

    close = __exit__

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
        self, method: str, url: str, *, params: Params = None, json: Any = None, **more: Any
    ) -> Response:
        """Send one request, repeating it while the peer is only unwell.

        A 4xx answer is returned as it is (after one new token for a 401); what it means is the
        caller's affair. A request that is not `idempotent` is repeated only where the peer
        certainly did not act on it: refused for its rate, or never connected. `more` is `headers`,
        `idempotent` (as if true), and `content`, `data` or `files`, as httpx takes them.

        Raises:
            RetryableError: The peer stayed unwell through all attempts.
            FatalError: The address is unusable, or no token could be had.
        """
        sent = dict(more.pop("headers", None) or {})
        if json is not None:
            more["content"] = msgspec.json.encode(json)
            sent.setdefault("Content-Type", "application/json")
        try:
            target = parsed(self.url(url))
        except httpx.InvalidURL as error:
            raise FatalError(f"{url} is no address: {error}") from None
        if params:
            target = target.copy_merge_params(httpx.QueryParams(cast("Any", params)))
        renewed = False
        while True:
            authorization = self._auth.headers(self, method, str(target))
            response = self.send(method, str(target), {**sent, **authorization}, **more)
            if renewed or response.status_code != 401 or not self._auth.renew(authorization):
                return response
            renewed = True

    def send(self, method: str, url: str, headers: Mapping[str, str], **more: Any) -> Response:
        """Send a request just as it is, with patience; see `request`."""
        once = functools.partial(self._once, method, url, headers=headers, **more)
        try:
            return once()  # most requests need no patience, whose machinery is not free
        except _UnwellError as error:
            unwell = error
        try:
            for attempt in stamina.retry_context(
                on=self._pause, attempts=self._attempts, timeout=None, wait_initial=0.2, wait_max=10
            ):
                with attempt:
                    if attempt.num == 1:
                        raise unwell
                    return once()
        except _UnwellError as error:
            where = f"{method} {url.partition('?')[0]}"
            raise RetryableError(f"{where}: {error}, after {self._attempts} attempts") from None
        raise AssertionError("unreachable: the last attempt returns or raises")

    def describe(self, response: Response) -> str:
        """Say what a peer answered, in one short line without secrets."""
        text = " ".join(response.text.split())[:300]
        return self._safe(f"HTTP {response.status_code} {text}".strip())

    def _once(self, method: str, url: str, *, idempotent: bool = True, **more: Any) -> Response:
        try:
            response = self._client().request(method, parsed(url), **more)
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
            if "SSL" in str(error).upper():
                raise FatalError(f"{url}: TLS failed: {error}") from None
            raise _UnwellError(f"cannot be reached ({error})") from None
        except (httpx.InvalidURL, httpx.LocalProtocolError, UnicodeError):
            # What these errors say holds the token, in a spelling that nobody can search for.
            raise FatalError(f"{url} or its token has a stray character; copy both again") from None
        except (httpx.TransportError, httpx.DecodingError) as error:
            told = f"the connection failed ({type(error).__name__}: {error})"
            if not idempotent:
                raise RetryableError(f"{url}: {told}; the peer may have acted on it") from None
            raise _UnwellError(told) from None
        if is_rate_limited(response) or (response.status_code in UNWELL and idempotent):
            raise _UnwellError(self.describe(response), retry_after_s(response))
        return response

    def _pause(self, error: Exception) -> bool | float:
        if not isinstance(error, _UnwellError):
            return False
        if error.wait_s is None or error.wait_s > LONGEST_WAIT_S:
            return error.wait_s is None
        return error.wait_s + random.uniform(0, 0.1)  # noqa: S311 - spreads threads apart

    def _client(self) -> httpx.Client:
        client: httpx.Client | None = getattr(self._local, "client", None)
        if client is None:
            timeout = httpx.Timeout(self._timeout_s, connect=min(self._timeout_s, 15.0))
            headers = {"User-Agent": "homeroom", "Accept": "application/json"}
            client = httpx.Client(timeout=timeout, verify=tls_context(), headers=headers)
            self._local.client = client
            self._clients.append(client)
        return client

    def _safe(self, text: str) -> str:
        for secret in filter(None, self._auth.secrets):
            text = text.replace(secret, "[secret]")
        return text


# Each address is read twice, and reading one is costly.
parsed = functools.lru_cache(maxsize=16)(httpx.URL)


def quoted(identifier: str) -> str:
    """Escape an id as one path segment; a `/` in it becomes %2F."""
    return quote(identifier, safe="")


def next_link(response: Response) -> str | None:
    """Give the address of `Link: rel="next"` as it was sent, or None."""
    return response.links.get("next", {}).get("url")


def is_rate_limited(response: Response) -> bool:
    """Read Canvas's two ways of saying that we ask too much: 429, or 403 with a plain text."""
    refused = response.status_code == 403 and b"rate limit exceeded" in response.content.lower()
    return response.status_code == 429 or refused


def retry_after_s(response: Response) -> float | None:
    """Read Retry-After, in seconds or as a date; None when absent or unreadable."""
    value = response.headers.get("Retry-After", "").strip()
    with contextlib.suppress(TypeError, ValueError, KeyError):
        if value.isdigit():
            return float(value)
        sent = parsedate_to_datetime(response.headers["Date"])
        return max(0.0, (parsedate_to_datetime(value) - sent).total_seconds())
    return None


@functools.cache
def tls_context() -> ssl.SSLContext:
    """Give the trusted roots that every connection is checked against."""
    return httpx.create_ssl_context()  # loading the roots takes 20 ms: once, not per thread
