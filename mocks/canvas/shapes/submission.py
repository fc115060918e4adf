"""Submissions. Source: canvas-rest-api.md 7.2; keys also seen in recordings of a real Canvas."""

from collections.abc import Collection
from decimal import Decimal
from typing import Any

from homeroom.mocks.canvas.gradebook.book import CourseBook
from homeroom.mocks.canvas.gradebook.counts import waits
from homeroom.mocks.canvas.params import texts
from homeroom.mocks.canvas.shapes.common import Sight, number, origin, when
from homeroom.mocks.canvas.store import Assignment, Submission, SubmissionComment
from homeroom.mocks.canvas.world import CanvasWorld


def submission_json(
    world: CanvasWorld,
    book: CourseBook,
    assignment: Assignment,
    submission: Submission,
    sees: Sight,
    *,
    include: Collection[str] = (),
) -> dict[str, Any]:
    """Write a submission; a student sees scores only once they are posted.

    Args:
        world: The Canvas world it is in.
        book: Its course's gradebook.
        assignment: What it was submitted to.
        submission: The submission.
        sees: What the caller sees in the course.
        include: Values of `include[]`.
    """
    hidden = not sees.all_grades and submission.posted_at is None
    score = None if hidden else book.score(assignment, submission)
    shown = _plain(book, assignment, submission)
    shown |= _grades(book, assignment, submission, score, hidden=hidden)
    if submission.submission_type == "online_quiz" and not sees.all_grades:
        shown["body"] = None
    if not assignment.anonymous_grading:
        shown["preview_url"] = (
            f"{origin()}/courses/{assignment.course_id}/assignments/{assignment.id}"
            f"/submissions/{submission.user_id}?preview=1&version={submission.attempt or 0}"
        )
    if sees.admin:
        shown["anonymous_id"] = world.store.uuid("submission", submission.id)[:5]
    shown |= _included(world, book, assignment, submission, sees, shown, include)
    return shown


def narrowed(body: Any) -> Any:
    """Keep of submissions the keys that `response_fields[]` and its opposite leave.

    The contract holds for whole submissions, so this is done to a finished answer.
    """
    wanted, unwanted = set(texts("response_fields")), set(texts("exclude_response_fields"))
    if not wanted and not unwanted:
        return body
    if isinstance(body, list):
        return [narrowed(one) for one in body]
    if not isinstance(body, dict):
        return body
    if "submissions" in body:
        return {**body, "submissions": narrowed(body["submissions"])}
    return {
        key: value
        for key, value in body.items()
        if key not in unwanted and (not wanted or key in wanted)
    }


def _plain(book: CourseBook, assignment: Assignment, submission: Submission) -> dict[str, Any]:
    dates = book.dates(assignment, submission.user_id)
    period = book.period(assignment, submission.user_id)
    return {
        "id": submission.id,
        "body": submission.body,
        "url": submission.url,
        "attempt": submission.attempt,
        "submitted_at": when(submission.submitted_at),
        "submission_type": submission.submission_type,
        "user_id": submission.user_id,
        "assignment_id": assignment.id,
        "workflow_state": submission.workflow_state,
        "grade_matches_current_submission": submission.grade_matches_current_submission,
        "grader_id": submission.grader_id,
        "late_policy_status": submission.late_policy_status,
        "grading_period_id": None if period is None else period.id,
        "cached_due_date": when(dates.due_at),
        "extra_attempts": submission.extra_attempts,
        "posted_at": when(submission.posted_at),
        "redo_request": submission.redo_request,
        "sticker": None,
        "custom_grade_status_id": None,
        "late": book.is_late(assignment, submission),
        "missing": book.is_missing(assignment, submission),
        "seconds_late": book.seconds_late(assignment, submission),
    }


def _grades(
    book: CourseBook,
    assignment: Assignment,
    submission: Submission,
    score: Decimal | None,
    *,
    hidden: bool,
) -> dict[str, Any]:
    entered = None if score is None else submission.entered_score
    deducted = None if score is None else book.points_deducted(assignment, submission)
    return {
        "score": number(score),
        "grade": book.grade(assignment, submission, score),
        "entered_score": number(entered),
        "entered_grade": book.grade(assignment, submission, entered),
        "points_deducted": number(deducted),
        "excused": None if hidden else submission.excused,
        "graded_at": None if hidden else when(submission.graded_at),
    }


def _included(
    world: CanvasWorld,
    book: CourseBook,
    assignment: Assignment,
    submission: Submission,
    sees: Sight,
    plain: dict[str, Any],
    include: Collection[str],
) -> dict[str, Any]:
    shown: dict[str, Any] = {}
    if "submission_comments" in include:
        shown["submission_comments"] = [comment_json(world, one) for one in submission.comments]
    if "submission_history" in include:
        past = [submission_json(world, book, assignment, one, sees) for one in submission.history]
        shown["submission_history"] = [*past, dict(plain)]
    if "visibility" in include:
        shown["assignment_visible"] = book.dates(assignment, submission.user_id).assigned
    if "group" in include:
        shown["group"] = {"id": None, "name": None}
    for name in ("read_state", "read_status"):
        if name in include:
            shown[name] = "read"
    if "has_postable_comments" in include:
        shown["has_postable_comments"] = False
    if "submission_status" in include:
        shown["submission_status"] = _status(book, assignment, submission)
    if "grading_status" in include:
        shown["grading_status"] = _grading_status(submission)
    return shown


def _grading_status(submission: Submission) -> str | None:
    if submission.excused:
        return "excused"
    if submission.workflow_state == "pending_review":
        return "needs_review"
    if waits(submission):
        return "needs_grading"
    return "graded" if submission.entered_score is not None else None


def _status(book: CourseBook, assignment: Assignment, submission: Submission) -> str:
    if submission.submitted_at is not None and not submission.grade_matches_current_submission:
        return "resubmitted"
    if book.is_missing(assignment, submission):
        return "missing"
    if book.is_late(assignment, submission):
        return "late"
    return "submitted" if submission.submitted_at is not None else "unsubmitted"


def comment_json(world: CanvasWorld, comment: SubmissionComment) -> dict[str, Any]:
    """Write a comment on a submission."""
    author = world.store.users.find(comment.author_id or 0)
    name = None if author is None else author.name
    return {
        "id": comment.id,
        "comment": comment.comment,
        "author_id": comment.author_id,
        "author_name": name,
        "created_at": when(comment.created_at),
        "edited_at": None,
        "attempt": None,
        "avatar_path": None,
        "author": {
            "id": comment.author_id,
            "display_name": name,
            "avatar_image_url": f"{origin()}/images/messages/avatar-50.png",
            "html_url": f"{origin()}/users/{comment.author_id}",
            "pronouns": None if author is None else author.pronouns,
        },
    }
