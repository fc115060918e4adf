"""From Canvas's assignments and grades to OneRoster's line items and results. Pure."""

from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, NamedTuple

from homeroom.config import CourseGrade, GradebookMode, UnpostedGrades
from homeroom.reference.errors import RecordError
from homeroom.reference.gradebook.snapshot import Assignment, Grades, Section, Submission

EXEMPT, GRADED = "exempt", "fully graded"


CLEARED = "not submitted"


class Score(NamedTuple):
    """What a result says of a student's work."""

    points: Decimal
    status: str
    on: datetime | None

    @property
    def marker(self) -> str:
        """What tells a changed grade from one already sent; when it was graded does not."""
        return f"{self.points.normalize()} {self.status}"


def refuse_ineligible(assignment: Assignment, title_limit: int) -> None:
    """Refuse what no SIS takes, before anything is sent.

    Raises:
        RecordError: Individual due dates, no points, or a title the SIS would cut.
    """
    if assignment.user_overrides:
        titles = ", ".join(str(each.get("title")) for each in assignment.user_overrides)
        raise RecordError(
            str(assignment.id),
            "due date",
            f"differs for single students ({titles}), which the SIS has no place for",
            "give due dates to everyone or to sections only",
        )
    if not assignment.points_possible:
        raise RecordError(
            str(assignment.id), "points", "is nothing", "give it points, or take it off the sync"
        )
    if len(assignment.name) > title_limit:
        raise RecordError(
            str(assignment.id),
            "name",
            f"has {len(assignment.name)} characters, where the SIS takes {title_limit}",
            "shorten it; a name that the SIS cuts would not be found again",
        )


def due_date(assignment: Assignment, section: Section) -> datetime:
    """Give when an assignment is due in a section.

    Raises:
        RecordError: It has no due date there.
    """
    due_at = assignment.due_in(section)
    if due_at is None:
        raise RecordError(
            str(assignment.id),
            "due date",
            f"Cannot Find Due Date: it has none for section {section.name}",
            "give it a due date, for everyone or for this section",
        )
    return due_at


def to_line_item(
    sourced_id: str,
    assignment: Assignment,
    section: Section,
    category: str,
    due_at: datetime,
    mode: GradebookMode,
) -> dict[str, Any]:
    """Put an assignment in a class's gradebook; Modified mode leaves its id out."""
    opens = assignment.unlock_at or assignment.created_at or due_at
    return {
        **_identity(sourced_id, mode),
        "title": assignment.name,
        "assignDate": wire(min(opens, due_at)),
        "dueDate": wire(due_at),
        "class": {"sourcedId": section.sis_id, "type": "class"},
        "category": {"sourcedId": category, "type": "category"},
        "resultValueMin": 0,
        "resultValueMax": number(assignment.points_possible or Decimal(0)),
    }


def to_result(
    sourced_id: str, line_item: str, student: str, score: Score, now: datetime, mode: GradebookMode
) -> dict[str, Any]:
    """Write a score into a line item. An excused one has score 0 and does not count."""
    return {
        **_identity(sourced_id, mode),
        "lineItem": {"sourcedId": line_item, "type": "lineItem"},
        "student": {"sourcedId": student, "type": "user"},
        "scoreStatus": score.status,
        "score": number(score.points),
        "scoreDate": (score.on or now).date().isoformat(),
    }


def to_cleared(
    sourced_id: str, line_item: str, student: str, now: datetime, *, null: bool
) -> dict[str, Any]:
    """Take a score back that was deleted in Canvas."""
    nothing = Score(Decimal(0), CLEARED, now)
    body = to_result(sourced_id, line_item, student, nothing, now, GradebookMode.STANDARD)
    return {**body, "score": None} if null else {**body, "status": "tobedeleted"}


def to_score(
    submission: Submission | None,
    scale: Decimal,
    unposted: UnpostedGrades,
    skipped: Counter[str],
) -> Score | None:
    """Read the score a submission has for the SIS; None, with the reason counted, where none.

    Args:
        submission: The student's, if Canvas has one.
        scale: Line item points for each point in Canvas; 1 wherever the maxima agree.
        unposted: Whether grades hidden from students are sent.
        skipped: Counts what is left out, by reason.

    Returns:
        Points with their decimals, above the maximum where a teacher gave extra credit.
    """
    if submission is None:
        return None
    if submission.posted_at is None and unposted is UnpostedGrades.HELD:
        if submission.score is not None or submission.excused:
            skipped["hidden from students"] += 1
        return None
    if submission.excused:
        return Score(Decimal(0), EXEMPT, submission.graded_at)
    if submission.score is None:
        if submission.grade:
            skipped[f"a grade that is no number ({submission.grade})"] += 1
        return None
    if submission.workflow_state == "pending_review":
        skipped["not wholly graded yet"] += 1
        return None
    return Score(submission.score * scale, GRADED, submission.graded_at)


def to_course_score(
    grades: Grades | None, choice: CourseGrade, unposted: UnpostedGrades
) -> Decimal | None:
    """Choose the course grade to pass back; a teacher's override wins over what is computed."""
    if grades is None:
        return None
    if grades.override_score is not None:
        return grades.override_score
    if choice is CourseGrade.CURRENT:
        return _seen(grades.current_score, grades.unposted_current_score, unposted)
    return _seen(grades.final_score, grades.unposted_final_score, unposted)


def _seen(
    posted: Decimal | None, every: Decimal | None, unposted: UnpostedGrades
) -> Decimal | None:
    return every if unposted is UnpostedGrades.SENT else posted


def _identity(sourced_id: str, mode: GradebookMode) -> Mapping[str, Any]:
    named = {} if mode is GradebookMode.MODIFIED else {"sourcedId": sourced_id}
    return {**named, "status": "active"}


def wire(instant: datetime) -> str:
    """Write an instant as OneRoster does."""
    return instant.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def number(value: Decimal) -> int | float:
    """Give a score as JSON writes it: whole where it is whole."""
    return int(value) if value == value.to_integral_value() else float(value)
