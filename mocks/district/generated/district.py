"""Puts the tables of a generated district together, and their columns."""

import numpy as np

from homeroom.mocks.district.calendar import SchoolYear
from homeroom.mocks.district.columns import (
    NONE,
    ClassColumns,
    Columns,
    CourseColumns,
    Csr,
    EnrollmentColumns,
    Ints,
    OrgColumns,
    SessionColumns,
    UserColumns,
    offsets,
    to_day,
)
from homeroom.mocks.district.district import District
from homeroom.mocks.district.generated.places import (
    DISTRICT,
    AcademicSessions,
    Categories,
    Orgs,
)
from homeroom.mocks.district.generated.teaching import Classes, Courses, Enrollments
from homeroom.mocks.district.generated.users import DemographicsTable, Users
from homeroom.mocks.district.generated.world import World
from homeroom.mocks.district.plan import Plan
from homeroom.mocks.district.records import (
    ORG_TYPES,
    ROLES,
    SESSION_TYPES,
    OrgType,
    RoleType,
)
from homeroom.mocks.district.rows import RowTable
from homeroom.mocks.district.sizes import Size


def generate_district(size: Size, *, seed: int, year: SchoolYear) -> District:
    """Make a district of that size: the same records for the same seed and year, everywhere."""
    world = World(Plan(size, seed), year)
    courses = Courses(world)
    classes = Classes(world, courses)
    users = Users(world)
    enrollments = Enrollments(world, classes)
    return District(
        name=size.name,
        seed=seed,
        generated=True,
        tables={
            "orgs": Orgs(world),
            "academicSessions": AcademicSessions(world),
            "courses": courses,
            "classes": classes,
            "users": users,
            "enrollments": enrollments,
            "demographics": DemographicsTable(world, users),
            "resources": RowTable(),
            "categories": Categories(world),
            "lineItems": RowTable(),
            "results": RowTable(),
        },
        columns=GeneratedColumns(world, courses, classes, users, enrollments),
    )


class GeneratedColumns(Columns):
    """The columns of a generated district, computed without making a record."""

    def __init__(
        self,
        world: World,
        courses: Courses,
        classes: Classes,
        users: Users,
        enrollments: Enrollments,
    ) -> None:
        self._world = world
        self._courses_table = courses
        self._classes_table = classes
        self._users_table = users
        self._enrollments_table = enrollments

    def _make_orgs(self) -> OrgColumns:
        schools = len(self._world.plan.levels)
        types = [OrgType.DISTRICT, *[OrgType.SCHOOL] * schools]
        return OrgColumns(
            type=np.array([ORG_TYPES.index(type_) for type_ in types], np.uint8),
            parent=np.array([NONE, *[DISTRICT] * schools], np.int32),
        )

    def _make_sessions(self) -> SessionColumns:
        sessions = self._world.sessions
        parents = [NONE if session.parent is None else session.parent for session in sessions]
        return SessionColumns(
            type=np.array([SESSION_TYPES.index(session.type) for session in sessions], np.uint8),
            parent=np.array(parents, np.int32),
            begin_day=np.array([to_day(s.begin.isoformat()) for s in sessions], np.int32),
            end_day=np.array([to_day(s.end.isoformat()) for s in sessions], np.int32),
        )

    def _make_courses(self) -> CourseColumns:
        schools = self._courses_table.schools
        return CourseColumns(org=_one_up(schools), school_year=np.zeros(len(schools), np.int32))

    def _make_classes(self) -> ClassColumns:
        return ClassColumns(
            course=self._classes_table.courses,
            school=_one_up(self._world.plan.class_schools),
            terms=Csr.single(self._classes_table.semesters),
        )

    def _make_users(self) -> UserColumns:
        people, users = self._world.people, self._users_table
        role = np.empty(people.count, np.uint8)
        bounds = (
            (0, RoleType.STUDENT),
            (people.teachers_from, RoleType.TEACHER),
            (people.administrators_from, RoleType.ADMINISTRATOR),
            (people.aides_from, RoleType.AIDE),
            (people.guardians_from, RoleType.GUARDIAN),
        )
        for start, of in bounds:
            role[start:] = ROLES.index(of)
        first, second = people.students_of_guardians()
        schools = users.student_schools[first], users.student_schools[second]
        low, high = _one_up(np.minimum(*schools)), _one_up(np.maximum(*schools))
        lengths = np.ones(people.count, np.int64)
        lengths[people.guardians_from :] += low != high
        # Both schools side by side; the second column is kept only where it names another one.
        pairs = np.stack((low, high), axis=1)
        keep = np.stack((np.ones(len(low), np.bool_), low != high), axis=1)
        values = np.concatenate((_one_up(users.student_schools), users.staff_orgs, pairs[keep]))
        return UserColumns(role=role, orgs=Csr(offsets(lengths), values.astype(np.int32)))

    def _make_enrollments(self) -> EnrollmentColumns:
        table, sessions = self._enrollments_table, self.sessions
        users, classes = table.users_and_classes
        primary_from, co_teachers_from = table.ranges
        role = np.full(len(table), ROLES.index(RoleType.STUDENT), np.uint8)
        role[primary_from:] = ROLES.index(RoleType.TEACHER)
        primary = np.zeros(len(table), np.int8)
        primary[primary_from:co_teachers_from] = 1
        session = self._classes_table.semesters[classes]
        return EnrollmentColumns(
            user=users,
            class_=classes,
            school=self.classes.school[classes],
            role=role,
            primary=primary,
            begin_day=sessions.begin_day[session],
            end_day=sessions.end_day[session],
        )


def _one_up(schools: Ints) -> Ints:
    """Turn schools into orgs: the district comes first."""
    return (schools + 1).astype(np.int32)
