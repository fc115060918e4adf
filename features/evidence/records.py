"""Judges single records: pure; what is wrong comes as sentences that name ids, not people."""

import re
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from typing import Any

from homeroom.features.evidence.shapes import SHAPES, STATUS, TRUE_FALSE, Ref, Shape

Row = Mapping[str, Any]

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_INSTANT = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:?\d{2})")
_EXACT = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z")
LONGEST_ID = 255


def named(collection: str, row: Row) -> str:
    """Name a record without telling who it is."""
    return f"{collection} {row.get('sourcedId')!s}"


def is_given(value: object) -> bool:
    """Tell whether a field has a value: absent, null and empty are alike."""
    return value is not None and value not in ("", [])


def base_faults(collection: str, row: Row) -> Iterator[str]:
    """Judge sourcedId, status and dateLastModified."""
    for name in ("sourcedId", "status", "dateLastModified"):
        if not isinstance(row.get(name), str) or not row[name]:
            yield f"{named(collection, row)}: {name} is missing"


def id_faults(collection: str, row: Row) -> Iterator[str]:
    """Judge the length of a sourcedId."""
    if len(str(row.get("sourcedId"))) > LONGEST_ID:
        yield f"{named(collection, row)}: its sourcedId is longer than {LONGEST_ID} characters"


def required_faults(collection: str, row: Row) -> Iterator[str]:
    """Judge whether required plain fields are there."""
    shape = SHAPES[collection]
    days = [name for name, required in shape.dates.items() if required]
    flags = [name for name in shape.flags if name == "enabledUser"]
    for name in (*shape.texts, *shape.required_words, *days, *flags):
        if not is_given(row.get(name)):
            yield f"{named(collection, row)}: {name} is missing"


def word_faults(collection: str, row: Row) -> Iterator[str]:
    """Judge fields of a closed vocabulary."""
    words = {"status": STATUS, **SHAPES[collection].words}
    for name, known in words.items():
        value = row.get(name)
        if is_given(value) and value not in known:
            yield f"{named(collection, row)}: {name} is {value!r}"


def type_faults(collection: str, row: Row) -> Iterator[str]:
    """Judge whether strings are strings, lists lists and numbers numbers."""
    shape = SHAPES[collection]
    wanted: dict[str, tuple[type, ...]] = {}
    for name in (*shape.texts, *shape.optional_texts, "sourcedId", "status", "dateLastModified"):
        wanted[name] = (str,)
    wanted |= dict.fromkeys(shape.lists, (list,))
    wanted |= dict.fromkeys(shape.numbers, (int, float))
    wanted["metadata"] = (dict,)
    for name, kinds in wanted.items():
        value = row.get(name)
        if is_given(value) and (not isinstance(value, kinds) or isinstance(value, bool)):
            yield f"{named(collection, row)}: {name} is of type {type(value).__name__}"
    for name in shape.flags:
        value = row.get(name)
        if is_given(value) and str(value).lower() not in TRUE_FALSE:
            yield f"{named(collection, row)}: {name} is {value!r}"


def flag_faults(collection: str, row: Row) -> Iterator[str]:
    """Judge whether flags are the lower-case words, not JSON's booleans."""
    for name in SHAPES[collection].flags:
        value = row.get(name)
        if is_given(value) and value not in TRUE_FALSE:
            yield f"{named(collection, row)}: {name} is {value!r}, not a lower-case word"


def date_faults(collection: str, row: Row) -> Iterator[str]:
    """Judge days, instants and their order."""
    shape = SHAPES[collection]
    for name in shape.dates:
        if is_given(row.get(name)) and not is_day(row[name]):
            yield f"{named(collection, row)}: {name} is {row[name]!r}, no day YYYY-MM-DD"
    for name in shape.moments:
        value = row.get(name)
        if is_given(value) and not (is_day(value) or is_instant(value)):
            yield f"{named(collection, row)}: {name} is {value!r}, neither day nor instant"
    if is_given(row.get("dateLastModified")) and not is_instant(row["dateLastModified"]):
        yield f"{named(collection, row)}: dateLastModified is {row['dateLastModified']!r}"
    first, last = (row.get(name) for name in _span(shape))
    if is_day(first) and is_day(last) and str(first) > str(last):
        yield f"{named(collection, row)}: it ends on {last}, before it begins on {first}"


def year_faults(row: Row) -> Iterator[str]:
    """Judge whether a session's schoolYear is the year in which its school year ends."""
    year, end = str(row.get("schoolYear")), row.get("endDate")
    if not re.fullmatch(r"\d{4}", year):
        yield f"{named('academicSessions', row)}: schoolYear is {year!r}, no year"
    elif row.get("type") == "schoolYear" and is_day(end) and not str(end).startswith(year):
        yield f"{named('academicSessions', row)}: schoolYear is {year}, and it ends on {end}"


def absent_faults(row: Row, collection: str) -> Iterator[str]:
    """Judge whether optional fields without a value are left out."""
    empty = [name for name, value in row.items() if value is None or value in ("", [])]
    shape = SHAPES[collection]
    required = {
        *shape.texts,
        *shape.required_words,
        *(name for name, ref in shape.refs.items() if ref.required or name == "terms"),
    }
    for name in sorted(set(empty) - required):
        yield f"{named(collection, row)}: {name} is there without a value"


def reference_faults(collection: str, row: Row) -> Iterator[str]:
    """Judge whether required references are there and whole."""
    for name, ref in SHAPES[collection].refs.items():
        value = row.get(name)
        if not is_given(value):
            if ref.required:
                yield f"{named(collection, row)}: {name} is missing"
            continue
        for each in value if isinstance(value, list) else [value]:
            yield from _link_faults(collection, row, name, each, ref)


def _link_faults(collection: str, row: Row, name: str, value: Any, ref: Ref) -> Iterator[str]:
    if not isinstance(value, Mapping) or not is_given(value.get("sourcedId")):
        yield f"{named(collection, row)}: {name} has no sourcedId"
        return
    if not str(value.get("href", "")).startswith(("http://", "https://")):
        yield f"{named(collection, row)}: {name} has no absolute href"
    if value.get("type") not in ref.types:
        yield f"{named(collection, row)}: {name} has the type {value.get('type')!r}"


def references(collection: str, row: Row) -> Iterator[tuple[str, str, Row]]:
    """Yield (field, collection referred to, reference) of a record."""
    for name, ref in SHAPES[collection].refs.items():
        value = row.get(name)
        for each in value if isinstance(value, list) else [value]:
            if isinstance(each, Mapping) and is_given(each.get("sourcedId")):
                yield name, ref.collection, each


def ref_id(row: Row, name: str) -> str:
    """Return the sourcedId that a record refers to, empty where it does not."""
    value = row.get(name)
    return str(value.get("sourcedId") or "") if isinstance(value, Mapping) else ""


def is_day(value: object) -> bool:
    """Tell whether a value is a plain day."""
    try:
        return bool(_DAY.fullmatch(str(value))) and bool(date.fromisoformat(str(value)))
    except ValueError:
        return False


def is_instant(value: object) -> bool:
    """Tell whether a value is an instant with its zone."""
    if not _INSTANT.fullmatch(str(value)):
        return False
    try:
        datetime.fromisoformat(str(value))
    except ValueError:
        return False
    return True


def is_exact_instant(value: object) -> bool:
    """Tell whether a value is an instant in UTC with three digits of a second."""
    return bool(_EXACT.fullmatch(str(value)))


def _span(shape: Shape) -> tuple[str, str]:
    return ("startDate", "endDate") if "startDate" in shape.dates else ("beginDate", "endDate")
