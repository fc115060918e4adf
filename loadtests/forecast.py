"""How long a run would take to its end, told before it is there."""

from collections.abc import Mapping

from homeroom.loadtests.plan import Plan

EARLIEST_S = 20.0
"""A run is not given up as too slow before this, nor before its window where that is shorter."""
MARGIN = 1.25
"""Nor while what is left may still fit if pages get this much quicker."""


def forecast_s(
    plan: Plan, elapsed_s: float, pages: int, mean_ms: Mapping[str, float]
) -> float | None:
    """Give the seconds that the whole would take at this pace; None where that is not known.

    Two bounds, of which the larger holds. All pages arrive at the pace of those that have; and
    the pages of one endpoint follow one another, so that many small collections that are soon
    through do not hide a long one that takes half the night. Pages, not rows: rows come a
    thousand at a time, and before the first thousand is there nothing could be told.

    Args:
        plan: Says how much there is to read.
        elapsed_s: Since the run began.
        pages: Read until now.
        mean_ms: What a page of each operation takes.
    """
    if not plan.expected_pages or not pages:
        return None
    by_pages = elapsed_s * plan.expected_pages / pages
    chains = [links * mean_ms.get(name, 0.0) / 1000 for name, links in plan.chains.items()]
    return max([by_pages, *chains])


def is_hopeless(window_s: float, elapsed_s: float, whole_s: float) -> bool:
    """Whether a run can't fit its window any more, however kindly its forecast is read."""
    if elapsed_s < min(EARLIEST_S, window_s):
        return False
    return elapsed_s + (whole_s - elapsed_s) / MARGIN > window_s
