"""The report bundle: four files and their digests, written beside and moved into place whole."""

import contextlib
import hashlib
import os
import shutil
import tempfile
import zipfile
from collections.abc import Mapping
from pathlib import Path

from homeroom.certify.html import to_html
from homeroom.certify.junit import to_junit
from homeroom.certify.results import FILE, Results, ResultsError, Verdict, encode, read_results

SUMS = "SHA256SUMS"
LATEST = "latest"
REPORTS = Path("reports")
HASHED = ("index.html", "junit.xml", FILE)


class BundleError(Exception):
    """A report folder cannot be used, or a bundle is not what it says."""


def check_target(folder: Path) -> None:
    """Raise BundleError unless `folder` is absent, empty or an earlier bundle, and writable."""
    if not folder.exists():
        if folder.is_symlink():
            raise BundleError(f"{folder}: is a link that leads nowhere; remove it")
        nearest = next(each for each in folder.resolve().parents if each.exists())
        if not (nearest.is_dir() and os.access(nearest, os.W_OK)):
            raise BundleError(f"{folder}: cannot be made in {nearest}; name another with --report")
        return
    if not folder.is_dir():
        raise BundleError(f"{folder}: is a file; name a folder for the report")
    names = {path.name for path in folder.iterdir()}
    if names and not ({FILE, SUMS} <= names <= {*HASHED, SUMS}):
        raise BundleError(
            f"{folder}: holds something other than an earlier report "
            f"({', '.join(sorted(names)[:3])}); name another folder, or empty it"
        )


def write_bundle(results: Results, folder: Path) -> None:
    """Write the bundle to `folder`, replacing an earlier one whole. Raises BundleError."""
    folder = folder.resolve()
    check_target(folder)
    files: Mapping[str, bytes] = {
        "index.html": to_html(results).encode(),
        "junit.xml": to_junit(results),
        FILE: encode(results),
    }
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        beside = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    except OSError as error:
        raise BundleError(f"{folder}: cannot be written: {error.strerror}") from error
    try:
        for name, content in files.items():
            (beside / name).write_bytes(content)
        (beside / SUMS).write_text(_sums(files), encoding="ascii")
        beside.chmod(0o755)
        _swap(beside, folder)
    except OSError as error:
        raise BundleError(f"{folder}: cannot be written: {error.strerror}") from error
    finally:
        shutil.rmtree(beside, ignore_errors=True)


def _sums(files: Mapping[str, bytes]) -> str:
    return "".join(
        f"{hashlib.sha256(content).hexdigest()}  {name}\n"
        for name, content in sorted(files.items())
    )


def _swap(beside: Path, folder: Path) -> None:
    if not folder.exists():
        beside.rename(folder)
        return
    old = beside.with_name(f"{beside.name}-old")
    folder.rename(old)
    try:
        beside.rename(folder)
    except OSError:
        old.rename(folder)
        raise
    shutil.rmtree(old)


def new_run_folder(run_id: str, reports: Path = REPORTS) -> Path:
    """Return the default folder of a run, one that is not there yet."""
    folder, number = reports / run_id, 2
    while folder.exists():
        folder, number = reports / f"{run_id}-{number}", number + 1
    return folder


def point_latest(folder: Path) -> None:
    """Make `latest` beside `folder` a relative link to it; where links are refused, leave it."""
    link, beside = folder.parent / LATEST, folder.parent / f".{LATEST}-{os.getpid()}"
    if link.exists() and not link.is_symlink():
        return
    with contextlib.suppress(OSError):
        beside.symlink_to(folder.name, target_is_directory=True)
        beside.replace(link)


def verify(folder: Path) -> list[str]:
    """Say what is wrong with a bundle, nothing where it is whole. Raises BundleError."""
    try:
        lines = (folder / SUMS).read_text(encoding="ascii").splitlines()
    except FileNotFoundError:
        raise BundleError(f"{folder}: holds no {SUMS}: it is no report bundle") from None
    except (OSError, UnicodeDecodeError) as error:
        raise BundleError(f"{folder / SUMS}: cannot be read: {error}") from error
    wrong: list[str] = []
    listed: set[str] = set()
    for number, line in enumerate(lines, start=1):
        digest, _, name = line.partition("  ")
        if len(digest) != 64 or not name or "/" in name or "\\" in name:
            wrong.append(f"{SUMS}, line {number}: is no digest and file name")
            continue
        listed.add(name)
        try:
            found = hashlib.sha256((folder / name).read_bytes()).hexdigest()
        except OSError:
            wrong.append(f"{name}: is missing")
            continue
        if found != digest:
            wrong.append(f"{name}: was changed after the run")
    wrong += [f"{name}: is not listed in {SUMS}" for name in HASHED if name not in listed]
    present = {path.name for path in folder.iterdir()} - {SUMS}
    wrong += [f"{name}: does not belong to the bundle" for name in sorted(present - {*HASHED})]
    return wrong


def package(folder: Path, target: Path) -> None:
    """Seal a complete run in one zip, the same bytes each time. Raises BundleError."""
    if wrong := verify(folder):
        raise BundleError(f"{folder}: {'; '.join(wrong)}")
    try:
        results = read_results(folder)
    except ResultsError as error:
        raise BundleError(str(error)) from error
    if results.verdict in (Verdict.INCOMPLETE, Verdict.ERROR):
        raise BundleError(
            f"{folder}: its verdict is {results.verdict} ({' '.join(results.reasons)}); "
            "only a complete run can be sealed"
        )
    root = results.environment.run_id or folder.resolve().name
    beside = target.with_name(f".{target.name}-{os.getpid()}")
    try:
        with zipfile.ZipFile(beside, "w", zipfile.ZIP_DEFLATED) as archive:
            for name in (*sorted(HASHED), SUMS):
                entry = zipfile.ZipInfo(f"{root}/{name}", date_time=(1980, 1, 1, 0, 0, 0))
                entry.compress_type = zipfile.ZIP_DEFLATED
                entry.external_attr = 0o644 << 16
                archive.writestr(entry, (folder / name).read_bytes())
        beside.replace(target)
    except OSError as error:
        beside.unlink(missing_ok=True)
        raise BundleError(f"{target}: cannot be written: {error.strerror}") from error
