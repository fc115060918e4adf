"""A stored speed, and whether today's runs are slower than chance explains.

Runs of one build differ from each other. So several runs of today are held against several of the
baseline, by an exact permutation test: of all ways to deal the runs out to two groups, how many
give groups at least as different? And as a difference may be certain but small, it must also be
larger than a tolerance. No normal distribution is assumed, and no resampling is seeded.
"""

import itertools
import json
from collections.abc import Mapping, Sequence
from enum import StrEnum
from pathlib import Path
from statistics import median
from typing import Any

import msgspec
import numpy as np

from homeroom.loadtests.machine import Machine
from homeroom.loadtests.profiles import LoadError
from homeroom.loadtests.run import LoadRun

FORMAT = 1
ALPHA = 0.05
TOLERANCE = 0.10
"""A change smaller than this is not worth a failed build, however certain."""
CONFIDENCE = 0.95
LARGEST_DEAL = 200_000
"""Above so many ways to deal, a fixed sample of them is taken."""

# What is compared, and whether more of it is better.
MEASURES: Mapping[str, bool] = {
    "records_per_s": True,
    "requests_per_s": True,
    "p50_ms": False,
    "p95_ms": False,
    "target_cpu_s": False,
}


class Speed(StrEnum):
    """What a comparison finds of one measure."""

    SLOWER = "slower"
    FASTER = "faster"
    SAME = "no difference shown"
    TOO_FEW = "too few runs"


class Baseline(msgspec.Struct, frozen=True, kw_only=True):
    """Speeds of several runs on one machine."""

    format: int = FORMAT
    profile: str
    digest: str
    """Of the profile with its changes: another load has other speeds."""
    target: str
    machine: Machine
    taken_at: str
    runs: list[dict[str, float]]


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """One measure, then and now."""

    measure: str
    before: float
    now: float
    ratio: float
    """Median now over median then."""
    low: float
    high: float
    """Between them the ratio lies with 95 % confidence (bootstrap of both medians)."""
    p_value: float
    verdict: Speed


class Comparison(msgspec.Struct, frozen=True, kw_only=True):
    """Today's runs against a baseline."""

    baseline: str
    runs_before: int
    runs_now: int
    changes: list[Change]

    @property
    def is_slower(self) -> bool:
        """Whether any measure got worse."""
        return any(change.verdict is Speed.SLOWER for change in self.changes)


def to_speeds(run: LoadRun) -> dict[str, float]:
    """Take what is compared out of a run."""
    figures = run.figures
    target = [part.cpu_s for part in run.parts if part.part in {"fakes", "service"}]
    speeds = {
        "records_per_s": figures.records_per_s,
        "requests_per_s": figures.requests / figures.duration_s if figures.duration_s else 0.0,
        "p50_ms": figures.p50_ms,
        "p95_ms": figures.p95_ms,
    }
    if target:
        speeds["target_cpu_s"] = sum(target)
    return {name: round(value, 3) for name, value in speeds.items()}


def save_baseline(path: Path, runs: Sequence[LoadRun]) -> None:
    """Store the runs. Raises LoadError: a run was partial or failed, or the file is unwritable."""
    bad = [run for run in runs if run.partial or not run.figures.finished]
    if bad:
        raise LoadError(f"{path}: not saved: {len(bad)} of {len(runs)} runs did not finish")
    first = runs[0]
    baseline = Baseline(
        profile=first.profile.name,
        digest=first.profile.digest,
        target=first.target,
        machine=first.machine,
        taken_at=first.started_at.isoformat(timespec="seconds"),
        runs=[to_speeds(run) for run in runs],
    )
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        text = json.dumps(msgspec.to_builtins(baseline), indent=1)
        path.write_text(f"{text}\n", encoding="utf-8")
    except OSError as error:
        raise LoadError(f"{path}: cannot be written: {error.strerror}") from None


def read_baseline(path: Path) -> Baseline:
    """Read a stored baseline. Raises LoadError."""
    try:
        baseline = msgspec.json.decode(path.read_bytes(), type=Baseline)
    except OSError as error:
        raise LoadError(
            f"{path}: cannot be read: {error.strerror}; --save-baseline makes one"
        ) from None
    except msgspec.MsgspecError as error:
        raise LoadError(f"{path}: is no baseline: {error}") from None
    if baseline.format != FORMAT:
        raise LoadError(f"{path}: has format {baseline.format}; this Homeroom reads {FORMAT}")
    return baseline


