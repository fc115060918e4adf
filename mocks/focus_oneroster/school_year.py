"""A school year lived in a space: each day's changes go into Focus as its own screens would write.

The year is lived on from the district as the space began with it. What a caller wrote by hand in
between stays written, but the year does not know of it.
"""

import asyncio
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from homeroom.mocks.district.evolve import Day, Evolution, Rates
from homeroom.mocks.focus_oneroster.context import current_world
from homeroom.mocks.focus_oneroster.store.rows import to_row
from homeroom.mocks.focus_oneroster.world import FocusWorld, YearLived
from homeroom.mocks.harness.clock import LATEST, iso_millis
from homeroom.mocks.harness.control import refuse_value
from homeroom.mocks.harness.request import Answer, current_space

ZONE = ZoneInfo("America/New_York")
EVENING = time(18, 0)
"""When the office has entered the day's changes, before the night's sync."""


@dataclass
class SchoolYear:
    """The evolution of a space's district, and how far it has been lived."""

    evolution: Evolution
    lived: YearLived

    def live(self, day: date) -> Day:
        """Let the next day happen."""
        happened = self.evolution.live(day)
        self.lived = replace(self.lived, last=day)
        return happened


def _begin(world: FocusWorld, lived: YearLived) -> SchoolYear:
    """Build the evolution, and live again what a restored world has lived already."""
    district = world.truth.district
    rates = Rates().scaled(lived.scale)
    year = SchoolYear(Evolution(district, seed=lived.seed, rates=rates), lived)
    day = lived.first
    while lived.last is not None and day <= lived.last:
        year.evolution.live(day)
        day += timedelta(1)
    return year


async def evolve_focus(body: dict[str, Any] | None = None) -> Answer:
    """Answer evolveFocus: live so many days, and leave the clock on the evening of the last."""
    world = current_world()
    async with world.evolving:
        return await _evolve(world, body or {})


async def _evolve(world: FocusWorld, asked: dict[str, Any]) -> Answer:
    space = current_space()
    today = space.clock.now().astimezone(ZONE).date()
    if world.lived is None:
        seed, scale = asked.get("seed", space.recipe.seed), asked.get("scale", 1.0)
        world.lived = YearLived(seed=seed, scale=scale, first=today + timedelta(1))
    for name in ("seed", "scale"):
        if name in asked and asked[name] != getattr(world.lived, name):
            stands = getattr(world.lived, name)
            raise refuse_value(name, asked[name], f"differs from {stands!r}, which the year has")
    if world.school_year is None:
        world.school_year = await asyncio.to_thread(_begin, world, world.lived)
    year: SchoolYear = world.school_year
    log: list[dict[str, Any]] = []
    day = (year.lived.last or year.lived.first - timedelta(1)) + timedelta(1)
    days: int = asked.get("days", 1)
    if datetime.combine(day + timedelta(days), EVENING, ZONE) > LATEST:
        raise refuse_value("days", days, f"leads beyond {LATEST.date()}, where clocks end")
    for _ in range(days):
        happened = await asyncio.to_thread(year.live, day)
        _apply(world, happened, datetime.combine(day, EVENING, ZONE))
        world.lived = year.lived
        log += happened.log()
        day += timedelta(1)
    evening = datetime.combine(day - timedelta(1), EVENING, ZONE)
    if evening > space.clock.now():
        space.clock.set(evening)
        await space.run_due_jobs()
    return {"now": iso_millis(space.clock.now()), "events": log}


def _apply(world: FocusWorld, happened: Day, at: datetime) -> None:
    stamp = iso_millis(at)
    for change in happened.changes:
        rows = world.truth.rows[change.collection]
        if change.gone:
            rows.remove(change.record.sourced_id)
        else:
            rows.put({**to_row(change.record, since=stamp), "dateLastModified": stamp})
