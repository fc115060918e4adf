"""From the bytes of one CSV file to its rows, each with the line it stands in."""

import codecs
import contextlib
import csv
import io
from collections.abc import Iterator, Sequence

from homeroom.mocks.district.csv_binding.layout import METADATA
from homeroom.mocks.district.csv_binding.problems import Problems


def read_rows(
    file: str, data: bytes, header: Sequence[str], problems: Problems, *, extensible: bool = False
) -> Iterator[tuple[int, list[str]]]:
    """Yield the rows of a file whose header is as it should be, with their line numbers.

    Rows come in the order of `header`, extension columns behind it. A file whose encoding or
    header is wrong has no rows that could be trusted: it is reported and yields none.
    """
    text = decode(file, data, problems)
    if text is None:
        return
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        found = next(reader, None)
        if not check_header(file, found, header, problems, extensible=extensible):
            return
        width = len(found or ())
        for row in reader:
            if not row:
                continue
            if _check_row(file, reader.line_num, row, width, problems):
                yield reader.line_num, row
    except csv.Error as error:
        problems.add(
            f"is no CSV ({error}); quote fields that hold a comma, and double quotes inside them",
            file=file,
            line=reader.line_num,
        )


def read_rows_leniently(data: bytes, header: Sequence[str]) -> Iterator[tuple[int, list[str]]]:
    """Yield whatever rows can be made out, their fields by name in the order of `header`.

    Columns not in `header` but named `metadata.*` follow in the order of the file.
    """
    text = data.removeprefix(codecs.BOM_UTF8).decode("utf-8", "replace")
    reader = csv.reader(io.StringIO(text, newline=""))
    found = header_of(data)
    extra = [name for name in found if name.startswith(METADATA)]
    places = [found.index(name) if name in found else None for name in (*header, *extra)]
    with contextlib.suppress(csv.Error):  # What follows cannot be told apart any more.
        next(reader, None)
        for row in reader:
            if row:
                yield (
                    reader.line_num,
                    ["" if place is None or place >= len(row) else row[place] for place in places],
                )


def header_of(data: bytes) -> list[str]:
    """Return a file's header as it stands there; extension columns are known only from it."""
    return _fields(data.removeprefix(codecs.BOM_UTF8).split(b"\n", 1)[0])


def _fields(line: bytes) -> list[str]:
    text = line.decode("utf-8", "replace")
    try:
        return next(csv.reader(io.StringIO(text, newline="")), [])
    except csv.Error:
        return []


def decode(file: str, data: bytes, problems: Problems) -> str | None:
    """Decode UTF-8, a byte-order mark tolerated; report the first byte that is none."""
    data = data.removeprefix(codecs.BOM_UTF8)
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        start = data.rfind(b"\n", 0, error.start) + 1
        header = header_of(data)
        place = max(0, len(_fields(data[start : error.start])) - 1)
        problems.add(
            f"byte 0x{data[error.start]:02x} is no UTF-8; save the file as UTF-8",
            file=file,
            line=data.count(b"\n", 0, error.start) + 1,
            column=header[place] if place < len(header) else None,
        )
        return None


def check_header(
    file: str,
    found: Sequence[str] | None,
    header: Sequence[str],
    problems: Problems,
    *,
    extensible: bool,
) -> bool:
    """Report a header that is not the binding's, column by column as it is read."""
    if found is None:
        problems.add(f"is empty; it must begin with {','.join(header)}", file=file, line=1)
        return False
    before = problems.count
    for place, (have, want) in enumerate(zip(found, header, strict=False), start=1):
        if have != want:
            where = f"column {place} of the header"
            problems.add(
                f"{where} is {have!r} and must be {want!r}; the header must be {','.join(header)}",
                file=file,
                line=1,
                column=want,
            )
            return False
    for missing in header[len(found) :]:
        problems.add(
            f"is missing from the header, which must be {','.join(header)}",
            file=file,
            line=1,
            column=missing,
        )
    extra = found[len(header) :]
    for name in extra:
        if not (extensible and name.startswith(METADATA) and len(name) > len(METADATA)):
            allowed = f"; only {METADATA}* columns may follow" if extensible else ""
            problems.add(
                f"{name!r} is no column of this file{allowed}; remove it",
                file=file,
                line=1,
                column=name,
            )
    if len(set(extra)) != len(extra):
        problems.add("names a column twice", file=file, line=1)
    return problems.count == before


def _check_row(file: str, line: int, row: list[str], width: int, problems: Problems) -> bool:
    if len(row) != width:
        problems.add(
            f"has {len(row)} fields where the header has {width}; quote fields that hold a comma",
            file=file,
            line=line,
        )
        return False
    if any("\n" in field or "\r" in field for field in row):
        problems.add("has a line break inside a field; remove it", file=file, line=line)
        return False
    return True
