"""Courses: reading, creating, changing, concluding, and their settings."""

from typing import Any

from homeroom.mocks.canvas import auth, errors, ids, params
from homeroom.mocks.canvas.gradebook.acts import set_course_event
from homeroom.mocks.canvas.pagination import paged
from homeroom.mocks.canvas.shapes.common import sight
from homeroom.mocks.canvas.shapes.course import course_json, is_concluded, state_of
from homeroom.mocks.canvas.stickiness import write_by_hand
from homeroom.mocks.canvas.store import Course, Enrollment, User
from homeroom.mocks.canvas.tokens import known_rights
from homeroom.mocks.canvas.world import CanvasWorld, current_world
from homeroom.mocks.harness.request import Answer

EVENTS = ("claim", "offer", "conclude", "delete", "undelete")
_TEACHING = frozenset({"TeacherEnrollment", "TaEnrollment", "DesignerEnrollment"})
_SETTINGS: dict[str, Any] = {
    "allow_student_discussion_topics": True,
    "allow_student_forum_attachments": False,
    "allow_student_discussion_editing": True,
    "grading_standard_enabled": False,
    "grading_standard_id": None,
    "allow_final_grade_override": False,
    "allow_student_organized_groups": True,
    "hide_distribution_graphs": False,
    "hide_final_grades": False,
    "hide_sections_on_course_users_page": False,
    "lock_all_announcements": False,
    "usage_rights_required": False,
    "restrict_student_past_view": False,
    "restrict_student_future_view": False,
    "show_announcements_on_home_page": False,
    "home_page_announcement_limit": None,
}


def _course_of(world: CanvasWorld, course_id: str) -> Course:
    course = ids.get_course(course_id, deleted="all_courses" in params.texts("include"))
    _require_reader(world, course)
    return course


def _require_reader(world: CanvasWorld, course: Course) -> None:
    who = auth.current_principal()
    if auth.may("read_course_content", course) or auth.may("read_course_list", course):
        if who.rights is None and course.workflow_state in ("created", "claimed"):
            seats = auth.enrollments_in(world, who.user_id or 0, course)
            if not any(seat.type in _TEACHING for seat in seats) and not _admins(course):
                raise auth.not_permitted()
        return
    raise auth.not_permitted()


def _admins(course: Course) -> bool:
    return auth.may("manage_courses", course)


def own_seats(world: CanvasWorld, user_id: int | None, course: Course) -> list[Enrollment]:
    """Return a person's enrollments in a course that count as theirs now."""
    if user_id is None:
        return []
    return [
        seat
        for seat in auth.enrollments_in(world, user_id, course)
        if seat.workflow_state not in ("rejected", "inactive")
    ]


async def get_course(id_: str) -> Answer:
    """Answer getCourse."""
    world = current_world()
    course = _course_of(world, id_)
    return _show(world, course, include=params.texts("include"))


def _show(world: CanvasWorld, course: Course, *, include: list[str] | None = None) -> Answer:
    sees = sight(course)
    own = own_seats(world, sees.user_id, course)
    return course_json(world, course, sees, include=include or (), own=own)


async def list_courses() -> Answer:
    """Answer listCourses: the courses in which the caller has an enrollment."""
    user_id = auth.current_principal().user_id
    user = current_world().store.users.find(user_id or 0)
    return _courses_of(user)


async def list_user_courses(user_id: str) -> Answer:
    """Answer listUserCourses; people see their own."""
    user = ids.get_user(user_id)
    if user.id != auth.current_principal().user_id:
        auth.require("read_roster", "manage_users")
    return _courses_of(user)


def _courses_of(user: User | None) -> Answer:
    world = current_world()
    include = params.texts("include")
    wanted_state = params.texts("state") or ["unpublished", "available"]
    wanted_type = params.text("enrollment_type")
    wanted_role = params.text("enrollment_role")
    enrollment_state = params.text("enrollment_state")
    by_course: dict[int, list[Enrollment]] = {}
    for seat in user.enrollments if user is not None else ():
        if seat.workflow_state in ("deleted", "rejected", "inactive"):
            continue
        if wanted_type and seat.type.removesuffix("Enrollment").lower() != wanted_type.lower():
            continue
        if wanted_role and world.store.roles.get(seat.role_id).name != wanted_role:
            continue
        by_course.setdefault(seat.course_id, []).append(seat)
    chosen: list[tuple[Course, list[Enrollment]]] = []
    for course_id, seats in sorted(by_course.items()):
        course = world.store.courses.get(course_id)
        if state_of(course) not in wanted_state:
            continue
        if state_of(course) == "unpublished" and not any(s.type in _TEACHING for s in seats):
            continue
        if enrollment_state and not any(
            _in_state(world, course, seat, enrollment_state) for seat in seats
        ):
            continue
        chosen.append((course, seats))

    def show(item: tuple[Course, list[Enrollment]]) -> dict[str, Any]:
        return course_json(world, item[0], sight(item[0]), include=include, own=item[1])

    return paged(chosen, show, counted=False)


