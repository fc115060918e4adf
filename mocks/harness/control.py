"""The control plane: a contract of its own, served like a fake and never journaled."""

import hmac
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

from homeroom.mocks.district import District, DistrictError
from homeroom.mocks.harness import control_operations
from homeroom.mocks.harness.fake import Fake
from homeroom.mocks.harness.request import Answer, Refusal, Request, VendorError
from homeroom.mocks.harness.space import Space, Spaces, World

LOOPBACK = ("127.0.0.1", "localhost", "[::1]")


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
        self.handlers = (control_operations, *handlers)

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
        if scheme.lower() != "bearer" or not hmac.compare_digest(
            token.strip().encode(), self.token.encode()
        ):
            raise Refusal(
                status=401,
                reason="credentials",
                detail="send Authorization: Bearer <control.token> of the space document",
            )
        if "space" in request.arguments:
            request.space = self.spaces.get(request.arguments["space"])

    def refuse(self, request: Request, refusal: Refusal) -> Answer:
        """Say what is wrong in one JSON object: error, and the field where there is one."""
        headers = {"Allow": ", ".join(refusal.allow)} if refusal.allow else {}
        if refusal.status == 401:
            headers["WWW-Authenticate"] = 'Bearer realm="homeroom"'
        body: dict[str, Any] = {"error": refusal.detail}
        if refusal.parameter:
            body["field"] = refusal.parameter
        return body, refusal.status, headers


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
