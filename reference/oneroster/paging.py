"""Reading a whole collection from a provider that nothing is taken on trust from.

A page is believed when it is a 200 with the envelope key and rows that were not there before; a
collection when its rows add up to the total that the first and the last page name alike. What
fails is read again, page or collection; what fails again ends the run, and nothing is applied.
"""

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any, Generic, TypeVar
from urllib.parse import parse_qs, urlsplit

import msgspec

from homeroom.reference.errors import FatalError, RecordError
from homeroom.reference.oneroster.records import Record
from homeroom.reference.transport import Response, Transport, next_link

R = TypeVar("R", bound=Record)

PAGE_READS = 3


class DriftError(Exception):
    """Rows moved while we were paging: the collection must be read again from its start."""


class Pagination(msgspec.Struct):
    """Focus's own account of the page, beside the collection."""

    next: str | None = None
    total: int | None = None


class Page(Generic[R]):
    """One page: its rows, what could not be read of it, and what it says of the whole."""

    def __init__(self, response: Response, key: str, kind: type[R]) -> None:
        self.refusals: list[RecordError] = []
        try:
            body: Any = msgspec.json.decode(response.content, type=_envelope(key, kind))
            self.records: list[R] = body.records
        except msgspec.ValidationError:
            body = msgspec.json.decode(response.content, type=_envelope(key, msgspec.Raw))
            self.records = list(self._one_by_one(body.records, kind))
        self.rows = len(self.records) + len(self.refusals)
        said = body.pagination or Pagination()
        header = response.headers.get("X-Total-Count", "")
        self.total: int | None = int(header) if header.isdigit() else said.total
        self.next: str | None = next_link(response) or said.next or None

    def _one_by_one(self, rows: list[msgspec.Raw], kind: type[R]) -> Iterator[R]:
        for raw in rows:
            try:
                yield msgspec.json.decode(raw, type=kind)
            except msgspec.ValidationError as error:
                message, _, where = str(error).partition(" - at `$")
                found: Any = msgspec.json.decode(raw)
                named = found.get("sourcedId") if isinstance(found, dict) else None
                named, field = str(named or "(no sourcedId)"), where.strip("`.") or "record"
                self.refusals.append(RecordError(named, field, message))


class Pager(Generic[R]):
    """One pass over one collection, checking as it goes."""

    def __init__(
        self, transport: Transport, path: str, key: str, kind: type[R], params: Mapping[str, str]
    ) -> None:
        self._transport, self._path, self._key, self._kind = transport, path, key, kind
        self._params, self._rows, self._last = params, 0, ""
        self._total: int | None = None
        # Whether rows come by sourcedId; else what came before is remembered.
        self.ordered = True
        self._seen: set[int] = set()
        self._urls: set[str] = set()
        self.refusals: list[RecordError] = []

    def __iter__(self) -> Iterator[list[R]]:
        """Yield the pages' records.

        Raises:
            DriftError: What was yielded so far is not one state of the collection.
            FatalError: The provider does not serve this collection.
        """
        url: str | None = None
        while True:
            page = self._read(url)
            self._rows += page.rows
            self.refusals += page.refusals
            if records := self._unseen(page.records):
                yield records
            if page.rows == 0 or (self._total is not None and self._rows >= self._total):
                break
            url = self._next(page)
        distinct = self._rows if self.ordered else len(self._seen) + len(self.refusals)
        if self._total is not None and distinct != self._total:
            raise DriftError(f"{distinct} different rows came where {self._total} were announced")

    def _read(self, url: str | None) -> Page[R]:
        problem = ""
        for _ in range(PAGE_READS):
            params = None if url else {**self._params, "offset": str(self._rows)}
            response = self._transport.request("GET", url or self._path, params=params)
            if response.status_code != 200:
                raise FatalError(f"reading {self._path}: {said(response, self._transport)}")
            try:
                page = Page(response, self._key, self._kind)
                problem = self._suspicion(page)
                if not problem:
                    return page
            except msgspec.MsgspecError as error:
                problem = f"the answer is not a page of {self._key}: {error}"
        raise DriftError(f"at row {self._rows}: {problem}")

    def _suspicion(self, page: Page[R]) -> str:
        """Say why this page cannot be right, or nothing."""
        if self._rows == 0:
            self._total = page.total
        if page.total != self._total:
            return f"the total went from {self._total} to {page.total}"
        if page.rows == 0 and self._rows < (self._total or 0):
            return "an empty page with rows still to come"
        ids = [record.sourced_id for record in page.records]
        if self.ordered and ids:
            if ids[0] > self._last and all(map(str.__lt__, ids, ids[1:])):
                return ""
            if self._rows:
                return "rows that came before, or out of order"
            self.ordered = False  # the provider's order is its own
        return "only rows that came before" if ids and self._seen.issuperset(map(hash, ids)) else ""

    def _unseen(self, records: list[R]) -> list[R]:
        if self.ordered:
            self._last = records[-1].sourced_id if records else self._last
            return records
        fresh = {hash(each.sourced_id): each for each in records}
        fresh = {mark: each for mark, each in fresh.items() if mark not in self._seen}
        self._seen.update(fresh)
        return list(fresh.values())

    def _next(self, page: Page[R]) -> str | None:
        """Follow the provider's next link where it leads on; else step by what really came."""
        if page.next is None:
            return None
        url = self._transport.url(page.next)
        ours, theirs = urlsplit(self._transport.base_url), urlsplit(url)
        offset = parse_qs(theirs.query).get("offset", [str(self._rows)])[-1]
        if theirs.netloc != ours.netloc or offset != str(self._rows) or url in self._urls:
            return None
        self._urls.add(url)
        return url


@cache
def _envelope(key: str, kind: Any) -> type[Any]:
    fields: list[Any] = [("records", list.__class_getitem__(kind))]
    fields.append(("pagination", Pagination | None, None))
    return msgspec.defstruct("Envelope", fields, rename={"records": key}, gc=False)


def said(response: Response, transport: Transport) -> str:
    """Tell a provider's refusal: its description, in any of the shapes that providers use."""
    try:
        queue: list[Any] = [msgspec.json.decode(response.content)]
    except msgspec.MsgspecError:
        queue = []
    while queue:
        part = queue.pop(0)
        for name, value in part.items() if isinstance(part, dict) else ():
            if isinstance(value, str) and name.lower().endswith("description"):
                return f"HTTP {response.status_code} {value}"
        queue += part.values() if isinstance(part, dict) else part if isinstance(part, list) else ()
    return transport.describe(response)
