"""Values of records as filters and sorts see them: typed keys, and the seven comparisons.

Source: OneRoster reference, section 3.3: dates and instants compare in time, numbers as numbers,
strings without regard to case unless the provider says otherwise; a date alone is midnight UTC.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from operator import ge, gt, le, lt
from typing import Any, cast
from urllib.parse import quote

from homeroom.mocks.focus_oneroster.model import MULTIPLE, Field, Kind, Model, Row
from homeroom.mocks.focus_oneroster.query.filters import Clause

_BLANK_FOR_PLUS = re.compile(r" (\d\d:?\d\d)$")
_ORDER: Mapping[str, Callable[[Any, Any], bool]] = {">": gt, ">=": ge, "<": lt, "<=": le}
REF_KEYS = ("sourcedId", "type", "href")
USER_ID_KEYS = ("type", "identifier")


class UnknownFieldError(LookupError):
    """A field that the collection's records do not have; the text is the field as written."""


def to_instant(text: str) -> float | None:
    """Read a date or an instant as seconds since 1970, or return None."""
    # A plus sign of a zone that was not percent-encoded arrives as a blank.
    text = _BLANK_FOR_PLUS.sub(r"+\1", text.strip())
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return None
    return (at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp()


def to_number(value: Any) -> Decimal | None:
    """Read a number, or return None."""
    try:
        number = Decimal(str(value).strip())
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


def to_text(value: Any) -> str:
    """Write one value as the wire has it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def find_field(model: Model, path: Sequence[str]) -> Field:
    """Return the field that a dotted path begins with; raises UnknownFieldError."""
    field = model.fields.get(path[0])
    if field is None:
        raise UnknownFieldError(".".join(path))
    if len(path) > 1:
        known = (
            field.kind is Kind.METADATA
            or (field.refers_to and path[1] in REF_KEYS and len(path) == 2)
            or (field.kind is Kind.USER_IDS and path[1] in USER_ID_KEYS and len(path) == 2)
        )
        if not known:
            raise UnknownFieldError(".".join(path))
    return field


def read(row: Row, field: Field, path: Sequence[str], singular: Mapping[str, str]) -> list[Any]:
    """Return the values at a path: none where there is none, several for a list."""
    value = row.get(field.name)
    if value is None:
        return []
    if field.kind is Kind.METADATA:
        value = _within(value, path[1:])
        if value is None:
            return []
        return list(value) if isinstance(value, list) else [value]
    if field.kind is Kind.DATE:
        # What is stored may be an instant; what is shown, and so what is compared, is its date.
        return [str(value)[: len("YYYY-MM-DD")]]
    values: list[Any] = list(value) if field.kind in MULTIPLE else [value]
    if field.refers_to and path[1:] == ("type",):
        return [singular[field.refers_to]] * len(values)
    if field.refers_to and path[1:] == ("href",):
        return [f"/{field.refers_to}/{quote(item, safe='')}" for item in values]
    if field.kind is Kind.USER_IDS:
        name = path[1] if len(path) > 1 else "identifier"
        return [item[name] for item in values if item.get(name) is not None]
    return values


def _within(value: Any, path: Sequence[str]) -> Any:
    """Return what stands at a path into metadata, whose keys may hold dots: `vendor.key`."""
    if not path:
        return value
    if not isinstance(value, Mapping):
        return None
    inside = cast("Mapping[str, Any]", value)
    for length in range(len(path), 0, -1):
        found = _within(inside.get(".".join(path[:length])), path[length:])
        if found is not None:
            return found
    return None


def matcher(field: Field, clause: Clause, *, case_sensitive: bool) -> Callable[[Any], bool]:
    """Return the test of one value against a clause, for a predicate other than `!=`."""
    fold: Callable[[str], str] = str if case_sensitive else str.casefold
    wanted = fold(clause.value)
    if clause.predicate == "~":
        return lambda value: wanted in fold(to_text(value))
    if field.kind in (Kind.DATE, Kind.INSTANT):
        return _compare(clause, to_instant(clause.value), lambda value: to_instant(str(value)))
    if field.kind is Kind.NUMBER:
        return _compare(clause, to_number(clause.value), to_number)
    as_text = _compare(clause, wanted, lambda value: fold(to_text(value)))
    if field.kind is not Kind.METADATA:
        return as_text
    as_number = _compare(clause, to_number(clause.value), to_number)
    return lambda value: as_number(value) if _is_number(value) else as_text(value)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float | Decimal) and not isinstance(value, bool)


def _compare(clause: Clause, wanted: Any, key: Callable[[Any], Any]) -> Callable[[Any], bool]:
    if wanted is None:
        # A value that is no date or no number equals nothing and comes before and after nothing.
        return lambda _value: False
    if clause.predicate in ("=", "!="):
        return lambda value: bool(key(value) == wanted)
    order = _ORDER[clause.predicate]

    def holds(value: Any) -> bool:
        found = key(value)
        return found is not None and order(found, wanted)

    return holds


def test_of(
    model: Model, clause: Clause, singular: Mapping[str, str], *, case_sensitive: bool
) -> Callable[[Row], bool]:
    """Return the test of a row against a clause; raises UnknownFieldError.

    Lists: `=` asks for all values of the comma list, `~` for any of them, `!=` is not `=`, and an
    order asks it of any element. A single field without a value equals nothing.
    """
    field = find_field(model, clause.path)
    path = clause.path
    if field.kind in MULTIPLE:
        return _test_list(field, clause, singular, case_sensitive=case_sensitive)
    matches = matcher(field, clause, case_sensitive=case_sensitive)
    negated = clause.predicate == "!="

    def holds(row: Row) -> bool:
        return any(matches(value) for value in read(row, field, path, singular)) != negated

    return holds


def _test_list(
    field: Field, clause: Clause, singular: Mapping[str, str], *, case_sensitive: bool
) -> Callable[[Row], bool]:
    fold: Callable[[str], str] = str if case_sensitive else str.casefold
    path = clause.path
    if clause.predicate in _ORDER:
        matches = matcher(field, clause, case_sensitive=case_sensitive)
        return lambda row: any(matches(value) for value in read(row, field, path, singular))
    wanted = {fold(item.strip()) for item in clause.value.split(",")}

    def holds(row: Row) -> bool:
        found = {fold(to_text(value)) for value in read(row, field, path, singular)}
        match clause.predicate:
            case "=":
                return wanted <= found
            case "!=":
                return not wanted <= found
            case _:
                return not wanted.isdisjoint(found)

    return holds


def sort_key(field: Field, value: Any) -> Any:
    """Return what a value is ordered by; None where it has no place in the order."""
    if field.kind in (Kind.DATE, Kind.INSTANT):
        return to_instant(str(value))
    if field.kind is Kind.NUMBER:
        return to_number(value)
    if field.kind is Kind.METADATA:
        # Anything may stand there: numbers in their order, then the rest as text.
        number = to_number(value) if _is_number(value) else None
        return (1, 0, to_text(value)) if number is None else (0, number, "")
    return to_text(value)
