"""The zip around the CSV files: what is in it, and whether its manifest says the same."""

import difflib
import io
import lzma
import struct
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from homeroom.mocks.district.csv_binding.layout import (
    FILES,
    MANIFEST,
    MANIFEST_HEADER,
    MODES,
    SOURCES,
    VERSIONS,
)
from homeroom.mocks.district.csv_binding.problems import Problems
from homeroom.mocks.district.csv_binding.rows import read_rows
from homeroom.mocks.district.district import DistrictError

# What zipfile raises, besides BadZipFile, at a damaged, encrypted or exotic archive.
UNREADABLE = (
    *(zipfile.BadZipFile, zlib.error, lzma.LZMAError, struct.error),
    *(ValueError, RuntimeError, EOFError, OSError),
)
_JUNK = ("__MACOSX/", ".")


@dataclass(frozen=True)
class Package:
    """The bytes of every data file, and what the manifest says of the source."""

    files: dict[str, bytes]
    missing: frozenset[str]
    """Files that the manifest promises and the package lacks."""
    system_name: str | None


def read_package(path: Path, problems: Problems) -> Package:
    """Read a zip into memory and compare it with its manifest.

    Raises:
        DistrictError: There is no such file, or it is no zip.
    """
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        raise DistrictError(f"{path}: there is no such file") from None
    except OSError as error:
        raise DistrictError(f"{path}: cannot be read: {error.strerror}") from error
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            contents = _contents(archive, problems)
    except UNREADABLE as error:
        problems.add(f"is no zip that can be read: {error}", file=path.name)
        contents = None
    if contents is None:
        problems.raise_if_any()
        raise DistrictError(f"{path}: is no zip that can be read")
    return _compare(contents, problems)


def _contents(archive: zipfile.ZipFile, problems: Problems) -> dict[str, bytes]:
    contents: dict[str, bytes] = {}
    known = {f"{name}.csv": name for name in (MANIFEST, *FILES)}
    for info in archive.infolist():
        name = info.filename
        base = name.rsplit("/", 1)[-1]
        if not base or name.startswith(_JUNK) or base.startswith("."):
            continue
        if name in known:
            if known[name] in contents:
                problems.add("is in the zip twice; keep one", file=name)
            contents[known[name]] = archive.read(info)
        elif base in known:
            problems.add("lies in a folder; move it to the root of the zip", file=name)
        elif base.lower().endswith(".csv"):
            problems.add(f"is no file of OneRoster 1.1{_nearest(base, known)}", file=name)
    return contents


def _nearest(name: str, known: Sequence[str] | dict[str, str]) -> str:
    lower = {candidate.lower().removesuffix(".csv"): candidate for candidate in known}
    close = difflib.get_close_matches(name.lower().removesuffix(".csv"), lower, n=1)
    return f"; did you mean {lower[close[0]]}?" if close else "; remove it"


def _compare(contents: dict[str, bytes], problems: Problems) -> Package:
    manifest = contents.pop(MANIFEST, None)
    if manifest is None:
        problems.add(
            "is missing; add it: without a manifest a package counts as OneRoster 1.0",
            file=f"{MANIFEST}.csv",
        )
        return Package(contents, frozenset(), None)
    properties = dict(_properties(manifest, problems))
    file = f"{MANIFEST}.csv"
    for name, version in VERSIONS.items():
        if name not in properties:
            problems.add(f"{name} is missing; add a row {name},{version}", file=file)
        elif properties[name][1] != version:
            line, value = properties[name]
            problems.add(
                f"{name} {value!r} must be {version}", file=file, line=line, column="value"
            )
    for name in FILES:
        _compare_mode(name, properties.get(f"file.{name}"), name in contents, problems)
    missing = frozenset(
        name
        for name in FILES
        if name not in contents and properties.get(f"file.{name}", (0, "absent"))[1] != "absent"
    )
    return Package(contents, missing, properties.get("source.systemName", (0, None))[1])


def _compare_mode(
    name: str, declared: tuple[int, str] | None, is_there: bool, problems: Problems
) -> None:
    file = f"{MANIFEST}.csv"
    if declared is None:
        problems.add(
            f"file.{name} is missing; add a row file.{name},{'bulk' if is_there else 'absent'}",
            file=file,
        )
        return
    line, mode = declared
    if mode not in MODES:
        problems.add(
            f"file.{name} {mode!r} is not allowed: use one of {', '.join(MODES)}",
            file=file,
            line=line,
            column="value",
        )
    elif mode != "absent" and not is_there:
        problems.add(
            f"is missing, though {file} line {line} says it is {mode}; add it, or say absent",
            file=f"{name}.csv",
        )


def _properties(data: bytes, problems: Problems) -> Iterator[tuple[str, tuple[int, str]]]:
    file = f"{MANIFEST}.csv"
    known = [*VERSIONS, *(f"file.{name}" for name in FILES), *SOURCES]
    seen: set[str] = set()
    rows = read_rows(file, data, MANIFEST_HEADER, problems)
    for line, (name, value) in rows:
        if name in seen:
            problems.add(f"{name} occurs twice; keep one", file=file, line=line)
        elif name.startswith("file.") and name not in known:
            problems.add(
                f"{name!r} is no property{_nearest(name, known)}",
                file=file,
                line=line,
                column="propertyName",
            )
        seen.add(name)
        yield name, (line, value)
