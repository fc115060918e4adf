"""Growth curves as one SVG."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import matplotlib as mpl
from matplotlib.figure import Figure

Points = Sequence[tuple[float, float]]


def draw(curves: Mapping[str, Points], path: Path) -> None:
    """Draw each curve in an axis of its own, from zero: a straight line is linear growth."""
    mpl.rcParams["svg.hashsalt"] = "homeroom"  # the same figures give the same file
    figure = Figure(figsize=(4.2 * len(curves), 3.2), layout="constrained")
    for number, (name, points) in enumerate(curves.items(), 1):
        axis = figure.add_subplot(1, len(curves), number)
        places, values = zip(*sorted(points), strict=True)
        axis.plot(places, values, marker="o", color="#1f5f99")
        for place, value in points:
            axis.annotate(f"{value:,.3g}", (place, value), (0, 6), textcoords="offset points")
        axis.set_title(name, fontsize=10)
        axis.set_xlim(0, max(places) * 1.15)
        axis.set_ylim(0, max(values) * 1.2)
        axis.set_xlabel("threads" if name.endswith("threads") else "enrollments", fontsize=9)
        axis.xaxis.set_major_formatter(lambda value, _: f"{value:,.0f}")
        axis.tick_params(labelsize=8)
        axis.grid(alpha=0.3)
    figure.savefig(path, format="svg", metadata={"Date": None})
