"""Providers that let in whom they should not, or keep out whom they should."""

import json
from collections.abc import Mapping
from typing import Any

from homeroom.features.subjects.tampering.wire import Pairs, Tamper
from homeroom.reference.transport import Response


class WantsNoKey(Tamper):
    """Nobody is asked for a key."""

    name = "wants-no-key"

    def __init__(self) -> None:
        self._last: str = ""

    def headers(self, path: str, headers: Mapping[str, str]) -> Mapping[str, str]:
        if "Authorization" in headers and path != "token" and not self._last:
            self._last = headers["Authorization"]
        return headers if "Authorization" in headers or path == "token" or not self._last else {
            **headers, "Authorization": self._last}  # fmt: skip


class TakesAnyToken(Tamper):
    """Any token will do."""

    name = "takes-any-token"

    def status(self, method: str, path: str, status: int, body: Any) -> int:
        forged = status == 401 and "Unknown token" in json.dumps(body)
        return 200 if forged else status


class TakesAnySecret(Tamper):
    """Any secret will do."""

    name = "takes-any-secret"

    def status(self, method: str, path: str, status: int, body: Any) -> int:
        return 200 if path == "token" and status == 401 else status


class LifelongTokens(Tamper):
    """Tokens say no lifetime."""

    name = "lifelong-tokens"

    def _altered(self, method: str, path: str, pairs: Pairs, response: Response) -> Response:
        made = super()._altered(method, path, pairs, response)
        if path != "token":
            return made
        body = {name: value for name, value in made.json().items() if name != "expires_in"}
        return Response(made.status_code, json=body, request=response.request)


class TakesOldTokens(Tamper):
    """Expired tokens open."""

    name = "takes-old-tokens"

    def status(self, method: str, path: str, status: int, body: Any) -> int:
        expired = status == 401 and "Token expired" in json.dumps(body)
        return 200 if expired and path == "orgs" else status


class IgnoresScopes(Tamper):
    """A token reads what it was not given for."""

    name = "ignores-scopes"

    def status(self, method: str, path: str, status: int, body: Any) -> int:
        return 200 if status == 403 else status


class RefusesSignatures(Tamper):
    """Signed requests with blanks are refused."""

    name = "refuses-signatures"

    def _altered(self, method: str, path: str, pairs: Pairs, response: Response) -> Response:
        made = super()._altered(method, path, pairs, response)
        signed = response.request.headers.get("Authorization", "").startswith("OAuth")
        if signed and any(" " in value for _, value in pairs):
            return Response(401, json={}, request=response.request)
        return made


class TakesAnySignature(Tamper):
    """Any signature will do."""

    name = "takes-any-signature"

    def status(self, method: str, path: str, status: int, body: Any) -> int:
        return 200 if status == 401 and "ignature" in json.dumps(body) else status


class TakesReplays(Tamper):
    """A signed request counts as often as it is sent."""

    name = "takes-replays"

    def status(self, method: str, path: str, status: int, body: Any) -> int:
        return 200 if status == 401 and "once" in json.dumps(body) else status


class TakesOldSignatures(Tamper):
    """A signature never grows old."""

    name = "takes-old-signatures"

    def status(self, method: str, path: str, status: int, body: Any) -> int:
        return 200 if status == 401 and "imestamp" in json.dumps(body) else status
