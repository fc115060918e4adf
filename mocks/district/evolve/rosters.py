"""A district as it stands on a day: what it began with, and what has changed since."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import TypeVar

import msgspec
import numpy as np
from numpy.typing import NDArray

from homeroom.mocks.district.changes import Change, changed
from homeroom.mocks.district.columns import Ints
from homeroom.mocks.district.district import District
from homeroom.mocks.district.hashing import below, draw, key
from homeroom.mocks.district.records import (
    ROLES,
    AcademicSession,
    Class,
    Course,
    Enrollment,
    Org,
    Record,
    RoleType,
    SessionType,
    Status,
    User,
)

T = TypeVar("T", bound=Record)


class Draws:
    """Draws for one event: seed, day, kind and number decide them, nothing drawn before does."""

    def __init__(self, *parts: int | str) -> None:
        self._base = key(*parts)
        self._count = 0

    def bits(self) -> int:
        """Return 64 more bits."""
        self._count += 1
        return draw(self._base, self._count)

    def below(self, limit: int) -> int:
        """Return a number from 0 to `limit` - 1."""
        return below(self.bits(), limit)

    def guid(self) -> str:
        """Return an id for a new record, in the form of a GUID."""
        high, low = self.bits(), self.bits()
        return (
            f"{high >> 32:08x}-{high >> 16 & 0xFFFF:04x}-4{high & 0xFFF:03x}"
            f"-{low >> 48 & 0x3FFF | 0x8000:04x}-{low & 0xFFFFFFFFFFFF:012x}"
        )


@dataclass(frozen=True)
class Session:
    """A session's identity and dates."""

    sourced_id: str
    title: str
    type: SessionType | None
    begin: date
    end: date


