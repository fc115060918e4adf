"""What a night reads: everything, or what changed since last night where that can be trusted.

A delta is believed when the provider heeded the filter, nothing came that cannot be read, and each
collection still counts what last night's rows and the new ones add up to. Else all is read.
"""

import contextlib
import hashlib
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from homeroom.reference.errors import FatalError, RecordError
from homeroom.reference.oneroster import records as oneroster
from homeroom.reference.oneroster.client import OneRosterClient
from homeroom.reference.oneroster.paging import Page
from homeroom.reference.roster.build import Build
from homeroom.reference.roster.plan import Plan
from homeroom.reference.roster.read import Feed, Stock
from homeroom.reference.roster.shelves import Shelves
from homeroom.reference.roster.terms import Terms
from homeroom.reference.settings import Settings
from homeroom.reference.transport import Transport
from homeroom.reference.workflows.delta.building import KeptBuild, ScopedBuild
from homeroom.reference.workflows.delta.scope import Scope
from homeroom.reference.workflows.delta.store import VERSION, Facts, Store, open_store
from homeroom.reference.workflows.rekeying import FILE

R = TypeVar("R", bound=oneroster.Record)
# A feed's stock of one kind, whatever kind, and where it comes from or goes to.
Pairs = list[tuple[Stock[Any], Any]]

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


class Stamps:
    """Notes each record's dateLastModified, and takes it off: it is no part of what is mapped."""

    def __init__(self) -> None:
        self.newest, self.doubt = "", ""

    def take(self, records: Iterable[oneroster.Record]) -> None:
        """Take the stamps off some records."""
        for record in records:
            stamp, record.date_last_modified = record.date_last_modified or "", None
            if not stamp.endswith("Z"):
                self.doubt = f"{record.sourced_id} has no dateLastModified in UTC"
            self.newest = max(self.newest, stamp)


class Reading(contextlib.AbstractContextManager["Reading"]):
    """A night's feed, and how it is planned and kept."""

    def __init__(self, settings: Settings, feed: Feed, why: str) -> None:
        self.settings, self.feed = settings, feed
        # Why everything was read; blank where only changes were.
        self.why = why
        self.store: Store | None = None
        self.facts: Facts | None = None
        self.scope: Scope | None = None
        # The run that is planned by it.
        self.run = ""

    def __exit__(self, *_: object) -> None:
        """Throw away what was not kept."""
        if self.store is not None:
            self.store.__exit__(*_)

    def plan(self, before: Path | None, folder: Path, plan: Plan, last: Plan | None) -> None:
        """Fill tonight's plan and folder, as `Build` does."""
        self.run = plan.run
        rest = self.feed, before, folder, self.settings, plan
        if self.scope is None or self.store is None:
            build = KeptBuild(self.store, *rest) if self.store else Build(*rest)
            return build.run()
        scope = self.scope
        if last is not None:
            carried = (each for each in last.refusals if not scope.holds(each["sourcedId"]))
            self.feed.refusals += [_refusal(each) for each in carried]
            stay = (each for each in last.held_moves if each["section"] not in scope.classes)
            plan.held_moves += stay
        return ScopedBuild(scope, self.store, *rest).run()

    def keep(self, refused: Iterable[tuple[str, ...]]) -> None:
        """Let this feed be the one that the next delta starts from.

        Args:
            refused: The rows that Canvas refused, kind and id: the next night tries them again.
        """
        if self.store is not None and self.facts is not None:
            self.facts.run, self.facts.refused = self.run, [list(each) for each in refused]
            if any(kind == FILE for kind, *_ in self.facts.refused):
                self.facts.doubt = "Canvas refused to give an object its new id"
            self.store.keep(self.facts)


def read_night(
    settings: Settings, transport: Transport, kept: Path, run: str | None, why: str
) -> Reading:
    """Read a night's feed.

    Args:
        settings: The connection and the district's choices.
        transport: The way to the provider.
        kept: Where last night's feed is kept.
        run: The run that Canvas holds; None before the first.
        why: Why everything must be read; blank where a delta would do.

    Raises:
        FatalError: A collection could not be read whole.
    """
    service, choices = settings.service, settings.choices
    why = why or _always_whole(settings)
    store = None if why else open_store(kept, choices)
    if not why:
        try:
            if store is None:
                raise DoubtError("no feed of last night is kept")
            return _read_changes(settings, transport, store, run)
        except DoubtError as error:
            why = str(error)
            if store is not None:
                store.__exit__()
        except BaseException:
            if store is not None:
                store.__exit__()
            raise
    client = OneRosterClient(transport, page_size=service.page_size, sort=service.sort)
    reading = Reading(settings, Feed(choices, service, client), why)
    if _always_whole(settings):
        reading.feed.read()
        return reading
    store = Store(kept, choices, anew=True)
    try:
        return _read_and_keep(reading, transport, store)
    except BaseException:
        store.__exit__()
        raise


