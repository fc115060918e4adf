"""A checklist: what was asked, what came, how it went, and what to do about it."""

from collections.abc import Callable, Sequence
from enum import StrEnum

import msgspec

from homeroom.reference.errors import SyncError


class Outcome(StrEnum):
    """How a check went."""

    PASSED = "passed"
    WARNING = "warning"
    FAILED = "failed"
    SKIPPED = "skipped"


class Finding(msgspec.Struct, frozen=True):
    """What a look at a peer showed."""

    outcome: Outcome
    received: str
    remedy: str = ""


class Check(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the list; names begin with the peer, as in `provider.token`."""

    check: str
    asked: str
    received: str
    outcome: Outcome
    remedy: str


class UnreachableError(SyncError):
    """A peer did not answer at all, or its address is none: nothing about it can be said."""

    def __init__(self, received: str, remedy: str) -> None:
        super().__init__(received)
        self.remedy = remedy


class Checklist:
    """Checks in the order they are made; one that builds on a failed one is skipped."""

    def __init__(self) -> None:
        self.checks: list[Check] = []
        self.unreachable = False
        self._outcomes: dict[str, Outcome] = {}

    def run(
        self, check: str, asked: str, look: Callable[[], Finding], *, after: Sequence[str] = ()
    ) -> bool:
        """Make one check; True where what builds on it can be looked at.

        A refusal or an outage that `look` runs into is the check's failure; only faults of our
        own go through.
        """
        broken = [name for name in after if not self.stands(name)]
        if broken:
            self._add(check, asked, Finding(Outcome.SKIPPED, f"{broken[0]} comes first"))
            return False
        try:
            finding = look()
        except UnreachableError as error:
            self.unreachable = True
            finding = failed(str(error), error.remedy)
        except SyncError as error:
            finding = failed(str(error), "see what came; then run this again")
        self._add(check, asked, finding)
        return self.stands(check)

    def stands(self, check: str) -> bool:
        """Whether a check was made and found nothing that stops others."""
        return self._outcomes.get(check) in {Outcome.PASSED, Outcome.WARNING}

    def count(self, outcome: Outcome) -> int:
        """Count the checks that went so."""
        return sum(one.outcome is outcome for one in self.checks)

    @property
    def exit_code(self) -> int:
        """0 nothing failed, 1 something did, 2 a peer could not be reached at all."""
        if self.unreachable:
            return 2
        return 1 if self.count(Outcome.FAILED) else 0

    def _add(self, check: str, asked: str, finding: Finding) -> None:
        self._outcomes[check] = finding.outcome
        self.checks.append(
            Check(
                check=check,
                asked=asked,
                received=finding.received,
                outcome=finding.outcome,
                remedy=finding.remedy,
            )
        )


def passed(received: str) -> Finding:
    """Say that all is well."""
    return Finding(Outcome.PASSED, received)


def warning(received: str, remedy: str) -> Finding:
    """Say that it works, but somebody should look."""
    return Finding(Outcome.WARNING, received, remedy)


def failed(received: str, remedy: str) -> Finding:
    """Say that a night would go wrong by this."""
    return Finding(Outcome.FAILED, received, remedy)
