"""How long a run would take to its end, told before it is there."""

from collections.abc import Mapping

from homeroom.loadtests.plan import Plan


def forecast_s(
    plan: Plan, elapsed_s: float, records: int, mean_ms: Mapping[str, float]
) -> float | None:
    """Give the seconds that the whole would take at this pace; None where that is not known.

    Two bounds, of which the larger holds. All records arrive at the pace of those that have; and
    the pages of one endpoint follow one another, so that many small collections that are soon
    through do not hide a long one that takes half the night.

    Args:
        plan: Says how much there is to read.
        elapsed_s: Since the run began.
        records: Read until now.
        mean_ms: What a page of each operation takes.
    """
    if not plan.expected_records:
        return None
    by_records = elapsed_s * plan.expected_records / max(1, records)
    chains = [pages * mean_ms.get(name, 0.0) / 1000 for name, pages in plan.chains.items()]
    return max([by_records, *chains])
