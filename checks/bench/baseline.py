"""The committed baseline: ratios that bars once had, and how far from them is news."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from checks.bench.measure import Bar

PATH = Path(__file__).with_name("baseline.json")
TOLERANCE = 0.30
"""A ratio that is so much worse than it was is told; less is what neighbours do to a machine."""
SAME = ("cores", "processor")


def compare(bars: Sequence[Bar], machine: Mapping[str, str], path: Path = PATH) -> list[str]:
    """Say which bars are worse than their baseline by more than the tolerance."""
    if not path.exists():
        return [f"there is no baseline in {path.name}"]
    kept = json.loads(path.read_text(encoding="utf-8"))
    other = [
        f"{name} {machine.get(name)} is not {kept['machine'].get(name)}"
        for name in SAME
        if machine.get(name) != kept["machine"].get(name)
    ]
    if other:
        return [f"not compared with the baseline, which is another machine's: {'; '.join(other)}"]
    worse: list[str] = []
    for bar in bars:
        was = kept["bars"].get(bar.id)
        if was is None or not was:
            continue
        change = bar.ratio / was - 1
        if (-change if bar.at_least else change) > TOLERANCE:
            worse.append(f"{bar.id} is {bar.ratio:.3g}, and was {was:.3g} ({change:+.0%})")
    told = f"none of {len(bars)} bars is worse than its baseline by more than {TOLERANCE:.0%}"
    return worse or [told]


def keep(bars: Sequence[Bar], machine: Mapping[str, str], path: Path = PATH) -> None:
    """Make these the baseline; bars that were not measured keep theirs."""
    kept = json.loads(path.read_text(encoding="utf-8"))["bars"] if path.exists() else {}
    ratios = {**kept, **{bar.id: float(f"{bar.ratio:.4g}") for bar in bars}}
    document = {"machine": dict(machine), "bars": dict(sorted(ratios.items()))}
    path.write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")
