"""Parameters of an operation: read from text, cast, checked."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from jsonschema_rs import Draft4Validator

from homeroom.mocks.harness.request import Refusal
from homeroom.mocks.harness.schemas import first_error


def to_snake(name: str) -> str:
    """Turn a name of the contract into Python's: `sourcedId` to `sourced_id`."""
    name = re.sub(r"\[\]$", "", name)
    name = re.sub(r"[^0-9A-Za-z_]+", "_", name).strip("_")
    name = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()
    return (
        f"{name}_" if name in ("id", "type", "class", "filter", "from", "all", "format") else name
    )


@dataclass(frozen=True)
class Parameter:
    """One path or query parameter of an operation."""

    name: str
    where: str
    argument: str
    required: bool
    is_array: bool
    type: str
    default: Any
    check: Draft4Validator | None

    def read(self, texts: Sequence[str]) -> Any:
        """Turn the values given, in order, into the argument; raises Refusal."""
        if not texts:
            if self.required:
                raise self._refusal(None, "is required")
            return self.default
        value: Any = (
            [self._cast(text) for text in texts] if self.is_array else self._cast(texts[-1])
        )
        if self.check is not None and (error := first_error(self.check, value)):
            raise self._refusal(texts[-1], error[1])
        return value

    def _cast(self, text: str) -> Any:
        try:
            match self.type:
                case "integer":
                    if not re.fullmatch(r"[+-]?[0-9]{1,18}", text.strip()):
                        raise ValueError
                    return int(text)
                case "number":
                    return float(text)
                case "boolean":
                    return _BOOLEANS[text.strip().lower()]
                case _:
                    return text
        except (ValueError, KeyError):
            raise self._refusal(text, f"is no {self.type}") from None

    def _refusal(self, value: str | None, why: str) -> Refusal:
        shown = "" if value is None else f": {value}"
        return Refusal(
            status=400,
            reason="parameter",
            detail=f"{self.name} {why}{shown}",
            parameter=self.name,
            value=value,
        )


_BOOLEANS = {
    "true": True, "t": True, "yes": True, "y": True, "on": True, "1": True,
    "false": False, "f": False, "no": False, "n": False, "off": False, "0": False, "": False,
}  # fmt: skip
