"""Taking the file of an import from a request, in the three ways that Canvas takes one."""

import re
from typing import TYPE_CHECKING

from homeroom.mocks.canvas.errors import bad_error
from homeroom.mocks.canvas.params import text
from homeroom.mocks.canvas.sis_import.uploads import add_attachment, pack
from homeroom.mocks.canvas.store import Attachment
from homeroom.mocks.harness.request import VendorError, current_request

if TYPE_CHECKING:
    from homeroom.mocks.canvas.world import CanvasWorld

_EXTENSIONS = {
    "application/zip": "zip",
    "text/xml": "xml",
    "text/plain": "csv",
    "text/csv": "csv",
}
_CONTENT_TYPES = {"zip": "application/zip", "csv": "text/csv", "xml": "text/xml"}
_CHARSET = re.compile(r"charset\s*=\s*\"?([^\s;\"]+)", re.IGNORECASE)
MULTIPART = "multipart/form-data"


async def receive_upload(world: "CanvasWorld") -> Attachment:
    """Keep the file that the request brings; raises Canvas's refusals."""
    request = current_request()
    if request.content_type == MULTIPART:
        upload = next((file for file in request.files if file.name == "attachment"), None)
        if upload is not None:
            filename = upload.filename.replace("\\", "/").rsplit("/", 1)[-1] or "sis_import"
            return await _keep(world, filename, upload.content)
        if world.settings["sis_import_missing_attachment"] == "400":
            raise VendorError(400, {"error": True, "error_message": "Missing attachment"})
    charset = _CHARSET.search(request.headers.get("content-type", ""))
    if charset is not None and charset[1].lower() != "utf-8":
        raise bad_error("Invalid content type, UTF-8 required")
    extension = text("extension") or _EXTENSIONS.get(request.content_type, "zip")
    return await _keep(world, f"sis_import.{extension}", request.body)


async def _keep(world: "CanvasWorld", filename: str, content: bytes) -> Attachment:
    extension = filename.rsplit(".", 1)[-1].lower()
    return add_attachment(
        world.store,
        filename=filename,
        content_type=_CONTENT_TYPES.get(extension, "application/octet-stream"),
        content=content,
        packed=await pack(filename, content),
        at=world.now(),
    )
