"""Dates as Rails's `Time.zone.parse` reads them, in UTC unless they say otherwise."""

import re
from datetime import UTC, datetime, timedelta, timezone
from functools import lru_cache

_MONTHS = {
    name: number
    for number, name in enumerate(
        ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"), 1
    )
}
_ZONES = {
    "z": 0, "utc": 0, "gmt": 0, "est": -5, "edt": -4, "cst": -6, "cdt": -5, "mst": -7, "mdt": -6,
    "pst": -8, "pdt": -7,
}  # fmt: skip
_YMD = re.compile(r"(?<!\d)(\d{4})-(\d{1,2})-(\d{1,2})(?!\d)")
_COMPACT = re.compile(r"(?<!\d)(\d{4})(\d\d)(\d\d)(?:T?(\d\d)(\d\d)(\d\d)?)?(?!\d)", re.IGNORECASE)
_SLASHES = re.compile(r"(?<!\d)(\d{1,4})/(\d{1,2})/(\d{1,4})(?!\d)")
_NAMED = re.compile(
    r"(?<!\d)(\d{1,2})(?:st|nd|rd|th)?[\s-]+([a-z]{3})[a-z]*\.?,?[\s-]+(\d{4})(?!\d)", re.IGNORECASE
)
_NAMED_US = re.compile(
    r"\b([a-z]{3})[a-z]*\.?\s+(\d{1,2})(?:st|nd|rd|th)?,?\s+(\d{4})(?!\d)", re.IGNORECASE
)
_TIME = re.compile(r"(\d{1,2}):(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?\s*([ap]m\b)?", re.IGNORECASE)
_ZONE = re.compile(
    r"(?:^|\s|(?<=\d))(z|utc|gmt|[ecmp][sd]t|[+-]\d\d:?\d\d|[+-]\d\d)$", re.IGNORECASE
)


class BadDate(ValueError):  # noqa: N818 -- Canvas's "Bad date format"
    """Numbers that make no date."""


@lru_cache(maxsize=4096)
def parse_date(text: str | None) -> datetime | None:
    """Read a date; text without any digit is no date, silently. Raises BadDate."""
    if text is None or not any(char.isdigit() for char in text):
        return None
    try:
        year, month, day, rest = _split_date(text)
        hour, minute, second, micro, offset = _split_time(rest)
        zone = timezone(timedelta(minutes=offset))
        return datetime(year, month, day, hour, minute, second, micro, zone).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise BadDate(text) from error


def _split_date(text: str) -> tuple[int, int, int, str]:
    if match := _YMD.search(text):
        year, month, day = (int(part) for part in match.groups())
    elif match := _SLASHES.search(text):
        first, middle, last = match.groups()
        # Ruby reads y/m/d, and d/m/y where the last part looks like a year.
        if len(last) > 2:
            first, last = last, first
        year, month, day = _full_year(first), int(middle), int(last)
    elif match := _NAMED.search(text):
        day, month, year = int(match[1]), _month(match[2]), int(match[3])
    elif match := _NAMED_US.search(text):
        month, day, year = _month(match[1]), int(match[2]), int(match[3])
    elif match := _COMPACT.search(text):
        year, month, day = int(match[1]), int(match[2]), int(match[3])
        if match[4]:
            clock = f"{match[4]}:{match[5]}:{match[6] or '00'}"
            return year, month, day, f"{clock} {text[match.end() :]}"
    else:
        raise BadDate(text)
    return year, month, day, text[: match.start()] + " " + text[match.end() :]


def _full_year(text: str) -> int:
    year = int(text)
    if len(text) > 2:
        return year
    return year + (2000 if year < 69 else 1900)


def _month(name: str) -> int:
    try:
        return _MONTHS[name.lower()]
    except KeyError:
        raise BadDate(name) from None


def _split_time(rest: str) -> tuple[int, int, int, int, int]:
    rest = rest.strip().removeprefix("T").removeprefix("t").strip()
    match = _TIME.search(rest)
    if match is None:
        return 0, 0, 0, 0, _offset(rest)
    hour, minute, second = int(match[1]), int(match[2]), int(match[3] or 0)
    micro = int((match[4] or "0").ljust(6, "0")[:6])
    if match[5]:
        hour = hour % 12 + (12 if match[5].lower() == "pm" else 0)
    return hour, minute, second, micro, _offset(rest[match.end() :].strip())


def _offset(text: str) -> int:
    match = _ZONE.search(text)
    if match is None:
        return 0
    zone = match[1].lower()
    if zone in _ZONES:
        return _ZONES[zone] * 60
    digits = zone[1:].replace(":", "").ljust(4, "0")
    minutes = int(digits[:2]) * 60 + int(digits[2:])
    return -minutes if zone[0] == "-" else minutes
