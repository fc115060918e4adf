"""The clock of a space: both fakes tell the time by it, and it can be set, frozen and advanced."""

import time
from datetime import UTC, datetime, timedelta

EARLIEST = datetime(1900, 1, 1, tzinfo=UTC)
LATEST = datetime(2999, 12, 31, tzinfo=UTC)
"""Where a space's clock may stand: around it there must be room for terms, zones and expiries."""


class Clock:
    """Time in one space: it starts where it is told, ticks on with the machine unless frozen."""

    def __init__(self, now: datetime, *, frozen: bool = False) -> None:
        self._at = _within(now)
        self._since = time.monotonic()
        self.frozen = frozen

    def now(self) -> datetime:
        """Return the space's time, an aware instant in UTC."""
        if self.frozen:
            return self._at
        return self._at + timedelta(seconds=time.monotonic() - self._since)

    def set(self, now: datetime | None = None, *, frozen: bool | None = None) -> None:
        """Move the clock to `now`, or keep its time, and stop it or let it tick.

        Raises ValueError where `now` is out of reach; the clock stays as it was.
        """
        self._at = self.now() if now is None else _within(now)
        self._since = time.monotonic()
        if frozen is not None:
            self.frozen = frozen

    def advance(self, seconds: float) -> None:
        """Move the clock on by `seconds`; a frozen clock stays frozen. Raises ValueError."""
        try:
            later = self.now() + timedelta(seconds=seconds)
        except OverflowError:
            later = datetime.max.replace(tzinfo=UTC)
        self.set(later)


def _within(now: datetime) -> datetime:
    """Return a time for a clock, in UTC; raises ValueError."""
    if not EARLIEST <= now <= LATEST:
        raise ValueError(
            f"{now.isoformat()} is out of reach: give a time from {EARLIEST.date()} "
            f"to {LATEST.date()}"
        )
    return now.astimezone(UTC)


def parse_instant(text: str) -> datetime:
    """Read an ISO 8601 instant; without a zone it is UTC. Raises ValueError."""
    try:
        at = datetime.fromisoformat(text.upper())  # RFC 3339 has `t` and `z` too
        return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
    except (ValueError, OverflowError):
        raise ValueError(f"{text} is no ISO 8601 instant, such as 2026-09-01T06:00:00Z") from None


def parse_clock_time(text: str) -> datetime:
    """Read an instant at which a clock may stand; raises ValueError."""
    return _within(parse_instant(text))


def iso_seconds(at: datetime) -> str:
    """Write an instant as Canvas and the control plane do: UTC, whole seconds, `Z`."""
    return at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def iso_millis(at: datetime) -> str:
    """Write an instant as OneRoster 1.1 does: UTC, milliseconds, `Z`."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
