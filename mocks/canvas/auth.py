"""Who may do what: tokens, and the rights of admins, teachers and students."""

from typing import cast

from homeroom.mocks.canvas import errors
from homeroom.mocks.canvas.params import FORM, params, to_text
from homeroom.mocks.canvas.store import Account, Course, Enrollment, Section, User
from homeroom.mocks.canvas.tokens import ALL_RIGHTS, CANVAS_RIGHTS, Principal
from homeroom.mocks.canvas.world import FAKE_NAME, CanvasWorld, current_world
from homeroom.mocks.harness.clock import iso_seconds
from homeroom.mocks.harness.request import Request, VendorError, current_request

Context = Account | Course | Section | User | None

_READ = frozenset({"read_course_content", "read_course_list"})
_LOOK_AROUND = _READ | {"read_roster"}
_LOOKERS = frozenset({"read_sis", "manage_sis", "import_sis", "view_all_grades"})
"""Admins with one of these find their way to what it is about: courses, sections and seats."""
_WHEN_CONCLUDED = _READ | {"read_sis", "view_all_grades", "read_roster"}
"""What is left of their rights to people whose enrollment is over: they read."""
_TEACHER = _READ | {
    "read_sis", "view_all_grades", "manage_grades", "read_roster", "manage_assignments",
    "manage_content", "manage_course_settings", "manage_sections",
}  # fmt: skip
RIGHTS_BY_TYPE: dict[str, frozenset[str]] = {
    "TeacherEnrollment": _TEACHER,
    "TaEnrollment": _TEACHER - {"manage_course_settings", "manage_sections"},
    "DesignerEnrollment": _READ | {"manage_assignments", "manage_content", "read_roster"},
    "StudentEnrollment": _READ | {"read_roster"},
    "ObserverEnrollment": _READ,
}
"""What Canvas grants a role by default."""


def authenticate(request: Request) -> None:
    """Set the request's principal from its token; raises Canvas's 401s."""
    world = cast("CanvasWorld", request.space.worlds[FAKE_NAME])
    text = _token_text(request)
    if text is None:
        raise errors.unauthenticated()
    token = world.tokens.get(text)
    if token is None:
        raise errors.invalid_token()
    if token.revoked:
        raise errors.revoked_token()
    if token.expires_at is not None and token.expires_at <= world.now():
        raise errors.expired_token(iso_seconds(token.expires_at))
    request.client = token.principal.label
    request.principal = token.principal
    request.notes["token"] = text


def _token_text(request: Request) -> str | None:
    scheme, _, text = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        return text.strip()
    for name, value in request.query:
        if name == "access_token" and value:
            return value
    return to_text(params().get("access_token")) if request.content_type == FORM else None


def current_principal() -> Principal:
    """Return who asks, or whom they act as."""
    principal = current_request().principal
    return cast("Principal", principal)


def masquerade(principal: Principal, user: User | None) -> Principal:
    """Return whom `principal` acts as by `as_user_id`; raises Canvas's 401 without the right."""
    if user is None or principal.rights is None or "become_user" not in principal.rights:
        raise VendorError(401, {"errors": "Invalid as_user_id"})
    return Principal(f"{principal.label} as user {user.id}", user.id, None)


def may(permission: str, context: Context = None, principal: Principal | None = None) -> bool:
    """Tell whether the caller has a right in a context; None is the root account."""
    who = principal or current_principal()
    if who.rights is not None:
        return permission in who.rights or (
            permission in _LOOK_AROUND and not who.rights.isdisjoint(_LOOKERS)
        )
    if who.user_id is None:
        return False
    world = current_world()
    if _is_admin_of(world, who.user_id, context):
        return permission in ALL_RIGHTS
    course = _course_of_context(world, context)
    if course is not None:
        return _may_in_course(world, permission, who.user_id, course)
    # A person is seen by whoever has the right in a course that both are in.
    return isinstance(context, User) and any(
        _may_in_course(world, permission, who.user_id, world.store.courses.get(course_id))
        for course_id in {
            one.course_id for one in context.enrollments if one.workflow_state != "deleted"
        }
    )


