"""Assignments and their overrides. Source: canvas-rest-api.md 6.2 and 6.4."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from homeroom.mocks.canvas.gradebook import counts
from homeroom.mocks.canvas.gradebook.book import CourseBook
from homeroom.mocks.canvas.gradebook.dates import Dates, active_overrides
from homeroom.mocks.canvas.gradebook.sis_rules import due_date_required, title_limit
from homeroom.mocks.canvas.shapes.common import Sight, origin, when
from homeroom.mocks.canvas.store import Assignment, AssignmentOverride
from homeroom.mocks.canvas.world import CanvasWorld

ALL_DATES_LIMIT = 25


def assignment_json(
    world: CanvasWorld,
    book: CourseBook,
    assignment: Assignment,
    sees: Sight,
    *,
    include: Collection[str] = (),
    override_dates: bool = True,
    for_user_id: int | None = None,
) -> dict[str, Any]:
    """Write an assignment.

    Args:
        world: The Canvas world it is in.
        book: Its course's gradebook.
        assignment: The assignment.
        sees: What the caller sees in the course.
        include: Values of `include[]`.
        override_dates: Show dates as they apply to the caller, else the base ones.
        for_user_id: Show dates as they apply to this person instead.
    """
    shown = _plain(world, book, assignment)
    viewer = for_user_id if for_user_id is not None else sees.user_id
    dates = book.dates(assignment, viewer or 0) if override_dates and viewer else None
    if dates is not None and (dates.assigned or not sees.manages):
        shown |= _dates_json(dates.due_at, dates.unlock_at, dates.lock_at)
    shown |= _lock(book, assignment, sees, dates)
    if sees.manages or sees.all_grades:
        shown["has_overrides"] = bool(active_overrides(assignment))
        shown["unpublishable"] = not counts.has_submitted(assignment)
    if sees.all_grades:
        shown["needs_grading_count"] = counts.needs_grading_count(book, assignment)
        shown["speed_grader_url"] = (
            f"{origin()}/courses/{assignment.course_id}/gradebook/speed_grader"
            f"?assignment_id={assignment.id}"
        )
    if sees.reads_sis:
        shown["sis_assignment_id"] = assignment.sis_source_id
        shown["integration_id"] = assignment.integration_id
        shown["integration_data"] = assignment.integration_data
    return shown | _by_kind(assignment) | _included(book, assignment, sees, include)


def _dates_json(
    due_at: datetime | None, unlock_at: datetime | None, lock_at: datetime | None
) -> dict[str, Any]:
    return {"due_at": when(due_at), "unlock_at": when(unlock_at), "lock_at": when(lock_at)}


def _plain(world: CanvasWorld, book: CourseBook, assignment: Assignment) -> dict[str, Any]:
    extra = assignment.extra
    url = f"{origin()}/courses/{assignment.course_id}/assignments/{assignment.id}"
    published = assignment.workflow_state == "published"
    post_to_sis = assignment.post_to_sis
    return {
        "id": assignment.id,
        "description": assignment.description,
        **_dates_json(assignment.due_at, assignment.unlock_at, assignment.lock_at),
        "points_possible": assignment.points_possible,
        "grading_type": assignment.grading_type,
        "assignment_group_id": assignment.assignment_group_id,
        "grading_standard_id": assignment.grading_standard_id,
        "created_at": when(assignment.created_at),
        "updated_at": when(assignment.updated_at),
        "peer_reviews": extra.get("peer_reviews", False),
        "automatic_peer_reviews": extra.get("automatic_peer_reviews", False),
        "position": assignment.position,
        "grade_group_students_individually": extra.get("grade_group_students_individually", False),
        "anonymous_peer_reviews": extra.get("anonymous_peer_reviews", False),
        "group_category_id": extra.get("group_category_id"),
        "post_to_sis": post_to_sis,
        "moderated_grading": assignment.moderated_grading,
        "omit_from_final_grade": assignment.omit_from_final_grade,
        "hide_in_gradebook": assignment.hide_in_gradebook,
        "intra_group_peer_reviews": extra.get("intra_group_peer_reviews", False),
        "anonymous_instructor_annotations": extra.get("anonymous_instructor_annotations", False),
        "anonymous_grading": assignment.anonymous_grading,
        "graders_anonymous_to_graders": extra.get("graders_anonymous_to_graders", False),
        "grader_count": extra.get("grader_count", 0),
        "grader_comments_visible_to_graders": extra.get("grader_comments_visible_to_graders", True),
        "final_grader_id": extra.get("final_grader_id"),
        "grader_names_visible_to_final_grader": extra.get(
            "grader_names_visible_to_final_grader", True
        ),
        "allowed_attempts": assignment.allowed_attempts,
        "annotatable_attachment_id": None,
        "secure_params": world.store.uuid("secure_params", assignment.id),
        "lti_context_id": world.store.uuid("assignment", assignment.id),
        "course_id": assignment.course_id,
        "name": assignment.title,
        "submission_types": list(assignment.submission_types),
        "has_submitted_submissions": counts.has_submitted(assignment),
        "due_date_required": due_date_required(world, book.course, post_to_sis=post_to_sis),
        "max_name_length": title_limit(world, book.course, post_to_sis=post_to_sis),
        "in_closed_grading_period": book.in_closed_period(assignment),
        "graded_submissions_exist": counts.graded_exist(assignment),
        "is_quiz_assignment": assignment.quiz_id is not None,
        "can_duplicate": assignment.quiz_id is None and assignment.discussion_topic_id is None,
        "original_course_id": None,
        "original_assignment_id": None,
        "original_lti_resource_link_id": None,
        "original_assignment_name": None,
        "original_quiz_id": None,
        "workflow_state": assignment.workflow_state,
        "important_dates": extra.get("important_dates", False),
        # The legacy mirror of posting: nobody sees a grade of it yet.
        "muted": not counts.any_posted(assignment),
        "html_url": url,
        "published": published,
        "only_visible_to_overrides": assignment.only_visible_to_overrides,
        "visible_to_everyone": not assignment.only_visible_to_overrides,
        "locked_for_user": False,
        "submissions_download_url": f"{url}/submissions?zip=1",
        "post_manually": assignment.post_manually,
        "anonymize_students": assignment.anonymous_grading,
        "require_lockdown_browser": False,
        "restrict_quantitative_data": False,
        "suppress_assignment": extra.get("suppress_assignment", False),
        "new_quizzes_anonymous_participants": False,
        "peer_review_count": extra.get("peer_review_count", 0),
        "peer_reviews_assign_at": extra.get("peer_reviews_assign_at"),
    }


def _lock(
    book: CourseBook, assignment: Assignment, sees: Sight, dates: Dates | None
) -> dict[str, Any]:
    """Tell a student that an assignment is not open; managers are never locked out."""
    if sees.manages or sees.all_grades or sees.admin:
        return {}
    unlock_at = dates.unlock_at if dates is not None else assignment.unlock_at
    lock_at = dates.lock_at if dates is not None else assignment.lock_at
    if unlock_at is not None and book.now < unlock_at:
        explanation = f"This assignment is locked until {unlock_at:%b} {unlock_at.day}"
        name, at, can_view = "unlock_at", unlock_at, False
    elif lock_at is not None and lock_at < book.now:
        explanation = f"This assignment was locked {lock_at:%b} {lock_at.day}"
        name, at, can_view = "lock_at", lock_at, True
    else:
        return {}
    return {
        "locked_for_user": True,
        "lock_info": {
            name: when(at),
            "can_view": can_view,
            "asset_string": f"assignment_{assignment.id}",
        },
        "lock_explanation": explanation,
    }


def _by_kind(assignment: Assignment) -> dict[str, Any]:
    shown: dict[str, Any] = {}
    if assignment.quiz_id is not None:
        shown["quiz_id"] = assignment.quiz_id
        shown["anonymous_submissions"] = False
    if assignment.is_quiz_lti:
        shown["is_quiz_lti_assignment"] = True
        shown["frozen_attributes"] = ["submission_types"]
    if "external_tool" in assignment.submission_types:
        tool = assignment.external_tool or {}
        shown["external_tool_tag_attributes"] = {
            "url": tool.get("url"),
            "new_tab": tool.get("new_tab", False),
            "resource_link_id": tool.get("resource_link_id", ""),
            "external_data": tool.get("external_data", ""),
            "content_type": tool.get("content_type", "ContextExternalTool"),
            "content_id": tool.get("content_id"),
            "custom_params": tool.get("custom_params"),
        }
        shown["url"] = (
            f"{origin()}/api/v1/courses/{assignment.course_id}/external_tools/sessionless_launch"
            f"?assignment_id={assignment.id}&launch_type=assessment"
        )
    if assignment.allowed_extensions:
        shown["allowed_extensions"] = list(assignment.allowed_extensions)
    return shown


def _included(
    book: CourseBook, assignment: Assignment, sees: Sight, include: Collection[str]
) -> dict[str, Any]:
    shown: dict[str, Any] = {}
    if "assignment_visibility" in include:
        shown["assignment_visibility"] = [
            str(user_id)
            for user_id, seat in book.students().items()
            if seat.workflow_state in ("active", "invited")
            and book.dates(assignment, user_id).assigned
        ]
    if "overrides" in include and (sees.manages or sees.all_grades):
        shown["overrides"] = [override_json(book, one) for one in active_overrides(assignment)]
    if "all_dates" in include:
        shown |= all_dates(book, assignment)
    if "can_edit" in include:
        shown["can_edit"] = sees.manages
    if "needs_grading_count_by_section" in include and sees.all_grades:
        shown["needs_grading_count_by_section"] = counts.needs_grading_by_section(book, assignment)
    if "score_statistics" in include:
        shown |= _statistics(book, assignment, sees)
    return shown


def all_dates(book: CourseBook, assignment: Assignment) -> dict[str, Any]:
    """Return every set of dates; only their number where there are many overrides."""
    overrides = active_overrides(assignment)
    if len(overrides) >= ALL_DATES_LIMIT:
        return {"all_dates_count": len(overrides) + 1}
    dates: list[dict[str, Any]] = []
    if not assignment.only_visible_to_overrides:
        dates.append(
            {
                **_dates_json(assignment.due_at, assignment.unlock_at, assignment.lock_at),
                "base": True,
                "title": "Everyone else" if overrides else "Everyone",
            }
        )
    dates += [
        {
            "id": override.id,
            "title": override_title(book, override),
            "set_type": _set_type(override),
            "set_id": override.course_section_id or override.group_id,
            **_dates_json(
                override.due_at if override.due_at_overridden else assignment.due_at,
                override.unlock_at if override.unlock_at_overridden else assignment.unlock_at,
                override.lock_at if override.lock_at_overridden else assignment.lock_at,
            ),
        }
        for override in overrides
    ]
    return {"all_dates": dates}


def _set_type(override: AssignmentOverride) -> str:
    if override.course_section_id is not None:
        return "CourseSection"
    return "ADHOC" if override.group_id is None else "Group"


def override_title(book: CourseBook, override: AssignmentOverride) -> str | None:
    """Return an override's title: a section's is the section's name."""
    if override.course_section_id is not None:
        return book.store.sections.get(override.course_section_id).name
    return override.title


