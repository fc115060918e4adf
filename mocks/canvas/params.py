"""Parameters as Rails reads them: query string, form and JSON merged, names nested by brackets."""

import re
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any, cast
from urllib.parse import parse_qsl

import msgspec

from homeroom.mocks.canvas.errors import missing_parameter
from homeroom.mocks.harness.request import VendorError, current_request

_TRUE = frozenset({"true", "t", "yes", "y", "on", "1"})
_FALSE = frozenset({"false", "f", "no", "n", "off", "0"})
_STEP = re.compile(r"\[([^\]]*)\]")
_ISO = re.compile(
    r"\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d(\.\d+)?)?\s*(Z|[+-]\d\d:?\d\d)?)?", re.IGNORECASE
)
_WHOLE_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)?")
FORM = "application/x-www-form-urlencoded"
MAX_DEPTH = 32
"""Deeper names are refused by Rack; here they are left out."""


def parse_nested(pairs: Iterable[tuple[str, str]]) -> dict[str, Any]:
    """Build Rails's nested parameters: `a[b]=1` is `{"a": {"b": "1"}}`, `a[]=1` a list."""
    root: dict[str, Any] = {}
    for name, value in pairs:
        head, bracket, rest = name.partition("[")
        steps = _STEP.findall(bracket + rest) if head else []
        if not head or len(steps) > MAX_DEPTH:
            continue
        _put(root, [head, *steps], value)
    return root


def _put(into: dict[str, Any], steps: list[str], value: str) -> None:
    key, rest = steps[0], steps[1:]
    if not rest:
        into[key] = value
        return
    if rest[0] != "":
        held = into.get(key)
        if not isinstance(held, dict):
            held = into[key] = {}
        _put(cast("dict[str, Any]", held), rest, value)
        return
    items = into.get(key)
    if not isinstance(items, list):
        items = into[key] = []
    if len(rest) == 1:
        items.append(value)
        return
    # a[][b]: a new element whenever the last one has that name already.
    child = rest[1:]
    last = items[-1] if items else None
    if not isinstance(last, dict) or (child[0] in last and len(child) == 1):
        last = {}
        items.append(last)
    _put(cast("dict[str, Any]", last), child, value)


def params() -> dict[str, Any]:
    """Return the request's parameters, nested; the body's win over the query's."""
    request = current_request()
    known = request.notes.get("params")
    if known is not None:
        return cast("dict[str, Any]", known)
    merged = parse_nested(request.query)
    body: Any = request.notes.get("form")
    if body is None and request.content_type == FORM:  # of a GET, which has no body elsewhere
        text_body = request.body.decode("utf-8", "replace")
        body = parse_nested(parse_qsl(text_body, keep_blank_values=True))
    elif body is None and request.body.strip() and request.content_type.endswith("json"):
        try:
            body = msgspec.json.decode(request.body)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            error = {"message": "There was a problem in the JSON you submitted"}
            raise VendorError(400, {"errors": [error]}) from None
        if not isinstance(body, dict):
            body = {"_json": body}
    if isinstance(body, dict):
        _merge(merged, cast("dict[str, Any]", body))
    request.notes["params"] = merged
    return merged


def _merge(into: dict[str, Any], other: dict[str, Any]) -> None:
    for key, value in other.items():
        held = into.get(key)
        if isinstance(held, dict) and isinstance(value, dict):
            _merge(cast("dict[str, Any]", held), cast("dict[str, Any]", value))
        else:
            into[key] = value


def group(name: str) -> dict[str, Any]:
    """Return the nested parameters below `name`, such as `assignment`; empty when not given."""
    value = params().get(name)
    return cast("dict[str, Any]", value) if isinstance(value, dict) else {}


def required_group(name: str) -> dict[str, Any]:
    """Return the nested parameters below `name`; raises the 400 when absent, null or empty."""
    if not params().get(name):
        raise missing_parameter(name)
    return group(name)


def to_flag(value: Any) -> bool | None:
    """Read a boolean in any of Canvas's spellings; None when it is none of them."""
    if isinstance(value, bool):
        return value
    if isinstance(value, int | float):
        return bool(value)
    text = str(value).strip().lower() if value is not None else ""
    return True if text in _TRUE else False if text in _FALSE else None


def flag(name: str, *, default: bool = False) -> bool:
    """Return a top-level boolean parameter."""
    value = to_flag(params().get(name))
    return default if value is None else value


def text(name: str) -> str | None:
    """Return a top-level parameter as text, stripped; None when absent or blank."""
    return to_text(params().get(name))


def to_text(value: Any) -> str | None:
    """Read a value as text, stripped; None when absent, blank or nested."""
    if value is None or isinstance(value, dict | list):
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value).strip() or None


def texts(name: str) -> list[str]:
    """Return a list parameter; a single value counts as a list."""
    value = params().get(name)
    return to_texts(value)


def to_texts(value: Any) -> list[str]:
    """Read a value as a list of texts; blank ones are left out."""
    if value is None:
        return []
    if isinstance(value, dict):
        items: list[Any] = list(cast("dict[str, Any]", value).values())
    elif isinstance(value, list):
        items = value
    else:
        items = [value]
    return [item for item in (to_text(one) for one in items) if item is not None]


def to_integer(value: Any) -> int | None:
    """Read a value as Ruby's `to_i` does: leading digits; None when absent or blank."""
    shown = to_text(value)
    if shown is None:
        return None
    match = re.match(r"[+-]?\d{1,18}", shown)
    return int(match[0]) if match else 0


def to_iso_instant(value: Any) -> datetime | None:
    """Read an ISO 8601 date or instant, UTC without a zone; None when it is none."""
    shown = to_text(value)
    if shown is None or not _ISO.fullmatch(shown):
        return None
    try:
        at = datetime.fromisoformat(shown.upper().replace(" ", "T", 1).replace(" ", ""))
    except ValueError:
        return None
    try:
        return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
    except OverflowError:
        return None


def to_whole_instant(value: Any) -> datetime | None:
    """Read an instant written to the second: the only form some of Canvas's checks let through."""
    shown = to_text(value)
    if shown is None or not _WHOLE_INSTANT.fullmatch(shown):
        return None
    return to_iso_instant(shown)
