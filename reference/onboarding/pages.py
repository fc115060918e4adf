"""One page of a provider's collection, taken as it comes: what is wrong with it is the finding."""

import time
from collections.abc import Mapping
from typing import Any, cast

import msgspec

from homeroom.reference.errors import SyncError
from homeroom.reference.oneroster.paging import said
from homeroom.reference.transport import Transport, next_link

Row = dict[str, Any]


class PageError(SyncError):
    """The answer is no page of the collection."""


class Page(msgspec.Struct, frozen=True, kw_only=True):
    """Rows, and what the page says of the whole."""

    rows: list[Row]
    total: int | None
    counted_by: str
    next: str | None
    seconds: float

    @property
    def ids(self) -> list[str]:
        """The rows' sourcedIds, as they are."""
        return [id_of(row) for row in self.rows]


def read_page(
    transport: Transport, path: str, key: str, params: Mapping[str, str] | None = None
) -> Page:
    """Read one page.

    Raises:
        PageError: The status, the body or the envelope is not a page's.
        RetryableError: The peer stayed unwell.
    """
    started = time.perf_counter()
    response = transport.request("GET", path, params=params)
    seconds = time.perf_counter() - started
    if response.status_code != 200:
        raise PageError(said(response, transport))
    try:
        body: Any = msgspec.json.decode(response.content)
    except msgspec.MsgspecError:
        kind = response.headers.get("Content-Type", "no content type")
        raise PageError(f"HTTP 200 with a body that is no JSON ({kind})") from None
    if not isinstance(body, dict) or not isinstance(body.get(key), list):
        keys = ", ".join(sorted(cast("dict[str, Any]", body))[:5]) if isinstance(body, dict) else ""
        raise PageError(f"HTTP 200 without the list {key!r} (found: {keys or 'no object'})")
    listed = cast("list[Any]", body[key])
    if not all(isinstance(row, dict) for row in listed):
        raise PageError(f"HTTP 200, but {key!r} holds something else than objects")
    paging = body.get("pagination")
    paging = cast("dict[str, Any]", paging) if isinstance(paging, dict) else {}
    header = response.headers.get("X-Total-Count", "")
    total, counted_by = None, ""
    if header.isdigit():
        total, counted_by = int(header), "X-Total-Count"
    elif isinstance(paging.get("total"), int):
        total, counted_by = int(paging["total"]), "pagination.total"
    further = next_link(response) or paging.get("next")
    return Page(
        rows=cast("list[Row]", listed),
        total=total,
        counted_by=counted_by,
        next=str(further) if further else None,
        seconds=seconds,
    )


def id_of(row: Row) -> str:
    """Give a row's sourcedId; blank for null, absent and blank alike."""
    value = row.get("sourcedId")
    return value.strip() if isinstance(value, str) else ""


def refs_of(row: Row, field: str) -> list[str]:
    """Give the sourcedIds that a reference, or a list of them, holds; a null one is blank."""
    value = row.get(field)
    if value is None:
        return []
    held: list[Any] = value if isinstance(value, list) else [value]
    return [id_of(cast("Row", one)) if isinstance(one, dict) else "" for one in held]


def is_live(row: Row) -> bool:
    """Whether the provider stands by a row."""
    return row.get("status") not in {"tobedeleted", "inactive"}
