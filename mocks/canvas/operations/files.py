"""Files that imports leave behind, fetched by their URL."""

import csv
import io
import re

from homeroom.mocks.canvas.errors import not_found
from homeroom.mocks.canvas.ids import get_by_number
from homeroom.mocks.canvas.params import text
from homeroom.mocks.canvas.sis_import.uploads import open_attachment
from homeroom.mocks.canvas.store import Attachment, CanvasStore
from homeroom.mocks.canvas.world import current_world
from homeroom.mocks.harness.request import Answer


async def download_file(id_: str) -> Answer:
    """Answer downloadFile: the file itself, for whoever has its verifier."""
    store = current_world().store
    attachment: Attachment = get_by_number(store.attachments, id_)
    if text("verifier") != attachment.uuid:
        raise not_found()
    name = re.sub(r"[^\w.\- ]", "_", attachment.filename)
    headers = {
        "Content-Type": attachment.content_type,
        "Content-Disposition": f'attachment; filename="{name}"',
    }
    return _content(store, attachment), 200, headers


def _content(store: CanvasStore, attachment: Attachment) -> bytes:
    with open_attachment(store, attachment) as stream:
        content = stream.read()
    if not attachment.hidden_columns:
        return content
    rows = csv.reader(io.StringIO(content.decode("utf-8-sig", "replace")))
    header = next(rows, [])
    kept = [at for at, name in enumerate(header) if name.lower() not in attachment.hidden_columns]
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    for row in (header, *rows):
        writer.writerow([row[at] for at in kept if at < len(row)])
    return out.getvalue().encode()
