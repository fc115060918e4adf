"""`make bench`: measure every bar, P1 to P10, print them, keep bench.json and the growth plot."""

import argparse
import json
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path

from checks.bench import baseline, canvas, certification, focus, night, passback, seeding, stage
from checks.bench.measure import ROUNDS, Asked, Found, describe_machine
from checks.bench.plot import draw

PACKAGES = ("connexion", "uvicorn", "msgspec", "httpx", "numpy", "orjson", "isal")
BENCHES = {
    "seeding": seeding.run,
    "night": night.run,
    "passback": passback.run,
    "focus": focus.run,
    "canvas": canvas.run,
    "stage": stage.run,
    "certification": certification.run,
}
QUICK_ROUNDS = 1
FOLDER = Path("reports") / "bench"


def main() -> int:
    """Run the benchmarks asked for; 0 when every bar is reached (or none judged), else 1."""
    parser = argparse.ArgumentParser(prog="python -m checks.bench", description=__doc__)
    told = f"of {', '.join(BENCHES)}; default: all"
    parser.add_argument("bench", nargs="*", metavar="BENCH", help=told)
    parser.add_argument("--rounds", type=int, help=f"interleaved rounds ({ROUNDS})")
    parser.add_argument("--quick", action="store_true", help="small sizes, in two minutes")
    parser.add_argument("--stress", action="store_true", help="3,000,000 enrollments as well")
    parser.add_argument("--keep", action="store_true", help="make this the baseline")
    parser.add_argument("--out", type=Path, default=FOLDER, help="folder of bench.json")
    words = parser.parse_args()
    if unknown := set(words.bench) - BENCHES.keys():
        parser.error(f"no bench is called {', '.join(sorted(unknown))}: {told}")
    rounds = words.rounds or (QUICK_ROUNDS if words.quick else ROUNDS)
    asked = Asked(rounds=rounds, quick=words.quick, stress=words.stress)
    machine = describe_machine(PACKAGES)
    print(", ".join(f"{name} {value}" for name, value in machine.items()))
    print(f"{rounds} interleaved rounds, medians [min - max] n=runs")
    if asked.quick:
        print("quick: small sizes and one round, to see that nothing broke; judges no bar")
    print(flush=True)
    whole = Found()
    for name in words.bench or BENCHES:
        began = time.perf_counter()
        found = BENCHES[name](asked)
        _tell(name, found, time.perf_counter() - began, judged=not asked.quick)
        whole.bars += found.bars
        whole.series += found.series
        whole.notes += found.notes
        whole.curves |= found.curves
    missed = [bar.id for bar in whole.bars if not bar.reached and not asked.quick]
    if not asked.quick:
        print(f"{len(whole.bars) - len(missed)} of {len(whole.bars)} bars reached", end="")
        print(f"; missed: {', '.join(missed)}" if missed else "")
        for line in baseline.compare(whole.bars, machine):
            print(f"baseline: {line}")
        if words.keep:
            baseline.keep(whole.bars, machine)
    _write(words.out, machine, asked, whole)
    return 1 if missed else 0


def _tell(name: str, found: Found, seconds: float, *, judged: bool) -> None:
    print(f"{name} ({seconds:.0f} s)")
    for one in found.series:
        print(f"  {one.name:<62} {one}")
    for bar in found.bars:
        sign = ">=" if bar.at_least else "<="
        verdict = ("reached" if bar.reached else "MISSED") if judged else ""
        needed = f"(needed {sign} {bar.needed:.3g})"
        print(f"  {bar.id}: {bar.text}: {bar.ratio:.3g} {needed} {verdict}".rstrip())
    for note in found.notes:
        print(f"  not measured: {note}")
    print(flush=True)


def _write(folder: Path, machine: Mapping[str, str], asked: Asked, found: Found) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    bars: Sequence[object] = [{**asdict(bar), "reached": bar.reached} for bar in found.bars]
    document = {
        "machine": machine,
        **asdict(asked),
        "bars": bars,
        "series": {one.name: list(one.figures) for one in found.series},
        "curves": found.curves,
        "not_measured": found.notes,
    }
    text = json.dumps(document, indent=2) + "\n"
    (folder / "bench.json").write_text(text, encoding="utf-8")
    print(f"figures: {folder / 'bench.json'}")
    if found.curves:
        draw(found.curves, folder / "growth.svg")
        print(f"growth curves: {folder / 'growth.svg'}")


sys.exit(main())
