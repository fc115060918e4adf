"""Mutants about grade syncs that go on: which line item is whose, what is sent, and until when."""

import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

from homeroom.features.subjects.mutants.wire import Body, Wire, answer
from homeroom.reference.transport import Response

Changed = tuple[str, Body] | None
SPACE = uuid.UUID("0f0e0d0c-0b0a-4908-8706-050403020100")


class ReadsOnePageOfCanvas(Wire):
    """Reads the first page of each of Canvas's lists and takes it for all."""

    kills = ("GPB-RES-01", "GPB-LIN-01", "GPB-RUN-01")

    def _from_canvas(self, path: str, response: Response) -> Response:
        response.headers.pop("Link", None)
        return super()._from_canvas(path, response)


class ReadsOnePageOfTheGradebook(Wire):
    """Reads the first page of Focus's gradebook and takes it for all."""

    kills = ("GPB-LIN-09", "GPB-RES-12", "GPB-RUN-01")

    def provider_answer(self, response: Response) -> Response:
        if response.status_code != 200:
            return response
        body = response.json()
        kinds = {"lineItems", "results", "categories"} & body.keys()
        if not kinds:
            return response
        body.pop("pagination", None)
        made = answer(response, body)
        made.headers["X-Total-Count"] = str(len(body[kinds.pop()]))
        made.headers.pop("Link", None)
        return made


class LivesInTheWest(Wire):
    """Takes due dates in the time zone of its maker."""

    kills = ("GPB-LIN-03",)
    zone: timezone = timezone(timedelta(hours=-7))

    def __init__(self, environ: dict[str, str]) -> None:
        super().__init__(environ)
        self._due: dict[str, str] = {}

    def grade(self, kind: str, sourced_id: str, body: Body) -> Changed:
        if kind == "lineItem":
            due = datetime.fromisoformat(body["dueDate"])
            if due.astimezone(UTC).time() != datetime.min.time():
                body["dueDate"] = f"{due.astimezone(self.zone).date()}T00:00:00.000Z"
        return sourced_id, body


class NeverTurnsTheClockBack(LivesInTheWest):
    """Takes due dates in summer time all year round."""

    kills = ("GPB-LIN-03",)
    zone = timezone(timedelta(hours=-4))


class TakesTheLastCategory(Wire):
    """Of several categories of one name takes the last."""

    kills = ("GPB-LIN-07",)

    def __init__(self, environ: dict[str, str]) -> None:
        super().__init__(environ)
        self._shared: dict[str, str] = {}

    def record(self, collection: str, record: Body) -> Body:
        if collection == "categories" and not (record.get("metadata") or {}).get("classId"):
            self._shared[record["sourcedId"]] = record["title"]
        return record

    def grade(self, kind: str, sourced_id: str, body: Body) -> Changed:
        if kind == "lineItem" and (title := self._shared.get(body["category"]["sourcedId"])):
            last = [id_ for id_, other in self._shared.items() if other == title][-1]
            body["category"] = body["category"] | {"sourcedId": last}
        return sourced_id, body


class SendsUnpublishedCourses(Wire):
    """Passes back the work of a course that is not published."""

    kills = ("GPB-ELG-02",)

    def assignments(self, items: list[Body]) -> list[Body]:
        for course in self.ask_canvas("accounts/1/courses?published=false&per_page=100"):
            if course["workflow_state"] != "unpublished":
                continue
            groups = self.ask_canvas(f"courses/{course['id']}/assignment_groups?per_page=100")
            named = {group["id"]: group for group in groups}
            sections = [
                {"id": each["id"], "name": each["name"], "sis_id": each["sis_section_id"]}
                for each in self.ask_canvas(f"courses/{course['id']}/sections?per_page=100")
            ]
            for each in self.ask_canvas(f"courses/{course['id']}/assignments?per_page=100"):
                if each["post_to_sis"]:
                    group = named[each["assignment_group_id"]]
                    items = [
                        *items,
                        each
                        | {
                            "sections": sections,
                            "assignment_group": {"id": group["id"], "name": group["name"]},
                            "user_overrides": [],
                        },
                    ]
        return sorted(items, key=lambda item: int(item["course_id"]))


