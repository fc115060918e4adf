"""Enrollments rendered from a district's columns: ids and dates put into a template.

Rows that were written since, and districts read from files, take the ordinary way in `render`.
"""

from collections.abc import Mapping
from functools import cache, cached_property, lru_cache

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


@lru_cache(maxsize=16)
def _template(base: str) -> bytes:
    """Return what an enrollment looks like to a caller who knows the service as `base`."""
    text = '{"sourcedId":"%b%b%b'
    for field in MODELS["enrollments"].references:
        kind = MODELS[field.refers_to].singular
        at = f"{escaped(base)}/{field.refers_to}".replace("%", "%%")
        text += f',"{field.name}":{{"href":"{at}/%b","sourcedId":"%b","type":"{kind}"}}'
    return f"{text}%b%b%b%b}}".encode()


class EnrollmentPages:
    """Renders pages of one store's enrollments."""

    def __init__(self, store: Store) -> None:
        self._store = store
        rows = store.rows["enrollments"]
        self._table = rows.table
        self._rows_kept: dict[tuple[str, int], bytes] = {}
        self._since = f'{rows.since}"'.encode()
        self._days: dict[str, dict[int, bytes]] = {
            field: {} for field in ("dateLastModified", "beginDate", "endDate")
        }

    @cached_property
    def usable(self) -> bool:
        """Whether the district is a generated one: all its references lead somewhere."""
        if self._table is None or isinstance(self._table, RowTable) or not len(self._table):
            return False
        columns = self._store.district.columns.enrollments
        return not any(
            bool((column == NONE).any())
            for column in (columns.user, columns.class_, columns.school)
        )

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
        kept = self._rows_kept
        wanted = handles.tolist()
        missing = [handle for handle in wanted if (base, handle) not in kept]
        if missing:
            if len(kept) > _ROWS_KEPT:
                kept.clear()
                missing = wanted
            rendered = self._rendered(np.array(missing, np.int32), base)
            for handle, text in zip(missing, rendered, strict=True):
                kept[base, handle] = text
        return [kept[base, handle] for handle in wanted]

    def _rendered(self, handles: Handles, base: str) -> list[bytes]:
        table = self._table
        assert table is not None  # noqa: S101 -- usable only with a table
        columns = self._store.district.columns.enrollments
        users = self._ids("users", columns.user[handles])
        classes = self._ids("classes", columns.class_[handles])
        schools = self._ids("orgs", columns.school[handles])
        parts = zip(
            table.sourced_ids(handles).tolist(),
            [_STATUS[marked] for marked in table.tobedeleted[handles].tolist()],
            self._instants(table.modified[handles]),
            users,
            users,
            classes,
            classes,
            schools,
            schools,
            [_ROLES.get(code, b"") for code in columns.role[handles].tolist()],
            [_PRIMARY[code] for code in columns.primary[handles].tolist()],
            self._dates("beginDate", columns.begin_day[handles]),
            self._dates("endDate", columns.end_day[handles]),
            strict=True,
        )
        template = _template(base)
        return [template % part for part in parts]

    def _ids(self, collection: str, indices: Handles) -> list[bytes]:
        table = self._store.rows[collection].table
        assert table is not None  # noqa: S101 -- its indices come from a table
        ids: list[bytes] = table.sourced_ids(indices).tolist()
        return ids

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
