"""Measuring: interleaved rounds, medians, and what they were measured on."""

import os
import platform
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path

ROUNDS = 5


@dataclass(frozen=True, kw_only=True)
class Asked:
    """How much is to be measured."""

    rounds: int = ROUNDS
    quick: bool = False
    """Smaller sizes and fewer rounds, in two minutes."""
    stress: bool = False
    """Sizes that take a long time as well: three million enrollments."""

    @property
    def many(self) -> int:
        """Enrollments of the district that stands for a large one."""
        return 200_000 if self.quick else 1_000_000


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
        low, high = min(self.figures), max(self.figures)
        return f"{self.median:,.4g} [{low:,.4g} - {high:,.4g}] n={len(self.figures)}"


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


@dataclass(kw_only=True)
class Found:
    """What one bench came to."""

    bars: list[Bar] = field(default_factory=list)
    series: list[Series] = field(default_factory=list)
    curves: dict[str, list[tuple[float, float]]] = field(default_factory=dict)
    """Points of growth curves by what they tell: enrollments, and seconds or MB."""
    notes: list[str] = field(default_factory=list)
    """What was not measured, and why."""


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


@dataclass(frozen=True, kw_only=True)
class Spent:
    """What a verb took, from process start to its end."""

    code: int
    seconds: float
    cpu_s: float
    peak_mb: float
    """Most memory it had resident at once."""
    out: str
    err: str


def spend(*arguments: str, env: Mapping[str, str], folder: Path) -> Spent:
    """Run a verb of the product and weigh it by the kernel's own account of the process."""
    out, err = folder / "bench.out", folder / "bench.err"
    with out.open("wb") as to_out, err.open("wb") as to_err:
        began = time.perf_counter()
        command = [sys.executable, "-m", "homeroom", *arguments]
        process = subprocess.Popen(command, env=dict(env), stdout=to_out, stderr=to_err)
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - began
    process.returncode = code = os.waitstatus_to_exitcode(status)
    return Spent(
        code=code,
        seconds=seconds,
        cpu_s=usage.ru_utime + usage.ru_stime,
        peak_mb=usage.ru_maxrss * 1024 / 1e6,
        out=out.read_text(),
        err=err.read_text(),
    )


def describe_machine(packages: Sequence[str]) -> dict[str, str]:
    """Say what the figures were measured on."""
    return {
        "cores": str(os.cpu_count()),
        "processor": _processor(),
        "memory_gib": f"{os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES') / 2**30:.0f}",
        "platform": platform.platform(),
        "python": sys.version.split()[0],
        **{name: version(name) for name in packages},
    }


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor() or "unknown"
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or "unknown"
