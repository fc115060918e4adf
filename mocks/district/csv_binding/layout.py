"""The files of the CSV binding: names, columns in order, what is required, what refers to what.

Source: facts/oneroster-1.1.md section 8.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from homeroom.mocks.district.csv_binding.values import (
    BOOLEAN,
    DATE,
    FLOAT,
    INSTANT,
    LIST,
    SOURCED_ID,
    SOURCED_IDS,
    TEXT,
    USER_IDS,
    YEAR,
    ValueType,
    vocabulary,
    vocabulary_list,
)
from homeroom.mocks.district.records import (
    ClassType,
    Importance,
    OrgType,
    RoleType,
    ScoreStatus,
    SessionType,
    Sex,
    Status,
)


@dataclass(frozen=True)
class Column:
    """A column: its header, the record's field, its type, and the collection it refers to."""

    header: str
    field: str
    type: ValueType = TEXT
    required: bool = False
    target: str | None = None


def _ref(header: str, field: str, target: str, *, required: bool = True) -> Column:
    return Column(header, field, SOURCED_ID, required, target)


def _refs(header: str, field: str, target: str, *, required: bool = True) -> Column:
    return Column(header, field, SOURCED_IDS, required, target)


def _must(header: str, field: str, type_: ValueType = TEXT) -> Column:
    return Column(header, field, type_, required=True)


SOURCED_ID_COLUMN = _must("sourcedId", "sourced_id", SOURCED_ID)
BASE = (
    SOURCED_ID_COLUMN,
    Column("status", "status", vocabulary(Status)),
    Column("dateLastModified", "date_last_modified", INSTANT),
)
_SUBJECTS = (
    Column("subjects", "subjects", LIST),
    Column("subjectCodes", "subject_codes", LIST),
)
METADATA = "metadata."

