"""Generated courses, classes and enrollments."""

from functools import cached_property

import numpy as np

from homeroom.mocks.district.calendar import YEAR
from homeroom.mocks.district.catalogue import Offer, offers
from homeroom.mocks.district.columns import Ints
from homeroom.mocks.district.generated.table import GeneratedTable
from homeroom.mocks.district.generated.world import World
from homeroom.mocks.district.plan import GRADES
from homeroom.mocks.district.records import (
    Class,
    ClassType,
    Course,
    Enrollment,
    Record,
    RoleType,
)


class Courses(GeneratedTable):
    """A course for every cohort and slot: schools list their own, as in Focus."""

    def __init__(self, world: World) -> None:
        plan = world.plan
        count = len(plan.cohorts[0]) * plan.slots
        super().__init__(world, "courses", world.courses, count)

    @property
    def schools(self) -> Ints:
        """School of every course."""
        return np.repeat(self._plan.cohorts[0], self._plan.slots)

    def offer(self, index: int) -> tuple[Offer, int]:
        """Return what is taught, and the grade, a place in GRADES."""
        cohort, slot = divmod(index, self._plan.slots)
        grade = int(self._plan.cohorts[1][cohort])
        return offers(grade, self._plan.slots)[slot], grade

    def _record(self, index: int) -> Record:
        offer, grade = self.offer(index)
        school = int(self._plan.cohorts[0][index // self._plan.slots])
        return Course(
            sourced_id=self.sourced_id(index),
            date_last_modified=self._entered(index),
            title=offer.title,
            school_year=self._world.session_ids[YEAR],
            course_code=offer.code,
            grades=(GRADES[grade],),
            subjects=(offer.subject,),
            org=self._world.org_ids[1 + school],
            subject_codes=(offer.subject_code,),
        )


class Classes(GeneratedTable):
    """The sections of every course, a period and a room each."""

    def __init__(self, world: World, courses: Courses) -> None:
        super().__init__(world, "classes", world.classes, world.plan.size.classes)
        self._courses = courses

    @cached_property
    def semesters(self) -> Ints:
        """Session of every class: the year, or one of its semesters."""
        plan = self._plan
        first = plan.slots - plan.semester_slots
        return np.maximum(plan.classes.slot - first + 1, YEAR).astype(np.int32)

    @cached_property
    def courses(self) -> Ints:
        """Course of every class.

        Both semester courses run in both semesters: who has Art in the fall has Music in spring.
        """
        classes, slots = self._plan.classes, self._plan.slots
        swapped = (self.semesters != YEAR) & (classes.section % 2 == 1)
        slot = np.where(swapped, 2 * slots - 3 - classes.slot, classes.slot)
        return (classes.cohort * slots + slot).astype(np.int32)

    def _record(self, index: int) -> Record:
        plan = self._plan
        course = int(self.courses[index])
        offer, grade = self._courses.offer(course)
        section = int(plan.classes.section[index]) + 1
        period = int(plan.class_periods[index]) + 1
        teacher = int(plan.class_teachers[index])
        room = 1 + teacher - int(np.searchsorted(plan.teacher_schools, plan.class_schools[index]))
        return Class(
            sourced_id=self.sourced_id(index),
            date_last_modified=self._entered(index),
            title=f"{offer.title} - Period {period} - {section:03d}",
            class_code=f"{offer.code}-{section:03d}",
            class_type=ClassType.SCHEDULED,
            location=f"{room:03d}",
            grades=(GRADES[grade],),
            subjects=(offer.subject,),
            course=self._courses.sourced_id(course),
            school=self._world.org_ids[1 + int(plan.class_schools[index])],
            terms=(self._world.session_ids[self.semesters[index]],),
            subject_codes=(offer.subject_code,),
            periods=(str(period),),
        )


class Enrollments(GeneratedTable):
    """Students', in order of students; primary teachers', in order of classes; co-teachers'."""

    def __init__(self, world: World, classes: Classes) -> None:
        super().__init__(world, "enrollments", world.enrollments, world.plan.size.enrollments)
        self._classes = classes
        self._primary_from = world.plan.size.student_enrollments
        self._co_teachers_from = self._primary_from + world.plan.size.classes
        self._session_dates = tuple(
            (session.begin.isoformat(), session.end.isoformat()) for session in world.sessions
        )

    @cached_property
    def users_and_classes(self) -> tuple[Ints, Ints]:
        """User and class of every enrollment."""
        plan, teachers = self._plan, np.int32(self._world.people.teachers_from)
        students, taken = plan.seats()
        every_class = np.arange(plan.size.classes, dtype=np.int32)
        return (
            np.concatenate((students, plan.class_teachers + teachers, plan.co_teachers + teachers)),
            np.concatenate((taken, every_class, plan.co_taught)),
        )

    @property
    def ranges(self) -> tuple[int, int]:
        """Index of the first primary teacher's and of the first co-teacher's enrollment."""
        return self._primary_from, self._co_teachers_from

    def _record(self, index: int) -> Record:
        users, classes = self.users_and_classes
        class_ = int(classes[index])
        begin, end = self._session_dates[self._classes.semesters[class_]]
        is_teacher = index >= self._primary_from
        return Enrollment(
            sourced_id=self.sourced_id(index),
            date_last_modified=self._entered(index),
            user=self._world.users.text(int(users[index])),
            class_=self._classes.sourced_id(class_),
            school=self._world.org_ids[1 + int(self._plan.class_schools[class_])],
            role=RoleType.TEACHER if is_teacher else RoleType.STUDENT,
            primary=self._primary_from <= index < self._co_teachers_from,
            begin_date=begin,
            end_date=end,
        )