class _CourseGrades(Wire):
    """Knows whether what Canvas is asked for are course grades of a grading period."""

    _period = False

    def _request(
        self, send: Callable[..., Response], method: str, url: str, given: dict[str, Any]
    ) -> Response:
        asked: Any = given.get("params") or ()
        self._period = "grading_period_id" in dict(asked)
        return super()._request(send, method, url, given)


class SendsHiddenCourseGrades(Wire):
    """Sends course grades that count what teachers still hide, against its word."""

    kills = ("GPB-RES-06", "GPB-CRS-01")

    def item(self, kind: str, item: Body) -> Body | None:
        if kind == "enrollments" and item.get("grades"):
            grades = item["grades"]
            item["grades"] = grades | {"final_score": grades.get("unposted_final_score")}
        return item


class SendsTotalsForPeriods(Wire):
    """Sends the whole course's grade as that of a grading period."""

    kills = ("GPB-CRS-01",)

    def _request(
        self, send: Callable[..., Response], method: str, url: str, given: dict[str, Any]
    ) -> Response:
        asked = given.get("params")
        if isinstance(asked, list):
            given["params"] = [pair for pair in asked if pair[0] != "grading_period_id"]
        return super()._request(send, method, url, given)


class CourseGradesInTheFirstClass(_CourseGrades):
    """Sends all course grades of a course to its first class."""

    kills = ("GPB-CRS-01",)

    def __init__(self, environ: dict[str, str]) -> None:
        super().__init__(environ)
        self._first: dict[int, str] = {}

    def item(self, kind: str, item: Body) -> Body | None:
        if kind == "enrollments" and item.get("sis_section_id") and self._period:
            course = item["course_id"]
            item["sis_section_id"] = self._first.setdefault(course, item["sis_section_id"])
        return item


class KnowsAssignmentsByTitle(Wire):
    """Takes two assignments of one title in a class for one."""

    kills = ("GPB-LIN-11", "GPB-LIN-01")

    def __init__(self, environ: dict[str, str]) -> None:
        super().__init__(environ)
        self._renamed: dict[str, str] = {}

    def name(self, body: Body) -> str:
        """Say by what an assignment is known."""
        return f"{body['class']['sourcedId']}/{body['title']}"

    def grade(self, kind: str, sourced_id: str, body: Body) -> Changed:
        if kind == "lineItem":
            key = self.name(body)
            if not self.remembered(key):
                self.is_new(key, sourced_id)
            sourced_id = self._renamed[sourced_id] = self.remembered(key)[0]
            return sourced_id, body | {"sourcedId": sourced_id}
        line_item = body["lineItem"]["sourcedId"]
        if line_item in self._renamed and self._renamed[line_item] != line_item:
            body["lineItem"] = body["lineItem"] | {"sourcedId": self._renamed[line_item]}
        return sourced_id, body


class KnowsAssignmentsByTitleAnywhere(KnowsAssignmentsByTitle):
    """Takes assignments of one title for one, whatever their class."""

    kills = ("GPB-LIN-01", "GPB-RES-08")

    def name(self, body: Body) -> str:
        return str(body["title"])


class NamesLineItemsByTitleAndDate(Wire):
    """Makes a line item's id of title and due date, so that a correction makes a second one."""

    kills = ("GPB-LIN-02",)

    def __init__(self, environ: dict[str, str]) -> None:
        super().__init__(environ)
        self._renamed: dict[str, str] = {}

    def grade(self, kind: str, sourced_id: str, body: Body) -> Changed:
        if kind == "lineItem":
            key = f"{body['class']['sourcedId']}/{body['title']}/{body['dueDate']}"
            made = self._renamed[sourced_id] = str(uuid.uuid5(SPACE, key))
            return made, body | {"sourcedId": made}
        line_item = body["lineItem"]["sourcedId"]
        body["lineItem"] = body["lineItem"] | {"sourcedId": self._renamed.get(line_item, line_item)}
        return sourced_id, body