COLUMNS: Mapping[str, tuple[Column, ...]] = {
    "academicSessions": (
        *BASE,
        _must("title", "title"),
        _must("type", "type", vocabulary(SessionType)),
        _must("startDate", "start_date", DATE),
        _must("endDate", "end_date", DATE),
        _ref("parentSourcedId", "parent", "academicSessions", required=False),
        _must("schoolYear", "school_year", YEAR),
    ),
    "orgs": (
        *BASE,
        _must("name", "name"),
        _must("type", "type", vocabulary(OrgType)),
        Column("identifier", "identifier"),
        _ref("parentSourcedId", "parent", "orgs", required=False),
    ),
    "courses": (
        *BASE,
        _ref("schoolYearSourcedId", "school_year", "academicSessions", required=False),
        _must("title", "title"),
        Column("courseCode", "course_code"),
        Column("grades", "grades", LIST),
        _ref("orgSourcedId", "org", "orgs"),
        *_SUBJECTS,
    ),
    "classes": (
        *BASE,
        _must("title", "title"),
        Column("grades", "grades", LIST),
        _ref("courseSourcedId", "course", "courses"),
        Column("classCode", "class_code"),
        _must("classType", "class_type", vocabulary(ClassType)),
        Column("location", "location"),
        _ref("schoolSourcedId", "school", "orgs"),
        _refs("termSourcedIds", "terms", "academicSessions"),
        *_SUBJECTS,
        Column("periods", "periods", LIST),
    ),
    "users": (
        *BASE,
        _must("enabledUser", "enabled_user", BOOLEAN),
        _refs("orgSourcedIds", "orgs", "orgs"),
        _must("role", "role", vocabulary(RoleType)),
        _must("username", "username"),
        Column("userIds", "user_ids", USER_IDS),
        _must("givenName", "given_name"),
        _must("familyName", "family_name"),
        Column("middleName", "middle_name"),
        Column("identifier", "identifier"),
        Column("email", "email"),
        Column("sms", "sms"),
        Column("phone", "phone"),
        _refs("agentSourcedIds", "agents", "users", required=False),
        Column("grades", "grades", LIST),
        Column("password", "password"),
    ),
    "enrollments": (
        *BASE,
        _ref("classSourcedId", "class_", "classes"),
        _ref("schoolSourcedId", "school", "orgs"),
        _ref("userSourcedId", "user", "users"),
        _must("role", "role", vocabulary(RoleType)),
        Column("primary", "primary", BOOLEAN),
        Column("beginDate", "begin_date", DATE),
        Column("endDate", "end_date", DATE),
    ),
    "demographics": (
        _ref("sourcedId", "sourced_id", "users"),
        *BASE[1:],
        Column("birthDate", "birth_date", DATE),
        Column("sex", "sex", vocabulary(Sex)),
        Column("americanIndianOrAlaskaNative", "american_indian_or_alaska_native", BOOLEAN),
        Column("asian", "asian", BOOLEAN),
        Column("blackOrAfricanAmerican", "black_or_african_american", BOOLEAN),
        Column(
            "nativeHawaiianOrOtherPacificIslander",
            "native_hawaiian_or_other_pacific_islander",
            BOOLEAN,
        ),
        Column("white", "white", BOOLEAN),
        Column("demographicRaceTwoOrMoreRaces", "demographic_race_two_or_more_races", BOOLEAN),
        Column("hispanicOrLatinoEthnicity", "hispanic_or_latino_ethnicity", BOOLEAN),
        Column("countryOfBirthCode", "country_of_birth_code"),
        Column("stateOfBirthAbbreviation", "state_of_birth_abbreviation"),
        Column("cityOfBirth", "city_of_birth"),
        Column("publicSchoolResidenceStatus", "public_school_residence_status"),
    ),
    "resources": (
        *BASE,
        _must("vendorResourceId", "vendor_resource_id"),
        Column("title", "title"),
        Column("roles", "roles", vocabulary_list(RoleType)),
        Column("importance", "importance", vocabulary(Importance)),
        Column("vendorId", "vendor_id"),
        Column("applicationId", "application_id"),
    ),
    "categories": (*BASE, _must("title", "title")),
    "lineItems": (
        *BASE,
        _must("title", "title"),
        Column("description", "description"),
        _must("assignDate", "assign_date", DATE),
        _must("dueDate", "due_date", DATE),
        _ref("classSourcedId", "class_", "classes"),
        _ref("categorySourcedId", "category", "categories"),
        _ref("gradingPeriodSourcedId", "grading_period", "academicSessions"),
        _must("resultValueMin", "result_value_min", FLOAT),
        _must("resultValueMax", "result_value_max", FLOAT),
    ),
    "results": (
        *BASE,
        _ref("lineItemSourcedId", "line_item", "lineItems"),
        _ref("studentSourcedId", "student", "users"),
        _must("scoreStatus", "score_status", vocabulary(ScoreStatus)),
        _must("score", "score", FLOAT),
        _must("scoreDate", "score_date", DATE),
        Column("comment", "comment"),
    ),
}
"""Columns of every collection's file."""

LINKS: Mapping[str, tuple[str, tuple[Column, ...]]] = {
    "classResources": (
        "classes",
        (
            *BASE,
            Column("title", "title"),
            _ref("classSourcedId", "owner", "classes"),
            _ref("resourceSourcedId", "resource", "resources"),
        ),
    ),
    "courseResources": (
        "courses",
        (
            *BASE,
            Column("title", "title"),
            _ref("courseSourcedId", "owner", "courses"),
            _ref("resourceSourcedId", "resource", "resources"),
        ),
    ),
}
"""Files that only tie a resource to a class or course: the collection they add to, and columns."""

FILES: tuple[str, ...] = (
    "academicSessions",
    "categories",
    "classes",
    "classResources",
    "courses",
    "courseResources",
    "demographics",
    "enrollments",
    "lineItems",
    "orgs",
    "resources",
    "results",
    "users",
)
"""All data files, in the manifest's order."""

MANIFEST = "manifest"
MANIFEST_HEADER = ("propertyName", "value")
VERSIONS: Mapping[str, str] = {"manifest.version": "1.0", "oneroster.version": "1.1"}
SOURCES = ("source.systemName", "source.systemCode")
MODES = ("absent", "bulk", "delta")


def columns_of(file: str) -> tuple[Column, ...]:
    """Return the columns of a data file in order."""
    return LINKS[file][1] if file in LINKS else COLUMNS[file]
