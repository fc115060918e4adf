"""Grading one submission: the score, the excuse, the late mark, the comment, the log entry.

Source: canvas-rest-api.md 7.2, 7.4 and 7.6.
"""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from homeroom.mocks.canvas.gradebook import grading
from homeroom.mocks.canvas.gradebook.book import CourseBook
from homeroom.mocks.canvas.params import to_flag, to_integer, to_text
from homeroom.mocks.canvas.store import Assignment, GradeChange, Submission, SubmissionComment
from homeroom.mocks.canvas.world import CanvasWorld

LATE_STATUSES = frozenset({"late", "missing", "none", "extended"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What a grader asks for one submission; what was not asked for stays as it is."""

    grades: bool = False
    """Whether a grade was given at all; a blank one takes the grade away."""
    posted_grade: str = ""
    prefer_points: bool = False
    excuse: bool | None = None
    sets_status: bool = False
    """Whether a late mark was given; an empty one takes the mark away."""
    late_policy_status: str | None = None
    seconds_late_override: int | None = None
    comment: str | None = None

    @property
    def changes_grade(self) -> bool:
        """Whether more than a comment is asked for."""
        return (
            self.grades
            or self.excuse is not None
            or self.sets_status
            or self.seconds_late_override is not None
        )


def read_wish(submission: dict[str, Any], *, prefer_points: bool = False) -> Wish:
    """Read `submission[...]`, or one student's part of `grade_data`."""
    status = to_text(submission.get("late_policy_status"))
    return Wish(
        grades="posted_grade" in submission,
        posted_grade=to_text(submission.get("posted_grade")) or "",
        prefer_points=prefer_points,
        excuse=to_flag(submission.get("excuse")),
        sets_status="late_policy_status" in submission,
        late_policy_status=status if status in LATE_STATUSES else None,
        seconds_late_override=to_integer(submission.get("seconds_late_override")),
        comment=to_text(submission.get("text_comment")),
    )


def grade_submission(
    world: CanvasWorld,
    book: CourseBook,
    assignment: Assignment,
    user_id: int,
    wish: Wish,
    *,
    grader_id: int | None,
    only_changes: bool = False,
) -> Submission:
    """Do to a student's submission what a grader asks; the caller has checked rights.

    Args:
        world: The Canvas world.
        book: The course's gradebook.
        assignment: The assignment.
        user_id: The student.
        wish: What is asked for.
        grader_id: Who asks.
        only_changes: Leave alone who has that score and excuse already, as bulk grading does.
    """
    book.find_submission(assignment, user_id)  # lets the late policy do what is due first
    submission = book.store_submission(assignment, user_id)
    now = world.now()
    before = graded_as(book, assignment, submission)
    if wish.grades or wish.excuse is not None:
        score = _score(book, assignment, wish)
        after = (score, bool(wish.excuse) and score is None)
        if not (only_changes and after == before[1:]):
            _grade(book, submission, wish, score, assignment=assignment, grader_id=grader_id)
    _mark(submission, wish, at=now)
    if wish.comment is not None:
        add_comment(submission, wish.comment, author_id=grader_id, at=now)
    submission.updated_at = now
    log_change(world, book, assignment, submission, before, grader_id=grader_id)
    return submission


def _score(book: CourseBook, assignment: Assignment, wish: Wish) -> Decimal | None:
    if not wish.grades:
        return None
    return grading.parse_grade(
        wish.posted_grade,
        grading_type=assignment.grading_type,
        points_possible=assignment.points_possible,
        scheme=book.scheme(assignment),
        prefer_points=wish.prefer_points,
    )


def _grade(
    book: CourseBook,
    submission: Submission,
    wish: Wish,
    score: Decimal | None,
    *,
    assignment: Assignment,
    grader_id: int | None,
) -> None:
    submission.grader_id = grader_id
    submission.excused = bool(wish.excuse) and score is None
    if submission.excused:
        submission.late_policy_status = None
    submission.entered_score = score
    submission.entered_grade = wish.posted_grade or None if score is not None else None
    if score is None and not submission.excused:
        # The grade is gone, the state and the time of the last grading are not: a reader that
        # asks for what was graded since then learns nothing of it.
        return
    submission.grade_matches_current_submission = True
    submission.workflow_state = "graded"
    submission.graded_at = book.now
    if submission.posted_at is None and not assignment.post_manually:
        submission.posted_at = submission.graded_at


def _mark(submission: Submission, wish: Wish, *, at: datetime) -> None:
    """Mark work late, missing or neither; the mark and an excuse end each other."""
    if wish.sets_status and wish.late_policy_status != submission.late_policy_status:
        submission.graded_at = at
        submission.late_policy_status = wish.late_policy_status
        if wish.late_policy_status is not None:
            submission.excused = False
    if submission.late_policy_status != "late":
        # Seconds belong to the mark: without it they mean nothing and are not kept.
        submission.seconds_late_override = None
    elif wish.seconds_late_override is not None:
        submission.seconds_late_override = wish.seconds_late_override


def add_comment(submission: Submission, text: str, *, author_id: int | None, at: Any) -> None:
    """Add a comment to a submission."""
    number = len(submission.comments) + 1
    comment = SubmissionComment(
        id=submission.id * 100 + number, author_id=author_id, comment=text, created_at=at
    )
    submission.comments = (*submission.comments, comment)


# -- the log --------------------------------------------------------------------------------------

Graded = tuple[str | None, Decimal | None, bool]


def graded_as(book: CourseBook, assignment: Assignment, submission: Submission) -> Graded:
    """Return what the log compares: grade, score, excuse."""
    score = book.score(assignment, submission)
    return book.grade(assignment, submission, score), score, bool(submission.excused)


def log_change(
    world: CanvasWorld,
    book: CourseBook,
    assignment: Assignment,
    submission: Submission,
    before: Graded,
    *,
    grader_id: int | None,
) -> None:
    """Write a line of the grade change log if the grade, the score or the excuse changed."""
    after = graded_as(book, assignment, submission)
    if after == before:
        return
    count = len(world.store.grade_changes) + 1
    world.store.grade_changes.append(
        GradeChange(
            id=event_id(world, count),
            created_at=world.now(),
            course_id=assignment.course_id,
            student_id=submission.user_id,
            grader_id=grader_id,
            assignment_id=assignment.id,
            grade_before=before[0],
            grade_after=after[0],
            excused_before=before[2],
            excused_after=after[2],
            points_possible_before=assignment.points_possible,
            points_possible_after=assignment.points_possible,
            version_number=count,
        )
    )


def event_id(world: CanvasWorld, number: int) -> str:
    """Return the id of a log event, a UUID as the audit API has them."""
    digits = world.store.uuid("grade_change", number)
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:32]}"
