"""Changes to the records of a district, and the district that comes of them."""

from collections.abc import Iterable
from dataclasses import dataclass

from homeroom.mocks.district.district import District, district_of_rows
from homeroom.mocks.district.records import COLLECTIONS, Record
from homeroom.mocks.district.rows import RowTable


@dataclass(frozen=True, slots=True)
class Change:
    """One record as it stands from now on, or one that is no longer served at all."""

    collection: str
    record: Record
    gone: bool = False
    """Absent from the feed from now on, without having been tobedeleted first."""


def changed(district: District, changes: Iterable[Change]) -> District:
    """Return a district as it stands after changes, all of it held as rows."""
    rows: dict[str, dict[str, Record]] = {}
    for collection in COLLECTIONS:
        table = district.tables[collection]
        records = map(table.record, range(len(table)))
        rows[collection] = {record.sourced_id: record for record in records}
    for change in changes:
        if change.gone:
            rows[change.collection].pop(change.record.sourced_id, None)
        else:
            rows[change.collection][change.record.sourced_id] = change.record
    tables = {collection: RowTable(list(by_id.values())) for collection, by_id in rows.items()}
    return district_of_rows(
        tables, name=district.name, seed=district.seed, generated=district.generated
    )
