"""admins.csv: admin roles in accounts."""

from homeroom.mocks.canvas.sis_import.context import Importer, RowRefusedError, state_change
from homeroom.mocks.canvas.sis_import.csv_files import Row
from homeroom.mocks.canvas.store import Account, AccountUser, Role


class AdminImporter(Importer):
    """Only admins that a SIS made are deleted by one."""

    kind = "admin"

    def import_row(self, row: Row) -> bool:
        """Give one user an admin role, or take it away."""
        user_id, status = row["user_id"], row["status"]
        if user_id is None:
            raise RowRefusedError("No user_id given for admin")
        if status is None:
            raise RowRefusedError("No status given for admin")
        if row["role_id"] is None and row["role"] is None:
            raise RowRefusedError("No role_id or role given for admin")
        state = status.lower()
        if state not in ("active", "deleted"):
            raise RowRefusedError(f"Invalid status {status} for admin")
        account: Account | None = self.store.root_account
        if row["account_id"] is not None:
            account = self.find(self.store.accounts, row["account_id"])
        if account is None or account.workflow_state == "deleted":
            raise RowRefusedError("Invalid account_id given for admin")
        role = self._role(row)
        login = self.store.pseudonyms.by_sis_id.get(user_id)
        if login is None or login.workflow_state == "deleted":
            raise RowRefusedError(f"Invalid or unknown user_id '{user_id}' for admin")
        is_self = login.user_id == self.context.batch.user_id
        if state == "deleted" and is_self and account is self.store.root_account:
            raise RowRefusedError(f"Can't remove yourself user_id '{user_id}'")
        self._write(account, login.user_id, role, state)
        return True

    def _role(self, row: Row) -> Role:
        role_id, name = row["role_id"], row["role"]
        roles = [
            role
            for role in self.store.roles
            if role.workflow_state not in ("inactive", "deleted")
            and not role.base_role_type.endswith("Enrollment")
        ]
        # An id that is none leaves the name to tell.
        for role in roles:
            if str(role.id) == role_id:
                return role
        for role in roles:
            if role.name == name:
                return role
        if name is not None:
            raise RowRefusedError(f"Invalid role '{name}' for admin")
        raise RowRefusedError(f"Invalid role_id '{role_id}' for admin")

    def _write(self, account: Account, user_id: int, role: Role, state: str) -> None:
        context, table = self.context, self.store.account_users
        held = next(
            (
                one
                for one in table
                if (one.account_id, one.user_id, one.role_id) == (account.id, user_id, role.id)
            ),
            None,
        )
        if state == "deleted" and (held is None or held.sis_batch_id is None):
            return  # not the SIS's to take: silently done, and counted
        old = None if held is None else held.workflow_state
        if held is None:
            held = table.add(
                AccountUser(
                    id=table.next_id,
                    account_id=account.id,
                    user_id=user_id,
                    role_id=role.id,
                    created_at=context.now,
                    updated_at=context.now,
                )
            )
        if held.workflow_state != state:
            held.workflow_state, held.updated_at = state, context.now
        held.sis_batch_id = context.batch.id
        state_change(context, "AccountUser", held, old)
