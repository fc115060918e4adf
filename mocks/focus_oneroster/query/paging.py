"""limit, offset, sort, orderBy and fields as asked for; pages and their links.

Source: OneRoster reference, sections 3.1, 3.2 and 3.4.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import quote

DEFAULT_LIMIT = 100
DEFAULT_OFFSET = 0
_DIGITS = re.compile(r"[0-9]+")
_MOST = 10**18
"""No page is longer, and no collection reaches further."""


class QueryError(ValueError):
    """A parameter that nothing can be done with; the text is the description to answer."""


@dataclass(frozen=True, slots=True)
class Page:
    """The records asked for."""

    limit: int = DEFAULT_LIMIT
    offset: int = DEFAULT_OFFSET


def parse_page(limit: str | None, offset: str | None, *, cap: int | None, lenient: bool) -> Page:
    """Read limit and offset; `lenient` takes the defaults for what is malformed."""
    try:
        most = _number("limit", limit, DEFAULT_LIMIT, at_least=1, below=_MOST)
    except QueryError:
        if not lenient:
            raise
        most = DEFAULT_LIMIT
    try:
        first = _number("offset", offset, DEFAULT_OFFSET, at_least=0)
    except QueryError:
        if not lenient:
            raise
        first = DEFAULT_OFFSET
    return Page(min(most, cap) if cap else most, min(first, _MOST))


def _number(
    name: str, text: str | None, default: int, *, at_least: int, below: int | None = None
) -> int:
    if text is None:
        return default
    # Beyond so many digits Python refuses to read them, and nothing is to be found there.
    if _DIGITS.fullmatch(text):
        number = int(text.lstrip("0")[:20] or "0")
        if number >= at_least and (below is None or number < below):
            return number
    kind = "a positive" if at_least else "a non-negative"
    raise QueryError(f"{name} must be {kind} integer: {text}")


def parse_descending(order_by: str | None) -> bool:
    """Read orderBy; ascending when it is absent."""
    if order_by is None:
        return False
    if order_by.lower() in ("asc", "desc"):
        return order_by.lower() == "desc"
    raise QueryError(f"orderBy must be asc or desc: {order_by}")


def parse_fields(fields: str | None) -> tuple[str, ...] | None:
    """Read the list of fields; None when all are wanted."""
    if fields is None:
        return None
    names = tuple(name for name in (part.strip() for part in fields.split(",")) if name)
    if not names:
        raise BlankFieldsError("The fields parameter can not be blank")
    return names


class BlankFieldsError(QueryError):
    """`fields=` with nothing in it."""


@dataclass(frozen=True, slots=True)
class Links:
    """The URLs of the pages around one page, None where there is no such page."""

    first: str
    prev: str | None
    next: str | None
    last: str

    def header(self) -> str:
        """Write them as a Link header."""
        named = {"first": self.first, "prev": self.prev, "next": self.next, "last": self.last}
        return ", ".join(f'<{url}>; rel="{rel}"' for rel, url in named.items() if url is not None)


def links(url: str, query: Sequence[tuple[str, str]], page: Page, total: int) -> Links:
    """Make the links of a page; every other parameter stays, percent-encoded, but credentials.

    Args:
        url: The URL as the caller sent it, without its query.
        query: The query's parameters, decoded.
        page: The page that is answered.
        total: How many records match in all.

    Returns:
        Links whose URLs hold no comma, quote or blank: header parsers split at commas.
    """
    kept = [
        f"{quote(key, safe='')}={quote(value, safe='')}"
        for key, value in query
        if key not in ("limit", "offset", "access_token") and not key.startswith("oauth_")
    ]

    def at(offset: int) -> str:
        return f"{url}?{'&'.join([*kept, f'limit={page.limit}', f'offset={offset}'])}"

    last = (total - 1) // page.limit * page.limit if total else 0
    before = max(0, min(page.offset - page.limit, last))
    after = page.offset + page.limit
    return Links(
        first=at(0),
        prev=at(before) if page.offset > 0 else None,
        next=at(after) if after < total else None,
        last=at(last),
    )
