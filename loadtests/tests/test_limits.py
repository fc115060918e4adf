"""Limits decide, each by itself."""

import pytest
from msgspec.structs import replace

from homeroom.loadtests.limits import Figures, Miss, find_misses
from homeroom.loadtests.profiles import Limits

LIMITS = Limits(
    p50_ms=100, p95_ms=200, p99_ms=300, error_share=0.01, records_per_s=1000, window_minutes=60,
    depth_ratio=2, memory_growth_mb_per_min=2,
)  # fmt: skip
GOOD = Figures(
    requests=100, failures=1, records=20_000, duration_s=10, p50_ms=100, p95_ms=200, p99_ms=300,
    finished=True,
)  # fmt: skip


def test_figures_at_the_limits_keep_them() -> None:
    assert find_misses(GOOD, LIMITS) == []


@pytest.mark.parametrize(
    ("figures", "miss"),
    [
        (replace(GOOD, p50_ms=101), Miss("p50_ms", 100, 101)),
        (replace(GOOD, p95_ms=201), Miss("p95_ms", 200, 201)),
        (replace(GOOD, p99_ms=301), Miss("p99_ms", 300, 301)),
        (replace(GOOD, failures=2), Miss("error_share", 0.01, 0.02)),
        (replace(GOOD, duration_s=40), Miss("records_per_s", 1000, 500)),
        (replace(GOOD, window_minutes=61.0, forecast=True), Miss("window_minutes", 60, 61)),
        (replace(GOOD, depth_ratio=2.5), Miss("depth_ratio", 2, 2.5)),
        (
            replace(GOOD, memory_growth_mb_per_min=3.0),
            Miss("memory_growth_mb_per_min", 2, 3),
        ),
        (replace(GOOD, finished=False), Miss("consumers_finished", 1, 0)),
    ],
)
def test_each_limit_is_missed_by_itself(figures: Figures, miss: Miss) -> None:
    assert find_misses(figures, LIMITS) == [miss]


def test_a_run_without_requests_is_all_errors() -> None:
    nothing = replace(GOOD, requests=0, failures=0, records=0)
    assert Miss("error_share", 0.01, 1.0) in find_misses(nothing, LIMITS)
