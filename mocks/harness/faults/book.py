"""The fault rules of a space, indexed: a request that none is about costs next to nothing."""

from collections.abc import Iterator
from datetime import datetime

from homeroom.mocks.harness.faults.rule import HANDSHAKE, FaultRule
from homeroom.mocks.harness.request import Request


class FaultBook:
    """Rules in the order they were added; each that fires acts."""

    def __init__(self) -> None:
        self._rules: dict[str, FaultRule] = {}
        self._by_operation: dict[str, list[FaultRule]] = {}
        # With the part of the path each is about: most rules are ruled out by that alone.
        self._by_fake: dict[str, list[tuple[str, FaultRule]]] = {}
        self._general: list[tuple[str, FaultRule]] = []
        self._handshakes: list[FaultRule] = []
        self.numbered = 0
        """How many rules were given an id here."""

    def __iter__(self) -> Iterator[FaultRule]:
        return iter(tuple(self._rules.values()))

    def next_id(self) -> str:
        """Return an id for a rule that brings none."""
        self.numbered += 1
        return f"fault-{self.numbered}"

    def find(self, rule_id: str) -> FaultRule | None:
        """Return the rule of that id, or None."""
        return self._rules.get(rule_id)

    def add(self, rule: FaultRule) -> None:
        """Add a rule, or replace the one of its id."""
        self._rules[rule.id] = rule
        self._index()

    def remove(self, rule_id: str) -> None:
        """Forget a rule."""
        self._rules.pop(rule_id, None)
        self._index()

    def clear(self) -> None:
        """Forget all rules."""
        self._rules.clear()
        self._index()

    def fire(self, request: Request, now: datetime) -> list[FaultRule]:
        """Return the rules that hit this request, counting the hit."""
        if not self._rules:
            return []
        path = request.raw_path
        candidates = [
            *self._by_operation.get(request.operation_id or "", ()),
            *[rule for part, rule in self._by_fake.get(request.fake.name, ()) if part in path],
            *[rule for part, rule in self._general if part in path],
        ]
        return [rule for rule in candidates if rule.fires(request, now)]

    def fire_handshake(self, fake: str, now: datetime) -> FaultRule | None:
        """Return the first rule that hits this TLS handshake, counting the hit."""
        for rule in self._handshakes:
            if rule.fires_on_handshake(fake, now):
                return rule
        return None

    def _index(self) -> None:
        self._by_operation.clear()
        self._by_fake.clear()
        self._general = []
        self._handshakes = []
        for rule in self._rules.values():
            if rule.kind == HANDSHAKE:
                self._handshakes.append(rule)
            elif rule.when.operation is not None:
                self._by_operation.setdefault(rule.when.operation, []).append(rule)
            elif rule.when.fake is not None:
                placed = (rule.when.path or "", rule)
                self._by_fake.setdefault(rule.when.fake, []).append(placed)
            else:
                self._general.append((rule.when.path or "", rule))
