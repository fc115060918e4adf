"""Sending into a gradebook that remembers, refuses and forgets."""

from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec
import pytest

from homeroom.config import Choices, GradebookMode
from homeroom.reference.errors import RecordError
from homeroom.reference.gradebook.book import Book, Item, Outcome, Stored, Tools
from homeroom.reference.gradebook.mapping import Score, to_line_item
from homeroom.reference.gradebook.match import made_id
from homeroom.reference.oneroster.client import OneRosterClient
from homeroom.reference.oneroster.records import LineItem, Ref, Result
from homeroom.reference.settings import Settings
from homeroom.reference.transport import NoAuth, Transport

NOW = datetime(2026, 10, 12, 6, tzinfo=UTC)
DUE = datetime(2026, 10, 9, 20, tzinfo=UTC)
KEY = "6/4/c-1"


class Sis(OneRosterClient):
    """A gradebook of one class that keeps a journal of what is written into it."""

    def __init__(self) -> None:
        super().__init__(Transport("http://sis.test", NoAuth()))
        self.line_items: dict[str, LineItem] = {}
        self.results: dict[str, Result] = {}
        self.written: list[str] = []
        self.refused: set[str] = set()
        self.renames = False
        self.maximum: Decimal | None = None

    def get_line_items(self, class_id: str) -> list[LineItem]:
        """Give what there is."""
        return list(self.line_items.values())

    def get_results(self, class_id: str) -> list[Result]:
        """Give what there is."""
        return list(self.results.values())

    def put_line_item(self, sourced_id: str, body: Mapping[str, Any]) -> LineItem:
        """Store a line item, under an id of its own in Modified mode."""
        assert ("sourcedId" in body) is not self.renames
        known = sourced_id in self.line_items
        id_ = f"sis-{len(self.line_items)}" if self.renames and not known else sourced_id
        maximum = self.maximum or Decimal(str(body["resultValueMax"]))
        category = Ref(sourced_id=body["category"]["sourcedId"])
        self.line_items[id_] = LineItem(
            sourced_id=id_,
            title=body["title"],
            due_date=body["dueDate"],
            category=category,
            result_value_max=maximum,
        )
        self.written.append(f"line item {body['title']}")
        return self.line_items[id_]

    def put_result(self, sourced_id: str, body: Mapping[str, Any]) -> Result:
        """Store a result, or refuse a student's."""
        student = body["student"]["sourcedId"]
        if student in self.refused:
            raise RecordError(sourced_id, "result", "was refused: HTTP 422 Focus: no")
        self.results[sourced_id] = Result(
            sourced_id=sourced_id,
            line_item=Ref(sourced_id=body["lineItem"]["sourcedId"]),
            student=Ref(sourced_id=student),
            score_status=body["scoreStatus"],
            score=Decimal(str(body["score"])),
            comment=body.get("comment"),
        )
        gone = body["status"] == "tobedeleted"
        if gone:
            del self.results[sourced_id]
        self.written.append(f"{student} {'cleared' if gone else body['score']}")
        return Result(sourced_id=sourced_id)


class Desk:
    """A course's book over a SIS, opened anew for each sync as each process does."""

    def __init__(self, pool: ThreadPoolExecutor) -> None:
        self.sis, self._pool, self.memory = Sis(), pool, b"{}"
        self.mode = GradebookMode.STANDARD

    def _save(self, stored: Stored) -> None:
        self.memory = msgspec.json.encode(stored)

    def sync(
        self,
        scores: Mapping[str, Score | None],
        *,
        title: str = "Quiz",
        points: int = 10,
        remaster: bool = False,
    ) -> tuple[Outcome, list[str]]:
        """Send one assignment; its outcome, and what was written."""
        settings = Settings(
            oneroster_url="",
            oneroster_auth=NoAuth(),
            canvas_url="",
            canvas_auth=NoAuth(),
            now=NOW,
            state_dir=Path("nowhere"),
            choices=Choices(gradebook_mode=self.mode),
        )
        outcome = Outcome(course=6, section="c-1", title=title, assignment=4)
        body = to_line_item(title, "c-1", "tests", DUE, DUE, Decimal(points))
        tools = Tools(settings, self.sis, self._pool, {}, remaster)
        before = len(self.sis.written)
        Book(tools, msgspec.json.decode(self.memory, type=Stored), self._save).post(
            [Item(KEY, body, Decimal(points), scores, outcome)]
        )
        return outcome, self.sis.written[before:]


@pytest.fixture
def desk() -> Iterator[Desk]:
    """A book that nothing was sent from."""
    with ThreadPoolExecutor(1) as pool:
        yield Desk(pool)


def points(value: str) -> Score:
    """Make a graded score."""
    return Score(Decimal(value), "fully graded")


ANA_AND_BEN = {"ana": points("9.25"), "ben": points("7")}


def test_the_first_sync_makes_the_line_item_then_its_results(desk: Desk) -> None:
    outcome, written = desk.sync(ANA_AND_BEN)
    assert written == ["line item Quiz", "ana 9.25", "ben 7"]
    assert (outcome.status, outcome.sent) == ("synced", 2)
    assert list(desk.sis.line_items) == [made_id(KEY)]


def test_only_what_changed_is_sent_again(desk: Desk) -> None:
    desk.sync(ANA_AND_BEN)
    assert desk.sync(ANA_AND_BEN)[1] == []
    assert desk.sync({**ANA_AND_BEN, "ben": points("8")})[1] == ["ben 8"]


