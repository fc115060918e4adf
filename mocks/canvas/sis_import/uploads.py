"""What was uploaded: containers opened safely, files kept small in memory."""

import asyncio
import gzip
import io
import re
import zipfile
import zlib
from collections.abc import Iterable
from datetime import datetime
from typing import BinaryIO, cast

from isal import igzip

from homeroom.mocks.canvas.sis_import.csv_files import CsvFile
from homeroom.mocks.canvas.store import Attachment, CanvasStore

MAX_RATIO = 100
MAX_BYTES = 50 * 2**30
MAX_MEMBERS = 100_000
_COMPRESS_ABOVE = 65_536
# Left out without a word: what desktops put into archives, hidden files at any depth.
_IGNORED = re.compile(r"__macosx|desktop d[bf]|(\A|/)\.", re.IGNORECASE)


class BadContainerError(Exception):
    """An upload that is no archive, or one beyond the limits."""


class Container:
    """The files of one upload."""

    def __init__(self) -> None:
        self.csv_files: list[CsvFile] = []
        self.unknown: list[str] = []
        """Members that are no CSV."""

    @property
    def size(self) -> int:
        """Uncompressed bytes of all CSV files."""
        return sum(file.size for file in self.csv_files)


def is_compressed(filename: str, size: int) -> bool:
    """Tell whether a file is kept compressed: large ones are, unless they are archives."""
    return size > _COMPRESS_ABOVE and not filename.lower().endswith(".zip")


async def pack(filename: str, content: bytes) -> bytes | None:
    """Compress what is kept compressed, beside the event loop: it can take a second."""
    if not is_compressed(filename, len(content)):
        return None
    return await asyncio.to_thread(igzip.compress, content, 1)


def add_attachment(
    store: CanvasStore,
    *,
    filename: str,
    content_type: str,
    content: bytes,
    at: datetime,
    packed: bytes | None = None,
) -> Attachment:
    """Keep a file; `packed` is its content when it was compressed already."""
    size = len(content)
    compressed = is_compressed(filename, size)
    if compressed:
        content = igzip.compress(content, 1) if packed is None else packed
    number = store.attachments.next_id
    return store.attachments.add(
        Attachment(
            id=number,
            uuid=store.uuid("attachment", number),
            filename=filename,
            content_type=content_type,
            content=content,
            size=size,
            compressed=compressed,
            created_at=at,
            updated_at=at,
        )
    )


def add_member_attachment(
    store: CanvasStore, source: Attachment, file: CsvFile, *, at: datetime
) -> Attachment:
    """Keep a CSV file of an archive as a file of its own, without copying it."""
    number = store.attachments.next_id
    return store.attachments.add(
        Attachment(
            id=number,
            uuid=store.uuid("attachment", number),
            filename=file.name.rsplit("/", 1)[-1],
            content_type="text/csv",
            content=b"",
            size=file.size,
            source_id=source.id,
            member=file.name,
            created_at=at,
            updated_at=at,
        )
    )


def hidden_columns(header: Iterable[str]) -> tuple[str, ...]:
    """Return the columns that no file is offered with: passwords."""
    return tuple(sorted({name.lower() for name in header} & {"password", "ssha_password"}))


def hide_columns(attachment: Attachment, hidden: tuple[str, ...]) -> None:
    """Offer a CSV file without these columns, under a name that says so."""
    if hidden:
        attachment.hidden_columns = hidden
        attachment.filename = attachment.filename[: -len(".csv")] + "_filtered.csv"


def open_attachment(store: CanvasStore, attachment: Attachment) -> BinaryIO:
    """Open a kept file for reading."""
    if attachment.source_id is not None:
        source = store.attachments.get(attachment.source_id)
        if attachment.member is None:
            return open_attachment(store, source)
        archive = zipfile.ZipFile(io.BytesIO(source.content))
        return cast("BinaryIO", archive.open(attachment.member))
    content = io.BytesIO(attachment.content)
    if not attachment.compressed:
        return content
    return cast("BinaryIO", gzip.GzipFile(fileobj=content, mode="rb"))


async def open_beside(store: CanvasStore, attachment: Attachment) -> Container:
    """Open an upload beside the event loop: an archive may list 100,000 members."""
    if attachment.size < _COMPRESS_ABOVE:
        return open_container(store, attachment)
    return await asyncio.to_thread(open_container, store, attachment)


def open_container(store: CanvasStore, attachment: Attachment) -> Container:
    """Open an upload: a zip's members, or a single CSV; raises BadContainerError.

    Any other kind of file holds nothing.
    """
    name = attachment.filename.lower()
    if name.endswith(".csv"):
        container = Container()
        if attachment.size:
            container.csv_files.append(
                CsvFile(
                    attachment.filename,
                    attachment.size,
                    lambda: open_attachment(store, attachment),
                )
            )
        return container
    if name.endswith(".zip"):
        return _open_zip(attachment.content)
    return Container()


def _open_zip(content: bytes) -> Container:
    container = Container()
    try:
        archive = zipfile.ZipFile(io.BytesIO(content))
        members = archive.infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError, EOFError) as error:
        raise BadContainerError(str(error)) from error
    if len(members) > MAX_MEMBERS:
        raise BadContainerError(f"{len(members)} members")
    if sum(member.file_size for member in members) > min(MAX_RATIO * len(content), MAX_BYTES):
        raise BadContainerError("it grows too large")
    seen: set[str] = set()
    for member in sorted(members, key=lambda one: one.filename):
        name = member.filename
        if member.is_dir() or name in seen or _IGNORED.search(name) or not _is_safe(name):
            continue
        seen.add(name)
        if not name.lower().endswith(".csv"):
            container.unknown.append(name)
        elif member.file_size:
            container.csv_files.append(_member_file(archive, member))
    return container


def _is_safe(name: str) -> bool:
    """Tell whether a member's name stays inside the folder it is unpacked to."""
    parts = name.replace("\\", "/").split("/")
    return not name.startswith(("/", "\\")) and ".." not in parts and ":" not in parts[0]


def _member_file(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> CsvFile:
    return CsvFile(
        member.filename, member.file_size, lambda: cast("BinaryIO", archive.open(member))
    )


READ_ERRORS = (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError, OSError)
"""What reading a broken, encrypted or oddly packed member raises."""
