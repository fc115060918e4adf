"""OneRoster 1.1's data model as the wire has it: collections, their fields, what refers to what.

A row here is a dict under the wire's names in which a reference is the plain sourcedId it points
to; hrefs are added when it is rendered, because they depend on the address the caller used.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, auto
from functools import cached_property
from typing import Any

Row = dict[str, Any]


class Kind(Enum):
    """How a field's values are written and compared."""

    TEXT = auto()
    TEXTS = auto()
    TOKEN = auto()
    """One word of a closed vocabulary."""
    FLAG = auto()
    """The standard's "true" and "false"."""
    DATE = auto()
    INSTANT = auto()
    NUMBER = auto()
    REF = auto()
    REFS = auto()
    USER_IDS = auto()
    METADATA = auto()


MULTIPLE = frozenset({Kind.TEXTS, Kind.REFS, Kind.USER_IDS})


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a collection's records."""

    name: str
    kind: Kind
    required: bool = False
    refers_to: str = ""
    """The collection that a reference points into."""


@dataclass(frozen=True)
class Model:
    """One collection: its names on the wire and its fields, base fields first."""

    name: str
    singular: str
    """The JSON key of one object, and the `type` of a reference to it."""
    own_fields: tuple[Field, ...]

    @cached_property
    def fields(self) -> Mapping[str, Field]:
        """All fields by name, in the order in which they are written."""
        return {field.name: field for field in (*BASE_FIELDS, *self.own_fields)}

    @cached_property
    def references(self) -> tuple[Field, ...]:
        """The fields that are references."""
        return tuple(field for field in self.own_fields if field.refers_to)


BASE_FIELDS = (
    Field("sourcedId", Kind.TEXT, required=True),
    Field("status", Kind.TOKEN, required=True),
    Field("dateLastModified", Kind.INSTANT, required=True),
    Field("metadata", Kind.METADATA),
)


def _text(*names: str, required: bool = False) -> tuple[Field, ...]:
    return tuple(Field(name, Kind.TEXT, required) for name in names)


def _ref(name: str, refers_to: str, *, required: bool = False) -> Field:
    return Field(name, Kind.REF, required, refers_to)


def _refs(name: str, refers_to: str, *, required: bool = False) -> Field:
    return Field(name, Kind.REFS, required, refers_to)


_TITLE = Field("title", Kind.TEXT, required=True)
_GRADES = Field("grades", Kind.TEXTS)
_SUBJECTS = Field("subjects", Kind.TEXTS)
_SUBJECT_CODES = Field("subjectCodes", Kind.TEXTS)
_RESOURCES = _refs("resources", "resources")
_ROLE = Field("role", Kind.TOKEN, required=True)
_TYPE = Field("type", Kind.TOKEN, required=True)
_RACES = (
    "americanIndianOrAlaskaNative",
    "asian",
    "blackOrAfricanAmerican",
    "nativeHawaiianOrOtherPacificIslander",
    "white",
    "demographicRaceTwoOrMoreRaces",
    "hispanicOrLatinoEthnicity",
)

MODELS: Mapping[str, Model] = {
    model.name: model
    for model in (
        Model(
            "orgs",
            "org",
            (
                *_text("name", required=True),
                _TYPE,
                *_text("identifier"),
                _ref("parent", "orgs"),
                _refs("children", "orgs"),
            ),
        ),
        Model(
            "academicSessions",
            "academicSession",
            (
                _TITLE,
                Field("startDate", Kind.DATE, required=True),
                Field("endDate", Kind.DATE, required=True),
                _TYPE,
                _ref("parent", "academicSessions"),
                _refs("children", "academicSessions"),
                *_text("schoolYear", required=True),
            ),
        ),
        Model(
            "courses",
            "course",
            (
                _TITLE,
                _ref("schoolYear", "academicSessions"),
                *_text("courseCode"),
                _GRADES,
                _SUBJECTS,
                _ref("org", "orgs"),
                _SUBJECT_CODES,
                _RESOURCES,
            ),
        ),
        Model(
            "classes",
            "class",
            (
                _TITLE,
                *_text("classCode"),
                Field("classType", Kind.TOKEN),
                *_text("location"),
                _GRADES,
                _SUBJECTS,
                _ref("course", "courses", required=True),
                _ref("school", "orgs", required=True),
                _refs("terms", "academicSessions", required=True),
                _SUBJECT_CODES,
                Field("periods", Kind.TEXTS),
                _RESOURCES,
            ),
        ),
        Model(
            "users",
            "user",
            (
                *_text("username", required=True),
                Field("userIds", Kind.USER_IDS),
                Field("enabledUser", Kind.FLAG, required=True),
                *_text("givenName", "familyName", required=True),
                *_text("middleName"),
                _ROLE,
                *_text("identifier", "email", "sms", "phone"),
                _refs("agents", "users"),
                _refs("orgs", "orgs", required=True),
                _GRADES,
                *_text("password"),
            ),
        ),
        Model(
            "enrollments",
            "enrollment",
            (
                _ref("user", "users", required=True),
                _ref("class", "classes", required=True),
                _ref("school", "orgs", required=True),
                _ROLE,
                Field("primary", Kind.FLAG),
                Field("beginDate", Kind.DATE),
                Field("endDate", Kind.DATE),
            ),
        ),
        Model(
            "demographics",
            "demographics",
            (
                Field("birthDate", Kind.DATE),
                Field("sex", Kind.TOKEN),
                *(Field(name, Kind.FLAG) for name in _RACES),
                *_text("countryOfBirthCode", "stateOfBirthAbbreviation", "cityOfBirth"),
                *_text("publicSchoolResidenceStatus"),
            ),
        ),
        Model(
            "resources",
            "resource",
            (
                *_text("title"),
                Field("roles", Kind.TEXTS),
                Field("importance", Kind.TOKEN),
                *_text("vendorResourceId", required=True),
                *_text("vendorId", "applicationId"),
            ),
        ),
        Model("categories", "category", (_TITLE,)),
        Model(
            "lineItems",
            "lineItem",
            (
                _TITLE,
                *_text("description"),
                Field("assignDate", Kind.INSTANT),
                Field("dueDate", Kind.INSTANT),
                _ref("class", "classes", required=True),
                _ref("category", "categories"),
                _ref("gradingPeriod", "academicSessions"),
                Field("resultValueMin", Kind.NUMBER),
                Field("resultValueMax", Kind.NUMBER),
            ),
        ),
        Model(
            "results",
            "result",
            (
                _ref("lineItem", "lineItems", required=True),
                _ref("student", "users", required=True),
                Field("scoreStatus", Kind.TOKEN, required=True),
                Field("score", Kind.NUMBER),
                Field("scoreDate", Kind.DATE),
                *_text("comment"),
            ),
        ),
    )
}
"""Every collection by its name on the wire, which is also its path."""
