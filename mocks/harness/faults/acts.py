"""What a fault does: before the handler runs, to its answer, and to the bytes on the wire."""

import asyncio
import random
from collections.abc import Mapping, Sequence
from typing import Any

from starlette.types import Send

from homeroom.mocks.harness.answers import send_answer, to_bytes
from homeroom.mocks.harness.faults.pages import PAGE_ACTS, Again, Page
from homeroom.mocks.harness.faults.rule import FaultRule
from homeroom.mocks.harness.request import Refusal, Request, VendorError
from homeroom.mocks.harness.tls import CERTIFICATES

ACTS: Mapping[str, Mapping[str, Any]] = {
    "status": {"status": 503, "headers": {}, "body": None},
    "delay": {"seconds": 1.0, "distribution": "fixed", "sigma": 0.5},
    "drip": {"bytes": 64, "every_s": 0.05},
    "reset_before": {},
    "reset_after": {},
    "truncate": {"share": 0.5},
    "content_type": {"value": "text/html; charset=utf-8"},
    "repeat_page": {"pages": 1},
    "endless_next": {},
    "drift_total": {"by": 1},
    "shift_rows": {"by": 1},
    "empty_page": {},
    "missing_key": {},
    "duplicate_rows": {"count": 1},
    "unsorted": {"seed": 1},
    "revoke_token": {},
    "stuck_import": {},
    "abort_import": {},
    "throttle": {"dialect": ""},
    "tls": {"certificate": "expired"},
}
"""Parameters of each kind of act, with their defaults. Times are the machine's seconds, since it
is a client's patience that they try."""

CHOICES: Mapping[tuple[str, str], Sequence[str]] = {
    ("delay", "distribution"): ("fixed", "log-normal"),
    ("throttle", "dialect"): ("", "403", "429"),
    ("tls", "certificate"): CERTIFICATES,
}
"""Parameters that take one of a few words."""

_HELD_BACK = frozenset({"reset_after", "truncate", "drip", "content_type"})


class ConnectionDropped(Exception):  # noqa: N818 -- an event, not an error of ours
    """The connection is to be reset now, whatever was sent."""


async def strike_before(request: Request, rules: Sequence[FaultRule]) -> None:
    """Do what comes before the handler; raises Refusal, VendorError or ConnectionDropped."""
    for rule in rules:
        parameters = rule.parameters
        match rule.kind:
            case "delay":
                await asyncio.sleep(_delay_s(rule))
            case "reset_before":
                raise ConnectionDropped
            case "status":
                _answer_status(request, parameters)
            case "throttle":
                request.fake.throttle(request, parameters["dialect"])
            case "revoke_token":
                request.fake.revoke(request)
                # The same door again: the token that just opened it is refused now.
                request.fake.authenticate(request)
            case _:
                pass


def _answer_status(request: Request, parameters: Mapping[str, Any]) -> None:
    status, headers = parameters["status"], parameters["headers"]
    if parameters["body"] is not None:
        raise VendorError(status, str(parameters["body"]), headers)
    refusal = Refusal(status=status, reason="fault", detail="a fault was asked for")
    body, *_ = request.fake.worded(request, refusal)
    raise VendorError(status, body, headers)


def _delay_s(rule: FaultRule) -> float:
    seconds = float(rule.parameters["seconds"])
    if rule.parameters["distribution"] != "log-normal":
        return seconds
    die = random.Random(f"{rule.when.seed}/{rule.hits}")  # noqa: S311 -- a seeded die, no secret
    return seconds * die.lognormvariate(0, float(rule.parameters["sigma"]))


async def strike_answer(
    request: Request, rules: Sequence[FaultRule], page: Page, again: Again
) -> Page:
    """Do what the rules do to a successful answer."""
    for rule in rules:
        act = PAGE_ACTS.get(rule.kind)
        if act is not None:
            page = await act(request, page, again, rule.parameters)
    return page


async def send_struck(
    send: Send, rules: Sequence[FaultRule], page: Page, *, json_type: str
) -> None:
    """Send an answer as the rules let it through; raises ConnectionDropped."""
    held = {rule.kind: rule.parameters for rule in rules if rule.kind in _HELD_BACK}
    if "reset_after" in held:
        raise ConnectionDropped
    body, status, headers = page
    if "content_type" in held:
        headers = {key: value for key, value in headers.items() if key.lower() != "content-type"}
        headers["Content-Type"] = str(held["content_type"]["value"])
    if not held.keys() & {"truncate", "drip"}:
        await send_answer(send, body, status, headers, json_type=json_type)
        return
    payload = to_bytes(body)
    pieces = _Pieces(send, payload, held)
    await send_answer(pieces, payload, status, headers, json_type=json_type)


class _Pieces:
    """Sends the head of an answer at once and its body bit by bit, or only part of it."""

    def __init__(self, send: Send, payload: bytes, held: Mapping[str, Mapping[str, Any]]) -> None:
        self._send, self._payload, self._held = send, payload, held

    async def __call__(self, message: Any) -> None:
        if message["type"] != "http.response.body":
            await self._send(message)
            return
        truncate, drip = self._held.get("truncate"), self._held.get("drip")
        payload = self._payload
        if truncate is not None:
            payload = payload[: int(len(payload) * float(truncate["share"]))]
        size = max(1, int(drip["bytes"])) if drip is not None else max(1, len(payload))
        starts = range(0, len(payload), size) or (0,)
        for start in starts:
            more = truncate is not None or start != starts[-1]
            piece = {"body": payload[start : start + size], "more_body": more}
            await self._send({"type": "http.response.body", **piece})
            if drip is not None and more:
                await asyncio.sleep(float(drip["every_s"]))
        if truncate is not None:
            raise ConnectionDropped


def import_fault(request: Request) -> str | None:
    """Return `stuck_import` or `abort_import` when a rule asks it of this SIS import."""
    kinds = [rule.kind for rule in request.faults if rule.kind in ("stuck_import", "abort_import")]
    return kinds[0] if kinds else None
