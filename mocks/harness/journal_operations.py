"""Operations of the control plane that are about what happened in a space."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable, Collection, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, cast

from homeroom.mocks.harness.answers import encode_json
from homeroom.mocks.harness.clock import iso_millis, parse_instant
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

Test = Callable[[Exchange], bool]
NEAR = 5
"""How many near misses are told unless a limit says otherwise."""
_WIRE = {"from_": "from", "operation_id": "operationId"}
POLL_S = 0.1
"""How often a stream looks for new exchanges: a person watches it."""
HEARTBEAT_S = 15.0


def _shows_people(space: Space) -> bool:
    return space.district is None or space.district.generated


def _plane() -> "ControlPlane":
    return cast("ControlPlane", current_request().fake)


def _secrets(plane: "ControlPlane", space: Space) -> Collection[str]:
    """Return what no journal may show, wherever a caller wrote it."""
    worlds = ((fake, space.worlds.get(fake.name)) for fake in plane.spaces.fakes)
    held = (fake.secrets(world) for fake, world in worlds if world is not None)
    return {plane.token}.union(*held)


async def get_journal(**asked: Any) -> Answer:
    """Answer getJournal: the exchanges that fit all that is asked."""
    space = current_space()
    write = to_entry if asked["bodies"] else to_summary
    people, secrets = _shows_people(space), _secrets(_plane(), space)
    chosen = _chosen(space, asked)
    return {"requests": [write(exchange, people=people, secrets=secrets) for exchange in chosen]}


def _chosen(space: Space, asked: Mapping[str, Any]) -> list[Exchange]:
    tests = _tests(asked, people=_shows_people(space))
    limit = asked.get("limit")
    chosen = [
        exchange for exchange in space.journal if all(test(exchange) for test in tests.values())
    ]
    return chosen if limit is None else chosen[-limit:]


def _tests(asked: Mapping[str, Any], *, people: bool) -> dict[str, Test]:
    """Return a test by filter, of those that were asked for."""
    tests: dict[str, Test] = {}
    for name, wanted in asked.items():
        if name in ("space", "bodies", "limit") or wanted is None:
            continue
        tests[name] = _test(name, wanted, people=people)
    return tests


def _test(name: str, wanted: Any, *, people: bool) -> Test:
    match name:
        case "after":
            return lambda exchange: exchange.seq > wanted
        case "method":
            return lambda exchange: exchange.method == wanted.upper()
        case "path" | "query":
            # As it was sent, or as the journal shows it.
            return lambda exchange: (
                wanted in getattr(exchange, name)
                or wanted in to_summary(exchange, people=people)[name]
            )
        case "request" | "response":
            part = wanted.encode()
            return lambda exchange: part in getattr(exchange, name)
        case "at":
            at = iso_millis(_instant("at", wanted))
            return lambda exchange: iso_millis(exchange.at) == at
        case "from_":
            since = _instant("from", wanted)
            return lambda exchange: exchange.at >= since
        case "to":
            until = _instant("to", wanted)
            return lambda exchange: exchange.at < until
        case "record":
            return lambda exchange: _mentions(exchange, wanted)
        case _:
            return lambda exchange: getattr(exchange, name) == wanted


def _instant(name: str, text: str) -> datetime:
    try:
        return parse_instant(text)
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
    return to_entry(exchange, people=_shows_people(space), secrets=_secrets(_plane(), space))


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


async def find_near_misses(**asked: Any) -> Answer:
    """Answer findNearMisses: what fits all that is asked but a little, and what that is."""
    space = current_space()
    people, secrets = _shows_people(space), _secrets(_plane(), space)
    tests = _tests(asked, people=people)
    matches = 0
    near: list[tuple[int, bool, int, list[str], Exchange]] = []
    for exchange in space.journal:
        failed = [name for name, test in tests.items() if not test(exchange)]
        if not failed:
            matches += 1
        elif len(failed) < len(tests):
            # Another status of the operation asked for is nearer than another operation.
            elsewhere = "operation_id" in failed or "path" in failed
            near.append((len(failed), elsewhere, -exchange.seq, failed, exchange))
    near.sort(key=lambda one: one[:3])
    shown = near[: asked.get("limit") or NEAR]
    return {
        "matches": matches,
        "near": [
            {"differs": [_WIRE.get(name, name) for name in failed]}
            | {"exchange": to_summary(exchange, people=people, secrets=secrets)}
            for *_, failed, exchange in shown
        ],
    }


async def export_journal(**asked: Any) -> Answer:
    """Answer exportJournal."""
    space = current_space()
    plane = _plane()
    document = plane.space_document(space)
    origins = {
        "focus": document["oneroster"]["base_url"].split("/focus/", 1)[0],
        "canvas": document["canvas"]["base_url"],
    }
    archive = to_har(
        _chosen(space, asked),
        origins,
        people=_shows_people(space),
        secrets=_secrets(plane, space),
    )
    name = f'attachment; filename="homeroom-{space.name}.har"'
    return encode_json(archive), 200, {"Content-Disposition": name}


async def stream_journal(after: int | None = None) -> Answer:
    """Answer streamJournal: what happens from now on, or after `after`, as server-sent events."""
    request = current_request()
    last = request.headers.get("last-event-id", "")
    start = int(last) if last.isdecimal() else after
    plane = _plane()
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
            people, secrets = _shows_people(space), _secrets(plane, space)
            for exchange in space.journal.since(seq):
                data = encode_json(to_summary(exchange, people=people, secrets=secrets))
                yield b"id: %d\nevent: exchange\ndata: %s\n\n" % (exchange.seq, data)
            seq, idle_s = space.journal.last_seq, 0.0
        await asyncio.sleep(POLL_S)
        idle_s += POLL_S
        # An empty chunk lets the sender see that its reader has gone.
        yield b": still here\n\n" if idle_s >= HEARTBEAT_S else b""
        idle_s = 0.0 if idle_s >= HEARTBEAT_S else idle_s
