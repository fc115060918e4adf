"""How steps assert: findings of the oracle become the subject's failing, with both sides told."""

from collections.abc import Sequence

from homeroom.certify.outcomes import Unmet
from homeroom.features.histories.story import Lived, Story
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
        expected="\n".join(each.expected_line for each in shown) + tail,
        received="\n".join(each.received_line for each in shown) + tail,
    )


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


def disagreement(lived: Lived, text: str) -> AssertionError:
    """Return what to raise where a scenario's words and the oracle's obligations differ.

    What must hold after a grade sync follows from what stood before it. Where the subject had
    already left a world wrong, that is why the scenario finds no ground to stand on: its failing.
    Otherwise the kit contradicts itself.
    """
    earlier = earlier_findings(lived.story, before=lived)
    if not earlier:
        return OracleError(text)
    shown = earlier[:SHOWN]
    return Unmet(
        f"an earlier run had left a world wrong, so that here {text}",
        expected="\n".join(each.expected_line for each in shown),
        received="\n".join(each.received_line for each in shown),
    )


def earlier_findings(story: Story, *, before: Lived | None = None) -> list[Finding]:
    """Return what the subject's runs left wrong, all of them or those before one."""
    findings: list[Finding] = []
    for lived in (*story.nights.values(), *story.syncs.values()):
        if lived is before:
            break
        findings.extend(lived.findings())
    return findings
