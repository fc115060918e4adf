"""How steps assert: findings of the oracle become the subject's failing, with both sides told."""

from collections.abc import Sequence

from homeroom.certify.outcomes import Unmet
from homeroom.oracle.obligations import Finding, Obligation

SHOWN = 12


class OracleError(AssertionError):
    """A scenario and the oracle disagree on what is right: a fault of the kit."""


def met(findings: Sequence[Finding], reason: str) -> None:
    """Raise Unmet if there are findings."""
    if not findings:
        return
    more = len(findings) - SHOWN
    tail = f"\n... and {more} more" if more > 0 else ""
    shown = findings[:SHOWN]
    raise Unmet(
        reason,
        expected="\n".join(f"{_name(each)}: {each.expected}" for each in shown) + tail,
        received="\n".join(f"{_name(each)}: {each.received}" for each in shown) + tail,
    )


def _name(finding: Finding) -> str:
    return f"{finding.kind} {' / '.join(finding.id)}, {finding.field}"


def asked(obligation: Obligation | None, about: str) -> Obligation:
    """Return the oracle's obligation, which a scenario's words take for granted."""
    if obligation is None:
        raise OracleError(f"the oracle expects nothing of {about}, the scenario does")
    return obligation


def permits_only(obligation: Obligation, states: frozenset[str], about: str) -> None:
    """Check that the oracle permits no more than a scenario's words say."""
    if not obligation.states <= states:
        raise OracleError(
            f"{about}: the oracle permits {sorted(obligation.states)}, "
            f"the scenario {sorted(states)}"
        )
