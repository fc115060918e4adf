"""Reads worlds through their public APIs alone, into the facts that the oracle judges.

Paging and parsing are written here once more, apart from the service's: a judge that read with the
service's eyes would share its misreadings. Only the sending of requests is shared.
"""

from homeroom.observe.canvas import observe_canvas
from homeroom.observe.gradebook import observe_gradebook
from homeroom.observe.pages import ObservationError
from homeroom.observe.provider import observe_provider

__all__ = ["ObservationError", "observe_canvas", "observe_gradebook", "observe_provider"]
