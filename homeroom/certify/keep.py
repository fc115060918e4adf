"""Keeps what a failure can be replayed from: by the worker while the worlds exist, then by the run.

Scenarios of one history share a world, and so a bundle.
"""

import json
import os
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import msgspec

from homeroom.certify.control import ControlError, SpaceHandle
from homeroom.certify.outcomes import Outcome
from homeroom.certify.recording import Step, recorder
from homeroom.certify.redact import Redactor
from homeroom.certify.replay import (
    FORMAT,
    JOURNAL,
    Failed,
    Manifest,
    Origin,
    Replay,
    journal_part,
    to_bytes,
)
from homeroom.certify.results import Results, ScenarioResult
from homeroom.config import Need, SubjectKind
from homeroom.observe import observe_canvas, observe_gradebook, observe_provider
from homeroom.observe.pages import ObservationError
from homeroom.reference.errors import SyncError
from homeroom.reference.transport import Bearer, ClientCredentials, Transport

FOLDER = "repro"
MOST = 40
"""Bundles of one report; a subject that fails everywhere is shown by as many."""
MOST_BYTES = 64 * 1024**2
_ENCODER = msgspec.json.Encoder()


class Kept(msgspec.Struct, kw_only=True):
    """What a worker keeps of one space, as it lies in the work folder."""

    space: str
    recipe: dict[str, Any]
    steps: list[Step]
    worlds: dict[str, msgspec.Raw]
    journal: str


def keep_space(
    space: SpaceHandle, scenario: str, work: Path, redact: Redactor, *, lives_nights: bool = True
) -> None:
    """Write down what a failed scenario's space holds and how it came to be; once for a space.

    What cannot be read any more is left out: it must never change what became of the scenario.
    Where a peer is certified, which lives no nights, its one space is asked on and on: what was
    asked is kept up to the last failure, and its district is made again from its recipe.
    """
    folder = work / FOLDER
    folder.mkdir(exist_ok=True)
    with (folder / f"scenarios-{os.getpid()}.jsonl").open("a", encoding="utf-8") as lines:
        lines.write(json.dumps({"id": scenario, "space": space.name}) + "\n")
    path = folder / f"{space.name}.kept"
    if path.exists() and lives_nights:
        return
    try:
        journal = journal_part(space.journal()).decode()
    except ControlError:
        journal = ""
    kept = Kept(
        space=space.name,
        recipe=recorder.recipes.get(space.name, {}),
        steps=recorder.steps(space.name),
        worlds=observe_worlds(space.document) if lives_nights else {},
        journal=journal,
    )
    path.write_text(redact(_ENCODER.encode(kept).decode()), encoding="utf-8")


def observe_worlds(document: Mapping[str, Any]) -> dict[str, msgspec.Raw]:
    """Return both worlds of a space as JSON, as far as they can be read."""
    peer, canvas = document["oneroster"], document["canvas"]
    auth = ClientCredentials(peer["token_url"], peer["client_id"], peer["client_secret"])
    worlds: dict[str, msgspec.Raw] = {}
    focus = Transport(peer["base_url"], auth, attempts=1)
    reader = Transport(canvas["base_url"], Bearer(canvas["token"]), attempts=1)
    looks: Mapping[str, Callable[[], object]] = {
        "feed": lambda: observe_provider(focus),
        "gradebook": lambda: observe_gradebook(focus),
        "canvas": lambda: observe_canvas(reader, canvas["account_id"], grades=True),
    }
    try:
        for name, look in looks.items():
            try:
                worlds[name] = msgspec.Raw(_ENCODER.encode(look()))
            except (ObservationError, SyncError, KeyError, ValueError):
                continue
    finally:
        focus.close()
        reader.close()
    return worlds


def read_kept(work: Path) -> tuple[dict[str, str], dict[str, Kept]]:
    """Return the space of each failed scenario, and what was kept of each space."""
    folder = work / FOLDER
    spaces: dict[str, str] = {}
    for path in sorted(folder.glob("scenarios-*.jsonl")):
        for line in path.read_text(encoding="utf-8").splitlines():
            told = json.loads(line)
            spaces[told["id"]] = told["space"]
    kept: dict[str, Kept] = {}
    for path in sorted(folder.glob("*.kept")):
        try:
            found = msgspec.json.decode(path.read_bytes(), type=Kept)
        except msgspec.MsgspecError:
            continue  # a worker that was killed while it wrote
        kept[found.space] = found
    return spaces, kept


