"""One night, from the provider to Canvas: read, map, compare, plan, brake, apply, verify."""

import logging
import shutil
import time
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

import msgspec

from homeroom.reference.canvas.client import CanvasClient, SisImport
from homeroom.reference.canvas.rows import ROWS, Row
from homeroom.reference.errors import FatalError
from homeroom.reference.oneroster.client import OneRosterClient
from homeroom.reference.roster.apply import ImportFailedError, Refusal, send
from homeroom.reference.roster.archive import write_zip
from homeroom.reference.roster.build import Build
from homeroom.reference.roster.plan import Plan, as_text
from homeroom.reference.roster.read import Feed, refuse_emptiness
from homeroom.reference.roster.shelves import RowFile
from homeroom.reference.roster.verify import Drift, verify
from homeroom.reference.settings import Settings
from homeroom.reference.state import (
    Current,
    locked,
    provisioned,
    read_json,
    write_json,
    write_whole,
)

KEEP_RUNS = 5
_log = logging.getLogger(__name__)


@dataclass
class Night:
    """What a night did."""

    run: str
    status: str
    plan: Plan
    refused: list[dict[str, str]] = field(default_factory=list)
    warnings: list[dict[str, str]] = field(default_factory=list)
    drift: list[Drift] = field(default_factory=list)
    sis_import: int | None = None
    seconds: dict[str, float] = field(default_factory=dict)
    resumed: str | None = None

    @property
    def exit_code(self) -> int:
        """0 done, 1 with rows refused, 4 held."""
        if self.status == "held":
            return 4
        return 1 if self.refused else 0

    def as_dict(self) -> dict[str, Any]:
        """Give everything, for a program to read."""
        return {
            "run": self.run,
            "status": self.status,
            "exit": self.exit_code,
            "sis_import": self.sis_import,
            "resumed": self.resumed,
            "plan": msgspec.to_builtins(self.plan),
            "refused": self.refused,
            "warnings": self.warnings,
            "drift": msgspec.to_builtins(self.drift),
            "seconds": self.seconds,
        }


def run_night(
    settings: Settings, *, plan_only: bool = False, release: str | None = None, full: bool = False
) -> Night:
    """Run one night.

    Args:
        settings: The connection and the district's choices.
        plan_only: Stop before anything is sent.
        release: A held run that a person has looked at; it is applied if nothing moved since.
        full: Send everything, not only what changed, which undoes manual changes that are not
            sticky, and read everything back.

    Raises:
        FatalError: A peer or the state is unusable; Canvas keeps what it had.
        RetryableError: A peer stayed unwell; likewise.
    """
    with locked(settings.state_dir), settings.canvas() as canvas:
        return _Runner(settings, CanvasClient(canvas)).run(
            plan_only=plan_only, release=release, full=full
        )


