"""Reading multipart forms."""

from collections.abc import AsyncGenerator

from starlette.datastructures import Headers, UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser

from homeroom.mocks.harness.request import Refusal, Request, Upload

MAX_PART_BYTES = 1 << 30


async def read_multipart(request: Request) -> list[tuple[str, str]]:
    """Return a multipart body's fields in order; files go to `request.files`. Raises Refusal."""

    async def stream() -> AsyncGenerator[bytes, None]:
        yield request.body

    try:
        form = await MultiPartParser(
            Headers({"content-type": request.headers["content-type"]}),
            stream(),
            max_part_size=MAX_PART_BYTES,
        ).parse()
    except (MultiPartException, KeyError, UnicodeDecodeError) as error:
        raise Refusal(
            status=400,
            reason="body",
            parameter="body",
            detail=f"the multipart form is malformed: {error}",
        ) from None
    fields: list[tuple[str, str]] = []
    for name, value in form.multi_items():
        if isinstance(value, UploadFile):
            request.files.append(
                Upload(name, value.filename or "", value.content_type or "", await value.read())
            )
        else:
            fields.append((name, value))
    await form.close()
    return fields
