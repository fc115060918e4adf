"""Enrollments rendered from a district's columns: a page is joined from fragments kept per object.

Most of an enrollment's JSON is three references; each is rendered once per object and reused.
Rows that were written since, and districts read from files, take the ordinary way in `render`.
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from homeroom.mocks.district.columns import NO_DAY, NONE, day_text
from homeroom.mocks.district.records import ROLES
from homeroom.mocks.district.rows import RowTable
from homeroom.mocks.focus_oneroster.model import MODELS
from homeroom.mocks.focus_oneroster.render import BASE, encode_records
from homeroom.mocks.focus_oneroster.store.rows import Handles
from homeroom.mocks.focus_oneroster.store.store import Store
from homeroom.mocks.harness.clock import iso_millis

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_ROLES = {code: f',"role":"{role}"'.encode() for code, role in enumerate(ROLES)}
_PRIMARY: Mapping[int, bytes] = {-1: b"", 0: b',"primary":"false"', 1: b',"primary":"true"'}
_STATUS = (
    b'","status":"active","dateLastModified":"',
    b'","status":"tobedeleted","dateLastModified":"',
)


class EnrollmentPages:
    """Renders pages of one store's enrollments."""

    def __init__(self, store: Store) -> None:
        self._store = store
        rows = store.rows["enrollments"]
        self._table = rows.table
        self._fragments: dict[str, dict[int, bytes]] = {
            field: {NONE: f',"{field}":null'.encode()} for field in ("user", "class", "school")
        }
        self._days: dict[tuple[str, int], bytes] = {}
        self.usable = rows.base > 0 and not isinstance(rows.table, RowTable)

    def encode(self, handles: Handles) -> bytes:
        """Render handles as JSON objects joined by commas."""
        rows = self._store.rows["enrollments"]
        if not self.usable:
            return encode_records(rows.model, map(rows.row, handles.tolist()))
        own = handles < rows.base
        if len(touched := rows.touched()):
            own &= ~np.isin(handles, touched)
        if own.all():
            return b",".join(self._encode_own(handles))
        rendered = iter(self._encode_own(handles[own]))
        return b",".join(
            next(rendered) if is_own else encode_records(rows.model, [rows.row(handle)])
            for handle, is_own in zip(handles.tolist(), own.tolist(), strict=True)
        )

    def _encode_own(self, handles: Handles) -> list[bytes]:
        table = self._table
        assert table is not None  # noqa: S101 -- usable only with a table
        columns = self._store.district.columns.enrollments
        parts = zip(
            table.sourced_ids(handles).tolist(),
            [_STATUS[marked] for marked in table.tobedeleted[handles].tolist()],
            self._instants(table.modified[handles]),
            self._references("user", columns.user[handles]),
            self._references("class", columns.class_[handles]),
            self._references("school", columns.school[handles]),
            [_ROLES.get(code, b"") for code in columns.role[handles].tolist()],
            [_PRIMARY[code] for code in columns.primary[handles].tolist()],
            self._dates("beginDate", columns.begin_day[handles]),
            self._dates("endDate", columns.end_day[handles]),
            strict=True,
        )
        return [b'{"sourcedId":"%b%b%b%b%b%b%b%b%b%b}' % part for part in parts]

    def _references(self, field: str, indices: Handles) -> list[bytes]:
        kept = self._fragments[field]
        missing = [index for index in np.unique(indices).tolist() if index not in kept]
        if missing:
            collection = MODELS["enrollments"].fields[field].refers_to
            kind = MODELS[collection].singular
            target = self._store.rows[collection].table
            assert target is not None  # noqa: S101 -- its indices come from a table
            ids = target.sourced_ids(np.array(missing, np.int32)).tolist()
            for index, sourced_id in zip(missing, ids, strict=True):
                text = sourced_id.decode()
                kept[index] = (
                    f',"{field}":{{"href":"{BASE}/{collection}/{text}",'
                    f'"sourcedId":"{text}","type":"{kind}"}}'
                ).encode()
        return [kept[index] for index in indices.tolist()]

    def _instants(self, modified: NDArray[np.int64]) -> list[bytes]:
        since = self._store.rows["enrollments"].since
        texts = {0: f'{since}"'.encode()}
        for millis in np.unique(modified).tolist():
            if millis:
                texts[millis] = f'{iso_millis(_EPOCH + timedelta(milliseconds=millis))}"'.encode()
        return [texts[millis] for millis in modified.tolist()]

    def _dates(self, field: str, days: Handles) -> list[bytes]:
        kept = self._days
        for day in np.unique(days).tolist():
            if (field, day) not in kept:
                text = "" if day == NO_DAY else f',"{field}":"{day_text(day)}"'
                kept[field, day] = text.encode()
        return [kept[field, day] for day in days.tolist()]
