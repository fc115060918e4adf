"""Who administers an account. Source: admins_controller and api/v1/admin of Canvas's source."""

from typing import Any

from homeroom.mocks.canvas import auth, ids, params
from homeroom.mocks.canvas.pagination import paged
from homeroom.mocks.canvas.shapes.common import sight
from homeroom.mocks.canvas.shapes.user import user_json
from homeroom.mocks.canvas.store import AccountUser
from homeroom.mocks.canvas.world import current_world
from homeroom.mocks.harness.request import Answer


async def list_account_admins(account_id: str) -> Answer:
    """Answer listAccountAdmins: those of this very account, whoever made them."""
    world, account = current_world(), ids.get_account(account_id)
    auth.require("manage_admins", context=account)
    wanted = {ids.get_user(one).id for one in params.texts("user_id")}
    chosen = [
        one
        for one in world.store.account_users
        if one.account_id == account.id
        and one.workflow_state == "active"
        and (not wanted or one.user_id in wanted)
    ]
    sees = sight(account)

    def show(one: AccountUser) -> dict[str, Any]:
        return {
            "id": one.id,
            "role": world.store.roles.get(one.role_id).name,
            "role_id": one.role_id,
            "user": user_json(world, world.store.users.get(one.user_id), sees),
            "workflow_state": one.workflow_state,
        }

    return paged(chosen, show)
