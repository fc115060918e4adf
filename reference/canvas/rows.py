"""The rows of the CSV files that a SIS import takes, one type each, in Canvas's own names.

Every row ends in `source`, the sourcedId it came from: it stays here and leads a warning back to
its record. A row is written down as a JSON array, so equal rows are equal bytes.
"""

import csv
import io
from collections.abc import Collection, Mapping, Sequence
from typing import ClassVar

import msgspec


class Row(msgspec.Struct, gc=False, frozen=True, array_like=True):
    """A CSV row; the first `key` columns are what Canvas knows the object by."""

    key: ClassVar[int] = 1

    @property
    def id(self) -> tuple[str, ...]:
        """What Canvas knows the object by."""
        return msgspec.structs.astuple(self)[: self.key]

    @property
    def cells(self) -> tuple[str, ...]:
        """What goes into the CSV file: all but the source."""
        return msgspec.structs.astuple(self)[:-1]


def to_csv(rows: Collection[Sequence[str]]) -> str:
    """Write rows of cells as CSV.

    The csv module looks at every character; most rows have none that needs its care.
    """
    whole = "".join(map("".join, rows))
    if not any(mark in whole for mark in ',"\r\n'):
        return "".join([",".join(row) + "\r\n" for row in rows])
    out = io.StringIO(newline="")
    csv.writer(out).writerows(rows)
    return out.getvalue()


class AccountRow(Row, gc=False, frozen=True, array_like=True):
    """accounts.csv; a blank parent is the root account."""

    account_id: str
    parent_account_id: str
    name: str
    status: str
    source: str


class TermRow(Row, gc=False, frozen=True, array_like=True):
    """terms.csv."""

    term_id: str
    name: str
    status: str
    start_date: str
    end_date: str
    source: str


class CourseRow(Row, gc=False, frozen=True, array_like=True):
    """courses.csv."""

    course_id: str
    short_name: str
    long_name: str
    account_id: str
    term_id: str
    status: str
    source: str


class SectionRow(Row, gc=False, frozen=True, array_like=True):
    """sections.csv."""

    section_id: str
    course_id: str
    name: str
    status: str
    source: str


class UserRow(Row, gc=False, frozen=True, array_like=True):
    """users.csv; a blank e-mail leaves Canvas's own alone."""

    user_id: str
    login_id: str
    first_name: str
    last_name: str
    email: str
    status: str
    source: str


class EnrollmentRow(Row, gc=False, frozen=True, array_like=True):
    """enrollments.csv, by section: a cross-listed section is found wherever it lives."""

    key: ClassVar[int] = 3

    section_id: str
    user_id: str
    role: str
    status: str
    start_date: str
    end_date: str
    source: str


class UserObserverRow(Row, gc=False, frozen=True, array_like=True):
    """user_observers.csv."""

    key: ClassVar[int] = 2

    observer_id: str
    student_id: str
    status: str
    source: str


ROWS: Mapping[str, type[Row]] = {
    # In the order in which Canvas takes them: parents before children.
    "accounts": AccountRow,
    "terms": TermRow,
    "courses": CourseRow,
    "sections": SectionRow,
    "users": UserRow,
    "enrollments": EnrollmentRow,
    "user_observers": UserObserverRow,
}
