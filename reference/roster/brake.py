"""The mass-change brake: a night that takes away too much waits for a person. Pure."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from homeroom.reference.settings import Service


@dataclass
class Losses:
    """What a night would take away that the feed no longer stands by."""

    had: Counter[str] = field(default_factory=Counter)
    gone: Counter[str] = field(default_factory=Counter)
    section_had: Counter[str] = field(default_factory=Counter)
    section_gone: Counter[str] = field(default_factory=Counter)

    def crossed(self, service: Service) -> list[str]:
        """Say which thresholds are crossed; nothing on an ordinary night.

        A share alone would hold a small school's every change, a number alone a large
        district's every night: both must be passed.
        """
        reasons = [
            f"{gone} of {self.had[kind]} {kind} would go"
            for kind, gone in self.gone.items()
            if gone > service.brake_floor and gone > service.brake_share * self.had[kind]
        ]
        reasons += [
            f"{gone} of {self.section_had[section]} students would leave section {section}"
            for section, gone in sorted(self.section_gone.items())
            if self.section_had[section] >= service.section_floor
            and gone > service.section_share * self.section_had[section]
        ]
        return reasons


def lookalikes(
    gone: Mapping[str, tuple[str, ...]], new: Mapping[str, tuple[str, ...]], what: str
) -> list[str]:
    """Name pairs that agree in all but their id: signs that ids were made anew.

    Args:
        gone: What would be removed, by id, with what describes it.
        new: What would be added.
        what: How to call them.
    """
    described: dict[tuple[str, ...], str] = {description: id_ for id_, description in new.items()}
    pairs = [(old, described[about]) for old, about in sorted(gone.items()) if about in described]
    if not pairs:
        return []
    shown = ", ".join(f"{old} -> {fresh}" for old, fresh in pairs[:5])
    return [f"{len(pairs)} {what} would go and come back under another id: {shown}"]
