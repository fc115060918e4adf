"""What all tables of a generated district share: its plan, its calendar, its ids, its families."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from homeroom.mocks.district.calendar import SchoolYear, Session
from homeroom.mocks.district.columns import Ints
from homeroom.mocks.district.guids import Guids
from homeroom.mocks.district.hashing import Permutation, draw, draw_array, key
from homeroom.mocks.district.plan import Plan

# A school's data is entered in the weeks before its year opens in July: never after the clock.
_ENTERED = timedelta(weeks=4)
_ENTERED_S = int(_ENTERED.total_seconds())
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
        seed, first = plan.seed, year.first
        # People, schools and categories keep their ids from year to year; what is taught does not.
        self.orgs = Guids(key(seed, "orgs"))
        self.users = Guids(key(seed, "users"))
        self.categories = Guids(key(seed, "categories"))
        self.academic_sessions = Guids(key(seed, "academicSessions", first))
        self.courses = Guids(key(seed, "courses", first))
        self.classes = Guids(key(seed, "classes", first))
        self.enrollments = Guids(key(seed, "enrollments", first))

    @cached_property
    def entered_from_s(self) -> int:
        """The first second in which a record may have been entered, since 1970."""
        return int((self.year.opens - _ENTERED).timestamp())

    def entered_key(self, collection: str) -> int:
        """Return the key under which a collection's times of entry are drawn."""
        return key(self.seed, self.year.first, collection, "entered")

    def entered(self, entered_key: int, index: int) -> str:
        """Return `dateLastModified` of the record at `index`."""
        seconds = self.entered_from_s + draw(entered_key, index) % _ENTERED_S
        return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%S}.000Z"

    def entered_millis(self, entered_key: int, count: int) -> NDArray[np.int64]:
        """Return `dateLastModified` of the first `count` records in milliseconds."""
        bits = draw_array(entered_key, np.arange(count)) % np.uint64(_ENTERED_S)
        return (bits.astype(np.int64) + self.entered_from_s) * 1000


@dataclass(frozen=True)
class People:
    """Who is who among a district's users, and who belongs to which family.

    Students are shuffled into pairs. A pair of siblings shares three guardians; of two strangers
    the first has two guardians and the second one. So a pair always takes three places among the
    guardians, and anybody's family is found by arithmetic.
    """

    plan: Plan

    @property
    def students(self) -> int:
        """How many students; they are users 0 to students - 1."""
        return self.plan.size.students

    @property
    def teachers_from(self) -> int:
        """First teacher among the users."""
        return self.students

    @property
    def administrators_from(self) -> int:
        """First administrator among the users: the superintendent, then a principal a school."""
        return self.teachers_from + self.plan.size.teachers

    @property
    def aides_from(self) -> int:
        """First aide among the users: one a school, and one more for every 400 students."""
        return self.administrators_from + 1 + len(self.plan.levels)

    @property
    def guardians_from(self) -> int:
        """First guardian among the users."""
        return self.aides_from + len(self.plan.levels) + self.students // 400

    @property
    def count(self) -> int:
        """How many users there are."""
        pairs, single = divmod(self.students, 2)
        return self.guardians_from + 3 * pairs + 2 * single

    @cached_property
    def _shuffle(self) -> Permutation:
        return Permutation(self.students, key(self.plan.seed, "pairs"))

    @cached_property
    def _sibling_key(self) -> int:
        return key(self.plan.seed, "siblings")

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
