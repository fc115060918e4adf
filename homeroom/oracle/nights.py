"""The history that obligations follow from: feeds night by night, and people's acts in Canvas."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, tzinfo
from enum import StrEnum

from homeroom.oracle.canvas import CanvasWorld
from homeroom.oracle.feed import Feed


class ActKind(StrEnum):
    """What people do in Canvas that a sync must live with."""

    SET = "set"
    """A field was changed by hand: Canvas makes it sticky, imports leave it alone."""
    CROSS_LISTED = "cross-listed"
    """A section was moved by hand into another course."""
    STATE = "state"
    """An enrollment was concluded, inactivated or deleted by hand."""
    ADDED = "added"
    """A person added something that no SIS sent."""
    CLAIMED = "claimed"
    """A login was given to somebody else by hand: Canvas refuses the SIS's owner of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """One act in Canvas, done before the night that it is recorded with."""

    act: ActKind
    kind: str
    id: tuple[str, ...]
    field: str = ""
    value: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Night:
    """One night: what the provider served, when, and what people had done since the last one."""

    feed: Feed
    now: datetime
    applied: bool = True
    """False when the run was held or failed: then this feed changed nothing."""
    acts: tuple[Act, ...] = ()
    before: CanvasWorld = field(default_factory=CanvasWorld)

    def today(self, zone: tzinfo) -> date:
        """Return the district's date."""
        return self.now.astimezone(zone).date()


def acts_so_far(nights: "tuple[Night, ...]", act: ActKind) -> Mapping[tuple[str, ...], Act]:
    """Return the last act of a kind on each (kind, id, field)."""
    return {
        (each.kind, *each.id, each.field): each
        for night in nights
        for each in night.acts
        if each.act is act
    }
