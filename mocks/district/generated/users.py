"""Generated people: students, teachers, administrators, aides, guardians, and demographics."""

from datetime import date, timedelta
from functools import cached_property

import numpy as np

from homeroom.mocks.district.catalogue import CITIES
from homeroom.mocks.district.columns import Ints
from homeroom.mocks.district.generated.places import DISTRICT, mail_domain
from homeroom.mocks.district.generated.table import GeneratedTable
from homeroom.mocks.district.generated.world import World
from homeroom.mocks.district.hashing import Permutation, below, draw, key
from homeroom.mocks.district.names import (
    SURE_FAMILIES,
    FamilyKind,
    PersonName,
    name_of,
    sex_of,
    to_ascii,
)
from homeroom.mocks.district.plan import GRADES
from homeroom.mocks.district.records import Demographics, Record, RoleType, User

STUDENT_NUMBERS = 10**8
STAFF_NUMBERS = 10**6


class Users(GeneratedTable):
    """All people, by role: students, teachers, administrators, aides, guardians."""

    def __init__(self, world: World) -> None:
        super().__init__(world, "users", world.users, world.people.count)
        self._people = world.people
        self._families = key(world.seed, "families")
        self._persons = key(world.seed, "people")
        self._domain = mail_domain(world.seed)
        self._sure = self._sure_families()
        self._student_numbers = Permutation(STUDENT_NUMBERS, key(world.seed, "student numbers"))
        self._staff_numbers = Permutation(STAFF_NUMBERS, key(world.seed, "staff numbers"))

    def role(self, index: int) -> RoleType:
        """Return a user's role."""
        people = self._people
        if index < people.teachers_from:
            return RoleType.STUDENT
        if index < people.administrators_from:
            return RoleType.TEACHER
        if index < people.aides_from:
            return RoleType.ADMINISTRATOR
        return RoleType.AIDE if index < people.guardians_from else RoleType.GUARDIAN

    def _sure_families(self) -> dict[int, FamilyKind]:
        """Give the families of the first students the kinds of name that no district lacks."""
        kinds = list(reversed(SURE_FAMILIES))
        sure: dict[int, FamilyKind] = {}
        for student in range(min(self._people.students, 2 * len(kinds))):
            family = self._people.family_of_student(student)
            if kinds and family not in sure:
                sure[family] = kinds.pop()
        return sure

    def person(self, index: int) -> int:
        """Return the 64 bits from which a person is drawn."""
        return draw(self._persons, index)

    def name(self, index: int) -> PersonName:
        """Return a person's name; siblings share a family name, and most guardians have it too."""
        people, person = self._people, self.person(index)
        if index < people.students:
            family = people.family_of_student(index)
        elif index >= people.guardians_from and draw(self._families, ~person) % 10 < 7:
            family = people.family_of_student(people.students_of(index)[0])
        else:
            family = people.count + index
        return name_of(person, draw(self._families, family), self._sure.get(family))

    @cached_property
    def student_schools(self) -> Ints:
        """School of every student."""
        schools, _ = self._plan.cohorts
        return np.repeat(schools, self._plan.cohort_students)

    @cached_property
    def staff_orgs(self) -> Ints:
        """Org of every teacher, administrator and aide, in this order."""
        people, schools = self._people, np.arange(1, len(self._plan.levels) + 1)
        aides = np.arange(people.guardians_from - people.aides_from) % len(schools)
        return np.concatenate(
            (self._plan.teacher_schools + 1, [DISTRICT], schools, schools[aides])
        ).astype(np.int32)

    def grade(self, student: int) -> int:
        """Return a student's grade, a place in GRADES."""
        cohort = int(np.searchsorted(self._plan.student_starts, student, side="right")) - 1
        return int(self._plan.cohorts[1][cohort])

    def orgs(self, index: int) -> tuple[int, ...]:
        """Return the orgs that a user belongs to: guardians, to their students' schools."""
        people = self._people
        if index < people.students:
            return (1 + int(self.student_schools[index]),)
        if index < people.guardians_from:
            return (int(self.staff_orgs[index - people.teachers_from]),)
        schools = {1 + int(self.student_schools[s]) for s in people.students_of(index)}
        return tuple(sorted(schools))

    def _record(self, index: int) -> Record:
        role, name = self.role(index), self.name(index)
        is_student, is_guardian = role is RoleType.STUDENT, role is RoleType.GUARDIAN
        people = self._people
        username = f"{to_ascii(name.given)[:1]}{to_ascii(name.family)[:14]}{index}"
        agents: tuple[int, ...] = ()
        phone = None
        if is_student:
            domain = f"students.{self._domain}"
            agents = people.guardians_of(index)
            identifier = f"{self._student_numbers.forward(index):08d}"
        elif is_guardian:
            domain, identifier = "mail.example", None
            agents = people.students_of(index)
            # 555-0100 to 555-0199 are set aside for fiction.
            phone = f"850-555-01{below(draw(self._persons, ~index), 100):02d}"
        else:
            domain = self._domain
            identifier = f"{self._staff_numbers.forward(index - people.students):06d}"
        return User(
            sourced_id=self.sourced_id(index),
            date_last_modified=self._entered(index),
            username=username,
            given_name=name.given,
            family_name=name.family,
            middle_name=name.middle,
            role=role,
            identifier=identifier,
            email=f"{username}@{domain}",
            sms=phone,
            phone=phone,
            agents=tuple(map(self.sourced_id, agents)),
            orgs=tuple(map(self._world.org_ids.__getitem__, self.orgs(index))),
            grades=(GRADES[self.grade(index)],) if is_student else (),
        )


class DemographicsTable(GeneratedTable):
    """Demographics of students, under their sourcedIds."""

    def __init__(self, world: World, users: Users) -> None:
        super().__init__(world, "demographics", world.users, world.people.students)
        self._users = users
        self._births = key(world.seed, "births")

    def _record(self, index: int) -> Record:
        person, origin = self._users.person(index), self._users.name(index).origin
        lot = below(draw(self._births, ~person), 100)
        black = origin in ("haitian", "kenyan") or (origin == "anglo" and lot < 36)
        asian = origin in ("vietnamese", "indian", "indonesian")
        both = origin == "anglo" and 33 <= lot < 36
        abroad = _ABROAD.get(origin) if lot >= 70 else None
        return Demographics(
            sourced_id=self.sourced_id(index),
            date_last_modified=self._entered(index),
            birth_date=self._birth_date(index).isoformat(),
            sex=sex_of(person),
            american_indian_or_alaska_native=False,
            asian=asian,
            black_or_african_american=black,
            native_hawaiian_or_other_pacific_islander=False,
            white=both or not (black or asian),
            demographic_race_two_or_more_races=both,
            hispanic_or_latino_ethnicity=origin in ("hispanic", "spanish"),
            country_of_birth_code=abroad or "US",
            state_of_birth_abbreviation=None if abroad else "FL",
            city_of_birth=None if abroad else CITIES[lot % len(CITIES)],
            public_school_residence_status="01652",
        )

    def _birth_date(self, index: int) -> date:
        # Florida: five years old on or before 1 September for kindergarten.
        youngest = date(self._world.year.first - 5 - self._users.grade(index), 9, 1)
        return youngest - timedelta(below(draw(self._births, index), 365))


_ABROAD = {
    "hispanic": "CU",
    "spanish": "VE",
    "haitian": "HT",
    "brazilian": "BR",
    "indian": "IN",
    "kenyan": "KE",
    "vietnamese": "VN",
    "indonesian": "ID",
}
