"""The pages of a crawl as files: read once each, in order, and gone on with after a break."""

import hashlib
import json
import shutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec

from homeroom.crawl.pseudonyms import Pseudonyms
from homeroom.crawl.records import pseudonymised
from homeroom.observe.targets import ReadOnly
from homeroom.reference.errors import SyncError
from homeroom.reference.transport import Response

FORMAT = 1
ABOUT = "crawl.json"
LIMIT = 500
TRIES = 3
REQUIRED = ("orgs", "academicSessions", "courses", "classes", "users", "enrollments")
OPTIONAL = ("demographics", "resources", "categories", "lineItems", "results")
NOT_OURS = frozenset({401, 403, 404, 405, 501})
"""Answers by which a provider says that it does not serve us a collection."""

Say = Callable[[str], None]
_ENCODER = msgspec.json.Encoder(decimal_format="number")


class CrawlError(Exception):
    """The crawl cannot go on; the text says where it broke off and what to do."""


class _MovedError(Exception):
    """The collection changed while it was read: its pages do not belong together."""


class Page(msgspec.Struct, frozen=True, kw_only=True):
    """One page that was read: the request, what its headers said, and its bytes' digest."""

    file: str
    offset: int
    rows: int
    announced: int | None
    at: datetime
    headers: dict[str, str]
    sha256: str


class Collected(msgspec.Struct, kw_only=True):
    """How far a collection was read."""

    done: bool = False
    refused: str = ""
    """Why it was left out, where the provider does not serve it."""
    restarts: int = 0
    pages: list[Page] = []

    @property
    def rows(self) -> int:
        """How many rows there are so far."""
        return sum(page.rows for page in self.pages)


class About(msgspec.Struct, kw_only=True):
    """What crawl.json holds: of whom the crawl is, and whether it is whole."""

    format: int
    provider: str
    """Digest of address and client: tells providers apart and names none."""
    pseudonyms: str = ""
    """Fingerprint of the key; empty where names are as they were served."""
    limit: int = LIMIT
    started_at: datetime
    finished_at: datetime | None = None


@dataclass(kw_only=True)
class Pages:
    """The folder of a crawl."""

    folder: Path
    about: About
    collected: dict[str, Collected] = field(default_factory=dict[str, Collected])

    def rows(self, collection: str) -> Iterator[dict[str, Any]]:
        """Yield a collection's rows as they were served, page by page; numbers stay exact."""
        for page in self.collected[collection].pages:
            content = (self.folder / page.file).read_bytes()
            yield from json.loads(content, parse_float=Decimal)[collection]


def crawl(
    provider: ReadOnly,
    folder: Path,
    *,
    client: str,
    pseudonyms: Pseudonyms | None,
    limit: int = LIMIT,
    say: Say,
) -> Pages:
    """Read every collection of a provider into a folder, going on where an earlier crawl broke off.

    A finished crawl in the folder is replaced.

    Raises:
        CrawlError: The folder is of another crawl, or the provider could not be read whole.
    """
    about = About(
        format=FORMAT,
        provider=hashlib.sha256(f"{provider.base_url}\0{client}".encode()).hexdigest(),
        pseudonyms=pseudonyms.fingerprint if pseudonyms else "",
        limit=limit,
        started_at=datetime.now(UTC),
    )
    try:
        pages = _resume(folder, about, say)
        for collection in (*REQUIRED, *OPTIONAL):
            _collect(provider, pages, collection, pseudonyms, say)
        pages.about.finished_at = datetime.now(UTC)
        _write(folder / ABOUT, msgspec.json.encode(pages.about))
    except OSError as error:
        raise CrawlError(f"{folder}: cannot be written: {error.strerror}") from error
    return pages


def _resume(folder: Path, about: About, say: Say) -> Pages:
    if not folder.exists() or not any(folder.iterdir()):
        return _begin(folder, about)
    try:
        known = msgspec.json.decode((folder / ABOUT).read_bytes(), type=About)
    except (OSError, msgspec.MsgspecError) as error:
        raise CrawlError(f"{folder}: holds something other than a crawl: {error}") from error
    if known.finished_at is not None:
        say("an earlier crawl is whole; reading anew")
        shutil.rmtree(folder)
        return _begin(folder, about)
    mine = (about.format, about.provider, about.pseudonyms)
    if (known.format, known.provider, known.pseudonyms) != mine:
        what = "provider" if known.provider != about.provider else "pseudonym key"
        raise CrawlError(
            f"{folder}: holds a crawl that broke off, of another {what}; "
            "give another folder with --raw, or remove it"
        )
    pages = Pages(folder=folder, about=known)
    for collection in (*REQUIRED, *OPTIONAL):
        pages.collected[collection] = _reread(folder, collection)
    read = sum(each.rows for each in pages.collected.values())
    say(f"going on with a crawl that broke off: {read:,} rows are there")
    return pages


