"""What was done to each space, in order: what a replay bundle holds and a replay is checked by.

Recorded where it happens, by the client of the control plane, by people's hands in Canvas and by
the runner of the subject, so that no history of nights has to know of it.
"""

import hashlib
import json
from collections import defaultdict
from collections.abc import Mapping
from typing import Any

import msgspec

MOST_STEPS = 50_000


class Step(msgspec.Struct, kw_only=True, omit_defaults=True):
    """One thing that was done to a space."""

    do: str
    """`call` to the control plane, `act` of a person in Canvas, or `run` of the subject."""
    method: str = ""
    path: str = ""
    """Below the space for a call, below the API's version for an act."""
    query: dict[str, Any] | None = None
    body: Any = None
    command: str = ""
    now: str = ""
    variables: tuple[str, ...] = ()
    """Names of the variables that this run had beyond or instead of the usual ones."""
    exit_code: int | None = None
    planted: str = ""
    """With a run: the digest of all calls before it. The same digest, the same planted world."""
    events: list[Any] = []
    """With evolve: what happened, and why."""


class Recorder:
    """Keeps the steps of every space of this process."""

    def __init__(self) -> None:
        self._steps: defaultdict[str, list[Step]] = defaultdict(list)
        self._digests: defaultdict[str, Any] = defaultdict(hashlib.sha256)
        self.recipes: dict[str, dict[str, Any]] = {}
        """What each space was asked for with: district, seed, now."""

    def call(
        self,
        space: str,
        method: str,
        path: str,
        query: Mapping[str, Any] | None,
        body: Any,
        answer: Any,
    ) -> None:
        """Record a call that may have changed a space."""
        if method == "GET" or path == "" or path.startswith("/journal"):
            return
        given = {key: value for key, value in (query or {}).items() if value is not None} or None
        told = json.dumps([method, path, given, body], sort_keys=True, ensure_ascii=False)
        self._digests[space].update(told.encode() + b"\n")
        events = list(answer["events"]) if path == "/focus/evolve" and answer else []
        step = Step(do="call", method=method, path=path, query=given, body=body, events=events)
        self._add(space, step)

    def act(self, space: str, method: str, path: str, body: Any) -> None:
        """Record what a person does in Canvas."""
        if method != "GET":
            self._add(space, Step(do="act", method=method, path=path, body=body))

    def run(self, space: str, command: str, now: str, variables: Mapping[str, str] | None) -> Step:
        """Record a run that is about to begin; its exit code is written into what is returned."""
        step = Step(
            do="run",
            command=command,
            now=now,
            variables=tuple(sorted(variables or ())),
            planted=self._digests[space].hexdigest(),
        )
        self._add(space, step)
        return step

    def steps(self, space: str) -> list[Step]:
        """Return what was done to a space, oldest first."""
        return list(self._steps.get(space, ()))

    def _add(self, space: str, step: Step) -> None:
        # A load test through this client must not fill the memory; such a space has no replay.
        if len(self._steps[space]) < MOST_STEPS:
            self._steps[space].append(step)


recorder = Recorder()
"""The one of this process: spaces have names that no other has."""
