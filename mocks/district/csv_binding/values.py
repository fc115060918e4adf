"""The data types of the CSV binding: text to value, and back.

Each `parse` raises ValueError saying what is wrong with the text and what would be right.
"""

import csv
import io
import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import Any

from homeroom.mocks.district.records import UserId

_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_YEAR = re.compile(r"\d{4}")
_SOURCED_ID = re.compile(r"[0-9A-Za-z.\-_/@]{1,255}")
_USER_ID = re.compile(r"\{([^{}:]+):([^{}]+)\}")


def _same(text: str) -> str:
    return text


@dataclass(frozen=True)
class ValueType:
    """One data type: how a value is read and written, and what is kept of one that is no such."""

    parse: Callable[[str], Any]
    write: Callable[[Any], str]
    salvage: Callable[[str], Any] = _same


def _parse_sourced_id(text: str) -> str:
    if _SOURCED_ID.fullmatch(text):
        return text
    if len(text) > 255:
        raise ValueError("is longer than 255 characters")
    raise ValueError("is no sourcedId: only the characters 0-9 a-z A-Z . - _ / @ are allowed")


def _parse_date(text: str) -> str:
    if not _DATE.fullmatch(text):
        raise ValueError("is no date: write it YYYY-MM-DD")
    try:
        date.fromisoformat(text)
    except ValueError:
        raise ValueError("is no day of the calendar") from None
    return text


def _parse_instant(text: str) -> str:
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        instant = None
    if instant is None or "T" not in text or instant.utcoffset() != timedelta(0):
        raise ValueError("is no instant in UTC: write it YYYY-MM-DDTHH:MM:SS.sssZ")
    return text


def _parse_year(text: str) -> str:
    if not _YEAR.fullmatch(text):
        raise ValueError("is no year: write YYYY, the year in which the school year ends")
    return text


def _parse_boolean(text: str) -> bool:
    if text not in ("true", "false"):
        raise ValueError("is neither true nor false")
    return text == "true"


def _write_boolean(value: bool) -> str:
    return "true" if value else "false"


def _parse_decimal(text: str) -> Decimal:
    try:
        number = Decimal(text)
    except InvalidOperation:
        number = None
    if number is None or not number.is_finite():
        raise ValueError("is no number")
    return number


def _write_decimal(number: Decimal) -> str:
    return format(number, "f")


def parse_list(text: str) -> tuple[str, ...]:
    """Read a comma-separated list, an item with a comma quoted in it; raises ValueError."""
    quoted = '"' in text
    items = next(csv.reader([text], strict=True), []) if quoted else text.split(",")
    items = [item.strip() for item in items]
    if not all(items):
        raise ValueError("is a list with an empty item: remove the comma too many")
    return tuple(items)


def write_list(items: Sequence[str]) -> str:
    """Write a comma-separated list."""
    if not any("," in item or '"' in item for item in items):
        return ",".join(items)
    out = io.StringIO()
    csv.writer(out, lineterminator="").writerow(items)
    return out.getvalue()


def _salvage_list(text: str) -> tuple[str, ...]:
    return tuple(item.strip() for item in text.split(",") if item.strip())


def _salvage_boolean(text: str) -> bool | None:
    return {"true": True, "false": False, "1": True, "0": False}.get(text.lower())


def _nothing(_text: str) -> None:
    return None


def _no_ids(_text: str) -> tuple[UserId, ...]:
    return ()


def _parse_sourced_ids(text: str) -> tuple[str, ...]:
    return tuple(map(_parse_sourced_id, parse_list(text)))


def _parse_user_ids(text: str) -> tuple[UserId, ...]:
    found = tuple(_USER_ID.finditer(text))
    if not found or ",".join(match[0] for match in found) != re.sub(r"\}\s*,\s*\{", "},{", text):
        raise ValueError("is no list of ids: write {LDAP:id} or {LDAP:id},{LTI:id}")
    return tuple(UserId(type=match[1], identifier=match[2]) for match in found)


def _write_user_ids(ids: Sequence[UserId]) -> str:
    return ",".join(f"{{{user_id.type}:{user_id.identifier}}}" for user_id in ids)


TEXT = ValueType(_same, _same)
SOURCED_ID = ValueType(_parse_sourced_id, _same)
SOURCED_IDS = ValueType(_parse_sourced_ids, write_list, _salvage_list)
DATE = ValueType(_parse_date, lambda value: value[:10])
INSTANT = ValueType(_parse_instant, _same)
YEAR = ValueType(_parse_year, _same)
BOOLEAN = ValueType(_parse_boolean, _write_boolean, _salvage_boolean)
FLOAT = ValueType(_parse_decimal, _write_decimal, _nothing)
LIST = ValueType(parse_list, write_list, _salvage_list)
USER_IDS = ValueType(_parse_user_ids, _write_user_ids, _no_ids)


def vocabulary(of: type[StrEnum]) -> ValueType:
    """Return the data type of a closed vocabulary."""
    return ValueType(_word_parser(of), _same)


def vocabulary_list(of: type[StrEnum]) -> ValueType:
    """Return the data type of a list of words of a closed vocabulary."""
    parse = _word_parser(of)
    return ValueType(lambda text: tuple(map(parse, parse_list(text))), write_list, _salvage_list)


def _word_parser(of: type[StrEnum]) -> Callable[[str], StrEnum]:
    words = {word.value: word for word in of}

    def parse(text: str) -> StrEnum:
        word = words.get(text)
        if word is None:
            raise ValueError(f"is not allowed: use one of {', '.join(words)}")
        return word

    return parse


def write_metadata(value: Any) -> str:
    """Write one value of a `metadata.` column: text as it is, anything else as JSON."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
