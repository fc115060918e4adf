"""What a OneRoster provider held at one moment, as plain facts: the oracle's only view of a SIS."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum
from functools import cached_property
from typing import TypeVar


class Role(StrEnum):
    """OneRoster's RoleType, as far as the oracle tells roles apart."""

    STUDENT = "student"
    TEACHER = "teacher"
    AIDE = "aide"
    ADMINISTRATOR = "administrator"
    PROCTOR = "proctor"
    PARENT = "parent"
    GUARDIAN = "guardian"
    RELATIVE = "relative"


FAMILY = frozenset({Role.PARENT, Role.GUARDIAN, Role.RELATIVE})
STAFF = frozenset({Role.TEACHER, Role.AIDE, Role.ADMINISTRATOR, Role.PROCTOR})


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """What every OneRoster object has."""

    sourced_id: str
    status: str = "active"
    last_modified: str = ""

    @property
    def live(self) -> bool:
        """Whether the provider still stands by it; 1.0's `inactive` reads as tobedeleted."""
        return self.status not in {"tobedeleted", "inactive"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Org(Record):
    """A district, a school, or something between or below."""

    name: str
    type: str
    identifier: str | None = None
    parent: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AcademicSession(Record):
    """A school year, semester, term or grading period."""

    title: str
    type: str
    start_date: date | None = None
    end_date: date | None = None
    parent: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Course(Record):
    """What is taught; a class is a group taught it."""

    title: str
    course_code: str | None = None
    org: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Class(Record):
    """A taught group: Canvas's section."""

    title: str
    class_code: str | None = None
    course: str | None = None
    school: str | None = None
    terms: tuple[str, ...] = ()
    periods: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class User(Record):
    """A person, in the one role that Focus reports."""

    username: str
    given_name: str = ""
    family_name: str = ""
    role: str = Role.STUDENT
    enabled: bool = True
    middle_name: str | None = None
    identifier: str | None = None
    email: str | None = None
    orgs: tuple[str, ...] = ()
    agents: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Enrollment(Record):
    """A seat in a class. References may be null: Focus serves such rows."""

    user: str | None
    class_: str | None
    role: str
    school: str | None = None
    primary: bool = False
    begin_date: date | None = None
    end_date: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Category(Record):
    """A grading category; without `class_` it is usable in every class."""

    title: str
    class_: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LineItem(Record):
    """A graded thing in the SIS gradebook, in one class."""

    title: str
    class_: str | None = None
    category: str | None = None
    grading_period: str | None = None
    due_date: str | None = None
    maximum: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Result(Record):
    """A grade in the SIS gradebook."""

    line_item: str | None
    student: str | None
    score: Decimal | None = None
    score_status: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Gradebook:
    """All line items and results, in the order the provider serves them."""

    line_items: tuple[LineItem, ...] = ()
    results: tuple[Result, ...] = ()

    def live_line_items(self, class_: str | None = None) -> Iterator[LineItem]:
        """Yield the line items that stand, of one class or of all."""
        return (
            item
            for item in self.line_items
            if item.live and (class_ is None or item.class_ == class_)
        )

    def live_results(self, line_item: str, student: str | None = None) -> list[Result]:
        """Return the results that stand for a line item, of one student or of all."""
        return [
            result
            for result in self.results
            if result.live
            and result.line_item == line_item
            and (student is None or result.student == student)
        ]


@dataclass(frozen=True, kw_only=True)
class Feed:
    """Everything a provider serves for rostering, by sourcedId, in the order it was served.

    Not to be changed once made: who sits where is found by an index made when first asked for.
    """

    orgs: Mapping[str, Org] = field(default_factory=dict)
    academic_sessions: Mapping[str, AcademicSession] = field(default_factory=dict)
    courses: Mapping[str, Course] = field(default_factory=dict)
    classes: Mapping[str, Class] = field(default_factory=dict)
    users: Mapping[str, User] = field(default_factory=dict)
    enrollments: Mapping[str, Enrollment] = field(default_factory=dict)
    categories: Mapping[str, Category] = field(default_factory=dict)

    def rows_of_class(self, sourced_id: str) -> Sequence[Enrollment]:
        """Return the enrollments in a class, whatever their status, as they were served."""
        return self._by_class.get(sourced_id, ())

    def rows_of_user(self, sourced_id: str) -> Sequence[Enrollment]:
        """Return the enrollments of a user, whatever their status, as they were served."""
        return self._by_user.get(sourced_id, ())

    @cached_property
    def _by_class(self) -> Mapping[str, Sequence[Enrollment]]:
        return _grouped(self.enrollments.values(), lambda row: row.class_)

    @cached_property
    def _by_user(self) -> Mapping[str, Sequence[Enrollment]]:
        return _grouped(self.enrollments.values(), lambda row: row.user)

    def live_class(self, sourced_id: str | None) -> Class | None:
        """Return the class if the provider stands by it."""
        found = self.classes.get(sourced_id or "")
        return found if found is not None and found.live else None

    def live_user(self, sourced_id: str | None) -> User | None:
        """Return the user if the provider stands by them."""
        found = self.users.get(sourced_id or "")
        return found if found is not None and found.live else None

    def lineage(self, session: str) -> Iterator[AcademicSession]:
        """Yield a session and those above it, as far as they are known."""
        seen: set[str] = set()
        here: str | None = session
        while here and here not in seen and here in self.academic_sessions:
            seen.add(here)
            found = self.academic_sessions[here]
            yield found
            here = found.parent


def _grouped(
    rows: Iterable[Enrollment], key: Callable[[Enrollment], str | None]
) -> dict[str, list[Enrollment]]:
    groups: defaultdict[str, list[Enrollment]] = defaultdict(list)
    for row in rows:
        if (owner := key(row)) is not None:
            groups[owner].append(row)
    return dict(groups)


AnyRecord = TypeVar("AnyRecord", bound=Record)


def by_id(records: Iterable[AnyRecord]) -> dict[str, AnyRecord]:
    """Index records; of two rows with one id the later stands."""
    return {record.sourced_id: record for record in records}
