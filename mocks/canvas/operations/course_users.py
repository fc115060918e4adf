"""People of a course. Source: canvas-rest-api.md 4.3."""

from collections.abc import Collection
from typing import Any

from homeroom.mocks.canvas import auth, errors, ids, params
from homeroom.mocks.canvas.pagination import paged
from homeroom.mocks.canvas.shapes.common import Sight, sight
from homeroom.mocks.canvas.shapes.enrollment import EnrollmentShape
from homeroom.mocks.canvas.shapes.login import included_json
from homeroom.mocks.canvas.shapes.user import user_json
from homeroom.mocks.canvas.store import Course, Enrollment, User
from homeroom.mocks.canvas.world import CanvasWorld, current_world
from homeroom.mocks.harness.request import Answer, VendorError

MIN_SEARCH = 2
DEFAULT_STATES = frozenset({"active", "invited", "creation_pending"})


async def list_course_users(course_id: str) -> Answer:
    """Answer listCourseUsers: active and invited people, each once."""
    return _list(course_id)


async def search_course_users(course_id: str) -> Answer:
    """Answer searchCourseUsers."""
    return _list(course_id)


async def list_course_students(course_id: str) -> Answer:
    """Answer listCourseStudents: not paged in Canvas, so neither here."""
    world = current_world()
    course = _readable(course_id)
    seats = [
        seat
        for seat in world.store.course_enrollments(course)
        if seat.type == "StudentEnrollment" and seat.workflow_state in DEFAULT_STATES
    ]
    sees = sight(course)
    return [user_json(world, user, sees) for user, _ in _people(world, seats)]


async def get_course_user(course_id: str, id_: str) -> Answer:
    """Answer getCourseUser."""
    world = current_world()
    course = _readable(course_id)
    user = ids.get_user(id_)
    seats = auth.enrollments_in(world, user.id, course)
    if not seats:
        raise errors.not_found()
    return _json(world, course, user, seats, sight(course), params.texts("include"))


def _readable(course_id: str) -> Course:
    course = ids.get_course(course_id)
    auth.require("read_roster", "view_all_grades", context=course)
    return course


def _list(course_id: str) -> Answer:
    world = current_world()
    course = _readable(course_id)
    seats = [seat for seat in world.store.course_enrollments(course) if _wanted(world, seat)]
    people = _people(world, seats)
    term = params.text("search_term")
    if term is not None:
        people = _matching(world, people, term)
    asked = params.texts("user_ids")
    if asked:
        wanted = {ids.get_user(one).id for one in asked}
        people = [(user, seats) for user, seats in people if user.id in wanted]
    sees = sight(course)
    include = params.texts("include")
    return paged(people, lambda item: _json(world, course, item[0], item[1], sees, include))


def _wanted(world: CanvasWorld, seat: Enrollment) -> bool:
    states = frozenset(params.texts("enrollment_state")) or DEFAULT_STATES
    if seat.workflow_state not in states:
        return False
    types = {one.lower() for one in params.texts("enrollment_type")}
    if types and seat.type.removesuffix("Enrollment").lower() not in types:
        return False
    role = params.text("enrollment_role")
    if role is not None and world.store.roles.get(seat.role_id).name != role:
        return False
    role_id = params.to_integer(params.params().get("enrollment_role_id"))
    return role_id is None or seat.role_id == role_id


def _people(world: CanvasWorld, seats: list[Enrollment]) -> list[tuple[User, list[Enrollment]]]:
    by_user: dict[int, list[Enrollment]] = {}
    for seat in seats:
        by_user.setdefault(seat.user_id, []).append(seat)
    people = [(world.store.users.get(user_id), mine) for user_id, mine in by_user.items()]
    return sorted(people, key=lambda item: (item[0].sortable_name.casefold(), item[0].id))


def _matching(
    world: CanvasWorld, people: list[tuple[User, list[Enrollment]]], term: str
) -> list[tuple[User, list[Enrollment]]]:
    if len(term) < MIN_SEARCH and not term.isdigit():
        error = {
            "field": "search_term",
            "code": "invalid",
            "message": f"{MIN_SEARCH} or more characters is required",
        }
        raise VendorError(400, {"errors": [error]})
    wanted = term.lower()

    def matches(user: User) -> bool:
        login = world.store.pseudonym_of(user)
        found = [user.name, user.sortable_name, world.store.email_of(user) or ""]
        found += [] if login is None else [login.unique_id, login.sis_user_id or ""]
        return str(user.id) == wanted or any(wanted in text.lower() for text in found)

    return [item for item in people if matches(item[0])]


def _json(
    world: CanvasWorld,
    course: Course,
    user: User,
    seats: list[Enrollment],
    sees: Sight,
    include: Collection[str],
) -> dict[str, Any]:
    shown = user_json(world, user, sees) | included_json(world, user, include)
    shown["has_non_collaborative_groups"] = False
    if sees.all_grades or sees.admin or "email" in include:
        shown["email"] = world.store.email_of(user)
    if "bio" in include:
        shown["bio"] = None
    if "test_student" in include:
        shown["test_student"] = False
    if "enrollments" in include:
        shape = EnrollmentShape(world, include=include)
        mine = [seat for seat in seats if seat.course_id == course.id]
        shown["enrollments"] = [shape.json(seat, with_user=False) for seat in mine]
    return shown
