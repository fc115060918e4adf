"""The journal of a space: every exchange with a fake, secrets and private people redacted."""

import re
from collections import deque
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl, urlencode

import msgspec

from homeroom.mocks.harness.clock import iso_millis

KEEP_BYTES = 65_536
"""Of each body at most this much is kept; longer ones are told by their size."""
KEEP_ALL_BYTES = 32 << 20
"""Of all bodies in a journal together."""

_SECRET = re.compile(
    r"password|secret|token|signature|authorization|api_key|access_key", re.IGNORECASE
)
_NOT_SECRET = frozenset({"token_type", "token_url", "password_notification"})
_PERSONAL = frozenset(
    {
        "givenName",
        "familyName",
        "middleName",
        "username",
        "email",
        "sms",
        "phone",
        "userIds",
        "birthDate",
        "sex",
        "cityOfBirth",
        "name",
        "sortable_name",
        "short_name",
        "login_id",
        "unique_id",
        "score",
        "grade",
        "entered_score",
        "entered_grade",
        "posted_grade",
        "comment",
        "first_name",
        "last_name",
        "full_name",
        "current_score",
        "final_score",
        "body",
        "title",
        "filter",
        "search_term",
        "address",
        "bio",
        "pronouns",
        "grader",
        "current_grader",
        "previous_grader",
        "new_grader",
        "row_info",
        "text",
        "text_comment",
    }
)
_PERSONAL_ENDING = re.compile(r".+_(?:name|email|score|grade)|(?:score|grade)_(?:before|after)")
_PERSON_IN_PATH = re.compile(r"(?<=sis_login_id)(:|%3A)[^/]+", re.IGNORECASE)
"""Canvas takes a login in the place of a number."""
_LONG = re.compile(rb"[A-Za-z0-9_-]{40,}")
"""What may hold a token or a secret of ours; a UUID is shorter."""
REDACTED = "[redacted]"


@dataclass(slots=True)
class Exchange:
    """One request and its answer. Only the journal changes it: old bodies are let go."""

    seq: int
    at: datetime
    fake: str
    client: str | None
    method: str
    path: str
    query: str
    operation_id: str | None
    status: int
    request_type: str
    request: bytes
    request_size: int
    response_type: str
    response: bytes
    response_size: int
    faults: tuple[str, ...] = ()
    """Ids of the fault rules that hit it."""
    duration_s: float = 0.0
    """From its head read to its answer sent, by the machine's clock."""


class Journal:
    """The last exchanges of a space, oldest first."""

    def __init__(self, *, limit: int) -> None:
        self._exchanges: deque[Exchange] = deque(maxlen=limit)
        self._with_bodies: deque[Exchange] = deque()
        self._body_bytes = 0
        self._seq = 0

    @property
    def last_seq(self) -> int:
        """The number of the newest exchange there ever was; 0 before the first."""
        return self._seq

    def next_seq(self) -> int:
        """Return the number of the next exchange; numbers go on after a clear."""
        self._seq += 1
        return self._seq

    def add(self, exchange: Exchange) -> None:
        """Keep an exchange; the oldest falls out when the journal is full.

        Bodies are kept up to a budget of bytes: beyond it the oldest are told by size alone.
        """
        self._exchanges.append(exchange)
        self._with_bodies.append(exchange)
        self._body_bytes += len(exchange.request) + len(exchange.response)
        while self._body_bytes > KEEP_ALL_BYTES:
            oldest = self._with_bodies.popleft()
            self._body_bytes -= len(oldest.request) + len(oldest.response)
            oldest.request = oldest.response = b""

    def clear(self) -> None:
        """Forget all exchanges."""
        self._exchanges.clear()
        self._with_bodies.clear()
        self._body_bytes = 0

    def resume(self, seq: int, exchanges: Iterable[Exchange]) -> None:
        """Hold these exchanges and count on from `seq`, or from the present number if later."""
        self.clear()
        for exchange in exchanges:
            self.add(exchange)
        self._seq = max(self._seq, seq)

    def since(self, seq: int) -> list[Exchange]:
        """Return the exchanges after that number, oldest first."""
        found: list[Exchange] = []
        for exchange in reversed(self._exchanges):
            if exchange.seq <= seq:
                break
            found.append(exchange)
        return found[::-1]

    def find(self, seq: int) -> Exchange | None:
        """Return the exchange of that number, or None."""
        return next((exchange for exchange in self.since(seq - 1)[:1] if exchange.seq == seq), None)

    def __iter__(self) -> Iterator[Exchange]:
        return iter(tuple(self._exchanges))

    def __len__(self) -> int:
        return len(self._exchanges)