class NeverCorrectsLineItems(Wire):
    """Sends each line item once and never again."""

    kills = ("GPB-LIN-02",)

    def grade(self, kind: str, sourced_id: str, body: Body) -> Changed:
        if kind == "lineItem" and not self.is_new("line item", sourced_id):
            return None
        return sourced_id, body


class NeverMovesCategories(Wire):
    """Leaves a line item in the category it was first sent with."""

    kills = ("GPB-LIN-06",)

    def grade(self, kind: str, sourced_id: str, body: Body) -> Changed:
        if kind == "lineItem":
            key = f"category of {sourced_id}"
            if not self.remembered(key):
                self.is_new(key, body["category"]["sourcedId"])
            body["category"] = body["category"] | {"sourcedId": self.remembered(key)[0]}
        return sourced_id, body


class KeepsSyncingWhatItKnows(Wire):
    """Goes on with an assignment whose "Sync to SIS" was switched off."""

    kills = ("GPB-ELG-01",)

    def assignments(self, items: list[Body]) -> list[Body]:
        listed = {item["id"] for item in items}
        for course in dict.fromkeys(item["course_id"] for item in items):
            model = next(item for item in items if item["course_id"] == course)
            for other in self.ask_canvas(f"courses/{course}/assignments?per_page=100"):
                if other["id"] not in listed and self.seen("assignment", str(other["id"])):
                    kept = ("id", "name", "due_at", "points_possible", "created_at", "unlock_at")
                    items = [*items, model | {name: other.get(name) for name in kept}]
        for item in items:
            self.is_new("assignment", str(item["id"]))
        return sorted(items, key=lambda item: int(item["course_id"]))


class LooksAtGradedAt(Wire):
    """Sends what was graded since its last sync, so that a grade shown later never comes."""

    kills = ("GPB-RES-06", "GPB-RES-11")

    def item(self, kind: str, item: Body) -> Body | None:
        since = max(self.remembered("synced"), default="")
        if kind == "submissions" and item.get("graded_at") and item["graded_at"] < since:
            return None
        return item

    def finish(self, command: str, exit_code: int, send: Callable[..., Response]) -> int:
        if command == "passback":
            self.is_new("synced", self.now)
        return exit_code


class LooksBackThirtyDays(Wire):
    """Sends grades of the last thirty days and no older ones."""

    kills = ("GPB-RES-01",)

    def item(self, kind: str, item: Body) -> Body | None:
        since = datetime.fromisoformat(self.now) - timedelta(days=30)
        if kind == "submissions" and item.get("graded_at"):
            return item if datetime.fromisoformat(item["graded_at"]) >= since else None
        return item


class TakesAnybodysDueDate(Wire):
    """Takes the due date that one pupil was given for the class's."""

    kills = ("GPB-LIN-04",)

    def item(self, kind: str, item: Body) -> Body | None:
        if kind == "assignments":
            path = f"courses/{item['course_id']}/assignments/{item['id']}/overrides"
            for override in self.ask_canvas(path):
                if override.get("student_ids"):
                    item |= {"due_at": override["due_at"], "user_overrides": []}
        return item


class KeepsScoresOfTheExcused(Wire):
    """Sends an excused pupil as exempt, with the score from before."""

    kills = ("GPB-RES-04", "GPB-RES-11")

    def grade(self, kind: str, sourced_id: str, body: Body) -> Changed:
        if kind == "result":
            key = f"score of {body['lineItem']['sourcedId']}/{body['student']['sourcedId']}"
            if body.get("scoreStatus") == "exempt":
                body["score"] = float(max(self.remembered(key), default="5"))
            elif body.get("score") is not None:
                self.is_new(key, str(body["score"]))
        return sourced_id, body


class KeepsTheBetterGrade(Wire):
    """Leaves the grade from before where a pupil's new one is lower."""

    kills = ("GPB-RES-11",)

    def grade(self, kind: str, sourced_id: str, body: Body) -> Changed:
        if kind == "result" and body.get("scoreStatus") == "fully graded":
            key, score = f"sent as {sourced_id}", float(body["score"])
            if any(float(sent) > score for sent in self.remembered(key)):
                return None
            self.is_new(key, str(score))
        return sourced_id, body


class CallsGradesSubmitted(Wire):
    """Sends every grade as submitted work that nobody has graded in full."""

    kills = ("GPB-RES-01",)

    def grade(self, kind: str, sourced_id: str, body: Body) -> Changed:
        if kind == "result" and body.get("scoreStatus") == "fully graded":
            body["scoreStatus"] = "submitted"
        return sourced_id, body


class SkipsWhatIsNotDueYet(Wire):
    """Leaves graded work out until it is due."""

    kills = ("GPB-LIN-01", "GPB-RUN-01")

    def item(self, kind: str, item: Body) -> Body | None:
        now = datetime.fromisoformat(self.now)
        if kind == "assignments" and item.get("due_at"):
            return item if datetime.fromisoformat(item["due_at"]) <= now else None
        return item


class SendsScoresBeforeDeductions(Wire):
    """Sends the score that was entered, before points were taken off for lateness."""

    kills = ("GPB-RES-01",)

    def item(self, kind: str, item: Body) -> Body | None:
        if kind == "submissions" and item.get("entered_score") is not None:
            item["score"] = item["entered_score"]
        return item


class WritesTitlesInAscii(Wire):
    """Writes titles in plain ASCII."""

    kills = ("GPB-LIN-01", "GPB-LIN-03")

    def grade(self, kind: str, sourced_id: str, body: Body) -> Changed:
        if kind == "lineItem":
            body["title"] = body["title"].encode("ascii", "replace").decode()
        return sourced_id, body


class ForgetsTheIdItWasGiven(Wire):
    """Goes on with an id of its own where Focus has answered with another."""

    kills = ("GPB-LIN-01", "GPB-LIN-02", "GPB-RES-11", "GPB-RES-01")
    toml = '[subject.choices]\ngradebook_mode = "modified"\n'

    def _to_focus(
        self, send: Callable[..., Response], method: str, url: str, given: dict[str, Any]
    ) -> Response:
        response = super()._to_focus(send, method, url, given)
        if method != "PUT" or response.status_code not in (200, 201):
            return response
        [(kind, body)] = response.json().items()
        return answer(response, {kind: body | {"sourcedId": url.rpartition("/")[2]}})


class RoundsCourseGrades(Wire):
    """Rounds course grades to whole points."""

    kills = ("GPB-CRS-01",)

    def item(self, kind: str, item: Body) -> Body | None:
        if kind == "enrollments" and (item.get("grades") or {}).get("final_score") is not None:
            item["grades"] |= {"final_score": round(item["grades"]["final_score"])}
        return item


class RemastersLikeAnySync(Wire):
    """Does no more for a remaster than for any grade sync."""

    kills = ("GPB-LIN-15",)

    def command(self, command: str) -> str:
        return "passback" if command == "remaster" else command


class NeverClears(Wire):
    """Leaves a grade in Focus that was cleared in Canvas, in a remaster as well."""

    kills = ("GPB-RES-14",)

    def grade(self, kind: str, sourced_id: str, body: Body) -> Changed:
        gone = body.get("status") == "tobedeleted" or body.get("scoreStatus") == "not submitted"
        return None if kind == "result" and gone else (sourced_id, body)
