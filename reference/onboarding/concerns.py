"""What a person should know before a conversion, worst first. Pure."""

from collections.abc import Callable, Mapping, Sequence
from typing import Literal

import msgspec

from homeroom.reference.onboarding.matching import Pair, Standing

Severity = Literal["critical", "warning", "note"]
SAMPLES = 10


class Concern(msgspec.Struct, frozen=True, kw_only=True):
    """One thing to settle, how often it occurs, and some it occurs to."""

    severity: Severity
    kind: str
    what: str
    remedy: str
    count: int
    # sourcedIds of the feed, or `canvas 12` for what only Canvas has.
    samples: list[str]


Rule = tuple[Severity, str, Callable[[Pair], bool], str, str]
RULES: Sequence[Rule] = (
    (
        "critical",
        "users courses sections accounts terms",
        lambda pair: pair.rekeyed and bool(pair.held and pair.held.sis_id),
        "known to Canvas under another SIS id: a first night would refuse or duplicate them",
        "import the draft change_sis_id.csv before the first night",
    ),
    (
        "critical",
        "users courses sections accounts terms",
        lambda pair: pair.rekeyed and not (pair.held and pair.held.sis_id) and pair.key != "login",
        "in Canvas without an SIS id: a first night would make a second one",
        "give them their SIS id in Canvas before the first night",
    ),
    (
        "warning",
        "users courses sections accounts terms",
        lambda pair: pair.standing is Standing.AMBIGUOUS,
        "not to be told apart, so not in the draft",
        "choose by hand, and add the row to change_sis_id.csv",
    ),
    (
        "warning",
        "users",
        lambda pair: pair.rekeyed and pair.key == "email",
        "matched by e-mail alone",
        "make sure that these are the same people",
    ),
    (
        "warning",
        "users",
        lambda pair: "login" in pair.differs,
        "have another login in Canvas than in the feed",
        "logins must equal the names of single sign-on before the first night",
    ),
    (
        "warning",
        "users sections courses",
        lambda pair: pair.standing is Standing.ORPHANED and bool(pair.held and pair.held.sis_id),
        "came from an SIS once and are not in the feed: they stay as they are, and grow stale",
        "check that the feed is whole; conclude what ended",
    ),
    (
        "note",
        "users courses sections accounts terms",
        lambda pair: pair.standing is Standing.ORPHANED and not (pair.held and pair.held.sis_id),
        "made by hand in Canvas: a night leaves them alone",
        "nothing to do",
    ),
    (
        "note",
        "users courses sections accounts terms",
        lambda pair: "name" in pair.differs,
        "named otherwise in Canvas: renamed, unless somebody renamed them by hand",
        "nothing to do",
    ),
)


def find_concerns(
    pairs: Mapping[str, list[Pair]], refusals: Sequence[Mapping[str, str]]
) -> list[Concern]:
    """Apply every rule to every kind, and count what the feed itself gets wrong."""
    concerns = [
        _concern(severity, kind, what, remedy, hits)
        for severity, kinds, applies, what, remedy in RULES
        for kind in kinds.split()
        if (hits := [_name(pair) for pair in pairs[kind] if applies(pair)])
    ]
    if refusals:
        ids = [one["sourcedId"] for one in refusals]
        what, remedy = "cannot be provisioned as they are", "correct them in the SIS"
        concerns.append(_concern("warning", "records", what, remedy, ids))
    order = ("critical", "warning", "note")
    return sorted(concerns, key=lambda one: order.index(one.severity))


def _concern(severity: Severity, kind: str, what: str, remedy: str, hits: list[str]) -> Concern:
    return Concern(
        severity=severity,
        kind=kind,
        what=what,
        remedy=remedy,
        count=len(hits),
        samples=hits[:SAMPLES],
    )


def _name(pair: Pair) -> str:
    return pair.wanted.source if pair.wanted else f"canvas {pair.held.id if pair.held else '?'}"
