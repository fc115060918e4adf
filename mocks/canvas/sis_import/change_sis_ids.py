"""change_sis_id.csv: other SIS and integration ids for objects that exist."""

from collections.abc import Callable
from typing import Any

from homeroom.mocks.canvas.sis_import.context import Importer, RowRefusedError
from homeroom.mocks.canvas.sis_import.csv_files import Row

TYPES = {
    name.replace("_", ""): name
    for name in ("user", "course", "section", "term", "account", "group", "group_category")
}
"""By how a row may write them: neither case nor spaces count."""


class ChangeSisIdImporter(Importer):
    """Processed first: the other files of the upload must use the new ids. No stickiness."""

    kind = "change_sis_id"

    def import_row(self, row: Row) -> bool:
        """Re-key one object."""
        written = row["type"]
        if written is None:
            raise RowRefusedError("No type given for change_sis_id")
        old_id, old_integration_id = row["old_id"], row["old_integration_id"]
        new_id, new_integration_id = row["new_id"], row["new_integration_id"]
        if old_id is None and old_integration_id is None:
            raise RowRefusedError("No old_id or old_integration_id given for change_sis_id")
        if new_id is None and new_integration_id is None:
            raise RowRefusedError("No new_id or new_integration_id given for change_sis_id")
        kind = TYPES.get(written.lower().replace(" ", "").replace("_", ""))
        if kind is None:
            raise RowRefusedError(f"Invalid type '{written}' for change_sis_id")
        if kind == "group_category" and (old_integration_id or new_integration_id):
            raise RowRefusedError("Group categories should not have integration IDs.")
        table = self._table(kind)
        found = self._find(table, kind, old_id, old_integration_id)
        self._check_free(table, kind, row)
        if new_id is not None:
            table.set_sis_id(found, new_id)
        if new_integration_id is not None:
            cleared = new_integration_id == "<delete>"
            table.set_integration_id(found, None if cleared else new_integration_id)
        found.sis_batch_id = self.context.batch.id
        found.updated_at = self.context.now
        return True

    def _table(self, kind: str) -> Any:
        store = self.store
        tables: dict[str, Callable[[], Any]] = {
            "user": lambda: store.pseudonyms,
            "course": lambda: store.courses,
            "section": lambda: store.sections,
            "term": lambda: store.terms,
            "account": lambda: store.accounts,
            "group": lambda: store.groups,
            "group_category": lambda: store.group_categories,
        }
        return tables[kind]()

    @staticmethod
    def _find(table: Any, kind: str, old_id: str | None, old_integration_id: str | None) -> Any:
        by_id = table.by_sis_id.get(old_id)
        by_integration = table.by_integration_id.get(old_integration_id)
        if by_id is None and by_integration is None:
            named, value = (
                ("old_integration_id", old_integration_id) if old_id is None else ("old_id", old_id)
            )
            raise RowRefusedError(
                f"An {named}, '{value}', referenced a non-existent {kind} and was not changed."
            )
        if old_id is not None and old_integration_id is not None and by_id is not by_integration:
            raise RowRefusedError(
                f"An old_id, '{old_id}', referenced a different {kind} than the "
                f"old_integration_id, '{old_integration_id}'"
            )
        return by_id if by_id is not None else by_integration

    @staticmethod
    def _check_free(table: Any, kind: str, row: Row) -> None:
        """Refuse new ids that something has, be it what the row is about."""
        new_id, new_integration_id = row["new_id"], row["new_integration_id"]
        column = "sis_user_id" if kind == "user" else "sis_source_id"
        if new_id is not None and new_id in table.by_sis_id:
            raise RowRefusedError(
                f"A new_id, '{new_id}', referenced an existing {kind} and the {kind} with "
                f"{column} '{row['old_id'] or ''}' was not updated"
            )
        if new_integration_id is not None and new_integration_id in table.by_integration_id:
            raise RowRefusedError(
                f"A new_integration_id, '{new_integration_id}', referenced an existing {kind} "
                f"and the {kind} with integration_id '{row['old_integration_id'] or ''}' "
                "was not updated"
            )