def holds(name: str, context: Context) -> bool:
    """Tell whether the caller has a right by any of Canvas's names for it."""
    who = current_principal()
    if who.rights is not None and name in who.rights:
        return True
    if name in ALL_RIGHTS:
        return may(name, context)
    brought = CANVAS_RIGHTS.get(name)
    # A right that the fake asks for nowhere belongs to those who have all the others.
    return brought is not None and all(may(right, context) for right in brought or ALL_RIGHTS)


def _may_in_course(world: CanvasWorld, permission: str, user_id: int, course: Course) -> bool:
    return any(
        permission in RIGHTS_BY_TYPE.get(enrollment.type, frozenset())
        and (enrollment.workflow_state == "active" or permission in _WHEN_CONCLUDED)
        for enrollment in enrollments_in(world, user_id, course)
        if enrollment.workflow_state in ("active", "completed")
    )


def enrollments_in(world: CanvasWorld, user_id: int, course: Course) -> list[Enrollment]:
    """Return a person's enrollments in a course that are not deleted."""
    user = world.store.users.find(user_id)
    return [
        enrollment
        for enrollment in (user.enrollments if user is not None else ())
        if enrollment.course_id == course.id and enrollment.workflow_state != "deleted"
    ]


def _course_of_context(world: CanvasWorld, context: Context) -> Course | None:
    match context:
        case Course():
            return context
        case Section():
            return world.store.courses.find(context.course_id)
        case _:
            return None


def _is_admin_of(world: CanvasWorld, user_id: int, context: Context) -> bool:
    adminships = {
        one.account_id
        for one in world.store.account_users
        if one.user_id == user_id and one.workflow_state == "active"
    }
    if not adminships:
        return False
    return any(
        account.id in adminships
        for account_id in _account_ids(world, context)
        for account in world.store.account_chain(account_id)
    )


def _account_ids(world: CanvasWorld, context: Context) -> set[int]:
    """Return the accounts that a context belongs to; a person's are those of their courses."""
    store = world.store
    match context:
        case Account():
            return {context.id}
        case User():
            seats = (one for one in context.enrollments if one.workflow_state != "deleted")
            below = {store.courses.get(seat.course_id).account_id for seat in seats}
            return below | {store.root_account.id}
        case _:
            course = _course_of_context(world, context)
            return {store.root_account.id if course is None else course.account_id}


def observes(user: User) -> bool:
    """Tell whether the caller is a linked observer of a person, who reads what a parent may."""
    me = current_principal().user_id
    return any(
        link.observer_id == me and link.workflow_state == "active"
        for link in current_world().store.observed.get(user.id, ())
    )


def is_self_or_observed(user: User) -> bool:
    """Tell whether a person is the caller, or whom the caller is linked to as an observer."""
    return user.id == current_principal().user_id or observes(user)


def may_end(seat: Enrollment, course: Course, *, deleting: bool) -> bool:
    """Let admins end a seat, and teachers a student's; what an import made they cannot delete."""
    if may("manage_enrollments", course):
        return True
    teaches = seat.type == "StudentEnrollment" and may("manage_grades", course)
    return teaches and not (deleting and seat.sis_batch_id is not None)


def is_admin() -> bool:
    """Tell whether the caller is an admin rather than a person with enrollments."""
    return current_principal().rights is not None


def require(*permissions: str, context: Context = None) -> None:
    """Let the caller through who has any of the rights; raises the refusal, 403 or 401."""
    if not any(may(permission, context) for permission in permissions):
        raise not_permitted()


def not_permitted() -> VendorError:
    """Make the refusal for want of rights: 403, or 401 as before `api_auth_error_updates`."""
    return errors.not_permitted(403 if current_world().settings["api_auth_error_updates"] else 401)


def reads_sis(context: Context = None) -> bool:
    """Tell whether the caller sees SIS ids."""
    return may("read_sis", context) or may("manage_sis", context)


def manages_sis(context: Context = None) -> bool:
    """Tell whether the caller sees import ids and may write SIS ids."""
    return may("manage_sis", context)
