"""OneRoster 1.1's objects as typed records: what a district is made of.

Names are the standard's in snake_case; msgspec knows the wire's names (`class_` is `class`).
A reference is the plain sourcedId it points to, a list of references a tuple of them: hrefs are a
provider's business. Dates are `YYYY-MM-DD` and instants `YYYY-MM-DDTHH:MM:SS.mmmZ`, as text, so
that what came in goes out unaltered; scores are `Decimal`; the standard's "true" and "false" are
bools. Anything but the sourcedId may be None, because data crawled from a live provider is loaded
unchecked: null references and null dates are what real ones serve. A value outside a vocabulary is
then kept as the text it was; enums here are StrEnums, so that comparing and printing still work.
"""

from collections.abc import Mapping
from decimal import Decimal
from enum import StrEnum
from typing import Any

import msgspec

SourcedId = str
"""Identity of one record within its collection; fewer than 256 characters."""


class Status(StrEnum):
    """Whether a record counts, or may be deleted by whoever reads it."""

    ACTIVE = "active"
    TOBEDELETED = "tobedeleted"


class OrgType(StrEnum):
    """What kind of organisation."""

    DEPARTMENT = "department"
    SCHOOL = "school"
    DISTRICT = "district"
    LOCAL = "local"
    STATE = "state"
    NATIONAL = "national"


class SessionType(StrEnum):
    """What kind of academic session."""

    GRADING_PERIOD = "gradingPeriod"
    SEMESTER = "semester"
    SCHOOL_YEAR = "schoolYear"
    TERM = "term"


class ClassType(StrEnum):
    """Whether a class is a homeroom or stands in the timetable."""

    HOMEROOM = "homeroom"
    SCHEDULED = "scheduled"


class RoleType(StrEnum):
    """What a person is, or does in a class."""

    ADMINISTRATOR = "administrator"
    AIDE = "aide"
    GUARDIAN = "guardian"
    PARENT = "parent"
    PROCTOR = "proctor"
    RELATIVE = "relative"
    STUDENT = "student"
    TEACHER = "teacher"


class Sex(StrEnum):
    """As demographics have it."""

    MALE = "male"
    FEMALE = "female"


class Importance(StrEnum):
    """Of a resource."""

    PRIMARY = "primary"
    SECONDARY = "secondary"


class ScoreStatus(StrEnum):
    """State of a result."""

    EXEMPT = "exempt"
    FULLY_GRADED = "fully graded"
    NOT_SUBMITTED = "not submitted"
    PARTIALLY_GRADED = "partially graded"
    SUBMITTED = "submitted"


ROLES: tuple[RoleType, ...] = tuple(RoleType)
"""A role's code in a column is its place here."""
SESSION_TYPES: tuple[SessionType, ...] = tuple(SessionType)
"""A session type's code in a column is its place here."""
ORG_TYPES: tuple[OrgType, ...] = tuple(OrgType)
"""An org type's code in a column is its place here."""


def wire_name(name: str) -> str:
    """Return the standard's spelling of a field: `class_` is `class`, `given_name` `givenName`."""
    first, *rest = name.rstrip("_").split("_")
    return first + "".join(word.capitalize() for word in rest)


class UserId(msgspec.Struct, frozen=True, kw_only=True, gc=False, rename=wire_name):
    """An id of a person in some other system."""

    type: str
    identifier: str


class Record(msgspec.Struct, frozen=True, kw_only=True, gc=False, rename=wire_name):
    """What every OneRoster object has."""

    sourced_id: SourcedId
    status: Status | None = Status.ACTIVE
    date_last_modified: str | None = None
    metadata: dict[str, Any] | None = None


class AcademicSession(Record, frozen=True, kw_only=True, gc=False):
    """A school year, term, semester or grading period; `end_date` is exclusive."""

    title: str | None = None
    type: SessionType | None = None
    start_date: str | None = None
    end_date: str | None = None
    parent: SourcedId | None = None
    children: tuple[SourcedId, ...] = ()
    school_year: str | None = None
    """The year in which the school year ends."""


class Org(Record, frozen=True, kw_only=True, gc=False):
    """A district, a school, a department."""

    name: str | None = None
    type: OrgType | None = None
    identifier: str | None = None
    parent: SourcedId | None = None
    children: tuple[SourcedId, ...] = ()


class Course(Record, frozen=True, kw_only=True, gc=False):
    """What is taught."""

    title: str | None = None
    school_year: SourcedId | None = None
    course_code: str | None = None
    grades: tuple[str, ...] = ()
    subjects: tuple[str, ...] = ()
    org: SourcedId | None = None
    subject_codes: tuple[str, ...] = ()
    resources: tuple[SourcedId, ...] = ()


class Class(Record, frozen=True, kw_only=True, gc=False):
    """A course taught to a group: Focus and Canvas call it a section."""

    title: str | None = None
    class_code: str | None = None
    class_type: ClassType | None = None
    location: str | None = None
    grades: tuple[str, ...] = ()
    subjects: tuple[str, ...] = ()
    course: SourcedId | None = None
    school: SourcedId | None = None
    terms: tuple[SourcedId, ...] = ()
    subject_codes: tuple[str, ...] = ()
    periods: tuple[str, ...] = ()
    resources: tuple[SourcedId, ...] = ()


