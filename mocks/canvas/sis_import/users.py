"""users.csv: people, or rather their logins."""

import re
from collections.abc import Sequence

from homeroom.mocks.canvas.sis_import.channels import set_email
from homeroom.mocks.canvas.sis_import.context import (
    Edit,
    Importer,
    RowRefusedError,
    state_change,
    too_long,
)
from homeroom.mocks.canvas.sis_import.csv_files import Row
from homeroom.mocks.canvas.sis_import.names import infer_name, infer_sortable_name
from homeroom.mocks.canvas.sis_import.removal import remove_from_account
from homeroom.mocks.canvas.store import CanvasStore, Pseudonym, User

STATUSES = ("active", "suspended", "deleted")
USER_TYPES = frozenset({
    "administrative", "observer", "staff", "student", "student_other", "teacher"
})  # fmt: skip
MAX_LOGIN = 100
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\ufeff]")
_TRUE = frozenset({"true", "t", "yes", "y", "on", "1"})


def check_ids(row: Row) -> str:
    """Return the user_id of a row of a user or a login. Raises RowRefusedError."""
    user_id = row["user_id"]
    if user_id is None:
        raise RowRefusedError("No user_id given for a user")
    if row["login_id"] is None:
        raise RowRefusedError(f"No login_id given for user {user_id}")
    return user_id


class SilentlySkippedError(Exception):
    """A row that is left out without a word, and not counted."""


class UserImporter(Importer):
    """Rows come a buffer at a time: what rows lack is said before what they clash with."""

    kind = "user"

    def process(self, rows: Sequence[tuple[int, list[str]]]) -> None:
        """Import some rows: check all, then apply those that passed."""
        context = self.context
        context.now = context.clock()
        passed: list[Row] = []
        for line, cells in rows:
            row = Row(line, cells, self.columns)
            if context.skips(row["status"]):
                continue
            try:
                self.check_row(row)
            except RowRefusedError as refused:
                self.warn(str(refused), row)
            else:
                passed.append(row)
        for row in passed:
            try:
                self.apply_row(row)
            except SilentlySkippedError:
                continue
            except RowRefusedError as refused:
                self.warn(str(refused), row)
            else:
                context.counts[self.count_key] += 1

    def check_row(self, row: Row) -> None:
        """Look at a row by itself; raises RowRefusedError."""
        user_id = check_ids(row)
        status = row["status"]
        if status is None:
            raise RowRefusedError(f"No status given for user {user_id}")
        if not status.lower().startswith(STATUSES):
            raise RowRefusedError(f"Improper status for user {user_id}")
        check_null(row)

    def apply_row(self, row: Row) -> None:
        """Create, change or delete one login and its user."""
        user_id, login_id, status = row["user_id"] or "", row["login_id"] or "", row["status"] or ""
        # The check takes any word that begins well; only the words themselves mean something.
        lowered = status.lower()
        state = lowered if lowered in ("suspended", "deleted") else "active"
        provider = check_provider(row, user_id)
        login = self._find_login(user_id, login_id, state)
        user = None if login is None else self.store.users.get(login.user_id)
        if state == "deleted" and login is not None:
            assert user is not None  # noqa: S101 -- a login has a user
            self._check_removal(login, user, user_id)
        check_login(self.store, login, row, user_id)
        user = self._write_user(user, row, user_id)
        login, old = self._write_login(login, user, row, state, provider)
        state_change(self.context, "Pseudonym", login, old)
        if state == "deleted" and all(one.workflow_state == "deleted" for one in user.logins):
            remove_from_account(self.context, user)
        self._write_email(user, login, row, state)

    def _find_login(self, user_id: str, login_id: str, state: str) -> Pseudonym | None:
        table = self.store.pseudonyms
        login = table.by_sis_id.get(user_id)
        named = next(
            (one for one in table.of_login(login_id) if one.workflow_state != "deleted"), None
        )
        if login is None:
            login = named
            if (
                login is not None
                and login.sis_user_id not in (None, user_id)
                and not self.context.batch.update_sis_id_if_login_claimed
            ):
                raise claimed(named, user_id)
        elif named is not None and named is not login and state != "deleted":
            raise claimed(named, user_id)
        return login

    def _check_removal(self, login: Pseudonym, user: User, user_id: str) -> None:
        if user.id == self.context.batch.user_id:
            raise RowRefusedError(f"Can't remove yourself user_id '{user_id}'")
        if login.workflow_state == "deleted":
            raise SilentlySkippedError

    def _write_user(self, user: User | None, row: Row, user_id: str) -> User:
        context = self.context
        is_new = user is None
        parts = {
            "full_name": row["full_name"],
            "first_name": row["first_name"],
            "last_name": row["last_name"],
        }
        name = infer_name(
            **parts,
            prior=None if user is None else user.name,
            others=(row["sortable_name"], row["short_name"], row["login_id"]),
        )
        sortable = infer_sortable_name(
            sortable=row["sortable_name"],
            **parts,
            prior=None if user is None else user.sortable_name,
            name=name,
        )
        given = (("Name", name), ("Sortable name", sortable), ("Short name", row["short_name"]))
        for label, value in given:
            if complaint := too_long(label, value):
                raise RowRefusedError(
                    f"A user did not pass validation (user: {user_id}, error: {complaint})"
                )
        notify = (row["canvas_password_notification"] or "").lower() in _TRUE
        state = "pre_registered" if notify and is_new else "registered"
        if user is None:
            user = self.store.add_user(
                User(
                    id=self.store.users.next_id,
                    name=name,
                    sortable_name=sortable,
                    short_name=row["short_name"] or name,
                    workflow_state=state,
                    created_at=context.now,
                    updated_at=context.now,
                )
            )
        edit = UserEdit(context, user, is_new=is_new)
        # Canvas keeps no short name until one is given: it shows the name there, whatever it is.
        follows = user.short_name == user.name
        edit.put("name", name)
        edit.put("sortable_name", sortable)
        edit.put("short_name", row["short_name"] or (user.name if follows else user.short_name))
        if user.workflow_state == "deleted":
            edit.put("workflow_state", state)
        pronouns = row["pronouns"]
        if pronouns is not None:
            edit.put("pronouns", None if pronouns == "<delete>" else pronouns)
        edit.save()
        return user

    def _write_login(
        self, login: Pseudonym | None, user: User, row: Row, state: str, provider: int | None
    ) -> tuple[Pseudonym, str | None]:
        table, context = self.store.pseudonyms, self.context
        is_new, old = login is None, None if login is None else login.workflow_state
        if login is None:
            login = self.store.add_pseudonym(
                Pseudonym(
                    id=table.next_id,
                    user_id=user.id,
                    account_id=self.store.root_account.id,
                    unique_id=row["login_id"] or "",
                    sis_user_id=row["user_id"],
                    workflow_state=state,
                    created_at=context.now,
                    updated_at=context.now,
                )
            )
        edit = Edit(context, login, is_new=is_new)
        also: list[str] = ["unique_id"] if is_new else []
        if edit.may("unique_id") and login.unique_id != row["login_id"]:
            table.set_unique_id(login, row["login_id"] or "")
            also.append("unique_id")
        if login.sis_user_id != row["user_id"]:
            table.set_sis_id(login, row["user_id"])
            also.append("sis_user_id")
        edit.put("workflow_state", state)
        if row["integration_id"] is not None:
            table.set_integration_id(login, row["integration_id"])
        edit.put("authentication_provider_id", provider)
        declared = row["declared_user_type"]
        if declared is not None and (declared in USER_TYPES or declared == "<delete>"):
            edit.put("declared_user_type", None if declared == "<delete>" else declared)
        if (row["password"] or row["ssha_password"]) and login.password in (None, "auto", "sis"):
            login.password = "sis"  # noqa: S105 -- how it was set, never what it is
        edit.save(*also)
        return login, old

    def _write_email(self, user: User, login: Pseudonym, row: Row, state: str) -> None:
        email = row["email"]
        if email is None:
            return
        if not set_email(self.context, user, login, email, retired=state == "deleted"):
            raise RowRefusedError(
                f"The email address associated with user '{row['user_id']}' is invalid "
                f"(email: '{email}')"
            )


