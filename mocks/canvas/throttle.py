"""Canvas's leaky bucket: what each caller may still spend."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from homeroom.mocks.canvas.settings import CanvasSettings

_IDLE = timedelta(hours=1)


@dataclass(slots=True)
class Bucket:
    """One caller's debt."""

    count: float
    touched_at: datetime


class Buckets:
    """The buckets of a space, by caller."""

    def __init__(self) -> None:
        self._buckets: dict[str, Bucket] = {}

    def enter(self, caller: str, settings: CanvasSettings, *, now: datetime) -> float | None:
        """Add a request's up-front cost; returns the remaining units when the bucket is full."""
        bucket = self._buckets.get(caller)
        if bucket is None or now - bucket.touched_at > _IDLE:
            bucket = self._buckets[caller] = Bucket(0.0, now)
        self._leak(bucket, settings, now)
        bucket.count = min(
            bucket.count + settings["throttle_upfront_cost"], settings["throttle_maximum"]
        )
        if bucket.count >= settings["throttle_high_water_mark"]:
            # A refused request costs nothing in the end but what it added up front.
            remaining = settings["throttle_high_water_mark"] - bucket.count
            bucket.count = max(0.0, bucket.count - settings["throttle_upfront_cost"])
            return float(remaining)
        return None

    def leave(self, caller: str, settings: CanvasSettings, cost: float, *, now: datetime) -> float:
        """Exchange the up-front cost for the real one; returns the remaining units."""
        bucket = self._buckets.setdefault(caller, Bucket(0.0, now))
        self._leak(bucket, settings, now)
        bucket.count = max(0.0, bucket.count + cost - settings["throttle_upfront_cost"])
        return float(settings["throttle_high_water_mark"] - bucket.count)

    @staticmethod
    def _leak(bucket: Bucket, settings: CanvasSettings, now: datetime) -> None:
        # Set back, the clock leaks nothing.
        seconds = max(0.0, (now - bucket.touched_at).total_seconds())
        bucket.count = max(0.0, bucket.count - seconds * settings["throttle_outflow_per_s"])
        bucket.touched_at = now
