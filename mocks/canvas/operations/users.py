"""Users of the account, read and changed by hand."""

from collections.abc import Callable
from typing import Any

from homeroom.mocks.canvas import auth
from homeroom.mocks.canvas.errors import invalid_fields
from homeroom.mocks.canvas.ids import get_account, get_user
from homeroom.mocks.canvas.pagination import paged
from homeroom.mocks.canvas.params import group, text, texts, to_flag, to_text
from homeroom.mocks.canvas.people import (
    add_login,
    delete_login,
    is_listed,
    login_errors,
    people_below,
    shown_errors,
)
from homeroom.mocks.canvas.shapes.common import sight
from homeroom.mocks.canvas.shapes.login import full_user_json, listed_user_json, profile_json
from homeroom.mocks.canvas.shapes.user import user_json
from homeroom.mocks.canvas.sis_import.channels import is_email
from homeroom.mocks.canvas.sis_import.names import sortable_name
from homeroom.mocks.canvas.stickiness import write_by_hand
from homeroom.mocks.canvas.store import Account, CommunicationChannel, User
from homeroom.mocks.canvas.world import CanvasWorld, current_world
from homeroom.mocks.harness.request import Answer, VendorError, current_request

READERS = ("read_roster", "read_sis", "manage_sis", "import_sis", "manage_users")
MIN_SEARCH = 2


async def list_account_users(account_id: str) -> Answer:
    """Answer listAccountUsers: people with a login, an enrollment or an admin role here."""
    world, account = current_world(), get_account(account_id)
    auth.require(*READERS, context=account)
    search = text("search_term")
    if search is not None and len(search) < MIN_SEARCH:
        message = f"{MIN_SEARCH} or more characters is required"
        error = {"field": "search_term", "code": "invalid", "message": message}
        raise VendorError(400, {"errors": [error]})
    chosen = world.listings.of(world, current_request(), lambda: _chosen(world, account, search))
    sees, include = sight(account), frozenset(texts("include"))
    return paged(chosen, lambda user: listed_user_json(world, user, sees, include))


def _chosen(world: CanvasWorld, account: Account, search: str | None) -> list[User]:
    chosen = people_below(world, account)
    if search is not None:
        fits = _matcher(world, search)
        chosen = [user for user in chosen if fits(user)]
    wanted = {_enrollment_type(kind) for kind in texts("enrollment_type")}
    if wanted:
        chosen = [
            user
            for user in chosen
            if any(
                one.type in wanted and one.workflow_state != "deleted" for one in user.enrollments
            )
        ]
    _sort(world, chosen)
    return chosen


def _enrollment_type(kind: str) -> str:
    return kind if kind.endswith("Enrollment") else f"{kind.capitalize()}Enrollment"


def _matcher(world: CanvasWorld, search: str) -> Callable[[User], bool]:
    lowered = search.lower()

    def fits(user: User) -> bool:
        if lowered in user.name.lower() or str(user.id) == search:
            return True
        return (
            any(
                lowered in login.unique_id.lower() or (login.sis_user_id or "").lower() == lowered
                for login in user.logins
                if login.workflow_state != "deleted"
            )
            or lowered in (world.store.email_of(user) or "").lower()
        )

    return fits


def _sort(world: CanvasWorld, users: list[User]) -> None:
    store = world.store

    def sis_id(user: User) -> str:
        login = store.pseudonym_of(user)
        return (login.sis_user_id if login else None) or ""

    keys: dict[str | None, Callable[[User], Any]] = {
        "email": lambda user: (store.email_of(user) or "").lower(),
        "sis_id": sis_id,
        "integration_id": sis_id,
    }

    def by_name(user: User) -> str:
        return user.sortable_name.lower()

    key = keys.get(text("sort"), by_name)
    users.sort(key=lambda user: (key(user), user.id), reverse=text("order") == "desc")


async def get_user_by_id(user_id: str) -> Answer:
    """Answer getUserById."""
    world, user = current_world(), get_user(user_id)
    is_self = user.id == auth.current_principal().user_id
    if not auth.is_self_or_observed(user):
        auth.require(*READERS, context=user)
    return full_user_json(
        world, user, sight(None), is_self=is_self, include=frozenset(texts("include"))
    )


async def get_user_profile(user_id: str) -> Answer:
    """Answer getUserProfile."""
    world, user = current_world(), get_user(user_id)
    if not auth.is_self_or_observed(user):
        auth.require(*READERS, context=user)
    return profile_json(world, user, sight(None))


