"""From one school year to the next: what Focus serves after the SIS rolled its data over.

Only the current year is served, so everything that belongs to the old one vanishes: sessions,
courses, classes, enrollments, grades. People stay, a grade higher; the last grade leaves, a first
one comes. Timetables are handed down: who enters a grade of a school takes the classes of somebody
who was in it, teachers keep their classes, and all of these have new ids.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import date, timedelta
from functools import cached_property
from itertools import chain, pairwise
from typing import TypeVar

import msgspec

from homeroom.mocks.district.changes import Change
from homeroom.mocks.district.district import District
from homeroom.mocks.district.evolve.rosters import Draws
from homeroom.mocks.district.names import name_of, to_ascii
from homeroom.mocks.district.plan import GRADES
from homeroom.mocks.district.records import (
    AcademicSession,
    Class,
    Course,
    Demographics,
    Enrollment,
    Record,
    RoleType,
    Status,
    User,
)

OF_THE_YEAR = ("results", "lineItems", "enrollments", "classes", "courses", "academicSessions")
"""Collections of which nothing outlives the year, those that refer to others first."""
_YEARS = re.compile(r"\b(?:19|20)\d\d\b")
_NEXT_GRADE: dict[str, str] = dict(pairwise(GRADES))
T = TypeVar("T", bound=Record)
Place = tuple[str, str | None]
"""A school and a grade of it."""


class Rollover:
    """One rollover of a district as it stands when the old year is over."""

    def __init__(self, district: District, *, seed: int, day: date) -> None:
        self._district = district
        self._seed = seed
        self._day = day
        self._entered: Counter[Place] = Counter()
        self.stayed = self.left = self.came = 0
        """How many students go on, have left, and are new; known once `changes` is through."""

    def changes(self) -> Iterator[Change]:
        """Yield everything that changes: what comes, in an order of references, then what goes."""
        coming: dict[str, list[Record]] = {
            "academicSessions": list(self._sessions.values()),
            "courses": list(self._courses.values()),
            "classes": list(self._classes.values()),
            "users": [],
            "enrollments": [],
            "demographics": [],
        }
        for user in self._rows("users", User):
            if user.role == RoleType.STUDENT and user.status == Status.ACTIVE:
                self._student_goes_on(user, coming)
        self._students_come(coming)
        coming["enrollments"] += self._teachers_go_on()
        stamp = f"{self._day.isoformat()}T04:00:00.000Z"
        for collection, records in coming.items():
            for record in records:
                stamped = msgspec.structs.replace(record, date_last_modified=stamp)
                yield Change(collection, stamped)
        for collection in OF_THE_YEAR:
            for record in self._rows(collection, Record):
                yield Change(collection, record, gone=True)

    @property
    def year(self) -> str:
        """SourcedId of the new year's first session."""
        return next((session.sourced_id for session in self._sessions.values()), "")

    def _rows(self, collection: str, of: type[T]) -> Iterator[T]:
        table = self._district.tables[collection]
        records = map(table.record, range(len(table)))
        return (record for record in records if isinstance(record, of))

    def _draws(self, *parts: str | int) -> Draws:
        return Draws(self._seed, "rollover", self._day.isoformat(), *parts)

    # What is taught.

    @cached_property
    def _sessions(self) -> dict[str, AcademicSession]:
        rows = list(self._rows("academicSessions", AcademicSession))
        ids = {row.sourced_id: self._draws("session", row.sourced_id).guid() for row in rows}
        return {
            row.sourced_id: msgspec.structs.replace(
                row,
                sourced_id=ids[row.sourced_id],
                title=_a_year_on(row.title),
                start_date=_same_weekday(row.start_date),
                end_date=_same_weekday(row.end_date),
                parent=ids.get(row.parent or ""),
                children=tuple(ids[child] for child in row.children if child in ids),
                school_year=_a_year_on(row.school_year),
            )
            for row in rows
        }

    @cached_property
    def _courses(self) -> dict[str, Course]:
        return {
            row.sourced_id: msgspec.structs.replace(
                row,
                sourced_id=self._draws("course", row.sourced_id).guid(),
                school_year=self._session_id(row.school_year),
            )
            for row in self._rows("courses", Course)
            if row.status == Status.ACTIVE
        }

    def _session_id(self, old: str | None) -> str | None:
        session = self._sessions.get(old or "")
        return session.sourced_id if session else None

    @cached_property
    def _classes(self) -> dict[str, Class]:
        classes: dict[str, Class] = {}
        for row in self._rows("classes", Class):
            course = self._courses.get(row.course or "")
            if row.status == Status.ACTIVE and course:
                terms = (self._session_id(term) for term in row.terms)
                classes[row.sourced_id] = msgspec.structs.replace(
                    row,
                    sourced_id=self._draws("class", row.sourced_id).guid(),
                    course=course.sourced_id,
                    terms=tuple(term for term in terms if term),
                )
        return classes

    # Who is taught what.

    @cached_property
    def _seats(self) -> dict[str, list[str]]:
        """Old classes that each student attended to the end, by student."""
        ends = {
            row.sourced_id: row.end_date or ""
            for row in self._rows("academicSessions", AcademicSession)
        }
        last = {
            row.sourced_id: max((ends.get(term, "") for term in row.terms), default="")
            for row in self._rows("classes", Class)
        }
        seats: dict[str, list[str]] = defaultdict(list)
        for row in self._rows("enrollments", Enrollment):
            to_the_end = row.end_date is None or row.end_date >= last.get(row.class_ or "", "")
            if row.role == RoleType.STUDENT and row.status == Status.ACTIVE and to_the_end:
                seats[row.user or ""].append(row.class_ or "")
        return seats

    @cached_property
    def _timetables(self) -> dict[Place, list[list[str]]]:
        """The old classes of each student of a place, in the order of the students."""
        timetables: dict[Place, list[list[str]]] = defaultdict(list)
        for user in self._rows("users", User):
            if user.role == RoleType.STUDENT and user.orgs and self._seats.get(user.sourced_id):
                timetables[_place(user)].append(self._seats[user.sourced_id])
        return timetables

    @cached_property
    def _domain(self) -> str:
        """Where the district's students have their mail; blank where they have none."""
        addresses = (row.email for row in self._rows("users", User) if row.role == RoleType.STUDENT)
        return next((each.partition("@")[2] for each in addresses if each), "")

    @cached_property
    def _schools_of_grade(self) -> dict[str | None, list[str]]:
        schools: dict[str | None, list[str]] = defaultdict(list)
        for school, grade in sorted(self._timetables, key=str):
            schools[grade].append(school)
        return schools

    def _next_place(self, user: User) -> Place | None:
        school, grade = _place(user)
        if grade is None:
            return school, None
        following = _NEXT_GRADE.get(grade)
        schools = self._schools_of_grade.get(following, []) if following else []
        if school in schools:
            return school, following
        if not schools:
            return None
        # All of a school go on to the same next one.
        return schools[self._draws("feeds", school).below(len(schools))], following

    def _student_goes_on(self, user: User, coming: dict[str, list[Record]]) -> None:
        place = self._next_place(user) if user.orgs and user.enabled_user else None
        if place is None:
            self.left += 1
            gone = msgspec.structs.replace(user, status=Status.TOBEDELETED)
            coming["users"].append(gone)
            known = self._district.find("demographics", user.sourced_id)
            if known:
                coming["demographics"].append(
                    msgspec.structs.replace(known, status=Status.TOBEDELETED)
                )
            return
        school, grade = place
        self.stayed += 1
        if grade is not None:
            user = msgspec.structs.replace(user, orgs=(school,), grades=(grade,))
            coming["users"].append(user)
        coming["enrollments"] += self._timetable_of(user, place)

    def _students_come(self, coming: dict[str, list[Record]]) -> None:
        """Fill the grades that nobody went on to: as many students as were there before."""
        for place, before in self._timetables.items():
            if self._entered[place]:
                continue
            for number in range(len(before)):
                draws = self._draws("student", *map(str, place), number)
                name = name_of(draws.bits(), draws.bits())
                login = f"{to_ascii(name.given)[:1]}{to_ascii(name.family)[:14]}"
                school, grade = place
                self.came += 1
                username = f"{login}y{self._day.year % 100}{self.came}"
                user = User(
                    sourced_id=draws.guid(),
                    username=username,
                    given_name=name.given,
                    family_name=name.family,
                    middle_name=name.middle,
                    role=RoleType.STUDENT,
                    identifier=f"7{self._day.year % 100}{self.came:06d}",
                    email=f"{username}@{self._domain}" if self._domain else None,
                    orgs=(school,),
                    grades=() if grade is None else (grade,),
                )
                coming["users"].append(user)
                coming["demographics"].append(Demographics(sourced_id=user.sourced_id))
                coming["enrollments"] += self._timetable_of(user, place)

    def _timetable_of(self, user: User, place: Place) -> list[Record]:
        handed_down = self._timetables.get(place)
        if not handed_down:
            return []
        number = self._entered[place]
        self._entered[place] += 1
        classes = dict.fromkeys(handed_down[number % len(handed_down)])
        seats = (self._seat(user.sourced_id, old, RoleType.STUDENT) for old in classes)
        return list(chain.from_iterable(seats))

    def _teachers_go_on(self) -> list[Record]:
        seats: list[Record] = []
        for row in self._rows("enrollments", Enrollment):
            if row.role != RoleType.STUDENT and row.status == Status.ACTIVE and row.user:
                seats += self._seat(row.user, row.class_ or "", row.role, primary=row.primary)
        return seats

    def _seat(
        self, user: str, old_class: str, role: RoleType | None, *, primary: bool | None = False
    ) -> Iterator[Enrollment]:
        class_ = self._classes.get(old_class)
        if class_ is None:
            return
        ids = set(class_.terms)
        sessions = [row for row in self._sessions.values() if row.sourced_id in ids]
        yield Enrollment(
            sourced_id=self._draws("enrollment", user, class_.sourced_id).guid(),
            user=user,
            class_=class_.sourced_id,
            school=class_.school,
            role=role,
            primary=primary,
            begin_date=min((row.start_date or "" for row in sessions), default=None),
            end_date=max((row.end_date or "" for row in sessions), default=None),
        )


def _place(user: User) -> Place:
    return user.orgs[0], user.grades[0] if user.grades else None


def _a_year_on(text: str | None) -> str | None:
    return text and _YEARS.sub(lambda year: str(int(year[0]) + 1), text)


def _same_weekday(day: str | None) -> str | None:
    """Return the day 52 weeks later: school begins on the same day of the week."""
    return day and (date.fromisoformat(day) + timedelta(weeks=52)).isoformat()
