"""The mass-change brake: a night that takes away too much waits for a person. Pure."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from homeroom.reference.canvas.rows import EnrollmentRow
from homeroom.reference.settings import Service


@dataclass
class Losses:
    """What a night would take away that the feed no longer stands by."""

    had: Counter[str] = field(default_factory=Counter)
    gone: Counter[str] = field(default_factory=Counter)
    section_had: Counter[str] = field(default_factory=Counter)
    section_gone: Counter[str] = field(default_factory=Counter)

    def students(self, lost: Iterable[EnrollmentRow], last_night: Iterable[EnrollmentRow]) -> None:
        """Count the students that sections lose, and had."""
        gone = Counter(row.section_id for row in lost if row.role == "student")
        self.section_gone += gone
        self.section_had.update(
            row.section_id for row in last_night if row.role == "student" and gone[row.section_id]
        )

    def crossed(self, service: Service) -> list[str]:
        """Say which thresholds are crossed; nothing on an ordinary night.

        A share alone would hold a small school's every change, a number alone a large
        district's every night: both must be passed.
        """
        kinds = [
            f"{gone} of {self.had[kind]} {kind} would go"
            for kind, gone in self.gone.items()
            if gone > service.brake_floor and gone > service.brake_share * self.had[kind]
        ]
        return kinds + [
            f"{gone} of {self.section_had[section]} students would leave section {section}"
            for section, gone in sorted(self.section_gone.items())
            if self.section_had[section] >= service.section_floor
            and gone > service.section_share * self.section_had[section]
        ]
