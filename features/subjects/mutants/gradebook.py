"""Mutants about matching: which assignment is which line item, and what is sent at all."""

import html
from typing import Any

from homeroom.features.subjects.mutants.wire import Body, Wire

Changed = tuple[str, Body] | None


class NeverAdopts(Wire):
    """Makes a line item of its own beside the one that the SIS has."""

    kills = ("GPB-LIN-09",)

    def record(self, collection: str, record: Body) -> Body:
        if collection == "lineItems" and not self.seen("line item", record["sourcedId"]):
            return record | {"status": "tobedeleted"}
        return record

    def grade(self, kind: str, sourced_id: str, body: Body) -> Changed:
        if kind == "lineItem":
            self.is_new("line item", sourced_id)
        return sourced_id, body


class LooksForWhatIsDueInUtc(NeverAdopts):
    """Knows what the SIS has by the day it is due in UTC, which in the evening is the next."""

    def __init__(self, environ: dict[str, str]) -> None:
        super().__init__(environ)
        self._due: set[tuple[str, str]] = set()

    def assignments(self, items: list[Body]) -> list[Body]:
        self._due.update((each["name"], (each["due_at"] or "")[:10]) for each in items)
        return items

    def record(self, collection: str, record: Body) -> Body:
        if collection == "lineItems" and (record["title"], record["dueDate"][:10]) in self._due:
            return record
        return super().record(collection, record)


class TakesTheFirstTwin(Wire):
    """Writes into the first of two line items that could both be meant."""

    kills = ("GPB-LIN-10",)

    def __init__(self, environ: dict[str, str]) -> None:
        super().__init__(environ)
        self._first: dict[tuple[Any, ...], str] = {}

    def record(self, collection: str, record: Body) -> Body:
        if collection == "lineItems":
            key = record["class"]["sourcedId"], record["title"], record["dueDate"][:10]
            if self._first.setdefault(key, record["sourcedId"]) != record["sourcedId"]:
                return record | {"status": "tobedeleted"}
        return record


class MatchesByTitle(Wire):
    """Takes a line item of the same title for the assignment, whenever it is due."""

    kills = ("GPB-LIN-11",)

    def __init__(self, environ: dict[str, str]) -> None:
        super().__init__(environ)
        self._due: dict[str, str] = {}

    def item(self, kind: str, item: Body) -> Body | None:
        if kind == "assignments" and item.get("due_at"):
            self._due[item["name"]] = item["due_at"]
        return item

    def record(self, collection: str, record: Body) -> Body:
        if collection == "lineItems" and record["title"] in self._due:
            return record | {"dueDate": self._due[record["title"]]}
        return record


class KeepsTheGradeInFocus(Wire):
    """Leaves a grade alone that somebody entered in Focus."""

    kills = ("GPB-RES-12",)

    def __init__(self, environ: dict[str, str]) -> None:
        super().__init__(environ)
        self._theirs: set[tuple[str, str]] = set()

    def record(self, collection: str, record: Body) -> Body:
        if collection == "results" and not self.seen("result", record["sourcedId"]):
            self._theirs.add((record["lineItem"]["sourcedId"], record["student"]["sourcedId"]))
        return record

    def grade(self, kind: str, sourced_id: str, body: Body) -> Changed:
        if kind == "result":
            if (body["lineItem"]["sourcedId"], body["student"]["sourcedId"]) in self._theirs:
                return None
            self.is_new("result", sourced_id)
        return sourced_id, body


class ForgetsQuizzes(Wire):
    """Passes assignments back and no quizzes."""

    kills = ("GPB-LIN-12",)
    key = "quiz_id"

    def item(self, kind: str, item: Body) -> Body | None:
        if kind != "assignments":
            return item
        whole = self.ask_canvas(f"courses/{item['course_id']}/assignments/{item['id']}")
        return None if whole.get(self.key) else item


class ForgetsDiscussions(ForgetsQuizzes):
    """Passes assignments back and no discussions."""

    kills = ("GPB-LIN-13",)
    key = "discussion_topic"


class ForgetsNewQuizzes(ForgetsQuizzes):
    """Passes back Canvas's classic quizzes and none of the new ones."""

    kills = ("GPB-LIN-12",)
    key = "is_quiz_lti_assignment"


class ForgetsWorkOnPaper(Wire):
    """Passes back what can be handed in to Canvas, and no work on paper."""

    kills = ("GPB-LIN-01",)

    def item(self, kind: str, item: Body) -> Body | None:
        on_paper = kind == "assignments" and item["submission_types"] == ["on_paper"]
        return None if on_paper else item


class LeavesOutWhatDoesNotCount(Wire):
    """Passes back only what counts in Canvas's course grade."""

    kills = ("GPB-LIN-01",)

    def item(self, kind: str, item: Body) -> Body | None:
        uncounted = kind == "assignments" and item["include_in_final_grade"] is False
        return None if uncounted else item


class EscapesTitles(Wire):
    """Writes titles as they would stand in a web page's source."""

    kills = ("GPB-LIN-01",)

    def grade(self, kind: str, sourced_id: str, body: Body) -> Changed:
        if kind == "lineItem":
            body["title"] = html.escape(body["title"])
        return sourced_id, body


class SendsWhatIsNotMarked(Wire):
    """Passes back every published assignment, marked for the SIS or not."""

    kills = ("GPB-ELG-01",)

    def is_added(self, assignment: Body) -> bool:
        """Say which assignments are sent though Canvas does not offer them to the SIS."""
        return bool(assignment["published"] and not assignment.get("post_to_sis"))

    def assignments(self, items: list[Body]) -> list[Body]:
        for course in dict.fromkeys(item["course_id"] for item in items):
            model = next(item for item in items if item["course_id"] == course)
            for other in self.ask_canvas(f"courses/{course}/assignments?per_page=100"):
                if self.is_added(other):
                    kept = ("id", "name", "due_at", "points_possible", "created_at", "unlock_at")
                    items = [*items, model | {name: other.get(name) for name in kept}]
        return sorted(items, key=lambda item: int(item["course_id"]))


class SendsDrafts(SendsWhatIsNotMarked):
    """Passes back assignments that are not published yet."""

    kills = ("GPB-ELG-02",)

    def is_added(self, assignment: Body) -> bool:
        return bool(assignment.get("post_to_sis") and not assignment["published"])
