"""Mutants about grades: line items, results and course grades on their way back."""

import uuid
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import ClassVar

from homeroom.features.subjects.mutants.wire import Body, Wire

Changed = tuple[str, Body] | None


class RoundsScores(Wire):
    """Rounds scores to whole points."""

    kills = ("GPB-RES-02",)

    def grade(self, kind: str, sourced_id: str, body: Body) -> Changed:
        if kind == "result" and body.get("score") is not None:
            score = Decimal(str(body["score"])).quantize(Decimal(1), ROUND_HALF_UP)
            body["score"] = int(score)
        return sourced_id, body


class RoundsToHundredths(Wire):
    """Rounds scores to two decimals."""

    kills = ("GPB-RES-02",)

    def grade(self, kind: str, sourced_id: str, body: Body) -> Changed:
        if kind == "result" and body.get("score") is not None:
            body["score"] = round(float(body["score"]), 2)
        return sourced_id, body


class CapsScores(Wire):
    """Cuts extra credit off at the maximum."""

    kills = ("GPB-RES-05",)

    def __init__(self, environ: dict[str, str]) -> None:
        super().__init__(environ)
        self._maxima: dict[str, float] = {}

    def grade(self, kind: str, sourced_id: str, body: Body) -> Changed:
        if kind == "lineItem":
            self._maxima[sourced_id] = body["resultValueMax"]
        elif body.get("score") is not None:
            most = self._maxima.get(body["lineItem"]["sourcedId"], body["score"])
            body["score"] = min(body["score"], most)
        return sourced_id, body


class SendsPercent(Wire):
    """Sends percentages where points are due."""

    kills = ("GPB-RES-01", "GPB-RES-13")

    def __init__(self, environ: dict[str, str]) -> None:
        super().__init__(environ)
        self._maxima: dict[str, float] = {}

    def grade(self, kind: str, sourced_id: str, body: Body) -> Changed:
        if kind == "lineItem":
            self._maxima[sourced_id] = body["resultValueMax"]
        elif body.get("score") is not None:
            most = self._maxima.get(body["lineItem"]["sourcedId"]) or 100
            body["score"] = round(body["score"] * 100 / most, 2)
        return sourced_id, body


class TakesPercentForPoints(Wire):
    """Sends the number that was entered where a grade was entered in percent."""

    kills = ("GPB-RES-13",)

    def item(self, kind: str, item: Body) -> Body | None:
        if kind == "submissions" and (item.get("grade") or "").endswith("%"):
            item["score"] = float(item["grade"].removesuffix("%"))
        return item


class TakesLettersForGradePoints(Wire):
    """Sends a letter as what it counts in a grade point average, four for an A."""

    kills = ("GPB-RES-07",)

    def item(self, kind: str, item: Body) -> Body | None:
        letters = {"A": 4, "B": 3, "C": 2, "D": 1, "F": 0}
        if kind == "submissions" and item.get("grade") in letters:
            item["score"] = letters[item["grade"]]
        return item


class TakesZeroForNothing(Wire):
    """Does not send a score of zero."""

    kills = ("GPB-RES-03",)

    def grade(self, kind: str, sourced_id: str, body: Body) -> Changed:
        graded = body.get("scoreStatus") == "fully graded"
        swallowed = kind == "result" and graded and body.get("score") == 0
        return None if swallowed else (sourced_id, body)


class GradesExcusedAsZero(Wire):
    """Sends an excused pupil a zero that counts."""

    kills = ("GPB-RES-04",)

    def grade(self, kind: str, sourced_id: str, body: Body) -> Changed:
        if body.get("scoreStatus") == "exempt":
            body["scoreStatus"] = "fully graded"
        return sourced_id, body


class ForgetsTheExcused(Wire):
    """Sends nothing for an excused pupil."""

    kills = ("GPB-RES-04",)

    def grade(self, kind: str, sourced_id: str, body: Body) -> Changed:
        return None if body.get("scoreStatus") == "exempt" else (sourced_id, body)


class TellsHiddenGrades(Wire):
    """Sends grades that teachers still hide, against its word."""

    kills = ("GPB-RES-06",)

    def item(self, kind: str, item: Body) -> Body | None:
        if kind == "submissions" and item.get("posted_at") is None:
            item["posted_at"] = item.get("graded_at")
        return item


class RemastersWhatIsHidden(TellsHiddenGrades):
    """Sends grades that teachers still hide with a remaster, against its word."""

    kills = ("GPB-RUN-01",)
    _remasters = False

    def command(self, command: str) -> str:
        self._remasters = command == "remaster"
        return command

    def item(self, kind: str, item: Body) -> Body | None:
        return super().item(kind, item) if self._remasters else item