def _begin(folder: Path, about: About) -> Pages:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)  # Pages hold people.
    _write(folder / ABOUT, msgspec.json.encode(about))
    empty = {collection: Collected() for collection in (*REQUIRED, *OPTIONAL)}
    return Pages(folder=folder, about=about, collected=empty)


def _reread(folder: Path, collection: str) -> Collected:
    """Return how far a collection was read; pages that are not as written count as not read."""
    try:
        known = msgspec.json.decode((folder / f"{collection}.json").read_bytes(), type=Collected)
    except (OSError, msgspec.MsgspecError):
        return Collected()
    for number, page in enumerate(known.pages):
        path = folder / page.file
        if not path.is_file() or hashlib.sha256(path.read_bytes()).hexdigest() != page.sha256:
            return Collected(pages=known.pages[:number])
    return known


def _collect(
    provider: ReadOnly, pages: Pages, collection: str, pseudonyms: Pseudonyms | None, say: Say
) -> None:
    while not pages.collected[collection].done:
        state = pages.collected[collection]
        try:
            _read_on(provider, pages, collection, pseudonyms)
        except _MovedError as moved:
            if state.restarts + 1 >= TRIES:
                raise CrawlError(
                    f"{collection}: {moved}, {TRIES} times; crawl when nobody changes anything"
                ) from None
            say(f"{collection}: {moved}; reading it anew")
            pages.collected[collection] = Collected(restarts=state.restarts + 1)
        except SyncError as error:
            raise CrawlError(
                f"broke off in {collection} after {state.rows:,} rows: {error}; "
                "run it again to go on"
            ) from error
    state = pages.collected[collection]
    say(f"  {state.rows:>9,} {collection}" + (f" ({state.refused})" if state.refused else ""))


def _read_on(
    provider: ReadOnly, pages: Pages, collection: str, pseudonyms: Pseudonyms | None
) -> None:
    """Read a collection from where it stands to its end."""
    state = pages.collected[collection]
    while not state.done:
        offset = state.rows
        query = [("limit", str(pages.about.limit)), ("offset", str(offset))]
        response = provider.request("GET", collection, params=query)
        if response.status_code in NOT_OURS and collection in OPTIONAL and not state.pages:
            state.done, state.refused = True, f"not served: HTTP {response.status_code}"
        elif response.status_code != 200:
            raise CrawlError(
                f"broke off in {collection} after {offset:,} rows: "
                f"{provider.describe(response)}; run it again to go on"
            )
        else:
            _keep(pages, collection, response, offset, pseudonyms)
        _write(pages.folder / f"{collection}.json", msgspec.json.encode(state))


def _keep(
    pages: Pages,
    collection: str,
    response: Response,
    offset: int,
    pseudonyms: Pseudonyms | None,
) -> None:
    state = pages.collected[collection]
    rows = _rows(response, collection, offset)
    announced = _announced(response)
    if state.pages and state.pages[-1].announced != announced and rows:
        raise _MovedError(f"{announced} rows are announced, and {state.pages[-1].announced} before")
    if announced is not None and offset + len(rows) > announced:
        raise _MovedError(f"{offset + len(rows)} rows were served of {announced} announced")
    if announced is not None and not rows and offset < announced:
        raise _MovedError(f"{offset} rows were served of {announced} announced")
    if rows:
        content = response.content
        if pseudonyms is not None:
            changed = [pseudonymised(collection, row, pseudonyms) for row in rows]
            content = _ENCODER.encode({collection: changed})
        page = Page(
            file=f"{collection}-{len(state.pages):06d}.json",
            offset=offset,
            rows=len(rows),
            announced=announced,
            at=datetime.now(UTC),
            headers=_headers(response, exact=pseudonyms is None),
            sha256=hashlib.sha256(content).hexdigest(),
        )
        _write(pages.folder / page.file, content)
        state.pages.append(page)
    state.done = not rows or (announced is not None and state.rows == announced)


def _rows(response: Response, collection: str, offset: int) -> list[Mapping[str, Any]]:
    try:
        document = json.loads(response.content, parse_float=Decimal)
    except ValueError as error:
        raise CrawlError(
            f"broke off in {collection} after {offset:,} rows: the answer is no JSON ({error}); "
            "run it again to go on"
        ) from None
    rows = document.get(collection) if isinstance(document, dict) else None
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise CrawlError(
            f"broke off in {collection} after {offset:,} rows: the answer has no list "
            f"{collection!r}; a missing list is no empty one"
        )
    return rows


def _announced(response: Response) -> int | None:
    told = response.headers.get("X-Total-Count", "")
    return int(told) if told.isdigit() else None


def _headers(response: Response, *, exact: bool) -> dict[str, str]:
    """Keep what a page says of itself; addresses only where they may be kept."""
    names = ("content-type", "date", "x-total-count", *(("link",) if exact else ()))
    return {name: response.headers[name] for name in names if name in response.headers}


def _write(path: Path, content: bytes) -> None:
    beside = path.with_name(f"{path.name}.partial")
    beside.write_bytes(content)
    beside.replace(path)
