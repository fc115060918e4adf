"""Lives a school year day by day."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta

from homeroom.mocks.district.changes import changed
from homeroom.mocks.district.district import District
from homeroom.mocks.district.evolve.events import Day, Event, EventKind
from homeroom.mocks.district.evolve.people import PEOPLE, Happening
from homeroom.mocks.district.evolve.rates import Rates, class_cap
from homeroom.mocks.district.evolve.rollover import Rollover
from homeroom.mocks.district.evolve.rosters import Draws, Rosters
from homeroom.mocks.district.evolve.teaching import TEACHING, level_class
from homeroom.mocks.district.hashing import draw, key
from homeroom.mocks.district.records import Class, SessionType

TUESDAY, SATURDAY = 1, 5
_ONE = 1 << 64


def evolve(
    district: District, *, seed: int, first: date, last: date, rates: Rates | None = None
) -> Iterator[Day]:
    """Yield every day from `first` to `last` on which something happened.

    The same district, seed, first day and rates give the same days, to the byte.
    """
    evolution = Evolution(district, seed=seed, rates=rates or Rates())
    day = first
    while day <= last:
        lived = evolution.live(day)
        if lived.events:
            yield lived
        day += timedelta(1)


@dataclass
class Evolution:
    """A district being lived through, one day after the other."""

    district: District
    seed: int
    rates: Rates = field(default_factory=Rates)

    def __post_init__(self) -> None:
        self.rosters = Rosters(self.district)
        self._pending: dict[date, list[tuple[EventKind, Happening]]] = defaultdict(list)
        self._populations = {
            EventKind.TEACHER_CHANGED: "classes",
            EventKind.CO_TEACHER_ADDED: "classes",
            EventKind.CO_TEACHER_LEFT: "classes",
            EventKind.COURSE_CODE_CORRECTED: "courses",
            EventKind.COURSE_RENAMED: "courses",
            EventKind.SCHOOL_RENAMED: "orgs",
            EventKind.SECTIONS_REGENERATED: "orgs",
        }

    def live(self, day: date) -> Day:
        """Let a day happen; days are lived in order."""
        if self._rolls_over(day):
            return Day(day, (self._roll_over(day),))
        self.rosters.open_day(day)
        events = self._milestones(day)
        for number, (kind, happening) in enumerate(self._pending.pop(day, [])):
            events += self._happen(day, kind, happening, number)
        if self._is_school_day(day):
            for kind, happening in (PEOPLE | TEACHING).items():
                for number in range(self._how_many(day, kind)):
                    events += self._happen(day, kind, happening, number)
            events += self._level(day)
        return Day(day, tuple(events))

    def _rolls_over(self, day: date) -> bool:
        """Say whether the SIS rolls over today: on the first of July after the year's last day."""
        sessions = self.rosters.sessions
        return (
            (day.month, day.day) == (7, 1)
            and bool(sessions)
            and all(session.end <= day for session in sessions)
        )

    def _roll_over(self, day: date) -> Event:
        standing = self.rosters.standing()
        rollover = Rollover(standing, seed=self.seed, day=day)
        changes = tuple(rollover.changes())
        self.district = changed(standing, changes)
        self.rosters = Rosters(self.district)
        self._pending.clear()
        detail = f"{rollover.stayed} students go on, {rollover.left} left, {rollover.came} came"
        return Event(EventKind.YEAR_ROLLED_OVER, rollover.year, detail, changes)

    def _happen(self, day: date, kind: EventKind, happening: Happening, number: int) -> list[Event]:
        draws = Draws(self.seed, "evolve", day.isoformat(), kind, number)
        outcome = happening(self.rosters, draws, self.rates)
        changes = self.rosters.take_changes()
        if outcome is None:
            return []
        if outcome.later:
            days, what, follows = outcome.later
            self._pending[_on_a_weekday(day + timedelta(days))].append((what, follows))
        return [Event(kind, outcome.about, outcome.detail, changes)]

    def _how_many(self, day: date, kind: EventKind) -> int:
        """Turn a rate into a whole number of events: the fraction is a chance of one more."""
        population = self._populations.get(kind)
        of = len(self.rosters.students) if population is None else self._size(population)
        expected = self.rates.of(kind, school_day=self._school_day(day)) * of / 1000
        whole = int(expected)
        chance = draw(key(self.seed, "how many", day.isoformat()), key(kind))
        return whole + (chance < (expected - whole) * _ONE)

    def _size(self, collection: str) -> int:
        return len(self.district.tables[collection])

    def _milestones(self, day: date) -> list[Event]:
        sessions = self.rosters.sessions
        ended, began = EventKind.SESSION_ENDED, EventKind.SESSION_BEGAN
        return [
            *(
                Event(ended, session.sourced_id, session.title)
                for session in sessions
                if session.end == day
            ),
            *(
                Event(began, session.sourced_id, session.title)
                for session in sessions
                if session.begin == day
            ),
        ]

    def _school_day(self, day: date) -> int:
        begins = [s.begin for s in self.rosters.sessions if s.type == SessionType.SCHOOL_YEAR]
        begun = [begin for begin in begins if begin <= day]
        return (day - max(begun)).days if begun else 0

    def _is_school_day(self, day: date) -> bool:
        """Say whether there is school: on weekdays inside a term, or a year without terms."""
        sessions = self.rosters.sessions
        terms = [s for s in sessions if s.type in (SessionType.TERM, SessionType.SEMESTER)]
        inside = any(s.begin <= day < s.end for s in terms or sessions)
        return inside and day.weekday() < SATURDAY

    def _level(self, day: date) -> list[Event]:
        """Level the most crowded classes on the Tuesdays before the October count."""
        since, rates = self._school_day(day), self.rates
        if day.weekday() != TUESDAY or not (
            rates.levelling_from_day <= since <= rates.levelling_until_day
        ):
            return []
        over: list[tuple[int, str]] = []
        for class_id in self.rosters.crowded(rates.levelling_slack + class_cap(("KG",))):
            class_ = self.rosters.find("classes", class_id, Class)
            if class_:
                excess = self.rosters.size_of(class_id) - class_cap(class_.grades)
                if excess > rates.levelling_slack:
                    over.append((-excess, class_id))
        most = max(1, round(self._size("classes") * rates.levelling_per_mille / 1000))
        events: list[Event] = []
        for number, (_, class_id) in enumerate(sorted(over)[:most]):
            events += self._happen(day, EventKind.CLASS_LEVELLED, level_class(class_id), number)
        return events


def _on_a_weekday(day: date) -> date:
    return day + timedelta(max(0, 7 - day.weekday())) if day.weekday() >= SATURDAY else day
