"""What a district hands over: addresses, keys and secrets, checked before anything is stored.

Source: a district gets API URL, client key and client secret from Focus, and gives them through a
secure link; the method, OAuth 2.0 or 1.0a, is fixed for a connection.
"""

import re
from collections.abc import Mapping
from ipaddress import ip_address
from typing import Literal
from urllib.parse import urlsplit

import msgspec

from homeroom.reference.errors import FatalError

Side = Literal["oneroster", "canvas"]
LONGEST = 2048
COLLECTION = re.compile(r"/(orgs|schools|users|classes|courses|enrollments|api/v1)/?$")


class ProviderCredentials(msgspec.Struct, frozen=True, kw_only=True):
    """A OneRoster provider."""

    base_url: str
    token_url: str
    auth: Literal["oauth2", "oauth1"]
    client_id: str
    client_secret: str

    def __repr__(self) -> str:
        return f"ProviderCredentials({self.base_url})"


class CanvasCredentials(msgspec.Struct, frozen=True, kw_only=True):
    """A Canvas root account."""

    base_url: str
    token: str

    def __repr__(self) -> str:
        return f"CanvasCredentials({self.base_url})"


Credentials = ProviderCredentials | CanvasCredentials


class CredentialsError(FatalError):
    """Something entered cannot be right; `problems` says what, by field, and repeats no secret."""

    def __init__(self, problems: Mapping[str, str]) -> None:
        super().__init__("; ".join(f"{field}: {problem}" for field, problem in problems.items()))
        self.problems = dict(problems)


def parse_provider(given: Mapping[str, str], *, private: bool = False) -> ProviderCredentials:
    """Check what a district entered for its provider.

    Args:
        given: `base_url`, `token_url` (blank: `/token` under the base), `auth`, `client_id`,
            `client_secret`; blanks around values are a copy's and are dropped.
        private: Allow peers on loopback and private networks, and plain HTTP to loopback.

    Raises:
        CredentialsError: Names every field that cannot be right.
    """
    problems: dict[str, str] = {}
    base_url = _address(given, "base_url", problems, private=private)
    token_url = f"{base_url}/token"
    if _text(given, "token_url"):
        token_url = _address(given, "token_url", problems, private=private)
    auth = _text(given, "auth") or "oauth2"
    if auth not in {"oauth2", "oauth1"}:
        problems["auth"] = "is oauth2 or oauth1"
    client_id = _secret(given, "client_id", problems)
    client_secret = _secret(given, "client_secret", problems)
    if client_id and client_id == client_secret:
        problems |= {"client_secret": "is the same as the key: copy each from its own field"}
    if problems:
        raise CredentialsError(problems)
    return ProviderCredentials(
        base_url=base_url,
        token_url=token_url,
        auth="oauth1" if auth == "oauth1" else "oauth2",
        client_id=client_id,
        client_secret=client_secret,
    )


def parse_canvas(given: Mapping[str, str], *, private: bool = False) -> CanvasCredentials:
    """Check what was entered for a Canvas: `base_url` and `token`. Raises CredentialsError."""
    problems: dict[str, str] = {}
    base_url = _address(given, "base_url", problems, private=private)
    token = _secret(given, "token", problems)
    if problems:
        raise CredentialsError(problems)
    return CanvasCredentials(base_url=base_url, token=token)


def _text(given: Mapping[str, str], field: str) -> str:
    return (given.get(field) or "").strip()


def _secret(given: Mapping[str, str], field: str, problems: dict[str, str]) -> str:
    value = _text(given, field)
    if not value:
        problems[field] = "is missing"
    elif len(value) > LONGEST:
        problems[field] = f"is longer than {LONGEST} characters: too much was copied"
    elif re.match(r"https?://", value):
        problems[field] = "is an address: copy the value beside it"
    elif not re.fullmatch(r"[!-~]+", value):
        problems[field] = "has blanks, or characters that no key has: copy it again"
    else:
        return value
    return ""


def _address(
    given: Mapping[str, str], field: str, problems: dict[str, str], *, private: bool
) -> str:
    value = _text(given, field).rstrip("/")
    problem = _address_problem(value, private=private)
    if problem:
        problems[field] = problem
    return value


def _address_problem(value: str, *, private: bool) -> str:
    if not value:
        return "is missing"
    if len(value) > LONGEST or not re.fullmatch(r"[!-~]+", value):
        return "is no address: there are blanks in it, or characters that no address has"
    try:
        parts = urlsplit(value)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        return "is no address; one looks like https://district.focusschoolsoftware.com/..."
    if parts.scheme not in {"http", "https"} or not host:
        return "begins with https:// and a host"
    if parts.username is not None or parts.password is not None:
        return "holds credentials: they have fields of their own"
    if parts.query or parts.fragment or "?" in value or "#" in value:
        return "ends before any ? or #"
    if COLLECTION.search(parts.path):
        return "is that of one collection: leave its last part off"
    if parts.scheme == "http" and not (private and is_loopback(host)):
        return "begins with https://: secrets are not sent in the clear"
    if not private and is_private(host):
        return "leads to this machine or into a private network"
    return ""


def is_loopback(host: str) -> bool:
    """Whether a host's name or address is this machine's own."""
    if host.rstrip(".").lower() == "localhost" or host.lower().endswith(".localhost"):
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def is_private(host: str) -> bool:
    """Whether a host's name or address is none of the public internet's, as far as it shows."""
    if is_loopback(host):
        return True
    try:
        return not ip_address(host).is_global
    except ValueError:
        # Also how resolvers read "2130706433" and "0x7f.1": as addresses.
        return re.fullmatch(r"[0-9.]+|0x[0-9a-fx.]+", host.lower()) is not None
