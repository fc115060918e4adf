"""Courses of an account, filtered and sorted. Source: canvas-rest-api.md 4.1."""

from collections.abc import Callable
from datetime import datetime
from operator import ge, le
from typing import Any

from homeroom.mocks.canvas import auth, ids, params
from homeroom.mocks.canvas.pagination import paged
from homeroom.mocks.canvas.shapes.common import sight
from homeroom.mocks.canvas.shapes.course import course_json, state_of
from homeroom.mocks.canvas.store import Account, Course
from homeroom.mocks.canvas.world import CanvasWorld, current_world
from homeroom.mocks.harness.request import Answer, VendorError

MIN_SEARCH = 2


async def list_account_courses(account_id: str) -> Answer:
    """Answer listAccountCourses: those of the account and of all below it."""
    world = current_world()
    account = ids.get_account(account_id)
    auth.require("read_course_list", "manage_courses", context=account)
    sees = sight(account)
    include = params.texts("include")
    courses = _filtered(world, account)

    def show(course: Course) -> dict[str, Any]:
        return course_json(world, course, sees, include=include)

    return paged(courses, show)


def _filtered(world: CanvasWorld, account: Account) -> list[Course]:
    below = world.store.account_ids_below(account.id)
    asked = params.texts("by_subaccounts")
    if asked:
        below &= {ids.get_account(one).id for one in asked}
    states = params.texts("state")
    # A district has tens of thousands: the tests that every list makes are written out.
    rows = world.store.courses.rows
    if not states:
        rows = [course for course in rows if course.workflow_state != "deleted"]
    elif "all" not in states:
        rows = [course for course in rows if _state_in(course, states)]
    if account is not world.store.root_account or asked:
        rows = [course for course in rows if course.account_id in below]
    tests: list[Callable[[Course], bool]] = []
    term = params.text("enrollment_term_id")
    if term is not None:
        term_id = ids.get_term(term, deleted=True).id
        tests.append(lambda course: course.enrollment_term_id == term_id)
    published = params.to_flag(params.params().get("published"))
    if published is not None:
        # Concluded courses are not among the published ones of this list.
        tests.append(lambda course: (course.workflow_state == "available") is published)
    completed = params.to_flag(params.params().get("completed"))
    if completed is not None:
        tests.append(lambda course: _is_over(world, course) is completed)
    with_enrollments = params.to_flag(params.params().get("with_enrollments"))
    if with_enrollments is not None:
        tests.append(lambda course: _has_people(course) is with_enrollments)
    tests += _date_tests(world) + _search_tests(world)
    if tests:
        rows = [course for course in rows if all(test(course) for test in tests)]
    return _sorted(world, rows)


def _state_in(course: Course, states: list[str]) -> bool:
    return course.workflow_state in states or state_of(course) in states


def _has_people(course: Course) -> bool:
    return any(
        seat.workflow_state not in ("deleted", "rejected")
        for section in course.sections
        for seat in section.enrollments
    )


def _date_tests(world: CanvasWorld) -> list[Callable[[Course], bool]]:
    before = params.to_iso_instant(params.params().get("starts_before"))
    after = params.to_iso_instant(params.params().get("ends_after"))
    tests: list[Callable[[Course], bool]] = []
    if before is not None:
        tests.append(lambda course: any_date(starts(world, course), le, before))
    if after is not None:
        tests.append(lambda course: any_date(ends(world, course), ge, after))
    return tests


def starts(world: CanvasWorld, course: Course) -> tuple[datetime | None, datetime | None]:
    """Return when a course and its term start."""
    return course.start_at, world.store.terms.get(course.enrollment_term_id).start_at


def ends(world: CanvasWorld, course: Course) -> tuple[datetime | None, datetime | None]:
    """Return when a course and its term end."""
    return course.conclude_at, world.store.terms.get(course.enrollment_term_id).end_at


def any_date(
    dates: tuple[datetime | None, ...],
    compare: Callable[[datetime, datetime], bool],
    to: datetime,
) -> bool:
    """Whether any of the dates compares so to an instant; having none at all does."""
    known = [at for at in dates if at is not None]
    return not known or any(compare(at, to) for at in known)


def _is_over(world: CanvasWorld, course: Course) -> bool:
    if course.workflow_state == "completed":
        return True
    return any(at is not None and at < world.now() for at in ends(world, course))


def _search_tests(world: CanvasWorld) -> list[Callable[[Course], bool]]:
    term = params.text("search_term")
    if term is None:
        return []
    if len(term) < MIN_SEARCH:
        error = {
            "field": "search_term",
            "code": "invalid",
            "message": f"{MIN_SEARCH} or more characters is required",
        }
        raise VendorError(400, {"errors": [error]})
    if params.text("search_by") == "teacher":
        return [lambda course: _taught_by(world, course, term.lower())]
    wanted = term.lower()
    return [
        lambda course: (
            any(
                wanted in (text or "").lower()
                for text in (course.name, course.course_code, course.sis_source_id)
            )
            or str(course.id) == wanted
        )
    ]


def _taught_by(world: CanvasWorld, course: Course, wanted: str) -> bool:
    return any(
        seat.type == "TeacherEnrollment"
        and seat.workflow_state == "active"
        and wanted in world.store.users.get(seat.user_id).name.lower()
        for seat in world.store.course_enrollments(course)
    )


def _sorted(world: CanvasWorld, courses: list[Course]) -> list[Course]:
    descending = params.text("order") == "desc"
    keys: dict[str, Callable[[Course], Any]] = {
        "course_name": lambda course: course.name.lower(),
        "sis_course_id": lambda course: (course.sis_source_id is None, course.sis_source_id or ""),
        "account_name": lambda course: world.store.accounts.get(course.account_id).name.lower(),
        "subaccount": lambda course: world.store.accounts.get(course.account_id).name.lower(),
        "enrollments": lambda course: sum(len(section.enrollments) for section in course.sections),
    }
    key = keys.get(params.text("sort") or "")
    if key is None:
        return courses[::-1] if descending else courses
    return sorted(courses, key=key, reverse=descending)