def check_comparable(path: Path, baseline: Baseline, *, machine: Machine, digest: str) -> None:
    """Refuse a baseline of another machine or another load, before the run. Raises LoadError."""
    ours, theirs = msgspec.to_builtins(machine), msgspec.to_builtins(baseline.machine)
    differ = [name for name in ours if ours[name] != theirs[name]]
    if differ:
        told = "; ".join(f"{name}: {theirs[name]} then, {ours[name]} now" for name in differ)
        raise LoadError(
            f"{path}: is of another machine ({told}); speeds of two machines say nothing about "
            "the code. Take a baseline here: --save-baseline"
        )
    if baseline.digest != digest:
        raise LoadError(
            f"{path}: is of another load ({baseline.profile}, {baseline.target}): profile, "
            "district and all options that change it must be the same"
        )


def compare(path: Path, baseline: Baseline, runs: Sequence[LoadRun]) -> Comparison:
    """Hold today's runs against the baseline's."""
    now = [to_speeds(run) for run in runs]
    names = [name for name in MEASURES if all(name in run for run in (*baseline.runs, *now))]
    return Comparison(
        baseline=str(path),
        runs_before=len(baseline.runs),
        runs_now=len(now),
        changes=[
            compare_measure(name, [run[name] for run in baseline.runs], [run[name] for run in now])
            for name in names
        ],
    )


def compare_measure(name: str, before: Sequence[float], now: Sequence[float]) -> Change:
    """Compare one measure of two groups of runs."""
    was, is_ = median(before), median(now)
    p_value, smallest = permutation_test(before, now)
    ratio = is_ / was if was else float("inf") if is_ else 1.0
    low, high = ratio_interval(before, now)
    worse = ratio < 1 - TOLERANCE if MEASURES.get(name) else ratio > 1 + TOLERANCE
    better = ratio > 1 + TOLERANCE if MEASURES.get(name) else ratio < 1 - TOLERANCE
    if smallest > ALPHA:
        verdict = Speed.TOO_FEW
    elif p_value <= ALPHA and worse:
        verdict = Speed.SLOWER
    elif p_value <= ALPHA and better:
        verdict = Speed.FASTER
    else:
        verdict = Speed.SAME
    return Change(
        measure=name,
        before=round(was, 3),
        now=round(is_, 3),
        ratio=round(ratio, 3),
        low=round(low, 3),
        high=round(high, 3),
        p_value=round(p_value, 4),
        verdict=verdict,
    )


def permutation_test(before: Sequence[float], now: Sequence[float]) -> tuple[float, float]:
    """Return the two-sided p value of a difference in means, and the smallest that is possible.

    Exact where all deals can be counted; else over a fixed sample of them.
    """
    values = np.array([*before, *now])
    size, count = len(before), len(values)
    deals: Any = itertools.islice(itertools.combinations(range(count), size), LARGEST_DEAL + 1)
    chosen = np.array(list(deals))
    if len(chosen) > LARGEST_DEAL:
        dice = np.random.default_rng(1)
        chosen = np.array([dice.permutation(count)[:size] for _ in range(20_000)])
    sums = values[chosen].sum(axis=1)
    gaps = np.abs(sums / size - (values.sum() - sums) / (count - size))
    seen = abs(float(np.mean(before)) - float(np.mean(now)))
    # As far apart as seen, up to rounding of sums.
    extreme = int((gaps >= seen - 1e-9 * max(1.0, seen)).sum())
    return extreme / len(chosen), 2 / len(chosen)


def ratio_interval(before: Sequence[float], now: Sequence[float]) -> tuple[float, float]:
    """Give the interval of median(now) / median(before), by a bootstrap with fixed dice."""
    dice = np.random.default_rng(1)
    was = np.median(dice.choice(np.array(before), (4000, len(before))), axis=1)
    is_ = np.median(dice.choice(np.array(now), (4000, len(now))), axis=1)
    ratios = is_ / np.maximum(was, 1e-9)
    tail = (1 - CONFIDENCE) / 2
    low, high = np.quantile(ratios, [tail, 1 - tail])
    return float(low), float(high)
