"""Tables of grade syncs: what Canvas holds, and what the SIS gradebook must hold afterwards."""

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import msgspec
import pytest

from homeroom.config import Choices
from homeroom.oracle.canvas import (
    Assignment,
    CanvasWorld,
    Enrollment,
    GradingPeriod,
    Override,
    Submission,
)
from homeroom.oracle.feed import AcademicSession, Category, Feed, Gradebook, LineItem, Result
from homeroom.oracle.grade_obligations import (
    GradebookObligations,
    Presence,
    Sync,
    day_permitted,
    due_permitted,
)
from homeroom.oracle.grades import expected_gradebook
from homeroom.oracle.judge_grades import canvas_changes, judge_gradebook
from homeroom.oracle.obligations import NEW_YORK
from homeroom.oracle.tests.samples import FALL, YEAR, class_, feed, person, row, user, world

# One minute to midnight on 9 October in Florida.
DUE = datetime(2026, 10, 10, 3, 59, tzinfo=UTC)
NOW = datetime(2026, 10, 12, 6, tzinfo=UTC)
HOMEWORK = Category(sourced_id="hw", title="Homework")
EMPTY = Gradebook()
QUARTER = AcademicSession(
    sourced_id="q1", title="Quarter 1", type="gradingPeriod", parent="t1",
    start_date=date(2026, 8, 10), end_date=date(2026, 10, 9),
)  # fmt: skip


def roster(*categories: Category) -> Feed:
    served = feed(
        row("ana", "a1"),
        row("ben", "a2"),
        users=(person("ana"), person("ben")),
        classes=(class_("a1"), class_("a2")),
        sessions=(YEAR, FALL, QUARTER),
    )
    return replace(served, categories={each.sourced_id: each for each in categories or (HOMEWORK,)})


def canvas(
    *grades: Submission, periods: tuple[GradingPeriod, ...] = (), **fields: Any
) -> CanvasWorld:
    """Return a course with two sections and one assignment; `fields` change the assignment."""
    seen = world(
        {"a1": 1, "a2": 1},
        seats=[
            ("a1", "ana", "StudentEnrollment", "active"),
            ("a2", "ben", "StudentEnrollment", "active"),
        ],
        people=[user(7, "ana"), user(8, "ben")],
    )
    assignment = Assignment(
        id=50, course=1, name="Quiz", group="Homework", points_possible=Decimal(10), due_at=DUE,
        published=True, post_to_sis=True, grading_type="points",
    )  # fmt: skip
    changed = replace(assignment, **fields)
    return replace(seen, assignments={50: changed}, submissions=grades, grading_periods=periods)


def graded(
    who: int, score: str | None, *, excused: bool = False, posted: bool = True
) -> Submission:
    points = None if score is None else Decimal(score)
    return Submission(assignment=50, user=who, score=points, excused=excused, posted=posted)


def item(sourced_id: str = "L1", in_class: str = "a1", **fields: Any) -> LineItem:
    given: dict[str, Any] = {
        "title": "Quiz", "category": "hw", "due_date": "2026-10-09", "maximum": Decimal(10),
    }  # fmt: skip
    return LineItem(sourced_id=sourced_id, class_=in_class, **{**given, **fields})


def result(student: str = "ana", score: str | None = "9.25", **fields: Any) -> Result:
    given: dict[str, Any] = {
        "sourced_id": f"R-{student}", "line_item": "L1", "score_status": "fully graded",
        "score": None if score is None else Decimal(score),
    }  # fmt: skip
    return Result(student=student, **{**given, **fields})


def sync(seen: CanvasWorld, before: Gradebook = EMPTY, **fields: Any) -> Sync:
    given: dict[str, Any] = {"feed": roster(), "canvas": seen, "before": before, "now": NOW}
    return Sync(**{**given, **fields})


def obliged(*syncs: Sync, **choices: Any) -> GradebookObligations:
    return expected_gradebook(syncs, msgspec.convert(choices, Choices))


def problems(*syncs: Sync, after: Gradebook, **choices: Any) -> list[tuple[str, str]]:
    found = judge_gradebook(obliged(*syncs, **choices), after)
    return [(each.field, each.received) for each in found]


def presence(seen: CanvasWorld, in_class: str = "a1", **fields: Any) -> Presence:
    found = next(each for each in obliged(sync(seen, **fields)).line_items
                 if each.class_ == in_class)  # fmt: skip
    return found.presence


ANA = graded(7, "9.25")
RIGHT = Gradebook(line_items=(item(),), results=(result(),))


