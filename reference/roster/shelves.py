"""Working on more rows than memory should hold: dealt out by key onto shelves, one at a time.

What belongs together (a class with its enrollments) has one key, so lies on one shelf. A shelf
fits in memory; all of them need not.
"""

import tempfile
from collections.abc import Callable, Container, Iterable, Iterator, Mapping
from pathlib import Path
from typing import IO, Generic, TypeVar
from zlib import crc32

import msgspec

from homeroom.reference.canvas.rows import Row

S = TypeVar("S", bound=msgspec.Struct)
W = TypeVar("W", bound=Row)

SHELVES = 64
SPILL_BYTES = 8 << 20
_encoder = msgspec.json.Encoder()


def shelf_of(key: str) -> int:
    """Say which shelf a key belongs on; the same on every machine and every night."""
    return crc32(key.encode()) % SHELVES


class Shelves(Generic[S]):
    """Records of one kind, dealt out as they come and taken back shelf by shelf."""

    def __init__(self, kind: type[S], key: Callable[[S], str]) -> None:
        self._decoder = msgspec.json.Decoder(kind)
        self._key = key
        self._buffers = [bytearray() for _ in range(SHELVES)]
        self._spilled: list[list[tuple[int, int]]] = [[] for _ in range(SHELVES)]
        self._file: IO[bytes] | None = None
        self._held = 0
        self.count = 0

    def add(self, records: Iterable[S]) -> None:
        """Deal out some records."""
        dealt: list[list[S]] = [[] for _ in range(SHELVES)]
        key = self._key
        for record in records:
            dealt[crc32(key(record).encode()) % SHELVES].append(record)
        for buffer, ours in zip(self._buffers, dealt, strict=True):
            if ours:
                lines = _encoder.encode_lines(ours)
                buffer += lines
                self._held += len(lines)
                self.count += len(ours)
        if self._held > SPILL_BYTES:
            self._spill()

    def take(self, shelf: int) -> list[S]:
        """Give back what lies on one shelf."""
        content = bytearray()
        for at, size in self._spilled[shelf]:
            assert self._file is not None  # noqa: S101 - spilled to it
            self._file.seek(at)
            content += self._file.read(size)
        content += self._buffers[shelf]
        return self._decoder.decode_lines(content)

    def _spill(self) -> None:
        if self._file is None:
            self._file = tempfile.TemporaryFile()  # noqa: SIM115 - nameless: it ends with us
        at = self._file.seek(0, 2)
        for shelf, buffer in enumerate(self._buffers):
            self._file.write(buffer)
            self._spilled[shelf].append((at, len(buffer)))
            at += len(buffer)
            buffer.clear()
        self._held = 0


class RowFile(Generic[W]):
    """The rows of one kind that Canvas should hold, shelf after shelf; the memory of a night."""

    def __init__(self, path: Path, kind: type[W]) -> None:
        self._path = path
        self._decoder = msgspec.json.Decoder(kind)

    def shelves(self) -> Iterator[list[bytes]]:
        """Yield each shelf's rows as written down; empty shelves where there is no file."""
        if not self._path.exists():
            yield from ([] for _ in range(SHELVES))
            return
        with self._path.open("rb") as file:
            shelf: list[bytes] = []
            for line in file:
                if line == b"\n":
                    yield shelf
                    shelf = []
                else:
                    shelf.append(line[:-1])

    def decode(self, lines: Iterable[bytes]) -> list[W]:
        """Read rows as they are written down."""
        return self._decoder.decode_lines(b"\n".join(lines))

    def __iter__(self) -> Iterator[W]:
        """Yield every row."""
        for shelf in self.shelves():
            yield from self.decode(shelf)

    def replace(self, ids: Container[tuple[str, ...]], rows: Mapping[tuple[str, ...], W]) -> None:
        """Rewrite the file with other rows for some ids, or none where `rows` has none."""
        beside = self._path.with_name(self._path.name + ".part")
        with beside.open("wb") as file:
            for shelf in self.shelves():
                now = (rows.get(row.id) if row.id in ids else row for row in self.decode(shelf))
                file.write(encode(row for row in now if row is not None) + b"\n")
        beside.replace(self._path)


def encode(rows: Iterable[Row]) -> bytes:
    """Write rows down, one a line."""
    return _encoder.encode_lines(list(rows))
