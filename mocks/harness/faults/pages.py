"""Faults that only paged collections have: what a page holds, and what it says of the others."""

import random
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import msgspec

from homeroom.mocks.harness.answers import encode_json
from homeroom.mocks.harness.request import Body, Request

Page = tuple[Body, int, dict[str, str]]
Again = Callable[..., Awaitable[Page]]
"""Answers the same request with other arguments."""

TOTAL = "X-Total-Count"


def find_rows(document: Any) -> tuple[str | None, list[Any]] | None:
    """Return (envelope key, rows) of a page; the key is None for a bare list; None: no page."""
    if isinstance(document, list):
        return None, document
    if isinstance(document, dict):
        for key, value in document.items():
            if isinstance(value, list) and key != "statusInfoSet":
                return key, value
    return None


def _decode(body: Body) -> Any:
    return msgspec.json.decode(body) if isinstance(body, bytes | str) else body


def _with_rows(page: Page, rows: list[Any]) -> Page:
    document = _decode(page[0])
    found = find_rows(document)
    if found is None:
        return page
    key = found[0]
    changed = rows if key is None else {**document, key: rows}
    return encode_json(changed), page[1], page[2]


def _rows(page: Page) -> list[Any]:
    found = find_rows(_decode(page[0]))
    return [] if found is None else found[1]


def _header(headers: Mapping[str, str], name: str) -> str | None:
    return next((key for key in headers if key.lower() == name.lower()), None)


def _place(request: Request) -> tuple[str, int, int] | None:
    """Return (argument, its value, one page in its units) of an offset or page-number style."""
    arguments = request.arguments
    if arguments.get("offset") is not None or "limit" in arguments:
        return "offset", _whole(arguments.get("offset"), 0), _whole(arguments.get("limit"), 100)
    asked = _asked_page(request)
    return None if asked is None else ("page", _whole(asked, 1), 1)


def _asked_page(request: Request) -> Any:
    """Return the page asked for: a number, or a vendor's own mark of a place in the list."""
    return request.arguments.get("page", dict(request.query).get("page"))


def _whole(value: Any, default: int) -> int:
    try:
        return int(value)
    except (TypeError, ValueError):
        return default


async def repeat_page(
    request: Request, page: Page, again: Again, parameters: Mapping[str, Any]
) -> Page:
    """Send the rows of the page before this one under this one's links."""
    place = _place(request)
    if place is None:
        return page
    name, value, step = place
    first = 1 if name == "page" else 0
    pages = int(parameters["pages"])
    earlier = await again(**{name: _like(request, name, max(first, value - pages * step))})
    return _with_rows(page, _rows(earlier))


async def shift_rows(
    request: Request, page: Page, again: Again, parameters: Mapping[str, Any]
) -> Page:
    """Send this page as if `by` earlier rows had gone while the client paged, or come.

    Pages by marks stay: a mark names a row, wherever that is by now.
    """
    place = _place(request)
    if place is None:
        return page
    by = int(parameters["by"])
    if place[0] == "page":
        return await _shift_page(request, page, again, place[1], by)
    moved = await again(offset=_like(request, "offset", max(0, place[1] + by)))
    return await drift_total(request, _with_rows(page, _rows(moved)), again, {"by": -by})


async def _shift_page(request: Request, page: Page, again: Again, number: int, by: int) -> Page:
    """Shift a numbered page: rows of the next one move up, or those of the one before down."""
    beside = number + (1 if by > 0 else -1)
    if not str(_asked_page(request)).isdecimal() or beside < 1:
        return page
    rows = _rows(page)
    others = _rows(await again(page=str(beside)))
    if by > 0:
        return _with_rows(page, [*rows, *others][by : by + len(rows)])
    start = max(0, len(others) + by)
    return _with_rows(page, [*others, *rows][start : start + len(rows)])


def _like(request: Request, name: str, value: int) -> Any:
    """Write a number as the handler takes it: both fakes read theirs from text when it is given."""
    return value if isinstance(request.arguments.get(name), int) else str(value)


async def endless_next(
    request: Request, page: Page, again: Again, parameters: Mapping[str, Any]
) -> Page:
    """Let the next link point at this page, whatever page it is."""
    del again, parameters
    body, status, headers = page
    own = request.url + (f"?{request.query_string}" if request.query_string else "")
    document = _decode(body)
    if isinstance(document, dict) and isinstance(document.get("pagination"), dict):
        document = {**document, "pagination": {**document["pagination"], "next": own}}
        body = encode_json(document)
    link = _header(headers, "Link") or "Link"
    kept = [part for part in headers.get(link, "").split(",") if part and 'rel="next"' not in part]
    return body, status, {**headers, link: ",".join([*kept, f'<{own}>; rel="next"'])}


async def drift_total(
    request: Request, page: Page, again: Again, parameters: Mapping[str, Any]
) -> Page:
    """Promise another total than there is, by `by` rows."""
    del request, again
    body, status, headers = page
    by = int(parameters["by"])
    document = _decode(body)
    if isinstance(document, dict) and isinstance(document.get("pagination"), dict):
        pagination = document["pagination"]
        if isinstance(pagination.get("total"), int):
            drifted = max(0, pagination["total"] + by)
            body = encode_json({**document, "pagination": {**pagination, "total": drifted}})
    total = _header(headers, TOTAL)
    if total is not None and headers[total].isdigit():
        headers = {**headers, total: str(max(0, int(headers[total]) + by))}
    return body, status, headers


async def empty_page(
    request: Request, page: Page, again: Again, parameters: Mapping[str, Any]
) -> Page:
    """Answer 200 with no rows."""
    del request, again, parameters
    return _with_rows(page, [])


async def missing_key(
    request: Request, page: Page, again: Again, parameters: Mapping[str, Any]
) -> Page:
    """Leave the envelope's key out."""
    del request, again, parameters
    document = _decode(page[0])
    found = find_rows(document)
    if found is None or found[0] is None:
        return page
    return (
        encode_json({key: value for key, value in document.items() if key != found[0]}),
        page[1],
        page[2],
    )


async def duplicate_rows(
    request: Request, page: Page, again: Again, parameters: Mapping[str, Any]
) -> Page:
    """Send the last `count` rows of the page before this one again (or this page's first twice)."""
    count = int(parameters["count"])
    place = _place(request)
    rows = _rows(page)
    if place is not None and place[0] == "offset" and place[1] > 0:
        before = _rows(
            await again(
                offset=_like(request, "offset", max(0, place[1] - count)),
                limit=_like(request, "limit", count),
            )
        )
        return _with_rows(page, [*before, *rows])
    if place is not None and place[0] == "page" and place[1] > 1:
        before = _rows(await again(page=_like(request, "page", place[1] - 1)))
        return _with_rows(page, [*before[-count:], *rows])
    return _with_rows(page, [*rows[:count], *rows])


async def unsorted(
    request: Request, page: Page, again: Again, parameters: Mapping[str, Any]
) -> Page:
    """Send the page's rows in an order of their own, the same for the same seed."""
    del request, again
    rows = list(_rows(page))
    random.Random(int(parameters["seed"])).shuffle(rows)  # noqa: S311 -- a seeded die, no secret
    return _with_rows(page, rows)


PAGE_ACTS = {
    act.__name__: act
    for act in (
        repeat_page,
        shift_rows,
        endless_next,
        drift_total,
        empty_page,
        missing_key,
        duplicate_rows,
        unsorted,
    )
}
