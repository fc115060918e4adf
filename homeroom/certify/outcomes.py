"""What can come of a scenario, and the two exceptions by which a scenario says so itself."""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any


class Outcome(StrEnum):
    """What came of a scenario or a requirement, from best to worst.

    What does not apply ranks before what passed: a requirement with one scenario that does not
    apply to the subject and one that passed has passed.
    """

    NOT_TESTED = "not-tested"
    NOT_APPLICABLE = "not-applicable"
    PASSED = "passed"
    WAIVED = "waived"
    FAILED = "failed"
    HARNESS_ERROR = "harness-error"


RANK: Mapping[Outcome, int] = {outcome: rank for rank, outcome in enumerate(Outcome)}


class Unmet(AssertionError):  # noqa: N818 -- an outcome, not a fault
    """The subject did not do what a requirement asks: the only exception that counts against it.

    Args:
        reason: One sentence in a school's words.
        expected: What the world must hold, as text; set beside `received` in the report.
        received: What it holds.
        exchanges: Journal entries that show it; without them the report takes the space's last.
    """

    def __init__(
        self,
        reason: str,
        *,
        expected: str = "",
        received: str = "",
        exchanges: Sequence[Mapping[str, Any]] = (),
    ) -> None:
        super().__init__(reason)
        self.reason, self.expected, self.received = reason, expected, received
        self.exchanges = tuple(exchanges)


class NotApplicable(Exception):  # noqa: N818 -- an outcome, not a fault
    """The scenario does not apply to this subject; `reason` names the choice or the lack."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason
