"""Providers whose records are wrong."""

from typing import Any, ClassVar

from homeroom.features.subjects.tampering.wire import Body, Pairs, Tamper


class _Altering(Tamper):
    where: ClassVar[str] = "courses"
    change: ClassVar[Body] = {}
    drop: ClassVar[tuple[str, ...]] = ()

    def record(self, path: str, record: Body) -> Body:
        if path != self.where:
            return record
        return {
            name: value
            for name, value in {**record, **self.change}.items()
            if name not in self.drop
        }


class NoStatus(_Altering):
    """Courses do not say whether they count."""

    name = "no-status"
    drop = ("dateLastModified",)
    where = "gradingPeriods"


class NoTitle(_Altering):
    """Courses have no title."""

    name = "no-title"
    drop = ("title",)


class OldWords(_Altering):
    """Sessions are of a kind that the standard does not know."""

    name = "old-words"
    where = "gradingPeriods"
    change: ClassVar[Body] = {"status": "inactive"}


class TextForList(_Altering):
    """A list is a text."""

    name = "text-for-list"
    change: ClassVar[Body] = {"grades": "06,07"}


class AmericanDates(_Altering):
    """Days are written with the month first."""

    name = "american-dates"
    where = "gradingPeriods"
    change: ClassVar[Body] = {"endDate": "05/29/2027"}


class StartYear(Tamper):
    """The school year is named by its start."""

    name = "start-year"

    def record(self, path: str, record: Body) -> Body:
        return {**record, "schoolYear": "2026"} if record.get("schoolYear") == "2027" else record


class LosesAccents(Tamper):
    """Letters beyond ASCII become question marks."""

    name = "loses-accents"

    def record(self, path: str, record: Body) -> Body:
        name = record.get("familyName")
        if not isinstance(name, str):
            return record
        return {**record, "familyName": name.encode("ascii", "replace").decode()}


class ListForRecord(Tamper):
    """One record comes as a list of one."""

    name = "list-for-record"

    def body(self, path: str, pairs: Pairs, body: Any) -> Any:
        if path.startswith("courses/") and isinstance(body, dict) and "course" in body:
            return {"courses": [body["course"]]}
        return body


class NullForNothing(Tamper):
    """Nothing found is null."""

    name = "null-for-nothing"

    def body(self, path: str, pairs: Pairs, body: Any) -> Any:
        nothing = isinstance(body, dict) and body.get("users") == [] and "filter" in dict(pairs)
        return {**body, "users": None} if nothing and "nobody" in dict(pairs)["filter"] else body


class StudentsOfAll(Tamper):
    """A class's students are those of the school."""

    name = "students-of-all"

    def body(self, path: str, pairs: Pairs, body: Any) -> Any:
        if path.startswith("classes/") and path.endswith("/students") and body.get("users"):
            return {**body, "users": body["users"][1:]}
        return body


class UnknownIsEmpty(Tamper):
    """A record that does not exist is an empty success."""

    name = "unknown-is-empty"

    def status(self, method: str, path: str, status: int, body: Any) -> int:
        missing = method == "GET" and path.endswith("homeroom-nobody-has-this-id")
        return 200 if missing and path.count("/") == 1 and status == 404 else status


class SecondsOnly(_Altering):
    """Moments have no thousandths."""

    name = "seconds-only"
    where = "courses"
    change: ClassVar[Body] = {"dateLastModified": "2026-06-09T08:29:58Z"}


class StrangeTypes(Tamper):
    """References have types of their own kind of person."""

    name = "strange-types"

    def record(self, path: str, record: Body) -> Body:
        if path != "enrollments" or not isinstance(record.get("user"), dict):
            return record
        return {**record, "user": {**record["user"], "type": "relative"}}


class HalfAYear(Tamper):
    """There is no school year."""

    name = "half-a-year"

    def body(self, path: str, pairs: Pairs, body: Any) -> Any:
        if path != "academicSessions" or not isinstance(body, dict):
            return body
        rows = [row for row in body.get("academicSessions", ()) if row.get("type") != "schoolYear"]
        return {**body, "academicSessions": rows}


class NamelessCategories(_Altering):
    """Categories have no title."""

    name = "nameless-categories"
    where = "categories"
    drop = ("title",)
