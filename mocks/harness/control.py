"""The control plane: a contract of its own, served like a fake and never journaled."""

import contextlib
import hmac
from collections.abc import Callable, Mapping, Sequence
from http.cookies import CookieError, SimpleCookie
from pathlib import Path
from types import ModuleType
from typing import Any

from homeroom.mocks.district import District, DistrictError
from homeroom.mocks.harness import control_operations, journal_operations, snapshot_operations
from homeroom.mocks.harness.fake import Fake
from homeroom.mocks.harness.request import Answer, Refusal, Request, VendorError
from homeroom.mocks.harness.space import Space, Spaces, World

CONSOLE_OPERATIONS = frozenset({"streamJournal"})
"""What the console's cookie opens: reading only."""


class ControlPlane(Fake):
    """Serves the calls of interface.md section 3; each fake adds the handlers of its own calls."""

    name = "control"
    in_space = False
    contract = Path(__file__).with_name("openapi.yaml")

    def __init__(
        self,
        spaces: Spaces,
        token: str,
        document: Callable[[Space], dict[str, Any]],
        handlers: Sequence[ModuleType],
        contracts: Mapping[str, Callable[[], dict[str, Any]]],
    ) -> None:
        self.spaces, self.token, self.space_document, self.contracts = (
            spaces,
            token,
            document,
            contracts,
        )
        self.handlers = (control_operations, journal_operations, snapshot_operations, *handlers)
        self.serves_tls = False
        """Whether the fakes speak TLS, so that handshakes can be hit."""
        self.stopping: Callable[[], bool] = lambda: False
        """Whether the process is about to end: streams end then."""
        self.console_session: Callable[[], str] = str
        """What a browser's cookie must hold to read streams, for which it can send no header."""

    def new_world(self, space: Space, district: District) -> World:
        """The control plane has no world: it holds the spaces."""
        raise NotImplementedError

    def document(self, space: Space, origin: str) -> Mapping[str, Any]:
        """The control plane's entry of the space document."""
        return {"url": f"{origin}{'/__control__'}", "token": self.token}

    def authenticate(self, request: Request) -> None:
        """Check token and origin, and bind the space that the path names."""
        origin = request.headers.get("origin")
        if origin is not None and origin != f"{request.scheme}://{request.host}":
            raise Refusal(status=403, reason="scope", detail=f"requests from {origin} are refused")
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        is_bearer = scheme.lower() == "bearer" and _same(token.strip(), self.token)
        if not is_bearer and not self._is_console(request):
            raise Refusal(
                status=401,
                reason="credentials",
                detail="send Authorization: Bearer <control.token> of the space document",
            )
        if "space" in request.arguments:
            request.space = self.spaces.get(request.arguments["space"])

    def _is_console(self, request: Request) -> bool:
        session = self.console_session()
        if not session or request.operation_id not in CONSOLE_OPERATIONS:
            return False
        with contextlib.suppress(CookieError):
            cookies = SimpleCookie(request.headers.get("cookie", ""))
            return any(_same(morsel.value, session) for morsel in cookies.values())
        return False

    def refuse(self, request: Request, refusal: Refusal) -> Answer:
        """Say what is wrong in one JSON object: error, and the field where there is one."""
        headers = {"Allow": ", ".join(refusal.allow)} if refusal.allow else {}
        if refusal.status == 401:
            headers["WWW-Authenticate"] = 'Bearer realm="homeroom"'
        body: dict[str, Any] = {"error": refusal.detail}
        if refusal.reason == "body" and (known := self._fields_of(request.operation_id)):
            body["error"] += f"; fields are: {', '.join(known)}"
        if refusal.parameter:
            body["field"] = refusal.parameter
        return body, refusal.status, headers

    def _fields_of(self, operation_id: str | None) -> list[str]:
        """Return the fields that an operation's body may have, none where all may stand."""
        for item in self.contracts[self.name]()["paths"].values():
            for described in item.values():
                if isinstance(described, dict) and described.get("operationId") == operation_id:
                    content = described.get("requestBody", {}).get("content", {})
                    schema = content.get("application/json", {}).get("schema", {})
                    return sorted(schema.get("properties", {}))
        return []


def _same(given: str, expected: str) -> bool:
    return hmac.compare_digest(given.encode(), expected.encode())


def refuse_value(field: str, value: Any, why: str) -> VendorError:
    """Make the control plane's 422: field, value and remedy."""
    return VendorError(422, {"error": f"{field}: {value!r} {why}", "field": field, "value": value})


def refuse_names(unknown: Sequence[str], known: Sequence[str]) -> VendorError:
    """Make the control plane's 422 for names that do not exist, with those that do."""
    return VendorError(
        422,
        {
            "error": f"unknown: {', '.join(unknown)}; known are: {', '.join(sorted(known))}",
            "known": sorted(known),
        },
    )


__all__ = ["ControlPlane", "DistrictError", "refuse_names", "refuse_value"]
