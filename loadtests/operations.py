"""The operations that a profile can ask for, by operationId."""

from collections.abc import Mapping
from typing import NamedTuple


class Operation(NamedTuple):
    """Where an operation lies, and which kinds of user know what to do with it."""

    path: str
    """Under the base URL; the collection's name is its last part."""
    kinds: frozenset[str]

    @property
    def collection(self) -> str:
        """The key of its rows."""
        return self.path.rsplit("/", 1)[-1]


_READ = frozenset({"extract", "delta", "paging"})
_GRADES = frozenset({"grades"})

OPERATIONS: Mapping[str, Operation] = {
    "getAllOrgs": Operation("/orgs", _READ | {"tokens"}),
    "getAllAcademicSessions": Operation("/academicSessions", _READ),
    "getAllCourses": Operation("/courses", _READ),
    "getAllClasses": Operation("/classes", _READ | _GRADES),
    "getAllUsers": Operation("/users", _READ),
    "getAllEnrollments": Operation("/enrollments", _READ),
    "getAllDemographics": Operation("/demographics", _READ),
    "getAllCategories": Operation("/categories", _READ | _GRADES),
    "getAllLineItems": Operation("/lineItems", _READ),
    "getAllResults": Operation("/results", _READ),
    "createToken": Operation("/token", frozenset({"tokens"})),
    "getStudentsForClass": Operation("/classes/{class_}/students", _GRADES),
    "getAcademicSession": Operation("/academicSessions/{session}", _GRADES),
    "putLineItem": Operation("/lineItems/{line_item}", _GRADES),
    "putResult": Operation("/results/{result}", _GRADES),
    "getResultsForLineItemForClass": Operation(
        "/classes/{class_}/lineItems/{line_item}/results", _GRADES
    ),
    "runNow": Operation("/districts/{district}/jobs", frozenset({"nights"})),
    "getJob": Operation("/jobs/{job}", frozenset({"nights"})),
}
