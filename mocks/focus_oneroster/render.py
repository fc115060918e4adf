"""Rows as OneRoster's JSON: hrefs, booleans as strings, absent values left out.

A reference's href begins with the address that the caller used. Records are rendered with a marker
in its place, which is replaced once a page, so that references can be kept and reused.
Source: OneRoster reference, sections 2.1 (booleans, absent values) and 2.2 (GUIDRef).
"""

import re
import secrets
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache, lru_cache
from typing import Any
from urllib.parse import quote

import msgspec

from homeroom.mocks.focus_oneroster.model import MODELS, MULTIPLE, Field, Kind, Model, Row
from homeroom.mocks.harness.clock import iso_millis, parse_instant

BASE = f"base:{secrets.token_hex(8)}"
"""Stands for the address of the service in rendered bytes; no data can hold it by accident."""
_BASE_BYTES = BASE.encode()
_encode = msgspec.json.Encoder(decimal_format="number").encode


_PLAIN = re.compile(r"[0-9A-Za-z._~-]*").fullmatch


@lru_cache(maxsize=1 << 16)
def reference(collection: str, sourced_id: str) -> Mapping[str, str]:
    """Make a GUIDRef; it is shared, so nobody may alter it."""
    at = sourced_id if _PLAIN(sourced_id) else quote(sourced_id, safe="")
    return {
        "href": f"{BASE}/{collection}/{at}",
        "sourcedId": sourced_id,
        "type": MODELS[collection].singular,
    }


def to_record(model: Model, row: Row) -> dict[str, Any]:
    """Write a row as the record that is sent; a field without a value is left out."""
    record: dict[str, Any] = {}
    for name, write, required, multiple in _writers(model.name):
        value = row.get(name)
        if value is None or (multiple and not value):
            if required:
                record[name] = [] if multiple else None
        else:
            record[name] = value if write is None else write(value)
    return record


Writer = Callable[[Any], Any]


@cache
def _writers(collection: str) -> tuple[tuple[str, Writer | None, bool, bool], ...]:
    """Return, for each field: its name, how a value is written, required, a list."""
    return tuple(
        (field.name, _writer(field), field.required, field.kind in MULTIPLE)
        for field in MODELS[collection].fields.values()
    )


def _writer(field: Field) -> Writer | None:
    collection = field.refers_to
    match field.kind:
        case Kind.REF:
            return lambda value: reference(collection, value)
        case Kind.REFS:
            return lambda value: [reference(collection, item) for item in value]
        case Kind.INSTANT:
            return to_instant
        case Kind.DATE:
            return _to_date
        case Kind.FLAG:
            return _to_flag
        case _:
            return None


_EXACT = re.compile(r"[0-9-]{10}T[0-9:]{8}[.][0-9]{3}Z").fullmatch


# Whatever precision came in, line items show instants and results dates: reference, 11 #17.
def to_instant(value: str) -> str:
    """Write a date or an instant as the standard has instants: UTC, milliseconds, Z."""
    if _EXACT(value):
        return value
    try:
        return iso_millis(parse_instant(value))
    except (ValueError, OverflowError):
        return value  # from a file: not ours to mend


def _to_date(value: str) -> str:
    return value[: len("YYYY-MM-DD")]


def _to_flag(value: Any) -> Any:
    return ("true" if value else "false") if isinstance(value, bool) else value


def encode_records(model: Model, rows: Iterable[Row], base: str) -> bytes:
    """Render rows as JSON objects joined by commas; hrefs begin with `base`."""
    text = _encode([to_record(model, row) for row in rows])[1:-1]
    return text.replace(_BASE_BYTES, escaped(base).encode())


def escaped(text: str) -> str:
    """Return a text as it stands within the quotes of a JSON string."""
    return _encode(text)[1:-1].decode()


def absent_filled(
    model: Model, record: Mapping[str, Any], style: str, names: Sequence[str] | None
) -> dict[str, Any]:
    """Write absent optional fields as null or empty, as some providers do."""
    filled = dict(record)
    for field in model.fields.values():
        if field.name in filled or (names is not None and field.name not in names):
            continue
        if style == "null":
            filled[field.name] = None
        elif field.kind in MULTIPLE:
            filled[field.name] = []
        elif field.kind not in (Kind.METADATA, Kind.REF, Kind.NUMBER):
            filled[field.name] = ""
    return filled
