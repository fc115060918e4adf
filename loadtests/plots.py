"""The load report's plots, as SVG that stands in the page."""

import io
import re
from collections.abc import Sequence
from itertools import pairwise
from typing import Any, TypeVar

import matplotlib as mpl
from matplotlib.figure import Figure

from homeroom.loadtests.machine import Sample
from homeroom.loadtests.plan import Second

T = TypeVar("T")

SIZE = (9.0, 2.8)
# Texts stay texts, ids stay the same from run to run, and no date makes two drawings differ.
STYLE: Any = {
    "svg.fonttype": "none",
    "svg.hashsalt": "homeroom",
    "font.family": "sans-serif",
    "font.size": 9,
    "axes.spines.top": False,
    "axes.spines.right": False,
}
# Colours that those can tell apart who cannot tell red from green (Okabe and Ito).
COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9")
MOST_POINTS = 600
FEW_POINTS = 20
SHORTEST_S = 0.5


def plot_latency(timeline: Sequence[Second]) -> str:
    """Draw median and 95th percentile of the last ten seconds, over time."""
    shown = _thinned([second for second in timeline if second.requests])
    times = [second.at_s for second in shown]
    curves = {
        "p50": (times, [second.p50_ms for second in shown]),
        "p95": (times, [second.p95_ms for second in shown]),
    }
    return _draw("Latency over time, milliseconds (of the last 10 s)", curves)


def plot_throughput(timeline: Sequence[Second]) -> str:
    """Draw records a second, and requests, over time."""
    shown = _thinned(timeline)
    start = Second(at_s=0, requests=0, failures=0, records=0, users=0, p50_ms=0, p95_ms=0)
    pairs = list(pairwise([start, *shown]))
    # The last look may come a moment after the one before: no rate can be told from that.
    pairs = [pair for pair in pairs if pair[1].at_s - pair[0].at_s >= SHORTEST_S] or pairs
    times = [after.at_s for _, after in pairs]
    rates = [
        (after.records - before.records) / max(after.at_s - before.at_s, 1e-3)
        for before, after in pairs
    ]
    return _draw("Records a second", {"records": (times, rates)})


def plot_processes(samples: Sequence[Sample]) -> str:
    """Draw the share of one core that each part took, and its memory."""
    parts = list(dict.fromkeys(sample.part for sample in samples))
    shares: dict[str, tuple[list[float], list[float]]] = {}
    memory: dict[str, tuple[list[float], list[float]]] = {}
    for part in parts:
        # A process that has ended holds no memory: that is no figure of the run.
        mine = _thinned([each for each in samples if each.part == part and each.memory_mb])
        times = [sample.at_s for sample in mine]
        shares[part] = (times, [sample.cpu_share * 100 for sample in mine])
        memory[part] = (times, [sample.memory_mb for sample in mine])
    return _draw("Processor time, % of one core", shares) + _draw("Memory, MB", memory)


def _thinned(points: Sequence[T]) -> list[T]:
    step = max(1, len(points) // MOST_POINTS)
    return [*points[::step]]


def _draw(title: str, curves: dict[str, tuple[list[float], list[float]]]) -> str:
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=SIZE, layout="constrained")
        axes: Any = figure.subplots()
        for number, (name, (times, values)) in enumerate(curves.items()):
            axes.plot(
                times, values, label=name, color=COLOURS[number % len(COLOURS)], linewidth=1.4,
                # Alone, a point makes no line.
                marker="o" if len(times) < FEW_POINTS else None, markersize=3,
            )  # fmt: skip
        axes.set_title(title, loc="left")
        axes.set_xlabel("seconds")
        axes.set_xlim(left=0)
        axes.set_ylim(bottom=0)
        axes.grid(axis="y", alpha=0.3)
        if len(curves) > 1:
            axes.legend(frameon=False, ncols=len(curves), loc="lower right", bbox_to_anchor=(1, 1))
        out = io.StringIO()
        figure.savefig(out, format="svg", metadata={"Date": None, "Creator": None})
    text = out.getvalue()
    # Its description in RDF names addresses, which a page that is read offline need not.
    text = re.sub(r"<metadata>.*?</metadata>", "", text, flags=re.DOTALL)
    # Without the XML prologue it can stand in a page; the title is for those who hear it.
    return text[text.index("<svg") :].replace("<svg ", f'<svg role="img" aria-label="{title}" ', 1)
