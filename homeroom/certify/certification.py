"""What a scenario needs of the run it is part of; the plugin's `certification` fixture gives it."""

import json
import re
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec

from homeroom.certify.control import ControlClient, ControlError, SpaceHandle
from homeroom.certify.subject import SubjectRunner
from homeroom.certify.world import World
from homeroom.config import Choices, Config, SubjectKind

SESSION_VARIABLE = "HOMEROOM_CERTIFY_SESSION"
"""Names the file by which `homeroom certify` tells its workers about the run."""

EXCERPT = 12
BODY_CHARACTERS = 2000
RUNS = 8

# What looks like a sourcedId or another id in a finding: long enough and with a digit in it.
_ID = re.compile(r"\b(?=[\w-]*\d)[A-Za-z0-9][\w-]{7,}\b")


class Session(msgspec.Struct, frozen=True, kw_only=True):
    """What workers are told, as it lies in the session file."""

    control_url: str
    control_token: str
    config_path: str | None
    work: str
    features: str
    family: str
    """Marks every process of the subject."""
    selected: tuple[str, ...]
    """Ids of the scenarios to run."""
    choices: dict[str, Any] | None = None
    """In place of those of the settings; a replay is judged by what its bundle says."""
    keeps_worlds: bool = False
    """Whether worlds are kept for a comparison also where nothing failed."""
    kind: SubjectKind = SubjectKind.SYNC
    world: World = World()


def read_session(path: Path) -> Session:
    """Read a session file."""
    return msgspec.json.decode(path.read_bytes(), type=Session)


@dataclass(kw_only=True)
class Certification:
    """The run: its configuration, the control plane, the subject, a folder for what they leave."""

    config: Config
    control: ControlClient
    subject: SubjectRunner
    work: Path
    _about: SpaceHandle | None = field(default=None, repr=False)

    @property
    def choices(self) -> Choices:
        """What the subject chose where correct services differ."""
        return self.config.subject.choices

    def about(self, space: SpaceHandle) -> None:
        """Name the space under judgement: its journal is the evidence when a scenario fails."""
        self._about = space

    def new_state_dir(self, name: str = "history") -> Path:
        """Return a fresh folder for the subject's memory of one history of nights."""
        folder = self.work / "state" / f"{name}-{uuid.uuid4().hex[:8]}"
        folder.mkdir(parents=True)
        return folder

    def excerpt(self, told: str) -> list[dict[str, Any]]:
        """Return the exchanges in the space judged that show what `told` (a finding) speaks of."""
        space = self.judged
        if space is None:
            return []
        try:
            return choose(space.journal(), told)
        except ControlError:
            return []

    def runs(self) -> list[str]:
        """Return what the subject's runs in the space judged said, oldest first."""
        space = self.judged
        runs = [run for run in self.subject.runs if space is not None and run.space == space.name]
        return [f"{run}\n{run.last_words}".strip() for run in runs[-RUNS:]]

    @property
    def judged(self) -> SpaceHandle | None:
        """The space under judgement, by default the one made last."""
        if self._about is not None and self._about.name in self.control.spaces:
            return self._about
        return next(reversed(self.control.spaces.values()), None)


def choose(exchanges: Sequence[Mapping[str, Any]], told: str) -> list[dict[str, Any]]:
    """Return the last few exchanges that name an id which `told` names, else what was written.

    Token requests show nothing; writes and refusals show more than reads.
    """
    ids = set(_ID.findall(told))
    candidates = [each for each in exchanges if not each["path"].endswith("/token")]
    telling = [each for each in candidates if each["method"] != "GET" or each["status"] >= 400]
    for pool in (telling, candidates):
        named = [each for each in pool if ids & set(_ID.findall(json.dumps(each)))] if ids else []
        if named:
            return [clip(each) for each in named[-EXCERPT:]]
    return [clip(each) for each in (telling or candidates)[-EXCERPT:]]


def clip(exchange: Mapping[str, Any]) -> dict[str, Any]:
    """Return an exchange with bodies as text of bearable length."""
    return {
        **exchange,
        "request": _clip(exchange.get("request")),
        "response": _clip(exchange.get("response")),
    }


def clip_all(exchanges: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return the first exchanges, each with bodies of bearable length."""
    return [clip(exchange) for exchange in exchanges[:EXCERPT]]


def _clip(body: Any) -> str | None:
    if body is None:
        return None
    text = body if isinstance(body, str) else json.dumps(body, indent=1, ensure_ascii=False)
    more = len(text) - BODY_CHARACTERS
    return f"{text[:BODY_CHARACTERS]}\n... {more} more characters" if more > 0 else text