def test_a_right_gradebook_has_no_findings() -> None:
    assert problems(sync(canvas(ANA)), after=RIGHT) == []


@pytest.mark.parametrize(
    ("wrong", "finding"),
    [
        (replace(RIGHT, results=()), ("result", "no result")),
        (
            replace(RIGHT, results=(result(), result(sourced_id="R2"))),
            ("result", "2: 9.25, 9.25"),
        ),
        (replace(RIGHT, results=(result(score="9"),)), ("score", "9")),
        (replace(RIGHT, line_items=(item(maximum=Decimal(11)),)), ("maximum", "11 points")),
        (replace(RIGHT, line_items=(item(category="other"),)), ("category", "other")),
        (
            replace(RIGHT, line_items=(item(), item("L2"))),
            ("line item", "2 of that name and date"),
        ),
        (
            replace(RIGHT, results=(result(), result("ben", "7"))),
            ("result", "7 for ben"),
        ),
        (
            replace(RIGHT, line_items=(item(), item("L9", "a2", title="Other"))),
            ("line item", "line item L9 was created"),
        ),
    ],
    ids=["lost", "twice", "rounded", "maximum", "category", "two items", "stranger", "stray"],
)
def test_what_is_wrong_is_found(wrong: Gradebook, finding: tuple[str, str]) -> None:
    assert problems(sync(canvas(ANA)), after=wrong) == [finding]


def test_a_lost_line_item_is_told_with_what_the_class_has() -> None:
    (found,) = judge_gradebook(
        obliged(sync(canvas(ANA))), Gradebook(line_items=(item(title="quiz"),))
    )[:1]

    assert found.field == "line item"
    assert found.received == "none of that name and due date; the class has: quiz"


@pytest.mark.parametrize(
    ("fields", "permitted"),
    [
        ({}, Presence.REQUIRED),
        ({"post_to_sis": False}, Presence.FORBIDDEN),
        ({"published": False}, Presence.FORBIDDEN),
        ({"due_at": None}, Presence.FORBIDDEN),
        ({"grading_type": "not_graded"}, Presence.FORBIDDEN),
        ({"group": "homework"}, Presence.FORBIDDEN),
        ({"group": "Practice"}, Presence.FORBIDDEN),
        ({"name": "x" * 256}, Presence.FORBIDDEN),
        ({"due_at": datetime(2027, 3, 1, tzinfo=UTC)}, Presence.PERMITTED),
        ({"grading_type": "percent"}, Presence.REQUIRED),
        ({"grading_type": "letter_grade"}, Presence.PERMITTED),
        ({"overrides": (Override(section=None, due_at=DUE),)}, Presence.PERMITTED),
        (
            {"due_at": None, "overrides": (Override(section=100, due_at=DUE),)},
            Presence.PERMITTED,
        ),
        (
            {"only_visible_to_overrides": True, "overrides": (Override(section=101, due_at=DUE),)},
            Presence.FORBIDDEN,
        ),
    ],
)
def test_what_is_eligible(fields: dict[str, Any], permitted: Presence) -> None:
    assert presence(canvas(ANA, **fields)) is permitted


def test_an_unpublished_course_passes_nothing_back() -> None:
    seen = canvas(ANA)
    hidden = replace(seen, courses={1: replace(seen.courses[1], state="unpublished")})

    assert presence(hidden) is Presence.FORBIDDEN


def test_an_assignment_without_any_grade_may_wait() -> None:
    assert presence(canvas()) is Presence.PERMITTED
    assert problems(sync(canvas()), after=EMPTY) == []


@pytest.mark.parametrize(
    ("categories", "right"),
    [
        ((HOMEWORK,), {"hw"}),
        (
            (Category(sourced_id="x", title="Homework", class_="a2"), HOMEWORK),
            {"hw"},
        ),
        (
            (Category(sourced_id="x", title="Homework", class_="a1"), HOMEWORK),
            {"hw", "x"},
        ),
        ((HOMEWORK, Category(sourced_id="second", title="Homework")), {"hw"}),
        ((Category(sourced_id="x", title="Homework", status="tobedeleted"),), set()),
    ],
    ids=["global", "another class's", "own or global", "first of two", "deleted"],
)
def test_the_category_is_the_class_s_own_or_the_first_for_all(
    categories: tuple[Category, ...], right: set[str]
) -> None:
    found = obliged(sync(canvas(ANA), feed=roster(*categories))).of("a1", "Quiz")

    assert found is not None
    assert set(found.categories) == right


