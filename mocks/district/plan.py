"""The shape of a generated district: which school, grade, timetable and teacher goes with what.

A *cohort* is a grade of a school. Its students fill *slots*: five full-year courses, and one
period that holds a semester course in the fall and another in the spring. In each slot a cohort
has a number of sections, and section j stands in a period that differs from slot to slot, so that
no student and no teacher is in two rooms at once. All of it is arithmetic on whole numbers.
"""

from dataclasses import dataclass
from enum import IntEnum
from functools import cached_property
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from homeroom.mocks.district.columns import Ints
from homeroom.mocks.district.hashing import draw_array, key
from homeroom.mocks.district.sizes import Size

PERIODS = 6
GRADES = ("KG", "01", "02", "03", "04", "05", "06", "07", "08", "09", "10", "11", "12")
Longs = NDArray[np.int64]


class Level(IntEnum):
    """What grades a school has."""

    ELEMENTARY = 0
    MIDDLE = 1
    HIGH = 2


GRADES_OF = {
    Level.ELEMENTARY: range(6),
    Level.MIDDLE: range(6, 9),
    Level.HIGH: range(9, 13),
}
STUDENTS_OF = {Level.ELEMENTARY: 600, Level.MIDDLE: 900, Level.HIGH: 1500}
"""How many students a school of a level has, about."""


def apportion(total: int, weights: Longs, *, minimum: int = 0) -> Longs:
    """Share out `total` in proportion to whole-number weights, by largest remainder.

    Every share is at least `minimum`, which `total` must allow. The same on every machine.
    """
    spare = total - minimum * len(weights)
    weight_sum = int(weights.sum())
    shares = spare * weights // weight_sum
    remainders = spare * weights % weight_sum
    most = np.argsort(-remainders, kind="stable")[: spare - int(shares.sum())]
    shares[most] += 1
    return shares + minimum


def _starts(lengths: Longs) -> Longs:
    return np.concatenate((np.zeros(1, np.int64), np.cumsum(lengths)))


