"""Delta debugging: leaves out classes, people, places and the rest while the subject still fails.

Zeller's ddmin, kind by kind, in whole groups first. What is left is minimal in the sense that no
single further record can go, unless the bounds ended the search before.
"""

import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec

from homeroom.certify.replay import Replay, ReplayError, to_bytes
from homeroom.config import Config
from homeroom.repro.play import Failure, Played, Player, check_playable, player
from homeroom.repro.records import Key, Records

# Whole classes first: each takes its places along. People next, then what is left over.
ORDER = ("classes", "users", "enrollments", "courses")
Say = Callable[[str], None]


class _OverError(Exception):
    """The bounds are reached."""


@dataclass(frozen=True, kw_only=True)
class Bounds:
    """How long to search."""

    runs: int
    minutes: float


@dataclass(frozen=True, kw_only=True)
class Shrunk:
    """What is left of a bundle, and still fails."""

    replay: Replay
    before: int
    """Records of the original."""
    left: dict[str, int]
    """Records by collection."""
    tries: int
    minimal: bool
    """False where the bounds ended the search."""
    failures: Sequence[Failure]

    @property
    def requirements(self) -> list[str]:
        """What still fails."""
        return sorted({each.requirement for each in self.failures if each.requirement})

    @property
    def lines(self) -> list[str]:
        """The first failures in words."""
        return [each.text for each in self.failures[:5]]

    def describe(self) -> str:
        """Tell it in one line."""
        left = ", ".join(f"{number} {name}" for name, number in self.left.items())
        end = "" if self.minimal else "; the bounds ended the search, more may go"
        return (
            f"{sum(self.left.values())} of {self.before} records ({left}), {self.tries} tries{end}"
        )

    def as_dict(self) -> dict[str, Any]:
        """Return it as JSON has it."""
        return {
            "before": self.before,
            "left": self.left,
            "tries": self.tries,
            "minimal": self.minimal,
            "requirements": self.requirements,
            "failures": self.lines,
        }


def shrink(
    replay: Replay, config: Config, bounds: Bounds, wanted: Sequence[str] = (), *, say: Say
) -> Shrunk | None:
    """Reduce a bundle; None where the subject does not fail in it.

    Args:
        replay: The bundle; it is not changed.
        config: The subject, with the bundle's choices.
        bounds: When to stop.
        wanted: Requirements of which one must still fail; by default any that did, in what it did.
        say: Told of progress.

    Raises:
        ReplayError: The bundle cannot be played without its scenarios, or its world not be made.
    """
    check_playable(replay)
    records = Records(replay)
    if not records.keys:
        raise ReplayError("this bundle's world was not planted record by record: nothing can go")
    with player(config) as one:
        search = _Search(records, one, bounds, say)
        first = one.play(replay)
        search.goal = _goal(first, wanted, _requirements(replay))
        if not search.goal:
            return None
        kept_on = sorted({requirement or what for requirement, what in search.goal})
        say(f"{len(records.keys)} records; has to go on failing: {', '.join(kept_on)}")
        search.last = first
        minimal = search.run()
    kept = [key for key in records.keys if key not in search.gone]
    reduced = _as_captured(records.without(search.gone), search.last)
    counts = Counter(collection for collection, _ in kept)
    return Shrunk(
        replay=reduced,
        before=len(records.keys),
        left=dict(sorted(counts.items())),
        tries=search.tries,
        minimal=minimal,
        failures=[each for each in search.last.failures if _is_of(each, search.goal)],
    )


def _requirements(replay: Replay) -> list[str]:
    """Return what failed when the bundle was made."""
    manifest = replay.manifest
    named = {id_ for each in manifest.scenarios for id_ in each.requirements}
    return sorted(named | set(manifest.requirements))


def write_shrunk(shrunk: Shrunk, target: Path) -> None:
    """Write what is left as a bundle of its own. Raises ReplayError."""
    try:
        target.write_bytes(to_bytes(shrunk.replay))
    except OSError as error:
        raise ReplayError(f"{target}: cannot be written: {error.strerror}") from None


Goal = frozenset[tuple[str, str]]


def _goal(played: Played, wanted: Sequence[str], told: Sequence[str]) -> Goal:
    """Return what has to go on failing.

    A crash comes first, all else follows from it. Otherwise it is what the bundle was made for:
    its requirement, else one of the same kind; where there is nothing of the kind, all that fails.
    """
    found = played.signature()
    if wanted:
        return frozenset(each for each in found if each[0] in wanted)
    kinds = {requirement.rpartition("-")[0] for requirement in told}
    of_kind = frozenset(each for each in found if each[0].rpartition("-")[0] in kinds)
    choices = (
        frozenset(each for each in found if not each[0]),
        frozenset(each for each in found if each[0] in told),
        of_kind,
    )
    return next((each for each in choices if each), found)


def _is_of(failure: Failure, goal: Goal) -> bool:
    return (failure.requirement, failure.what) in goal


def _as_captured(replay: Replay, played: Played) -> Replay:
    """Return the bundle as one that is judged as a whole: its scenarios' people are gone."""
    manifest = msgspec.structs.replace(
        replay.manifest, scenarios=(), requirements=tuple(played.requirements)
    )
    parts = {name: part for name, part in replay.parts.items() if not name.startswith("worlds/")}
    parts.pop("journal.jsonl", None)
    return msgspec.structs.replace(replay, manifest=manifest, parts=parts)


@dataclass
class _Search:
    records: Records
    player: Player
    bounds: Bounds
    say: Say
    goal: Goal = frozenset()
    gone: set[Key] = field(default_factory=set[Key])
    last: Played = field(default_factory=Played)
    tries: int = 0
    _started: float = field(default_factory=time.monotonic)

    def run(self) -> bool:
        """Search; returns whether it came to its end."""
        try:
            while True:
                before = len(self.gone)
                for collection in ORDER:
                    self._reduce(self._of(collection))
                self._reduce(self.records.unnamed(self.gone))
                if len(self.gone) == before:
                    return True
        except _OverError:
            return False

    def _of(self, collection: str) -> list[Key]:
        return [key for key in self.records.keys if key[0] == collection and key not in self.gone]

    def _reduce(self, candidates: list[Key]) -> None:
        """Leave out as many of the candidates as can go: all, then halves, down to single ones."""
        if not candidates or self._fails_without(candidates):
            return
        left, parts = candidates, 2
        while len(left) > 1:
            size = -(-len(left) // parts)
            for start in range(0, len(left), size):
                part = left[start : start + size]
                if len(part) < len(left) and self._fails_without(part):
                    left = [key for key in left if key not in self.gone]
                    parts = max(parts - 1, 2)
                    break
            else:
                if size == 1:
                    return
                parts = min(len(left), parts * 2)

    def _fails_without(self, part: Sequence[Key]) -> bool:
        if (
            self.tries >= self.bounds.runs
            or time.monotonic() - self._started > self.bounds.minutes * 60
        ):
            raise _OverError
        self.tries += 1
        gone = self.gone | self.records.with_dependents(part)
        try:
            played = self.player.play(self.records.without(gone))
        except ReplayError:
            return False  # without these there is no world
        if not played.signature() & self.goal:
            return False
        self.gone, self.last = gone, played
        left = len(self.records.keys) - len(gone)
        self.say(f"try {self.tries}: still fails with {left} records")
        return True
