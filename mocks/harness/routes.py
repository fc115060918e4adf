"""A contract's paths as a tree of segments, matched on the path as sent."""

import re
from collections.abc import Sequence


class Routes:
    """A contract's paths as a tree of segments, matched on the path as sent."""

    def __init__(self) -> None:
        self.literals: dict[str, Routes] = {}
        self.parameter: tuple[str, Routes] | None = None
        self.methods: dict[str, str] = {}
        self.names: dict[str, tuple[str, ...]] = {}
        """Names of the path parameters by method: templates may call one place by several names."""

    def add(self, template: str, method: str, operation_id: str) -> None:
        """Add one operation under its path template."""
        node = self
        for segment in template.strip("/").split("/"):
            if segment.startswith("{"):
                if node.parameter is None:
                    node.parameter = (segment[1:-1], Routes())
                node = node.parameter[1]
            elif segment:
                node = node.literals.setdefault(segment, Routes())
        node.methods[method.upper()] = operation_id
        node.names[method.upper()] = tuple(re.findall(r"\{([^}]*)\}", template))

    def match(
        self, segments: Sequence[str], at: int = 0
    ) -> "tuple[Routes, tuple[str, ...]] | None":
        """Find a path's node and the values of its parameters; literals win over parameters."""
        if at == len(segments):
            return (self, ()) if self.methods else None
        literal = self.literals.get(segments[at])
        if literal is not None and (found := literal.match(segments, at + 1)):
            return found
        if self.parameter is not None and segments[at]:
            found = self.parameter[1].match(segments, at + 1)
            if found:
                return found[0], (segments[at], *found[1])
        return None
