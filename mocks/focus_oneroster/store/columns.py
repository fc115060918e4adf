"""Filter clauses answered from a district's columns instead of row by row."""

from collections.abc import Callable, Mapping
from operator import eq, ge, gt, le, lt, ne
from typing import Any

import numpy as np

from homeroom.mocks.district.columns import NO_CODE, NO_DAY
from homeroom.mocks.district.rows import RowTable
from homeroom.mocks.district.tables import Table
from homeroom.mocks.focus_oneroster.model import MODELS, Kind
from homeroom.mocks.focus_oneroster.query.filters import Clause
from homeroom.mocks.focus_oneroster.query.values import matcher, to_instant
from homeroom.mocks.focus_oneroster.store.rows import Handles
from homeroom.mocks.focus_oneroster.store.store import Mask, OnBase, Store

_OPERATORS: Mapping[str, Callable[[Any, Any], Any]] = {
    "=": eq, "!=": ne, ">": gt, ">=": ge, "<": lt, "<=": le,
}  # fmt: skip
_DAY_S = 86_400


def column_test(store: Store, name: str, clause: Clause, *, case_sensitive: bool) -> OnBase | None:
    """Return the test of a clause on untouched handles, or None where no column can tell."""
    rows = store.rows[name]
    field = MODELS[name].fields[clause.path[0]]
    table = rows.table
    if table is None or not rows.base:
        return None
    if field.name == "dateLastModified":
        return _modified_test(table, rows.since, clause)
    if field.kind is Kind.DATE and name == "enrollments":
        return _day_test(store, field.name, clause)
    if field.kind is Kind.TOKEN:
        return _token_test(store, name, clause, table, case_sensitive=case_sensitive)
    if field.kind is Kind.REF and clause.path[1:] in ((), ("sourcedId",)):
        return _reference_test(store, name, clause, case_sensitive=case_sensitive)
    if field.kind is Kind.REFS and clause.path[1:] in ((), ("sourcedId",)):
        return _membership_test(store, name, clause, case_sensitive=case_sensitive)
    if field.name == "sourcedId" and clause.predicate == "=":
        return _identity_test(table, clause, case_sensitive=case_sensitive)
    return None


def _modified_test(table: Table, since: str, clause: Clause) -> OnBase | None:
    if clause.predicate == "~":
        return None
    modified, never = table.modified, round((to_instant(since) or 0) * 1000)
    return _instant_test(lambda handles: modified[handles], 0, never, 1 / 1000, clause)


def _day_test(store: Store, field: str, clause: Clause) -> OnBase | None:
    if clause.predicate == "~":
        return None
    columns = store.district.columns.enrollments
    days = columns.begin_day if field == "beginDate" else columns.end_day
    return _instant_test(lambda handles: days[handles], NO_DAY, None, _DAY_S, clause)


def _instant_test(
    column: Callable[[Handles], Any], none: int, instead: int | None, unit: float, clause: Clause
) -> OnBase:
    """Compare a column of times; `none` marks those without one, read as `instead`."""
    wanted = to_instant(clause.value)
    negated = clause.predicate == "!="
    holds = _OPERATORS[clause.predicate]

    def test(handles: Handles) -> Mask:
        values = column(handles)
        absent = values == none
        if wanted is None:
            return np.full(len(handles), negated)
        if instead is not None:
            values = np.where(absent, instead, values)
        # Multiplying by a fraction would round otherwise than reading the text does.
        seconds = values * unit if unit >= 1 else values / round(1 / unit)
        mask: Mask = holds(seconds, wanted)
        if instead is None:
            mask = np.where(absent, negated, mask)
        return mask

    return test


def _token_test(
    store: Store, name: str, clause: Clause, table: Table, *, case_sensitive: bool
) -> OnBase | None:
    field = MODELS[name].fields[clause.path[0]]
    matches = matcher(field, clause, case_sensitive=case_sensitive)
    negated = clause.predicate == "!="
    if field.name == "status":
        if isinstance(table, RowTable):
            return None  # a file may hold other words than the two
        marked = table.tobedeleted
        lookup = np.array([matches("active"), matches("tobedeleted")]) != negated
        return lambda handles: lookup[marked[handles].astype(np.int8)]
    found = store.codes(name, field.name)
    if found is None or bool((found[0] == NO_CODE).any()):
        return None
    column, vocabulary = found
    lookup = np.array([matches(token) != negated for token in vocabulary])
    return lambda handles: lookup[column[handles]]


def _reference_test(
    store: Store, name: str, clause: Clause, *, case_sensitive: bool
) -> OnBase | None:
    field = MODELS[name].fields[clause.path[0]]
    column = store.column(name, field.name)
    target = store.rows[field.refers_to].table
    if column is None or target is None or bool((column < 0).any()):
        return None
    negated = clause.predicate == "!="
    lookup = np.zeros(len(target), np.bool_)
    if clause.predicate in ("=", "!=") and not isinstance(target, RowTable):
        # A generated district's ids are in lower case, so that case needs no scan.
        wanted = clause.value if case_sensitive else clause.value.lower()
        index = target.find(wanted)
        if index is not None:
            lookup[index] = True
    else:
        matches = matcher(field, clause, case_sensitive=case_sensitive)
        ids = target.sourced_ids(np.arange(len(target))).tolist()
        lookup[:] = [matches(sourced_id.decode()) for sourced_id in ids]
    if negated:
        lookup = ~lookup
    return lambda handles: lookup[column[handles]]


def _membership_test(
    store: Store, name: str, clause: Clause, *, case_sensitive: bool
) -> OnBase | None:
    """Tell who lists one object, such as the users of an org or the classes of a term."""
    rows, field = store.rows[name], MODELS[name].fields[clause.path[0]]
    relation, target = store.relation(name, field.name), store.rows[field.refers_to].table
    is_single = clause.predicate in ("=", "!=") and "," not in clause.value
    if relation is None or target is None or isinstance(target, RowTable) or not is_single:
        return None
    lookup = np.zeros(rows.base, np.bool_)
    wanted = clause.value.strip()
    index = target.find(wanted if case_sensitive else wanted.lower())
    if index is not None:
        lookup[relation[index]] = True
    if clause.predicate == "!=":
        lookup = ~lookup
    return lambda handles: lookup[handles]


def _identity_test(table: Table, clause: Clause, *, case_sensitive: bool) -> OnBase | None:
    if isinstance(table, RowTable):
        return None
    index = table.find(clause.value if case_sensitive else clause.value.lower())
    return lambda handles: handles == (-1 if index is None else index)
