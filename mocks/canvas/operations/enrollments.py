"""Enrollments: reading them, with totals."""

from collections.abc import Callable, Iterable

from homeroom.mocks.canvas import auth, errors, ids, params
from homeroom.mocks.canvas.pagination import bookmarked
from homeroom.mocks.canvas.shapes.common import administers
from homeroom.mocks.canvas.shapes.enrollment import EnrollmentShape
from homeroom.mocks.canvas.store import (
    Course,
    Enrollment,
    GradingPeriod,
)
from homeroom.mocks.canvas.world import CanvasWorld, current_world
from homeroom.mocks.harness.request import Answer

HIDDEN_FROM_ADMINS = frozenset({"rejected", "completed", "deleted"})
_COMPOUND = {
    "current_and_invited": frozenset({"active", "invited"}),
    "current_and_future": frozenset({"active", "invited", "creation_pending"}),
    "current_and_concluded": frozenset({"active", "completed"}),
}
_SIS_FILTERS = ("sis_account_id", "sis_course_id", "sis_section_id", "sis_user_id")
_Test = Callable[[Enrollment], bool]


# -- lists ----------------------------------------------------------------------------------------


async def list_course_enrollments(course_id: str) -> Answer:
    """Answer listCourseEnrollments, paged by bookmarks."""
    world = current_world()
    course = ids.get_course(course_id)
    asked = params.text("user_id")
    if asked is None or not auth.is_self_or_observed(ids.get_user(asked)):
        _require_roster(course)
    return _answer(world, world.store.course_enrollments(course), _default_states(course), course)


async def list_section_enrollments(section_id: str) -> Answer:
    """Answer listSectionEnrollments, paged by bookmarks."""
    world = current_world()
    section = ids.get_section(section_id)
    course = world.store.courses.get(section.course_id)
    _require_roster(course)
    return _answer(world, section.enrollments, _default_states(course), course)


async def list_user_enrollments(user_id: str) -> Answer:
    """Answer listUserEnrollments: active and invited ones unless states are named."""
    world = current_world()
    user = ids.get_user(user_id)
    if not auth.is_self_or_observed(user):
        auth.require("read_roster")
    term = params.text("enrollment_term_id")
    seats: Iterable[Enrollment] = user.enrollments
    if term is not None:
        term_id = ids.get_term(term).id
        courses = world.store.courses
        seats = [s for s in seats if courses.get(s.course_id).enrollment_term_id == term_id]
    states = frozenset({"active", "invited"})
    return _answer(world, seats, lambda seat: seat.workflow_state in states, None)


def _require_roster(course: Course) -> None:
    auth.require("read_roster", "view_all_grades", "manage_grades", context=course)


def _default_states(course: Course) -> _Test:
    hidden = HIDDEN_FROM_ADMINS if administers(course) else HIDDEN_FROM_ADMINS | {"inactive"}
    return lambda seat: seat.workflow_state not in hidden


def _answer(
    world: CanvasWorld, seats: Iterable[Enrollment], default: _Test, course: Course | None
) -> Answer:
    period = _period(world, course)
    tests = [_state_test(world, default), *_tests(world, course)]
    found = [seat for seat in seats if all(test(seat) for test in tests)]
    users = world.store.users

    def key(seat: Enrollment) -> tuple[str, str, int]:
        return seat.type, users.get(seat.user_id).sortable_name.casefold(), seat.id

    found.sort(key=key)
    shape = EnrollmentShape(world, include=params.texts("include"), period=period)
    return bookmarked(found, shape.json, key=key)


def _state_test(world: CanvasWorld, default: _Test) -> _Test:
    names = params.texts("state")
    if not names:
        return default
    wanted: set[str] = set()
    for name in names:
        wanted |= _COMPOUND.get(name, {name})

    def test(seat: Enrollment) -> bool:
        gone = "deleted" in (
            world.store.sections.get(seat.section_id).workflow_state,
            world.store.courses.get(seat.course_id).workflow_state,
        )
        return ("deleted" if gone else seat.workflow_state) in wanted

    return test


def _tests(world: CanvasWorld, course: Course | None) -> list[_Test]:
    tests: list[_Test] = []
    types = set(params.texts("type"))
    roles = set(params.texts("role"))
    role_ids = {params.to_integer(value) for value in params.texts("role_id")}
    store = world.store
    if types:
        tests.append(lambda seat: seat.type in types)
    if roles:
        tests.append(lambda seat: store.roles.get(seat.role_id).name in roles)
    if role_ids:
        tests.append(lambda seat: seat.role_id in role_ids)
    if params.text("user_id") is not None:
        user_id = ids.get_user(params.text("user_id")).id
        tests.append(lambda seat: seat.user_id == user_id)
    return tests + _sis_tests(world, course)


def _sis_tests(world: CanvasWorld, course: Course | None) -> list[_Test]:
    given = params.params()
    if not any(name in given for name in (*_SIS_FILTERS, "created_for_sis_id")):
        return []
    if not auth.reads_sis(course):
        raise errors.bad_message("Insufficient permissions to filter by SIS fields")
    store = world.store
    tests: list[_Test] = []
    if accounts := set(params.texts("sis_account_id")):
        tests.append(
            lambda seat: (
                store.accounts.get(store.courses.get(seat.course_id).account_id).sis_source_id
                in accounts
            )
        )
    if courses := set(params.texts("sis_course_id")):
        tests.append(lambda seat: store.courses.get(seat.course_id).sis_source_id in courses)
    if sections := set(params.texts("sis_section_id")):
        tests.append(lambda seat: store.sections.get(seat.section_id).sis_source_id in sections)
    if people := set(params.texts("sis_user_id")):
        tests.append(lambda seat: _sis_user_id(world, seat) in people)
    if params.to_flag(given.get("created_for_sis_id")):
        tests.append(lambda seat: seat.sis_batch_id is not None)
    return tests


def _sis_user_id(world: CanvasWorld, seat: Enrollment) -> str | None:
    login = (
        world.store.pseudonyms.find(seat.sis_pseudonym_id)
        if seat.sis_pseudonym_id is not None
        else world.store.pseudonym_of(world.store.users.get(seat.user_id))
    )
    return None if login is None else login.sis_user_id


def _period(world: CanvasWorld, course: Course | None) -> GradingPeriod | None:
    asked = params.text("grading_period_id")
    if asked is None:
        return None
    for group in world.store.grading_period_groups:
        for period in group.grading_periods:
            if str(period.id) != asked or period.workflow_state == "deleted":
                continue
            if course is None:
                return period
            term = world.store.terms.get(course.enrollment_term_id)
            if term.grading_period_group_id == group.id:
                return period
    raise errors.bad_error("invalid grading_period_id")


async def get_enrollment(account_id: str, id_: str) -> Answer:
    """Answer getEnrollment."""
    world = current_world()
    account = ids.get_account(account_id)
    auth.require("read_roster", context=account)
    seat = ids.get_by_number(world.store.enrollments, id_)
    course = world.store.courses.get(seat.course_id)
    if course.account_id not in world.store.account_ids_below(account.id):
        raise errors.not_found()
    return EnrollmentShape(world, include=params.texts("include")).json(seat)
