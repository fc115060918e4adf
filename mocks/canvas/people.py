"""Logins and people as account admins change them by hand."""

from collections.abc import Mapping
from typing import Any

from homeroom.mocks.canvas import auth
from homeroom.mocks.canvas.errors import field_error
from homeroom.mocks.canvas.params import to_text
from homeroom.mocks.canvas.stickiness import write_by_hand
from homeroom.mocks.canvas.store import Account, Pseudonym, User
from homeroom.mocks.canvas.world import CanvasWorld

TOO_SHORT = "is too short (minimum is 1 character)"
TAKEN = "ID already in use for this account and authentication provider"
MAX_LOGIN = 100
TOO_LONG = f"is too long (maximum is {MAX_LOGIN} characters)"
_KINDS = {TAKEN: "taken", TOO_SHORT: "too_short", TOO_LONG: "too_long"}


def is_listed(user: User) -> bool:
    """Tell whether the account counts a user among its people."""
    return any(login.workflow_state != "deleted" for login in user.logins) or any(
        enrollment.workflow_state != "deleted" for enrollment in user.enrollments
    )


def people_below(world: CanvasWorld, account: Account) -> list[User]:
    """Return the people of an account: of a sub-account those enrolled in its courses."""
    store = world.store
    admins = {
        one.user_id: one.account_id for one in store.account_users if one.workflow_state == "active"
    }
    if account is store.root_account:
        return [
            user
            for user in store.users
            if user.workflow_state != "deleted" and (is_listed(user) or user.id in admins)
        ]
    below = store.account_ids_below(account.id)
    courses = {course.id for course in store.courses if course.account_id in below}
    return [
        user
        for user in store.users
        if user.workflow_state != "deleted"
        and (
            admins.get(user.id) in below
            or any(
                one.course_id in courses and one.workflow_state != "deleted"
                for one in user.enrollments
            )
        )
    ]


def login_errors(
    world: CanvasWorld, unique_id: str, sis_user_id: str | None, login: Pseudonym | None
) -> dict[str, str]:
    """Return what is wrong with a login's name and SIS id, by field."""
    table, errors = world.store.pseudonyms, dict[str, str]()
    if not unique_id:
        errors["unique_id"] = TOO_SHORT
    elif len(unique_id) > MAX_LOGIN:
        errors["unique_id"] = TOO_LONG
    elif any(
        other is not login and other.workflow_state != "deleted"
        for other in table.of_login(unique_id)
    ):
        errors["unique_id"] = TAKEN
    if sis_user_id is not None and table.by_sis_id.get(sis_user_id) not in (None, login):
        errors["sis_user_id"] = f'SIS ID "{sis_user_id}" is already in use'
    return errors


def shown_errors(errors: Mapping[str, str]) -> dict[str, list[dict[str, Any]]]:
    """Write what `login_errors` found as Canvas does: field by field, each with its kind."""
    return {
        field: [field_error(field, message, kind=_KINDS.get(message))]
        for field, message in errors.items()
    }


def add_login(world: CanvasWorld, user: User, asked: dict[str, Any]) -> Pseudonym:
    """Add a login by hand; SIS columns only from those who manage SIS data."""
    now, manages = world.now(), auth.manages_sis()
    return world.store.add_pseudonym(
        Pseudonym(
            id=world.store.pseudonyms.next_id,
            user_id=user.id,
            account_id=world.store.root_account.id,
            unique_id=to_text(asked.get("unique_id")) or "",
            sis_user_id=to_text(asked.get("sis_user_id")) if manages else None,
            integration_id=to_text(asked.get("integration_id")) if manages else None,
            declared_user_type=to_text(asked.get("declared_user_type")),
            password="user" if asked.get("password") else None,
            created_at=now,
            updated_at=now,
        )
    )


def delete_login(world: CanvasWorld, login: Pseudonym) -> None:
    """Delete a login by hand, which sticks; the last one takes the user's enrollments along."""
    now, user = world.now(), world.store.users.get(login.user_id)
    write_by_hand(login, at=now, workflow_state="deleted")
    if any(other.workflow_state != "deleted" for other in user.logins):
        return
    for enrollment in user.enrollments:
        if enrollment.workflow_state != "deleted":
            enrollment.workflow_state, enrollment.updated_at = "deleted", now
    for adminship in world.store.account_users:
        if adminship.user_id == user.id and adminship.workflow_state != "deleted":
            adminship.workflow_state, adminship.updated_at = "deleted", now
