"""A school year day by day: seeded change sets, each with what changed and why.

    for day in evolve(district, seed=1, first=date(2026, 8, 10), last=date(2027, 5, 28)):
        day.events     # why: a student joined, a class was levelled, a quarter ended
        day.changes    # what: records to put or to drop, in order

Nothing here touches a space: whoever runs a world applies the changes to it.
"""

from homeroom.mocks.district.changes import Change
from homeroom.mocks.district.evolve.events import Day, Event, EventKind
from homeroom.mocks.district.evolve.rates import Rates
from homeroom.mocks.district.evolve.year import Evolution, evolve

__all__ = ["Change", "Day", "Event", "EventKind", "Evolution", "Rates", "evolve"]
