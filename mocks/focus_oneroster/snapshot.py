"""What a snapshot holds of Focus: all that is not in the district already."""

from dataclasses import dataclass, replace
from typing import Any

from homeroom.mocks.district import District
from homeroom.mocks.focus_oneroster.oauth1 import Nonces
from homeroom.mocks.focus_oneroster.settings import SETTINGS
from homeroom.mocks.focus_oneroster.store.rows import Overlay
from homeroom.mocks.focus_oneroster.tokens import Client, Tokens
from homeroom.mocks.focus_oneroster.world import FocusWorld, YearLived
from homeroom.mocks.harness.pickled import ThawError, freeze, thaw
from homeroom.mocks.harness.space import Space

PACKAGE = "homeroom.mocks.focus_oneroster"


@dataclass(frozen=True)
class Frozen:
    """A Focus world, as a snapshot keeps it."""

    settings: dict[str, Any]
    clients: list[Client]
    tokens: Tokens
    nonces: Nonces
    allocated: dict[tuple[str, str], str]
    overlays: dict[str, Overlay]
    lived: YearLived | None


def dump(world: FocusWorld) -> bytes:
    """Return a world as bytes."""
    return freeze(
        Frozen(
            settings={name: getattr(world.settings, name) for name in SETTINGS},
            clients=list(world.clients.values()),
            tokens=world.tokens,
            nonces=world.nonces,
            allocated=world.allocated,
            overlays={name: rows.overlay() for name, rows in world.truth.rows.items()},
            lived=world.lived,
        )
    )


def restore(space: Space, district: District, content: bytes, own: Client) -> FocusWorld:
    """Build a world from a dump; `own` is the partner of the space document, its first.

    Raises:
        ThawError: The bytes hold no Focus world, or one around another district.
    """
    frozen = thaw(content, PACKAGE)
    if not isinstance(frozen, Frozen):
        raise ThawError("it holds no Focus world")
    others = [client for client in frozen.clients if client.client_id != own.client_id]
    # The partner of the document may have been given other scopes or schools.
    kept = [client for client in frozen.clients if client.client_id == own.client_id]
    first = replace(kept[0], client_secret=own.client_secret) if kept else own
    world = FocusWorld(space, district, {client.client_id: client for client in (first, *others)})
    world.settings.change(frozen.settings)
    world.tokens, world.nonces = frozen.tokens, frozen.nonces
    world.allocated, world.lived = frozen.allocated, frozen.lived
    for name, overlay in frozen.overlays.items():
        try:
            world.truth.rows[name].lay(overlay)
        except (KeyError, ValueError) as error:
            raise ThawError(f"the district is not the one it was made around: {error}") from error
    return world
