"""Canvas's pagination: Link headers with absolute URLs, numbered pages and bookmarks."""

import base64
import binascii
import bisect
import re
from collections.abc import Callable, Sequence
from typing import Any, TypeVar
from urllib.parse import urlencode

import msgspec

from homeroom.mocks.canvas.errors import not_found
from homeroom.mocks.canvas.params import params, to_integer, to_text
from homeroom.mocks.harness.request import Request, current_request

T = TypeVar("T")
DEFAULT_PER_PAGE = 10
LINK_LIMIT_BYTES = 6144
_HIDDEN = frozenset({"page", "per_page", "access_token", "api_key"})
_ORDER = ("current", "next", "prev", "first", "last")
# Which links go first when all together are too long.
_PRIORITY = ("next", "last", "prev", "current", "first")


def per_page(request: Request) -> int:
    """Return how many items a page holds: 10, or what was asked for up to the maximum."""
    maximum: int = request.space.worlds["canvas"].settings["per_page_max"]  # type: ignore[attr-defined]
    asked = to_integer(params().get("per_page"))
    return DEFAULT_PER_PAGE if asked is None else max(1, min(asked, maximum))


def _asked_page(request: Request) -> str | None:
    """Return the page asked for; a fault that sends another page's rows names it an argument."""
    return to_text(request.arguments.get("page", params().get("page")))


def paged(
    items: Sequence[T],
    show: Callable[[T], Any],
    *,
    envelope: str | None = None,
    counted: bool = True,
) -> tuple[Any, int, dict[str, str]]:
    """Answer a numbered page of `items`; `last` is left out of uncounted lists but on short ends.

    Args:
        items: The whole list; only the page's items are shown.
        show: Makes the JSON of one item.
        envelope: Key of the wrapping object, where the list is wrapped.
        counted: Whether Canvas counts the list. If not it peeks: `last` shows on the last page,
            and on the one before it if the last is short.
    """
    chosen, headers = page_of(items, counted=counted)
    shown = [show(item) for item in chosen]
    return ({envelope: shown} if envelope else shown), 200, headers


def page_of(items: Sequence[T], *, counted: bool = True) -> tuple[Sequence[T], dict[str, str]]:
    """Return the items of the page asked for, and its headers."""
    request = current_request()
    size = per_page(request)
    asked = _asked_page(request) or "1"
    if not re.fullmatch(r"\d{1,15}", asked) or int(asked) < 1:
        raise not_found()
    page = int(asked)
    pages = max(1, -(-len(items) // size))
    links = {"current": str(page), "first": "1"}
    if page < pages:
        links["next"] = str(page + 1)
    if page > 1:
        links["prev"] = str(page - 1)
    if counted:
        links["last"] = str(pages)
    elif page >= pages:
        links["last"] = str(page)
    elif len(items) < (page + 1) * size:
        links["last"] = str(page + 1)
    return items[(page - 1) * size : page * size], _headers(request, links, size)


def bookmarked(
    items: Sequence[T], show: Callable[[T], Any], *, key: Callable[[T], Any]
) -> tuple[list[Any], int, dict[str, str]]:
    """Answer a page of a list sorted by `key` that Canvas pages by opaque bookmarks.

    Only `next` leads on; there is neither `last` nor `prev`. A page number finds the first page
    (inferred), anything else that is no bookmark nothing.
    """
    request = current_request()
    size = per_page(request)
    asked = _asked_page(request) or "first"
    start = 0
    if asked.startswith("bookmark:"):
        mark = _decode_bookmark(asked)
        start = bisect.bisect_right(items, mark, key=lambda item: _jsonable(key(item)))
    elif asked == "first" or asked.isdecimal():
        asked = "first"
    else:
        raise not_found()
    chosen = items[start : start + size]
    links = {"current": asked, "first": "first"}
    if start + size < len(items):
        raw = msgspec.json.encode(_jsonable(key(chosen[-1])))
        links["next"] = "bookmark:" + base64.urlsafe_b64encode(raw).decode()
    return [show(item) for item in chosen], 200, _headers(request, links, size)


def _jsonable(value: Any) -> Any:
    return [value] if not isinstance(value, tuple | list) else list(value)


def _decode_bookmark(asked: str) -> Any:
    try:
        mark = msgspec.json.decode(base64.urlsafe_b64decode(asked.removeprefix("bookmark:")))
    except (ValueError, binascii.Error, msgspec.DecodeError):
        raise not_found() from None
    if not isinstance(mark, list):
        raise not_found()
    return mark


def _headers(request: Request, links: dict[str, str], size: int) -> dict[str, str]:
    kept = [(name, value) for name, value in request.query if name not in _HIDDEN]
    base = f"{request.url}?{urlencode(kept)}&" if kept else f"{request.url}?"
    made = {rel: f'<{base}page={page}&per_page={size}>; rel="{rel}"' for rel, page in links.items()}
    room = LINK_LIMIT_BYTES
    fitting: set[str] = set()
    for rel in _PRIORITY:
        if rel in made and len(made[rel]) <= room:
            fitting.add(rel)
            room -= len(made[rel]) + 1
    return {"Link": ",".join(made[rel] for rel in _ORDER if rel in fitting)}
