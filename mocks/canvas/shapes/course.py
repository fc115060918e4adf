"""Courses as course_json writes them. Source: canvas-rest-api.md 5.1."""

from collections.abc import Collection
from decimal import Decimal
from typing import Any

from homeroom.mocks.canvas.gradebook.book import CourseBook
from homeroom.mocks.canvas.gradebook.counts import needs_grading_count
from homeroom.mocks.canvas.gradebook.grading import number_text
from homeroom.mocks.canvas.shapes.account import term_json
from homeroom.mocks.canvas.shapes.common import Sight, number, origin, when
from homeroom.mocks.canvas.shapes.grading_period import grading_period_brief
from homeroom.mocks.canvas.store import Course, Enrollment, Section
from homeroom.mocks.canvas.world import CanvasWorld

OUTSIDE_STATE = {"created": "unpublished", "claimed": "unpublished"}
DEFAULT_STORAGE_MB = 500
CURRENT = frozenset({"active", "invited", "creation_pending", "completed", "inactive"})


def state_of(course: Course) -> str:
    """Return a course's state in the API's words: what is claimed inside is unpublished outside."""
    return OUTSIDE_STATE.get(course.workflow_state, course.workflow_state)


def course_json(
    world: CanvasWorld,
    course: Course,
    sees: Sight,
    *,
    include: Collection[str] = (),
    own: list[Enrollment] | None = None,
) -> dict[str, Any]:
    """Write a course.

    Args:
        world: The Canvas world it is in.
        course: The course.
        sees: What the caller sees in it.
        include: Values of `include[]`.
        own: The caller's enrollments in it; None leaves the key out, as account lists do.
    """
    extra = course.settings
    shown: dict[str, Any] = {
        "id": course.id,
        "name": course.name,
        "account_id": course.account_id,
        "uuid": course.uuid,
        "start_at": when(course.start_at),
        "grading_standard_id": course.grading_standard_id,
        "is_public": course.is_public,
        "created_at": when(course.created_at),
        "course_code": course.course_code,
        "default_view": course.default_view,
        "root_account_id": world.store.root_account.id,
        "enrollment_term_id": course.enrollment_term_id,
        "license": course.license,
        "grade_passback_setting": course.grade_passback_setting,
        "end_at": when(course.conclude_at),
        "public_syllabus": extra.get("public_syllabus", False),
        "public_syllabus_to_auth": extra.get("public_syllabus_to_auth", False),
        "storage_quota_mb": extra.get("storage_quota_mb", DEFAULT_STORAGE_MB),
        "is_public_to_auth_users": extra.get("is_public_to_auth_users", False),
        "homeroom_course": course.homeroom_course,
        "course_color": extra.get("course_color"),
        "friendly_name": course.friendly_name,
        "apply_assignment_group_weights": course.apply_assignment_group_weights,
        "calendar": {"ics": f"{origin()}/feeds/calendars/course_{course.uuid}.ics"},
        "time_zone": course.time_zone
        or world.store.time_zone_of(world.store.accounts.get(course.account_id)),
        "blueprint": course.blueprint,
        "template": extra.get("template", False),
        "hide_final_grades": course.hide_final_grades,
        "workflow_state": state_of(course),
        "restrict_enrollments_to_course_dates": course.restrict_enrollments_to_course_dates,
    }
    if sees.reads_sis:
        shown["sis_course_id"] = course.sis_source_id
        shown["integration_id"] = course.integration_id
    if sees.manages_sis:
        shown["sis_import_id"] = course.sis_batch_id
    if course.course_format:
        shown["course_format"] = course.course_format
    if own is not None:
        shown["enrollments"] = [_own_json(world, course, seat, include) for seat in own]
    return shown | _included(world, course, sees, include, own or [])


def _own_json(
    world: CanvasWorld, course: Course, seat: Enrollment, include: Collection[str]
) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "type": seat.type.removesuffix("Enrollment").lower(),
        "role": world.store.roles.get(seat.role_id).name,
        "role_id": seat.role_id,
        "user_id": seat.user_id,
        "enrollment_state": seat.workflow_state,
        "limit_privileges_to_course_section": seat.limit_privileges_to_course_section,
    }
    shows_totals = seat.type == "StudentEnrollment" and not course.hide_final_grades
    if shows_totals and "total_scores" in include:
        book = CourseBook(world.store, course, world.now())
        scores = book.scores(seat.user_id)
        override = book.override(seat, None)
        for name, score in (("current", scores.current), ("final", scores.final)):
            value = score if override is None else override
            shown[f"computed_{name}_score"] = number(value)
            shown[f"computed_{name}_grade"] = course_grade(book, value)
    if shows_totals and "current_grading_period_scores" in include:
        shown |= _period_scores(CourseBook(world.store, course, world.now()), seat)
    return shown


