"""Who watches whom: links of observers. Source: user_observees_controller of Canvas's source."""

from collections.abc import Iterable

from homeroom.mocks.canvas import auth, ids, params
from homeroom.mocks.canvas.pagination import paged
from homeroom.mocks.canvas.shapes.common import sight
from homeroom.mocks.canvas.shapes.login import included_json
from homeroom.mocks.canvas.shapes.user import user_json
from homeroom.mocks.canvas.store import User
from homeroom.mocks.canvas.world import current_world
from homeroom.mocks.harness.request import Answer


async def list_observees(user_id: str) -> Answer:
    """Answer listObservees."""
    observer = _readable(user_id)
    links = (link for held in current_world().store.observed.values() for link in held)
    return _people(
        link.student_id
        for link in links
        if link.observer_id == observer.id and link.workflow_state == "active"
    )


async def list_observers(user_id: str) -> Answer:
    """Answer listObservers."""
    student = _readable(user_id)
    return _people(
        link.observer_id
        for link in current_world().store.observed.get(student.id, ())
        if link.workflow_state == "active"
    )


def _readable(user_id: str) -> User:
    """Return a user whose links the caller may look at: their own, or an admin's any."""
    user = ids.get_user(user_id)
    if user.id != auth.current_principal().user_id:
        auth.require("manage_users")
    return user


def _people(user_ids: Iterable[int]) -> Answer:
    world, sees, include = current_world(), sight(None), params.texts("include")
    people = sorted(
        (world.store.users.get(one) for one in user_ids),
        key=lambda user: (user.sortable_name.casefold(), user.id),
    )
    return paged(
        people, lambda user: user_json(world, user, sees) | included_json(world, user, include)
    )
