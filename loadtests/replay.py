"""A real provider's pace, replayed by the fakes: what `homeroom connect --probe` measured.

A page's latency has a long tail, so it is drawn from a log-normal distribution that has the
measured median and the measured 95th percentile.
"""

import json
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec

from homeroom.loadtests.profiles import LoadError

Z95 = 1.6448536269514722
"""The normal distribution's 95th percentile, in standard deviations."""
OPERATION_OF = {
    "users": "getAllUsers",
    "classes": "getAllClasses",
    "enrollments": "getAllEnrollments",
}


class Pages(msgspec.Struct, frozen=True, kw_only=True):
    """Latencies of one collection at one page size, milliseconds."""

    path: str
    limit: int
    p50_ms: float
    p95_ms: float

    @property
    def sigma(self) -> float:
        """Standard deviation of the latency's logarithm."""
        return max(0.0, math.log(max(self.p95_ms, self.p50_ms) / max(self.p50_ms, 1e-6)) / Z95)


class Replay(msgspec.Struct, frozen=True, kw_only=True):
    """What the fakes are to be as slow as."""

    pages: tuple[Pages, ...] = ()
    import_rows_per_s: float | None = None
    source: str = ""

    def rules(self) -> list[dict[str, Any]]:
        """Give the fault rules that make the provider as slow as the measured one."""
        return [
            {
                "when": {"fake": "focus", "operation": OPERATION_OF[page.path], "seed": number + 1},
                "act": {
                    "kind": "delay",
                    "seconds": round(page.p50_ms / 1000, 6),
                    "distribution": "log-normal",
                    "sigma": round(page.sigma, 4),
                },
            }
            for number, page in enumerate(self.pages)
        ]


def read_replay(
    probe: Path | None, *, import_rows_per_s: float | None, page_limit: int
) -> Replay | None:
    """Read what `homeroom connect --probe --json` printed; None where nothing is to be replayed.

    Raises LoadError: the file is something else.
    """
    if probe is None:
        if import_rows_per_s is None:
            return None
        return Replay(import_rows_per_s=import_rows_per_s, source="--import-rows-per-s")
    try:
        document = json.loads(probe.read_text(encoding="utf-8"))
        found = msgspec.convert(document["probe"], list[Pages], strict=False)
    except OSError as error:
        raise LoadError(f"{probe}: cannot be read: {error.strerror}") from None
    except (ValueError, KeyError, TypeError, msgspec.ValidationError):
        raise LoadError(
            f"{probe}: times no pages; `homeroom connect --probe --json > {probe.name}` does"
        ) from None
    known = [page for page in found if page.path in OPERATION_OF]
    if not known:
        raise LoadError(f"{probe}: times none of {', '.join(OPERATION_OF)}")
    return Replay(
        pages=tuple(_nearest(known, path, page_limit) for path in {page.path for page in known}),
        import_rows_per_s=import_rows_per_s,
        source=probe.name,
    )


def _nearest(pages: Sequence[Pages], path: str, limit: int) -> Pages:
    """Choose the measured page size that is nearest to the profile's, by ratio."""
    mine = sorted((page for page in pages if page.path == path), key=lambda page: page.limit)
    return min(mine, key=lambda page: abs(math.log(page.limit / limit)))
