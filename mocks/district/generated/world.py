"""What all tables of a generated district share: its plan, its calendar, its ids, its families."""

from datetime import timedelta

import numpy as np
from numpy.typing import NDArray

from homeroom.mocks.district.calendar import SchoolYear, Session
from homeroom.mocks.district.columns import Ints
from homeroom.mocks.district.guids import Guids
from homeroom.mocks.district.hashing import Permutation, draw, draw_array, key
from homeroom.mocks.district.plan import Plan

# A school's data is entered in the weeks before its year opens in July: never after the clock.
_ENTERED_DAYS = 28
_ENTERED_S = _ENTERED_DAYS * 86_400
SIBLING_SHARE = 4
"""One pair of students in four are siblings."""


class World:
    """Seed, school year and plan of one district, and what follows from them."""

    def __init__(self, plan: Plan, year: SchoolYear) -> None:
        self.plan = plan
        self.year = year
        self.seed = plan.seed
        self.sessions: tuple[Session, ...] = year.sessions
        self.people = People(plan)
        opens = year.opens
        days = (opens.date() - timedelta(day) for day in range(_ENTERED_DAYS, 0, -1))
        self._entry_days = tuple(day.isoformat() for day in days)
        self._entered_from_s = int(opens.timestamp()) - _ENTERED_S
        seed, first = plan.seed, year.first
        # People, schools and categories keep their ids from year to year; what is taught does not.
        self.orgs = Guids(key(seed, "orgs"))
        self.users = Guids(key(seed, "users"))
        self.categories = Guids(key(seed, "categories"))
        self.academic_sessions = Guids(key(seed, "academicSessions", first))
        self.courses = Guids(key(seed, "courses", first))
        self.classes = Guids(key(seed, "classes", first))
        self.enrollments = Guids(key(seed, "enrollments", first))
        # What nearly every record refers to, written out once.
        self.org_ids = tuple(map(self.orgs.text, range(1 + len(plan.levels))))
        self.session_ids = tuple(map(self.academic_sessions.text, range(len(self.sessions))))

    def entered_key(self, collection: str) -> int:
        """Return the key under which a collection's times of entry are drawn."""
        return key(self.seed, self.year.first, collection, "entered")

    def entered(self, entered_key: int, index: int) -> str:
        """Return `dateLastModified` of the record at `index`."""
        day, second = divmod(draw(entered_key, index) % _ENTERED_S, 86_400)
        minute, second = divmod(second, 60)
        hour, minute = divmod(minute, 60)
        return f"{self._entry_days[day]}T{hour:02d}:{minute:02d}:{second:02d}.000Z"

    def entered_millis(self, entered_key: int, count: int) -> NDArray[np.int64]:
        """Return `dateLastModified` of the first `count` records in milliseconds."""
        bits = draw_array(entered_key, np.arange(count)) % np.uint64(_ENTERED_S)
        return (bits.astype(np.int64) + self._entered_from_s) * 1000


class People:
    """Who is who among a district's users, and who belongs to which family.

    Students are shuffled into pairs. A pair of siblings shares three guardians; of two strangers
    the first has two guardians and the second one. So a pair always takes three places among the
    guardians, and anybody's family is found by arithmetic.
    """

    def __init__(self, plan: Plan) -> None:
        self.students = students = plan.size.students
        """How many; they are users 0 to students - 1."""
        self.teachers_from = students
        self.administrators_from = students + plan.size.teachers
        """First administrator: the superintendent, then a principal a school."""
        self.aides_from = self.administrators_from + 1 + len(plan.levels)
        """First aide: one a school, and one more for every 400 students."""
        self.guardians_from = self.aides_from + len(plan.levels) + students // 400
        pairs, single = divmod(students, 2)
        self.count = self.guardians_from + 3 * pairs + 2 * single
        self._shuffle = Permutation(students, key(plan.seed, "pairs"))
        self._sibling_key = key(plan.seed, "siblings")

    def _siblings(self, pair: int) -> bool:
        return 2 * pair + 1 < self.students and draw(self._sibling_key, pair) % SIBLING_SHARE == 0

    def family_of_student(self, student: int) -> int:
        """Return the number of a student's family: siblings have the same."""
        place = self._shuffle.forward(student)
        return place - place % 2 if self._siblings(place // 2) else place

    def guardians_of(self, student: int) -> tuple[int, ...]:
        """Return a student's guardians, as users."""
        place = self._shuffle.forward(student)
        pair, second = divmod(place, 2)
        first = self.guardians_from + 3 * pair
        if self._siblings(pair):
            return (first, first + 1, first + 2)
        return (first + 2,) if second else (first, first + 1)

    def students_of(self, guardian: int) -> tuple[int, ...]:
        """Return the students whom a guardian, given as a user, looks after."""
        pair, slot = divmod(guardian - self.guardians_from, 3)
        if self._siblings(pair):
            return (self._shuffle.inverse(2 * pair), self._shuffle.inverse(2 * pair + 1))
        return (self._shuffle.inverse(2 * pair + (slot == 2)),)

    def students_of_guardians(self) -> tuple[Ints, Ints]:
        """Return the first and, for guardians of siblings, a second student of every guardian.

        The second equals the first where there is none.
        """
        guardians = np.arange(self.count - self.guardians_from)
        pair, slot = guardians // 3, guardians % 3
        siblings = draw_array(self._sibling_key, pair) % np.uint64(SIBLING_SHARE) == 0
        siblings &= 2 * pair + 1 < self.students
        first = np.where(siblings, 2 * pair, 2 * pair + (slot == 2))
        second = np.where(siblings, 2 * pair + 1, first)
        return (
            self._shuffle.inverse_array(first).astype(np.int32),
            self._shuffle.inverse_array(second).astype(np.int32),
        )
