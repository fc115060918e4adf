"""CSV files of an import: scanned once for what would refuse them whole, then read row by row."""

import csv
import io
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import BinaryIO, cast

INVALID_UTF8 = "Invalid UTF-8"
MALFORMED = "Malformed CSV"
MAX_RECORD_CHARS = 1 << 25
"""A record longer than this is taken for malformed: memory stays bounded."""
_CHUNK_CHARS = 1 << 19
# Strict as Ruby's parser: a quote may stand only around a whole field, doubled inside it.
_RECORD = re.compile(r'(?:"[^"]*(?:""[^"]*)*"|[^",\n]*)(?:,(?:"[^"]*(?:""[^"]*)*"|[^",\n]*))*')

csv.field_size_limit(MAX_RECORD_CHARS)


@dataclass(frozen=True)
class CsvFile:
    """One CSV file of an upload, opened anew for each reading."""

    name: str
    size: int
    open: Callable[[], BinaryIO]

    def text(self) -> io.TextIOWrapper:
        """Open the file as text: a BOM is dropped, every line end is a newline."""
        return io.TextIOWrapper(
            cast("io.BufferedReader", self.open()), encoding="utf-8-sig", newline=None
        )


@dataclass
class Scan:
    """What a first reading of a file told."""

    header: list[str]
    rows: int = 0
    """Data rows, those of separators alone included, blank lines not."""
    failure: str | None = None


class Row:
    """One data row: cells by column name, stripped, empty ones None."""

    __slots__ = ("cells", "columns", "line")

    def __init__(self, line: int, cells: list[str], columns: dict[str, int]) -> None:
        self.line, self.cells, self.columns = line, cells, columns

    def __getitem__(self, name: str) -> str | None:
        """Return the cell of a column; None when it is empty or there is no such column."""
        at = self.columns.get(name)
        if at is None or at >= len(self.cells):
            return None
        return self.cells[at].strip() or None

    def has(self, name: str) -> bool:
        """Tell whether the file has the column at all."""
        return name in self.columns

    def info(self) -> str:
        """Return the row as Canvas reports it: CSV text with the line number as a last field."""
        out = io.StringIO()
        csv.writer(out, lineterminator="\n").writerow([*self.cells, self.line])
        return out.getvalue()


def scan(file: CsvFile) -> Iterator[Scan]:
    """Read a file through; yields what is known so far, the last one is the whole truth."""
    found = Scan(header=[])
    try:
        with file.text() as stream:
            for rows in _count_records(stream, found):
                found.rows += rows
                yield found
    except UnicodeDecodeError:
        found.failure = INVALID_UTF8
    except csv.Error:
        found.failure = MALFORMED
    found.rows = max(0, found.rows - 1)
    yield found


def _count_records(stream: io.TextIOWrapper, found: Scan) -> Iterator[int]:
    records = _Records()
    tail = ""
    while True:
        chunk = stream.read(_CHUNK_CHARS)
        lines = (tail + chunk).split("\n")
        tail = lines.pop() if chunk else ""
        if len(tail) > MAX_RECORD_CHARS:
            raise csv.Error
        rows = records.count(lines)
        if records.first is not None and not found.header:
            found.header = next(csv.reader(io.StringIO(records.first)), [])
        yield rows
        if not chunk:
            break
    if records.pending:
        raise csv.Error


class _Records:
    """Joins lines to records where quoted cells span several, and checks the quoting."""

    def __init__(self) -> None:
        self.first: str | None = None
        self.pending: list[str] = []
        self._chars = 0
        self._open = False

    def count(self, lines: list[str]) -> int:
        """Return how many records end in `lines`; raises csv.Error."""
        rows = 0
        for line in lines:
            if '"' not in line and not self.pending:
                if line:
                    rows += 1
                    if self.first is None:
                        self.first = line
                continue
            self.pending.append(line)
            self._chars += len(line) + 1
            if self._chars > MAX_RECORD_CHARS:
                raise csv.Error
            self._open ^= line.count('"') % 2 == 1
            if not self._open:
                record = "\n".join(self.pending)
                if not _RECORD.fullmatch(record):
                    raise csv.Error
                self.pending, self._chars = [], 0
                rows += 1
                if self.first is None:
                    self.first = record
        return rows


def to_columns(header: list[str]) -> dict[str, int]:
    """Return the place of each column; names are lower-cased but not stripped, the first wins."""
    columns: dict[str, int] = {}
    for at, name in enumerate(header):
        columns.setdefault(name.lower(), at)
    return columns


def read_rows(file: CsvFile) -> Iterator[tuple[int, list[str]]]:
    """Yield (line, cells) of the data rows; the header is line 1, blank lines are not counted.

    Rows of separators alone count as lines but are left out.
    """
    with file.text() as stream:
        line = 0
        for cells in csv.reader(stream):
            if not cells:
                continue
            line += 1
            if line == 1:
                continue
            if not cells[0].strip() and not any(cell.strip() for cell in cells):
                continue
            yield line, cells
