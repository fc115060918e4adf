"""From Canvas's assignments and grades to OneRoster's line items and results. Pure."""

from collections.abc import Mapping
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from typing import Any, NamedTuple

from homeroom.config import Choices, CourseGrade, UnpostedGrades
from homeroom.reference.errors import RecordError
from homeroom.reference.gradebook.snapshot import Assignment, Section, Submission

EXEMPT, GRADED, CLEARED = "exempt", "fully graded", "not submitted"


class Score(NamedTuple):
    """What a result says of a student's work."""

    points: Decimal
    status: str
    on: datetime | None = None
    # Late, missing, or blank for neither; None where the SIS is not told.
    mark: str | None = None

    @property
    def marker(self) -> str:
        """What tells a changed grade from one already sent; when it was graded does not."""
        return f"{self.points.normalize()} {self.status} {self.mark or ''}".rstrip()


def due_date(assignment: Assignment, section: Section, title_limit: int) -> datetime:
    """Give when an assignment is due in a section, if a SIS takes it at all.

    Midnight in UTC is an evening in America, and reads like a bare date, which would be the next
    day's: what is due then is due a second earlier.

    Raises:
        RecordError: No due date, dates for single students, no points, or too long a title, which
            a SIS would cut and not find again.
    """
    due_at, name = assignment.due_in(section), assignment.name
    single = ", ".join(str(each.get("title")) for each in assignment.user_overrides)
    refusals = {
        f"has dates for single students ({single})": bool(single),
        f"has no due date for section {section.name} (Cannot Find Due Date)": due_at is None,
        "is worth no points": not assignment.points_possible,
        f"has a name of {len(name)} letters, the SIS takes {title_limit}": len(name) > title_limit,
    }
    reasons = "; ".join(reason for reason, holds in refusals.items() if holds)
    if reasons or due_at is None:
        raise RecordError(str(assignment.id), "assignment", reasons, "change it in Canvas")
    return due_at - timedelta(seconds=due_at.astimezone(UTC).time() == time())


def to_line_item(
    title: str, class_id: str, category: str, opens: datetime, due_at: datetime, maximum: Decimal
) -> dict[str, Any]:
    """Put something in a class's gradebook."""
    return {
        "status": "active",
        "title": title,
        "assignDate": wire(min(opens, due_at)),
        "dueDate": wire(due_at),
        "class": {"sourcedId": class_id, "type": "class"},
        "category": {"sourcedId": category, "type": "category"},
        "resultValueMin": 0,
        "resultValueMax": number(maximum),
    }


def to_result(line_item: str, student: str, score: Score, now: datetime) -> dict[str, Any]:
    """Write a score into a line item. An excused one has score 0 and does not count."""
    told = {} if score.mark is None else {"comment": score.mark}
    return {
        "status": "active",
        "lineItem": {"sourcedId": line_item, "type": "lineItem"},
        "student": {"sourcedId": student, "type": "user"},
        "scoreStatus": score.status,
        "score": number(score.points),
        "scoreDate": (score.on or now).date().isoformat(),
        **told,
    }


def to_score(
    submission: Submission | None, choices: Choices, *, marked: bool = False
) -> Score | str | None:
    """Read the score a submission has for the SIS, or why it is left out; None where it has none.

    Args:
        submission: The student's, if Canvas has one.
        choices: Whether grades hidden from students are sent.
        marked: Whether late and missing work is marked so.

    Returns:
        Points with their decimals, above the maximum where a teacher gave extra credit.
    """
    if submission is None or not (submission.score is not None or submission.excused):
        letter = submission.grade if submission else None
        return f"a grade that is no number ({letter})" if letter else None
    if submission.posted_at is None and choices.unposted_grades is UnpostedGrades.HELD:
        return "hidden from students"
    if submission.workflow_state == "pending_review":
        return "not wholly graded yet"
    mark = submission.mark if marked else None
    if submission.excused or submission.score is None:
        return Score(Decimal(0), EXEMPT, submission.graded_at, mark)
    return Score(submission.score, GRADED, submission.graded_at, mark)


def to_course_score(grades: Mapping[str, Any], choices: Choices) -> Score | None:
    """Choose the course grade to pass back; a teacher's override wins over what is computed."""
    name = "current_score" if choices.course_grade is CourseGrade.CURRENT else "final_score"
    seen = "unposted_" if choices.unposted_grades is UnpostedGrades.SENT else ""
    override = grades.get("override_score")
    value = grades.get(seen + name) if override is None else override
    return None if value is None else Score(Decimal(str(value)), GRADED)


def wire(instant: datetime) -> str:
    """Write an instant as OneRoster does."""
    return instant.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def number(value: Decimal) -> int | float:
    """Give a score as JSON writes it: whole where it is whole."""
    return int(value) if value == value.to_integral_value() else float(value)