def _period_scores(book: CourseBook, seat: Enrollment) -> dict[str, Any]:
    """Write a student's totals in the grading period that is going on."""
    current = next((p for p in book.periods if p.start_date <= book.now <= p.end_date), None)
    shown: dict[str, Any] = {
        "has_grading_periods": bool(book.periods),
        "multiple_grading_periods_enabled": bool(book.periods),
        "totals_for_all_grading_periods_option": False,
        "current_grading_period_id": None if current is None else current.id,
        "current_grading_period_title": None if current is None else current.title,
    }
    scores = None if current is None else book.scores(seat.user_id, current)
    override = None if current is None else book.override(seat, current)
    for name in ("current", "final"):
        score = getattr(scores, name, None) if override is None else override
        shown[f"current_period_computed_{name}_score"] = number(score)
        shown[f"current_period_computed_{name}_grade"] = course_grade(book, score)
    return shown


def course_grade(book: CourseBook, score: Decimal | None) -> str | None:
    """Write a total as a grade: only where the course has a grading scheme."""
    if score is None or book.course.grading_standard_id is None:
        return None
    return book.scheme().to_grade(score)


def _included(
    world: CanvasWorld,
    course: Course,
    sees: Sight,
    include: Collection[str],
    own: list[Enrollment],
) -> dict[str, Any]:
    shown: dict[str, Any] = {}
    store = world.store
    if "term" in include:
        shown["term"] = term_json(world.store.terms.get(course.enrollment_term_id), sees)
    if "account" in include:
        account = store.accounts.get(course.account_id)
        shown["account"] = {
            "id": account.id,
            "name": account.name,
            "workflow_state": account.workflow_state,
            "parent_account_id": account.parent_account_id,
            "root_account_id": None if account is store.root_account else store.root_account.id,
        }
    if "syllabus_body" in include:
        shown["syllabus_body"] = course.syllabus_body
    if "public_description" in include:
        shown["public_description"] = course.settings.get("public_description")
    if "concluded" in include:
        shown["concluded"] = is_concluded(world, course)
    if "sections" in include:
        # Those of the caller's own seats; all of the course where the caller has none.
        shown["sections"] = [
            {
                **_section_brief(store.sections.get(seat.section_id)),
                "enrollment_role": store.roles.get(seat.role_id).name,
            }
            for seat in own
        ] or [_section_brief(one) for one in course.sections if one.workflow_state != "deleted"]
    if "total_students" in include:
        shown["total_students"] = len(_people(world, course, "StudentEnrollment"))
    if "teachers" in include:
        shown["teachers"] = [
            person_brief(world, course.id, user_id)
            for user_id in _people(world, course, "TeacherEnrollment")
        ]
    if "needs_grading_count" in include and sees.all_grades:
        shown["needs_grading_count"] = needs_grading(world, course)
    if "grading_periods" in include:
        book = CourseBook(store, course, world.now())
        shown["grading_periods"] = (
            None if book.period_group is None else [grading_period_brief(p) for p in book.periods]
        )
    return shown


def is_concluded(world: CanvasWorld, course: Course) -> bool:
    """Whether a course is over: concluded by hand, or by its dates or its term's."""
    if course.workflow_state == "completed":
        return True
    if course.restrict_enrollments_to_course_dates and course.conclude_at is not None:
        return course.conclude_at < world.now()
    if course.restrict_enrollments_to_course_dates:
        return False
    end_at = world.store.terms.get(course.enrollment_term_id).end_at
    return end_at is not None and end_at < world.now()


def needs_grading(world: CanvasWorld, course: Course) -> int:
    """Count the submissions of a course that wait to be graded."""
    book = CourseBook(world.store, course, world.now())
    return sum(needs_grading_count(book, one) for one in book.assignments())


def person_brief(world: CanvasWorld, course_id: int, user_id: int) -> dict[str, Any]:
    """Write a person as courses and gradebooks mention them."""
    user = world.store.users.get(user_id)
    return {
        "id": user.id,
        "anonymous_id": number_text(user.id),
        "display_name": user.short_name,
        "avatar_image_url": f"{origin()}/images/messages/avatar-50.png",
        "html_url": f"{origin()}/courses/{course_id}/users/{user.id}",
        "pronouns": user.pronouns,
    }


def _people(world: CanvasWorld, course: Course, type_: str) -> list[int]:
    seats = world.store.course_enrollments(course)
    return sorted(
        {
            seat.user_id
            for seat in seats
            if seat.type == type_ and seat.workflow_state in ("active", "invited")
        }
    )


def _section_brief(section: Section) -> dict[str, Any]:
    return {
        "id": section.id,
        "name": section.name,
        "start_at": when(section.start_at),
        "end_at": when(section.end_at),
    }
