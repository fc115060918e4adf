"""OAuth 1.0a as OneRoster 1.1 uses it: a signature by key and secret, no tokens.

Source: OneRoster reference, section 5.1; RFC 5849. The timestamp window is Canvas's guidance, which
is not symmetric, so oauthlib's own check cannot be used; its URL normalisation is.
"""

import base64
import hashlib
import hmac
import re
from collections import Counter
from collections.abc import Callable, Sequence
from urllib.parse import unquote

from oauthlib.oauth1.rfc5849.signature import base_string_uri
from oauthlib.oauth1.rfc5849.utils import escape

PAST_S = 10 * 60
FUTURE_S = 5 * 60
METHODS = {"HMAC-SHA1": "sha1", "HMAC-SHA256": "sha256", "HMAC-SHA2": "sha256"}
"""The hash of each signature method; the last is a name that Microsoft's sample takes too."""
_REQUIRED = (
    "oauth_consumer_key",
    "oauth_signature_method",
    "oauth_timestamp",
    "oauth_nonce",
    "oauth_signature",
)
# What stands between commas; a quoted value, such as a realm, may hold one.
_PART = re.compile(r'(?:[^,"]|"[^"]*"?)+')
Pairs = Sequence[tuple[str, str]]


class SignatureError(ValueError):
    """A request whose signature is malformed (400) or not good (401)."""

    def __init__(self, status: int, description: str) -> None:
        super().__init__(description)
        self.status, self.description = status, description


class Nonces:
    """The nonces seen within the window of timestamps."""

    def __init__(self) -> None:
        self._seen: dict[tuple[str, int, str], None] = {}
        self._next_sweep = 0.0

    def is_new(self, key: str, timestamp: int, nonce: str, *, now: float) -> bool:
        """Remember a nonce; return whether it was seen for the first time."""
        if now >= self._next_sweep:
            oldest = int(now) - PAST_S
            self._seen = {entry: None for entry in self._seen if entry[1] >= oldest}
            self._next_sweep = now + 60
        entry = (key, timestamp, nonce)
        if entry in self._seen:
            return False
        self._seen[entry] = None
        return True


def parse_authorization(header: str) -> list[tuple[str, str]]:
    """Read the parameters of an `Authorization: OAuth` header; raises SignatureError."""
    pairs: list[tuple[str, str]] = []
    for part in _PART.findall(header):
        name, equals, value = part.strip().partition("=")
        if not equals:
            if name:
                raise SignatureError(400, f"Malformed Authorization header: {name}")
            continue
        pairs.append((unquote(name.strip()), unquote(value.strip().strip('"'))))
    return [(name, value) for name, value in pairs if name != "realm"]


def verify(
    *,
    method: str,
    url: str,
    query: Pairs,
    header: str | None,
    body: bytes,
    secret_of: Callable[[str], str | None],
    now: float,
    nonces: Nonces,
) -> str:
    """Check the signature of a request and return the key that signed it.

    Args:
        method: The HTTP method.
        url: The URL as sent, without its query.
        query: The query's parameters, decoded, in order.
        header: What follows `OAuth ` in Authorization, None when the query carries the signature.
        body: The body; it is signed by `oauth_body_hash` alone, and only where that is sent.
        secret_of: Finds a key's secret.
        now: Seconds since 1970 by the clock that timestamps are judged by.
        nonces: The nonces seen so far.

    Raises:
        SignatureError: 400 when the parameters are malformed, 401 when they are not good.
    """
    in_header = parse_authorization(header) if header is not None else []
    given = in_header or [pair for pair in query if pair[0].startswith("oauth_")]
    oauth = _check_parameters(given)
    key, sign = oauth["oauth_consumer_key"], METHODS[oauth["oauth_signature_method"]]
    secret = secret_of(key)
    if secret is None:
        raise SignatureError(401, f"Unknown consumer key {key}")
    timestamp = int(oauth["oauth_timestamp"])
    # Timestamps are whole seconds: one of exactly ten minutes ago is within the window.
    if not int(now) - PAST_S <= timestamp <= now + FUTURE_S:
        raise SignatureError(401, f"Timestamp refused: {timestamp} is not near {int(now)}")
    signed = [pair for pair in (*query, *in_header) if pair[0] != "oauth_signature"]
    base = "&".join(
        (
            _escape(method.upper()),
            _escape(base_string_uri(url)),
            _escape(_normalised(signed)),
        )
    )
    digest = hmac.new(f"{_escape(secret)}&".encode(), base.encode(), sign).digest()
    expected = base64.b64encode(digest)
    if not hmac.compare_digest(expected, oauth["oauth_signature"].encode()):
        raise SignatureError(401, "Signature mismatch")
    body_hash = oauth.get("oauth_body_hash")
    if body_hash is not None:
        wanted = base64.b64encode(hashlib.new(sign, body).digest())
        if not hmac.compare_digest(wanted, body_hash.encode()):
            raise SignatureError(401, "Body hash mismatch")
    if not nonces.is_new(key, timestamp, oauth["oauth_nonce"], now=now):
        raise SignatureError(401, "Nonce already used")
    return key


def _check_parameters(given: Pairs) -> dict[str, str]:
    counts = Counter(name for name, _ in given)
    twice = sorted(name for name, count in counts.items() if count > 1)
    if twice:
        raise SignatureError(400, f"Duplicate parameter: {twice[0]}")
    oauth = dict(given)
    missing = [name for name in _REQUIRED if not oauth.get(name)]
    if missing:
        raise SignatureError(400, f"Missing parameter: {missing[0]}")
    if oauth["oauth_signature_method"] not in METHODS:
        raise SignatureError(
            400, f"Unsupported signature method: {oauth['oauth_signature_method']}"
        )
    if oauth.get("oauth_version", "1.0") != "1.0":
        raise SignatureError(400, f"Unsupported version: {oauth['oauth_version']}")
    timestamp = oauth["oauth_timestamp"]
    if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= 12):
        raise SignatureError(400, f"Malformed timestamp: {timestamp}")
    return oauth


def _escape(text: str) -> str:
    return str(escape(text))


def _normalised(pairs: Pairs) -> str:
    """Write parameters as RFC 5849, section 3.4.1.3.2 has them: encoded, then sorted."""
    return "&".join(
        f"{name}={value}"
        for name, value in sorted((_escape(name), _escape(value)) for name, value in pairs)
    )
