"""The service's API from the command line: one call each, by an admin's token."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

import msgspec

from homeroom.reference.errors import FatalError, SyncError
from homeroom.reference.onboarding.credentials import is_loopback
from homeroom.reference.onboarding.vault import read_private
from homeroom.reference.transport import Bearer, Transport

URL_VARIABLE = "HOMEROOM_SERVICE_URL"
TOKEN_VARIABLE = "HOMEROOM_SERVICE_TOKEN"  # noqa: S105 - the name of a variable
ATTEMPTS = 2


class RefusedError(SyncError):
    """The service refused a call; the text is its own, with a remedy."""


class Client:
    """A running service, as one admin reaches it."""

    def __init__(self, url: str, token: str) -> None:
        """Take its address, such as http://127.0.0.1:8443, and an admin's token."""
        self._transport = Transport(f"{url.rstrip('/')}/api/v1", Bearer(token), attempts=ATTEMPTS)

    def ask(self, method: str, *segments: str, body: Any = None, query: Any = None) -> Any:
        """Send one call and give its document.

        Raises:
            RefusedError: The service refuses it.
            FatalError: There is no service at that address.
            RetryableError: It does not answer.
        """
        path = "/".join(quote(segment, safe="") for segment in segments)
        # Only reading is repeated where the first try may have done something.
        answer = self._transport.request(
            method, path, json=body, params=query, idempotent=method in {"GET", "PUT"}
        )
        try:
            document = msgspec.json.decode(answer.content)
        except msgspec.MsgspecError:
            raise FatalError(f"{self._transport.base_url} is no Homeroom service") from None
        if answer.status_code >= 400:
            detail = document.get("detail") if isinstance(document, dict) else None
            raise RefusedError(detail or f"HTTP {answer.status_code}")
        return document

    def close(self) -> None:
        """Close its connections."""
        self._transport.close()


def find_client(environ: Mapping[str, str], url: str | None, token_file: Path | None) -> Client:
    """Find the service and the token to use.

    Raises:
        FatalError: One is not given, or the token would go over the network in the clear.
    """
    where = url or environ.get(URL_VARIABLE)
    if not where:
        raise FatalError(f"which service? Give --url, or set {URL_VARIABLE}")
    scheme, _, rest = where.partition("://")
    host = rest.partition("/")[0].rpartition(":")[0] or rest.partition("/")[0]
    if scheme != "https" and not (scheme == "http" and is_loopback(host.strip("[]"))):
        raise FatalError(f"{where} does not begin with https://: tokens are not sent in the clear")
    token = environ.get(TOKEN_VARIABLE, "")
    if token_file is not None:
        first = read_private(token_file).strip().partition(os.linesep)[0]
        token = first.partition("=")[2] or first
    if not token:
        raise FatalError(f"whose token? Give --token-file, or set {TOKEN_VARIABLE}")
    return Client(where, token)
