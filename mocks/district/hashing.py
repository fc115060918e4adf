"""Randomness without a generator: every draw is a hash of what it is drawn for.

splitmix64's finaliser in Python and in numpy, the same bits from both on every machine, so that
record 1,000,000 can be made without the 999,999 before it.
"""

import hashlib
from bisect import bisect_right
from collections.abc import Sequence
from itertools import accumulate
from math import gcd

import numpy as np
from numpy.typing import NDArray

MASK_64 = (1 << 64) - 1
_GOLDEN = 0x9E3779B97F4A7C15
_FIRST = 0xBF58476D1CE4E5B9
_SECOND = 0x94D049BB133111EB

UInts = NDArray[np.uint64]


def mix(value: int) -> int:
    """Scramble 64 bits, reversibly and evenly."""
    value = (value + _GOLDEN) & MASK_64
    value = ((value ^ (value >> 30)) * _FIRST) & MASK_64
    value = ((value ^ (value >> 27)) * _SECOND) & MASK_64
    return value ^ (value >> 31)


def mix_array(values: UInts) -> UInts:
    """Scramble every element as `mix` does."""
    values = values + np.uint64(_GOLDEN)
    values = (values ^ (values >> np.uint64(30))) * np.uint64(_FIRST)
    values = (values ^ (values >> np.uint64(27))) * np.uint64(_SECOND)
    return values ^ (values >> np.uint64(31))


def key(*parts: int | str) -> int:
    """Return 64 bits that stand for `parts`: a seed, a kind of record, a purpose."""
    text = "\x1f".join(map(str, parts)).encode()
    return int.from_bytes(hashlib.sha256(text).digest()[:8], "big")


def draw(base: int, index: int) -> int:
    """Return the 64 bits of `index` under a key."""
    return mix(base ^ mix(index))


def draw_array(base: int, indices: NDArray[np.integer]) -> UInts:
    """Return the 64 bits of every index under a key, as `draw` does."""
    return mix_array(np.uint64(base) ^ mix_array(indices.astype(np.uint64)))


def part(whole: int, number: int) -> int:
    """Return the 64 bits of one numbered part of something that has 64 bits of its own."""
    return mix((whole + number * _SECOND) & MASK_64)


def below(bits: int, limit: int) -> int:
    """Turn 64 random bits into a number from 0 to `limit` - 1."""
    return (bits * limit) >> 64


class Weighted:
    """A table to draw from by weight, in integers: no machine's rounding can change a draw."""

    def __init__(self, entries: Sequence[tuple[str, float]]) -> None:
        """Take (value, weight) pairs; weights need not add up to one."""
        self._values = tuple(value for value, _ in entries)
        self._steps = list(accumulate(max(1, round(weight * 1e9)) for _, weight in entries))

    def __len__(self) -> int:
        return len(self._values)

    def pick(self, bits: int) -> str:
        """Return the value that 64 random bits fall on."""
        return self._values[bisect_right(self._steps, below(bits, self._steps[-1]))]


class Permutation:
    """A shuffle of 0 .. count-1 that needs no list: an affine map, and its inverse."""

    def __init__(self, count: int, base: int) -> None:
        """Shuffle `count` indices in the way that the key `base` says."""
        self.count = max(1, count)
        self.step = 1 + below(mix(base), self.count)
        while gcd(self.step, self.count) != 1:
            self.step += 1
        self.shift = below(mix(base + 1), self.count)
        self.back = pow(self.step, -1, self.count)

    def forward(self, index: int) -> int:
        """Return the place of an index."""
        return (index * self.step + self.shift) % self.count

    def inverse(self, place: int) -> int:
        """Return the index at a place."""
        return ((place - self.shift) * self.back) % self.count

    def inverse_array(self, places: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the indices at many places; counts stay far below 2**31, so nothing overflows."""
        return ((places - self.shift) * self.back) % self.count
