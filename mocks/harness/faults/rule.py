"""One fault rule: when it fires, what it does, how often; read strictly from JSON."""

import difflib
import random
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from homeroom.mocks.harness.clock import iso_millis, parse_instant
from homeroom.mocks.harness.faults import limits
from homeroom.mocks.harness.request import Request

HANDSHAKE = "tls"
"""The kind of act that hits handshakes, not requests."""


class FaultRuleError(ValueError):
    """A rule is unusable; the text names the field, its value and the nearest valid ones."""


@dataclass(frozen=True, kw_only=True)
class When:
    """Which requests a rule is about. Empty fields match everything."""

    fake: str | None = None
    operation: str | None = None
    path: str | None = None
    """Part of the path."""
    nth: int | None = None
    """Only the nth request that all else matches, counted from 1."""
    every: int | None = None
    """Each nth request that all else matches."""
    since: datetime | None = None
    until: datetime | None = None
    """Window of the space's clock, `until` not in it."""
    probability: float = 1.0
    seed: int = 1
    client: str | None = None


@dataclass(kw_only=True)
class FaultRule:
    """A rule with its counts."""

    id: str
    when: When
    kind: str
    parameters: Mapping[str, Any]
    times: int | None = None
    """How often it may fire; None is without end."""
    hits: int = 0
    matched: int = 0
    """How many requests it was about, hit or not."""
    die: random.Random = field(default_factory=random.Random, repr=False)

    def __post_init__(self) -> None:
        self.die = random.Random(self.when.seed)  # noqa: S311 -- a seeded die, no secret

    def fires(self, request: Request, now: datetime) -> bool:
        """Tell whether this request is hit, and count it."""
        when = self.when
        if self.times is not None and self.hits >= self.times:
            return False
        if (
            (when.fake is not None and when.fake != request.fake.name)
            or (when.operation is not None and when.operation != request.operation_id)
            or (when.path is not None and when.path not in request.raw_path)
            or (when.client is not None and when.client != request.client)
        ):
            return False
        return self._falls(now)

    def fires_on_handshake(self, fake: str, now: datetime) -> bool:
        """Tell whether this TLS handshake with a fake is hit, and count it."""
        if self.when.fake not in (None, fake):
            return False
        return self._falls(now)

    def _falls(self, now: datetime) -> bool:
        """Count one more match, and tell whether it is one that is hit."""
        when = self.when
        if (
            (self.times is not None and self.hits >= self.times)
            or (when.since is not None and now < when.since)
            or (when.until is not None and now >= when.until)
        ):
            return False
        self.matched += 1
        if when.nth is not None and self.matched != when.nth:
            return False
        if when.every is not None and self.matched % when.every:
            return False
        if when.probability < 1 and self.die.random() >= when.probability:
            return False
        self.hits += 1
        return True


_WHEN: Mapping[str, type | tuple[type, ...]] = {
    "fake": str,
    "operation": str,
    "path": str,
    "nth": int,
    "every": int,
    "from": str,
    "to": str,
    "probability": (int, float),
    "seed": int,
    "client": str,
}


def parse_rule(
    document: Mapping[str, Any],
    *,
    default_id: str,
    operations: Mapping[str, Collection[str]],
    acts: Mapping[str, Mapping[str, Any]],
    choices: Mapping[tuple[str, str], Collection[str]] | None = None,
) -> FaultRule:
    """Read a rule from JSON; raises FaultRuleError.

    Args:
        document: The rule as interface.md section 3 shows it.
        default_id: Its id where it gives none.
        operations: operationIds by fake.
        acts: Default parameters by kind of act.
        choices: Closed vocabularies by kind and parameter.
    """
    _check_names("rule", document, ("id", "when", "act", "times", "hits"))
    when = _section(document, "when", {})
    act = _section(document, "act", None)
    _check_names("when", when, _WHEN)
    kind = str(act.get("kind"))
    if kind not in acts:
        raise FaultRuleError(f"act.kind: {kind!r} is unknown; {nearest(kind, acts)}")
    _check_names(f"act ({kind})", act, ("kind", *acts[kind]))
    times = document.get("times")
    if times is not None and (not isinstance(times, int) or isinstance(times, bool) or times < 1):
        raise FaultRuleError(f"times: {times!r} is no whole number above zero, nor null")
    parameters = _parse_parameters(kind, act, acts[kind])
    for (owner, name), known in (choices or {}).items():
        if owner == kind and parameters[name] not in known:
            raise FaultRuleError(
                f"act.{name}: {parameters[name]!r} is unknown; {nearest(parameters[name], known)}"
            )
    hits = document.get("hits", 0)
    if not isinstance(hits, int) or isinstance(hits, bool) or hits < 0:
        raise FaultRuleError(f"hits: {hits!r} is no count; a new rule starts at 0 whatever it says")
    rule_id = document.get("id")
    if rule_id is not None and not isinstance(rule_id, str):
        raise FaultRuleError(f"id: {rule_id!r} is no string")
    if rule_id == "":
        raise FaultRuleError("id: '' is no name; leave it out to be given one")
    parsed = _parse_when(when, operations)
    if kind == HANDSHAKE:
        for name in ("operation", "path", "client"):
            if getattr(parsed, name) is not None:
                raise FaultRuleError(
                    f"when.{name}: a TLS handshake comes before any request; tls looks at "
                    "fake, nth, every, from, to and probability"
                )
    return FaultRule(
        id=rule_id or default_id,
        when=parsed,
        kind=kind,
        parameters=parameters,
        times=times,
    )


