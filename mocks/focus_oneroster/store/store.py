"""All collections of one space, and the questions that views ask across them."""

from collections.abc import Callable, Iterable, Mapping

import numpy as np
from numpy.typing import NDArray

from homeroom.mocks.district import District
from homeroom.mocks.district.columns import Codes, Csr
from homeroom.mocks.district.records import ORG_TYPES, ROLES, SESSION_TYPES
from homeroom.mocks.focus_oneroster.model import MODELS, Row
from homeroom.mocks.focus_oneroster.store.rows import EMPTY, Handles, Rows, to_row

Mask = NDArray[np.bool_]
OnBase = Callable[[Handles], Mask]
OnRow = Callable[[Row], bool]

# The gradebook is written all day long: its rows live in the overlay from the start.
_ABSORBED = ("lineItems", "results")
_VOCABULARIES: Mapping[tuple[str, str], tuple[str, ...]] = {
    ("orgs", "type"): tuple(ORG_TYPES),
    ("academicSessions", "type"): tuple(SESSION_TYPES),
    ("users", "role"): tuple(ROLES),
    ("enrollments", "role"): tuple(ROLES),
}


class Store:
    """The truth of one space's Focus."""

    def __init__(self, district: District, *, since: str) -> None:
        """Hold `district`; `since` dates the records that never were modified."""
        self.district = district
        self.since = since
        self.rows: dict[str, Rows] = {}
        for name, model in MODELS.items():
            table = district.tables.get(name)
            if table is not None and name in _ABSORBED:
                rows = Rows(model, None, since=since)
                for index in range(len(table)):
                    rows.put(to_row(table.record(index), since=since))
            else:
                rows = Rows(model, table, since=since)
            self.rows[name] = rows

    @property
    def version(self) -> int:
        """A number that grows with every write."""
        return sum(rows.version for rows in self.rows.values())

    def evaluate(self, name: str, handles: Handles, on_row: OnRow, on_base: OnBase | None) -> Mask:
        """Test handles: untouched rows of the district by their columns, the others one by one."""
        rows = self.rows[name]
        if on_base is None:
            return np.fromiter((on_row(rows.row(handle)) for handle in handles.tolist()), np.bool_)
        own = handles < rows.base
        mask = np.zeros(len(handles), np.bool_)
        mask[own] = on_base(handles[own])
        one_by_one = ~own
        if len(touched := rows.touched()):
            one_by_one |= np.isin(handles, touched)
        for place in np.flatnonzero(one_by_one).tolist():
            mask[place] = on_row(rows.row(int(handles[place])))
        return mask

    def ids(self, name: str, handles: Handles) -> list[str]:
        """Return the sourcedIds of some handles."""
        rows = self.rows[name]
        own = handles < rows.base
        ids: list[str] = []
        if rows.table is not None and own.any():
            ids.extend(text.decode() for text in rows.table.sourced_ids(handles[own]).tolist())
        ids.extend(rows.row(handle)["sourcedId"] for handle in handles[~own].tolist())
        return ids

    def codes(self, name: str, field: str) -> tuple[Codes, tuple[str, ...]] | None:
        """Return the column of a token field with its vocabulary, or None where there is none."""
        vocabulary = _VOCABULARIES.get((name, field))
        if vocabulary is None:
            return None
        columns = self.district.columns
        match name, field:
            case "orgs", _:
                return columns.orgs.type, vocabulary
            case "academicSessions", _:
                return columns.sessions.type, vocabulary
            case "users", _:
                return columns.users.role, vocabulary
            case _:
                return columns.enrollments.role, vocabulary

    def having(self, name: str, field: str, tokens: Iterable[str], among: Handles) -> Handles:
        """Return those of some handles whose token field is one of `tokens`."""
        wanted = frozenset(tokens)
        found = self.codes(name, field)
        on_base: OnBase | None = None
        if found is not None:
            column, vocabulary = found
            lookup = np.zeros(256, np.bool_)
            lookup[[code for code, token in enumerate(vocabulary) if token in wanted]] = True
            on_base = lambda handles: lookup[column[handles]]  # noqa: E731 -- one expression
        mask = self.evaluate(name, among, lambda row: row.get(field) in wanted, on_base)
        return among[mask]

    def live(self, name: str, among: Handles) -> Handles:
        """Return those of some handles whose status is not tobedeleted."""
        table = self.rows[name].table
        on_base: OnBase | None = None
        if table is not None:
            marked = table.tobedeleted
            on_base = lambda handles: ~marked[handles]  # noqa: E731 -- one expression
        mask = self.evaluate(name, among, lambda row: row["status"] != "tobedeleted", on_base)
        return among[mask]

    def referring(self, name: str, field: str, sourced_id: str) -> Handles:
        """Return the handles of the rows whose reference `field` holds `sourced_id`, ascending."""
        rows = self.rows[name]
        found = EMPTY
        relation = self.relation(name, field)
        if relation is not None and rows.base:
            target = self.rows[rows.model.fields[field].refers_to].table
            index = target.find(sourced_id) if target is not None else None
            if index is not None:
                found = rows.without_touched(relation[index])
        written = list(rows.written(field, sourced_id))
        if not written:
            return found
        return np.union1d(found, np.array(written, np.int32)).astype(np.int32)

    def referring_any(self, name: str, field: str, sourced_ids: Iterable[str]) -> Handles:
        """Return the handles of the rows that refer to any of some objects, ascending."""
        parts = [self.referring(name, field, sourced_id) for sourced_id in sourced_ids]
        if not parts:
            return EMPTY
        return np.unique(np.concatenate(parts)) if len(parts) > 1 else parts[0]

    def relation(self, name: str, field: str) -> Csr | None:
        """Return who refers to whom by a field in the district, or None where it is not kept."""
        relations = self.district.relations
        match name, field:
            case "enrollments", "class":
                return relations.enrollments_of_class
            case "enrollments", "user":
                return relations.enrollments_of_user
            case "enrollments", "school":
                return relations.enrollments_of_school
            case "classes", "course":
                return relations.classes_of_course
            case "classes", "school":
                return relations.classes_of_school
            case "classes", "terms":
                return relations.classes_of_term
            case "users", "orgs":
                return relations.users_of_org
            case "courses", "org":
                return relations.courses_of_org
            case "academicSessions", "parent":
                return relations.children_of_session
            case "orgs", "parent":
                return relations.children_of_org
            case _:
                return None

    def referred(self, name: str, among: Handles, field: str) -> Handles:
        """Return the handles, in `field`'s collection, of what some rows refer to, ascending."""
        rows = self.rows[name]
        target = self.rows[rows.model.fields[field].refers_to]
        column = self.column(name, field)
        own = np.zeros(len(among), np.bool_)
        parts: list[Handles] = []
        if column is not None:
            own = among < rows.base
            if len(touched := rows.touched()):
                own &= ~np.isin(among, touched)
            indices = column[among[own]]
            parts.append(indices[indices >= 0])
        others: list[int] = []
        for handle in among[~own].tolist():
            value = rows.row(handle).get(field)
            for sourced_id in [value] if isinstance(value, str) else value or ():
                found = target.find(sourced_id)
                if found is not None:
                    others.append(found)
        parts.append(np.array(others, np.int32))
        unique = np.unique(np.concatenate(parts)).astype(np.int32)
        return target.without_gone(unique)

    def column(self, name: str, field: str) -> Handles | None:
        """Return the district's column of a single reference, or None where there is none."""
        columns = self.district.columns
        match name, field:
            case "enrollments", "user":
                return columns.enrollments.user
            case "enrollments", "class":
                return columns.enrollments.class_
            case "enrollments", "school":
                return columns.enrollments.school
            case "classes", "course":
                return columns.classes.course
            case "classes", "school":
                return columns.classes.school
            case _:
                return None
