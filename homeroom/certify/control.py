"""Client of the control plane (interface.md section 3): makes worlds, moves them, looks at them."""

import json
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any, Self
from urllib.parse import quote, urlencode

from homeroom.certify.recording import recorder
from homeroom.mocks.district.records import SINGULAR
from homeroom.reference.errors import SyncError
from homeroom.reference.transport import Bearer, Transport


class ControlError(RuntimeError):
    """The control plane refused a call: a fault of the scenario or the harness, not the subject."""


class RefusedError(ControlError):
    """The control plane answered, and refused; `status` and `reason` are its own."""

    def __init__(self, call: str, status: int, text: str) -> None:
        super().__init__(f"{call}: {status} {text[:500]}")
        self.status, self.reason = status, _reason(text)


class ControlClient:
    """Speaks to one `homeroom up`; spaces it made and did not drop are dropped on `close`."""

    def __init__(self, url: str, token: str, *, timeout_s: float = 60.0) -> None:
        self.url = url.rstrip("/")
        # One attempt: creating a space twice would hide a fault of the harness.
        self._transport = Transport(f"{self.url}/", Bearer(token), timeout_s=timeout_s, attempts=1)
        self.spaces: dict[str, SpaceHandle] = {}

    def call(
        self, method: str, path: str, body: Any = None, query: Mapping[str, Any] | None = None
    ) -> Any:
        """Make one call and return its JSON, None for 204. Raises ControlError."""
        given = {key: value for key, value in (query or {}).items() if value is not None}
        url = f"{self.url}/{path.lstrip('/')}{'?' + urlencode(given) if given else ''}"
        try:
            response = self._transport.request(method, url, json=body, idempotent=False)
        except SyncError as error:
            raise ControlError(f"{method} {path}: {error}") from error
        if response.status_code >= 400:
            raise RefusedError(f"{method} {path}", response.status_code, response.text)
        return None if response.status_code == 204 else response.json()

    def call_bytes(self, method: str, path: str, content: bytes | None = None) -> bytes:
        """Make one call whose body or answer is a file. Raises ControlError."""
        headers = {"Content-Type": "application/octet-stream"} if content is not None else {}
        try:
            response = self._transport.request(
                method,
                f"{self.url}/{path.lstrip('/')}",
                content=content,
                headers=headers,
                idempotent=False,
            )
        except SyncError as error:
            raise ControlError(f"{method} {path}: {error}") from error
        if response.status_code >= 400:
            raise RefusedError(f"{method} {path}", response.status_code, response.text)
        return response.content

    def new_space(
        self, district: str = "empty", seed: int = 1, now: datetime | str | None = None
    ) -> "SpaceHandle":
        """Make a space; `now` is its first time, by default the machine's."""
        asked: dict[str, Any] = {"district": district, "seed": seed}
        if now is not None:
            asked["now"] = _instant(now)
        space = SpaceHandle(self, self.call("POST", "/spaces", asked))
        recorder.recipes[space.name] = asked
        self.spaces[space.name] = space
        return space

    @contextmanager
    def space(
        self, district: str = "empty", seed: int = 1, now: datetime | str | None = None
    ) -> Generator["SpaceHandle"]:
        """Lend a space for the block and drop it afterwards."""
        space = self.new_space(district, seed, now)
        try:
            yield space
        finally:
            space.drop()

    def close(self) -> None:
        """Drop the spaces that are left and close the connection."""
        for space in tuple(self.spaces.values()):
            space.drop()
        self._transport.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class SpaceHandle:
    """One space: its document, and what the control plane can do to it."""

    def __init__(self, control: ControlClient, document: Mapping[str, Any]) -> None:
        self._control, self.document = control, document
        self.name = str(document["space"])
        self._path = f"/spaces/{quote(self.name, safe='')}"

    def put_record(self, collection: str, record: Mapping[str, Any]) -> dict[str, Any]:
        """Write one provider record, as the SIS's own screens would; returns the stored row."""
        name = _singular(collection)
        answer = self._call(
            "PUT", f"/focus/{collection}/{quote(str(record['sourcedId']), safe='')}", {name: record}
        )
        return _unwrap(answer, name)

    def delete_record(self, collection: str, sourced_id: str, gone: bool = False) -> None:
        """Mark one provider record tobedeleted, or with `gone` let the row vanish."""
        _singular(collection)
        query = {"gone": "true"} if gone else None
        self._call("DELETE", f"/focus/{collection}/{quote(sourced_id, safe='')}", query=query)

    @property
    def now(self) -> datetime:
        """The space's time."""
        return datetime.fromisoformat(self._call("GET", "/clock")["now"])

    def set_clock(self, now: datetime | str | None = None, frozen: bool | None = None) -> None:
        """Set the clock, stop it or let it tick."""
        body: dict[str, Any] = {}
        if now is not None:
            body["now"] = _instant(now)
        if frozen is not None:
            body["frozen"] = frozen
        self._call("PUT", "/clock", body)

    def advance(self, seconds: float) -> None:
        """Move the clock on; returns after due jobs ran."""
        self._call("POST", "/clock/advance", {"seconds": seconds})

    def evolve(self, days: int = 1, **dice: Any) -> list[dict[str, Any]]:
        """Live so many days of a school year in Focus; return what happened and why."""
        answer = self._call("POST", "/focus/evolve", {"days": days, **dice})
        events: list[dict[str, Any]] = answer["events"]
        return events

    def canvas_settings(self, **changes: Any) -> dict[str, Any]:
        """Change Canvas settings by name, if any are given, and return all."""
        return self._settings("canvas", changes)

    def focus_settings(self, **changes: Any) -> dict[str, Any]:
        """Change provider settings and quirks by name, if any are given, and return all."""
        return self._settings("focus", changes)

    def canvas_token(
        self, *, permissions: Sequence[str] | None = None, user: str | None = None
    ) -> str:
        """Return a token for an admin with just those rights, or for a person."""
        body: dict[str, Any] = {"user": user} if user else {"permissions": list(permissions or ())}
        return str(self._call("POST", "/canvas/tokens", body)["token"])

    def focus_client(
        self,
        *,
        scopes: Sequence[str] | None = None,
        auth: str = "oauth2",
        schools: Sequence[str] | None = None,
    ) -> dict[str, str]:
        """Return `client_id` and `client_secret` of a new partner."""
        body: dict[str, Any] = {"auth": auth}
        if scopes is not None:
            body["scopes"] = list(scopes)
        if schools is not None:
            body["schools"] = list(schools)
        answer: dict[str, str] = self._call("POST", "/focus/clients", body)
        return answer

    def document_for(self, auth: str) -> Mapping[str, Any]:
        """Return the space document for a subject that authenticates in its own way."""
        if auth == "oauth2":
            return self.document
        peer = {**self.document["oneroster"], **self.focus_client(auth=auth), "auth": auth}
        return {**self.document, "oneroster": peer}

    def grading_periods(
        self,
        periods: Sequence[Mapping[str, Any]],
        *,
        title: str | None = None,
        terms: Sequence[int | str] = (),
        weighted: bool = False,
    ) -> dict[str, Any]:
        """Make a grading period set for `terms` and return it."""
        body: dict[str, Any] = {
            "grading_periods": list(periods),
            "enrollment_term_ids": list(terms),
            "weighted": weighted,
        }
        if title is not None:
            body["title"] = title
        answer: dict[str, Any] = self._call("POST", "/canvas/grading_periods", body)
        return answer

    def canvas_jobs(self, mode: str) -> None:
        """Let SIS imports progress by themselves (`auto`) or step by step (`manual`)."""
        self._call("POST", "/canvas/jobs", {"mode": mode})

    def run_canvas_jobs(self, count: int = 1) -> None:
        """Let the imports make `count` state changes."""
        self._call("POST", "/canvas/jobs/run", {"count": count})

    def add_fault(self, rule: Mapping[str, Any]) -> dict[str, Any]:
        """Add a fault rule and return it as stored."""
        answer: dict[str, Any] = self._call("POST", "/faults", dict(rule))
        return answer

    def faults(self) -> list[dict[str, Any]]:
        """Return the fault rules with their hits."""
        answer: list[dict[str, Any]] = self._call("GET", "/faults")["faults"]
        return answer

    def clear_faults(self) -> None:
        """Remove every fault rule."""
        self._call("DELETE", "/faults")

    def journal(self, **filters: Any) -> list[dict[str, Any]]:
        """Return the exchanges that fit all filters (`fake`, `method`, `operationId`, ...)."""
        answer: list[dict[str, Any]] = self._call("GET", "/journal", query=filters)["requests"]
        return answer

    def clear_journal(self) -> None:
        """Forget all exchanges."""
        self._call("DELETE", "/journal")

    def snapshot(self, *, journal: bool = False) -> bytes:
        """Return the whole world as one file, with its journal where asked."""
        query = "?journal=true" if journal else ""
        return self._control.call_bytes("GET", f"{self._path}/snapshot{query}")

    def restore(self, snapshot: bytes) -> None:
        """Let the world be what a snapshot holds; URLs and credentials stay."""
        self._control.call_bytes("PUT", f"{self._path}/snapshot", snapshot)

    def reset(self) -> None:
        """Back to seed and first time; URLs and credentials stay."""
        self.document = self._call("POST", "/reset")

    def send(
        self, method: str, path: str, body: Any = None, query: Mapping[str, Any] | None = None
    ) -> Any:
        """Make a call below this space, as a recording has it; returns its JSON."""
        return self._call(method, path, body, query)

    def drop(self) -> None:
        """Drop the space; a second call does nothing."""
        if self._control.spaces.pop(self.name, None) is not None:
            self._call("DELETE", "")

    def _settings(self, fake: str, changes: Mapping[str, Any]) -> dict[str, Any]:
        method, body = ("PATCH", dict(changes)) if changes else ("GET", None)
        answer: dict[str, Any] = self._call(method, f"/{fake}/settings", body)
        return answer

    def _call(
        self, method: str, path: str, body: Any = None, query: Mapping[str, Any] | None = None
    ) -> Any:
        answer = self._control.call(method, f"{self._path}{path}", body, query)
        recorder.call(self.name, method, path, query, body, answer)
        return answer


def _reason(text: str) -> str:
    try:
        return str(json.loads(text)["error"])
    except (ValueError, KeyError, TypeError):
        return text[:500]


def _singular(collection: str) -> str:
    if collection not in SINGULAR:
        raise ControlError(f"no collection {collection!r}; there are: {', '.join(SINGULAR)}")
    return SINGULAR[collection]


def _unwrap(answer: Mapping[str, Any], name: str) -> dict[str, Any]:
    inner = answer.get(name, answer)
    return dict(inner)


def _instant(at: datetime | str) -> str:
    if isinstance(at, str):
        return at
    return at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
