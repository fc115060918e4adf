"""Partners' keys and the access tokens they were handed; both live by the space's clock.

Source: OneRoster reference, section 5.2; Focus reference, sections 2.1 to 2.3.
"""

import hmac
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

SCOPE_PREFIX = "https://purl.imsglobal.org/spec/or/v1p1/scope/"
SCOPES = tuple(
    SCOPE_PREFIX + name
    for name in (
        "roster-core.readonly",
        "roster.readonly",
        "roster-demographics.readonly",
        "resource.readonly",
        "gradebook.readonly",
        "gradebook.createput",
        "gradebook.delete",
    )
)


@dataclass(frozen=True, kw_only=True)
class Client:
    """A partner's record under Third Party Systems."""

    client_id: str
    client_secret: str = field(repr=False)
    scopes: frozenset[str] = frozenset(SCOPES)
    auth: str | None = None
    """`oauth1` or `oauth2` where it may use that alone."""
    schools: frozenset[str] | None = None
    """The schools it may see; None is all of them."""


@dataclass(frozen=True, kw_only=True)
class Token:
    """A bearer token."""

    text: str = field(repr=False)
    client: Client
    scopes: frozenset[str]
    expires: datetime


@dataclass(frozen=True, kw_only=True)
class Principal:
    """Who asks, and how far that reaches."""

    client: Client
    scopes: frozenset[str]
    token: Token | None = None


class Tokens:
    """The live tokens of one space; any number a client."""

    def __init__(self, earlier: Mapping[str, Token] | None = None) -> None:
        """`earlier` are those of before a reset: they open doors, but are not handed out again."""
        self._earlier = dict(earlier or {})
        self._tokens: dict[str, Token] = {}
        self._issued = 0

    def next_request_id(self) -> int:
        """Return the number of the next token request."""
        self._issued += 1
        return self._issued

    def issue(
        self, client: Client, scopes: frozenset[str], *, now: datetime, lifetime_s: int
    ) -> Token:
        """Make a new token."""
        token = Token(
            text=secrets.token_hex(32),
            client=client,
            scopes=scopes,
            expires=now + timedelta(seconds=lifetime_s),
        )
        self._tokens[token.text] = token
        return token

    def find(self, text: str) -> Token | None:
        """Return the token of a text, expired or not, or None."""
        return self._tokens.get(text) or self._earlier.get(text)

    def texts(self) -> set[str]:
        """Return every token there is."""
        return {*self._earlier, *self._tokens}

    def kept(self, *, until: datetime) -> "Tokens":
        """Return what a reset leaves: no token handed out yet, and those there are still good."""
        every = {**self._earlier, **self._tokens}
        return Tokens(
            {
                text: replace(token, expires=min(token.expires, until))
                for text, token in every.items()
            }
        )

    def find_live(self, client: Client, scopes: frozenset[str], *, now: datetime) -> Token | None:
        """Return a client's live token for the same scopes, or None."""
        for token in self._tokens.values():
            if token.client == client and token.scopes == scopes and token.expires > now:
                return token
        return None

    def revoke(self, text: str) -> None:
        """End one token."""
        self._tokens.pop(text, None)
        self._earlier.pop(text, None)

    def revoke_all(self, client: Client | None = None) -> None:
        """End a client's tokens, or everybody's."""
        for tokens in (self._tokens, self._earlier):
            for text, token in list(tokens.items()):
                if client is None or token.client == client:
                    del tokens[text]


def is_secret(client: Client, given: str) -> bool:
    """Compare a secret in constant time."""
    return hmac.compare_digest(client.client_secret.encode(), given.encode())
