"""Wrong providers by tampering: what no setting and no fault rule of the fake can do.

Each class is one bug, which its docstring tells; the table of wrong providers says what it breaks.
"""

from homeroom.features.subjects.tampering import (
    access,
    canvases,
    gradebook,
    manners,
    questions,
    records,
)
from homeroom.features.subjects.tampering.wire import TAMPERS

__all__ = ["TAMPERS", "access", "canvases", "gradebook", "manners", "questions", "records"]
