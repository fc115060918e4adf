"""Reading a whole collection from a provider that nothing is taken on trust from.

A page is believed when it is a 200 with the envelope key and rows that were not there before; a
collection when its rows add up to the total that the first and the last page name alike. What
fails is read again, page or collection; what fails again ends the run, and nothing is applied.
"""

import logging
from collections.abc import Iterator, Mapping
from typing import Any, Generic, TypeVar
from urllib.parse import parse_qs, urlsplit

import msgspec

from homeroom.reference.errors import FatalError, RecordError
from homeroom.reference.oneroster.records import Record
from homeroom.reference.transport import Response, Transport, next_link

R = TypeVar("R", bound=Record)

PAGE_READS = 3
_log = logging.getLogger(__name__)


class DriftError(Exception):
    """Rows moved while we were paging: the collection must be read again from its start."""


class Pagination(msgspec.Struct):
    """Focus's own account of the page, beside the collection."""

    next: str | None = None
    total: int | None = None


class Page(Generic[R]):
    """One page: its rows, what could not be read of it, and what it says of the whole."""

    def __init__(self, response: Response, key: str, kind: type[R]) -> None:
        body = _decode(response.content, key, kind)
        self.records: list[R] = body[0]
        self.refusals: list[RecordError] = body[1]
        pagination: Pagination | None = body[2]
        self.rows = len(self.records) + len(self.refusals)
        header = response.headers.get("X-Total-Count", "")
        self.total = int(header) if header.isdigit() else pagination.total if pagination else None
        self.next = next_link(response) or (pagination.next if pagination else None) or None


class Pager(Generic[R]):
    """One pass over one collection, checking as it goes."""

    def __init__(
        self,
        transport: Transport,
        path: str,
        key: str,
        kind: type[R],
        *,
        params: Mapping[str, str],
        page_size: int,
        ordered: bool = True,
    ) -> None:
        self._transport, self._path, self._key, self._kind = transport, path, key, kind
        self._params, self._limit, self._ordered = params, page_size, ordered
        self._total: int | None = None
        self._rows, self._last = 0, ""
        self._seen: set[int] = set()  # hashes of sourcedIds; only where the order cannot tell
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
            records = self._unseen(page.records)
            if records:
                yield records
            if page.rows == 0 or (self._total is not None and self._rows >= self._total):
                break
            url = self._next(page)
        distinct = self._rows if self._ordered else len(self._seen) + len(self.refusals)
        if self._total is not None and distinct != self._total:
            raise DriftError(f"{distinct} different rows came where {self._total} were announced")

    def _read(self, url: str | None) -> Page[R]:
        problem = ""
        for _ in range(PAGE_READS):
            response = self._get(url)
            try:
                page = Page(response, self._key, self._kind)
                problem = self._suspicion(page)
            except msgspec.MsgspecError as error:
                problem = f"the answer is not a page of {self._key}: {error}"
            else:
                if not problem:
                    return page
            _log.info("%s at row %d: %s; reading the page again", self._path, self._rows, problem)
        raise DriftError(f"at row {self._rows}: {problem}")

    def _get(self, url: str | None) -> Response:
        if url is None:
            params = {**self._params, "limit": str(self._limit), "offset": str(self._rows)}
            response = self._transport.request("GET", self._path, params=params)
        else:
            response = self._transport.request("GET", url)
        if response.status_code != 200:
            raise FatalError(f"reading {self._path}: {self._transport.describe(response)}")
        return response

    def _suspicion(self, page: Page[R]) -> str:
        """Say why this page cannot be right, or nothing."""
        if self._rows == 0:
            self._total = page.total
        if page.total != self._total:
            return f"the total went from {self._total} to {page.total}"
        if page.rows == 0 and self._total is not None and self._rows < self._total:
            return f"an empty page with {self._total - self._rows} rows still to come"
        ids = [record.sourced_id for record in page.records]
        if self._ordered and ids:
            if ids[0] > self._last and all(map(str.__lt__, ids, ids[1:])):
                return ""
            if self._rows:
                return "rows that came before, or out of order"
            self._ordered = False  # the provider's order is its own: remember ids instead
        if ids and self._seen.issuperset(map(hash, ids)):
            return "only rows that came before"
        return ""

    def _unseen(self, records: list[R]) -> list[R]:
        if self._ordered:
            self._last = records[-1].sourced_id if records else self._last
            return records
        fresh: list[R] = []
        for record in records:
            mark = hash(record.sourced_id)
            if mark not in self._seen:
                self._seen.add(mark)
                fresh.append(record)
        return fresh

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


def _decode(
    content: bytes, key: str, kind: type[R]
) -> tuple[list[R], list[RecordError], Pagination | None]:
    try:
        body = msgspec.json.decode(content, type=_envelope(key, kind))
    except msgspec.ValidationError:
        return _decode_one_by_one(content, key, kind)
    return body.records, [], body.pagination


def _decode_one_by_one(
    content: bytes, key: str, kind: type[R]
) -> tuple[list[R], list[RecordError], Pagination | None]:
    body = msgspec.json.decode(content, type=_envelope(key, msgspec.Raw))
    records: list[R] = []
    refusals: list[RecordError] = []
    for raw in body.records:
        try:
            records.append(msgspec.json.decode(raw, type=kind))
        except msgspec.ValidationError as error:
            message, _, where = str(error).partition(" - at `$")
            found = msgspec.json.decode(raw)
            named = found.get("sourcedId") if isinstance(found, dict) else None
            refusals.append(
                RecordError(str(named or "(no sourcedId)"), where.strip("`.") or key, message)
            )
    return records, refusals, body.pagination


_envelopes: dict[tuple[str, Any], type[Any]] = {}


def _envelope(key: str, kind: Any) -> type[Any]:
    if (key, kind) not in _envelopes:
        _envelopes[key, kind] = msgspec.defstruct(
            f"{key}_page",
            [("records", list.__class_getitem__(kind)), ("pagination", Pagination | None, None)],
            rename={"records": key},
            gc=False,
        )
    return _envelopes[key, kind]
