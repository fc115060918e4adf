"""The OneRoster 1.1 records the service reads, with only the fields it uses.

Decoding is tolerant where providers differ (null, absent and empty mean the same; flags come as
strings and as booleans) and strict where a guess could hurt: a record that breaks a vocabulary is
refused by itself and the page goes on.
"""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from enum import StrEnum
from typing import Any, Self

import msgspec


class Status(StrEnum):
    """Whether the provider stands by a record."""

    ACTIVE = "active"
    TOBEDELETED = "tobedeleted"

    @classmethod
    def _missing_(cls, value: object) -> Self | None:
        # OneRoster 1.0's `inactive` was withdrawn; 1.1 has it read as tobedeleted.
        return cls("tobedeleted") if value == "inactive" else None


class RoleType(StrEnum):
    """What a person is, or is in a class."""

    ADMINISTRATOR = "administrator"
    AIDE = "aide"
    GUARDIAN = "guardian"
    PARENT = "parent"
    PROCTOR = "proctor"
    RELATIVE = "relative"
    STUDENT = "student"
    TEACHER = "teacher"


FAMILY = frozenset({RoleType.PARENT, RoleType.GUARDIAN, RoleType.RELATIVE})


class Ref(msgspec.Struct, gc=False, rename="camel"):
    """A GUIDRef; only the id in it is used."""

    sourced_id: str | None = None


class Record(msgspec.Struct, gc=False, rename="camel", kw_only=True, omit_defaults=True):
    """What every object has."""

    sourced_id: str
    status: Status | None = None
    date_last_modified: str | None = None

    @property
    def live(self) -> bool:
        """Whether the provider still stands by it; a blank status in bulk data means active."""
        return self.status is not Status.TOBEDELETED


class Org(Record, gc=False, kw_only=True):
    """A district, a school, or something between or below."""

    name: str = ""
    type: str = ""
    parent: Ref | None = None


class AcademicSession(Record, gc=False, kw_only=True):
    """A school year, semester, term or grading period."""

    title: str = ""
    type: str = ""
    start_date: str | None = None
    end_date: str | None = None
    parent: Ref | None = None


class Course(Record, gc=False, kw_only=True):
    """What is taught."""

    title: str = ""
    course_code: str | None = None
    school_year: Ref | str | None = None


class Class(Record, gc=False, kw_only=True):
    """A taught group: a Canvas section."""

    title: str = ""
    class_code: str | None = None
    course: Ref | None = None
    school: Ref | None = None
    terms: list[Ref] | None = None


class User(Record, gc=False, kw_only=True):
    """A person, in the one role that Focus reports."""

    username: str | None = None
    enabled_user: bool | str | None = None
    given_name: str | None = None
    family_name: str | None = None
    role: RoleType
    identifier: str | None = None
    email: str | None = None
    orgs: list[Ref] | None = None
    agents: list[Ref] | None = None

    @property
    def enabled(self) -> bool:
        """Whether the login may be used; absent means yes."""
        return str(self.enabled_user).lower() != "false"


class Enrollment(Record, gc=False, kw_only=True):
    """A user's place in a class, in one role. Focus serves rows whose references are null."""

    user: Ref | None = None
    class_: Ref | None = msgspec.field(default=None, name="class")
    role: RoleType
    primary: bool | str | None = None
    begin_date: str | None = None
    end_date: str | None = None

    @property
    def is_primary(self) -> bool:
        """Whether this teacher leads the class."""
        return str(self.primary).lower() == "true"


class Category(Record, gc=False, kw_only=True):
    """A grading category; with `metadata.classId` it belongs to one class, else to all."""

    title: str = ""
    metadata: dict[str, Any] | None = None

    @property
    def class_id(self) -> str | None:
        """The one class it belongs to, or None."""
        return (self.metadata or {}).get("classId") or None


class LineItem(Record, gc=False, kw_only=True):
    """A graded thing in the SIS gradebook, in one class."""

    title: str = ""
    due_date: str | None = None
    class_: Ref | None = msgspec.field(default=None, name="class")
    category: Ref | None = None
    result_value_max: Decimal | None = None


class Result(Record, gc=False, kw_only=True):
    """A grade in the SIS gradebook."""

    line_item: Ref | None = None
    student: Ref | None = None
    score_status: str | None = None
    score: Decimal | None = None
    comment: str | None = None


def lineage(
    session: AcademicSession | None, sessions: Mapping[str, AcademicSession]
) -> Iterator[AcademicSession]:
    """Yield a session, the one above it, and so on up; a feed may hold a circle."""
    for _ in sessions:
        if session is None:
            return
        yield session
        session = sessions.get(ref_id(session.parent) or "")


def ref_id(ref: Ref | str | None) -> str | None:
    """Give the id a reference holds; None for null, absent and empty alike."""
    return (ref.sourced_id if isinstance(ref, Ref) else ref) or None
