"""What held a run back, what a pace replays as, and what a stopped run would have taken."""

import json
import math
from pathlib import Path

import pytest

from homeroom.loadtests.bottleneck import Bottleneck, find_bottleneck
from homeroom.loadtests.forecast import forecast_s, is_hopeless
from homeroom.loadtests.limits import to_depth_ratio, to_figures
from homeroom.loadtests.machine import PartFigures, Sample, growth_mb_per_min
from homeroom.loadtests.night import to_night
from homeroom.loadtests.plan import Measured, OperationFigures, Plan
from homeroom.loadtests.profiles import LoadError, read_profile
from homeroom.loadtests.replay import Z95, read_replay


def part(name: str, share: float) -> PartFigures:
    return PartFigures(
        part=name, cpu_s=1, mean_share=share, busiest_share=share, peak_memory_mb=1,
        growth_mb_per_min=None,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("maker", "target", "warned", "machine", "found"),
    [
        (0.95, 0.40, False, 0.7, Bottleneck.GENERATOR),
        (0.50, 0.40, True, 0.7, Bottleneck.GENERATOR),
        (0.95, 0.95, True, 1.0, Bottleneck.MACHINE),
        (0.30, 0.95, False, 0.7, Bottleneck.TARGET),
        (0.30, 0.40, False, 0.99, Bottleneck.MACHINE),
        (0.30, 0.40, False, 0.40, Bottleneck.NEITHER),
    ],
)
def test_the_bottleneck_is_who_had_no_time_left(
    maker: float, target: float, warned: bool, machine: float, found: Bottleneck
) -> None:
    parts = [part("fakes", target), part("master", 0.99), part("worker 1", maker)]
    finding = find_bottleneck(parts, duration_s=60, cpu_warning=warned, machine_share=machine)
    assert finding.bottleneck is found


def test_a_run_of_a_second_names_no_bottleneck() -> None:
    parts = [part("fakes", 0.4), part("generator", 0.95)]
    finding = find_bottleneck(parts, duration_s=1.2, cpu_warning=False, machine_share=1)
    assert finding.bottleneck is Bottleneck.UNKNOWN


def test_a_probe_is_replayed_with_its_median_and_its_tail(tmp_path: Path) -> None:
    probe = tmp_path / "probe.json"
    pages = [
        {"path": "users", "limit": limit, "pages": 9, "rows": 9, "p50_ms": p50, "p95_ms": 4 * p50}
        for limit, p50 in ((100, 10), (1000, 50))
    ]
    probe.write_text(json.dumps({"probe": pages}))
    replay = read_replay(probe, import_rows_per_s=70, page_limit=500)
    assert replay is not None
    (rule,) = replay.rules()
    assert rule["when"] == {"fake": "focus", "operation": "getAllUsers", "seed": 1}
    assert rule["act"] == {
        "kind": "delay", "seconds": 0.05, "distribution": "log-normal",
        "sigma": round(math.log(4) / Z95, 4),
    }  # fmt: skip


def test_a_probe_that_timed_nothing_is_refused(tmp_path: Path) -> None:
    probe = tmp_path / "probe.json"
    probe.write_text(json.dumps({"probe": None}))
    with pytest.raises(LoadError, match="connect --probe --json"):
        read_replay(probe, import_rows_per_s=None, page_limit=500)


def test_a_run_that_stopped_early_is_judged_by_its_pace() -> None:
    plan = Plan(
        profile=read_profile("nightly"), worlds=(), users=1, expected_records=1000, window_s=60
    )
    measured = Measured(records=100, duration_s=30, requests=5, forecast_s=300)
    figures = to_figures(measured, plan)
    assert (figures.forecast, figures.window_minutes, figures.finished) == (True, 5.0, False)


def test_a_long_endpoint_is_not_hidden_by_short_ones() -> None:
    plan = Plan(
        profile=read_profile("nightly"), worlds=(), users=1, expected_pages=1000,
        chains={"getAllEnrollments": 900, "getAllOrgs": 1},
    )  # fmt: skip
    # 90 % of all pages after 10 s; but 900 pages of 2 s each follow one another.
    assert forecast_s(plan, 10, 900, {"getAllEnrollments": 2000.0}) == 1800
    assert forecast_s(plan, 10, 100, {}) == 100
    assert forecast_s(plan, 10, 0, {}) is None
    assert forecast_s(Plan(profile=plan.profile, worlds=(), users=1), 10, 100, {}) is None


@pytest.mark.parametrize(
    ("window_s", "elapsed_s", "whole_s", "hopeless"),
    [
        (7200, 19, 99_999, False),  # too early to tell
        (7200, 21, 8900, False),  # pages may become a quarter quicker
        (7200, 21, 9100, True),
        (7200, 7000, 7300, True),  # so near its end not even that helps
        (6, 6.1, 60, True),  # a window of seconds is judged when it is over
        (6, 5, 60, False),
    ],
)
def test_a_run_is_given_up_when_its_window_is_lost(
    window_s: float, elapsed_s: float, whole_s: float, hopeless: bool
) -> None:
    assert is_hopeless(window_s, elapsed_s, whole_s) is hopeless


def test_depth_compares_the_last_tenth_with_the_first() -> None:
    assert to_depth_ratio({"0": [10, 11, 12], "9": [20, 22, 30]}) == 2.0
    assert to_depth_ratio({"0": [10]}) is None


def test_growth_is_the_slope_of_the_second_half() -> None:
    samples = [
        Sample(
            at_s=float(second), part="fakes", cpu_share=0, busiest_share=0,
            memory_mb=500.0 if second < 70 else 500.0 + (second - 70) * 0.05,
        )
        for second in range(140)
    ]  # fmt: skip
    assert growth_mb_per_min(samples) == pytest.approx(3.0)
    # Caches fill and journals reach their bounds in the first minutes: that is no growth yet.
    assert growth_mb_per_min(samples[:100]) is None
    assert growth_mb_per_min([]) is None


def test_other_districts_are_reckoned_by_their_longest_chain_of_pages() -> None:
    """A run stopped early has read few of the slow pages: its mean row says nothing of them."""
    operations = [
        OperationFigures(
            operation=name, method="GET", requests=10, failures=0, mean_ms=mean_ms, p50_ms=0,
            p95_ms=0, p99_ms=0, max_ms=0, mean_bytes=0,
        )
        for name, mean_ms in (
            ("getAllEnrollments", 6000.0), ("getAllUsers", 60.0), ("getAllClasses", 60.0)
        )
    ]  # fmt: skip
    measured = Measured(records=100_000, duration_s=20, operations=operations, forecast_s=9000)
    plan = Plan(profile=read_profile("nightly"), worlds=(), users=1, window_s=7200)
    night = to_night(to_figures(measured, plan), measured, plan, 0, None)
    mega = next(each for each in night.districts if each.district.startswith("mega"))
    assert (mega.extract_minutes, mega.fits) == (171.3, False)  # 1,713 pages of 6 s