class User(Record, frozen=True, kw_only=True, gc=False):
    """A person; `agents` are guardians of a student, and students of a guardian."""

    username: str | None = None
    user_ids: tuple[UserId, ...] = ()
    enabled_user: bool | None = True
    given_name: str | None = None
    family_name: str | None = None
    middle_name: str | None = None
    role: RoleType | None = None
    identifier: str | None = None
    email: str | None = None
    sms: str | None = None
    phone: str | None = None
    agents: tuple[SourcedId, ...] = ()
    orgs: tuple[SourcedId, ...] = ()
    grades: tuple[str, ...] = ()
    password: str | None = None


class Enrollment(Record, frozen=True, kw_only=True, gc=False):
    """A user's place in a class, in one role; `end_date` is exclusive."""

    user: SourcedId | None = None
    class_: SourcedId | None = None
    school: SourcedId | None = None
    role: RoleType | None = None
    primary: bool | None = None
    begin_date: str | None = None
    end_date: str | None = None


class Demographics(Record, frozen=True, kw_only=True, gc=False):
    """Of the user with the same sourcedId."""

    birth_date: str | None = None
    sex: Sex | None = None
    american_indian_or_alaska_native: bool | None = None
    asian: bool | None = None
    black_or_african_american: bool | None = None
    native_hawaiian_or_other_pacific_islander: bool | None = None
    white: bool | None = None
    demographic_race_two_or_more_races: bool | None = None
    hispanic_or_latino_ethnicity: bool | None = None
    country_of_birth_code: str | None = None
    state_of_birth_abbreviation: str | None = None
    city_of_birth: str | None = None
    public_school_residence_status: str | None = None


class Resource(Record, frozen=True, kw_only=True, gc=False):
    """Teaching material of a vendor."""

    title: str | None = None
    roles: tuple[RoleType, ...] = ()
    importance: Importance | None = None
    vendor_resource_id: str | None = None
    vendor_id: str | None = None
    application_id: str | None = None


class Category(Record, frozen=True, kw_only=True, gc=False):
    """What kind of graded work: a lineItemCategory. `metadata.classId` ties it to one class."""

    title: str | None = None


class LineItem(Record, frozen=True, kw_only=True, gc=False):
    """A graded thing of a class."""

    title: str | None = None
    description: str | None = None
    assign_date: str | None = None
    due_date: str | None = None
    class_: SourcedId | None = None
    category: SourcedId | None = None
    grading_period: SourcedId | None = None
    result_value_min: Decimal | None = None
    result_value_max: Decimal | None = None


class Result(Record, frozen=True, kw_only=True, gc=False):
    """A student's grade for a line item."""

    line_item: SourcedId | None = None
    student: SourcedId | None = None
    score_status: ScoreStatus | None = None
    score: Decimal | None = None
    score_date: str | None = None
    comment: str | None = None


RECORD_TYPES: Mapping[str, type[Record]] = {
    "orgs": Org,
    "academicSessions": AcademicSession,
    "courses": Course,
    "classes": Class,
    "users": User,
    "enrollments": Enrollment,
    "demographics": Demographics,
    "resources": Resource,
    "categories": Category,
    "lineItems": LineItem,
    "results": Result,
}
"""Record type of every collection, referenced collections before those that refer to them."""

COLLECTIONS: tuple[str, ...] = tuple(RECORD_TYPES)
"""All collections by their names on the wire, in an order in which references point backwards."""

SINGULAR: Mapping[str, str] = {
    "orgs": "org",
    "academicSessions": "academicSession",
    "courses": "course",
    "classes": "class",
    "users": "user",
    "enrollments": "enrollment",
    "demographics": "demographics",
    "resources": "resource",
    "categories": "category",
    "lineItems": "lineItem",
    "results": "result",
}
"""The JSON key of one object of a collection, and the `type` of a reference to it."""

REFERENCES: Mapping[str, Mapping[str, str]] = {
    "orgs": {"parent": "orgs", "children": "orgs"},
    "academicSessions": {"parent": "academicSessions", "children": "academicSessions"},
    "courses": {"school_year": "academicSessions", "org": "orgs", "resources": "resources"},
    "classes": {
        "course": "courses",
        "school": "orgs",
        "terms": "academicSessions",
        "resources": "resources",
    },
    "users": {"agents": "users", "orgs": "orgs"},
    "enrollments": {"user": "users", "class_": "classes", "school": "orgs"},
    "demographics": {},
    "resources": {},
    "categories": {},
    "lineItems": {
        "class_": "classes",
        "category": "categories",
        "grading_period": "academicSessions",
    },
    "results": {"line_item": "lineItems", "student": "users"},
}
"""By collection: which fields are references, and into which collection."""