def _always_whole(settings: Settings) -> str:
    service = settings.service
    if not service.delta:
        return "deltas are off"
    if service.roster != "bulk":
        return "the school-specific service is read"
    if service.diffing:
        return "Canvas does the comparing, and is sent everything"
    return "observers are provisioned" if settings.choices.observers else ""


def _read_and_keep(reading: Reading, transport: Transport, store: Store) -> Reading:
    """Read everything, and keep it."""
    feed, stamps = reading.feed, Stamps()
    reading.store = store
    stocks: Pairs = [
        (feed.classes, store.classes),
        (feed.users, store.users),
        (feed.enrollments, store.seats),
    ]
    for stock, table in stocks:
        stock.part = partial(_Noted, stock.kind, stock.key, table=table, stamps=stamps)
    feed.read()
    for each in (feed.orgs, feed.sessions):
        Stamps().take(each.values())
    store.orgs.add(feed.orgs.values())
    store.sessions.add(feed.sessions.values())
    stamps.take(feed.courses.values())
    store.courses.add(feed.courses.values())
    now = reading.settings.now
    facts = Facts(read_at=now.isoformat(), newest=stamps.newest, settings=_digest(reading.settings))
    for table in store.changing:
        total = _total(transport, table.name)
        if total is None:
            stamps.doubt = f"the provider does not say how many {table.name} there are"
        facts.beside[table.name] = (total or 0) - table.count
    facts.doubt, reading.facts = stamps.doubt, facts
    return reading


class _Noted(Shelves[Any]):
    """Shelves whose records are kept as well."""

    def __init__(self, kind: Any, key: Callable[[Any], str], *, table: Any, stamps: Stamps) -> None:
        super().__init__(kind, key)
        self._table, self._stamps = table, stamps
        table.create()

    def add(self, records: Iterable[Any]) -> None:
        """Deal out some records."""
        records = list(records)
        self._stamps.take(records)
        self._table.add(records)
        super().add(records)


def _read_changes(
    settings: Settings, transport: Transport, store: Store, run: str | None
) -> Reading:
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
        total, ours = _total(transport, table.name), table.count + facts.beside[table.name]
        if total != ours:
            raise DoubtError(f"there are {total} {table.name}, and {ours} were expected")
    feed.courses = store.courses.everything()
    stocks: Pairs = [
        (feed.users, scope.iter_users),
        (feed.classes, scope.iter_classes),
        (feed.enrollments, scope.iter_seats),
    ]
    for stock, records in stocks:
        stock.parts = [_Found(stock.kind, stock.key, records=records)]
    facts.read_at, facts.deltas = settings.now.isoformat(), facts.deltas + 1
    reading = Reading(settings, feed, "")
    reading.store, reading.facts, reading.scope = store, facts, scope
    return reading


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
        "choices or settings are others than last night": facts.settings != _digest(settings),
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


def _total(transport: Transport, path: str) -> int | None:
    response = transport.request("GET", path, params={"limit": "1", "offset": "0"})
    if response.status_code != 200:
        raise FatalError(f"counting {path}: {transport.describe(response)}")
    try:
        return Page(response, path, oneroster.Record).total
    except msgspec.MsgspecError as error:
        raise FatalError(f"counting {path}: {error}") from None


def _digest(settings: Settings) -> str:
    # How much of a plan is listed changes nothing of the plan.
    service = msgspec.structs.replace(settings.service, plan_rows=1)
    told = settings.oneroster_url, settings.canvas_url, settings.choices, service
    return hashlib.sha256(msgspec.json.encode(told)).hexdigest()


def _refusal(told: dict[str, str]) -> RecordError:
    return RecordError(told["sourcedId"], told["field"], told["reason"], told["remedy"])
