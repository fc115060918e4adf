"""Enrollments rendered from a district's columns: a page is joined from fragments kept per object.

Most of an enrollment's JSON is three references; each is rendered once per object and reused.
Rows that were written since, and districts read from files, take the ordinary way in `render`.
"""

from collections.abc import Mapping
from functools import cache

import numpy as np
from numpy.typing import NDArray

from homeroom.mocks.district.columns import NO_DAY, NONE, day_text
from homeroom.mocks.district.records import ROLES
from homeroom.mocks.district.rows import RowTable
from homeroom.mocks.focus_oneroster.model import MODELS
from homeroom.mocks.focus_oneroster.render import encode_records, escaped
from homeroom.mocks.focus_oneroster.store.rows import Handles
from homeroom.mocks.focus_oneroster.store.store import Store

_DAY_MS = 86_400_000
_ADDRESSES = 2
_SMALL_PAGE = 500
_ROWS_KEPT = 10_000
_ROLES = {code: f',"role":"{role}"'.encode() for code, role in enumerate(ROLES)}
_PRIMARY: Mapping[int, bytes] = {-1: b"", 0: b',"primary":"false"', 1: b',"primary":"true"'}
_STATUS = (
    b'","status":"active","dateLastModified":"',
    b'","status":"tobedeleted","dateLastModified":"',
)


@cache
def _times() -> NDArray[np.bytes_]:
    """Return the text of every second of a day."""
    return np.array(
        [
            f"{second // 3600:02d}:{second // 60 % 60:02d}:{second % 60:02d}".encode()
            for second in range(86_400)
        ]
    )


class _Kept:
    """What is kept for one address."""

    def __init__(self) -> None:
        fields = ("user", "class", "school")
        self.fields = {field: {NONE: f',"{field}":null'.encode()} for field in fields}
        self.rows: dict[int, bytes] = {}


class EnrollmentPages:
    """Renders pages of one store's enrollments."""

    def __init__(self, store: Store) -> None:
        self._store = store
        rows = store.rows["enrollments"]
        self._table = rows.table
        self._fragments: dict[str, _Kept] = {}
        self._since = f'{rows.since}"'.encode()
        self._days: dict[str, dict[int, bytes]] = {
            field: {} for field in ("dateLastModified", "beginDate", "endDate")
        }
        self.usable = rows.base > 0 and not isinstance(rows.table, RowTable)

    def encode(self, handles: Handles, base: str) -> bytes:
        """Render handles as JSON objects joined by commas; hrefs begin with `base`."""
        rows = self._store.rows["enrollments"]
        if not self.usable:
            return encode_records(rows.model, map(rows.row, handles.tolist()), base)
        own = handles < rows.base
        if len(touched := rows.touched()):
            own &= ~np.isin(handles, touched)
        if own.all():
            return b",".join(self._encode_own(handles, base))
        rendered = iter(self._encode_own(handles[own], base))
        return b",".join(
            next(rendered) if is_own else encode_records(rows.model, [rows.row(handle)], base)
            for handle, is_own in zip(handles.tolist(), own.tolist(), strict=True)
        )

    def _encode_own(self, handles: Handles, base: str) -> list[bytes]:
        """Render untouched rows; those of small pages are kept, for small pages come again."""
        if len(handles) > _SMALL_PAGE:
            return self._rendered(handles, base)
        kept = self._kept(base).rows
        wanted = handles.tolist()
        missing = [handle for handle in wanted if handle not in kept]
        if missing:
            if len(kept) > _ROWS_KEPT:
                kept.clear()
                missing = wanted
            kept.update(
                zip(missing, self._rendered(np.array(missing, np.int32), base), strict=True)
            )
        return [kept[handle] for handle in wanted]

    def _rendered(self, handles: Handles, base: str) -> list[bytes]:
        table = self._table
        assert table is not None  # noqa: S101 -- usable only with a table
        columns = self._store.district.columns.enrollments
        parts = zip(
            table.sourced_ids(handles).tolist(),
            [_STATUS[marked] for marked in table.tobedeleted[handles].tolist()],
            self._instants(table.modified[handles]),
            self._references("user", columns.user[handles], base),
            self._references("class", columns.class_[handles], base),
            self._references("school", columns.school[handles], base),
            [_ROLES.get(code, b"") for code in columns.role[handles].tolist()],
            [_PRIMARY[code] for code in columns.primary[handles].tolist()],
            self._dates("beginDate", columns.begin_day[handles]),
            self._dates("endDate", columns.end_day[handles]),
            strict=True,
        )
        return [b'{"sourcedId":"%b%b%b%b%b%b%b%b%b%b}' % part for part in parts]

    def _references(self, field: str, indices: Handles, base: str) -> list[bytes]:
        kept = self._kept(base).fields[field]
        wanted = indices.tolist()
        missing = {index for index in wanted if index not in kept}
        if missing:
            collection = MODELS["enrollments"].fields[field].refers_to
            kind = MODELS[collection].singular
            target = self._store.rows[collection].table
            assert target is not None  # noqa: S101 -- its indices come from a table
            new = np.fromiter(missing, np.int32)
            for index, sourced_id in zip(new.tolist(), target.sourced_ids(new), strict=True):
                text, at = sourced_id.decode(), escaped(base)
                kept[index] = (
                    f',"{field}":{{"href":"{at}/{collection}/{text}",'
                    f'"sourcedId":"{text}","type":"{kind}"}}'
                ).encode()
        return [kept[index] for index in wanted]

    def _kept(self, base: str) -> _Kept:
        """Return the fragments for one address; few are in use at a time, often just one."""
        kept = self._fragments.get(base)
        if kept is None:
            if len(self._fragments) >= _ADDRESSES:
                self._fragments.pop(next(iter(self._fragments)))
            self._fragments[base] = kept = _Kept()
        return kept

    def _instants(self, modified: NDArray[np.int64]) -> list[bytes]:
        """Write instants: few days, many times of day, so these come from a table."""
        days, millis = np.divmod(modified, _DAY_MS)
        dates = self._days["dateLastModified"]
        for day in set(days.tolist()).difference(dates):
            dates[day] = f"{day_text(day)}T".encode()
        seconds, fractions = np.divmod(millis, 1000)
        parts = zip(days.tolist(), _times()[seconds].tolist(), fractions.tolist(), strict=True)
        texts = [b'%b%b.%03dZ"' % (dates[day], time, rest) for day, time, rest in parts]
        for place in np.flatnonzero(modified == 0).tolist():
            texts[place] = self._since
        return texts

    def _dates(self, field: str, days: Handles) -> list[bytes]:
        kept = self._days[field]
        wanted = days.tolist()
        for day in set(wanted).difference(kept):
            text = "" if day == NO_DAY else f',"{field}":"{day_text(day)}"'
            kept[day] = text.encode()
        return [kept[day] for day in wanted]