async def create_account_user(account_id: str) -> Answer:
    """Answer createAccountUser: a user with a login."""
    world, account = current_world(), get_account(account_id)
    auth.require("manage_user_logins", "manage_users", context=account)
    person, login, channel = group("user"), group("pseudonym"), group("communication_channel")
    unique_id = to_text(login.get("unique_id")) or ""
    errors = login_errors(world, unique_id, to_text(login.get("sis_user_id")), None)
    if errors:
        raise VendorError(400, {"errors": _create_errors(errors)})
    address = to_text(channel.get("address")) or (unique_id if is_email(unique_id) else None)
    name = to_text(person.get("name")) or address or unique_id
    user = _add_user(world, person, name, registered=bool(to_flag(person.get("skip_registration"))))
    add_login(world, user, login)
    if address is not None:
        _add_channel(
            world, user, address, confirmed=bool(to_flag(channel.get("skip_confirmation")))
        )
    sees = sight(account)
    return user_json(world, user, sees) | {"locale": user.locale}


def _create_errors(errors: dict[str, str]) -> dict[str, Any]:
    return {
        "user": {},
        "pseudonym": shown_errors(errors),
        "observee": {},
        "pairing_code": {},
        "recaptcha": None,
    }


def _add_user(world: CanvasWorld, person: dict[str, Any], name: str, *, registered: bool) -> User:
    now = world.now()
    return world.store.add_user(
        User(
            id=world.store.users.next_id,
            name=name,
            short_name=to_text(person.get("short_name")) or name,
            sortable_name=to_text(person.get("sortable_name")) or sortable_name(name),
            workflow_state="registered" if registered else "pre_registered",
            locale=to_text(person.get("locale")),
            time_zone=to_text(person.get("time_zone")),
            created_at=now,
            updated_at=now,
        )
    )


def _add_channel(world: CanvasWorld, user: User, address: str, *, confirmed: bool) -> None:
    now = world.now()
    world.store.add_channel(
        CommunicationChannel(
            id=world.store.channels.next_id,
            user_id=user.id,
            path=address,
            position=len(user.channels) + 1,
            workflow_state="active" if confirmed else "unconfirmed",
            created_at=now,
            updated_at=now,
        )
    )


async def update_user(user_id: str) -> Answer:
    """Answer updateUser: names changed by hand stick; a new address is an active one."""
    world, user = current_world(), get_user(user_id)
    if user.id != auth.current_principal().user_id:
        auth.require("manage_user_logins", "manage_users")
    asked = group("user")
    changes: dict[str, Any] = {}
    for field in ("name", "short_name", "sortable_name", "pronouns", "locale", "time_zone"):
        if field in asked:
            value = to_text(asked[field])
            if value is not None or field in ("pronouns", "locale"):
                changes[field] = value
    if (
        "name" in changes
        and "sortable_name" not in changes
        and (user.sortable_name == sortable_name(user.name))
    ):
        changes["sortable_name"] = sortable_name(changes["name"])
    if len(changes.get("name") or "") > 255:
        raise invalid_fields({"name": "is too long (maximum is 255 characters)"})
    follows = user.short_name == user.name and "short_name" not in changes
    write_by_hand(user, at=world.now(), **changes)
    if follows:
        user.short_name = user.name  # there is none until one is given, so none sticks
    address = to_text(asked.get("email"))
    if address is not None:
        if not is_email(address):
            raise invalid_fields({"email": "Email is invalid"})
        _replace_address(world, user, address)
    _follow_event(world, user, to_text(asked.get("event")))
    return full_user_json(world, user, sight(None), is_self=False)


def _follow_event(world: CanvasWorld, user: User, event: str | None) -> None:
    """Suspend or unsuspend every login of a user, as `user[event]` asks; sticks like one's own."""
    wanted = {"suspend": "suspended", "unsuspend": "active"}.get(event or "")
    for login in user.logins:
        if wanted is not None and login.workflow_state != "deleted":
            write_by_hand(login, at=world.now(), workflow_state=wanted)


def _replace_address(world: CanvasWorld, user: User, address: str) -> None:
    now = world.now()
    active = [one for one in user.channels if one.workflow_state == "active"]
    if active:
        active[0].path, active[0].updated_at = address, now
    else:
        _add_channel(world, user, address, confirmed=True)


async def delete_account_user(account_id: str, user_id: str) -> Answer:
    """Answer deleteAccountUser: the user's logins go, and all they had here."""
    world, account = current_world(), get_account(account_id)
    auth.require("manage_user_logins", "manage_users", context=account)
    user = get_user(user_id)
    shown = {
        "user": full_user_json(world, user, sight(account), is_self=False),
        "status": "deleted",
    }
    for login in user.logins:
        delete_login(world, login)
    if not is_listed(user):
        write_by_hand(user, at=world.now(), workflow_state="deleted")
    return shown
