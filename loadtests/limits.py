"""Holding a run's figures against a profile's limits, and limits against arithmetic."""

import itertools
from collections.abc import Sequence
from statistics import median

import msgspec

from homeroom.loadtests.plan import Measured, Plan
from homeroom.loadtests.profiles import Kind, Limits, LoadError

QUICKEST_PAGE_S = 0.001
"""No page of a thousand rows was ever rendered, sent and read in less, on loopback (performance
notes, section 1c)."""


class Figures(msgspec.Struct, frozen=True, kw_only=True):
    """What a run measured. Latencies in milliseconds, over all requests."""

    requests: int
    failures: int
    records: int
    duration_s: float
    p50_ms: float
    p95_ms: float
    p99_ms: float
    finished: bool
    """Whether every user did all it meant to."""
    window_minutes: float = 0
    """Until the last record; extrapolated where `forecast`."""
    forecast: bool = False
    depth_ratio: float | None = None
    memory_growth_mb_per_min: float | None = None

    @property
    def records_per_s(self) -> float:
        """Records that arrived in a second, all consumers together."""
        return self.records / self.duration_s if self.duration_s else 0.0

    @property
    def error_share(self) -> float:
        """Failed requests among all, 0 to 1."""
        return self.failures / self.requests if self.requests else 1.0


class Miss(msgspec.Struct, frozen=True):
    """A limit that was not kept."""

    limit: str
    allowed: float
    measured: float

    def __str__(self) -> str:
        return f"{self.limit}: {self.measured:,g} measured, {self.allowed:,g} allowed"


def to_figures(
    measured: Measured, plan: Plan, *, memory_growth_mb_per_min: float | None = None
) -> Figures:
    """Sum up a run; where it ended before its last record, say how long it would have taken."""
    finished = measured.finished_users >= plan.users
    seconds, forecast = measured.duration_s, False
    if not finished and measured.forecast_s is not None:
        seconds, forecast = max(seconds, measured.forecast_s), True
    # Users that were asked to stop had all succeeded until then: that is no fault of theirs.
    cut = plan.stop_after_s is not None and measured.stopped and not measured.failed_users
    return Figures(
        requests=measured.requests,
        failures=measured.failures,
        records=measured.records,
        duration_s=measured.duration_s,
        p50_ms=measured.p50_ms,
        p95_ms=measured.p95_ms,
        p99_ms=measured.p99_ms,
        finished=finished or bool(cut),
        window_minutes=round(seconds / 60, 3),
        forecast=forecast,
        depth_ratio=to_depth_ratio(measured.depths),
        memory_growth_mb_per_min=memory_growth_mb_per_min,
    )


def to_depth_ratio(depths: dict[str, list[float]]) -> float | None:
    """Compare the median page of the last tenth with that of the first; None without both."""
    first, last = depths.get("0"), depths.get("9")
    return round(median(last) / max(median(first), 1e-3), 3) if first and last else None


def find_misses(figures: Figures, limits: Limits) -> list[Miss]:
    """Return every limit that the figures miss; a run that did not finish misses by that alone."""
    above: Sequence[tuple[str, float | None, float | None]] = (
        ("p50_ms", limits.p50_ms, figures.p50_ms),
        ("p95_ms", limits.p95_ms, figures.p95_ms),
        ("p99_ms", limits.p99_ms, figures.p99_ms),
        ("error_share", limits.error_share, figures.error_share),
        ("window_minutes", limits.window_minutes, figures.window_minutes),
        ("depth_ratio", limits.depth_ratio, figures.depth_ratio),
        (
            "memory_growth_mb_per_min",
            limits.memory_growth_mb_per_min,
            figures.memory_growth_mb_per_min,
        ),
    )
    misses = [
        Miss(name, allowed, round(measured, 3))
        for name, allowed, measured in above
        if allowed is not None and measured is not None and measured > allowed
    ]
    wanted = limits.records_per_s
    if wanted is not None and figures.records_per_s < wanted:
        misses.append(Miss("records_per_s", wanted, round(figures.records_per_s, 1)))
    if not figures.finished:
        misses.append(Miss("consumers_finished", 1, 0))
    return misses


def check_arithmetic(plan: Plan, limits: Limits, chain: int) -> None:
    """Refuse limits that no target could keep. `chain` is pages that must follow each other.

    Raises LoadError: it names the limit, what it would take, and what to change.
    """
    users, window_s = plan.profile.users, plan.window_s
    ranked = [(name, getattr(limits, name)) for name in ("p50_ms", "p95_ms", "p99_ms")]
    asked = [(name, value) for name, value in ranked if value is not None]
    for (lower, low), (upper, high) in itertools.pairwise(asked):
        if low > high:
            raise LoadError(
                f"limits of {plan.profile.name}: {upper} = {high:g} is below {lower} = {low:g}, "
                "which can never be missed then: raise the one or lower the other"
            )
    pages = chain * users.rounds if users.kind is Kind.EXTRACT and not users.runs_for_s else 0
    if window_s is not None and pages * QUICKEST_PAGE_S > window_s:
        raise LoadError(
            f"limits of {plan.profile.name}: window_minutes = {window_s / 60:g} cannot be met: "
            f"{pages:,} pages follow one another, and at {QUICKEST_PAGE_S * 1000:g} ms each, less "
            f"than any page took, they need {pages * QUICKEST_PAGE_S / 60:.2g} minutes; widen the "
            "window, or raise users.page_limit"
        )
    ceiling = plan.requests_per_s
    if ceiling is None:
        return
    tokens = plan.users * users.concurrency
    needed = plan.expected_pages + tokens if plan.expected_pages else 0
    if window_s is not None and needed / ceiling > window_s:
        raise LoadError(
            f"limits of {plan.profile.name}: window_minutes = {window_s / 60:g} cannot be met: at "
            f"the ceiling of {ceiling:g} requests a second {plan.expected_pages:,} pages and "
            f"{tokens} tokens take {needed / ceiling / 60:,.1f} minutes; ask for a higher rate, "
            "raise users.page_limit or widen the window"
        )
    most = ceiling * users.page_limit
    if limits.records_per_s is not None and limits.records_per_s > most:
        raise LoadError(
            f"limits of {plan.profile.name}: records_per_s = {limits.records_per_s:g} cannot be "
            f"met: {ceiling:g} requests a second bring {most:,.0f} records at the most"
        )
