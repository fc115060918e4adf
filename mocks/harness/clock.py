"""The clock of a space: both fakes tell the time by it, and it can be set, frozen and advanced."""

import time
from datetime import UTC, datetime, timedelta


class Clock:
    """Time in one space: it starts where it is told, ticks on with the machine unless frozen."""

    def __init__(self, now: datetime, *, frozen: bool = False) -> None:
        self._at = now.astimezone(UTC)
        self._since = time.monotonic()
        self.frozen = frozen

    def now(self) -> datetime:
        """Return the space's time, an aware instant in UTC."""
        if self.frozen:
            return self._at
        return self._at + timedelta(seconds=time.monotonic() - self._since)

    def set(self, now: datetime | None = None, *, frozen: bool | None = None) -> None:
        """Move the clock to `now`, or keep its time, and stop it or let it tick."""
        self._at = self.now() if now is None else now.astimezone(UTC)
        self._since = time.monotonic()
        if frozen is not None:
            self.frozen = frozen

    def advance(self, seconds: float) -> None:
        """Move the clock on by `seconds`; a frozen clock stays frozen."""
        self.set(self.now() + timedelta(seconds=seconds))


def parse_instant(text: str) -> datetime:
    """Read an ISO 8601 instant; without a zone it is UTC. Raises ValueError."""
    at = datetime.fromisoformat(text)
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)


def iso_seconds(at: datetime) -> str:
    """Write an instant as Canvas and the control plane do: UTC, whole seconds, `Z`."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def iso_millis(at: datetime) -> str:
    """Write an instant as OneRoster 1.1 does: UTC, milliseconds, `Z`."""
    at = at.astimezone(UTC)
    return f"{at:%Y-%m-%dT%H:%M:%S}.{at.microsecond // 1000:03d}Z"