class UserEdit(Edit):
    """Users carry no import id of their own: the login does."""

    __slots__ = ()

    def save(self, *also: str) -> None:
        """Mark the user as changed; stickiness as the import asks."""
        user = self.row
        if self.changed or also:
            user.updated_at = self.context.now
        if self.context.clear_stickiness:
            user.stuck = frozenset()
        else:
            self.add_stuck(*also)


def check_null(row: Row) -> None:
    """Refuse a row with a NULL character in any cell."""
    if any("\x00" in cell for cell in row.cells):
        raise RowRefusedError("Some of the fields contain NULL character")


def check_provider(row: Row, user_id: str) -> int | None:
    """Return the authentication provider that a row names; the account has none to name."""
    provider = row["authentication_provider_id"]
    if provider is None or provider == "canvas":
        return None
    raise RowRefusedError(
        f"unrecognized authentication provider {provider} for {user_id}, skipping"
    )


def check_login(store: CanvasStore, login: Pseudonym | None, row: Row, user_id: str) -> None:
    """Refuse a login name that will not do, and an integration id that another login has."""
    login_id, integration_id = row["login_id"] or "", row["integration_id"]
    could_not = f"Could not save the user with user_id: '{user_id}'. "
    if _UNPRINTABLE.search(login_id):
        raise RowRefusedError(f"{could_not}Invalid login_id: '{login_id}'")
    complaint = too_long("unique_id", login_id, MAX_LOGIN) or too_long("sis_user_id", user_id)
    if complaint:
        raise RowRefusedError(f"{could_not}Unknown reason: {complaint}")
    if integration_id is not None:
        holder = store.pseudonyms.by_integration_id.get(integration_id)
        if holder is not None and holder is not login:
            raise RowRefusedError(
                f"An existing Canvas user with the {_name_holder(holder)} has already "
                f"claimed {user_id}'s requested integration_id, skipping"
            )


def claimed(holder: Pseudonym | None, user_id: str) -> RowRefusedError:
    """Say who has the login name already."""
    assert holder is not None  # noqa: S101 -- only called with the holder found
    return RowRefusedError(
        f"An existing Canvas user with the {_name_holder(holder)} has already claimed "
        f"{user_id}'s user_id requested login information, skipping"
    )


def _name_holder(holder: Pseudonym) -> str:
    """Name who has what a row asks for: by SIS id, or by Canvas's where there is none."""
    if holder.sis_user_id is None:
        return f"Canvas ID {holder.user_id}"
    return f"SIS ID {holder.sis_user_id}"
