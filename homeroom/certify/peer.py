"""A real provider or Canvas under certification: asked carefully, every answer kept as evidence.

Unlike the fakes a real peer keeps no journal for us, so what was asked and answered is written down
here: without secrets, and without people where the data is not our own.
"""

import json
import re
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode, urlsplit

from homeroom.certify.outcomes import NotApplicable, Unmet
from homeroom.certify.people import without_people
from homeroom.observe.targets import READS
from homeroom.reference.errors import FatalError, SyncError
from homeroom.reference.transport import Auth, Response, Transport

BUDGET = 3000
"""How many requests a certification may make of a peer that is not our own."""
ATTEMPTS = 3
BODY_CHARACTERS = 2000
# How the transport tells of a peer that stayed unwell.
_STATUS = re.compile(r"\bHTTP (\d{3})\b")

Query = Mapping[str, str | int] | Sequence[tuple[str, str]]


class PeerBudgetError(RuntimeError):
    """More was about to be asked of a peer than was promised: a fault of the kit."""


@dataclass(frozen=True, kw_only=True)
class Answer:
    """One answer, whatever its status; 0 where none came whole."""

    method: str
    url: str
    status: int
    headers: Mapping[str, str] = field(repr=False)
    """By lower-case name."""
    content: bytes = field(repr=False)
    elapsed_s: float
    exchange: Mapping[str, Any] = field(repr=False)
    """As the report shows it."""
    links: Mapping[str, str] = field(default_factory=dict[str, str], repr=False)
    """Addresses of `Link`, by relation."""
    error: str = ""
    """Why no whole answer came."""

    def document(self) -> Any:
        """Decode the body; None where it is no JSON."""
        try:
            return json.loads(self.content)
        except ValueError:
            return None

    def __str__(self) -> str:
        return f"{self.method} {_shown(self.url)}: {self.error or self.status}"


class _Careful(Transport):
    """A transport that keeps below a rate and a number of requests, and reads only by default."""

    def __init__(
        self,
        base_url: str,
        auth: Auth,
        *,
        rate_per_s: float | None,
        budget: int | None,
        may_write: bool,
        token_url: str | None,
    ) -> None:
        super().__init__(base_url, auth, attempts=ATTEMPTS)
        self._interval_s = 1 / rate_per_s if rate_per_s else 0.0
        self._left, self._turn = budget, 0.0
        self._may_write, self._token_url = may_write, token_url

    def _once(self, method: str, url: str, *, idempotent: bool = True, **more: Any) -> Response:
        if method not in READS and not self._may_write and url != self._token_url:
            raise AssertionError(f"{method} {url}: nobody consented to a write")
        if self._left is not None:
            if not self._left:
                raise PeerBudgetError("the peer was asked as often as was promised; nothing more")
            self._left -= 1
        now = time.monotonic()
        self._turn = max(now, self._turn) + self._interval_s
        if self._turn - self._interval_s > now:
            time.sleep(self._turn - self._interval_s - now)
        return super()._once(method, url, idempotent=idempotent, **more)