class GradesTheUngraded(Wire):
    """Sends a zero for work that nobody graded."""

    kills: ClassVar[tuple[str, ...]] = ("GPB-RES-09", "GPB-RES-07")

    def item(self, kind: str, item: Body) -> Body | None:
        if kind == "submissions" and item.get("score") is None and not item.get("excused"):
            item |= {"score": 0, "posted_at": self.now, "workflow_state": "graded"}
        return item


class GradesWhatWasHandedIn(GradesTheUngraded):
    """Sends a zero for work that was handed in and is not graded yet."""

    kills = ("GPB-RES-09",)

    def item(self, kind: str, item: Body) -> Body | None:
        waits = kind == "submissions" and item["workflow_state"] == "submitted"
        return super().item(kind, item) if waits else item


class GradesInTheFirstClass(Wire):
    """Sends the grades of all sections of a course to the first one's class."""

    kills = ("GPB-RES-08", "GPB-RES-01")

    def __init__(self, environ: dict[str, str]) -> None:
        super().__init__(environ)
        self._first: dict[int, str] = {}

    def item(self, kind: str, item: Body) -> Body | None:
        if kind == "enrollments" and item.get("sis_section_id"):
            course = item["course_id"]
            item["sis_section_id"] = self._first.setdefault(course, item["sis_section_id"])
        return item


class SendsEverythingAgain(Wire):
    """Sends every grade each time."""

    kills = ("GPB-RES-10",)

    def command(self, command: str) -> str:
        return "remaster" if command == "passback" else command


class NeverCorrectsAGrade(Wire):
    """Sends each result once and never again."""

    kills = ("GPB-RES-11", "GPB-CRS-04")

    def grade(self, kind: str, sourced_id: str, body: Body) -> Changed:
        if kind == "result" and not self.is_new("result", sourced_id):
            return None
        return sourced_id, body


class SwapsNeighbours(Wire):
    """Gives a pupil the grade of the one sent before."""

    kills = ("GPB-RES-01",)

    def __init__(self, environ: dict[str, str]) -> None:
        super().__init__(environ)
        self._last: float | None = None

    def grade(self, kind: str, sourced_id: str, body: Body) -> Changed:
        if kind == "result" and body.get("score") is not None:
            body["score"], self._last = (
                body["score"] if self._last is None else self._last,
                body["score"],
            )
        return sourced_id, body


class NewIdsEachTime(Wire):
    """Names each line item and result anew at every sync."""

    kills = ("GPB-LIN-01", "GPB-LIN-02", "GPB-RES-11", "GPB-RUN-01")

    def __init__(self, environ: dict[str, str]) -> None:
        super().__init__(environ)
        self._renamed: dict[str, str] = {}

    def grade(self, kind: str, sourced_id: str, body: Body) -> Changed:
        fresh = self._renamed.setdefault(sourced_id, str(uuid.uuid4()))
        if kind == "result":
            id_ = body["lineItem"]["sourcedId"]
            body["lineItem"] = body["lineItem"] | {"sourcedId": self._renamed.get(id_, id_)}
        return fresh, body | {"sourcedId": fresh}


class DueADayLate(Wire):
    """Writes due dates as the day they are in UTC."""

    kills = ("GPB-LIN-03",)

    def grade(self, kind: str, sourced_id: str, body: Body) -> Changed:
        if kind == "lineItem":
            due = datetime.fromisoformat(body["dueDate"])
            body["dueDate"] = due.strftime("%Y-%m-%dT00:00:00.000Z")
        return sourced_id, body


class IgnoresSectionDates(Wire):
    """Gives every class the assignment's own due date."""

    kills = ("GPB-LIN-04",)

    def item(self, kind: str, item: Body) -> Body | None:
        if kind == "assignments" and item.get("due_at"):
            for section in item.get("sections") or ():
                section["override"] = None
        return item


class MakesEverythingOutOf100(Wire):
    """Gives every line item a maximum of 100."""

    kills = ("GPB-LIN-05",)

    def grade(self, kind: str, sourced_id: str, body: Body) -> Changed:
        if kind == "lineItem":
            body["resultValueMax"] = 100
        return sourced_id, body


class GuessesCategories(Wire):
    """Takes a category whose name is nearly right."""

    kills = ("GPB-LIN-06",)

    def record(self, collection: str, record: Body) -> Body:
        if collection == "categories":
            record["title"] = record["title"].strip().lower()
        return record

    def item(self, kind: str, item: Body) -> Body | None:
        if kind == "assignments":
            group = item["assignment_group"]
            group["name"] = group["name"].strip().lower()
        return item


