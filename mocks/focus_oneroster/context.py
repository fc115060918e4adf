"""The Focus side of the space that the request being answered belongs to."""

from typing import TYPE_CHECKING, cast

from homeroom.mocks.harness.request import current_space

if TYPE_CHECKING:
    from homeroom.mocks.focus_oneroster.world import FocusWorld

NAME = "focus"
"""The fake's name: in faults, journals, and the worlds of a space."""


def current_world() -> "FocusWorld":
    """Return the Focus that the request being answered is put to."""
    return cast("FocusWorld", current_space().worlds[NAME])