@dataclass(frozen=True)
class Plan:
    """A district's shape, from its size and seed; arrays are made when first asked for."""

    size: Size
    seed: int

    @cached_property
    def slots(self) -> int:
        """Most classes that a student takes."""
        return max(1, -(-self.size.student_enrollments // self.size.students))

    @cached_property
    def semester_slots(self) -> int:
        """How many slots are semester courses, the last ones: a fall and a spring one, or none."""
        return 2 if self.slots >= 3 else 0

    @cached_property
    def levels(self) -> tuple[Level, ...]:
        """Level of every school."""
        students, rows = self.size.students, self.size.classes // self.slots
        if students < 400 or rows < len(GRADES):
            return (Level.MIDDLE,)
        levels: list[Level] = []
        for level, grades in GRADES_OF.items():
            pupils = students * len(grades) // len(GRADES)
            levels += [level] * max(1, round(pupils / STUDENTS_OF[level]))
        return tuple(levels)

    @cached_property
    def cohorts(self) -> tuple[Ints, Ints]:
        """School and grade (a place in GRADES) of every cohort."""
        most = self.size.classes // self.slots if len(self.levels) == 1 else len(GRADES)
        pairs = [
            (school, grade)
            for school, level in enumerate(self.levels)
            for grade in GRADES_OF[level][: max(1, most)]
        ]
        schools, grades = np.array(pairs, np.int32).T
        return schools, grades

    @cached_property
    def cohort_students(self) -> Longs:
        """How many students each cohort has: grades of a school are alike, schools are not."""
        schools, grades = self.cohorts
        school_counts = np.array([STUDENTS_OF[level] for level in self.levels], np.int64)
        grades_in = np.bincount(schools)
        base = key(self.seed, "cohorts")
        uneven = 100 if self.size.students >= 400 else 0
        by_school = 1000 + _spread(draw_array(base, schools), 3 * uneven)
        by_grade = 1000 + _spread(draw_array(base, schools * 64 + grades + 1), uneven)
        weights = school_counts[schools] * by_school // grades_in[schools] * by_grade // 1000
        return apportion(
            self.size.students, weights, minimum=min(1, self.size.students // len(weights))
        )

    @cached_property
    def student_starts(self) -> Longs:
        """First student of every cohort, and one past the last."""
        return _starts(self.cohort_students)

    @cached_property
    def base_sections(self) -> Longs:
        """How many sections every slot of a cohort has, apart from a few extra ones."""
        rows = self.size.classes // self.slots
        return apportion(rows, self.cohort_students, minimum=1)

    @cached_property
    def sections(self) -> Longs:
        """Sections by cohort and slot; classes that do not divide evenly go to large cohorts."""
        sections = np.repeat(self.base_sections[:, None], self.slots, axis=1)
        largest = np.argsort(-self.base_sections, kind="stable")
        for extra in range(self.size.classes - int(sections.sum())):
            sections[largest[extra % len(largest)], extra // len(largest)] += 1
        return sections

    @cached_property
    def classes(self) -> "ClassPlan":
        """Where every class stands."""
        schools, _ = self.cohorts
        cohort = np.repeat(np.arange(len(schools)), self.slots)
        slot = np.tile(np.arange(self.slots), len(schools))
        order = np.lexsort((cohort, slot, schools[cohort]))
        counts = self.sections[cohort[order], slot[order]]
        starts = _starts(counts)
        first = np.empty_like(self.sections)
        first[cohort[order], slot[order]] = starts[:-1]
        section = np.arange(self.size.classes) - np.repeat(starts[:-1], counts)
        return ClassPlan(
            first=first,
            cohort=np.repeat(cohort[order], counts).astype(np.int32),
            slot=np.repeat(slot[order], counts).astype(np.int32),
            section=section.astype(np.int32),
        )

    @cached_property
    def class_schools(self) -> Ints:
        """School of every class."""
        return self.cohorts[0][self.classes.cohort]

    @cached_property
    def class_periods(self) -> Ints:
        """Period of every class, from 0."""
        classes, schools = self.classes, self.cohorts[0]
        before = _starts(self.base_sections)[:-1]
        # Sections of a slot run through the periods in order, on from grade to grade of a school.
        school_first = np.searchsorted(schools, np.arange(len(self.levels)))
        offset = before - before[school_first][schools]
        base = self.base_sections[classes.cohort]
        house = np.where(base >= PERIODS, classes.section, classes.section % base)
        slot = np.minimum(classes.slot, self.slots - max(1, self.semester_slots))
        return ((offset[classes.cohort] + slot + house) % PERIODS).astype(np.int32)

    @cached_property
    def teacher_schools(self) -> Ints:
        """School of every teacher."""
        per_school = np.bincount(self.class_schools, minlength=len(self.levels)).astype(np.int64)
        minimum = min(2, self.size.teachers // len(self.levels))
        counts = apportion(self.size.teachers, per_school, minimum=minimum)
        return np.repeat(np.arange(len(self.levels)), counts).astype(np.int32)

    @cached_property
    def class_teachers(self) -> Ints:
        """Primary teacher of every class: neighbours in a slot have the same one."""
        teachers = np.bincount(self.teacher_schools, minlength=len(self.levels))
        first_teacher = _starts(teachers.astype(np.int64))
        result = np.empty(self.size.classes, np.int32)
        # A fall and a spring course in the same period are one subject, so that nobody idles.
        subject = np.minimum(self.classes.slot, self.slots - max(1, self.semester_slots))
        bounds = np.searchsorted(self.class_schools, np.arange(len(self.levels) + 1))
        for school, (low, high) in enumerate(pairwise(bounds)):
            counts = np.bincount(subject[low:high]).astype(np.int64)
            staff = int(teachers[school])
            place = _within_runs(subject[low:high])
            of = subject[low:high]
            if staff >= len(counts):
                shares = apportion(staff, counts, minimum=1)
                local = _starts(shares)[of] + place * shares[of] // counts[of]
            else:
                local = np.arange(high - low) * staff // (high - low)
            result[low:high] = first_teacher[school] + local
        return result

    @cached_property
    def co_taught(self) -> Ints:
        """Classes with a second teacher: one in every ten."""
        shift = key(self.seed, "co-teachers") % 10
        return (np.arange(self.size.co_teachers) * 10 + shift).astype(np.int32)

    @cached_property
    def co_teachers(self) -> Ints:
        """The second teacher of each of these: the next one of the same school."""
        primary = self.class_teachers[self.co_taught]
        school = self.teacher_schools[primary]
        bounds = np.searchsorted(self.teacher_schools, np.arange(len(self.levels) + 1))
        low, count = bounds[school], np.diff(bounds)[school]
        return (low + (primary - low + 1) % count).astype(np.int32)

    def seats(self) -> tuple[Ints, Ints]:
        """Student and class of every student enrollment, in order of students."""
        size, slots = self.size, self.slots
        ends = (np.arange(size.students + 1) * size.student_enrollments) // size.students
        load = np.diff(ends)
        cohort = np.repeat(np.arange(len(self.cohort_students)), self.cohort_students)
        rank = np.arange(size.students) - self.student_starts[cohort]
        grid = np.empty((size.students, slots), np.int32)
        for slot in range(slots):
            section = self._section_of(cohort, rank, slot)
            grid[:, slot] = self.classes.first[cohort, slot] + section
        # Who takes one class less leaves out the fall or the spring course.
        left_out = slots - 1 - rank % max(1, self.semester_slots)
        short = np.flatnonzero(load < slots)
        grid[short, left_out[short]] = -1
        students = np.repeat(np.arange(size.students, dtype=np.int32), load)
        flat = grid.reshape(-1)
        return students, flat[flat >= 0]

    def _section_of(self, cohort: Longs, rank: Longs, slot: int) -> Longs:
        base = self.base_sections[cohort]
        period_group = (rank % base) % PERIODS
        in_group = (base - period_group + PERIODS - 1) // PERIODS
        place = (rank // base) * in_group + (rank % base) // PERIODS
        wide = self.sections[cohort, slot]
        small_extra = (base < PERIODS) & (wide > base) & (period_group == 0)
        choices = (wide - period_group + PERIODS - 1) // PERIODS
        choices = np.where(base < PERIODS, 1 + small_extra, choices)
        pick = (place // choices ** (slot % 3)) % choices
        return np.where((base < PERIODS) & (pick > 0), base, period_group + PERIODS * pick)


@dataclass(frozen=True)
class ClassPlan:
    """Cohort, slot and section of every class, and the first class of every cohort and slot."""

    first: Longs
    cohort: Ints
    slot: Ints
    section: Ints


def _spread(bits: NDArray[np.uint64], permille: int) -> Longs:
    """Turn hashes into numbers from -permille to +permille."""
    return (bits % np.uint64(2 * permille + 1)).astype(np.int64) - permille


def _within_runs(values: Ints) -> Longs:
    """Return for each element how many equal ones stand before it; equal ones stand together."""
    starts = np.flatnonzero(np.concatenate(([True], values[1:] != values[:-1])))
    lengths = np.diff(np.concatenate((starts, [len(values)])))
    return np.arange(len(values)) - np.repeat(starts, lengths)
