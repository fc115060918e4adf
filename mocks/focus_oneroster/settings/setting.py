"""What a setting is: a name, a type, a default, and the source that it stands on."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

Value = Any


@dataclass(frozen=True, slots=True)
class Setting:
    """One switch. `type` is boolean, integer, number, text, names, seconds or records."""

    name: str
    type: str
    default: Value
    about: str
    source: str
    choices: tuple[str, ...] = ()
    nullable: bool = False

    def problem(self, value: Value) -> str | None:
        """Tell what is wrong with a value, or None."""
        if value is None:
            return None if self.nullable else f"must be {self._expected()}"
        if self.choices:
            return None if value in self.choices else f"must be {self._expected()}"
        return None if _CHECKS[self.type](value) else f"must be {self._expected()}"

    def _expected(self) -> str:
        expected = "one of " + ", ".join(self.choices) if self.choices else _EXPECTED[self.type]
        return f"{expected} or null" if self.nullable else expected


_MOST = 1_000_000_000
"""Thirty years in seconds: beyond it, expiries would leave the calendar."""


def _is_integer(value: Value) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= _MOST


def _is_names(value: Value) -> bool:
    return isinstance(value, list) and all(isinstance(item, str) for item in value)


def _is_seconds(value: Value) -> bool:
    return isinstance(value, dict) and all(
        isinstance(item, int | float) and not isinstance(item, bool) and 0 <= item <= 600
        for item in value.values()
    )


def _is_records(value: Value) -> bool:
    if isinstance(value, bool):
        return True
    if isinstance(value, int | float):
        return 0 <= value <= 1
    return _is_names(value)


_CHECKS: Mapping[str, Callable[[Value], bool]] = {
    "boolean": lambda value: isinstance(value, bool),
    "integer": _is_integer,
    "text": lambda value: isinstance(value, str),
    "names": _is_names,
    "seconds": _is_seconds,
    "records": _is_records,
}
_EXPECTED = {
    "boolean": "true or false",
    "integer": f"a positive integer up to {_MOST}",
    "text": "a string",
    "names": "a list of operationIds",
    "seconds": "an object of operationIds with seconds, each 0 to 600",
    "records": "true, false, a share between 0 and 1, or a list of sourcedIds",
}
