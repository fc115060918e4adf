"""Compares two runs: what changed between them, and why their verdicts may differ."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec

from homeroom.certify.outcomes import RANK, Outcome
from homeroom.certify.results import Results, Verdict

_VERDICT_RANK: Mapping[str, int] = {verdict: rank for rank, verdict in enumerate(Verdict)}


@dataclass(frozen=True, kw_only=True)
class Change:
    """One thing that differs. `before` or `after` is empty where the thing is absent."""

    what: str
    before: str
    after: str
    worse: bool = False


@dataclass(frozen=True, kw_only=True)
class Diff:
    """Changes by kind: causes first, then what they led to."""

    verdict: Change | None
    causes: list[Change] = field(default_factory=list[Change])
    """Versions, settings, choices, requirement set, waivers, selection."""
    requirements: list[Change] = field(default_factory=list[Change])
    scenarios: list[Change] = field(default_factory=list[Change])

    @property
    def is_worse(self) -> bool:
        """Whether the second run is worse in any outcome or in its verdict."""
        outcomes = [*self.requirements, *self.scenarios, *([self.verdict] if self.verdict else [])]
        return any(change.worse for change in outcomes)

    @property
    def is_empty(self) -> bool:
        """Whether nothing differs."""
        return not (self.verdict or self.causes or self.requirements or self.scenarios)

    def as_dict(self) -> dict[str, Any]:
        """Return the changes as JSON has them."""
        plain: dict[str, Any] = msgspec.to_builtins(self)
        return {**plain, "worse": self.is_worse}


def diff(before: Results, after: Results) -> Diff:
    """Compare two runs."""
    verdict = None
    if before.verdict != after.verdict:
        worse = _VERDICT_RANK.get(after.verdict, 0) > _VERDICT_RANK.get(before.verdict, 0)
        verdict = Change(what="verdict", before=before.verdict, after=after.verdict, worse=worse)
    return Diff(
        verdict=verdict,
        causes=_causes(before, after),
        requirements=_outcomes(
            {each.id: each.outcome for each in before.requirements},
            {each.id: each.outcome for each in after.requirements},
        ),
        scenarios=_outcomes(
            {each.id: each.outcome for each in before.scenarios},
            {each.id: each.outcome for each in after.scenarios},
        ),
    )


def _causes(before: Results, after: Results) -> list[Change]:
    first, second = _facts(before), _facts(after)
    return [
        Change(what=what, before=first.get(what, ""), after=second.get(what, ""))
        for what in dict.fromkeys((*first, *second))
        if first.get(what, "") != second.get(what, "")
    ]


def _facts(results: Results) -> dict[str, str]:
    environment, set_ = results.environment, results.requirement_set
    facts = {
        "subject": f"{results.subject.kind} {results.subject.name}",
        "subject version": results.subject.version,
        "Homeroom": environment.homeroom,
        "Python": environment.python,
        "platform": environment.platform,
        "requirement set": f"{set_.id} {set_.version} (sha256 {set_.sha256[:12]})",
        "scenarios and planted district": f"sha256 {environment.district_sha256[:12]}",
        "seed": str(environment.seed),
        "selection": ", ".join(results.selection.only) or "everything",
        "strict": "yes" if results.selection.strict else "no",
    }
    facts |= {f"choice {name}": _plain(value) for name, value in results.subject.choices.items()}
    facts |= {f"command {name}": value for name, value in results.subject.commands.items()}
    facts |= {
        f"waiver {each.requirement}": f"until {each.expires} by {each.owner}: {each.reason}"
        for each in results.waivers
    }
    if results.performance is not None:
        run = results.performance
        facts["load run"] = f"{run.profile} against {run.target}, {run.started_at}"
    facts |= {f"pre-flight: {each.check}": each.outcome for each in results.preflight}
    return facts


def _plain(value: Any) -> str:
    return (
        {True: "yes", False: "no"}.get(value, str(value)) if isinstance(value, bool) else str(value)
    )


def _outcomes(before: Mapping[str, str], after: Mapping[str, str]) -> list[Change]:
    changes: list[Change] = []
    for id_ in sorted({*before, *after}):
        first, second = before.get(id_, ""), after.get(id_, "")
        if first != second:
            changes.append(
                Change(what=id_, before=first, after=second, worse=_worse(first, second))
            )
    return changes


def _worse(before: str, after: str) -> bool:
    """Say whether an outcome got worse; losing what passed is worse, gaining what fails too."""
    bad = {Outcome.FAILED, Outcome.HARNESS_ERROR}
    if not before:
        return after in bad
    if not after or after == Outcome.NOT_TESTED:
        return before == Outcome.PASSED
    if before == Outcome.PASSED and after == Outcome.NOT_APPLICABLE:
        return True
    return RANK[Outcome(after)] > max(RANK[Outcome(before)], RANK[Outcome.PASSED])
