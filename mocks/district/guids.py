"""sourcedIds in the form of GUIDs, as Focus serves them, that can be read back into an index.

The first 48 bits are the index, scrambled by a reversible map; the others follow from these by a
hash. So an id is found by arithmetic, and one that was never given out is told from one that was.
"""

import re

import numpy as np
from numpy.typing import NDArray

from homeroom.mocks.district.hashing import MASK_64, UInts, mix, mix_array

_MASK_48 = (1 << 48) - 1
_MASK_62 = (1 << 62) - 1
_ODD = 0xD6E8FEB86659FD93
_FORM = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
_HEX = np.frombuffer("".join(f"{byte:02x}" for byte in range(256)).encode(), np.uint16)
# Where the 16 pairs of hexadecimal digits stand in the text; a dash follows pairs 4, 6, 8 and 10.
_COLUMNS = np.array([0, 2, 4, 6, 9, 11, 14, 16, 19, 21, 24, 26, 28, 30, 32, 34])
_DASHES = np.array([8, 13, 18, 23])


class Guids:
    """The ids of one kind of record under one key."""

    def __init__(self, base: int) -> None:
        self._first = (mix(base) & _MASK_48) | 1
        self._second = (mix(base + 1) & _MASK_48) | 1
        self._shift = mix(base + 2) & _MASK_48
        self._tail = mix(base + 3)
        self._first_back = pow(self._first, -1, 1 << 48)
        self._second_back = pow(self._second, -1, 1 << 48)

    def text(self, index: int) -> str:
        """Return the id of an index: a version 4 GUID in lower case."""
        head = self._scrambled(index)
        tail = mix(head ^ self._tail)
        low = (tail & _MASK_62) | (1 << 63)
        return (
            f"{head >> 16:08x}-{head & 0xFFFF:04x}-4{(head * _ODD & MASK_64) >> 52:03x}"
            f"-{low >> 48:04x}-{low & _MASK_48:012x}"
        )

    def index(self, text: str) -> int | None:
        """Return the index that has this id, None when it has another form or was tampered with."""
        if not _FORM.fullmatch(text):
            return None
        value = int(text[:8] + text[9:13], 16)
        value ^= value >> 25
        value = (value * self._second_back) & _MASK_48
        value ^= value >> 24
        value = (value * self._first_back) & _MASK_48
        index = value ^ self._shift
        return index if self.text(index) == text else None

    def texts(self, indices: NDArray[np.integer]) -> NDArray[np.bytes_]:
        """Return the ids of many indices, 36 bytes each."""
        head = self._scrambled_array(indices.astype(np.uint64))
        tail = mix_array(head ^ np.uint64(self._tail))
        high = (
            (head << np.uint64(16))
            | np.uint64(0x4000)
            | ((head * np.uint64(_ODD)) >> np.uint64(52))
        )
        low = (tail & np.uint64(_MASK_62)) | np.uint64(1 << 63)
        raw = np.stack((high, low), axis=1).astype(">u8").view(np.uint8)
        digits = _HEX[raw].view(np.uint8).reshape(-1, 16, 2)
        out = np.empty((len(head), 36), np.uint8)
        out[:, _COLUMNS] = digits[:, :, 0]
        out[:, _COLUMNS + 1] = digits[:, :, 1]
        out[:, _DASHES] = ord("-")
        return out.view("S36").reshape(-1)

    def _scrambled(self, index: int) -> int:
        value = ((index ^ self._shift) * self._first) & _MASK_48
        value ^= value >> 24
        value = (value * self._second) & _MASK_48
        return value ^ (value >> 25)

    def _scrambled_array(self, indices: UInts) -> UInts:
        mask = np.uint64(_MASK_48)
        value = ((indices ^ np.uint64(self._shift)) * np.uint64(self._first)) & mask
        value ^= value >> np.uint64(24)
        value = (value * np.uint64(self._second)) & mask
        return value ^ (value >> np.uint64(25))
