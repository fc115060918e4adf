"""logins.csv: further logins of users that exist."""

from homeroom.mocks.canvas.sis_import.channels import set_email
from homeroom.mocks.canvas.sis_import.context import RowRefusedError, state_change
from homeroom.mocks.canvas.sis_import.csv_files import Row
from homeroom.mocks.canvas.sis_import.users import (
    UserImporter,
    check_ids,
    check_login,
    check_null,
    check_provider,
)
from homeroom.mocks.canvas.store import Pseudonym, User


class LoginImporter(UserImporter):
    """Logins made here are active; users.csv takes them away again."""

    kind = "login"

    def check_row(self, row: Row) -> None:
        """Look at a row by itself; raises RowRefusedError."""
        user_id = check_ids(row)
        if not (
            row["existing_user_id"]
            or row["existing_integration_id"]
            or row["existing_canvas_user_id"]
        ):
            raise RowRefusedError(f"No existing user provided for login with SIS ID {user_id}")
        check_null(row)

    def apply_row(self, row: Row) -> None:
        """Add one login; one that exists is for users.csv to change, the same user's too."""
        user_id, login_id = row["user_id"] or "", row["login_id"] or ""
        table, context = self.store.pseudonyms, self.context
        if user_id in table.by_sis_id or any(
            one.workflow_state != "deleted" for one in table.of_login(login_id)
        ):
            raise RowRefusedError(
                f"An existing Canvas user with the SIS ID {user_id} or login of {login_id} "
                "already exists, skipping"
            )
        user = self._existing_user(row, user_id)
        provider = check_provider(row, user_id)
        check_login(self.store, None, row, user_id)
        login, old = self._write_login(None, user, row, "active", provider)
        state_change(context, "Pseudonym", login, old)
        email = row["email"]
        if email is not None and not set_email(context, user, login, email, retired=False):
            raise RowRefusedError(
                f"The email address associated with user '{user_id}' is invalid (email: '{email}')"
            )

    def _existing_user(self, row: Row, user_id: str) -> User:
        store, found = self.store, list[list[Pseudonym]]()
        if sis_id := row["existing_user_id"]:
            found.append(_live(store.pseudonyms.by_sis_id.get(sis_id)))
        if integration_id := row["existing_integration_id"]:
            found.append(_live(store.pseudonyms.by_integration_id.get(integration_id)))
        if number := row["existing_canvas_user_id"]:
            user = store.users.find(int(number)) if number.isdecimal() else None
            found.append(_live(*(user.logins if user is not None else ())))
        if not any(found):
            raise RowRefusedError(
                f"Could not find the existing user for login with SIS ID {user_id}, skipping"
            )
        for login in found[0]:
            if all(login in others for others in found):
                return store.users.get(login.user_id)
        raise RowRefusedError(
            "An existing user does not match existing user ids provided for login with "
            f"SIS ID {user_id}, skipping"
        )


def _live(*logins: Pseudonym | None) -> list[Pseudonym]:
    return [one for one in logins if one is not None and one.workflow_state != "deleted"]
