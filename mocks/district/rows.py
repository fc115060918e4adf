"""Tables held as rows, as read from a file or crawled from a provider, and their columns."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import TypeVar, cast

import numpy as np
from numpy.typing import NDArray

from homeroom.mocks.district.columns import (
    NO_CODE,
    NONE,
    ClassColumns,
    Codes,
    Columns,
    CourseColumns,
    Csr,
    EnrollmentColumns,
    Ints,
    OrgColumns,
    SessionColumns,
    UserColumns,
    to_day,
)
from homeroom.mocks.district.records import (
    ORG_TYPES,
    ROLES,
    SESSION_TYPES,
    AcademicSession,
    Class,
    Course,
    Enrollment,
    Org,
    Record,
    Status,
    User,
)
from homeroom.mocks.district.tables import Table

T = TypeVar("T", bound=Record)


class RowTable(Table):
    """Records held as rows, as read from a file or crawled from a provider."""

    def __init__(self, records: Sequence[Record] = ()) -> None:
        """Hold `records`; where two share a sourcedId, `find` finds the later one."""
        self._records = tuple(records)
        self._index = {record.sourced_id: index for index, record in enumerate(self._records)}

    def __len__(self) -> int:
        return len(self._records)

    def sourced_id(self, index: int) -> str:
        """Return the sourcedId at `index`."""
        return self._records[index].sourced_id

    def sourced_ids(self, indices: NDArray[np.integer]) -> NDArray[np.bytes_]:
        """Return the sourcedIds at many indices as UTF-8."""
        return np.array([self._records[index].sourced_id.encode() for index in indices], np.bytes_)

    def find(self, sourced_id: str) -> int | None:
        """Return the index of a sourcedId, or None."""
        return self._index.get(sourced_id)

    def record(self, index: int) -> Record:
        """Return the record at `index`."""
        return self._records[index]

    @property
    def records(self) -> tuple[Record, ...]:
        """All records, in order."""
        return self._records

    def _make_modified(self) -> NDArray[np.int64]:
        return np.fromiter(
            (_millis(record.date_last_modified) for record in self._records), np.int64
        )

    def _make_tobedeleted(self) -> NDArray[np.bool_]:
        return np.fromiter(
            (record.status == Status.TOBEDELETED for record in self._records), np.bool_
        )


def _millis(instant: str | None) -> int:
    if not instant:
        return 0
    try:
        return round(datetime.fromisoformat(instant).timestamp() * 1000)
    except ValueError:
        return 0


class RowColumns(Columns):
    """The columns of a district whose tables are all RowTables."""

    def __init__(self, tables: Mapping[str, RowTable]) -> None:
        self._tables = tables

    def _make_orgs(self) -> OrgColumns:
        rows = self._rows("orgs", Org)
        return OrgColumns(
            type=_codes((row.type for row in rows), ORG_TYPES),
            parent=self._references((row.parent for row in rows), "orgs"),
        )

    def _make_sessions(self) -> SessionColumns:
        rows = self._rows("academicSessions", AcademicSession)
        return SessionColumns(
            type=_codes((row.type for row in rows), SESSION_TYPES),
            parent=self._references((row.parent for row in rows), "academicSessions"),
            begin_day=_days(row.start_date for row in rows),
            end_day=_days(row.end_date for row in rows),
        )

    def _make_courses(self) -> CourseColumns:
        rows = self._rows("courses", Course)
        return CourseColumns(
            org=self._references((row.org for row in rows), "orgs"),
            school_year=self._references((row.school_year for row in rows), "academicSessions"),
        )

    def _make_classes(self) -> ClassColumns:
        rows = self._rows("classes", Class)
        return ClassColumns(
            course=self._references((row.course for row in rows), "courses"),
            school=self._references((row.school for row in rows), "orgs"),
            terms=self._reference_lists((row.terms for row in rows), "academicSessions"),
        )

    def _make_users(self) -> UserColumns:
        rows = self._rows("users", User)
        return UserColumns(
            role=_codes((row.role for row in rows), ROLES),
            orgs=self._reference_lists((row.orgs for row in rows), "orgs"),
        )

    def _make_enrollments(self) -> EnrollmentColumns:
        rows = self._rows("enrollments", Enrollment)
        primary = (NONE if row.primary is None else int(row.primary) for row in rows)
        return EnrollmentColumns(
            user=self._references((row.user for row in rows), "users"),
            class_=self._references((row.class_ for row in rows), "classes"),
            school=self._references((row.school for row in rows), "orgs"),
            role=_codes((row.role for row in rows), ROLES),
            primary=np.fromiter(primary, np.int8),
            begin_day=_days(row.begin_date for row in rows),
            end_day=_days(row.end_date for row in rows),
        )

    def _rows(self, collection: str, of: type[T]) -> Sequence[T]:
        records = self._tables[collection].records
        assert all(isinstance(record, of) for record in records), collection  # noqa: S101 - a bug of ours
        return cast("Sequence[T]", records)

    def _references(self, sourced_ids: Iterable[str | None], collection: str) -> Ints:
        find = self._tables[collection].find
        found = (None if sourced_id is None else find(sourced_id) for sourced_id in sourced_ids)
        return np.fromiter((NONE if index is None else index for index in found), np.int32)

    def _reference_lists(self, lists: Iterable[Iterable[str]], collection: str) -> Csr:
        find = self._tables[collection].find
        return Csr.of(
            # A list may name an org twice, or one that is not there; an index holds each once.
            list(dict.fromkeys(i for i in map(find, sourced_ids) if i is not None))
            for sourced_ids in lists
        )


def _codes(values: Iterable[object], vocabulary: Sequence[object]) -> Codes:
    code = {value: index for index, value in enumerate(vocabulary)}
    return np.fromiter((code.get(value, NO_CODE) for value in values), np.uint8)


def _days(texts: Iterable[str | None]) -> Ints:
    return np.fromiter(map(to_day, texts), np.int32)
