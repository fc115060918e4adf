"""Mutants about whose a grade is, and until when it counts as one."""

from homeroom.features.histories.calendar import QUARTER_1
from homeroom.features.subjects.mutants.wire import Body, Wire

Changed = tuple[str, Body] | None
COURSE_GRADE = "Course grade"
"""How the titles of course grades begin that the tampered service sends."""


class TakesNamesForPeople(Wire):
    """Knows a pupil of a course by the name, so that two of one name are one."""

    kills = ("GPB-RES-08",)

    def __init__(self, environ: dict[str, str]) -> None:
        super().__init__(environ)
        self._named: dict[str, str] = {}

    def item(self, kind: str, item: Body) -> Body | None:
        if kind == "enrollments" and item.get("sis_user_id"):
            item["sis_user_id"] = self._named.setdefault(item["user"]["name"], item["sis_user_id"])
        return item


class ForgetsWhoCameLater(Wire):
    """Sends grades of those alone who were in the class when it was first synced."""

    kills = ("GPB-RES-08",)

    def __init__(self, environ: dict[str, str]) -> None:
        super().__init__(environ)
        self._is_first, self._syncs = not self.seen("synced"), False

    def command(self, command: str) -> str:
        self._syncs = command in ("passback", "remaster")
        return command

    def item(self, kind: str, item: Body) -> Body | None:
        if kind != "enrollments" or not self._syncs:
            return item
        seat = ("seat", f"{item['user_id']} in {item['course_section_id']}")
        if self._is_first:
            self.is_new(*seat)
        return item if self.seen(*seat) else None

    def finish(self, command: str, exit_code: int, send: object) -> int:
        if self._syncs:
            self.is_new("synced")
        return exit_code


class WaitsForTheNextGrade(Wire):
    """Takes work that was handed in again for work without a grade."""

    kills = ("GPB-RES-01",)

    def item(self, kind: str, item: Body) -> Body | None:
        if kind == "submissions" and item["workflow_state"] == "submitted":
            item["score"] = item["grade"] = None
        return item


class _SeesCourseGrades(Wire):
    """Chooses among the course grades on their way out."""

    def __init__(self, environ: dict[str, str]) -> None:
        super().__init__(environ)
        self._line_items: dict[str, Body] = {}

    def stays(self, line_item: Body) -> bool:
        """Say whether nothing of a course grade's line item is sent."""
        raise NotImplementedError

    def record(self, collection: str, record: Body) -> Body:
        if collection == "lineItems":
            self._line_items[record["sourcedId"]] = record
        return record

    def grade(self, kind: str, sourced_id: str, body: Body) -> Changed:
        if kind == "lineItem":
            self._line_items[sourced_id] = body
        line_item = self._line_items[
            sourced_id if kind == "lineItem" else body["lineItem"]["sourcedId"]
        ]
        is_one = line_item["title"].startswith(COURSE_GRADE)
        return None if is_one and self.stays(line_item) else (sourced_id, body)


class ClosesTheQuarterOnItsLastDay(_SeesCourseGrades):
    """Sends no course grade of a quarter that is over, though its work is still being graded."""

    kills = ("GPB-CRS-04",)

    def stays(self, line_item: Body) -> bool:
        return bool(line_item["dueDate"] < self.now)


class KnowsOneQuarter(_SeesCourseGrades):
    """Sends the course grades of the year's first quarter and of no other."""

    kills = ("GPB-CRS-01",)

    def stays(self, line_item: Body) -> bool:
        return QUARTER_1 not in line_item["title"]
