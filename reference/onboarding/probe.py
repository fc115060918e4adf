"""How long pages take, so that a night's length can be told before there is one."""

from collections.abc import Mapping

import msgspec

from homeroom.reference.onboarding.pages import read_page
from homeroom.reference.transport import Transport

PROBED = ("users", "classes", "enrollments")
LIMITS = (100, 1000)
PAGES = 10


class Latency(msgspec.Struct, frozen=True, kw_only=True):
    """What pages of one size took; `whole_s` is the whole collection's time at that pace."""

    path: str
    limit: int
    pages: int
    rows: int
    p50_ms: float
    p95_ms: float
    whole_s: float | None


def measure(transport: Transport, counts: Mapping[str, int | None]) -> list[Latency]:
    """Time pages spread over each big collection, one after the other."""
    return [_of(transport, path, limit, counts.get(path)) for path in PROBED for limit in LIMITS]


def _of(transport: Transport, path: str, limit: int, total: int | None) -> Latency:
    step = max(limit, (total or 0) // PAGES)
    offsets = range(0, min(max(1, total or 1), step * PAGES), step)
    timed: list[float] = []
    rows = 0
    for offset in offsets:
        params = {"limit": str(limit), "offset": str(offset)}
        page = read_page(transport, path, path, params)
        timed.append(page.seconds)
        rows += len(page.rows)
    p50 = quantile(timed, 0.5)
    return Latency(
        path=path,
        limit=limit,
        pages=len(timed),
        rows=rows,
        p50_ms=round(p50 * 1000, 1),
        p95_ms=round(quantile(timed, 0.95) * 1000, 1),
        whole_s=None if total is None else round(-(-total // limit) * p50, 1),
    )


def quantile(values: list[float], share: float) -> float:
    """Give the smallest value that at least `share` of all do not exceed."""
    ranked = sorted(values)
    return ranked[min(len(ranked) - 1, max(0, -int(-len(ranked) * share // 1) - 1))]