def clip(body: bytes) -> bytes:
    """Return what the journal keeps of a body."""
    return body if len(body) <= KEEP_BYTES else b""


def to_entry(exchange: Exchange, *, people: bool, secrets: Collection[str] = ()) -> dict[str, Any]:
    """Write an exchange as the control plane shows it; `people` false hides people's data too.

    `secrets` are hidden wherever they stand: a caller may have put one where none belongs.
    """
    request = _show(exchange.request_type, exchange.request, exchange.request_size, people=people)
    response = _show(
        exchange.response_type, exchange.response, exchange.response_size, people=people
    )
    if not people:
        # An error tells what it refused: a filter with a person's name in it, say.
        asked = parse_qsl(exchange.query, errors="replace")
        response = _without([value for key, value in asked if _hidden(key, people=False)], response)
    found = _secrets_in((exchange.request, exchange.response), secrets)
    bodies = {"request": _without(found, request), "response": _without(found, response)}
    return to_summary(exchange, people=people, secrets=secrets) | bodies


def _secrets_in(texts: Iterable[bytes], secrets: Collection[str]) -> list[str]:
    """Return those secrets that stand in any of the texts."""
    if not secrets:
        return []
    long = [run.decode("ascii") for text in texts for run in _LONG.findall(text)]
    return [secret for secret in secrets if any(secret in run for run in long)] if long else []


def _without(texts: Sequence[str], shown: Any) -> Any:
    """Replace texts wherever they stand in what is shown of an exchange."""
    if not texts:
        return shown
    match shown:
        case str():
            for text in texts:
                shown = shown.replace(text, REDACTED)
            return shown
        case dict():
            return {key: _without(texts, item) for key, item in shown.items()}
        case list():
            return [_without(texts, item) for item in shown]
        case _:
            return shown


def to_summary(
    exchange: Exchange, *, people: bool, secrets: Collection[str] = ()
) -> dict[str, Any]:
    """Write an exchange without its bodies."""
    path = exchange.path if people else _PERSON_IN_PATH.sub(r"\1" + REDACTED, exchange.path)
    query = redact_query(exchange.query, people=people)
    found = _secrets_in((path.encode(), query.encode()), secrets)
    entry: dict[str, Any] = {
        "seq": exchange.seq,
        "at": iso_millis(exchange.at),
        "fake": exchange.fake,
        "client": exchange.client,
        "method": exchange.method,
        "path": _without(found, path),
        "query": _without(found, query),
        "operationId": exchange.operation_id,
        "status": exchange.status,
    }
    if exchange.faults:
        entry["faults"] = list(exchange.faults)
    return entry


def _show(content_type: str, body: bytes, size: int, *, people: bool) -> Any:
    if not size:
        return None
    if body and "json" in content_type:
        try:
            return redact(msgspec.json.decode(body), people=people)
        except msgspec.DecodeError:
            return {"bytes": size, "content_type": content_type}
    if body and content_type == "application/x-www-form-urlencoded":
        return redact_query(body.decode("utf-8", "replace"), people=people)
    # Files and unknown types may hold passwords or people anywhere in them.
    return {"bytes": size, "content_type": content_type}


def redact(value: Any, *, people: bool) -> Any:
    """Replace secrets, and where `people` is false people's data, by a marker, at any depth."""
    if isinstance(value, Mapping):
        return {
            key: _only_places(item)
            if key == "metadata" and not people
            else REDACTED
            if _hidden(str(key), people=people) and item not in (None, "")
            else redact(item, people=people)
            for key, item in value.items()
        }
    if isinstance(value, list):
        return [redact(item, people=people) for item in value]
    return value


def _only_places(metadata: Any) -> Any:
    """Return metadata without what a vendor may say of people: only the class it is for."""
    if not isinstance(metadata, Mapping):
        return metadata
    return {key: item if key == "classId" else REDACTED for key, item in metadata.items()}


def redact_query(query: str, *, people: bool) -> str:
    """Return a query string or form body with the values of secrets replaced."""
    if not query:
        return query
    pairs = parse_qsl(query, keep_blank_values=True, errors="replace")
    if not any(_hidden(key, people=people) for key, _ in pairs):
        return query
    shown = [(key, REDACTED if _hidden(key, people=people) else value) for key, value in pairs]
    return urlencode(shown)


def _hidden(key: str, *, people: bool) -> bool:
    last = key.rstrip("]").rsplit("[", 1)[-1] or key
    if last not in _NOT_SECRET and _SECRET.search(key):
        return True
    return not people and (last in _PERSONAL or _PERSONAL_ENDING.fullmatch(last) is not None)