def test_a_rename_goes_to_the_same_line_item(desk: Desk) -> None:
    desk.sync(ANA_AND_BEN)
    assert desk.sync(ANA_AND_BEN, title="Quiz, revised", points=12)[1] == [
        "line item Quiz, revised"
    ]
    assert len(desk.sis.line_items) == 1


def test_what_the_sis_already_holds_is_not_sent_by_a_run_without_memory(desk: Desk) -> None:
    desk.sync(ANA_AND_BEN)
    desk.memory = b"{}"
    outcome, written = desk.sync(ANA_AND_BEN)
    assert (written, outcome.unchanged) == ([], 2)


def test_a_refused_result_stops_no_other_and_is_tried_again(desk: Desk) -> None:
    desk.sis.refused = {"ana"}
    outcome, written = desk.sync(ANA_AND_BEN)
    assert written == ["line item Quiz", "ben 7"]
    told = [(each["student"], each["reason"]) for each in outcome.refusals]
    assert (outcome.status, told) == ("failed", [("ana", "was refused: HTTP 422 Focus: no")])
    desk.sis.refused = set()
    assert desk.sync(ANA_AND_BEN)[1] == ["ana 9.25"]


def test_a_line_item_deleted_in_the_sis_comes_back_only_by_a_remaster(desk: Desk) -> None:
    desk.sync(ANA_AND_BEN)
    desk.sis.line_items.clear()
    desk.sis.results.clear()
    outcome, written = desk.sync(ANA_AND_BEN)
    assert (outcome.status, written) == ("failed", [])
    assert "Assignment Not Found" in outcome.refusals[0]["reason"]
    assert desk.sync(ANA_AND_BEN, remaster=True)[1] == ["line item Quiz", "ana 9.25", "ben 7"]


def test_a_remaster_sends_everything_and_clears_what_was_deleted_in_canvas(desk: Desk) -> None:
    desk.sync(ANA_AND_BEN)
    without_ben = {"ana": points("9.25"), "ben": None}
    assert desk.sync(without_ben)[1] == []
    outcome, written = desk.sync(without_ben, remaster=True)
    assert written == ["ana 9.25", "ben cleared"]
    assert (outcome.sent, outcome.cleared) == (1, 1)


def test_in_modified_mode_the_providers_ids_are_used_from_then_on(desk: Desk) -> None:
    desk.mode, desk.sis.renames = GradebookMode.MODIFIED, True
    desk.sync({"ana": points("9")})
    assert list(desk.sis.line_items) == ["sis-0"]
    assert desk.sync({"ana": points("9")}, title="Quiz 2")[1] == ["line item Quiz 2"]
    assert list(desk.sis.line_items) == ["sis-0"]


def test_a_line_item_the_sis_made_is_adopted(desk: Desk) -> None:
    desk.sis.line_items["theirs"] = LineItem(
        sourced_id="theirs", title="Quiz", due_date="2026-10-09"
    )
    desk.sync({"ana": points("9")})
    assert list(desk.sis.line_items) == ["theirs"]
    assert [each.line_item for each in desk.sis.results.values()] == [Ref(sourced_id="theirs")]


def test_scores_are_rescaled_where_the_sis_keeps_a_maximum_of_its_own(desk: Desk) -> None:
    desk.sis.maximum = Decimal(5)
    assert desk.sync({"ana": points("9.5")})[1] == ["line item Quiz", "ana 4.75"]
    assert desk.sync({"ana": points("9.5")})[1] == ["line item Quiz"]


def marked(value: str, mark: str) -> Score:
    """Make a graded score that tells of late work."""
    return Score(Decimal(value), "fully graded", mark=mark)


def test_a_mark_that_comes_or_goes_is_sent_like_a_changed_grade(desk: Desk) -> None:
    desk.sync({"ana": points("9")})
    assert desk.sync({"ana": marked("9", "")})[1] == []
    assert desk.sync({"ana": marked("9", "Late")})[1] == ["ana 9"]
    assert [each.comment for each in desk.sis.results.values()] == ["Late"]
    assert desk.sync({"ana": marked("9", "Late")})[1] == []
    assert desk.sync({"ana": marked("9", "")})[1] == ["ana 9"]
    assert [each.comment for each in desk.sis.results.values()] == [""]


def test_a_mark_that_took_effect_before_the_sync_died_is_not_sent_again(desk: Desk) -> None:
    desk.sync({"ana": marked("9", "Late")})
    desk.memory = b"{}"
    assert desk.sync({"ana": marked("9", "Late")})[1] == []


def test_a_teachers_comment_in_the_sis_is_no_mark_and_no_reason_to_write(desk: Desk) -> None:
    desk.sync({"ana": points("9")})
    for result in desk.sis.results.values():
        result.comment = "See me"
    desk.memory = b"{}"
    assert desk.sync({"ana": marked("9", "")})[1] == []


def test_marks_switched_off_again_change_nothing_until_the_grade_does(desk: Desk) -> None:
    desk.sync({"ana": marked("9", "Late")})
    assert desk.sync({"ana": points("9")})[1] == []
    assert desk.sync({"ana": points("8")})[1] == ["ana 8"]
    assert [each.comment for each in desk.sis.results.values()] == [None]
