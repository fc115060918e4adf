"""Zips of a crawl: marked in their manifest, and loaded as they came, unchecked."""

import csv
import io
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from homeroom.mocks.district.csv_binding.layout import MANIFEST
from homeroom.mocks.district.csv_binding.package import UNREADABLE
from homeroom.mocks.district.csv_binding.write import manifest_rows

SYSTEM_CODE = "homeroom-crawl"


def crawl_manifest(files: Sequence[str], system: str) -> Iterator[tuple[str, str]]:
    """Yield the rows of a crawl's manifest.

    Rows say status and date of change as a provider serves them, so to the binding the files are
    delta files, though they hold everything.
    """
    yield from manifest_rows(dict.fromkeys(files, "delta"), system)
    yield "source.systemCode", SYSTEM_CODE


def is_crawl(path: Path) -> bool:
    """Tell whether a zip says of itself that it is a crawl."""
    try:
        with zipfile.ZipFile(path) as archive:
            text = archive.read(f"{MANIFEST}.csv").decode("utf-8-sig")
        rows = list(csv.reader(io.StringIO(text, newline="")))
    except (*UNREADABLE, KeyError, csv.Error):
        return False
    return ["source.systemCode", SYSTEM_CODE] in rows
