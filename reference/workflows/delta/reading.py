"""What a night reads: everything, or what changed since last night where that can be trusted.

A delta is believed when the provider heeded the filter, nothing came that cannot be read, and each
collection still counts what last night's rows and the new ones add up to. Else all is read.
"""

import contextlib
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from typing import Any

from homeroom.reference.errors import RecordError
from homeroom.reference.oneroster.client import OneRosterClient
from homeroom.reference.roster.build import Build
from homeroom.reference.roster.plan import Plan
from homeroom.reference.roster.read import Feed, Stock
from homeroom.reference.roster.shelves import Shelves
from homeroom.reference.settings import Settings
from homeroom.reference.transport import Transport
from homeroom.reference.workflows.delta.building import KeptBuild, ScopedBuild
from homeroom.reference.workflows.delta.changes import DoubtError, read_changes
from homeroom.reference.workflows.delta.noting import Stamps, count_rows, digest_of
from homeroom.reference.workflows.delta.scope import Scope
from homeroom.reference.workflows.delta.store import Facts, Store, open_store
from homeroom.reference.workflows.rekeying import FILE


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
            return _read_delta(settings, transport, store, run)
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


def _read_delta(settings: Settings, transport: Transport, store: Store, run: str | None) -> Reading:
    feed, facts, scope = read_changes(settings, transport, store, run)
    reading = Reading(settings, feed, "")
    reading.store, reading.facts, reading.scope = store, facts, scope
    return reading


def _read_and_keep(reading: Reading, transport: Transport, store: Store) -> Reading:
    """Read everything, and keep it."""
    feed, stamps = reading.feed, Stamps()
    reading.store = store
    # A feed's stock of one kind, whatever kind, and where it goes to.
    stocks: list[tuple[Stock[Any], Any]] = [
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
    facts = Facts(
        read_at=now.isoformat(), newest=stamps.newest, settings=digest_of(reading.settings)
    )
    for table in store.changing:
        total = count_rows(transport, table.name)
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


def _refusal(told: dict[str, str]) -> RecordError:
    return RecordError(told["sourcedId"], told["field"], told["reason"], told["remedy"])
