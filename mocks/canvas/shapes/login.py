"""Users by themselves, and their logins. Source: canvas-rest-api.md 4.3."""

from collections.abc import Callable, Collection
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
    shown = user_json(world, user, sees) | included_json(world, user, include)
    if "email" in include:
        shown["email"] = world.store.email_of(user)
    return shown


def included_json(world: CanvasWorld, user: User, include: Collection[str]) -> dict[str, Any]:
    """Write what every list of people adds to them when asked; an address depends on the list."""
    store = world.store
    values: dict[str, Callable[[], Any]] = {
        "last_login": lambda: None,
        "avatar_url": lambda: f"{origin()}{AVATAR}",
        "locale": lambda: user.locale,
        "time_zone": lambda: user.time_zone or store.time_zone_of(store.root_account),
        "first_name": lambda: first_name(user),
        "last_name": lambda: last_name(user),
        "uuid": lambda: store.uuid("user", user.id),
        "sections": lambda: ", ".join(_section_names(world, user)),
    }
    return {name: value() for name, value in values.items() if name in include}


def _section_names(world: CanvasWorld, user: User) -> list[str]:
    sections = {
        seat.section_id: world.store.sections.get(seat.section_id).name
        for seat in user.enrollments
        if seat.workflow_state != "deleted"
    }
    return list(sections.values())


def full_user_json(
    world: CanvasWorld, user: User, sees: Sight, *, is_self: bool, include: Collection[str] = ()
) -> dict[str, Any]:
    """Write a user by themself."""
    shown = user_json(world, user, sees) | included_json(world, user, include)
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
