"""Logins of users, read and changed by hand."""

from typing import Any

from homeroom.mocks.canvas import auth
from homeroom.mocks.canvas.errors import bad_error, bad_message, not_found
from homeroom.mocks.canvas.ids import get_account, get_by_number, get_user
from homeroom.mocks.canvas.pagination import paged
from homeroom.mocks.canvas.params import group, params, to_text
from homeroom.mocks.canvas.people import add_login, delete_login, login_errors, shown_errors
from homeroom.mocks.canvas.shapes.common import sight
from homeroom.mocks.canvas.shapes.login import login_json
from homeroom.mocks.canvas.stickiness import write_by_hand
from homeroom.mocks.canvas.store import Account, Pseudonym
from homeroom.mocks.canvas.world import CanvasWorld, current_world
from homeroom.mocks.harness.request import Answer, VendorError

READERS = ("manage_user_logins", "manage_users", "read_sis", "manage_sis")


async def list_user_logins(user_id: str) -> Answer:
    """Answer listUserLogins: those that are not deleted."""
    user = get_user(user_id)
    if user.id != auth.current_principal().user_id:
        auth.require(*READERS)
    sees = sight(None)
    live = [login for login in user.logins if login.workflow_state != "deleted"]
    return paged(live, lambda login: login_json(login, sees))


async def list_account_logins(account_id: str) -> Answer:
    """Answer listAccountLogins: those of the user asked for, or the caller's own."""
    _root_account(account_id)
    asked = _asked_user()
    return await list_user_logins("self" if asked is None else asked)


async def create_account_login(account_id: str) -> Answer:
    """Answer createAccountLogin: one more login for a user."""
    world, account = current_world(), _root_account(account_id)
    auth.require("manage_user_logins", "manage_users", context=account)
    asked_user = _asked_user()
    if asked_user is None:
        raise bad_error("Need one of user[id], user[existing_user_id]")
    user = get_user(asked_user)
    asked = group("login")
    _check(world, to_text(asked.get("unique_id")) or "", asked, None)
    return login_json(add_login(world, user, asked), sight(account))


async def update_account_login(account_id: str, id_: str) -> Answer:
    """Answer updateAccountLogin: name and state changed by hand stick."""
    world, account = current_world(), get_account(account_id)
    auth.require("manage_user_logins", "manage_users", context=account)
    login = _live(world, id_)
    asked, table = group("login"), world.store.pseudonyms
    unique_id = to_text(asked.get("unique_id")) or login.unique_id
    _check(world, unique_id, asked, login)
    now = world.now()
    if unique_id != login.unique_id:
        before = login.unique_id
        table.set_unique_id(login, unique_id)
        login.unique_id = before
        write_by_hand(login, at=now, unique_id=unique_id)
    state = to_text(asked.get("workflow_state"))
    if state in ("active", "suspended"):
        write_by_hand(login, at=now, workflow_state=state)
    if auth.manages_sis(account):
        if "sis_user_id" in asked:
            table.set_sis_id(login, to_text(asked["sis_user_id"]))
        if "integration_id" in asked:
            table.set_integration_id(login, to_text(asked["integration_id"]))
    if "declared_user_type" in asked:
        login.declared_user_type = to_text(asked["declared_user_type"])
    login.updated_at = now
    return login_json(login, sight(account))


async def delete_user_login(user_id: str, id_: str) -> Answer:
    """Answer deleteUserLogin."""
    world, user = current_world(), get_user(user_id)
    auth.require("manage_user_logins", "manage_users")
    login = _live(world, id_)
    if login.user_id != user.id:
        raise not_found()
    shown = login_json(login, sight(None))
    delete_login(world, login)
    return shown | {"workflow_state": "deleted"}


def _root_account(account_id: str) -> Account:
    account = get_account(account_id)
    if account.parent_account_id is not None:
        raise bad_message("Action must be called on a root account.")
    return account


def _asked_user() -> Any:
    return params().get("user_id", group("user").get("id"))


def _live(world: CanvasWorld, id_: str) -> Pseudonym:
    login: Pseudonym = get_by_number(world.store.pseudonyms, id_)
    if login.workflow_state == "deleted":
        raise not_found()
    return login


def _check(
    world: CanvasWorld, unique_id: str, asked: dict[str, Any], login: Pseudonym | None
) -> None:
    errors = login_errors(world, unique_id, to_text(asked.get("sis_user_id")), login)
    if errors:
        raise VendorError(400, {"errors": shown_errors(errors)})