@pytest.mark.parametrize(
    ("written", "right"),
    [
        ("2026-10-09", True),
        ("2026-10-09T00:00:00.000Z", True),
        ("2026-10-10T03:59:00Z", True),
        ("2026-10-09T23:59:00-04:00", True),
        ("2026-10-10", False),
        ("2026-10-10T00:00:00Z", False),
        ("2026-10-10T23:59:00Z", False),
        ("tomorrow", False),
        (None, False),
    ],
)
def test_a_due_date_is_the_school_s_day(written: str | None, *, right: bool) -> None:
    assert due_permitted(written, DUE, NEW_YORK) is right


@pytest.mark.parametrize(
    ("written", "right"),
    [
        ("2026-10-10T00:00:00.000Z", True),
        ("2026-10-09T20:00:00-04:00", True),
        ("2026-10-09T23:59:59Z", True),
        ("2026-10-09", True),
        ("2026-10-10", False),
        ("2026-10-10T00:00:00", False),
    ],
)
def test_what_is_due_at_eight_in_the_evening_may_be_written_as_canvas_has_it(
    written: str, *, right: bool
) -> None:
    evening = datetime(2026, 10, 10, tzinfo=UTC)
    after = Gradebook(line_items=(item(due_date=written),), results=(result(),))

    assert due_permitted(written, evening, NEW_YORK) is right
    assert (problems(sync(canvas(ANA, due_at=evening)), after=after) == []) is right


@pytest.mark.parametrize(
    ("grade", "status", "right"),
    [
        (graded(7, "12"), result(score="12"), True),
        (graded(7, "12"), result(score="10"), False),
        (graded(7, "0"), result(score="0"), True),
        (graded(7, None, excused=True), result(score="0", score_status="exempt"), True),
        (graded(7, None, excused=True), result(score=None, score_status="exempt"), True),
        (graded(7, None, excused=True), result(score="0"), False),
        (graded(7, "8"), result(score="8", score_status="exempt"), False),
    ],
    ids=[
        "extra credit", "clamped", "zero", "exempt at 0", "exempt at nothing", "excused as zero",
        "graded as exempt",
    ],
)  # fmt: skip
def test_a_grade_is_the_grade_given(grade: Submission, status: Result, *, right: bool) -> None:
    found = problems(sync(canvas(grade)), after=replace(RIGHT, results=(status,)))

    assert (found == []) is right


def test_a_hidden_grade_is_held_or_sent_as_declared() -> None:
    hidden = sync(canvas(graded(7, "9.25", posted=False)))
    held = replace(RIGHT, results=())

    assert problems(hidden, after=EMPTY) == []
    assert problems(hidden, after=held) == []
    assert problems(hidden, after=RIGHT) == [("result", "9.25, fully graded")]
    assert problems(hidden, after=RIGHT, unposted_grades="sent") == []
    assert problems(hidden, after=held, unposted_grades="sent") == [("result", "no result")]


def test_a_section_s_own_due_date_wins() -> None:
    own = datetime(2026, 10, 12, 16, tzinfo=UTC)
    seen = canvas(graded(8, "7"), overrides=(Override(section=101, due_at=own),))

    found = obliged(sync(seen))

    assert [(each.class_, set(each.due_days)) for each in found.line_items] == [
        ("a1", {date(2026, 10, 9)}),
        ("a2", {date(2026, 10, 12)}),
    ]


def test_an_item_of_the_same_name_and_date_is_taken_over() -> None:
    before = Gradebook(line_items=(item("old"),))
    doubled = Gradebook(line_items=(item("old"), item("new")), results=(result(line_item="new"),))
    adopted = Gradebook(line_items=(item("old"),), results=(result(line_item="old"),))

    assert problems(sync(canvas(ANA), before), after=adopted) == []
    assert problems(sync(canvas(ANA), before), after=doubled) == [
        ("line item", "2 of that name and date"),
    ]


def test_an_ambiguous_match_forbids_every_write() -> None:
    before = Gradebook(line_items=(item("one"), item("two")))
    written = replace(before, results=(result(line_item="one"),))

    assert problems(sync(canvas(ANA), before), after=before) == []
    assert problems(sync(canvas(ANA), before), after=written) == [
        ("result", "9.25 was written for ana")
    ]


