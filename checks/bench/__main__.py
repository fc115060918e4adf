"""`make bench`: measure every bar there is so far, print them, keep bench.json."""

import argparse
import json
import sys
from dataclasses import asdict
from pathlib import Path

from checks.bench import canvas, focus, night, seeding, stage
from checks.bench.measure import ROUNDS, Bar, Series, describe_machine

PACKAGES = ("connexion", "uvicorn", "msgspec", "httpx", "numpy", "orjson", "isal")
BENCHES = {
    "seeding": seeding.run,
    "night": night.run,
    "focus": focus.run,
    "canvas": canvas.run,
    "stage": stage.run,
}


def main() -> int:
    """Run the benchmarks asked for; 0 when every bar is reached, else 1."""
    parser = argparse.ArgumentParser(prog="python -m checks.bench", description=__doc__)
    parser.add_argument("bench", nargs="*", choices=[[], *BENCHES], help="default: all")
    parser.add_argument("--rounds", type=int, default=ROUNDS, help="interleaved rounds")
    parser.add_argument("--out", type=Path, default=Path("bench.json"))
    asked = parser.parse_args()
    machine = describe_machine(PACKAGES)
    print(f"{', '.join(f'{name} {value}' for name, value in machine.items())}")
    print(f"{asked.rounds} interleaved rounds, medians [min - max]\n")
    bars: list[Bar] = []
    series: dict[str, Series] = {}
    for name in asked.bench or BENCHES:
        found, measured = BENCHES[name](asked.rounds)
        for one in measured:
            series[one.name] = one
            print(f"  {one.name:<58} {one}")
        for bar in found:
            bars.append(bar)
            sign = ">=" if bar.at_least else "<="
            verdict = "reached" if bar.reached else "MISSED"
            print(
                f"  {bar.id}: {bar.text}: {bar.ratio:.3g} (needed {sign} {bar.needed:g}) {verdict}"
            )
        print()
    document = {
        "machine": machine,
        "rounds": asked.rounds,
        "bars": [{**asdict(bar), "reached": bar.reached} for bar in bars],
        "series": {one.name: list(one.figures) for one in series.values()},
    }
    asked.out.write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")
    return 0 if all(bar.reached for bar in bars) else 1


sys.exit(main())
