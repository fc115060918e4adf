"""A journal as an HTTP Archive (HAR 1.2), which browsers' and proxies' tools can open."""

from collections.abc import Collection, Iterable, Mapping
from typing import Any
from urllib.parse import parse_qsl

import msgspec

from homeroom import __version__
from homeroom.mocks.harness.clock import iso_millis
from homeroom.mocks.harness.journal import Exchange, to_entry


def to_har(
    exchanges: Iterable[Exchange],
    origins: Mapping[str, str],
    *,
    people: bool,
    secrets: Collection[str] = (),
) -> dict[str, Any]:
    """Write exchanges as one archive, redacted as `to_entry` does.

    Args:
        exchanges: Oldest first.
        origins: Scheme, authority and space prefix by fake.
        people: Whether people's data may be shown.
        secrets: What is hidden wherever it stands.
    """
    return {
        "log": {
            "version": "1.2",
            "creator": {"name": "Homeroom", "version": __version__},
            "comment": "Times are the space's clock; the journal keeps no headers but the type.",
            "entries": [
                _entry(
                    one, to_entry(one, people=people, secrets=secrets), origins.get(one.fake, "")
                )
                for one in exchanges
            ],
        }
    }


def _entry(exchange: Exchange, shown: Mapping[str, Any], origin: str) -> dict[str, Any]:
    query = shown["query"]
    took_ms = round(exchange.duration_s * 1000, 3)
    request: dict[str, Any] = {
        "method": exchange.method,
        "url": f"{origin}{shown['path']}" + (f"?{query}" if query else ""),
        "httpVersion": "HTTP/1.1",
        "cookies": [],
        "headers": _headers(exchange.request_type),
        "queryString": [
            {"name": name, "value": value}
            for name, value in parse_qsl(query, keep_blank_values=True, errors="replace")
        ],
        "headersSize": -1,
        "bodySize": exchange.request_size,
    }
    if shown["request"] is not None:
        request["postData"] = {
            "mimeType": exchange.request_type,
            "text": _text(shown["request"]),
        }
    content: dict[str, Any] = {
        "size": exchange.response_size,
        "mimeType": exchange.response_type or "application/octet-stream",
    }
    if shown["response"] is not None:
        content["text"] = _text(shown["response"])
    entry: dict[str, Any] = {
        "startedDateTime": iso_millis(exchange.at),
        "time": took_ms,
        "request": request,
        "response": {
            "status": exchange.status,
            "statusText": "",
            "httpVersion": "HTTP/1.1",
            "cookies": [],
            "headers": _headers(exchange.response_type),
            "content": content,
            "redirectURL": "",
            "headersSize": -1,
            "bodySize": exchange.response_size,
        },
        "cache": {},
        "timings": {"send": 0, "wait": took_ms, "receive": 0},
        "_seq": exchange.seq,
        "_fake": exchange.fake,
        "_operationId": exchange.operation_id,
    }
    if exchange.faults:
        entry["_faults"] = list(exchange.faults)
    return entry


def _headers(content_type: str) -> list[dict[str, str]]:
    return [{"name": "Content-Type", "value": content_type}] if content_type else []


def _text(shown: Any) -> str:
    return shown if isinstance(shown, str) else msgspec.json.encode(shown).decode()