class _Runner:
    def __init__(self, settings: Settings, canvas: CanvasClient) -> None:
        self._settings, self._canvas = settings, canvas
        self._root = settings.state_dir / "provisioning"
        self._seconds: dict[str, float] = {}
        self._since = time.perf_counter()

    def run(self, *, plan_only: bool, release: str | None, full: bool) -> Night:
        resumed = None if plan_only else self._resume()
        current = provisioned(self._settings.state_dir)
        every = self._settings.service.full_every
        due = current is not None and bool(every) and current.since_full + 1 >= every
        held = self._held(release) if release else None
        plan, folder = self._plan(current, full=full or due or bool(held and held.full))
        self._lap("plan")
        night = Night(plan.run, "planned", plan, list(plan.refusals), resumed=resumed)
        night.seconds = self._seconds
        if plan_only:
            return night
        if held is not None and held.digest != plan.digest:
            plan.brake.append(f"what {held.run} would do has changed since; look at this one")
        if plan.brake and (held is None or held.digest != plan.digest):
            self._write_plan(folder, plan)
            night.status = "held"
            return night
        self._apply(night, folder, current)
        self._prune(plan.run)
        return night

    def _lap(self, stage: str) -> None:
        now = time.perf_counter()
        self._seconds[stage], self._since = round(now - self._since, 3), now

    def _folder(self, run: str) -> Path:
        return self._root / "runs" / run

    def _held(self, release: str) -> Plan:
        plan = read_json(self._folder(Path(release).name) / "plan.json", Plan)
        if plan is None or not plan.brake:
            raise FatalError(f"there is no held run {release} in {self._root}")
        return plan

    def _plan(self, current: Current | None, *, full: bool) -> tuple[Plan, Path]:
        settings = self._settings
        feed = Feed(settings.choices, settings.service)
        with settings.oneroster() as transport:
            params = None if settings.service.sort else dict[str, str]()
            client = OneRosterClient(transport, page_size=settings.service.page_size, params=params)
            feed.read(client, settings.service)
        self._lap("read")
        before = self._folder(current.run) if current else None
        if before is not None:
            last = read_json(before / "plan.json", Plan)
            refuse_emptiness(
                feed, {kind: each.after for kind, each in last.counts.items()} if last else {}
            )
        folder = self._new_folder()
        plan = Plan(run=folder.name, now=settings.now.isoformat(), full=full)
        Build(feed, before, folder, settings, plan).run()
        self._write_plan(folder, plan)
        return plan, folder

    def _new_folder(self) -> Path:
        stamp = self._settings.now.strftime("%Y%m%dT%H%M%S")
        for number in range(1, 10_000):
            folder = self._folder(f"{stamp}-{number}")
            if not folder.exists():
                folder.mkdir(parents=True)
                return folder
        raise FatalError(f"{self._root} holds too many runs of {stamp}")

    def _write_plan(self, folder: Path, plan: Plan) -> None:
        write_json(folder / "plan.json", plan)
        write_whole(folder / "plan.txt", as_text(plan).encode())

    def _apply(self, night: Night, folder: Path, current: Current | None) -> None:
        if night.plan.is_empty:
            self._settle(night.plan, folder, current, [])
            night.status = "completed"
            return
        kinds = ["change_sis_id", *ROWS]
        members = [path for kind in kinds if (path := folder / f"{kind}.csv").exists()]
        write_zip(folder / "import.zip", members)
        self._lap("zip")
        write_json(self._root / "pending.json", night.plan.run)
        self._send(night, folder, current)
        self._lap("import")
        night.drift += self._verify(night, folder)
        self._lap("verify")
        trouble = night.refused or night.warnings or night.drift
        night.status = "warning" if trouble else "completed"

    def _send(self, night: Night, folder: Path, current: Current | None) -> None:
        service = self._settings.service
        params: dict[str, str] = {"import_type": "instructure_csv"}
        if service.diffing:
            params["diffing_data_set_identifier"] = service.diffing_identifier
            if night.plan.full:
                params["diffing_remaster_data_set"] = "true"
        if service.override_sis_stickiness:
            params["override_sis_stickiness"] = "true"
        try:
            done, refusals = send(self._canvas, folder, params, stall_s=service.import_stall_s)
        except ImportFailedError:
            (self._root / "pending.json").unlink()
            raise
        night.sis_import = done.id
        refused = [each for each in refusals if not each.applied]
        night.refused += self._traced(folder, refused)
        night.warnings += self._traced(folder, (each for each in refusals if each.applied))
        night.drift += _uncounted(done, night.plan, len(refusals))
        self._settle(night.plan, folder, current, refused)

    def _settle(
        self, plan: Plan, folder: Path, current: Current | None, refusals: Iterable[Refusal]
    ) -> None:
        """Make tonight's rows the ones that Canvas holds, but for those it refused."""
        before = self._folder(current.run) if current else folder / "none"
        for kind, keys in _keys(refusals).items():
            earlier = RowFile(before / f"{kind}.rows", ROWS[kind])
            stood = {row.id: row for row in earlier if row.id in keys}
            RowFile(folder / f"{kind}.rows", ROWS[kind]).replace(keys, stood)
        write_json(
            self._root / "current.json",
            Current(
                run=plan.run,
                at=plan.now,
                nights=current.nights + 1 if current else 1,
                since_full=current.since_full + 1 if current and not plan.full else 0,
            ),
        )
        (self._root / "pending.json").unlink(missing_ok=True)
        for path in folder.glob("*.csv"):
            path.unlink()

    def _resume(self) -> str | None:
        """Finish what an earlier run was sending when it died."""
        run = read_json(self._root / "pending.json", str)
        current = provisioned(self._settings.state_dir)
        if run is None or (current is not None and current.run == run):
            (self._root / "pending.json").unlink(missing_ok=True)
            return None
        folder = self._folder(run)
        plan = read_json(folder / "plan.json", Plan)
        if plan is None:
            raise FatalError(f"{folder} was being applied, but its plan.json is gone")
        self._send(Night(run, "resumed", plan), folder, current)
        return run

    def _traced(self, folder: Path, refusals: Iterable[Refusal]) -> list[dict[str, str]]:
        """Lead Canvas's words back to the records they are about."""
        told = list(refusals)
        sources: dict[tuple[str, tuple[str, ...]], str] = {}
        for kind, keys in _keys(told).items():
            for row in RowFile(folder / f"{kind}.rows", ROWS[kind]):
                if row.id in keys:
                    sources[kind, row.id] = msgspec.structs.astuple(row)[-1]
        return [
            {
                "sourcedId": sources.get((each.file, _key(each)), " ".join(_key(each))),
                "field": each.file,
                "reason": each.message,
                "remedy": "correct the record in the SIS",
            }
            for each in told
        ]

    def _verify(self, night: Night, folder: Path) -> list[Drift]:
        refused = {one["sourcedId"] for one in night.refused}
        drift: list[Drift] = []
        for kind, rows in self._to_verify(night.plan, folder).items():
            ours = (row for row in rows if msgspec.structs.astuple(row)[-1] not in refused)
            drift += verify(self._canvas, kind, ours)
        return drift

    def _to_verify(self, plan: Plan, folder: Path) -> Mapping[str, Iterable[Row]]:
        if plan.full:
            return {kind: RowFile(folder / f"{kind}.rows", ROWS[kind]) for kind in plan.counts}
        changed: defaultdict[str, list[Row]] = defaultdict(list)
        for change in plan.changes:
            if "after" in change:
                changed[change["kind"]].append(
                    msgspec.convert(tuple(change["after"].values()), ROWS[change["kind"]])
                )
        sample = self._settings.service.verify_sample
        return {
            kind: list(islice(rows, 0, None, max(1, -(-len(rows) // sample))))
            for kind, rows in changed.items()
            if sample
        }

    def _prune(self, run: str) -> None:
        runs = sorted((self._root / "runs").iterdir(), key=lambda path: path.stat().st_mtime)
        for old in runs[:-KEEP_RUNS]:
            if old.name != run:
                shutil.rmtree(old, ignore_errors=True)


def _key(refusal: Refusal) -> tuple[str, ...]:
    return refusal.cells[: ROWS[refusal.file].key] if refusal.file in ROWS else ()


def _keys(refusals: Iterable[Refusal]) -> dict[str, set[tuple[str, ...]]]:
    keys: defaultdict[str, set[tuple[str, ...]]] = defaultdict(set)
    for refusal in refusals:
        if key := _key(refusal):
            keys[refusal.file].add(key)
    return keys


def _uncounted(done: SisImport, plan: Plan, refusals: int) -> list[Drift]:
    """Compare what Canvas counted with what it was sent."""
    counts = done.data.get("counts") or {}
    if done.data.get("diffed_against_sis_batch_id"):
        return []
    drift: list[Drift] = []
    for kind, sent in plan.rows.items():
        counted = counts.get("change_sis_ids" if kind == "change_sis_id" else kind)
        if isinstance(counted, int) and counted + refusals < sent:
            drift.append(Drift(kind, f"import {done.id}", "rows", str(sent), str(counted)))
    return drift
