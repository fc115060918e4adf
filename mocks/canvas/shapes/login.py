"""Users by themselves, and their logins. Source: canvas-rest-api.md 4.3."""

from typing import Any

from homeroom.mocks.canvas.shapes.common import Sight, origin, when
from homeroom.mocks.canvas.shapes.user import user_json
from homeroom.mocks.canvas.store import Pseudonym, User
from homeroom.mocks.canvas.world import CanvasWorld

AVATAR = "/images/messages/avatar-50.png"


def login_json(login: Pseudonym, sees: Sight) -> dict[str, Any]:
    """Write a login; SIS columns by right."""
    shown: dict[str, Any] = {
        "id": login.id,
        "user_id": login.user_id,
        "account_id": login.account_id,
        "unique_id": login.unique_id,
    }
    if sees.reads_sis:
        shown["sis_user_id"] = login.sis_user_id
        shown["integration_id"] = login.integration_id
    shown |= {
        "authentication_provider_id": login.authentication_provider_id,
        "created_at": when(login.created_at),
        "workflow_state": login.workflow_state,
        "declared_user_type": login.declared_user_type,
        "authentication_provider_type": None
        if login.authentication_provider_id is None
        else "canvas",
    }
    return shown


def listed_user_json(
    world: CanvasWorld, user: User, sees: Sight, include: frozenset[str]
) -> dict[str, Any]:
    """Write a user as the account's list holds them, with what was asked for."""
    shown = user_json(world, user, sees)
    if "email" in include:
        shown["email"] = world.store.email_of(user)
    if "last_login" in include:
        shown["last_login"] = None
    if "avatar_url" in include:
        shown["avatar_url"] = f"{origin()}{AVATAR}"
    if "locale" in include:
        shown["locale"] = user.locale
    if "time_zone" in include:
        shown["time_zone"] = user.time_zone or world.store.time_zone_of(world.store.root_account)
    if "first_name" in include:
        shown["first_name"] = first_name(user)
    if "last_name" in include:
        shown["last_name"] = last_name(user)
    return shown


def full_user_json(world: CanvasWorld, user: User, sees: Sight, *, is_self: bool) -> dict[str, Any]:
    """Write a user by themself."""
    shown = user_json(world, user, sees)
    shown |= {
        "first_name": first_name(user),
        "last_name": last_name(user),
        "avatar_url": f"{origin()}{AVATAR}",
        "locale": user.locale,
        "effective_locale": user.locale or "en",
        "permissions": {
            "can_update_name": is_self or sees.admin,
            "can_update_avatar": is_self or sees.admin,
            "limit_parent_app_web_access": False,
        },
    }
    if sees.admin or is_self:
        shown["email"] = world.store.email_of(user)
    return shown


def profile_json(world: CanvasWorld, user: User, sees: Sight) -> dict[str, Any]:
    """Write a user's profile."""
    login = world.store.pseudonym_of(user)
    email = world.store.email_of(user)
    shown: dict[str, Any] = {
        "id": user.id,
        "name": user.name,
        "short_name": user.short_name,
        "sortable_name": user.sortable_name,
        "title": None,
        "bio": None,
        "pronunciation": None,
        "primary_email": email,
        "login_id": None if login is None else login.unique_id,
        "avatar_url": f"{origin()}{AVATAR}",
        "time_zone": user.time_zone or world.store.time_zone_of(world.store.root_account),
        "locale": user.locale,
        "effective_locale": user.locale or "en",
        "calendar": {
            "ics": f"{origin()}/feeds/calendars/user_{world.store.uuid('user', user.id)}.ics"
        },
        "lti_user_id": world.store.uuid("user", user.id),
        "k5_user": False,
    }
    if user.pronouns:
        shown["pronouns"] = user.pronouns
    if sees.reads_sis:
        shown["sis_user_id"] = None if login is None else login.sis_user_id
        shown["integration_id"] = None if login is None else login.integration_id
    return shown


def first_name(user: User) -> str:
    """Return the given part of a user's sortable name."""
    return user.sortable_name.partition(",")[2].strip() or user.name


def last_name(user: User) -> str:
    """Return the family part of a user's sortable name."""
    last, comma, _ = user.sortable_name.partition(",")
    return last.strip() if comma else ""
