"""Enrollments: reading with totals, creating, ending and bringing back."""

from collections.abc import Callable, Iterable
from typing import Any

from homeroom.mocks.canvas import auth, errors, ids, params
from homeroom.mocks.canvas.gradebook.acts import end_enrollment as end_by_hand
from homeroom.mocks.canvas.pagination import bookmarked
from homeroom.mocks.canvas.shapes.common import administers
from homeroom.mocks.canvas.shapes.course import is_concluded
from homeroom.mocks.canvas.shapes.enrollment import EnrollmentShape
from homeroom.mocks.canvas.stickiness import stick
from homeroom.mocks.canvas.store import (
    Course,
    Enrollment,
    GradingPeriod,
    NewEnrollment,
    Role,
    Section,
    User,
)
from homeroom.mocks.canvas.store.store import ENROLLMENT_TYPES
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
    if user.id != auth.current_principal().user_id:
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


# -- creating -------------------------------------------------------------------------------------


async def create_course_enrollment(course_id: str) -> Answer:
    """Answer createCourseEnrollment; without a section it is the default one."""
    world = current_world()
    course = ids.get_course(course_id)
    auth.require("manage_enrollments", context=course)
    given = _given(world, course)
    section: Section | None = None
    if params.to_text(given.get("course_section_id")) is not None:
        section = ids.get_section(given["course_section_id"])
        if section.course_id != course.id:
            raise errors.not_found()
    return _create(world, course, section, given)


async def create_section_enrollment(section_id: str) -> Answer:
    """Answer createSectionEnrollment."""
    world = current_world()
    section = ids.get_section(section_id)
    course = world.store.courses.get(section.course_id)
    auth.require("manage_enrollments", context=course)
    return _create(world, course, section, _given(world, course))


def _given(world: CanvasWorld, course: Course) -> dict[str, Any]:
    """Return enrollment[...]; raises Canvas's refusals, all of them at once."""
    given = params.group("enrollment")
    if not given:
        raise errors.bad_message("No parameters given")
    problems: list[str] = []
    type_ = params.to_text(given.get("type"))
    role = _role_of(world, given)
    if type_ is not None and type_ not in ENROLLMENT_TYPES:
        problems.append("Invalid type")
    if isinstance(role, str):
        problems.append(role)
    elif role is not None and type_ in ENROLLMENT_TYPES and role.base_role_type != type_:
        problems.append("The specified type must match the base type for the role")
    if params.to_text(given.get("user_id")) is None:
        problems.append(
            "Can't create an enrollment without a user. "
            "Include enrollment[user_id] to create an enrollment"
        )
    if is_concluded(world, course):
        problems.append("Can't add an enrollment to a concluded course.")
    if problems:
        raise errors.bad_message(", ".join(problems))
    return given


def _role_of(world: CanvasWorld, given: dict[str, Any]) -> Role | str | None:
    """Return the role that was named, its refusal, or None where only a type was."""
    role: Role | None = None
    if params.to_text(given.get("role_id")) is not None:
        role = world.store.roles.find(params.to_integer(given["role_id"]) or 0)
    elif params.to_text(given.get("role")) is not None:
        role = world.store.role_named(str(params.to_text(given["role"])))
    else:
        return None
    if role is None or role.base_role_type not in ENROLLMENT_TYPES:
        return "Invalid role"
    return None if role.workflow_state == "deleted" else role


def _create(
    world: CanvasWorld, course: Course, section: Section | None, given: dict[str, Any]
) -> Answer:
    user = ids.get_user(given["user_id"])
    role = _role_of(world, given)
    if not isinstance(role, Role):
        named = world.store.role_named(params.to_text(given.get("type")) or "StudentEnrollment")
        assert named is not None  # noqa: S101 -- built-in roles are never deleted
        role = named
    now = world.now()
    if section is None:
        section = world.store.default_section(course, at=now)
    associated = _associated(given, role)
    state = params.to_text(given.get("enrollment_state"))
    if state not in ("active", "invited", "inactive", "completed"):
        state = "invited" if course.workflow_state == "available" else "creation_pending"
    seat = _same_seat(user, section, role, associated)
    if seat is None:
        seat = world.store.add_enrollment(
            NewEnrollment(
                user_id=user.id,
                section_id=section.id,
                role_id=role.id,
                associated_user_id=associated,
                workflow_state=state,
                created_at=now,
            )
        )
    elif seat.workflow_state != "active" or state == "inactive":
        seat.workflow_state, seat.completed_at, seat.updated_at = state, None, now
    _set_details(seat, given)
    return EnrollmentShape(world).json(seat)


