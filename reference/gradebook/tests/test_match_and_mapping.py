"""Categories, adoption, eligibility and scores, as tables."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import pytest

from homeroom.config import Choices, CourseGrade, UnpostedGrades
from homeroom.reference.errors import RecordError
from homeroom.reference.gradebook import mapping
from homeroom.reference.gradebook.mapping import Score
from homeroom.reference.gradebook.match import Categories, adopt, day_of, find_period
from homeroom.reference.gradebook.snapshot import Assignment, GradingPeriod, Group, Submission
from homeroom.reference.oneroster.records import AcademicSession, Category, LineItem, Ref

NEW_YORK = ZoneInfo("America/New_York")
GRADED_AT = datetime(2026, 10, 10, 15, tzinfo=UTC)


def category(sourced_id: str, title: str, class_id: str | None = None) -> Category:
    """Make a category, of a class or of all."""
    metadata = {"classId": class_id} if class_id else None
    return Category(sourced_id=sourced_id, title=title, metadata=metadata)


CATEGORIES = Categories(
    [
        category("all-tests", "Tests"),
        category("c2-tests", "Tests", "c-2"),
        category("c1-labs", "Labs", "c-1"),
        category("c1-tests", "Tests", "c-1"),
    ]
)


@pytest.mark.parametrize(
    ("group", "class_id", "remembered", "expected"),
    [
        (Group(id=1, name="Tests"), "c-1", None, "c1-tests"),
        (Group(id=1, name="Tests"), "c-3", None, "all-tests"),
        (Group(id=1, name="Tests", sis_source_id="c1-labs"), "c-1", None, "c1-labs"),
        (Group(id=1, name="Tests", sis_source_id="c1-labs"), "c-2", None, "c2-tests"),
        (Group(id=1, name="Exams"), "c-1", "c1-tests", "c1-tests"),
        (Group(id=1, name="Labs"), "c-1", "c1-tests", "c1-labs"),
    ],
)
def test_a_groups_category(
    group: Group, class_id: str, remembered: str | None, expected: str
) -> None:
    assert CATEGORIES.find(group, class_id, remembered) == expected


@pytest.mark.parametrize("name", ["tests", "Test", "Tests ", ""])
def test_a_near_miss_is_refused_with_what_there_is(name: str) -> None:
    with pytest.raises(RecordError, match=r"available categories are: \[Labs, Tests\]"):
        CATEGORIES.find(Group(id=1, name=name), "c-1", None)


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("2026-10-09", date(2026, 10, 9)),
        ("2026-10-09T00:00:00.000Z", date(2026, 10, 9)),
        ("2026-10-10T03:59:59.000Z", date(2026, 10, 9)),
        ("2026-10-10T12:00:00Z", date(2026, 10, 10)),
        ("soon", None),
        (None, None),
    ],
)
def test_the_day_a_sis_means(written: str | None, expected: date | None) -> None:
    assert day_of(written, NEW_YORK) == expected


def item(sourced_id: str, title: str = "Quiz", due: str = "2026-10-09") -> LineItem:
    """Make a line item."""
    return LineItem(sourced_id=sourced_id, title=title, due_date=due)


def test_the_one_line_item_of_that_name_and_day_is_adopted() -> None:
    existing = [item("a"), item("b", due="2026-10-12"), item("c", title="quiz")]
    assert adopt("Quiz", "2026-10-09T20:00:00.000Z", existing, set(), NEW_YORK) == item("a")
    assert adopt("Quiz", "2026-10-09T20:00:00.000Z", existing, {"a"}, NEW_YORK) is None


def test_two_alike_are_refused() -> None:
    with pytest.raises(RecordError, match='Multiple matches found for "Quiz" due on 2026-10-09'):
        adopt("Quiz", "2026-10-09T20:00:00.000Z", [item("a"), item("b")], set(), NEW_YORK)


def assignment(**changed: Any) -> Assignment:
    """Make an assignment in one section, due one evening."""
    body: dict[str, Any] = {
        "id": 4,
        "course_id": 6,
        "name": "Quiz",
        "due_at": "2026-10-10T03:59:59Z",
        "points_possible": 12.5,
        "assignment_group": {"id": 1, "name": "Tests"},
        "sections": [{"id": 1, "name": "P1", "sis_id": "c-1"}],
    }
    return msgspec.convert({**body, **changed}, Assignment, strict=False)


def test_a_sections_own_due_date_wins() -> None:
    section = {"id": 1, "sis_id": "c-1", "override": {"due_at": "2026-10-12T20:00:00Z"}}
    given = assignment(sections=[section])
    due_at = mapping.due_date(given, given.sections[0], 255)
    assert due_at == datetime(2026, 10, 12, 20, tzinfo=UTC)


def test_what_is_due_at_midnight_in_utc_stays_on_the_evening_it_is_due() -> None:
    given = assignment(due_at="2026-10-10T00:00:00Z")
    due_at = mapping.due_date(given, given.sections[0], 255)
    line_item = mapping.to_line_item("Quiz", "c-1", "tests", due_at, due_at, Decimal(10))
    assert line_item["dueDate"] == "2026-10-09T23:59:59.000Z"
    assert day_of(line_item["dueDate"], NEW_YORK) == date(2026, 10, 9)


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"due_at": None}, r"has no due date for section P1 \(Cannot Find Due Date\)"),
        ({"points_possible": 0}, "is worth no points"),
        ({"name": "x" * 31}, "has a name of 31 letters, the SIS takes 30"),
        ({"user_overrides": [{"title": "Ana Ruiz"}]}, r"dates for single students \(Ana Ruiz\)"),
        ({"due_at": None, "points_possible": 0}, r"Due Date\); is worth no points"),
    ],
)
def test_what_no_sis_takes_is_refused_before_it_is_sent(changed: dict[str, Any], told: str) -> None:
    given = assignment(**changed)
    with pytest.raises(RecordError, match=told):
        mapping.due_date(given, given.sections[0], 30)


def submission(**fields: Any) -> Submission:
    """Make a posted submission."""
    posted: dict[str, Any] = {
        "posted_at": GRADED_AT,
        "graded_at": GRADED_AT,
        "workflow_state": "graded",
    }
    return Submission(assignment_id=4, user_id=1, **{**posted, **fields})


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"score": Decimal("9.25")}, Score(Decimal("9.25"), "fully graded", GRADED_AT)),
        ({"score": Decimal(14)}, Score(Decimal(14), "fully graded", GRADED_AT)),
        ({"score": Decimal(0)}, Score(Decimal(0), "fully graded", GRADED_AT)),
        ({"excused": True}, Score(Decimal(0), "exempt", GRADED_AT)),
        ({}, None),
    ],
)
def test_scores_go_over_as_they_are(given: dict[str, Any], expected: Score | None) -> None:
    assert mapping.to_score(submission(**given), Choices()) == expected


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ({"score": Decimal(9), "posted_at": None}, "hidden from students"),
        ({"grade": "complete"}, "a grade that is no number (complete)"),
        ({"score": Decimal(3), "workflow_state": "pending_review"}, "not wholly graded yet"),
    ],
)
def test_what_is_left_out_has_its_reason(given: dict[str, Any], why: str) -> None:
    assert mapping.to_score(submission(**given), Choices()) == why


def test_hidden_grades_are_sent_where_that_was_chosen() -> None:
    hidden = submission(score=Decimal(9), posted_at=None)
    choices = Choices(unposted_grades=UnpostedGrades.SENT)
    assert mapping.to_score(hidden, choices) == Score(Decimal(9), "fully graded", GRADED_AT)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"score": Decimal(9), "late": True}, "Late"),
        ({"score": Decimal(0), "missing": True}, "Missing"),
        ({"score": Decimal(9)}, ""),
        ({"excused": True}, ""),
    ],
)
def test_late_and_missing_work_is_marked_only_where_that_was_chosen(
    given: dict[str, Any], expected: str
) -> None:
    handed_in = submission(**given)
    plain = mapping.to_score(handed_in, Choices())
    marked = mapping.to_score(handed_in, Choices(), marked=True)
    assert isinstance(plain, Score)
    assert "comment" not in mapping.to_result("l", "s", plain, GRADED_AT)
    assert isinstance(marked, Score)
    assert mapping.to_result("l", "s", marked, GRADED_AT)["comment"] == expected


def test_missing_work_without_a_score_is_no_result() -> None:
    assert mapping.to_score(submission(missing=True), Choices(), marked=True) is None


@pytest.mark.parametrize(
    ("choices", "changed", "expected"),
    [
        (Choices(), {}, "88.1"),
        (Choices(course_grade=CourseGrade.CURRENT), {}, "92.5"),
        (Choices(unposted_grades=UnpostedGrades.SENT), {}, "70"),
        (Choices(), {"override_score": 95.0}, "95.0"),
        (Choices(), {"override_score": 0.0}, "0.0"),
        (Choices(), {"final_score": None}, None),
    ],
)
def test_the_course_grade(choices: Choices, changed: dict[str, Any], expected: str | None) -> None:
    grades = {
        "final_score": 88.1,
        "current_score": 92.5,
        "unposted_final_score": 70,
        "unposted_current_score": 71,
    }
    score = mapping.to_course_score({**grades, **changed}, choices)
    assert (None if score is None else score.points) == (expected and Decimal(expected))


def test_a_changed_grade_has_another_marker_and_the_same_one_has_not() -> None:
    assert Score(Decimal("9.50"), "exempt").marker == Score(Decimal("9.5"), "exempt").marker
    assert Score(Decimal(9), "fully graded").marker != Score(Decimal(9), "exempt").marker


def session(sourced_id: str, type_: str, title: str, start: str, parent: str) -> AcademicSession:
    """Make an academic session below another."""
    above = Ref(sourced_id=parent) if parent else None
    return AcademicSession(
        sourced_id=sourced_id, type=type_, title=title, start_date=start, parent=above
    )


SESSIONS = {
    each.sourced_id: each
    for each in (
        session("y26", "schoolYear", "2026-27", "2026-08-10", ""),
        session("s1", "semester", "Semester 1", "2026-08-10", "y26"),
        session("s2", "semester", "Semester 2", "2027-01-05", "y26"),
        session("q1", "gradingPeriod", "Quarter 1", "2026-08-10", "s1"),
        session("q3", "gradingPeriod", "Quarter 3", "2027-01-05", "s2"),
        session("y25", "schoolYear", "2025-26", "2025-08-11", ""),
        session("q1-25", "gradingPeriod", "Quarter 1", "2025-08-11", "y25"),
    )
}


@pytest.mark.parametrize(
    ("title", "starts", "term", "expected"),
    [
        ("Quarter 1", date(2026, 8, 10), "s1", "q1"),
        ("Q1", date(2026, 8, 10), "s1", "q1"),
        ("Quarter 1", date(2026, 8, 10), "y26", "q1"),
        ("Quarter 1", date(2026, 8, 10), "y25", "q1-25"),
        ("Quarter 3", date(2027, 1, 4), "s1", "q3"),
    ],
)
def test_a_grading_period_is_found_by_name_or_first_day_in_its_term_else_its_year(
    title: str, starts: date, term: str, expected: str
) -> None:
    period = GradingPeriod(id=1, title=title, start_date=GRADED_AT)
    assert find_period(period, starts, term, SESSIONS).sourced_id == expected


def test_a_grading_period_that_the_sis_has_not_is_refused() -> None:
    period = GradingPeriod(id=1, title="Quarter 9", start_date=GRADED_AT)
    with pytest.raises(RecordError, match="that is called Quarter 9"):
        find_period(period, date(2026, 9, 9), "s1", SESSIONS)


def test_a_calendar_in_a_circle_is_searched_once() -> None:
    circle = {
        "a": session("a", "semester", "A", "2026-08-10", "b"),
        "b": session("b", "gradingPeriod", "B", "2026-08-10", "a"),
    }
    period = GradingPeriod(id=1, title="C", start_date=GRADED_AT)
    with pytest.raises(RecordError, match="that is called C"):
        find_period(period, date(2026, 9, 9), "a", circle)
