"""What a record of each OneRoster 1.1 collection must look like, as data.

Source: OneRoster reference, section 2 (required fields where its sources agree).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

STATUS = ("active", "tobedeleted")
ROLES = (
    *("administrator", "aide", "guardian", "parent", "proctor", "relative", "student", "teacher"),
)
SCORE_STATUS = ("exempt", "fully graded", "not submitted", "partially graded", "submitted")
TRUE_FALSE = ("true", "false")


@dataclass(frozen=True, kw_only=True)
class Ref:
    """A reference to another record."""

    collection: str
    """Where it is found by its sourcedId."""
    types: tuple[str, ...]
    """What its `type` may say, the canonical word first."""
    required: bool = False
    many: bool = False


@dataclass(frozen=True, kw_only=True)
class Shape:
    """One class of the data model, beyond its base fields."""

    texts: tuple[str, ...] = ()
    """Required strings, empty ones not excepted."""
    optional_texts: tuple[str, ...] = ()
    lists: tuple[str, ...] = ()
    dates: Mapping[str, bool] = field(default_factory=dict[str, bool])
    """Fields of a plain day, and whether they are required."""
    moments: tuple[str, ...] = ()
    """Fields that may be a day or an instant."""
    numbers: tuple[str, ...] = ()
    flags: tuple[str, ...] = ()
    words: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])
    """Fields of a closed vocabulary; `required_words` tells which must be there."""
    required_words: tuple[str, ...] = ()
    refs: Mapping[str, Ref] = field(default_factory=dict[str, Ref])


_SESSION_KINDS = ("academicSession", "gradingPeriod", "semester", "schoolYear", "term")
_ORG_KINDS = ("org", "department", "school", "district", "local", "state", "national")
_USER_KINDS = ("user", "student", "teacher", "administrator", "parent", "guardian", "relative")

ORG = Shape(
    texts=("name",),
    optional_texts=("identifier",),
    words={"type": ("department", "school", "district", "local", "state", "national")},
    required_words=("type",),
    refs={
        "parent": Ref(collection="orgs", types=_ORG_KINDS),
        "children": Ref(collection="orgs", types=_ORG_KINDS, many=True),
    },
)
SESSION = Shape(
    texts=("title", "schoolYear"),
    dates={"startDate": True, "endDate": True},
    words={"type": ("gradingPeriod", "semester", "schoolYear", "term")},
    required_words=("type",),
    refs={
        "parent": Ref(collection="academicSessions", types=_SESSION_KINDS),
        "children": Ref(collection="academicSessions", types=_SESSION_KINDS, many=True),
    },
)
COURSE = Shape(
    texts=("title", "courseCode"),
    lists=("grades", "subjects", "subjectCodes"),
    refs={
        "schoolYear": Ref(collection="academicSessions", types=_SESSION_KINDS),
        "org": Ref(collection="orgs", types=_ORG_KINDS),
    },
)
CLASS = Shape(
    texts=("title",),
    optional_texts=("classCode", "location"),
    lists=("grades", "subjects", "subjectCodes", "periods"),
    words={"classType": ("homeroom", "scheduled")},
    refs={
        "course": Ref(collection="courses", types=("course",), required=True),
        "school": Ref(collection="orgs", types=_ORG_KINDS, required=True),
        "terms": Ref(collection="academicSessions", types=_SESSION_KINDS, many=True),
    },
)
USER = Shape(
    texts=("username", "givenName", "familyName"),
    optional_texts=("middleName", "identifier", "email", "sms", "phone"),
    lists=("grades", "userIds"),
    flags=("enabledUser",),
    words={"role": ROLES},
    required_words=("role",),
    refs={
        "orgs": Ref(collection="orgs", types=_ORG_KINDS, required=True, many=True),
        "agents": Ref(collection="users", types=_USER_KINDS, many=True),
    },
)
ENROLLMENT = Shape(
    dates={"beginDate": False, "endDate": False},
    flags=("primary",),
    words={"role": ROLES},
    required_words=("role",),
    refs={
        "user": Ref(collection="users", types=_USER_KINDS, required=True),
        "class": Ref(collection="classes", types=("class",), required=True),
        "school": Ref(collection="orgs", types=_ORG_KINDS, required=True),
    },
)
CATEGORY = Shape(texts=("title",))
LINE_ITEM = Shape(
    texts=("title",),
    optional_texts=("description",),
    moments=("assignDate", "dueDate"),
    numbers=("resultValueMin", "resultValueMax"),
    refs={
        "class": Ref(collection="classes", types=("class",), required=True),
        "category": Ref(collection="categories", types=("category",)),
        "gradingPeriod": Ref(collection="academicSessions", types=_SESSION_KINDS),
    },
)
RESULT = Shape(
    optional_texts=("comment",),
    moments=("scoreDate",),
    numbers=("score",),
    words={"scoreStatus": SCORE_STATUS},
    required_words=("scoreStatus",),
    refs={
        "lineItem": Ref(collection="lineItems", types=("lineItem",), required=True),
        "student": Ref(collection="users", types=_USER_KINDS, required=True),
    },
)

SHAPES: Mapping[str, Shape] = {
    "orgs": ORG,
    "schools": ORG,
    "academicSessions": SESSION,
    "terms": SESSION,
    "gradingPeriods": SESSION,
    "courses": COURSE,
    "classes": CLASS,
    "users": USER,
    "students": USER,
    "teachers": USER,
    "enrollments": ENROLLMENT,
    "categories": CATEGORY,
    "lineItems": LINE_ITEM,
    "results": RESULT,
}

KEYS: Mapping[str, tuple[str, str]] = {
    "schools": ("orgs", "org"),
    "terms": ("academicSessions", "academicSession"),
    "gradingPeriods": ("academicSessions", "academicSession"),
    "students": ("users", "user"),
    "teachers": ("users", "user"),
    "orgs": ("orgs", "org"),
    "academicSessions": ("academicSessions", "academicSession"),
    "courses": ("courses", "course"),
    "classes": ("classes", "class"),
    "users": ("users", "user"),
    "enrollments": ("enrollments", "enrollment"),
    "demographics": ("demographics", "demographics"),
    "resources": ("resources", "resource"),
    "categories": ("categories", "category"),
    "lineItems": ("lineItems", "lineItem"),
    "results": ("results", "result"),
}
"""Keys of the list and of one record, by collection: views never get their own."""

ROSTER = ("orgs", "schools", "academicSessions", "terms", "gradingPeriods", "courses", "classes",
          "users", "students", "teachers", "enrollments")  # fmt: skip
GRADEBOOK = ("categories", "lineItems", "results")
