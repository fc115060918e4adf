"""A peer that answers from a script: what an observer may meet, without a socket."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, cast
from urllib.parse import urlencode

from homeroom.reference.transport import Transport


@dataclass
class Answer:
    """What the observers look at in a response."""

    url: str
    body: bytes
    status_code: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    links: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class Scripted:
    """Answers each path, with its query, from a table; remembers what was asked."""

    table: Mapping[str, Any]
    headers: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    next_links: Mapping[str, str] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def request(
        self, method: str, url: str, params: Sequence[tuple[str, str]] | None = None
    ) -> Answer:
        assert method == "GET"
        key = f"{url}?{urlencode(params)}" if params else url
        self.asked.append(key)
        found = key if key in self.table else url
        if found not in self.table:
            return Answer(key, b"{}", status_code=404)
        given = self.table[found]
        body = given if isinstance(given, bytes) else json.dumps(given).encode()
        link = self.next_links.get(found)
        return Answer(
            key,
            body,
            headers=self.headers.get(found, {}),
            links={"next": {"url": link}} if link else {},
        )

    def describe(self, response: Answer) -> str:
        return f"HTTP {response.status_code}"

    def as_transport(self) -> Transport:
        return cast("Transport", self)
