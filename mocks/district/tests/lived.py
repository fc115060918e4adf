"""Districts that were lived through, and what the tests of evolve ask of them."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from functools import cache

from homeroom.mocks.district import District, load_district
from homeroom.mocks.district.changes import Change, changed
from homeroom.mocks.district.evolve import Day, Rates, evolve
from homeroom.mocks.district.evolve.people import (
    Happening,
    Outcome,
)
from homeroom.mocks.district.evolve.rosters import Draws, Rosters
from homeroom.mocks.district.records import (
    Enrollment,
    Record,
)

NOW = datetime(2026, 9, 1, 6, tzinfo=UTC)
FIRST, LAST = date(2026, 8, 1), date(2027, 6, 30)


MONDAY = date(2026, 9, 14)


@cache
def district(what: str = "tiny") -> District:
    return load_district(what, seed=1, now=NOW)


@cache
def year(what: str, factor: float) -> tuple[Day, ...]:
    rates = Rates().scaled(factor)
    return tuple(evolve(district(what), seed=1, first=FIRST, last=LAST, rates=rates))


@cache
def after_year(what: str, factor: float) -> District:
    return changed(district(what), (c for day in year(what, factor) for c in day.changes))


def happen(
    rosters: Rosters, happening: Happening, *, followed: bool = False
) -> tuple[Outcome, tuple[Change, ...]]:
    """Let one event happen, to whomever it can; `followed`, until another is to follow from it."""
    for attempt in range(50):
        outcome = happening(rosters, Draws("test", attempt), Rates())
        changes = rosters.take_changes()
        if outcome and (outcome.later or not followed):
            return outcome, changes
    raise AssertionError("it happened to nobody")


def enrollments(changes: tuple[Change, ...]) -> list[Enrollment]:
    return [change.record for change in changes if isinstance(change.record, Enrollment)]


def before(record: Record, collection: str = "enrollments") -> Record | None:
    return district().find(collection, record.sourced_id)


def records(of: District, collection: str) -> Iterator[Record]:
    table = of.tables[collection]
    return map(table.record, range(len(table)))
