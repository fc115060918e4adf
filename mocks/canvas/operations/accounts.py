"""Accounts: reading the tree, its courses and settings, and changing them by hand."""

import re
from typing import Any, cast

from homeroom.mocks.canvas import auth
from homeroom.mocks.canvas.errors import invalid_fields
from homeroom.mocks.canvas.ids import get_account
from homeroom.mocks.canvas.pagination import paged
from homeroom.mocks.canvas.params import (
    flag,
    group,
    params,
    required_group,
    texts,
    to_flag,
    to_integer,
    to_text,
)
from homeroom.mocks.canvas.settings import INHERITED_NAMES, ROOT_NAMES
from homeroom.mocks.canvas.shapes.account import QUOTAS_MB, account_json
from homeroom.mocks.canvas.shapes.common import sight
from homeroom.mocks.canvas.stickiness import write_by_hand
from homeroom.mocks.canvas.store import Account
from homeroom.mocks.canvas.tokens import known_rights
from homeroom.mocks.canvas.world import CanvasWorld, current_world
from homeroom.mocks.harness.request import Answer

READERS = ("read_sis", "manage_sis", "import_sis", "manage_account_settings", "read_course_list")
LIMIT_NAME = "sis_assignment_name_length_input"


def read_account(value: str) -> Account:
    """Return an account that the caller may look at; raises Canvas's refusals."""
    account = get_account(value)
    if not auth.is_admin():  # admins of the root account look at all of it, whatever their rights
        auth.require(*READERS, context=account)
    return account


async def list_accounts() -> Answer:
    """Answer listAccounts: those the caller administers; for people without such a role none."""
    world = current_world()
    mine = (
        [world.store.root_account]
        if auth.is_admin()
        else [
            world.store.accounts.get(one.account_id)
            for one in world.store.account_users
            if one.user_id == auth.current_principal().user_id and one.workflow_state == "active"
        ]
    )
    sees = sight(None)
    return paged(mine, lambda one: account_json(world, one, sees))


async def get_account_by_id(account_id: str) -> Answer:
    """Answer getAccountById."""
    account = read_account(account_id)
    return account_json(current_world(), account, sight(account))


async def get_account_permissions(account_id: str) -> Answer:
    """Answer getAccountPermissions: which of the named rights the caller has; of all, unnamed."""
    account = read_account(account_id)
    names = texts("permissions") or known_rights()
    return {name: auth.holds(name, account) for name in names}


async def list_sub_accounts(account_id: str) -> Answer:
    """Answer listSubAccounts: the children, or with `recursive` all below."""
    world, account = current_world(), read_account(account_id)
    below = world.store.account_ids_below(account.id) - {account.id}
    recursive = flag("recursive")
    chosen = [
        one
        for one in world.store.accounts
        if one.workflow_state != "deleted"
        and (one.id in below if recursive else one.parent_account_id == account.id)
    ]
    if to_text(params().get("order")) == "name":
        chosen.sort(key=lambda one: one.name.lower())
    sees = sight(account)
    return paged(chosen, lambda one: account_json(world, one, sees))


async def create_sub_account(account_id: str) -> Answer:
    """Answer createSubAccount; its SIS id only from those who manage SIS data."""
    world, parent = current_world(), get_account(account_id)
    auth.require("manage_account_settings", context=parent)
    asked = required_group("account")
    name = to_text(asked.get("name"))
    if name is None:
        raise invalid_fields({"name": "is too short (minimum is 1 character)"})
    sis_id = to_text(asked.get("sis_account_id")) if auth.manages_sis(parent) else None
    if sis_id is not None and sis_id in world.store.accounts.by_sis_id:
        raise invalid_fields({"sis_source_id": f'SIS ID "{sis_id}" is already in use'})
    now, number = world.now(), world.store.accounts.next_id
    account = world.store.accounts.add(
        Account(
            id=number,
            name=name,
            parent_account_id=parent.id,
            sis_source_id=sis_id,
            uuid=world.store.uuid("account", number),
            quotas_mb=_quotas(asked),
            created_at=now,
            updated_at=now,
        )
    )
    return account_json(world, account, sight(account))


async def update_account(account_id: str) -> Answer:
    """Answer updateAccount: name, time zone, SIS id, and settings."""
    world, account = current_world(), get_account(account_id)
    auth.require("manage_account_settings", context=account)
    asked = group("account")
    changes: dict[str, Any] = {}
    if (name := to_text(asked.get("name"))) is not None:
        changes["name"] = name
    if (zone := to_text(asked.get("default_time_zone"))) is not None:
        changes["default_time_zone"] = zone
    write_by_hand(account, at=world.now(), **changes)
    account.quotas_mb |= _quotas(asked)
    if "sis_account_id" in asked and auth.manages_sis(account) and account.parent_account_id:
        sis_id = to_text(asked["sis_account_id"])
        if sis_id is not None and world.store.accounts.by_sis_id.get(sis_id) not in (None, account):
            raise invalid_fields({"sis_source_id": f'SIS ID "{sis_id}" is already in use'})
        world.store.accounts.set_sis_id(account, sis_id)
    settings = asked.get("settings")
    if isinstance(settings, dict):
        _write_settings(world, account, cast("dict[str, Any]", settings))
    return account_json(world, account, sight(account))


def _quotas(asked: dict[str, Any]) -> dict[str, int]:
    given = {name: to_integer(asked.get(name)) for name in QUOTAS_MB}
    return {name: quota for name, quota in given.items() if quota is not None}


def _write_settings(world: CanvasWorld, account: Account, asked: dict[str, Any]) -> None:
    for name in INHERITED_NAMES & asked.keys():
        given = asked[name]
        given = cast("dict[str, Any]", given) if isinstance(given, dict) else {"value": given}
        held = dict(account.settings.get(name, {"locked": False}))
        if "value" in given:
            held["value"] = (
                _name_limit(given["value"]) if name == LIMIT_NAME else bool(to_flag(given["value"]))
            )
        if "locked" in given:
            held["locked"] = bool(to_flag(given["locked"]))
        held.setdefault("value", world.settings.of_account(account.id, name))
        account.settings[name] = held
    if account.parent_account_id is None:
        for name in ROOT_NAMES & asked.keys():
            value = asked[name]
            account.settings[name] = to_text(value) if name == "sis_name" else bool(to_flag(value))
    account.updated_at = world.now()


def _name_limit(value: Any) -> str:
    """Return a title limit as stored: what is no whole number from 0 to 255 becomes 255."""
    shown = to_text(value) or ""
    return shown if re.fullmatch(r"\d{1,3}", shown) and int(shown) <= 255 else "255"


async def get_account_settings(account_id: str) -> Answer:
    """Answer getAccountSettings: the settings that are about SIS, as they apply here."""
    world, account = current_world(), get_account(account_id)
    auth.require("manage_account_settings", context=account)
    shown: dict[str, Any] = {}
    for name in sorted(INHERITED_NAMES):
        own = account.settings.get(name)
        shown[name] = {
            "value": world.settings.of_account(account.id, name),
            "locked": bool(own["locked"]) if own else False,
        }
    if account.parent_account_id is None:
        shown |= {name: account.settings[name] for name in sorted(ROOT_NAMES)}
    return shown