def _in_state(world: CanvasWorld, course: Course, seat: Enrollment, wanted: str) -> bool:
    over = seat.workflow_state == "completed" or is_concluded(world, course)
    match wanted:
        case "active":
            return seat.workflow_state == "active" and not over
        case "invited_or_pending":
            return seat.workflow_state in ("invited", "creation_pending")
        case "completed":
            return over
        case _:
            return True


# -- writing --------------------------------------------------------------------------------------

_PLAIN = (
    "name", "course_code", "license", "is_public", "default_view", "time_zone", "syllabus_body",
    "course_format", "friendly_name", "hide_final_grades", "apply_assignment_group_weights",
    "restrict_enrollments_to_course_dates", "homeroom_course", "blueprint",
)  # fmt: skip
_FLAGS = frozenset({
    "is_public", "hide_final_grades", "apply_assignment_group_weights", "homeroom_course",
    "restrict_enrollments_to_course_dates", "blueprint",
})  # fmt: skip
_KEPT = ("public_syllabus", "public_syllabus_to_auth", "is_public_to_auth_users", "course_color",
         "storage_quota_mb", "public_description", "template")  # fmt: skip


def _changes(world: CanvasWorld, given: dict[str, Any]) -> dict[str, Any]:
    """Read course[...]: what it changes, by the names of the course's own fields."""
    changes: dict[str, Any] = {}
    for name in _PLAIN:
        if name in given:
            value = params.to_text(given[name])
            changes[name] = bool(params.to_flag(value)) if name in _FLAGS else value
    for name in ("name", "course_code", "default_view"):
        if changes.get(name, "") is None:
            del changes[name]
    for name, field in (("start_at", "start_at"), ("end_at", "conclude_at")):
        if name in given:
            changes[field] = params.to_iso_instant(given[name])
    if "grading_standard_id" in given:
        changes["grading_standard_id"] = params.to_integer(given["grading_standard_id"])
    if "grade_passback_setting" in given:
        setting = params.to_text(given["grade_passback_setting"])
        changes["grade_passback_setting"] = (
            setting if setting in ("nightly_sync", "disabled") else None
        )
    term = params.to_text(given.get("term_id", given.get("enrollment_term_id")))
    if term is not None:
        changes["enrollment_term_id"] = ids.get_term(term).id
    if params.to_text(given.get("account_id")) is not None:
        target = ids.get_account(given["account_id"])
        auth.require("manage_courses", context=target)
        changes["account_id"] = target.id
    _check(world, changes)
    return changes


def _check(world: CanvasWorld, changes: dict[str, Any]) -> None:
    name = changes.get("name")
    if name and len(name) > 255:
        raise errors.invalid_fields({"name": "is too long (maximum is 255 characters)"})
    start, end = changes.get("start_at"), changes.get("conclude_at")
    if start and end and end < start:
        raise errors.invalid_fields({"conclude_at": "End date cannot be before start date"})
    standard = changes.get("grading_standard_id")
    if standard and world.store.grading_standards.find(standard) is None:
        raise errors.not_found()


def _sis_columns(world: CanvasWorld, course: Course, given: dict[str, Any]) -> None:
    """Write SIS columns, which callers without manage_sis cannot: theirs are dropped silently."""
    if not auth.manages_sis(course):
        return
    if "sis_course_id" in given:
        sis_id = params.to_text(given["sis_course_id"])
        held = world.store.courses.by_sis_id.get(sis_id) if sis_id else None
        if held is not None and held is not course:
            raise errors.invalid_fields({"sis_source_id": f'SIS ID "{sis_id}" is already in use'})
        world.store.courses.set_sis_id(course, sis_id)
    if "integration_id" in given:
        value = params.to_text(given["integration_id"])
        held = world.store.courses.by_integration_id.get(value) if value else None
        if held is not None and held is not course:
            raise errors.invalid_fields(
                {"integration_id": f'Integration ID "{value}" is already in use'}
            )
        world.store.courses.set_integration_id(course, value)


