"""How our own fake stands in for a provider or a Canvas: kept with a run, for the next one."""

from typing import Any

import msgspec


class World(msgspec.Struct, frozen=True, kw_only=True):
    """What our own fake is told, where nobody named a provider or a Canvas."""

    settings: dict[str, Any] = {}
    """Of the fake, by name: quirks, and choices where correct peers differ."""
    faults: tuple[dict[str, Any], ...] = ()
    tamper: str = ""
    """A wrong peer of the kit's own, by which the kit is tested (features/subjects)."""
    permissions: tuple[str, ...] = ()
    """The rights of Canvas's token; empty for all."""
    consented: bool = False
    """Whether the command line consents to an import into a test instance of Canvas."""

    @property
    def is_peculiar(self) -> bool:
        """Whether it is anything but the fake as it is."""
        return bool(self.settings or self.faults or self.tamper or self.permissions)