class FilesUnderTheFirstCategory(Wire):
    """Files work whose group is no category under the first one there is."""

    kills = ("GPB-LIN-08",)

    def __init__(self, environ: dict[str, str]) -> None:
        super().__init__(environ)
        self._titles: list[str] = []
        self._shared: list[str] = []

    def record(self, collection: str, record: Body) -> Body:
        if collection == "categories" and record.get("status") != "tobedeleted":
            self._titles.append(record["title"])
            if not record.get("metadata"):  # of all classes
                self._shared.append(record["title"])
        return record

    def item(self, kind: str, item: Body) -> Body | None:
        group = item.get("assignment_group") or {}
        if self._shared and group.get("name", self._shared[0]) not in self._titles:
            group["name"] = self._shared[0]
        return item


class ForgetsCrossListedSections(Wire):
    """Sends nothing for a section that was cross-listed."""

    kills = ("GPB-LIN-14",)

    def item(self, kind: str, item: Body) -> Body | None:
        given = item.get("sections") or []
        if kind == "assignments":
            item["sections"] = [section for section in given if not section.get("xlist_course")]
        return item


class SharesCategories(Wire):
    """Takes the first category of a name for every class's, whose ever it is."""

    kills = ("GPB-LIN-07",)

    def __init__(self, environ: dict[str, str]) -> None:
        super().__init__(environ)
        self._titles: dict[str, str] = {}

    def record(self, collection: str, record: Body) -> Body:
        if collection == "categories":
            self._titles[record["sourcedId"]] = record["title"]
        return record

    def grade(self, kind: str, sourced_id: str, body: Body) -> Changed:
        if kind == "lineItem":
            title = self._titles[body["category"]["sourcedId"]]
            first = min(id_ for id_, other in self._titles.items() if other == title)
            body["category"] = body["category"] | {"sourcedId": first}
        return sourced_id, body


class InventsDueDates(Wire):
    """Gives an assignment without a due date one of its own."""

    kills = ("GPB-ELG-03",)

    def item(self, kind: str, item: Body) -> Body | None:
        if kind == "assignments" and item.get("due_at") is None:
            tomorrow = datetime.fromisoformat(self.now) + timedelta(days=1)
            item["due_at"] = tomorrow.isoformat()
        return item


class StopsAtABadAssignment(Wire):
    """Gives a course up at the first assignment that cannot be sent."""

    kills = ("GPB-ELG-04",)

    def __init__(self, environ: dict[str, str]) -> None:
        super().__init__(environ)
        self._stopped: set[int] = set()

    def item(self, kind: str, item: Body) -> Body | None:
        if kind == "assignments":
            if item.get("due_at") is None or not item.get("points_possible"):
                self._stopped.add(item["course_id"])
            return None if item["course_id"] in self._stopped else item
        return item


class IgnoresOverrides(Wire):
    """Sends the computed course grade where the teacher gave another."""

    kills = ("GPB-CRS-02",)

    def item(self, kind: str, item: Body) -> Body | None:
        if kind == "enrollments" and item.get("grades"):
            item["grades"] = item["grades"] | {"override_score": None}
        return item


class SendsCurrentForFinal(Wire):
    """Sends the current course grade, which forgives missing work, against its word."""

    kills = ("GPB-CRS-03",)

    def item(self, kind: str, item: Body) -> Body | None:
        if kind == "enrollments" and item.get("grades"):
            item["grades"] |= {"final_score": item["grades"].get("current_score")}
        return item


class TakesNoCourseGradeForZero(Wire):
    """Sends a zero for a period in which a pupil has no course grade yet."""

    kills = ("GPB-CRS-04",)

    def item(self, kind: str, item: Body) -> Body | None:
        if kind == "enrollments" and item.get("grades"):
            item["grades"] |= {"final_score": item["grades"].get("final_score") or 0}
        return item


class ForgetsCourseGrades(Wire):
    """Sends no course grades."""

    kills = ("GPB-CRS-01",)

    def item(self, kind: str, item: Body) -> Body | None:
        if kind == "enrollments":
            item.pop("grades", None)
        return item


class TouchesCanvas(Wire):
    """Evens the maximum of an assignment out when it notes that it was synced."""

    kills = ("GPB-RUN-02",)

    def note(self, body: Body) -> Body:
        return {**body, "assignment": body["assignment"] | {"points_possible": 77}}


class LosesALineItem(Wire):
    """Leaves the last class of each assignment out."""

    kills = ("GPB-LIN-01", "GPB-RUN-01")

    def item(self, kind: str, item: Body) -> Body | None:
        given = item.get("sections") or []
        classes = [section for section in given if section["sis_id"]]
        if kind == "assignments" and len(classes) > 1:
            item["sections"] = [section for section in given if section is not classes[-1]]
        return item