def test_a_renamed_assignment_keeps_its_line_item() -> None:
    first = sync(canvas(ANA), after=RIGHT)
    renamed = sync(canvas(ANA, name="Quiz, revised"), RIGHT)
    kept = replace(RIGHT, line_items=(item(title="Quiz, revised"),))
    doubled = replace(RIGHT, line_items=(item(), item("L2", title="Quiz, revised")))

    assert problems(first, renamed, after=kept) == []
    assert problems(first, renamed, after=doubled) == [("line item", "2 of that name and date")]
    assert problems(first, renamed, after=RIGHT) == [("title", "'Quiz'")]


@pytest.mark.parametrize(
    ("tied", "kept", "right"),
    [
        (None, "hw", False),
        ("hw", "hw", True),
        ("hw", "other", False),
        ("elsewhere", "elsewhere", False),
        ("gone", "hw", False),
    ],
)
def test_a_group_may_be_tied_to_its_category_by_id(
    tied: str | None, kept: str, *, right: bool
) -> None:
    elsewhere = Category(sourced_id="elsewhere", title="Labs", class_="a2")
    seen = canvas(ANA, group="Wonders", group_id=3, group_sis_id=tied)
    after = replace(RIGHT, line_items=(item(category=kept),))
    found = problems(sync(seen, feed=roster(HOMEWORK, elsewhere)), after=after)

    assert (found == []) is right


def test_a_renamed_group_may_keep_its_category_or_be_left_alone() -> None:
    first = sync(canvas(ANA, group_id=3), after=RIGHT)
    renamed = canvas(graded(7, "10"), group="Wonders", group_id=3)
    sent = replace(RIGHT, results=(result(score="10"),))
    moved = replace(sent, line_items=(item(category="other"),))

    assert problems(first, sync(renamed, RIGHT), after=RIGHT) == []
    assert problems(first, sync(renamed, RIGHT), after=sent) == []
    assert problems(first, sync(renamed, RIGHT), after=moved) == [("category", "other")]


def test_an_old_grade_of_a_pupil_who_came_later_may_wait_for_a_remaster() -> None:
    seen = canvas(ANA)
    elsewhere = {number: seat for number, seat in seen.enrollments.items() if seat.user != 7}
    first = sync(replace(seen, enrollments=elsewhere), after=EMPTY)
    again = canvas(graded(7, "10"))
    nothing = Gradebook(line_items=(item(),))

    assert problems(first, sync(seen), after=nothing) == []
    assert problems(first, sync(seen), after=RIGHT) == []
    assert problems(first, sync(seen, remaster=True), after=nothing) == [("result", "no result")]
    assert problems(first, sync(again), after=nothing) == [("result", "no result")]


def test_what_was_deleted_in_the_sis_may_stay_so_until_a_remaster() -> None:
    gone = Gradebook(line_items=(item(status="tobedeleted"),))
    first = sync(canvas(ANA), after=RIGHT)

    assert problems(first, sync(canvas(ANA), gone), after=gone) == []
    assert problems(first, sync(canvas(ANA), gone, remaster=True), after=gone) == [
        ("line item", "none of that name and due date; the class has: none")
    ]


def test_a_cleared_grade_may_stand_until_a_remaster() -> None:
    first = sync(canvas(ANA), after=RIGHT)
    cleared = canvas(graded(7, None))
    marked = replace(RIGHT, results=(result(score="0", score_status="not submitted"),))

    assert problems(first, sync(cleared, RIGHT), after=RIGHT) == []
    assert problems(first, sync(cleared, RIGHT), after=marked) == []
    assert problems(first, sync(cleared, RIGHT, remaster=True), after=marked) == []
    assert problems(first, sync(cleared, RIGHT, remaster=True), after=RIGHT) == [
        ("result", "9.25, fully graded")
    ]


@pytest.mark.parametrize(
    ("later", "after", "told"),
    [
        (canvas(ANA, post_to_sis=False), RIGHT, []),
        (canvas(ANA, post_to_sis=False), EMPTY, [("line item", "line item L1 was deleted")]),
        (
            canvas(ANA, post_to_sis=False),
            replace(RIGHT, results=()),
            [("result", "it was deleted")],
        ),
        (replace(canvas(ANA), assignments={}), EMPTY, [("line item", "line item L1 was deleted")]),
        (canvas(graded(7, None)), replace(RIGHT, results=()), []),
    ],
    ids=["no longer synced", "and deleted", "and its grade", "deleted in Canvas", "cleared"],
)
def test_a_sync_takes_nothing_away(
    later: CanvasWorld, after: Gradebook, told: list[tuple[str, str]]
) -> None:
    first = sync(canvas(ANA), after=RIGHT)

    assert problems(first, sync(later, RIGHT), after=after) == told


