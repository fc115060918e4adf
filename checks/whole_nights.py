"""Whole nights of one large district, end to end: `python -m checks.whole_nights mega`.

Both fakes and the reference service on this machine: the first night, a night after which nothing
had changed, one with 1 % of the enrollments changed, and one that reads everything again. Prints a
line a night with wall time, the processor time of service and fakes, and memory, ready for
docs/performance.md; exit 0 when every night ended as it should, 1 otherwise.
"""

import argparse
import json
import os
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from checks.bench.drive import anonymous_mb, cpu_s
from checks.bench.measure import describe_machine
from checks.bench.night import NEXT, NOW, change_one_in_a_hundred, provision
from checks.support import Up
from checks.worlds import control

PACKAGES = ("connexion", "uvicorn", "msgspec", "httpx")
DAY_S = 86_400
LATER, LATEST = NEXT.replace("T06", "T09"), NEXT.replace("T06", "T12")
ENDED = frozenset({0, 1})
"""Done, or done with rows that Canvas warned of."""
COLUMNS = (
    "night", "wall s", "CPU s service", "CPU s fakes", "service peak MB", "fakes MB",
    "stages, wall s", "rows sent", "load",
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Night:
    """What one night took."""

    night: str
    code: int
    wall_s: float
    service_cpu_s: float
    fakes_cpu_s: float
    service_peak_mb: float
    fakes_anonymous_mb: float
    stages_s: dict[str, float]
    """Wall seconds by stage."""
    sent: int
    """Rows sent to Canvas."""
    load: float
    """Processes that wanted a core, over the last minute."""


def main() -> int:
    """Live the nights and print them."""
    parser = argparse.ArgumentParser(prog="python -m checks.whole_nights", description=__doc__)
    parser.add_argument("district", nargs="?", default="mega", help="mega, stress, or any other")
    parser.add_argument("--out", type=Path, help="keep the figures as JSON")
    words = parser.parse_args()
    print(", ".join(f"{name} {value}" for name, value in describe_machine(PACKAGES).items()))
    nights = live(words.district)
    if words.out:
        words.out.parent.mkdir(parents=True, exist_ok=True)
        text = json.dumps([asdict(night) for night in nights], indent=1)
        words.out.write_text(f"{text}\n", encoding="utf-8")
    return 0 if all(night.code in ENDED for night in nights) else 1


def live(district: str) -> list[Night]:
    """Live four nights of a district."""
    with (
        Up("--district", district, "--now", NOW, validate="off") as up,
        tempfile.TemporaryDirectory(prefix="homeroom-nights-") as state,
    ):
        folder = Path(state)
        print(f"| {' | '.join(COLUMNS)} |\n{'|---' * len(COLUMNS)}|")
        nights = [_live(up, folder, "first", NOW, delta=True)]
        if nights[0].code not in ENDED:
            return nights
        control(up.document, "POST", "/clock/advance", {"seconds": DAY_S})
        nights.append(_live(up, folder, "quiet, delta", NEXT, delta=True))
        change_one_in_a_hundred(up, 0)
        nights.append(_live(up, folder, "1 % changed, delta", LATER, delta=True))
        nights.append(_live(up, folder, "quiet, everything read", LATEST, delta=False))
        return nights


def _live(up: Up, folder: Path, name: str, now: str, *, delta: bool) -> Night:
    pid = up.process.pid
    before = cpu_s(pid)
    spent = provision(up, folder, now, delta=delta)
    found: dict[str, Any] = json.loads(spent.out) if spent.out else {}
    counts = found.get("plan", {}).get("counts", {})
    night = Night(
        night=name,
        code=spent.code,
        wall_s=round(spent.seconds, 1),
        service_cpu_s=round(spent.cpu_s, 1),
        fakes_cpu_s=round(cpu_s(pid) - before, 1),
        service_peak_mb=round(spent.peak_mb),
        fakes_anonymous_mb=round(anonymous_mb(pid)),
        stages_s=found.get("seconds", {}),
        sent=sum(kind["sent"] for kind in counts.values()),
        load=round(os.getloadavg()[0], 1),
    )
    print(_line(night), flush=True)
    if spent.code not in ENDED:
        print(f"ended with {spent.code}: {spent.err[-1000:]}", file=sys.stderr)
    return night


def _line(night: Night) -> str:
    stages = ", ".join(f"{name} {seconds:.1f}" for name, seconds in night.stages_s.items())
    cells: Sequence[object] = (
        night.night, night.wall_s, night.service_cpu_s, night.fakes_cpu_s, night.service_peak_mb,
        night.fakes_anonymous_mb, stages, f"{night.sent:,}", night.load,
    )  # fmt: skip
    return f"| {' | '.join(str(cell) for cell in cells)} |"


if __name__ == "__main__":
    sys.exit(main())
