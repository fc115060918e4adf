"""Counts over an assignment's submissions that its object shows."""

from homeroom.mocks.canvas.gradebook.book import CourseBook
from homeroom.mocks.canvas.store import Assignment, Submission

CURRENT = frozenset({"active", "invited"})


def waits(submission: Submission) -> bool:
    """Whether a submission has been handed in and waits for its grade."""
    if submission.submission_type is None or submission.excused:
        return False
    if submission.workflow_state == "pending_review":
        return True
    ungraded = submission.entered_score is None or not submission.grade_matches_current_submission
    return submission.workflow_state in ("submitted", "graded") and ungraded


def needs_grading_count(book: CourseBook, assignment: Assignment) -> int:
    """Count the submissions of active students that wait for a grade."""
    return sum(waits(one) and _sits(book, one.user_id) for one in assignment.submissions.values())


def needs_grading_by_section(book: CourseBook, assignment: Assignment) -> list[dict[str, int]]:
    """Count what waits for a grade, section by section; sections without are left out."""
    found: dict[int, int] = {}
    for submission in assignment.submissions.values():
        if waits(submission):
            for seat in book.seats(submission.user_id):
                if seat.workflow_state in CURRENT:
                    found[seat.section_id] = found.get(seat.section_id, 0) + 1
    return [
        {"section_id": section_id, "needs_grading_count": count}
        for section_id, count in sorted(found.items())
    ]


def has_submitted(assignment: Assignment) -> bool:
    """Whether any student has handed something in."""
    return any(one.submission_type is not None for one in assignment.submissions.values())


def graded_exist(assignment: Assignment) -> bool:
    """Whether any student has a grade."""
    return any(
        one.entered_score is not None or one.excused for one in assignment.submissions.values()
    )


def any_posted(assignment: Assignment) -> bool:
    """Whether any student can see their grade."""
    return any(one.posted_at is not None for one in assignment.submissions.values())


def _sits(book: CourseBook, user_id: int) -> bool:
    return any(seat.workflow_state in CURRENT for seat in book.seats(user_id))