class Peer:
    """One peer, asked as one client asks; equal GETs are asked once."""

    def __init__(
        self,
        fake: str,
        base_url: str,
        auth: Auth,
        *,
        ours: bool,
        may_write: bool,
        rate_per_s: float,
        learn: Callable[[str], None] = lambda _: None,
        token_url: str | None = None,
        prefix: str = "",
    ) -> None:
        """Open a peer.

        Args:
            fake: `focus` or `canvas`: which side it is.
            base_url: Its API's root.
            auth: How requests are authorized.
            ours: Whether it is our own fake, whose data may be shown, written and asked for freely.
            may_write: Whether its owner consented to writes.
            rate_per_s: Ceiling of requests, where it is not ours.
            learn: Told of every secret that must not be shown.
            token_url: Where tokens are asked for by POST, which is no write.
            prefix: Put before each path.
        """
        self.fake, self.base_url, self.ours = fake, base_url.rstrip("/"), ours
        self.may_write = may_write or ours
        self.auth, self.token_url, self._prefix = auth, token_url, prefix
        self.learn = learn
        self._transport = _Careful(
            base_url,
            auth,
            rate_per_s=None if ours else rate_per_s,
            budget=None if ours else BUDGET,
            may_write=self.may_write,
            token_url=token_url,
        )
        self._known: dict[str, Answer] = {}
        self.slowest: dict[str, float] = {}
        """Longest time of an answer to each path that was read, in seconds."""

    def url(self, path: str, query: Query = ()) -> str:
        """Return the address of a path with a query, blanks as %20 as signatures want them."""
        if path.startswith(("http://", "https://")):
            return path
        pairs = list(query.items()) if isinstance(query, Mapping) else list(query)
        text = urlencode(pairs).replace("+", "%20")
        return f"{self.base_url}/{self._prefix}{path}" + (f"?{text}" if text else "")

    def get(self, path: str, query: Query = (), *, fresh: bool = False) -> Answer:
        """Read; `fresh` asks again what was asked before."""
        url = self.url(path, query)
        if fresh or url not in self._known:
            self._known[url] = self.send("GET", url)
        return self._known[url]

    def write(self, method: str, path: str, body: Any = None) -> Answer:
        """Write with the owner's consent, else raise NotApplicable; forgets what was read."""
        self.must_be_writable()
        self._known.clear()
        return self.send(method, self.url(path), body=body)

    def must_be_writable(self) -> None:
        """Raise NotApplicable where nobody consented to writes."""
        if not self.may_write:
            raise NotApplicable("nothing may be written: subject.allow_writes is false")

    def forget(self) -> None:
        """Read again what was read before."""
        self._known.clear()

    def send(
        self,
        method: str,
        url: str,
        *,
        body: Any = None,
        headers: Mapping[str, str] | None = None,
        authorized: bool = True,
        **more: Any,
    ) -> Answer:
        """Send one request; the status is 0 where no whole answer came.

        Args:
            method: HTTP method.
            url: Absolute address.
            body: Sent as JSON.
            headers: Sent as they are.
            authorized: Whether the peer's own credentials are added.
            more: `data`, `files`, `content` or `auth`, as httpx takes them.
        """
        started = time.monotonic()
        try:
            if authorized:
                response = self._transport.request(
                    method, url, json=body, headers=headers, idempotent=method != "POST", **more
                )
            else:
                if body is not None:
                    more["content"] = json.dumps(body).encode()
                response = self._transport.send(method, url, dict(headers or {}), **more)
        except SyncError as error:
            if isinstance(error, FatalError) and self.token_url and self.token_url in str(error):
                raise  # no token: the set-up broke meanwhile
            return self._broken(method, url, body, error, time.monotonic() - started)
        finally:
            for secret in self.auth.secrets:
                self.learn(secret)
        return self._answer(method, url, body, response, time.monotonic() - started)

    def _broken(
        self, method: str, url: str, body: Any, error: SyncError, elapsed_s: float
    ) -> Answer:
        """Return what is known of an answer that did not come, or that a peer kept refusing."""
        told = _STATUS.search(str(error))
        status = int(told[1]) if told else 0
        return Answer(
            method=method,
            url=url,
            status=status,
            headers={},
            content=b"",
            elapsed_s=elapsed_s,
            exchange=self._exchange(method, url, body, status, "", error=str(error)),
            error=str(error),
        )

    def _answer(
        self, method: str, url: str, body: Any, response: Response, elapsed_s: float
    ) -> Answer:
        if method == "GET":
            path = urlsplit(url).path
            self.slowest[path] = max(elapsed_s, self.slowest.get(path, 0.0))
        return Answer(
            method=method,
            url=url,
            status=response.status_code,
            headers={name.lower(): value for name, value in response.headers.items()},
            content=response.content,
            elapsed_s=elapsed_s,
            exchange=self._exchange(method, url, body, response.status_code, response.text),
            links={
                str(relation): str(link["url"])
                for relation, link in response.links.items()
                if "url" in link
            },
        )

    def _exchange(
        self, method: str, url: str, body: Any, status: int, text: str, *, error: str = ""
    ) -> dict[str, Any]:
        parts = urlsplit(url)
        if not self.ours:
            text = without_people(text)
        sent = json.dumps(body, ensure_ascii=False) if body is not None else ""
        clipped = error or text[:BODY_CHARACTERS]
        return {
            "fake": self.fake,
            "method": method,
            "path": parts.path,
            "query": parts.query,
            "status": status,
            "request": sent[:BODY_CHARACTERS],
            "response": clipped + ("…" if len(text) > BODY_CHARACTERS else ""),
        }

    def close(self) -> None:
        """Close its connections."""
        self._transport.close()


def _shown(url: str) -> str:
    parts = urlsplit(url)
    return parts.path + (f"?{parts.query}" if parts.query else "")


def fell_short(reason: str, *, expected: str, received: str, answers: Sequence[Answer]) -> Unmet:
    """Make the exception that counts against a peer, with the answers that show it."""
    return Unmet(
        reason,
        expected=expected,
        received=received,
        exchanges=[answer.exchange for answer in answers],
    )
