"""Measuring: interleaved rounds, medians, and what they were measured on."""

import os
import platform
import statistics
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version

ROUNDS = 5


@dataclass(frozen=True)
class Series:
    """One side's figures over all rounds, in records a second or seconds."""

    name: str
    figures: tuple[float, ...]

    @property
    def median(self) -> float:
        """The middle figure."""
        return statistics.median(self.figures)

    def __str__(self) -> str:
        return f"{self.median:,.4g} [{min(self.figures):,.4g} - {max(self.figures):,.4g}]"


@dataclass(frozen=True, kw_only=True)
class Bar:
    """A ratio held against what it must reach."""

    id: str
    text: str
    ratio: float
    needed: float
    at_least: bool = True

    @property
    def reached(self) -> bool:
        """Whether the ratio is on the right side of the bar."""
        return self.ratio >= self.needed if self.at_least else self.ratio <= self.needed


def at_most(id_: str, text: str, ratio: float, needed: float) -> Bar:
    """Make a bar that a ratio must stay under."""
    return Bar(id=id_, text=text, ratio=ratio, needed=needed, at_least=False)


def interleave(
    sides: Mapping[str, Callable[[], float]], *, rounds: int = ROUNDS
) -> dict[str, Series]:
    """Run each side once a round, in turns, so that a busy moment strikes all of them alike."""
    figures: dict[str, list[float]] = {name: [] for name in sides}
    for _ in range(rounds):
        for name, side in sides.items():
            figures[name].append(side())
    return {name: Series(name, tuple(values)) for name, values in figures.items()}


def timed(work: Callable[[], int]) -> float:
    """Return records a second of a piece of work that tells how many records it did."""
    began = time.perf_counter()
    records = work()
    return records / (time.perf_counter() - began)


def describe_machine(packages: Sequence[str]) -> dict[str, str]:
    """Say what the figures were measured on."""
    return {
        "cores": str(os.cpu_count()),
        "platform": platform.platform(),
        "python": sys.version.split()[0],
        **{name: version(name) for name in packages},
    }
