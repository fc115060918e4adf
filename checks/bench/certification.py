"""The whole certification of the reference on two workers (P10)."""

import json
import tempfile
from pathlib import Path

from checks.bench.measure import Asked, Found, Series, at_most, spend
from checks.support import environment

LIMIT_S, LIMIT_RUNS = 180, 60


def run(asked: Asked) -> Found:
    """Certify once: it is long, and its time is held against a limit, not another program."""
    if asked.quick:
        return Found(notes=["P10, the whole certification, is measured by `make bench`"])
    with tempfile.TemporaryDirectory(prefix="homeroom-bench-") as folder:
        report = Path(folder) / "report"
        words = ("certify", "sync", "--workers", "2", "--report", str(report))
        spent = spend(*words, env=environment(), folder=Path(folder))
        if spent.code != 0:
            raise SystemExit(f"the certification ended with {spent.code}: {spent.err[-2000:]}")
        results = json.loads((report / "results.json").read_text(encoding="utf-8"))
    runs = results["environment"]["subject_runs"]
    return Found(
        bars=[
            at_most("P10", "seconds of a whole sync certification", spent.seconds, LIMIT_S),
            at_most("P10 runs", "runs of the subject in it", runs, LIMIT_RUNS),
        ],
        series=[Series("certification, 2 workers: seconds", (spent.seconds,))],
    )
