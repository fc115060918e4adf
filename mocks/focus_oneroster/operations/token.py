"""OAuth 2 client credentials: the token endpoint, in RFC 6749's shapes and with Focus's keys.

Source: OneRoster reference, section 5.2; Focus reference, section 2.2.
"""

import base64
import binascii
from collections.abc import Mapping
from typing import Any, cast
from urllib.parse import unquote_plus

from homeroom.mocks.focus_oneroster.context import current_world
from homeroom.mocks.focus_oneroster.tokens import SCOPES, Client, Principal, is_secret
from homeroom.mocks.harness.clock import iso_millis
from homeroom.mocks.harness.request import Answer, Request, VendorError, current_request

_NO_STORE = {"Cache-Control": "no-store", "Pragma": "no-cache"}


def token_refusal(
    status: int, error: str, description: str, headers: Mapping[str, str] | None = None
) -> VendorError:
    """Make an error of the token endpoint: RFC 6749, section 5.2."""
    body = {"error": error, "error_description": description}
    return VendorError(status, body, {**_NO_STORE, **(headers or {})})


async def create_token(body: dict[str, Any] | None = None) -> Answer:
    """Answer createToken: a new token, or by setting the one the client still has."""
    request, world = current_request(), current_world()
    asked = {name: value for name, value in request.query if value} | (body or {})
    grant_type = asked.get("grant_type")
    if not grant_type:
        raise token_refusal(400, "invalid_request", "grant_type is missing")
    client = _authenticate(request, asked)
    request.client = client.client_id
    if grant_type != "client_credentials":
        raise token_refusal(
            400, "unsupported_grant_type", f"grant_type {grant_type} is not client_credentials"
        )
    if client.auth == "oauth1":
        raise token_refusal(400, "unauthorized_client", "this client signs with OAuth 1.0a")
    scopes = _granted(client, str(asked.get("scope") or "*"))
    now, settings, tokens = world.now(), world.settings, world.tokens
    token = tokens.find_live(client, scopes, now=now) if settings.same_token_returned else None
    if token is None:
        if settings.new_token_kills_older:
            tokens.revoke_all(client)
        token = tokens.issue(client, scopes, now=now, lifetime_s=settings.token_lifetime_s)
    return (
        {
            "request_id": tokens.next_request_id(),
            "access_token": token.text,
            "token_type": "bearer",
            "expiration": iso_millis(token.expires),
            "expires_in": max(0, int((token.expires - now).total_seconds())),
            "scope": "*" if asked.get("scope") == "*" else " ".join(_ordered(scopes)),
        },
        200,
        _NO_STORE,
    )


async def delete_token() -> Answer:
    """Answer deleteToken: the token that the request carries is dead from now on."""
    principal = cast("Principal", current_request().principal)
    if principal.token is not None:
        current_world().tokens.revoke(principal.token.text)
    return None, 204


def _authenticate(request: Request, asked: Mapping[str, Any]) -> Client:
    """Find the client by its key and secret, in the header or else in the form or query."""
    scheme, _, given = request.headers.get("authorization", "").partition(" ")
    pairs: list[tuple[str, str]] = []
    if scheme.lower() == "basic":
        try:
            text = base64.b64decode(given.strip(), validate=True).decode()
        except (binascii.Error, UnicodeDecodeError):
            raise _invalid_client() from None
        key, _, secret = text.partition(":")
        # RFC 6749 has both form-encoded before they are joined; many clients do not.
        pairs = [(key, secret), (unquote_plus(key), unquote_plus(secret))]
    elif asked.get("client_id"):
        pairs = [(str(asked["client_id"]), str(asked.get("client_secret") or ""))]
    clients = current_world().clients
    for key, secret in pairs:
        client = clients.get(key)
        if client is not None and is_secret(client, secret):
            return client
    raise _invalid_client()


def _invalid_client() -> VendorError:
    return token_refusal(
        401,
        "invalid_client",
        "unknown client_id or wrong client_secret",
        {"WWW-Authenticate": 'Basic realm="focus"'},
    )


def _granted(client: Client, scope: str) -> frozenset[str]:
    """Return the scopes a token gets: those asked for that the client has."""
    asked = scope.split()
    unknown = [name for name in asked if name != "*" and name not in SCOPES]
    if unknown:
        raise token_refusal(400, "invalid_scope", f"unknown scope {unknown[0]}")
    if "*" in asked:
        return client.scopes
    granted = client.scopes.intersection(asked)
    if not granted:
        raise token_refusal(400, "invalid_scope", f"this client has none of {' '.join(asked)}")
    return granted


def _ordered(scopes: frozenset[str]) -> list[str]:
    return [scope for scope in SCOPES if scope in scopes]
