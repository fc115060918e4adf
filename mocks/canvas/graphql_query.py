"""Reading the little of GraphQL that a client needs to send a mutation.

Operations with arguments, variables, aliases and nested selections are read; fragments and
directives are not imitated and refused by name.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

_TOKEN = re.compile(
    r"""[\s,\ufeff]+|\#[^\n]*
    |(?P<string>\"\"\"[\s\S]*?\"\"\"|"(?:[^"\\\n]|\\.)*")
    |(?P<number>-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)
    |(?P<name>[_A-Za-z][_0-9A-Za-z]*)
    |(?P<mark>\.\.\.|[!$&()\[\]{}:=@|])""",
    re.VERBOSE,
)
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f"}
MAX_DEPTH = 30


class GraphQLError(ValueError):
    """A document that cannot be read, or holds what is not imitated."""


@dataclass(frozen=True, slots=True)
class Field:
    """One selected field."""

    name: str
    alias: str
    arguments: Mapping[str, Any]
    selection: tuple["Field", ...]


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation of a document."""

    kind: str
    name: str | None
    selection: tuple[Field, ...]


def parse_document(
    text: str, variables: Mapping[str, Any], operation_name: str | None
) -> Operation:
    """Return the operation of a document that is to run, its variables put in place.

    Raises:
        GraphQLError: The document is broken, or uses what is not imitated.
    """
    reader = _Reader(_tokens(text), variables)
    operations: list[Operation] = []
    while not reader.at_end:
        operations.append(reader.operation())
    if operation_name is not None:
        operations = [one for one in operations if one.name == operation_name]
    if len(operations) != 1:
        raise GraphQLError(
            "No operation to run" if not operations else "An operation name is required"
        )
    return operations[0]


def _tokens(text: str) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    at = 0
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None:
            raise GraphQLError(f"Parse error on {text[at : at + 10]!r}")
        if match.lastgroup is not None:
            found.append((match.lastgroup, match[0]))
        at = match.end()
    return found


class _Reader:
    def __init__(self, tokens: list[tuple[str, str]], variables: Mapping[str, Any]) -> None:
        self._tokens, self._variables, self._at, self._depth = tokens, variables, 0, 0

    @property
    def at_end(self) -> bool:
        return self._at >= len(self._tokens)

    def _peek(self) -> str:
        return "" if self.at_end else self._tokens[self._at][1]

    def _next(self) -> tuple[str, str]:
        if self.at_end:
            raise GraphQLError("Unexpected end of document")
        self._at += 1
        return self._tokens[self._at - 1]

    def _take(self, text: str) -> bool:
        if self._peek() != text:
            return False
        self._at += 1
        return True

    def _expect(self, text: str) -> None:
        if not self._take(text):
            raise GraphQLError(f"Parse error on {self._peek()!r}: expected {text!r}")

    def _name(self) -> str:
        kind, text = self._next()
        if kind != "name":
            raise GraphQLError(f"Parse error on {text!r}: expected a name")
        return text

    def operation(self) -> Operation:
        kind, name = "query", None
        if self._peek() != "{":
            kind = self._name()
            if kind not in ("query", "mutation", "subscription"):
                raise GraphQLError(f"{kind} is not imitated")
            if self._peek() not in ("{", "("):
                name = self._name()
            if self._peek() == "(":
                self._skip_parentheses()
        return Operation(kind, name, self._selection())

    def _skip_parentheses(self) -> None:
        depth = 0
        while True:
            text = self._next()[1]
            depth += (text == "(") - (text == ")")
            if depth == 0:
                return

    def _selection(self) -> tuple[Field, ...]:
        self._deeper()
        self._expect("{")
        fields: list[Field] = []
        while not self._take("}"):
            if self._peek() in ("...", "@"):
                raise GraphQLError(f"{self._peek()!r} is not imitated: name the fields themselves")
            fields.append(self._field())
        self._depth -= 1
        return tuple(fields)

    def _deeper(self) -> None:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise GraphQLError(f"Query has depth of {self._depth}, which exceeds max depth")

    def _field(self) -> Field:
        alias = name = self._name()
        if self._take(":"):
            name = self._name()
        arguments: dict[str, Any] = {}
        if self._take("("):
            while not self._take(")"):
                key = self._name()
                self._expect(":")
                arguments[key] = self._value()
        selection = self._selection() if self._peek() == "{" else ()
        return Field(name, alias, arguments, selection)

    def _value(self) -> Any:
        kind, text = self._next()
        match kind, text:
            case "mark", "$":
                return self._variables.get(self._name())
            case "mark", "[":
                return self._list()
            case "mark", "{":
                return self._object()
            case "string", _:
                return _unquote(text)
            case "number", _:
                return float(text) if re.search(r"[.eE]", text) else int(text)
            case "name", "true" | "false":
                return text == "true"
            case "name", "null":
                return None
            case "name", _:
                return text
            case _:
                raise GraphQLError(f"Parse error on {text!r}: expected a value")

    def _list(self) -> list[Any]:
        self._deeper()
        values: list[Any] = []
        while not self._take("]"):
            values.append(self._value())
        self._depth -= 1
        return values

    def _object(self) -> dict[str, Any]:
        self._deeper()
        values: dict[str, Any] = {}
        while not self._take("}"):
            key = self._name()
            self._expect(":")
            values[key] = self._value()
        self._depth -= 1
        return values


def _unquote(text: str) -> str:
    if text.startswith('"""'):
        return text[3:-3].strip()
    return re.sub(
        r"\\(u[0-9a-fA-F]{4}|.)",
        lambda match: (
            chr(int(match[1][1:], 16))
            if match[1][0] == "u" and len(match[1]) == 5
            else _ESCAPES.get(match[1], match[1])
        ),
        text[1:-1],
    )


def project(value: Any, selection: tuple[Field, ...], type_name: str = "Object") -> Any:
    """Return of an answer only the selected fields; unknown ones raise GraphQLError."""
    if isinstance(value, list):
        return [project(one, selection, type_name) for one in value]
    if not isinstance(value, dict) or not selection:
        return value
    held = cast("dict[str, Any]", value)
    shown: dict[str, Any] = {}
    for field in selection:
        if field.name == "__typename":
            shown[field.alias] = held.get("__typename", type_name)
        elif field.name in held:
            shown[field.alias] = project(held[field.name], field.selection, field.name)
        else:
            named = held.get("__typename", type_name)
            raise GraphQLError(f"Field '{field.name}' doesn't exist on type '{named}'")
    return shown
