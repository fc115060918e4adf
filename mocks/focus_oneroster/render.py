"""Rows as OneRoster's JSON: hrefs, booleans as strings, absent values left out.

A reference's href begins with the address that the caller used. Whole pages are rendered with a
marker in its place, which is replaced once a page, so that fragments can be kept and reused.
Source: OneRoster reference, sections 2.1 (booleans, absent values) and 2.2 (GUIDRef).
"""

import secrets
from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from urllib.parse import quote

import msgspec

from homeroom.mocks.focus_oneroster.model import MODELS, MULTIPLE, Field, Kind, Model, Row

BASE = f"base:{secrets.token_hex(8)}"
"""Stands for the address of the service in rendered bytes; no data can hold it by accident."""
_BASE_BYTES = BASE.encode()
_encode = msgspec.json.Encoder(decimal_format="number").encode


def reference(collection: str, sourced_id: str) -> dict[str, str]:
    """Make a GUIDRef."""
    return {
        "href": f"{BASE}/{collection}/{quote(sourced_id, safe='')}",
        "sourcedId": sourced_id,
        "type": MODELS[collection].singular,
    }


def to_record(model: Model, row: Row) -> dict[str, Any]:
    """Write a row as the record that is sent; a field without a value is left out."""
    record: dict[str, Any] = {}
    for field in model.fields.values():
        value = row.get(field.name)
        if value is None or (not value and field.kind in MULTIPLE):
            if field.required:
                record[field.name] = [] if field.kind in MULTIPLE else None
            continue
        record[field.name] = _to_wire(field, value)
    return record


def _to_wire(field: Field, value: Any) -> Any:
    match field.kind:
        case Kind.REF:
            return reference(field.refers_to, value)
        case Kind.REFS:
            return [reference(field.refers_to, item) for item in value]
        # Whatever precision came in, line items show instants and results dates: reference, 11 #17.
        case Kind.INSTANT if len(value) == len("YYYY-MM-DD"):
            return f"{value}T00:00:00.000Z"
        case Kind.DATE:
            return value[: len("YYYY-MM-DD")]
        case Kind.FLAG:
            return ("true" if value else "false") if isinstance(value, bool) else value
        case _:
            return value


def encode_records(model: Model, rows: Iterable[Row]) -> bytes:
    """Render rows as JSON objects joined by commas."""
    return _encode([to_record(model, row) for row in rows])[1:-1]


def fill_in(text: bytes, base: str) -> bytes:
    """Put the caller's address where the marker stands."""
    return text.replace(_BASE_BYTES, _encode(base)[1:-1])


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


__all__ = ["BASE", "absent_filled", "encode_records", "fill_in", "reference", "to_record"]