def _associated(given: dict[str, Any], role: Role) -> int | None:
    asked = params.to_text(given.get("associated_user_id"))
    if asked is None or role.base_role_type != "ObserverEnrollment":
        return None
    return ids.get_user(asked).id


def _same_seat(
    user: User, section: Section, role: Role, associated: int | None
) -> Enrollment | None:
    return next(
        (
            seat
            for seat in user.enrollments
            if seat.section_id == section.id
            and seat.type == role.base_role_type
            and seat.role_id == role.id
            and seat.associated_user_id == associated
        ),
        None,
    )


def _set_details(seat: Enrollment, given: dict[str, Any]) -> None:
    if "limit_privileges_to_course_section" in given:
        flag = params.to_flag(given["limit_privileges_to_course_section"])
        seat.limit_privileges_to_course_section = bool(flag)
    for name in ("start_at", "end_at"):
        if name in given:
            at = params.to_iso_instant(given[name])
            if at != getattr(seat, name):
                setattr(seat, name, at)
                stick(seat, name)


# -- ending and bringing back ---------------------------------------------------------------------

_TASKS = {"conclude": "completed", "delete": "deleted", "inactivate": "inactive",
          "deactivate": "inactive"}  # fmt: skip


def _seat_of(world: CanvasWorld, course_id: str, seat_id: str) -> Enrollment:
    course = ids.get_course(course_id)
    seat: Enrollment = ids.get_by_number(world.store.enrollments, seat_id)
    if seat.course_id != course.id:
        raise errors.not_found()
    return seat


def _require_ending(world: CanvasWorld, seat: Enrollment, state: str) -> None:
    """Let admins through, and teachers for students; what the SIS enrolled they cannot delete."""
    course = world.store.courses.get(seat.course_id)
    if auth.may("manage_enrollments", course):
        return
    teaches = seat.type == "StudentEnrollment" and auth.may("manage_grades", course)
    if not teaches or (state == "deleted" and seat.sis_batch_id is not None):
        raise auth.not_permitted()


async def end_enrollment(course_id: str, id_: str) -> Answer:
    """Answer endEnrollment: conclude unless another task is named; the grades stay."""
    world = current_world()
    seat = _seat_of(world, course_id, id_)
    task = params.text("task") or "conclude"
    if task not in _TASKS:
        raise errors.bad_message("Invalid task")
    _require_ending(world, seat, _TASKS[task])
    end_by_hand(seat, _TASKS[task], at=world.now())
    return EnrollmentShape(world).json(seat)


async def reactivate_enrollment(course_id: str, id_: str) -> Answer:
    """Answer reactivateEnrollment: an inactive enrollment becomes active."""
    world = current_world()
    seat = _seat_of(world, course_id, id_)
    _require_ending(world, seat, "active")
    if seat.workflow_state in ("inactive", "completed"):
        seat.workflow_state, seat.completed_at = "active", None
        seat.updated_at = world.now()
    return EnrollmentShape(world).json(seat)


async def accept_enrollment(course_id: str, id_: str) -> Answer:
    """Answer acceptEnrollment: the invited person comes."""
    return _decide(course_id, id_, "active")


async def reject_enrollment(course_id: str, id_: str) -> Answer:
    """Answer rejectEnrollment: the invited person declines."""
    return _decide(course_id, id_, "rejected")


def _decide(course_id: str, id_: str, state: str) -> Answer:
    world = current_world()
    course = ids.get_course(course_id)
    seat: Enrollment = ids.get_by_number(world.store.enrollments, id_)
    if seat.course_id != course.id or seat.user_id != auth.current_principal().user_id:
        raise errors.not_found()
    if seat.workflow_state not in ("invited", "creation_pending"):
        raise errors.bad_message("no current invitation")
    seat.workflow_state, seat.updated_at = state, world.now()
    return {"success": True}
