"""Who asks: bearer tokens and OAuth 1.0a signatures, and the scopes that operations ask for.

Source: OneRoster reference, sections 4.1 and 5; scopes are those of the contract's `security`.
"""

import time

from homeroom.mocks.focus_oneroster import oauth1
from homeroom.mocks.focus_oneroster.errors import failure
from homeroom.mocks.focus_oneroster.tokens import SCOPE_PREFIX, Client, Principal
from homeroom.mocks.focus_oneroster.world import FocusWorld
from homeroom.mocks.harness.request import Request, VendorError

_BEARER = 'Bearer realm="focus"'
_OAUTH = 'OAuth realm="focus"'


def authenticate(request: Request, world: FocusWorld) -> None:
    """Set the request's client and principal; raises VendorError with 400, 401 or 403."""
    header = request.headers.get("authorization", "")
    scheme, _, rest = header.partition(" ")
    match scheme.lower():
        case "bearer":
            principal = _from_token(rest.strip(), world)
        case "oauth":
            principal = _from_signature(request, rest, world)
        case "" if any(name == "oauth_signature" for name, _ in request.query):
            principal = _from_signature(request, None, world)
        case "":
            raise _unauthorized("Credentials are missing", _BEARER)
        case _:
            raise _unauthorized(f"Authorization {scheme} is not supported", _BEARER)
    request.client, request.principal = principal.client.client_id, principal
    if request.scopes and principal.scopes.isdisjoint(request.scopes):
        wanted = " or ".join(scope.removeprefix(SCOPE_PREFIX) for scope in request.scopes)
        raise failure(403, "forbidden", f"Scope {wanted} required")


def _from_token(text: str, world: FocusWorld) -> Principal:
    token = world.tokens.find(text)
    if token is None:
        raise _unauthorized("Unknown token", f'{_BEARER}, error="invalid_token"')
    if token.expires <= world.now():
        raise _unauthorized("Token expired", f'{_BEARER}, error="invalid_token"')
    return Principal(client=token.client, scopes=token.scopes, token=token)


def _from_signature(request: Request, header: str | None, world: FocusWorld) -> Principal:
    def secret_of(key: str) -> str | None:
        client = world.clients.get(key)
        return client.client_secret if client is not None and client.auth != "oauth2" else None

    by_machine = world.settings.oauth1_clock == "machine"
    try:
        key = oauth1.verify(
            method=request.method,
            url=request.url,
            query=request.query,
            header=header,
            body=request.body,
            secret_of=secret_of,
            now=time.time() if by_machine else world.now().timestamp(),
            nonces=world.nonces,
        )
    except oauth1.SignatureError as error:
        if error.status == 400:
            raise failure(400, "invalid data", error.description) from None
        raise _unauthorized(error.description, _OAUTH) from None
    client: Client = world.clients[key]
    return Principal(client=client, scopes=client.scopes)


def _unauthorized(description: str, challenge: str) -> VendorError:
    return failure(401, "unauthorized", description, headers={"WWW-Authenticate": challenge})
