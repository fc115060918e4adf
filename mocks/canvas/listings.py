"""Long lists, kept while a client pages through them and nothing changes."""

from collections import OrderedDict
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urlencode

from homeroom.mocks.harness.request import Request

if TYPE_CHECKING:
    from homeroom.mocks.canvas.world import CanvasWorld

T = TypeVar("T")
WORTH_KEEPING = 1000
KEPT = 8
_PAGING = frozenset({"page", "per_page", "access_token", "api_key"})


class Listings:
    """The last few long lists of a space, each with the state of the world it was made in."""

    def __init__(self) -> None:
        self._kept: OrderedDict[str, tuple[Any, list[Any]]] = OrderedDict()

    def of(self, world: "CanvasWorld", request: Request, make: Callable[[], list[T]]) -> list[T]:
        """Return the list of this request, whatever page of it is asked for."""
        runner = world.runner
        if runner.is_working:
            return make()
        stamp = (world.space.writes, runner.steps)
        asked = urlencode([pair for pair in request.query if pair[0] not in _PAGING])
        key = f"{request.client} {request.raw_path}?{asked}"
        kept = self._kept.get(key)
        if kept is not None and kept[0] == stamp:
            self._kept.move_to_end(key)
            return kept[1]
        made = make()
        if len(made) >= WORTH_KEEPING:
            self._kept[key] = (stamp, made)
            while len(self._kept) > KEPT:
                self._kept.popitem(last=False)
        return made
