"""The report bundle: its files and their digests, written beside and moved into place whole.

Below `repro/` lies a replay bundle for each world in which something failed, below `performance/`
the load run that was handed in.
"""

import contextlib
import hashlib
import os
import re
import shutil
import tempfile
import zipfile
import zlib
from collections.abc import Generator, Mapping
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from homeroom.certify.html import to_html
from homeroom.certify.junit import to_junit
from homeroom.certify.performance import FOLDER as PERFORMANCE
from homeroom.certify.results import FILE, Results, ResultsError, Verdict, encode, read_results
from homeroom.certify.signing import is_signed_by, read_private_key, read_public_key

SUMS = "SHA256SUMS"
LATEST = "latest"
REPORTS = Path("reports")
HASHED = ("index.html", "junit.xml", FILE)
REPLAYS = "repro"
ATTACHED = (REPLAYS, PERFORMANCE)
SIGNATURE = "SHA256SUMS.sig"
_OURS = frozenset({*HASHED, SUMS, SIGNATURE, *ATTACHED})

UNPACKED_BYTES = 1024**3
# A file of the bundle, or one attached below it; nothing that leads out of the folder.
_NAME = re.compile(rf"(?:(?:{'|'.join(ATTACHED)})/)?[A-Za-z0-9][A-Za-z0-9._-]*")


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
    if names and not ({FILE, SUMS} <= names <= _OURS):
        raise BundleError(
            f"{folder}: holds something other than an earlier report "
            f"({', '.join(sorted(names)[:3])}); name another folder, or empty it"
        )


def write_bundle(
    results: Results, folder: Path, attached: Mapping[str, bytes] | None = None
) -> None:
    """Write the bundle to `folder`, replacing an earlier one whole. Raises BundleError.

    Args:
        results: What the report is made from.
        folder: Absent, empty or an earlier bundle.
        attached: Replay bundles and the files of a load run by their names in the bundle, such as
            `repro/01-prv-enr-07.zip`.
    """
    folder = folder.resolve()
    check_target(folder)
    files: Mapping[str, bytes] = {
        "index.html": to_html(results).encode(),
        "junit.xml": to_junit(results),
        FILE: encode(results),
        **(attached or {}),
    }
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        beside = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    except OSError as error:
        raise BundleError(f"{folder}: cannot be written: {error.strerror}") from error
    try:
        for name, content in files.items():
            path = beside / name
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(content)
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


def verify(folder: Path, public_key: Path | None = None) -> list[str]:
    """Say what is wrong with a bundle, nothing where it is whole.

    Args:
        folder: The bundle, or the zip it was sealed in.
        public_key: Whose signature it must have.

    Raises:
        BundleError: It is no bundle.
        KeyFileError: The key cannot be used.
    """
    key = read_public_key(public_key) if public_key is not None else None
    with opened(folder) as whole:
        wrong = _wrong_digests(whole)
        if key is not None:
            wrong += _wrong_signature(whole, key)
    return wrong


def is_signed(folder: Path) -> bool:
    """Say whether a bundle, or the zip it was sealed in, brings a signature, right or wrong."""
    with opened(folder) as whole:
        return (whole / SIGNATURE).is_file()


@contextlib.contextmanager
def opened(bundle: Path) -> Generator[Path]:
    """Lend a bundle's folder; a sealed one is unpacked for the block. Raises BundleError."""
    if not bundle.is_file():
        yield bundle
        return
    with tempfile.TemporaryDirectory(prefix="homeroom-sealed-") as work:
        try:
            with zipfile.ZipFile(bundle) as archive:
                names = [each.filename for each in archive.infolist()]
                if sum(each.file_size for each in archive.infolist()) > UNPACKED_BYTES:
                    raise BundleError(f"{bundle}: unpacks to more than a report ever has")
                archive.extractall(work)
        except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError) as error:
            raise BundleError(f"{bundle}: is no whole sealed report: {error}") from None
        roots = {name.partition("/")[0] for name in names}
        if len(roots) != 1:
            raise BundleError(f"{bundle}: is no sealed report: it holds {len(roots)} folders")
        yield Path(work) / roots.pop()


def _wrong_digests(folder: Path) -> list[str]:
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
        if len(digest) != 64 or not _NAME.fullmatch(name):
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
    present = {
        path.relative_to(folder).as_posix() for path in folder.rglob("*") if not path.is_dir()
    }
    stray = present - {SUMS, SIGNATURE, *HASHED, *listed}
    wrong += [f"{name}: does not belong to the bundle" for name in sorted(stray)]
    return wrong


def _wrong_signature(folder: Path, key: Ed25519PublicKey) -> list[str]:
    try:
        signature = (folder / SIGNATURE).read_bytes()
    except OSError:
        return [f"{SIGNATURE}: is missing: the bundle is not signed"]
    if is_signed_by(key, signature, (folder / SUMS).read_bytes()):
        return []
    told = "another key signed it, or it was changed after it was signed"
    return [f"{SIGNATURE}: is not this key's signature of {SUMS}: {told}"]


def package(folder: Path, target: Path, key: Path | None = None) -> None:
    """Seal a complete run in one zip, the same bytes each time, signed where a key is given.

    Raises:
        BundleError: The run is not complete or was changed, or the zip cannot be written.
        KeyFileError: The key cannot be used.
    """
    signer = read_private_key(key) if key is not None else None
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
    if results.selection.only or results.not_run:
        raise BundleError(
            f"{folder}: only a part was run (its verdict is {results.verdict}); "
            "only a complete run can be sealed"
        )
    root = results.environment.run_id or folder.resolve().name
    sums = (folder / SUMS).read_bytes()
    listed = [line.partition("  ")[2] for line in sums.decode("ascii").splitlines()]
    files = {name: (folder / name).read_bytes() for name in sorted(listed)}
    files[SUMS] = sums
    if signer is not None:
        files[SIGNATURE] = signer.sign(sums)
    beside = target.with_name(f".{target.name}-{os.getpid()}")
    try:
        with zipfile.ZipFile(beside, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, content in files.items():
                entry = zipfile.ZipInfo(f"{root}/{name}", date_time=(1980, 1, 1, 0, 0, 0))
                entry.compress_type = zipfile.ZIP_DEFLATED
                entry.external_attr = 0o644 << 16
                archive.writestr(entry, content)
        beside.replace(target)
    except OSError as error:
        beside.unlink(missing_ok=True)
        raise BundleError(f"{target}: cannot be written: {error.strerror}") from error