def _parse_when(when: Mapping[str, Any], operations: Mapping[str, Collection[str]]) -> When:
    given = {key: value for key, value in when.items() if value is not None}
    for key, value in given.items():
        if not isinstance(value, _WHEN[key]) or isinstance(value, bool):
            raise FaultRuleError(f"when.{key}: {value!r} has the wrong type")
    fake = given.get("fake")
    if fake is not None and fake not in operations:
        raise FaultRuleError(f"when.fake: {fake!r} is unknown; {nearest(fake, operations)}")
    known = [name for owner in ([fake] if fake else operations) for name in operations[owner]]
    operation = given.get("operation")
    if operation is not None and operation not in known:
        raise FaultRuleError(
            f"when.operation: {operation!r} is unknown; {nearest(operation, known)}"
        )
    for key in ("nth", "every"):
        if given.get(key, 1) < 1:
            raise FaultRuleError(f"when.{key}: {given[key]!r} is not above zero")
    if not 0 <= given.get("probability", 1) <= 1:
        raise FaultRuleError(f"when.probability: {given['probability']!r} is not between 0 and 1")
    since, until = (_instant(given, key) for key in ("from", "to"))
    if since is not None and until is not None and until <= since:
        raise FaultRuleError(f"when.to: {given['to']!r} is not after when.from {given['from']!r}")
    rest = {key: value for key, value in given.items() if key not in ("from", "to")}
    return When(**rest, since=since, until=until)


def _parse_parameters(
    kind: str, act: Mapping[str, Any], defaults: Mapping[str, Any]
) -> dict[str, Any]:
    parameters = dict(defaults)
    for key, value in act.items():
        if key == "kind":
            continue
        default = defaults[key]
        wanted: Any = (int, float) if isinstance(default, float) else type(default)
        if default is not None and (
            not isinstance(value, wanted) or isinstance(value, bool) != isinstance(default, bool)
        ):
            raise FaultRuleError(
                f"act.{key}: {value!r} has the wrong type; {kind} takes one such as {default!r}"
            )
        if (wrong := limits.problem(kind, key, value)) is not None:
            raise FaultRuleError(f"act.{key}: {value!r} {wrong}")
        parameters[key] = value
    return parameters


def _instant(when: Mapping[str, Any], key: str) -> datetime | None:
    if key not in when:
        return None
    try:
        return parse_instant(when[key])
    except ValueError:
        raise FaultRuleError(f"when.{key}: {when[key]!r} is no ISO 8601 instant") from None


def _section(document: Mapping[str, Any], key: str, default: Any) -> Mapping[str, Any]:
    section = document.get(key, default)
    if not isinstance(section, Mapping):
        raise FaultRuleError(f"{key}: {section!r} is no object")
    return section


def _check_names(where: str, given: Collection[str], known: Collection[str]) -> None:
    for name in given:
        if name not in known:
            raise FaultRuleError(f"{where}: {name!r} is unknown; {nearest(name, known)}")


def nearest(name: str, known: Collection[str]) -> str:
    """Say which valid names come near a wrong one, or all of them."""
    close = difflib.get_close_matches(name, list(known), n=3, cutoff=0.5)
    return f"nearest: {', '.join(close)}" if close else f"known: {', '.join(sorted(known))}"


def to_document(rule: FaultRule) -> dict[str, Any]:
    """Write a rule as the control plane shows it, every field given."""
    when = rule.when
    return {
        "id": rule.id,
        "when": {
            "fake": when.fake,
            "operation": when.operation,
            "path": when.path,
            "nth": when.nth,
            "every": when.every,
            "from": iso_millis(when.since) if when.since else None,
            "to": iso_millis(when.until) if when.until else None,
            "probability": when.probability,
            "seed": when.seed,
            "client": when.client,
        },
        "act": {"kind": rule.kind, **rule.parameters},
        "times": rule.times,
        "hits": rule.hits,
    }
