"""Operations of the control plane that are about what happened in a space."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, cast

from homeroom.mocks.harness.answers import encode_json
from homeroom.mocks.harness.clock import parse_instant
from homeroom.mocks.harness.har import to_har
from homeroom.mocks.harness.journal import Exchange, to_entry, to_summary
from homeroom.mocks.harness.request import (
    Answer,
    Refusal,
    VendorError,
    current_request,
    current_space,
)
from homeroom.mocks.harness.space import Space

if TYPE_CHECKING:
    from homeroom.mocks.harness.control import ControlPlane

POLL_S = 0.1
"""How often a stream looks for new exchanges: a person watches it."""
HEARTBEAT_S = 15.0


def _shows_people(space: Space) -> bool:
    return space.district is None or space.district.generated


async def get_journal(**asked: Any) -> Answer:
    """Answer getJournal: the exchanges that fit all that is asked."""
    space = current_space()
    write = to_entry if asked["bodies"] else to_summary
    people = _shows_people(space)
    return {"requests": [write(exchange, people=people) for exchange in _chosen(space, asked)]}


def _chosen(space: Space, asked: Mapping[str, Any]) -> list[Exchange]:
    filters = {
        name: value for name, value in asked.items() if name not in ("space", "bodies", "limit")
    }
    limit = asked.get("limit")
    chosen = [exchange for exchange in space.journal if _fits(exchange, **filters)]
    return chosen if limit is None else chosen[-limit:]


def _fits(
    exchange: Exchange,
    *,
    seq: int | None = None,
    path: str | None = None,
    query: str | None = None,
    method: str | None = None,
    record: str | None = None,
    from_: str | None = None,
    to: str | None = None,
    **exact: Any,
) -> bool:
    since, until = _instant("from", from_), _instant("to", to)
    return (
        (seq is None or exchange.seq > seq)
        and (method is None or exchange.method == method.upper())
        and (path is None or path in exchange.path)
        and (query is None or query in exchange.query)
        and all(
            exact.get(name) in (None, getattr(exchange, name))
            for name in ("fake", "client", "operation_id", "status")
        )
        and (since is None or exchange.at >= since)
        and (until is None or exchange.at < until)
        and (record is None or _mentions(exchange, record))
    )


def _instant(name: str, text: str | None) -> datetime | None:
    try:
        return None if text is None else parse_instant(text)
    except ValueError:
        raise VendorError(
            422, {"error": f"{name}: {text!r} is no ISO 8601 instant", "field": name}
        ) from None


def _mentions(exchange: Exchange, record: str) -> bool:
    written = record.encode()
    return (
        record in exchange.path
        or record in exchange.query
        or written in exchange.request
        or written in exchange.response
    )


async def delete_journal() -> Answer:
    """Answer deleteJournal."""
    current_space().journal.clear()
    return None, 204


async def get_exchange(seq: int) -> Answer:
    """Answer getExchange."""
    space = current_space()
    exchange = space.journal.find(seq)
    if exchange is None:
        raise Refusal(
            status=404,
            reason="route",
            detail=f"exchange {seq} is not in the journal; it keeps the last ones only",
        )
    return to_entry(exchange, people=_shows_people(space))


async def count_journal(**asked: Any) -> Answer:
    """Answer countJournal."""
    chosen = _chosen(current_space(), asked)
    counts = Counter((one.fake, one.operation_id, one.method, one.status) for one in chosen)
    return {
        "total": len(chosen),
        "counts": [
            {
                "fake": fake,
                "operationId": operation_id,
                "method": method,
                "status": status,
                "count": count,
            }
            for (fake, operation_id, method, status), count in counts.most_common()
        ],
    }


async def export_journal(**asked: Any) -> Answer:
    """Answer exportJournal."""
    space = current_space()
    document = cast("ControlPlane", current_request().fake).space_document(space)
    origins = {
        "focus": document["oneroster"]["base_url"].split("/focus/", 1)[0],
        "canvas": document["canvas"]["base_url"],
    }
    archive = to_har(_chosen(space, asked), origins, people=_shows_people(space))
    name = f'attachment; filename="homeroom-{space.name}.har"'
    return encode_json(archive), 200, {"Content-Disposition": name}


async def stream_journal(seq: int | None = None) -> Answer:
    """Answer streamJournal: what happens from now on, or since `seq`, as server-sent events."""
    request = current_request()
    last = request.headers.get("last-event-id", "")
    start = int(last) if last.isdecimal() else seq
    plane = cast("ControlPlane", request.fake)
    request.stream = _events(
        plane, request.space, request.space.journal.last_seq if start is None else start
    )
    headers = {"Content-Type": "text/event-stream; charset=utf-8", "Cache-Control": "no-store"}
    return None, 200, headers


async def _events(plane: "ControlPlane", space: Space, seq: int) -> AsyncIterator[bytes]:
    yield b"retry: 1000\n\n"
    idle_s = 0.0
    while not plane.stopping() and plane.spaces.find(space.name) is space:
        if space.journal.last_seq > seq:
            people = _shows_people(space)
            for exchange in space.journal.since(seq):
                data = encode_json(to_summary(exchange, people=people))
                yield b"id: %d\nevent: exchange\ndata: %s\n\n" % (exchange.seq, data)
            seq, idle_s = space.journal.last_seq, 0.0
        await asyncio.sleep(POLL_S)
        idle_s += POLL_S
        # An empty chunk lets the sender see that its reader has gone.
        yield b": still here\n\n" if idle_s >= HEARTBEAT_S else b""
        idle_s = 0.0 if idle_s >= HEARTBEAT_S else idle_s
