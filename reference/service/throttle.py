"""Slows down whoever guesses tokens or links; who knows one is never slowed for it.

Counted in memory, by address: each process has its own count, and a restart forgets them.
"""

import time
from collections.abc import Mapping
from ipaddress import IPv6Address, ip_address

from limits import RateLimitItem, RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

from homeroom.reference.errors import SyncError

# Wrong ones, by what is guessed; then the address waits.
LIMITS: Mapping[str, RateLimitItem] = {
    "token": RateLimitItemPerMinute(20),
    "login": RateLimitItemPerMinute(10),
    "link": RateLimitItemPerMinute(10),
}


class TooManyError(SyncError):
    """Too many wrong guesses from one address; `wait_s` says when to try again."""

    def __init__(self, wait_s: int) -> None:
        super().__init__(f"too many wrong attempts from this address; try again in {wait_s} s")
        self.wait_s = wait_s


class Throttle:
    """Counts wrong guesses by address."""

    def __init__(self, limits: Mapping[str, RateLimitItem] = LIMITS) -> None:
        self._limits, self._counts = limits, MovingWindowRateLimiter(MemoryStorage())

    def check(self, what: str, address: str) -> None:
        """Pass an address that may guess once more. Raises TooManyError."""
        limit, who = self._limits[what], _who(address)
        if not self._counts.test(limit, what, who):
            until = self._counts.get_window_stats(limit, what, who).reset_time
            raise TooManyError(max(1, round(until - time.time())))

    def fail(self, what: str, address: str) -> None:
        """Count a wrong guess."""
        self._counts.hit(self._limits[what], what, _who(address))


def _who(address: str) -> str:
    """Give whom an address stands for: one subscriber has a whole /64 of IPv6."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return address
    return parsed.exploded[:19] if isinstance(parsed, IPv6Address) else address
