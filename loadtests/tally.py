"""What the users of one process have done, handed on to the process that leads the run."""

from collections.abc import Mapping
from typing import Any

NUMBERS = ("records", "finished_users", "failed_users", "renewals")


class Tally:
    """Counts since they were last taken, and pages by their depth."""

    def __init__(self) -> None:
        self._empty()

    def _empty(self) -> None:
        self.records = 0
        self.finished_users = 0
        self.failed_users = 0
        self.renewals = 0
        self.depths: dict[str, list[float]] = {}

    @property
    def ended_users(self) -> int:
        """Users that are done, well or badly."""
        return self.finished_users + self.failed_users

    def add_depth(self, tenth: int, milliseconds: float) -> None:
        """Note what a page took, by the tenth of its collection in which it lies."""
        self.depths.setdefault(str(tenth), []).append(round(milliseconds, 3))

    def take(self) -> dict[str, Any]:
        """Hand over all, and begin anew."""
        taken: dict[str, Any] = {name: getattr(self, name) for name in NUMBERS}
        taken["depths"] = self.depths
        self._empty()
        return taken

    def merge(self, other: Mapping[str, Any]) -> None:
        """Add what another process has taken."""
        for name in NUMBERS:
            setattr(self, name, getattr(self, name) + int(other[name]))
        for tenth, took in other["depths"].items():
            self.depths.setdefault(tenth, []).extend(took)


tally = Tally()
