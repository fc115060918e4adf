"""Reading what changed since last night, and doubting it: what could be wrong is not believed."""

import contextlib
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from homeroom.reference.errors import FatalError
from homeroom.reference.oneroster import records as oneroster
from homeroom.reference.oneroster.client import OneRosterClient
from homeroom.reference.roster.read import Feed, Stock
from homeroom.reference.roster.shelves import Shelves
from homeroom.reference.roster.terms import Terms
from homeroom.reference.settings import Settings
from homeroom.reference.transport import Transport
from homeroom.reference.workflows.delta.noting import Stamps, count_rows, digest_of
from homeroom.reference.workflows.delta.scope import Scope
from homeroom.reference.workflows.delta.store import VERSION, Facts, Store

R = TypeVar("R", bound=oneroster.Record)

# Of all enrollments; where more changed a full night costs little more.
LARGEST_DELTA = 0.10
SMALLEST_LIMIT = 1000
# A provider need not show a deleted record for ever: what went meanwhile is not in a delta.
LONGEST_GAP = timedelta(days=14)
WIRE = {
    "courses": oneroster.Course,
    "classes": oneroster.Class,
    "users": oneroster.User,
    "enrollments": oneroster.Enrollment,
}


class DoubtError(Exception):
    """This night cannot be a delta; the text says why, and everything is read."""


def read_changes(
    settings: Settings, transport: Transport, store: Store, run: str | None
) -> tuple[Feed, Facts, Scope]:
    """Read what changed since last night, into its store.

    Args:
        settings: The connection and the district's choices.
        transport: The way to the provider.
        store: Last night's feed.
        run: The run that Canvas holds; None before the first.

    Returns:
        Tonight's feed, which takes its records out of the store; what the next night has to know;
        and what must be planned again.

    Raises:
        DoubtError: This night cannot be a delta.
        FatalError: The provider could not be asked.
    """
    facts = store.facts()
    since = _since(settings, facts, run)
    client = OneRosterClient(transport, page_size=settings.service.page_size)
    orgs, sessions = store.orgs.everything(), store.sessions.everything()
    _compare(client, "orgs", oneroster.Org, orgs)
    _compare(client, "academicSessions", oneroster.AcademicSession, sessions)
    feed = Feed(settings.choices, settings.service, client)
    feed.orgs, feed.sessions = orgs, sessions
    scope = Scope(store, settings.choices, feed.allows)
    _add_days(settings, facts, feed, scope)
    _add_refused(facts, scope)
    stamp = since.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    where = f"dateLastModified>='{stamp}'"
    size, sort = settings.service.page_size, settings.service.sort
    changed = OneRosterClient(transport, page_size=size, sort=sort)
    changed.params["filter"] = where
    limit = max(SMALLEST_LIMIT, int(LARGEST_DELTA * store.seats.count))
    for table in store.changing:
        taking = _Taking(table, scope, since, limit)
        kind: type[Any] = WIRE[table.name]
        try:
            unread = changed.read_all(table.name, table.name, kind, taking.begin)
        except FatalError as error:
            raise DoubtError(f"the provider does not serve changes alone: {error}") from None
        if unread:
            raise DoubtError(f"of {table.name} that changed, {len(unread)} cannot be read")
        facts.newest = max(facts.newest, taking.stamps.newest)
        total, ours = count_rows(transport, table.name), table.count + facts.beside[table.name]
        if total != ours:
            raise DoubtError(f"there are {total} {table.name}, and {ours} were expected")
    feed.courses = store.courses.everything()
    stocks: list[tuple[Stock[Any], Callable[[int], Iterable[Any]]]] = [
        (feed.users, scope.iter_users),
        (feed.classes, scope.iter_classes),
        (feed.enrollments, scope.iter_seats),
    ]
    for stock, records in stocks:
        stock.parts = [_Found(stock.kind, stock.key, records=records)]
    facts.read_at, facts.deltas = settings.now.isoformat(), facts.deltas + 1
    return feed, facts, scope


class _Found(Shelves[Any]):
    """Shelves that take their records out of a store."""

    def __init__(
        self, kind: Any, key: Callable[[Any], str], *, records: Callable[[int], Iterable[Any]]
    ) -> None:
        super().__init__(kind, key)
        self._records = records

    def take(self, shelf: int) -> list[Any]:
        """Give back what lies on one shelf."""
        return list(self._records(shelf))


def _since(settings: Settings, facts: Facts, run: str | None) -> datetime:
    """Say from when on changes are asked for.

    Not later than the newest change that was seen: a provider whose clock is slow, or that writes
    its own time as if it were UTC, stamps what happens now with a time before last night's.
    """
    service, read_at = settings.service, datetime.fromisoformat(facts.read_at)
    doubts = {
        "no feed of last night is kept": facts.version != VERSION or facts.run != run,
        "choices or settings are others than last night": facts.settings != digest_of(settings),
        f"the last {facts.deltas} nights were deltas": facts.deltas >= service.delta_nights,
        "last night is too long ago": not timedelta(0) <= settings.now - read_at <= LONGEST_GAP,
        facts.doubt: bool(facts.doubt),
    }
    for doubt, holds in doubts.items():
        if holds:
            raise DoubtError(doubt)
    with contextlib.suppress(ValueError):
        newest = datetime.fromisoformat(facts.newest)
        return min(newest, read_at) - timedelta(seconds=service.delta_margin_s)
    raise DoubtError(f"dateLastModified {facts.newest!r} is no time")


def _compare(client: OneRosterClient, path: str, kind: type[R], kept: dict[str, R]) -> None:
    now = client.get_all(path, path, kind)
    Stamps().take(now)
    if {each.sourced_id: each for each in now} != kept:
        raise DoubtError(f"{path} changed, and much hangs on them")


def _add_days(settings: Settings, facts: Facts, feed: Feed, scope: Scope) -> None:
    """Take in what the calendar alone changes."""
    zone, choices, pattern = settings.service.zone, settings.choices, settings.service.term_pattern
    read_at = datetime.fromisoformat(facts.read_at)
    last, today = (day.astimezone(zone).date().isoformat() for day in (read_at, settings.now))
    years = [Terms(feed.sessions, choices.term, pattern, day).year for day in (last, today)]
    if years[0] is not years[1]:
        raise DoubtError("a school year began")
    if last != today:
        scope.add_dates(last, today)


def _add_refused(facts: Facts, scope: Scope) -> None:
    """Take in what Canvas refused last time: it is tried again every night."""
    for kind, *ids in facts.refused:
        if kind == "users":
            scope.keys.add(ids[0])
        elif kind == "sections":
            scope.add_class(ids[0])
        elif kind == "courses":
            scope.courses.add(ids[0])
        elif kind == "enrollments":
            scope.add_seat(ids[0], ids[1])


class _Taking:
    """Takes changed records into a store, page by page, and what they touch into a scope."""

    def __init__(self, table: Any, scope: Scope, since: datetime, limit: int) -> None:
        self._table, self._scope, self._since, self._limit = table, scope, since, limit
        self.stamps = Stamps()

    def begin(self) -> Callable[[list[Any]], None]:
        """Start a reading; what one before took in was no less true."""
        return self._add

    def _add(self, records: list[Any]) -> None:
        for record in records:
            stamp = record.date_last_modified or ""
            if not _is_since(stamp, self._since):
                raise DoubtError(f"the provider did not heed the filter: {stamp!r} came")
        self.stamps.take(records)
        changed = [(self._table.find(record.sourced_id), record) for record in records]
        changed = [(before, now) for before, now in changed if before != now]
        for before, now in changed:
            self._scope.add(self._table.name, before, now)
        self._table.add(now for _, now in changed)
        if self._scope.seats > self._limit:
            raise DoubtError("much changed")


def _is_since(stamp: str, since: datetime) -> bool:
    try:
        return datetime.fromisoformat(stamp) >= since
    except (ValueError, TypeError):
        return False