def scored(**fields: str) -> GradingPeriod:
    totals = {name: Decimal(value) for name, value in fields.items()}
    seat = Enrollment(id=1000, section=100, user=7, type="StudentEnrollment", state="active",
                      **totals)  # type: ignore[arg-type]  # fmt: skip # all of them are scores
    return GradingPeriod(
        id="1", course=1, title="Quarter 1", start=datetime(2026, 8, 10, 4, tzinfo=UTC),
        end=datetime(2026, 10, 10, 3, 59, tzinfo=UTC), scores=(seat,),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("fields", "choices", "score"),
    [
        ({"final_score": "88", "current_score": "92"}, {}, "88"),
        ({"final_score": "88", "current_score": "92"}, {"course_grade": "current"}, "92"),
        ({"final_score": "88", "override_score": "90"}, {}, "90"),
        (
            {"final_score": "88", "unposted_final_score": "80"},
            {"unposted_grades": "sent"},
            "80",
        ),
    ],
)
def test_a_course_grade_is_the_declared_one_and_an_override_wins(
    fields: dict[str, str], choices: dict[str, str], score: str
) -> None:
    seen = replace(canvas(periods=(scored(**fields),)), assignments={})

    def book(value: str) -> Gradebook:
        whole = item("C", title="any", grading_period="q1", maximum=Decimal(100))
        return Gradebook(
            line_items=(whole,),
            results=(result(line_item="C", score=value),),
        )

    assert problems(sync(seen), after=book(score), **choices) == []
    assert problems(sync(seen), after=book("1"), **choices) == [("score", "1")]
    assert [each[0] for each in problems(sync(seen), after=EMPTY, **choices)] == ["line item"]


def test_a_course_grade_is_known_by_its_due_date_where_it_names_no_period() -> None:
    whole = item("C", title="any", maximum=Decimal(100))
    book = Gradebook(line_items=(whole,), results=(result(line_item="C", score="88"),))
    seen = canvas(periods=(scored(final_score="88"),), name="any", points_possible=Decimal(100))

    assert problems(sync(replace(seen, assignments={})), after=book) == []
    # An assignment of the same maximum that is due on that day is not taken for it.
    assert ("line item", "none of that name and due date; the class has: any") in problems(
        sync(seen), after=book
    )


@pytest.mark.parametrize("term", ["first-term", "school-year"])
def test_what_is_due_after_the_class_s_own_term_may_be_refused_whatever_the_canvas_term(
    term: str,
) -> None:
    spring = canvas(ANA, due_at=datetime(2027, 2, 2, 4, tzinfo=UTC))

    assert problems(sync(spring), after=EMPTY, term=term) == []
    assert problems(sync(canvas(ANA)), after=EMPTY, term=term) != []


def test_a_course_grade_that_is_gone_may_stand_until_a_remaster() -> None:
    gone = replace(canvas(periods=(scored(),)), assignments={})
    whole = item("C", title="any", grading_period="q1", maximum=Decimal(100))
    book = Gradebook(line_items=(whole,), results=(result(line_item="C", score="88"),))
    changed = replace(book, results=(result(line_item="C", score="70"),))

    assert problems(sync(gone, book), after=book) == []
    assert problems(sync(gone, book), after=changed) == [("score", "70")]
    assert problems(sync(gone, book, remaster=True), after=replace(book, results=())) == []
    assert problems(sync(gone, book, remaster=True), after=book) == [("result", "88, fully graded")]
    assert problems(sync(gone), after=book) == [("result", "88, fully graded")]


def test_no_course_grade_where_they_are_off() -> None:
    seen = replace(canvas(periods=(scored(final_score="88"),)), assignments={})

    assert problems(sync(seen), after=EMPTY, course_grade="off") == []


def test_a_period_s_last_day_is_right_by_either_reading() -> None:
    days = frozenset({date(2026, 10, 9), date(2026, 10, 8)})

    assert day_permitted("2026-10-08", days, NEW_YORK)
    assert not day_permitted("2026-10-10", days, NEW_YORK)


def test_a_sync_that_changes_canvas_is_found() -> None:
    before = canvas(ANA)

    assert canvas_changes(before, before) == []
    renamed = canvas(ANA, name="Other")
    assert [each.kind for each in canvas_changes(before, renamed)] == ["assignment"]
    regraded = canvas(graded(7, "1"))
    assert [each.kind for each in canvas_changes(before, regraded)] == ["submission"]
