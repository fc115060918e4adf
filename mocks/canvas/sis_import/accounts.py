"""accounts.csv: the tree of sub-accounts."""

from homeroom.mocks.canvas.sis_import.context import (
    Edit,
    Importer,
    RowRefusedError,
    same_state,
    state_change,
    too_long,
)
from homeroom.mocks.canvas.sis_import.csv_files import Row
from homeroom.mocks.canvas.sis_import.keys import set_integration_id, taken_integration_id
from homeroom.mocks.canvas.store import Account


class AccountImporter(Importer):
    """Parents come before their children, in the file or in earlier imports."""

    kind = "account"

    def import_row(self, row: Row) -> bool:
        """Create, change or delete one account."""
        sis_id, status = row["account_id"], row["status"] or ""
        if sis_id is None:
            raise RowRefusedError("No account_id given for an account")
        parent = self._parent(sis_id, row["parent_account_id"])
        account = self.find(self.store.accounts, sis_id)
        name = row["name"]
        if account is None:
            if name is None:
                raise RowRefusedError(f"No name given for account {sis_id}, skipping")
            if same_state(status, "active", "deleted") is None:
                raise RowRefusedError(f'Improper status "{status}" for account {sis_id}, skipping')
        complaint = too_long("Name", name) or taken_integration_id(
            self.store.accounts, account, row["integration_id"]
        )
        if complaint:
            raise RowRefusedError(
                f"An account did not pass validation (account: {sis_id}, error: {complaint})"
            )
        self._check(account, sis_id, parent, same_state(status, "active", "deleted"))
        self._write(account, sis_id, parent, row)
        return True

    def _parent(self, sis_id: str, parent_id: str | None) -> Account:
        if parent_id is None:
            return self.store.root_account
        parent: Account | None = self.find(self.store.accounts, parent_id)
        if parent is None:
            raise RowRefusedError(f"Parent account didn't exist for {sis_id}")
        return parent

    def _check(
        self, account: Account | None, sis_id: str, parent: Account, state: str | None
    ) -> None:
        if account is None:
            return
        if state == "deleted":
            start = f"Cannot delete the sub_account with ID: {sis_id} because it has active "
            if any(
                other.parent_account_id == account.id and other.workflow_state != "deleted"
                for other in self.store.accounts
            ):
                raise RowRefusedError(f"{start}sub accounts.")
            if any(
                course.account_id == account.id and course.workflow_state != "deleted"
                for course in self.store.courses
            ):
                raise RowRefusedError(f"{start}courses.")
        if account.id in {above.id for above in self.store.account_chain(parent.id)}:
            raise RowRefusedError(
                f"Setting account {sis_id}'s parent to {parent.sis_source_id or parent.id} "
                "would create a loop"
            )

    def _write(self, account: Account | None, sis_id: str, parent: Account, row: Row) -> None:
        now = self.context.now
        is_new, old = account is None, None if account is None else account.workflow_state
        if account is None:
            number = self.store.accounts.next_id
            account = self.store.accounts.add(
                Account(
                    id=number,
                    name=row["name"] or "",
                    parent_account_id=parent.id,
                    sis_source_id=sis_id,
                    uuid=self.store.uuid("account", number),
                    created_at=now,
                    updated_at=now,
                )
            )
        edit = Edit(self.context, account, is_new=is_new)
        if row["name"] is not None:
            edit.put("name", row["name"])
        edit.put("parent_account_id", parent.id)
        state = same_state(row["status"] or "", "active", "deleted")
        if state is not None:
            edit.put("workflow_state", state)
        also = set_integration_id(self.store.accounts, account, row["integration_id"])
        edit.save(*also)
        state_change(self.context, "Account", account, old)
