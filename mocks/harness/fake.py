"""What a fake brings to the harness: its contract, its handlers, its manners."""

from abc import ABC, abstractmethod
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

from homeroom.mocks.district import District
from homeroom.mocks.harness.answers import unpack
from homeroom.mocks.harness.request import Answer, Body, Refusal, Request, Upload
from homeroom.mocks.harness.space import Space, World

JSON = "application/json"


class Fake(ABC):
    """A vendor imitated. The harness does the HTTP; the fake knows the vendor."""

    name: str
    contract: Path
    """The OpenAPI 3.0.3 document: the only source of routes, parameters, security and schemas."""
    handlers: Sequence[ModuleType]
    """Modules in which the function of each operationId, in snake_case, is looked up."""
    json_type = JSON
    """Content type of JSON answers."""
    in_space = True
    """Whether each request belongs to a space; the control plane's do not."""
    suffix = ""
    """A path suffix stripped before routing, such as Canvas's `.json`."""
    unsupported: frozenset[str] = frozenset()
    """operationIds of the contract that are refused with 501 for now."""

    @abstractmethod
    def new_world(self, space: Space, district: District) -> World:
        """Build this fake's side of a new space."""

    @abstractmethod
    def document(self, space: Space, origin: str) -> Mapping[str, Any]:
        """Return this fake's entry of the space document."""

    @abstractmethod
    def authenticate(self, request: Request) -> None:
        """Set `request.client` and `request.principal`, or raise Refusal or VendorError.

        Called for every operation whose `security` is not empty, before parameters are looked at;
        `request.scopes` holds the contract's scopes, any one of which will do.
        """

    @abstractmethod
    def refuse(self, request: Request, refusal: Refusal) -> Answer:
        """Say a refusal in the vendor's own shape."""

    def worded(self, request: Request, refusal: Refusal) -> tuple[Body, int, dict[str, str]]:
        """Return body, status and headers of a refusal in the vendor's shape."""
        return unpack(self.refuse(request, refusal))

    def throttle(self, request: Request, dialect: str) -> None:
        """Refuse a request as the vendor does when it is asked too often; raises."""
        del request, dialect
        raise Refusal(status=429, reason="throttle", detail="Too many requests, retry later")

    def revoke(self, request: Request) -> None:
        """Make the credential of this request worthless from now on."""
        raise NotImplementedError(f"{self.name} has no tokens to revoke")

    def dump_world(self, world: World) -> bytes:
        """Return all that a world holds, for a snapshot."""
        raise NotImplementedError(f"{self.name} has no snapshots")

    def restore_world(self, space: Space, district: District, dump: bytes) -> World:
        """Build a world from what `dump_world` gave; raises ThawError and changes nothing else."""
        raise NotImplementedError(f"{self.name} has no snapshots")

    def is_busy(self, world: World) -> bool:
        """Whether work in the background is changing this world."""
        del world
        return False

    def secrets(self, world: World) -> Collection[str]:
        """Return what must never be shown: secrets and tokens that the world gave out."""
        del world
        return ()

    def wake(self, world: World) -> None:
        """Go on with what a snapshot found unfinished; called on the event loop."""
        del world

    def seal_refusal(self, request: Request, headers: Mapping[str, str]) -> Mapping[str, str]:
        """Return the headers of a refusal, of the handlers' too, as they are to be sent."""
        return headers

    def vouches(self, request: Request) -> bool:
        """Tell whether a faithful answer must keep the contract: data from outside may not."""
        del request
        return True

    def parse_body(self, request: Request, fields: Sequence[tuple[str, str]]) -> Any:
        """Turn the fields of a form, in order, into the body that the contract describes."""
        return dict(fields)

    def finish(
        self, request: Request, body: Body, status: int, headers: dict[str, str]
    ) -> tuple[Body, int, dict[str, str]]:
        """Change a faithful answer before it is sent: projections and quirks."""
        return body, status, headers


__all__ = ["JSON", "Answer", "Body", "Fake", "Refusal", "Request", "Space", "Upload", "World"]
