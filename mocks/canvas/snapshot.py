"""What a snapshot holds of Canvas: the whole root account, its tokens and its imports."""

from collections import deque
from dataclasses import dataclass
from typing import Any

from homeroom.mocks.canvas.settings import CanvasSettings
from homeroom.mocks.canvas.sis_import import batches as states
from homeroom.mocks.canvas.sis_import.batches import Batches
from homeroom.mocks.canvas.sis_import.restore import RestoreJob
from homeroom.mocks.canvas.store import CanvasStore, User
from homeroom.mocks.canvas.throttle import Buckets
from homeroom.mocks.canvas.tokens import Token
from homeroom.mocks.canvas.world import CanvasWorld
from homeroom.mocks.harness.pickled import ThawError, freeze, thaw
from homeroom.mocks.harness.space import Space

PACKAGE = "homeroom.mocks.canvas"


@dataclass(frozen=True)
class Frozen:
    """A Canvas world, as a snapshot keeps it; objects shared between its parts stay shared."""

    store: CanvasStore
    settings: CanvasSettings
    tokens: dict[str, Token]
    buckets: Buckets
    batches: Batches
    admin: User
    error_reports: int
    mode: str
    restores: deque[RestoreJob]
    rest: dict[str, Any]


_OWN = frozenset({
    "space", "runner", "store", "settings", "tokens", "buckets", "batches", "admin",
    "error_reports", "listings",
})  # fmt: skip


def dump(world: CanvasWorld) -> bytes:
    """Return a world as bytes."""
    return freeze(
        Frozen(
            store=world.store,
            settings=world.settings,
            tokens=world.tokens,
            buckets=world.buckets,
            batches=world.batches,
            admin=world.admin,
            error_reports=world.error_reports,
            mode=world.runner.mode,
            restores=world.runner.restores,
            # What later parts of Canvas add to a world is kept without a word here.
            rest={name: value for name, value in vars(world).items() if name not in _OWN},
        )
    )


def restore(space: Space, content: bytes) -> CanvasWorld:
    """Build a world from a dump; raises ThawError."""
    frozen = thaw(content, PACKAGE)
    if not isinstance(frozen, Frozen):
        raise ThawError("it holds no Canvas world")
    world = CanvasWorld(space)
    # The token of the space document opens this world too; those of the snapshot go on to.
    own = {
        text: Token(frozen.tokens[text].principal if text in frozen.tokens else token.principal)
        for text, token in world.tokens.items()
    }
    world.store, world.settings = frozen.store, frozen.settings
    world.tokens = {**frozen.tokens, **own}
    world.buckets, world.batches = frozen.buckets, frozen.batches
    world.admin, world.error_reports = frozen.admin, frozen.error_reports
    vars(world).update(frozen.rest)
    world.runner.mode, world.runner.restores = frozen.mode, frozen.restores
    for batch in world.batches:
        if batch.workflow_state in states.RUNNING:
            # As when its worker dies: it begins again, and finds done what it had applied.
            batch.restart()
    return world


def is_busy(world: CanvasWorld) -> bool:
    """Whether imports are changing the world, or are about to."""
    batches = world.batches
    waits = batches.running() is not None or batches.next_waiting() is not None
    return waits or bool(world.runner.restores)
