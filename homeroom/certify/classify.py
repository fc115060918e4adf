"""What a phase of a scenario ended with, by what it raised: the subject's failing or ours."""

import traceback
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from homeroom.certify.outcomes import RANK, NotApplicable, Outcome, Unmet

TRACE_FRAMES = 12


@dataclass(frozen=True, kw_only=True)
class Finding:
    """Outcome of one phase (setup, call or teardown), with what the report says of it."""

    when: str
    outcome: Outcome
    reason: str = ""
    expected: str = ""
    received: str = ""
    trace: str = ""
    exchanges: tuple[Mapping[str, Any], ...] = ()

    @staticmethod
    def worst(findings: Iterable["Finding"]) -> "Finding":
        """Return the worst phase's; a scenario whose steps never ran without a word is no pass."""
        known = list(findings)
        worst = max(known, key=_weight, default=None)
        ran = any(finding.when == "call" for finding in known)
        if worst is None or (worst.outcome is Outcome.PASSED and not ran):
            return Finding(
                when="call", outcome=Outcome.HARNESS_ERROR, reason="the scenario's steps never ran"
            )
        return worst


def _weight(finding: Finding) -> tuple[bool, int]:
    # Of the phases of one scenario, any word beats a phase that merely went well.
    return finding.outcome is not Outcome.PASSED, RANK[finding.outcome]


def classify(when: str, error: BaseException | None) -> Finding:
    """Say what `error`, raised in a phase, means: only Unmet counts against the subject.

    A plain assertion, a skip, an undefined step or any other exception is a harness error: it
    proves nothing about the subject.
    """
    match error:
        case None:
            return Finding(when=when, outcome=Outcome.PASSED)
        case Unmet():
            return Finding(
                when=when,
                outcome=Outcome.FAILED,
                reason=error.reason,
                expected=error.expected,
                received=error.received,
                exchanges=error.exchanges,
            )
        case NotApplicable():
            return Finding(when=when, outcome=Outcome.NOT_APPLICABLE, reason=error.reason)
        case BaseExceptionGroup() if all(isinstance(each, Unmet) for each in error.exceptions):
            return _join(when, [each for each in error.exceptions if isinstance(each, Unmet)])
        case _:
            return Finding(
                when=when,
                outcome=Outcome.HARNESS_ERROR,
                reason=f"{type(error).__name__} in {when}: {error}".strip(),
                trace="".join(traceback.format_exception(error, limit=-TRACE_FRAMES)),
            )


def _join(when: str, several: list[Unmet]) -> Finding:
    return Finding(
        when=when,
        outcome=Outcome.FAILED,
        reason="; ".join(each.reason for each in several),
        expected="\n".join(each.expected for each in several),
        received="\n".join(each.received for each in several),
        exchanges=tuple(exchange for each in several for exchange in each.exchanges),
    )
