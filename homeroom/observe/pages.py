"""Paging as an observer does it: to the end, each page once, or an error."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from homeroom.reference.transport import Response, Transport

Query = Sequence[tuple[str, str]]


class ObservationError(RuntimeError):
    """A world could not be read whole: missing evidence, which proves nothing about a subject."""


def get(transport: Transport, url: str, query: Query = ()) -> Response:
    """GET one page; raises ObservationError for any answer but 200."""
    response = transport.request("GET", url, params=list(query) or None)
    if response.status_code != 200:
        raise ObservationError(f"GET {url}: {transport.describe(response)}")
    return response


def find(transport: Transport, url: str, query: Query = ()) -> Response | None:
    """GET one page, None where there is no such thing; raises ObservationError for other errors."""
    response = transport.request("GET", url, params=list(query) or None)
    if response.status_code == 404:
        return None
    if response.status_code != 200:
        raise ObservationError(f"GET {url}: {transport.describe(response)}")
    return response


def body(response: Response) -> Any:
    """Decode a JSON answer; raises ObservationError."""
    try:
        return response.json()
    except ValueError as error:
        raise ObservationError(f"{response.url}: the answer is no JSON: {error}") from None


def linked_pages(transport: Transport, url: str, query: Query = ()) -> Iterator[Any]:
    """Yield the bodies of a collection that pages by `Link: rel="next"`, as Canvas's do.

    Raises:
        ObservationError: A page is refused or no JSON, or a link leads back to a page read before.
    """
    seen: set[str] = set()
    target: str | None = url
    while target is not None:
        response = get(transport, target, query if target == url else ())
        yield body(response)
        target = response.links.get("next", {}).get("url")
        if target in seen:
            raise ObservationError(f"{url}: page {target} names itself as the next")
        if target is not None:
            seen.add(target)


def rows_of(page: Any, key: str | None, url: str) -> list[Mapping[str, Any]]:
    """Return the rows of a page, under `key` where it is wrapped; raises ObservationError."""
    rows = page.get(key) if key is not None and isinstance(page, Mapping) else page
    if not isinstance(rows, list):
        raise ObservationError(f"{url}: the answer has no list of {key or 'rows'}")
    return rows