class Rosters:
    """Reads a district through an overlay of changed records, and collects the changes."""

    def __init__(self, district: District) -> None:
        self.district = district
        self._overlay: dict[str, dict[str, Record]] = defaultdict(dict)
        self._new_of_user: dict[str, list[str]] = defaultdict(list)
        self._new_of_class: dict[str, list[str]] = defaultdict(list)
        self._new_of_course: dict[str, list[str]] = defaultdict(list)
        self.joined: list[str] = []
        """sourcedIds of students who came after the beginning."""
        self._changes: list[Change] = []
        self._came: dict[str, int] = defaultdict(int)
        self._clock = 0
        self.today = date.min

    def open_day(self, today: date) -> None:
        """Let changes count as made on this day, from the time the school office opens."""
        self.today = today
        self._clock = 12 * 3600

    def take_changes(self) -> tuple[Change, ...]:
        """Return the changes made since the last call."""
        changes, self._changes = tuple(self._changes), []
        return changes

    def standing(self) -> District:
        """Return the district as it stands, all of it held as rows."""
        overlay = [
            Change(collection, record)
            for collection, by_id in self._overlay.items()
            for record in by_id.values()
        ]
        return changed(self.district, overlay)

    def find(self, collection: str, sourced_id: str | None, of: type[T]) -> T | None:
        """Return a record as it stands, or None."""
        if sourced_id is None:
            return None
        record = self._overlay[collection].get(sourced_id)
        if record is None:
            record = self.district.find(collection, sourced_id)
        return record if isinstance(record, of) else None

    def at(self, collection: str, index: int, of: type[T]) -> T | None:
        """Return the record, as it stands, that had this index at the beginning."""
        table = self.district.tables[collection]
        record = self._overlay[collection].get(table.sourced_id(index)) or table.record(index)
        return record if isinstance(record, of) else None

    def put(self, collection: str, record: Record) -> None:
        """Change or add a record; `dateLastModified` is set to the time of day."""
        self._clock += 1
        minute, second = divmod(self._clock, 60)
        hour, minute = divmod(minute, 60)
        # A day with more changes than seconds left ends at its last second.
        hour, minute, second = min((hour, minute, second), (23, 59, 59))
        stamp = f"{self.today.isoformat()}T{hour:02d}:{minute:02d}:{second:02d}.000Z"
        record = msgspec.structs.replace(record, date_last_modified=stamp)
        sourced_id = record.sourced_id
        is_new = (
            sourced_id not in self._overlay[collection]
            and self.district.tables[collection].find(sourced_id) is None
        )
        if isinstance(record, Enrollment):
            self._count(self.find(collection, sourced_id, Record), record)
        self._overlay[collection][sourced_id] = record
        self._changes.append(Change(collection, record))
        if is_new and isinstance(record, Enrollment):
            self._new_of_user[record.user or ""].append(sourced_id)
            self._new_of_class[record.class_ or ""].append(sourced_id)
        elif is_new and isinstance(record, Class):
            self._new_of_course[record.course or ""].append(sourced_id)

    @cached_property
    def students(self) -> Ints:
        """Indices of the students there were at the beginning."""
        return self._of_role(RoleType.STUDENT)

    def _of_role(self, role: RoleType) -> Ints:
        roles = self.district.columns.users.role
        return np.flatnonzero(roles == ROLES.index(role)).astype(np.int32)

    def some_student(self, draws: Draws) -> User | None:
        """Return a student who is in school, None when a few draws find nobody."""
        first = len(self.students)
        for _ in range(8):
            if not first + len(self.joined):
                return None
            place = draws.below(first + len(self.joined))
            student = (
                self.at("users", int(self.students[place]), User)
                if place < first
                else self.find("users", self.joined[place - first], User)
            )
            if student and student.status == Status.ACTIVE and student.enabled_user:
                return student
        return None

    def some(self, collection: str, of: type[T], draws: Draws) -> T | None:
        """Return one of the records there were at the beginning, None when it has gone since."""
        table = self.district.tables[collection]
        if not len(table):
            return None
        record = self.at(collection, draws.below(len(table)), of)
        return record if record and record.status == Status.ACTIVE else None

    def some_teacher(self, school: str | None, draws: Draws, *, besides: str) -> User | None:
        """Return a teacher of a school who is not `besides`."""
        teachers = self._teachers_of(school)
        others = [index for index in teachers if index != besides]
        if not others:
            return None
        return self.find("users", others[draws.below(len(others))], User)

    @cached_property
    def _teachers(self) -> dict[str, list[str]]:
        return {}

    def _teachers_of(self, school: str | None) -> list[str]:
        if school is None:
            return []
        if school not in self._teachers:
            org = self.district.tables["orgs"].find(school)
            table, roles = self.district.tables["users"], self.district.columns.users.role
            none = np.empty(0, np.int32)
            members = none if org is None else self.district.relations.users_of_org[org]
            teacher = ROLES.index(RoleType.TEACHER)
            self._teachers[school] = [
                table.sourced_id(int(index)) for index in members if roles[index] == teacher
            ]
        return self._teachers[school]

    def all_enrollments_of(self, user: str) -> list[Enrollment]:
        """Return a user's enrollments, ended and tobedeleted ones included."""
        index = self.district.tables["users"].find(user)
        base = () if index is None else self.district.relations.enrollments_of_user[index]
        return self._enrollments(base, self._new_of_user.get(user, ()))

    def enrollments_of(self, user: str) -> list[Enrollment]:
        """Return a user's enrollments that are open today."""
        return list(filter(self.is_open, self.all_enrollments_of(user)))

    def members_of(self, class_: str) -> list[Enrollment]:
        """Return a class's enrollments that are open today, teachers' included."""
        index = self.district.tables["classes"].find(class_)
        base = () if index is None else self.district.relations.enrollments_of_class[index]
        found = self._enrollments(base, self._new_of_class.get(class_, ()))
        return list(filter(self.is_open, found))

    def _enrollments(self, base: Iterable[int], new: Sequence[str]) -> list[Enrollment]:
        found = [self.at("enrollments", int(index), Enrollment) for index in base]
        found += [self.find("enrollments", sourced_id, Enrollment) for sourced_id in new]
        return [enrollment for enrollment in found if enrollment]

    def is_open(self, enrollment: Enrollment) -> bool:
        """Say whether an enrollment is active and has not ended by today."""
        return enrollment.status == Status.ACTIVE and (
            enrollment.end_date is None or enrollment.end_date > self.today.isoformat()
        )

    def size_of(self, class_: str) -> int:
        """Return how many students a class has today."""
        index = self.district.tables["classes"].find(class_)
        begun_with = 0 if index is None else int(self._first_sizes[index])
        return begun_with + self._came.get(class_, 0)

    def crowded(self, students: int) -> list[str]:
        """Return classes that began with more students than that, or have since come to."""
        table = self.district.tables["classes"]
        begun = np.flatnonzero(self._first_sizes > students)
        ids = dict.fromkeys([*(table.sourced_id(int(i)) for i in begun), *sorted(self._came)])
        return [class_ for class_ in ids if self.size_of(class_) > students]

    @cached_property
    def _first_sizes(self) -> NDArray[np.int64]:
        columns = self.district.columns.enrollments
        seats = columns.class_[columns.role == ROLES.index(RoleType.STUDENT)]
        return np.bincount(seats[seats >= 0], minlength=len(self.district.tables["classes"]))

    def _count(self, before: Record | None, after: Enrollment) -> None:
        if after.role == RoleType.STUDENT and after.class_:
            was_open = isinstance(before, Enrollment) and self.is_open(before)
            self._came[after.class_] += self.is_open(after) - was_open

    def sections_of(self, course: str | None) -> list[Class]:
        """Return the classes of a course that are there today."""
        if course is None:
            return []
        index = self.district.tables["courses"].find(course)
        base = () if index is None else self.district.relations.classes_of_course[index]
        found = [self.at("classes", int(i), Class) for i in base]
        found += [self.find("classes", i, Class) for i in self._new_of_course.get(course, ())]
        return [class_ for class_ in found if class_ and class_.status == Status.ACTIVE]

    def schools(self) -> list[Org]:
        """Return all schools."""
        found = (self.at("orgs", i, Org) for i in range(len(self.district.tables["orgs"])))
        return [org for org in found if org and org.type == "school"]

    def course(self, sourced_id: str | None) -> Course | None:
        """Return a course as it stands."""
        return self.find("courses", sourced_id, Course)

    @cached_property
    def sessions(self) -> tuple[Session, ...]:
        """All sessions whose dates are known."""
        table = self.district.tables["academicSessions"]
        records = (table.record(index) for index in range(len(table)))
        return tuple(
            Session(
                record.sourced_id,
                record.title or "",
                record.type,
                date.fromisoformat(record.start_date),
                date.fromisoformat(record.end_date),
            )
            for record in records
            if isinstance(record, AcademicSession) and record.start_date and record.end_date
        )

    def start_of(self, class_: Class) -> str | None:
        """Return the first session start of a class, as a date."""
        starts = [session.begin for session in self.sessions if session.sourced_id in class_.terms]
        return min(starts).isoformat() if starts else None

    def end_of(self, class_: Class) -> str | None:
        """Return the last session end of a class, as a date."""
        ends = [session.end for session in self.sessions if session.sourced_id in class_.terms]
        return max(ends).isoformat() if ends else None
