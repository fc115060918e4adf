"""A baseline tells a slower build from a noisy one, and one machine from another."""

from pathlib import Path

import pytest
from msgspec.structs import replace

from homeroom.loadtests.baseline import (
    Baseline,
    Speed,
    check_comparable,
    compare_measure,
    permutation_test,
)
from homeroom.loadtests.machine import Machine
from homeroom.loadtests.profiles import LoadError

STEADY = [100.0, 101.0, 99.0, 102.0, 98.0]
MACHINE = Machine(
    node="a", processor="p", cores=2, memory_gb=24.0, system="Linux 6", python="3.11.7"
)


@pytest.mark.parametrize(
    ("now", "verdict"),
    [
        ([80.0, 81.0, 79.0, 82.0, 78.0], Speed.SLOWER),
        ([120.0, 121.0, 119.0, 122.0, 118.0], Speed.FASTER),
        ([97.0, 96.5, 96.0, 95.5, 95.0], Speed.SAME),  # certain, but within the tolerance
        ([60.0, 130.0, 75.0, 140.0, 80.0], Speed.SAME),  # far away, but noise explains it
        ([80.0, 81.0], Speed.TOO_FEW),
    ],
)
def test_records_a_second_are_judged_with_their_noise(now: list[float], verdict: Speed) -> None:
    before = STEADY if verdict is not Speed.TOO_FEW else STEADY[:3]
    assert compare_measure("records_per_s", before, now).verdict is verdict


def test_longer_latencies_are_slower() -> None:
    assert compare_measure("p95_ms", STEADY, [x * 2 for x in STEADY]).verdict is Speed.SLOWER


def test_the_p_value_is_the_share_of_deals_as_far_apart() -> None:
    # 3 of 3 below 3 of 3: of the 20 deals, this one and its mirror image are as far apart.
    assert permutation_test([1, 2, 3], [7, 8, 9]) == (0.1, 0.1)
    assert permutation_test([5, 5, 5], [5, 5, 5])[0] == 1.0


def test_another_machine_or_another_load_is_refused() -> None:
    kept = Baseline(
        profile="nightly", digest="d", target="t", machine=MACHINE, taken_at="then", runs=[]
    )
    check_comparable(Path("b"), kept, machine=MACHINE, digest="d")
    with pytest.raises(LoadError, match="cores: 2 then, 8 now"):
        check_comparable(Path("b"), kept, machine=replace(MACHINE, cores=8), digest="d")
    with pytest.raises(LoadError, match="another load"):
        check_comparable(Path("b"), kept, machine=MACHINE, digest="e")
