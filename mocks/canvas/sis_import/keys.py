"""Integration ids, which most CSV types overwrite every time, with nothing too."""

from typing import Any

from homeroom.mocks.canvas.store import SisTable


def set_integration_id(
    table: SisTable[Any], row: Any, integration_id: str | None
) -> tuple[str, ...]:
    """Overwrite an object's integration id; returns the names of what changed."""
    if row.integration_id == integration_id:
        return ()
    table.set_integration_id(row, integration_id)
    return ("integration_id",)


def taken_integration_id(table: SisTable[Any], row: Any, integration_id: str | None) -> str | None:
    """Return the complaint about an integration id that another object has, or None."""
    if claimed_integration_id(table, row, integration_id):
        return f'Integration ID "{integration_id}" is already in use'
    return None


def claimed_integration_id(table: SisTable[Any], row: Any, integration_id: str | None) -> bool:
    """Tell whether another object has that integration id."""
    if integration_id is None:
        return False
    holder = table.by_integration_id.get(integration_id)
    return holder is not None and holder is not row