def with_replays(
    results: Results, spaces: Mapping[str, str], kept: Mapping[str, Kept]
) -> tuple[Results, dict[str, bytes]]:
    """Return the results with each failure's bundle named, and the bundles by their names."""
    peer = results.subject.kind != SubjectKind.SYNC
    if peer and results.subject.world is None:
        spaces, kept = _asked(results)
    told = {Outcome.FAILED, Outcome.HARNESS_ERROR, Outcome.WAIVED}
    by_space: dict[str, list[ScenarioResult]] = {}
    for scenario in results.scenarios:
        space = spaces.get(scenario.id, "")
        if scenario.outcome in told and space in kept and (peer or kept[space].steps):
            by_space.setdefault(space, []).append(scenario)
    files: dict[str, bytes] = {}
    names: dict[str, str] = {}
    size = 0
    for space, scenarios in by_space.items():
        content = to_bytes(_compose(results, kept[space], scenarios))
        size += len(content)
        if len(files) >= MOST or size > MOST_BYTES:
            break
        name = f"{FOLDER}/{len(files) + 1:02d}-{_slug(scenarios[0])}.zip"
        files[name] = content
        names |= {scenario.id: name for scenario in scenarios}
    named = [
        msgspec.structs.replace(each, replay=names.get(each.id, "")) for each in results.scenarios
    ]
    return msgspec.structs.replace(results, scenarios=named), files


def _asked(results: Results) -> tuple[dict[str, str], dict[str, Kept]]:
    """Return what is kept of a peer that is not ours: what the report shows of it, and no more."""
    spaces = {each.id: "peer" for each in results.scenarios}
    told = (Outcome.FAILED, Outcome.HARNESS_ERROR, Outcome.WAIVED)
    failed = [each for each in results.scenarios if each.outcome in told]
    exchanges = [exchange for each in failed for exchange in each.exchanges]
    journal = journal_part(exchanges).decode()
    return spaces, {"peer": Kept(space="peer", recipe={}, steps=[], worlds={}, journal=journal)}


def _compose(results: Results, kept: Kept, scenarios: list[ScenarioResult]) -> Replay:
    set_, subject, recipe = results.requirement_set, results.subject, kept.recipe
    named = subject.kind != SubjectKind.SYNC and subject.world is None
    manifest = Manifest(
        format=FORMAT,
        homeroom=results.environment.homeroom,
        subject=f"{subject.name} {subject.version}".strip(),
        choices=subject.choices,
        requirement_set=f"{set_.id} {set_.version} sha256 {set_.sha256}",
        features_sha256=results.environment.district_sha256,
        origin=Origin(
            district=recipe.get("district", "empty"),
            seed=recipe.get("seed", 1),
            now=recipe.get("now", ""),
            generated=not named,
        ),
        kind=SubjectKind(subject.kind),
        needs=tuple(sorted({Need(each.need) for each in results.requirements if each.need})),
        world=subject.world,
        address=subject.commands.get("address", "") if named else "",
        scenarios=tuple(
            Failed(
                id=each.id,
                name=each.name,
                requirements=tuple(each.requirements),
                outcome=each.outcome,
                reason=each.reason,
                expected=each.expected,
                received=each.received,
            )
            for each in scenarios
        ),
    )
    parts = {f"worlds/{name}.json": bytes(world) for name, world in kept.worlds.items()}
    if kept.journal:
        parts[JOURNAL] = kept.journal.encode()
    return Replay(manifest=manifest, steps=tuple(kept.steps), parts=parts)


def _slug(scenario: ScenarioResult) -> str:
    words = re.sub(r"[^a-z0-9]+", "-", scenario.name.lower()).strip("-")
    return f"{'-'.join(scenario.requirements[:1])}-{words}"[:60].strip("-").lower()
