"""Sending what a handler answered."""

import asyncio
from collections.abc import AsyncIterator, Mapping

import msgspec
from starlette.types import Receive, Send

from homeroom.mocks.harness.request import Answer, Body

encode_json = msgspec.json.Encoder(decimal_format="number").encode
"""JSON as the fakes write it: decimals are numbers."""


def unpack(answer: Answer) -> tuple[Body, int, dict[str, str]]:
    """Return body, status and headers of a handler's answer."""
    if not isinstance(answer, tuple):
        return answer, 200, {}
    if len(answer) == 2:
        return answer[0], answer[1], {}
    return answer[0], answer[1], dict(answer[2])


def to_bytes(body: Body) -> bytes:
    """Return a body as it is sent: bytes and text as they are, anything else as JSON."""
    match body:
        case None:
            return b""
        case bytes():
            return body
        case str():
            return body.encode()
        case _:
            return encode_json(body)


async def send_answer(
    send: Send, body: Body, status: int, headers: Mapping[str, str], *, json_type: str
) -> None:
    """Send an answer: bytes as they are, anything else encoded as JSON."""
    payload = to_bytes(body)
    raw = [
        (key.lower().encode("latin-1"), str(value).encode("latin-1", "replace"))
        for key, value in headers.items()
    ]
    names = {key for key, _ in raw}
    if payload and b"content-type" not in names:
        raw.append((b"content-type", json_type.encode()))
    if status not in (204, 304):
        raw.append((b"content-length", str(len(payload)).encode()))
    await send({"type": "http.response.start", "status": status, "headers": raw})
    await send({"type": "http.response.body", "body": payload})


async def send_stream(
    send: Send, receive: Receive, chunks: AsyncIterator[bytes], headers: Mapping[str, str]
) -> None:
    """Send an answer chunk by chunk as it comes into being, until it ends or its reader has gone.

    The reader's going is seen between two chunks: an idle stream yields empty ones.
    """
    raw = [
        (key.lower().encode("latin-1"), value.encode("latin-1")) for key, value in headers.items()
    ]
    gone = asyncio.ensure_future(receive())
    try:
        await send({"type": "http.response.start", "status": 200, "headers": raw})
        async for chunk in chunks:
            if gone.done():
                break
            if chunk:
                await send({"type": "http.response.body", "body": chunk, "more_body": True})
        await send({"type": "http.response.body", "body": b"", "more_body": False})
    finally:
        gone.cancel()
