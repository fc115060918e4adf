"""Working on more rows than memory should hold: dealt out by key onto shelves, one at a time.

What belongs together (a class with its enrollments) has one key, so lies on one shelf. A shelf
fits in memory; all of them need not.
"""

from collections.abc import Callable, Iterable, Iterator
from itertools import takewhile
from pathlib import Path
from tempfile import SpooledTemporaryFile
from typing import Generic, TypeVar
from zlib import crc32

import msgspec

from homeroom.reference.canvas.rows import Row

S = TypeVar("S", bound=msgspec.Struct)
W = TypeVar("W", bound=Row)

SHELVES = 128
SPILL_BYTES, READ_BYTES = 8 << 20, 1 << 20
# What a row file has after each shelf.
END = b"\n"
_encoder = msgspec.json.Encoder()


def shelf_of(key: str) -> int:
    """Say on which shelf a key lies, on every machine and night."""
    return crc32(key.encode()) % SHELVES


class Shelves(Generic[S]):
    """Records of one kind, dealt out as they come and taken back shelf by shelf."""

    def __init__(self, kind: type[S], key: Callable[[S], str]) -> None:
        self._decoder, self._key = msgspec.json.Decoder(kind), key
        self._file = SpooledTemporaryFile(SPILL_BYTES)  # noqa: SIM115 - nameless, it ends with us
        self._places: list[list[tuple[int, int]]] = [[] for _ in range(SHELVES)]
        self.count = 0

    def __del__(self) -> None:
        self._file.close()

    def add(self, records: Iterable[S]) -> None:
        """Deal out some records, each to its key's shelf."""
        dealt: list[list[S]] = [[] for _ in range(SHELVES)]
        for record in records:
            dealt[shelf_of(self._key(record))].append(record)
        at = self._file.seek(0, 2)
        for places, ours in zip(self._places, dealt, strict=True):
            if ours:
                size = self._file.write(_encoder.encode_lines(ours))
                places.append((at, size))
                at, self.count = at + size, self.count + len(ours)

    def take(self, shelf: int) -> list[S]:
        """Give back what lies on one shelf."""
        content = bytearray()
        for at, size in self._places[shelf]:
            self._file.seek(at)
            content += self._file.read(size)
        return self._decoder.decode_lines(content)


class RowFile(Generic[W]):
    """The rows of one kind that Canvas should hold, shelf after shelf; the memory of a night."""

    def __init__(self, path: Path, kind: type[W]) -> None:
        self.path, self._decoder = path, msgspec.json.Decoder(kind)

    def shelves(self) -> Iterator[list[bytes]]:
        """Yield each shelf's rows as written down; empty shelves where there is no file."""
        if not self.path.exists():
            yield from ([] for _ in range(SHELVES))
            return
        with self.path.open("rb", buffering=READ_BYTES) as file:
            for _ in range(SHELVES):
                yield list(takewhile(END.__ne__, file))

    def decode(self, lines: Iterable[bytes]) -> list[W]:
        """Read rows as they are written down."""
        return self._decoder.decode_lines(b"".join(lines))

    def __iter__(self) -> Iterator[W]:
        """Yield every row."""
        for shelf in self.shelves():
            yield from self.decode(shelf)


def encode(rows: Iterable[Row]) -> list[bytes]:
    """Write rows down, one a line."""
    return _encoder.encode_lines(list(rows)).splitlines(keepends=True)
