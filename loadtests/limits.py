"""Holding a run's figures against a profile's limits."""

from dataclasses import dataclass

from homeroom.loadtests.profiles import Limits


@dataclass(frozen=True, kw_only=True)
class Figures:
    """What a run measured. Latencies in milliseconds, over all requests."""

    requests: int
    failures: int
    records: int
    duration_s: float
    p50_ms: float
    p95_ms: float
    p99_ms: float
    finished: bool
    """Whether every consumer read all it meant to."""

    @property
    def records_per_s(self) -> float:
        """Records that arrived in a second, all consumers together."""
        return self.records / self.duration_s if self.duration_s else 0.0

    @property
    def error_share(self) -> float:
        """Failed requests among all, 0 to 1."""
        return self.failures / self.requests if self.requests else 1.0


@dataclass(frozen=True)
class Miss:
    """A limit that was not kept."""

    limit: str
    allowed: float
    measured: float

    def __str__(self) -> str:
        return f"{self.limit}: {self.measured:g} measured, {self.allowed:g} allowed"


def find_misses(figures: Figures, limits: Limits) -> list[Miss]:
    """Return every limit that the figures miss; a run that did not finish misses by that alone."""
    misses = [
        Miss(name, allowed, round(measured, 3))
        for name, allowed, measured in (
            ("p50_ms", limits.p50_ms, figures.p50_ms),
            ("p95_ms", limits.p95_ms, figures.p95_ms),
            ("p99_ms", limits.p99_ms, figures.p99_ms),
            ("error_share", limits.error_share, figures.error_share),
        )
        if measured > allowed
    ]
    if figures.records_per_s < limits.records_per_s:
        misses.append(Miss("records_per_s", limits.records_per_s, round(figures.records_per_s, 1)))
    if not figures.finished:
        misses.append(Miss("consumers_finished", 1, 0))
    return misses
