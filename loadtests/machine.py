"""This machine: what it is, and what the processes of a run take of it while they run."""

import contextlib
import hashlib
import platform
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Self

import msgspec
import psutil

SAMPLE_S = 1.0
LEAST_GROWTH_S = 60.0
"""Less of it tells nothing of growth: caches fill and journals reach their bounds first."""
BUSY_SHARE = 0.85
"""Of one core: a process above it, on average, has no time left."""


class Machine(msgspec.Struct, frozen=True, kw_only=True):
    """What tells one machine from another, as far as speed goes."""

    node: str
    """A digest of the host's name: two machines of one make are still two."""
    processor: str
    cores: int
    memory_gb: float
    system: str
    python: str


class Sample(msgspec.Struct, frozen=True, kw_only=True):
    """What one part of the run took between two moments, over all its processes."""

    at_s: float
    part: str
    cpu_share: float
    """Of one core."""
    busiest_share: float
    """Of the one process that took most."""
    memory_mb: float


class PartFigures(msgspec.Struct, frozen=True, kw_only=True):
    """What one part of the run took in all."""

    part: str
    cpu_s: float
    mean_share: float
    busiest_share: float
    peak_memory_mb: float
    growth_mb_per_min: float | None
    """Over the second half; None for runs too short to tell."""


def this_machine() -> Machine:
    """Describe the machine."""
    return Machine(
        node=hashlib.sha256(platform.node().encode()).hexdigest()[:12],
        processor=_processor(),
        cores=psutil.cpu_count() or 1,
        memory_gb=round(psutil.virtual_memory().total / 2**30, 1),
        system=f"{platform.system()} {platform.release()}",
        python=platform.python_version(),
    )


def _processor() -> str:
    with contextlib.suppress(OSError):
        for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


class Watch:
    """Samples the processes of a run, and their children, from a thread of its own."""

    def __init__(self, pids: Mapping[str, int], *, every_s: float = SAMPLE_S) -> None:
        self._pids, self._every_s = dict(pids), every_s
        self._samples: list[Sample] = []
        self._machine: list[float] = []
        self._spent: dict[tuple[str, int, float], float] = {}
        self._first: dict[tuple[str, int, float], float] = {}
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, name="homeroom-watch", daemon=True)
        self._began = self._last = time.perf_counter()

    def __enter__(self) -> Self:
        psutil.cpu_percent()
        self._take()
        self._samples.clear()
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()
        self._take()

    def _run(self) -> None:
        while not self._over.wait(self._every_s):
            self._take()

    def _take(self) -> None:
        now = time.perf_counter()
        passed, self._last = max(now - self._last, 1e-3), now
        for part, pid in self._pids.items():
            shares, memory = [0.0], 0.0
            for process in _family(pid):
                with contextlib.suppress(psutil.Error):
                    key = (part, process.pid, process.create_time())
                    times = process.cpu_times()
                    spent = times.user + times.system
                    before = self._spent.get(key, spent)
                    self._first.setdefault(key, spent)
                    self._spent[key] = spent
                    shares.append((spent - before) / passed)
                    memory += process.memory_info().rss / 2**20
            self._samples.append(
                Sample(
                    at_s=round(now - self._began, 2),
                    part=part,
                    cpu_share=round(sum(shares), 3),
                    busiest_share=round(max(shares), 3),
                    memory_mb=round(memory, 1),
                )
            )
        self._machine.append(psutil.cpu_percent())

    @property
    def samples(self) -> list[Sample]:
        """All that was seen."""
        return list(self._samples)

    @property
    def machine_share(self) -> float:
        """How busy the whole machine was, 0 to 1, whoever kept it so."""
        seen = self._machine[1:]
        return round(sum(seen) / len(seen) / 100, 3) if seen else 0.0

    def parts(self) -> list[PartFigures]:
        """Sum up what each part took."""
        return [self._sum_up(part) for part in self._pids]

    def _sum_up(self, part: str) -> PartFigures:
        mine = [sample for sample in self._samples if sample.part == part]
        spent = sum(
            after - self._first[key] for key, after in self._spent.items() if key[0] == part
        )
        count = max(1, len(mine))
        return PartFigures(
            part=part,
            cpu_s=round(spent, 2),
            mean_share=round(sum(sample.cpu_share for sample in mine) / count, 3),
            busiest_share=round(sum(sample.busiest_share for sample in mine) / count, 3),
            peak_memory_mb=max((sample.memory_mb for sample in mine), default=0.0),
            growth_mb_per_min=growth_mb_per_min(mine),
        )


def growth_mb_per_min(samples: list[Sample]) -> float | None:
    """Give the slope of memory over the second half of the samples, by least squares."""
    half = samples[len(samples) // 2 :]
    if not half or half[-1].at_s - half[0].at_s < LEAST_GROWTH_S:
        return None
    mean_t = sum(sample.at_s for sample in half) / len(half)
    mean_m = sum(sample.memory_mb for sample in half) / len(half)
    spread = sum((sample.at_s - mean_t) ** 2 for sample in half)
    together = sum((sample.at_s - mean_t) * (sample.memory_mb - mean_m) for sample in half)
    return round(60 * together / spread, 2) if spread else 0.0


def _family(pid: int) -> list[psutil.Process]:
    with contextlib.suppress(psutil.Error):
        parent = psutil.Process(pid)
        return [parent, *parent.children(recursive=True)]
    return []
