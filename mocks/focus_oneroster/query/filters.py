"""The filter grammar of OneRoster 1.1, parsed.

    filter = clause [ ( "AND" | "OR" ) clause ]        clause = field predicate "'" value "'"

Values may hold blanks, predicates and the words AND and OR, and quotes that are doubled, escaped or
raw: a quote ends a value only where the expression ends or a connective and a clause follow.
Source: OneRoster reference, sections 3.3 and 11 #7.
"""

import re
from dataclasses import dataclass
from enum import StrEnum

PREDICATES = (">=", "<=", "!=", "=", ">", "<", "~")

_PREDICATE = "|".join(PREDICATES)
_FIELD = r"[A-Za-z_][^\s'=!<>~]*"
_HEAD = re.compile(rf"\s*({_FIELD})\s*({_PREDICATE})\s*'")
_CONNECTIVE = re.compile(rf"\s+(AND|OR)\s+(?={_FIELD}\s*(?:{_PREDICATE})\s*')")
# A clause that follows a quote in any other way is a mistake, not a part of the value.
_STRAY = re.compile(
    r"(?:\s*(?:and|or|xor|nor|not)(?=\s))*(?:\s*[,;&|]+\s*|\s*)"
    rf"{_FIELD}\s*(?:{_PREDICATE})\s*'",
    re.IGNORECASE,
)
_END = re.compile(r"\s*$")


class Connective(StrEnum):
    """What joins two clauses."""

    AND = "AND"
    OR = "OR"


@dataclass(frozen=True, slots=True)
class Clause:
    """One comparison; `path` is the dotted field."""

    path: tuple[str, ...]
    predicate: str
    value: str

    @property
    def field(self) -> str:
        """The field as written."""
        return ".".join(self.path)


@dataclass(frozen=True, slots=True)
class Filter:
    """One clause, or two with what joins them."""

    clauses: tuple[Clause, ...]
    connective: Connective = Connective.AND


class FilterError(ValueError):
    """An expression that is none."""


class TooManyClausesError(FilterError):
    """More than one AND or OR: outside OneRoster 1.1."""


def parse_filter(text: str) -> Filter:
    """Parse a decoded filter expression; raises FilterError."""
    clauses: list[Clause] = []
    connectives: list[Connective] = []
    at = 0
    while True:
        head = _HEAD.match(text, at)
        if head is None:
            raise FilterError(text)
        value, at = _read_value(text, head.end())
        path = tuple(head[1].split("."))
        if not all(path):
            raise FilterError(text)
        clauses.append(Clause(path, head[2], value))
        joint = _CONNECTIVE.match(text, at)
        if joint is None:
            if not _END.match(text, at):
                raise FilterError(text)
            break
        connectives.append(Connective(joint[1]))
        at = joint.end()
    if len(clauses) > 2:
        raise TooManyClausesError(text)
    return Filter(tuple(clauses), connectives[0] if connectives else Connective.AND)


def _read_value(text: str, start: int) -> tuple[str, int]:
    """Return the value that begins at `start`, unescaped, and where its closing quote ends."""
    at = start
    parts: list[str] = []
    while at < len(text):
        char = text[at]
        if char == "\\" and text[at + 1 : at + 2] == "'" and not _ends(text, at + 2):
            parts.append("'")
            at += 2
        elif char != "'":
            parts.append(char)
            at += 1
        elif text[at + 1 : at + 2] == "'":
            parts.append("'")
            at += 2
        elif _ends(text, at + 1):
            return "".join(parts), at + 1
        elif _STRAY.match(text, at + 1):
            raise FilterError(text)
        else:
            parts.append("'")
            at += 1
    # Nothing closed it: what looked like an escape before the end was a raw quote or backslash.
    last = text.rfind("'")
    if last >= start and _END.match(text, last + 1):
        return text[start:last], last + 1
    raise FilterError(text)


def _ends(text: str, at: int) -> bool:
    return bool(_END.match(text, at) or _CONNECTIVE.match(text, at))
