"""A district as numpy columns, for whoever serves whole collections: filters, pages, fragments.

Every district has the same columns, whether generated or read from a file, and the index of a
record in a column is its index in the collection's `Table`:

    columns = district.columns
    columns.enrollments.user[i]      # index into users, NONE (-1) for a null or broken reference
    columns.enrollments.role[i]      # records.ROLES[code]; NO_CODE (255) if no such role
    columns.enrollments.begin_day[i] # days since 1970-01-01, NO_DAY for a null date
    columns.classes.terms[i]         # indices into academicSessions, as an array
    district.tables["users"].modified[i]               # milliseconds since 1970, 0 for none
    district.tables["users"].tobedeleted[i]            # bool
    district.tables["users"].sourced_ids(array)        # many ids at once, as numpy bytes

and the other way round, each an index built when first asked for (`Csr`: `csr[parent]` is the
ascending int32 array of children, `csr.lengths` how many each parent has):

    relations = district.relations
    relations.enrollments_of_class[c]    relations.classes_of_course[c]
    relations.enrollments_of_user[u]     relations.classes_of_school[o]
    relations.enrollments_of_school[o]   relations.classes_of_term[s]
    relations.users_of_org[o]            relations.courses_of_org[o]
    relations.children_of_session[s]     relations.children_of_org[o]

Columns are read-only; a provider keeps changes in an overlay of its own. In generated districts
students' enrollments come first, in order of their users, then primary teachers' in order of
their classes, then co-teachers'; users are students, teachers, administrators, aides, guardians.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int32]
Codes = NDArray[np.uint8]

NONE = -1
"""In a reference column: points nowhere."""
NO_CODE = 255
"""In a code column: null, or outside the vocabulary."""
NO_DAY = int(np.iinfo(np.int32).min)
"""In a day column: null, or no date."""


@dataclass(frozen=True)
class Csr:
    """Lists of indices, one list per row, in two arrays."""

    offsets: Ints
    values: Ints

    def __len__(self) -> int:
        return len(self.offsets) - 1

    def __getitem__(self, row: int) -> Ints:
        return self.values[self.offsets[row] : self.offsets[row + 1]]

    @property
    def lengths(self) -> Ints:
        """How many values each row has."""
        return np.diff(self.offsets)

    @classmethod
    def of(cls, rows: Iterable[Sequence[int]]) -> "Csr":
        """Build from lists."""
        lists = list(rows)
        lengths = np.fromiter((len(row) for row in lists), np.int64, len(lists))
        values = np.fromiter((value for row in lists for value in row), np.int32)
        return cls(offsets(lengths), values)

    @classmethod
    def single(cls, column: Ints) -> "Csr":
        """Build from a column: one value a row, none where it is NONE."""
        present = column != NONE
        return cls(offsets(present.astype(np.int8)), column[present])

    def transposed(self, count: int) -> "Csr":
        """Return, for each of `count` values, the ascending rows that hold it."""
        rows = np.repeat(np.arange(len(self), dtype=np.int32), self.lengths)
        order = np.argsort(self.values, kind="stable")
        counts = np.bincount(self.values, minlength=count)
        return Csr(offsets(counts), rows[order])


_EPOCH = date(1970, 1, 1).toordinal()


def to_day(text: str | None) -> int:
    """Return a date as days since 1970-01-01, NO_DAY when it is none."""
    if not text:
        return NO_DAY
    try:
        return date.fromisoformat(text[:10]).toordinal() - _EPOCH
    except ValueError:
        return NO_DAY


def day_text(day: int) -> str | None:
    """Return a day of a column as `YYYY-MM-DD`, None for NO_DAY."""
    return None if day == NO_DAY else date.fromordinal(day + _EPOCH).isoformat()


def offsets(lengths: NDArray[np.integer]) -> Ints:
    """Return where lists of these lengths start, and where the last one ends."""
    return np.concatenate((np.zeros(1, np.int32), np.cumsum(lengths, dtype=np.int32)))


def group(column: Ints, count: int) -> Csr:
    """Return, for each of `count` parents, the ascending indices whose reference points at it."""
    return Csr.single(column).transposed(count)


@dataclass(frozen=True, kw_only=True)
class OrgColumns:
    """Of orgs; `type` codes records.ORG_TYPES."""

    type: Codes
    parent: Ints


@dataclass(frozen=True, kw_only=True)
class SessionColumns:
    """Of academicSessions; `type` codes records.SESSION_TYPES; `end_day` is exclusive."""

    type: Codes
    parent: Ints
    begin_day: Ints
    end_day: Ints


@dataclass(frozen=True, kw_only=True)
class CourseColumns:
    """Of courses."""

    org: Ints
    school_year: Ints


@dataclass(frozen=True, kw_only=True)
class ClassColumns:
    """Of classes; `terms` are indices into academicSessions."""

    course: Ints
    school: Ints
    terms: Csr


@dataclass(frozen=True, kw_only=True)
class UserColumns:
    """Of users; `role` codes records.ROLES, `orgs` are indices into orgs."""

    role: Codes
    orgs: Csr


@dataclass(frozen=True, kw_only=True)
class EnrollmentColumns:
    """Of enrollments; `role` codes records.ROLES; `primary` is 1, 0, or -1 for null."""

    user: Ints
    class_: Ints
    school: Ints
    role: Codes
    primary: NDArray[np.int8]
    begin_day: Ints
    end_day: Ints


class Columns(ABC):
    """Columns of all collections that others refer to, each made when first asked for."""

    @cached_property
    def orgs(self) -> OrgColumns:
        """Of orgs."""
        return self._make_orgs()

    @cached_property
    def sessions(self) -> SessionColumns:
        """Of academicSessions."""
        return self._make_sessions()

    @cached_property
    def courses(self) -> CourseColumns:
        """Of courses."""
        return self._make_courses()

    @cached_property
    def classes(self) -> ClassColumns:
        """Of classes."""
        return self._make_classes()

    @cached_property
    def users(self) -> UserColumns:
        """Of users."""
        return self._make_users()

    @cached_property
    def enrollments(self) -> EnrollmentColumns:
        """Of enrollments."""
        return self._make_enrollments()

    @abstractmethod
    def _make_orgs(self) -> OrgColumns: ...

    @abstractmethod
    def _make_sessions(self) -> SessionColumns: ...

    @abstractmethod
    def _make_courses(self) -> CourseColumns: ...

    @abstractmethod
    def _make_classes(self) -> ClassColumns: ...

    @abstractmethod
    def _make_users(self) -> UserColumns: ...

    @abstractmethod
    def _make_enrollments(self) -> EnrollmentColumns: ...


class Relations:
    """The references of a district read backwards: who refers to a record."""

    def __init__(self, columns: Columns) -> None:
        self._columns = columns

    @cached_property
    def children_of_org(self) -> Csr:
        """Indices of the orgs whose parent an org is."""
        parent = self._columns.orgs.parent
        return group(parent, len(parent))

    @cached_property
    def children_of_session(self) -> Csr:
        """Indices of the sessions whose parent a session is."""
        parent = self._columns.sessions.parent
        return group(parent, len(parent))

    @cached_property
    def courses_of_org(self) -> Csr:
        """Indices of the courses of an org."""
        return group(self._columns.courses.org, len(self._columns.orgs.type))

    @cached_property
    def classes_of_course(self) -> Csr:
        """Indices of the classes of a course."""
        return group(self._columns.classes.course, len(self._columns.courses.org))

    @cached_property
    def classes_of_school(self) -> Csr:
        """Indices of the classes of a school."""
        return group(self._columns.classes.school, len(self._columns.orgs.type))

    @cached_property
    def classes_of_term(self) -> Csr:
        """Indices of the classes that list a session, of whatever type, in their terms."""
        return self._columns.classes.terms.transposed(len(self._columns.sessions.type))

    @cached_property
    def users_of_org(self) -> Csr:
        """Indices of the users who list an org in their orgs."""
        return self._columns.users.orgs.transposed(len(self._columns.orgs.type))

    @cached_property
    def enrollments_of_class(self) -> Csr:
        """Indices of the enrollments in a class."""
        return group(self._columns.enrollments.class_, len(self._columns.classes.course))

    @cached_property
    def enrollments_of_user(self) -> Csr:
        """Indices of the enrollments of a user."""
        return group(self._columns.enrollments.user, len(self._columns.users.role))

    @cached_property
    def enrollments_of_school(self) -> Csr:
        """Indices of the enrollments that name a school; that of their class may be another."""
        return group(self._columns.enrollments.school, len(self._columns.orgs.type))
