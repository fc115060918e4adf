"""A request as its sender made it, and the answer that a handler gives."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import cached_property
from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

if TYPE_CHECKING:
    from homeroom.mocks.harness.fake import Fake
    from homeroom.mocks.harness.faults.rule import FaultRule
    from homeroom.mocks.harness.space import Space

Body = bytes | str | dict[str, Any] | list[Any] | None
"""`bytes` and `str` are sent as they are; anything else is encoded as JSON; None is no body."""

Answer = tuple[Body, int, Mapping[str, str]] | tuple[Body, int] | dict[str, Any] | list[Any] | bytes
"""What a handler returns: a body, with its status (200) and headers where they matter."""


@dataclass(slots=True, frozen=True)
class Upload:
    """One file field of a multipart form."""

    name: str
    filename: str
    content_type: str
    content: bytes


@dataclass(kw_only=True)
class Request:
    """One HTTP request. URLs are as sent: prefix, `%2F` and trailing slash included."""

    method: str
    scheme: str
    host: str
    """Authority of the URL, with the port where it was given."""
    prefix: str
    """The space's path prefix, such as `/s/k3x9`, or nothing in the default space."""
    raw_path: str
    """Path as sent, still percent-encoded, prefix included."""
    query_string: str
    headers: Mapping[str, str]
    """Names in lower case."""
    space: "Space"
    fake: "Fake"
    """The fake it was sent to."""
    body: bytes = b""
    is_observer: bool = False
    """Whether it only looks on, with the control plane's token: not journaled, no fault hits it."""
    operation_id: str | None = None
    scopes: tuple[str, ...] = ()
    """Scopes any one of which the contract asks for."""
    client: str | None = None
    """Who asks, once authenticated: a client id or a token's label, never a secret."""
    principal: Any = None
    """What the fake's `authenticate` returned: rights and identity of the caller."""
    arguments: dict[str, Any] = field(default_factory=dict[str, Any])
    files: list[Upload] = field(default_factory=list[Upload])
    faults: "Sequence[FaultRule]" = ()
    """Fault rules that hit this request."""
    stream: "AsyncIterator[bytes] | None" = None
    """Set by a handler whose answer is written while it is sent; its body is then None."""
    notes: dict[str, Any] = field(default_factory=dict[str, Any])
    """What steps of one request tell each other, such as warnings to add to the answer."""

    @property
    def origin(self) -> str:
        """Scheme, authority and space prefix: every absolute URL in an answer begins with it."""
        return f"{self.scheme}://{self.host}{self.prefix}"

    @property
    def url(self) -> str:
        """The URL as sent, without its query."""
        return f"{self.scheme}://{self.host}{self.raw_path}"

    @cached_property
    def query(self) -> list[tuple[str, str]]:
        """Query parameters in order, decoded; `+` is a blank; blank values are kept."""
        return parse_qsl(self.query_string, keep_blank_values=True, errors="replace")

    @property
    def content_type(self) -> str:
        """Media type of the body in lower case, without parameters; empty when not given."""
        return self.headers.get("content-type", "").split(";", 1)[0].strip().lower()


_current: ContextVar[Request] = ContextVar("homeroom_request")


def current_request() -> Request:
    """Return the request being answered."""
    return _current.get()


def bind_request(request: Request) -> None:
    """Make `request` the one that `current_request` and `current_space` speak of."""
    _current.set(request)


def current_space() -> "Space":
    """Return the space that the request being answered belongs to."""
    return _current.get().space


@dataclass(kw_only=True)
class Refusal(Exception):  # noqa: N818 -- an answer, not a fault
    """A request that the contract or the door refuses; each fake says it in its own shape."""

    status: int
    reason: str
    """One of: route, method, credentials, scope, parameter, body, media-type, not-implemented,
    crash, space."""
    detail: str
    parameter: str | None = None
    """Name of the offending parameter or dotted path in the body."""
    value: Any = None
    allow: tuple[str, ...] = ()
    """Methods that the path does have, for a 405."""

    def __str__(self) -> str:
        return f"{self.status} {HTTPStatus(self.status).phrase}: {self.detail}"


class VendorError(Exception):
    """An answer other than success that a handler gives by raising, already in vendor shape."""

    def __init__(self, status: int, body: Body, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(f"{status}: {body!r}")
        self.status, self.body, self.headers = status, body, dict(headers or {})
