"""How far a fault's parameters may go: beyond it no answer could be made of them."""

import re
from collections.abc import Mapping
from typing import Any

_MOST = 1_000_000_000
_LONGEST_S = 3600
BOUNDS: Mapping[tuple[str, str], tuple[float, float]] = {
    # Below 200 an answer is not final, and a client would wait for the next.
    ("status", "status"): (200, 599),
    ("delay", "seconds"): (0, _LONGEST_S),
    ("delay", "sigma"): (0, 10),
    ("drip", "bytes"): (1, _MOST),
    ("drip", "every_s"): (0, _LONGEST_S),
    ("truncate", "share"): (0, 1),
    ("repeat_page", "pages"): (1, _MOST),
    ("drift_total", "by"): (-_MOST, _MOST),
    ("shift_rows", "by"): (-_MOST, _MOST),
    ("duplicate_rows", "count"): (1, _MOST),
}
"""The least and the most of each number, by kind and parameter; both are in it."""
_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_VALUE = re.compile(r"[\t\x20-\x7e\x80-\xff]*")


def problem(kind: str, name: str, value: Any) -> str | None:
    """Tell what is wrong with a parameter of the right type, or None."""
    if (kind, name) in BOUNDS:
        least, most = BOUNDS[kind, name]
        return None if least <= value <= most else f"is not between {least} and {most}"
    if (kind, name) == ("content_type", "value") and not _VALUE.fullmatch(value):
        return "cannot stand in a header"
    if (kind, name) == ("status", "headers"):
        for key, text in value.items():
            if not isinstance(text, str):
                return f"gives {key} the value {text!r}; headers are strings"
            if not _NAME.fullmatch(key) or not _VALUE.fullmatch(text):
                return f"holds {key!r}, which cannot stand in a header"
    return None
