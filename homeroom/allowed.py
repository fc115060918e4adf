"""What a value that is not allowed is, and what is allowed instead, told from its declared type."""

import re
from collections.abc import Sequence
from difflib import get_close_matches
from typing import Any

import msgspec
from msgspec import inspect

_WHERE = re.compile(r"(?P<message>.*?)(?: - at `(?:key` in `)?\$(?P<where>.*?)(?:\[\.\.\.\])*`)?")
_STEP = re.compile(r"[^.\[\]]+|\[\d+\]")
_NAMED = (inspect.LiteralType, inspect.EnumType)
# Tables in which secrets may stand: their values are not repeated.
_SECRET = ("oneroster", "canvas")


def explain(error: msgspec.ValidationError, given: Any, kind: Any, within: str = "") -> str:
    """Say in one sentence which setting is wrong, what its value is, and what is allowed.

    Args:
        error: What `msgspec.convert(given, kind)` raised.
        given: The settings as they were read, tables as dicts.
        kind: The type that they were to become.
        within: The name of the table that they are.
    """
    found = _WHERE.fullmatch(str(error))
    message, where = (found["message"], found["where"] or "") if found else (str(error), "")
    name = ".".join(filter(None, [within, where.lstrip(".")]))
    value, type_ = given, inspect.type_info(kind)
    for step in _STEP.findall(where):
        value, type_ = _inside(value, type_, step)
    unknown = re.fullmatch(r"Object contains unknown field `(.*)`", message)
    if unknown is not None and isinstance(type_, inspect.StructType):
        names = [field.encode_name for field in type_.fields]
        near = get_close_matches(unknown[1], names, n=1)
        told = f"there is no setting {unknown[1]!r}"
        told += f"; did you mean {near[0]}?" if near else ""
        return f"{name}: {told}; known are {', '.join(names)}".removeprefix(": ")
    if not name or message.startswith("Object missing"):
        return f"{name or 'file'}: {message}"
    shown = "not" if name.startswith(_SECRET) else f"{value!r}; allowed is"
    return f"{name} is {shown} {_allowed(type_)}"


def _inside(value: Any, type_: Any, step: str) -> tuple[Any, Any]:
    """Go one step into a value and its type."""
    type_ = _bare(type_)
    if isinstance(type_, inspect.StructType):
        types = {field.encode_name: field.type for field in type_.fields}
        inner = types.get(step, type_)
    elif isinstance(type_, inspect.DictType):
        inner = type_.value_type
    else:
        inner = getattr(type_, "item_type", type_)
    if isinstance(value, dict):
        value = value.get(step, value)
    elif isinstance(value, list) and step[1:-1].isdigit():
        value = value[int(step[1:-1])]
    return value, inner


def _bare(type_: Any) -> Any:
    """Take off what says nothing of the shape: metadata, and that None is allowed, too."""
    if isinstance(type_, inspect.Metadata):
        return _bare(type_.type)
    if isinstance(type_, inspect.UnionType):
        rest = [each for each in type_.types if not isinstance(each, inspect.NoneType)]
        return _bare(rest[0]) if len(rest) == 1 else type_
    return type_


def _allowed(type_: Any) -> str:
    type_ = _bare(type_)
    match type_:
        case inspect.BoolType():
            return "true or false"
        case inspect.IntType() | inspect.FloatType():
            what = "a whole number" if isinstance(type_, inspect.IntType) else "a number"
            return f"{what}{_bounds(type_)}"
        case inspect.StrType():
            longest = f" of up to {type_.max_length} characters" if type_.max_length else ""
            return f"a text{longest}{', not blank' if type_.min_length else ''}"
        case inspect.DateType():
            return "a date such as 2027-01-31"
        case inspect.EnumType():
            return _one_of([each.value for each in type_.cls])
        case inspect.LiteralType():
            return _one_of(list(type_.values))
        case inspect.UnionType():
            return " or ".join(map(_allowed, type_.types))
        case inspect.DictType():
            key = _bare(type_.key_type)
            names = f" with {_allowed(key)}" if isinstance(key, _NAMED) else ""
            return f"a table{names}, each of them {_allowed(type_.value_type)}"
        case inspect.VarTupleType() | inspect.ListType():
            some = ", not empty" if type_.min_length else ""
            return f"a list{some}, each in it {_allowed(type_.item_type)}"
        case inspect.StructType():
            return f"a table with {', '.join(field.encode_name for field in type_.fields)}"
        case _:
            return f"of another type: {type(type_).__name__.removesuffix('Type').lower()}"


def _one_of(values: Sequence[Any]) -> str:
    return " or ".join(map(repr, values))


def _bounds(type_: Any) -> str:
    low = f" from {type_.ge:g}" if type_.ge is not None else ""
    low = f" above {type_.gt:g}" if type_.gt is not None else low
    high = f" up to {type_.le:g}" if type_.le is not None else ""
    return low + (f" below {type_.lt:g}" if type_.lt is not None else high)