async def create_course(account_id: str) -> Answer:
    """Answer createCourse: claimed, which shows as unpublished, unless `offer` publishes it."""
    world = current_world()
    account = ids.get_account(account_id)
    auth.require("manage_courses", context=account)
    given = params.group("course")
    changes = _changes(world, given)
    now = world.now()
    name = changes.pop("name", None) or "Unnamed Course"
    code = changes.pop("course_code", None) or name[:30]
    course = Course(
        id=world.store.courses.next_id,
        name=name,
        course_code=code,
        account_id=changes.pop("account_id", account.id),
        enrollment_term_id=changes.pop("enrollment_term_id", world.store.terms.rows[0].id),
        created_at=now,
        updated_at=now,
    )
    for field, value in changes.items():
        setattr(course, field, value)
    world.store.add_course(course)
    _sis_columns(world, course, given)
    _keep(course, given)
    if params.flag("offer") or params.to_text(given.get("event")) == "offer":
        course.workflow_state = "available"
    return _show(world, course)


def _keep(course: Course, given: dict[str, Any]) -> None:
    for name in _KEPT:
        if name in given:
            value: Any = params.to_text(given[name])
            if name == "storage_quota_mb":
                value = params.to_integer(value) or 0
            elif name not in ("course_color", "public_description"):
                value = bool(params.to_flag(value))
            course.settings[name] = value


async def update_course(id_: str) -> Answer:
    """Answer updateCourse: what a person changes is stuck against later imports."""
    world = current_world()
    course = ids.get_course(id_, deleted=True)
    given = params.group("course")
    event = params.to_text(given.get("event"))
    if course.workflow_state == "deleted" and event != "undelete":
        raise errors.not_found()
    auth.require("manage_courses", "manage_course_settings", context=course)
    changes = _changes(world, given)
    merged_start = changes.get("start_at", course.start_at)
    merged_end = changes.get("conclude_at", course.conclude_at)
    dated = bool({"start_at", "conclude_at"} & changes.keys())
    if dated and merged_start and merged_end and merged_end < merged_start:
        raise errors.invalid_fields({"conclude_at": "End date cannot be before start date"})
    if not params.flag("override_sis_stickiness", default=True):
        changes = {name: value for name, value in changes.items() if name not in course.stuck}
    now = world.now()
    _sis_columns(world, course, given)
    write_by_hand(course, at=now, **changes)
    _keep(course, given)
    if params.flag("offer"):
        event = "offer"
    if event in EVENTS:
        set_course_event(world.store, course, event, at=now)
    return _show(world, course)


async def delete_or_conclude_course(id_: str) -> Answer:
    """Answer deleteOrConcludeCourse."""
    world = current_world()
    course = ids.get_course(id_)
    auth.require("manage_courses", context=course)
    event = params.text("event")
    if event not in ("delete", "conclude"):
        raise errors.bad_message("event parameter is required")
    set_course_event(world.store, course, event, at=world.now())
    return {event: True}


async def get_course_permissions(course_id: str) -> Answer:
    """Answer getCoursePermissions: which of the named rights the caller has; of all, unnamed."""
    course = _course_of(current_world(), course_id)
    names = params.texts("permissions") or known_rights()
    return {name: auth.holds(name, course) for name in names}


# -- settings -------------------------------------------------------------------------------------


async def get_course_settings(course_id: str) -> Answer:
    """Answer getCourseSettings."""
    course = _course_of(current_world(), course_id)
    return _settings_json(course)


def _settings_json(course: Course) -> dict[str, Any]:
    return {name: course.settings.get(name, default) for name, default in _SETTINGS.items()} | {
        "grading_standard_id": course.grading_standard_id,
        "grading_standard_enabled": course.grading_standard_id is not None,
        "hide_final_grades": course.hide_final_grades,
    }


async def update_course_settings(course_id: str) -> Answer:
    """Answer updateCourseSettings."""
    course = ids.get_course(course_id)
    auth.require("manage_course_settings", "manage_courses", context=course)
    given = params.params()
    for name, default in _SETTINGS.items():
        if name not in given:
            continue
        if isinstance(default, bool):
            value: Any = bool(params.to_flag(given[name]))
        else:
            value = params.to_integer(given[name])
        course.settings[name] = value
        if name == "hide_final_grades":
            course.hide_final_grades = value
    course.updated_at = current_world().now()
    return _settings_json(course)