def override_json(book: CourseBook, override: AssignmentOverride) -> dict[str, Any]:
    """Write an override; dates only where it overrides them."""
    shown: dict[str, Any] = {
        "id": override.id,
        "assignment_id": override.assignment_id,
        "title": override_title(book, override),
        "unassign_item": False,
    }
    if override.due_at_overridden:
        shown["due_at"] = when(override.due_at)
        shown["all_day"] = override.all_day
        day = override.all_day_date
        shown["all_day_date"] = None if day is None else day.isoformat()
    if override.unlock_at_overridden:
        shown["unlock_at"] = when(override.unlock_at)
    if override.lock_at_overridden:
        shown["lock_at"] = when(override.lock_at)
    if override.course_section_id is not None:
        shown["course_section_id"] = override.course_section_id
    elif override.group_id is not None:
        shown["group_id"] = override.group_id
    else:
        shown["student_ids"] = list(override.student_ids)
    return shown


_STATISTICS_FROM = 5


def _statistics(book: CourseBook, assignment: Assignment, sees: Sight) -> dict[str, Any]:
    """Return the spread of scores, for a student who has one among at least five."""
    own = assignment.submissions.get(sees.user_id or 0)
    scores = sorted(
        float(score)
        for one in assignment.submissions.values()
        if (score := book.score(assignment, one)) is not None
    )
    if own is None or own.posted_at is None or len(scores) < _STATISTICS_FROM:
        return {}
    return {
        "score_statistics": {
            "min": scores[0],
            "max": scores[-1],
            "mean": round(sum(scores) / len(scores), 1),
            "lower_q": scores[len(scores) // 4],
            "median": scores[len(scores) // 2],
            "upper_q": scores[3 * len(scores) // 4],
        }
    }
