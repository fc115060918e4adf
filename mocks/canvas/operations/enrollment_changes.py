"""Enrollments made, ended and brought back by people."""

from typing import Any

from homeroom.mocks.canvas import auth, errors, ids, params
from homeroom.mocks.canvas.gradebook.acts import end_enrollment as end_by_hand
from homeroom.mocks.canvas.shapes.course import is_concluded
from homeroom.mocks.canvas.shapes.enrollment import EnrollmentShape
from homeroom.mocks.canvas.stickiness import stick
from homeroom.mocks.canvas.store import Course, Enrollment, NewEnrollment, Role, Section, User
from homeroom.mocks.canvas.store.store import ENROLLMENT_TYPES
from homeroom.mocks.canvas.world import CanvasWorld, current_world
from homeroom.mocks.harness.request import Answer

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
    role = _role_of(world, given)
    if isinstance(role, str):
        problems.append(role)
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


def _role_of(world: CanvasWorld, given: dict[str, Any]) -> Role | str:
    """Return the role that was named, or the one of the type; or why there is none."""
    type_ = params.to_text(given.get("type"))
    role: Role | None = None
    if params.to_text(given.get("role_id")) is not None:
        role = world.store.roles.find(params.to_integer(given["role_id"]) or 0)
    elif params.to_text(given.get("role")) is not None:
        role = world.store.role_named(str(params.to_text(given["role"])))
    else:
        type_ = type_ or "StudentEnrollment"
        role = world.store.role_named(type_) if type_ in ENROLLMENT_TYPES else None
        if role is None:
            return "Invalid type"
    if (
        role is None
        or role.base_role_type not in ENROLLMENT_TYPES
        or role.workflow_state == "deleted"
    ):
        return "Invalid role"
    if role.workflow_state == "inactive":
        return "Cannot create an enrollment with this role because it is inactive."
    if type_ is not None and type_ != role.base_role_type:
        return "The specified type must match the base type for the role"
    return role


def _create(
    world: CanvasWorld, course: Course, section: Section | None, given: dict[str, Any]
) -> Answer:
    user = ids.get_user(given["user_id"])
    role = _role_of(world, given)
    assert isinstance(role, Role)  # noqa: S101 -- _given has refused the others
    now = world.now()
    if section is None:
        section = world.store.default_section(course, at=now)
    associated = _associated(given, role)
    state = _first_state(course, role, params.to_text(given.get("enrollment_state")))
    seat = _same_seat(user, section, role, associated)
    is_new = seat is None
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
    _set_details(seat, given, is_new=is_new)
    return EnrollmentShape(world).json(seat)


def _first_state(course: Course, role: Role, asked: str | None) -> str:
    """Return the state that an enrollment begins in; observers need no invitation."""
    if asked in ("active", "invited", "inactive", "completed"):
        return asked
    if role.base_role_type == "ObserverEnrollment":
        return "active"
    return "invited" if course.workflow_state == "available" else "creation_pending"


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


def _set_details(seat: Enrollment, given: dict[str, Any], *, is_new: bool) -> None:
    """Put the other fields on a seat; only changes of what was there already stick."""
    if "limit_privileges_to_course_section" in given:
        flag = params.to_flag(given["limit_privileges_to_course_section"])
        seat.limit_privileges_to_course_section = bool(flag)
    for name in ("start_at", "end_at"):
        if name in given:
            at = params.to_iso_instant(given[name])
            if at != getattr(seat, name):
                setattr(seat, name, at)
                if not is_new:
                    stick(seat, name)


# -- ending and bringing back ---------------------------------------------------------------------

_TASKS = {"delete": "deleted", "inactivate": "inactive", "deactivate": "inactive"}


def _seat_of(world: CanvasWorld, course_id: str, seat_id: str) -> Enrollment:
    course = ids.get_course(course_id)
    seat: Enrollment = ids.get_by_number(world.store.enrollments, seat_id)
    if seat.course_id != course.id or seat.workflow_state == "deleted":
        raise errors.not_found()
    return seat


def _require_ending(world: CanvasWorld, seat: Enrollment, state: str) -> None:
    course = world.store.courses.get(seat.course_id)
    if not auth.may_end(seat, course, deleting=state == "deleted"):
        raise auth.not_permitted()


async def end_enrollment(course_id: str, id_: str) -> Answer:
    """Answer endEnrollment: conclude unless another known task is named; the grades stay."""
    world = current_world()
    seat = _seat_of(world, course_id, id_)
    state = _TASKS.get(params.text("task") or "", "completed")
    _require_ending(world, seat, state)
    end_by_hand(seat, state, at=world.now())
    return EnrollmentShape(world).json(seat)


async def reactivate_enrollment(course_id: str, id_: str) -> Answer:
    """Answer reactivateEnrollment: an inactive enrollment becomes active, no other does."""
    world = current_world()
    seat = _seat_of(world, course_id, id_)
    _require_ending(world, seat, "active")
    if seat.workflow_state != "inactive":
        raise errors.bad_error("enrollment not inactive")
    seat.workflow_state, seat.updated_at = "active", world.now()
    return EnrollmentShape(world).json(seat)


async def accept_enrollment(course_id: str, id_: str) -> Answer:
    """Answer acceptEnrollment: the invited person comes."""
    return _decide(course_id, id_, "active")


async def reject_enrollment(course_id: str, id_: str) -> Answer:
    """Answer rejectEnrollment: the invited person declines."""
    return _decide(course_id, id_, "rejected")


def _decide(course_id: str, id_: str, state: str) -> Answer:
    world = current_world()
    seat = _seat_of(world, course_id, id_)
    if seat.user_id != auth.current_principal().user_id:
        raise auth.not_permitted()
    if seat.workflow_state == state:
        return {"success": True}
    if seat.workflow_state == "inactive":
        raise errors.bad_error("membership not activated")
    # Who declined may still come.
    open_states = ("invited", "rejected") if state == "active" else ("invited",)
    if seat.workflow_state not in open_states:
        raise errors.bad_error("no current invitation")
    seat.workflow_state, seat.updated_at = state, world.now()
    return {"success": True}
