"""People as other objects mention them. Source: canvas-rest-api.md 4.3."""

from typing import Any

from homeroom.mocks.canvas.shapes.common import Sight, when
from homeroom.mocks.canvas.store import User
from homeroom.mocks.canvas.world import CanvasWorld


def user_json(world: CanvasWorld, user: User, sees: Sight) -> dict[str, Any]:
    """Write a user as rosters and enrollments hold them; login and SIS columns by right."""
    shown: dict[str, Any] = {
        "id": user.id,
        "name": user.name,
        "created_at": when(user.created_at),
        "sortable_name": user.sortable_name,
        "short_name": user.short_name,
    }
    if user.pronouns:
        shown["pronouns"] = user.pronouns
    login = world.store.pseudonym_of(user)
    if sees.reads_sis:
        shown["sis_user_id"] = None if login is None else login.sis_user_id
        shown["integration_id"] = None if login is None else login.integration_id
    if sees.manages_sis:
        shown["sis_import_id"] = None if login is None else login.sis_batch_id
    if (sees.reads_sis or sees.all_grades) and login is not None:
        shown["login_id"] = login.unique_id
    return shown
