"""The token endpoint. No developer key can be made here, so it only ever refuses or revokes."""

from homeroom.mocks.canvas.params import text
from homeroom.mocks.canvas.tokens import Token
from homeroom.mocks.canvas.world import current_world
from homeroom.mocks.harness.request import Answer, VendorError, current_request

GRANTS = ("authorization_code", "refresh_token", "client_credentials")
CHALLENGE = {"WWW-Authenticate": "Canvas OAuth 2.0"}


async def create_oauth_token() -> Answer:
    """Answer createOauthToken: every client is unknown."""
    if text("grant_type") not in GRANTS:
        raise VendorError(
            400,
            {
                "error": "unsupported_grant_type",
                "error_description": "The grant_type you requested is not currently supported",
            },
        )
    raise VendorError(
        401, {"error": "invalid_client", "error_description": "unknown client"}, CHALLENGE
    )


async def delete_oauth_token() -> Answer:
    """Answer deleteOauthToken: the token that asks is revoked."""
    world, token = current_world(), current_request().notes["token"]
    world.tokens[token] = Token(world.tokens[token].principal, revoked=True)
    return {}
