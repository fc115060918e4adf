"""One night, from the provider to Canvas: read, map, compare, plan, brake, apply, verify."""

import contextlib
import logging
import re
import shutil
import time
import zipfile
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, Protocol, TypeVar

import msgspec

from homeroom.config import DepartedStatus
from homeroom.reference.canvas.client import CanvasClient, SisImport
from homeroom.reference.canvas.rows import ROWS
from homeroom.reference.errors import FatalError
from homeroom.reference.roster.apply import ImportFailedError, Refusal, see_through
from homeroom.reference.roster.plan import Plan
from homeroom.reference.roster.shelves import SHELVES
from homeroom.reference.roster.verify import Drift, verify
from homeroom.reference.settings import Settings
from homeroom.reference.workflows.configuration import open_canvas, open_oneroster
from homeroom.reference.workflows.delta import Reading, read_night
from homeroom.reference.workflows.memory import Current, locked, provisioned
from homeroom.reference.workflows.planning import before_of, left_out, plan_night
from homeroom.reference.workflows.rekeying import FILE, keep_old_ids, read_csv, sources_of
from homeroom.reference.workflows.rows import find_rows, put_back, rows_to_verify
from homeroom.reference.workflows.sending import start_import
from homeroom.reference.workflows.state import read_json, write_json

T = TypeVar("T")
KEEP_RUNS = 5
REMEDIES = {
    FILE: "see in Canvas what has the old id and what the new one, and correct it there; until "
    "then the object keeps the old one, and every night asks again"
}
_log = logging.getLogger(__name__)
_ADDRESS = re.compile(r"\(email: '[^']*'\)|[^\s'()]+@[^\s'()]+")


class Night(msgspec.Struct, kw_only=True):
    """What a night did."""

    run: str
    plan: Plan
    status: str = "planned"
    refused: list[dict[str, str]] = []
    warnings: list[dict[str, str]] = []
    drift: list[Drift] = []
    sis_import: int | None = None
    resumed: str | None = None
    seconds: dict[str, float] = {}

    @property
    def exit_code(self) -> int:
        """0 done, 1 with rows refused, 4 held."""
        return 4 if self.status == "held" else 1 if self.refused else 0

    def as_dict(self) -> dict[str, Any]:
        """Give everything, for a program to read."""
        told = {"exit": self.exit_code, "left_out": left_out(self.plan)}
        return {**told, **msgspec.to_builtins(self)}


class Sent(msgspec.Struct, kw_only=True):
    """What came of a night's import; `sent.json` keeps it once Canvas has taken it."""

    sis_import: int | None = None
    refused: list[dict[str, str]] = []
    warnings: list[dict[str, str]] = []
    drift: list[Drift] = []


class Stages(Protocol):
    """Runs a night's stages in turn: resume, plan, import, verify.

    Each may be run again after a kill, and gives what a later stage needs. `workflows.durable`
    has one that remembers what is done; it gives a stage's earlier value instead of running it.
    """

    def __call__(self, name: str, stage: Callable[[], T], kind: Any, /) -> T:
        """Run a stage; its value is of this type, and can be written as JSON."""
        ...


def run_through(_name: str, stage: Callable[[], T], _kind: Any, /) -> T:
    """Run a stage, remembering nothing but what its files hold."""
    return stage()


def run_night(
    settings: Settings,
    *,
    plan_only: bool = False,
    release: str | None = None,
    full: bool = False,
    hold: Sequence[str] = (),
    stages: Stages = run_through,
) -> Night:
    """Run one night.

    Args:
        settings: The connection and the district's choices.
        plan_only: Stop before anything is sent.
        release: A held run that a person has looked at; it is applied if nothing moved since.
        full: Send everything, not only what changed, which undoes manual changes that are not
            sticky, and read everything back.
        hold: Why a person is to look at this night whatever it does; each reason is shown.
        stages: How its stages are run.

    Raises:
        FatalError: A peer, the state or a setting is unusable; Canvas keeps what it had.
        RetryableError: A peer stayed unwell; likewise.
    """
    _refuse_contradictions(settings)
    with locked(settings.state_dir), open_canvas(settings) as canvas:
        runner = _Runner(settings, CanvasClient(canvas), stages, hold)
        with contextlib.closing(runner):
            return runner.run(plan_only, release, full)


class _Runner:
    def __init__(
        self, settings: Settings, canvas: CanvasClient, stages: Stages, hold: Sequence[str]
    ) -> None:
        self._settings, self._service, self._canvas = settings, settings.service, canvas
        self._stage, self._hold = stages, hold
        self._root = settings.state_dir / "provisioning"
        self._pending = self._root / "pending.json"
        self._seconds: dict[str, float] = {}
        self._since = time.perf_counter()
        # Tonight's feed, until it is kept or thrown away; another process's stage has none.
        self._reading: Reading | None = None

    def close(self) -> None:
        """Throw away what was read and not kept."""
        if self._reading is not None:
            self._reading.__exit__()

    def run(self, plan_only: bool, release: str | None, full: bool) -> Night:
        resumed = None if plan_only else self._stage("resume", self._resume, str | None)
        self._current = provisioned(self._settings.state_dir)
        every, current = self._service.full_every, self._current
        due = current is not None and 0 < every <= current.since_full + 1
        held = None if release is None else self._held(release)
        full = full or due or (held is not None and held.full)
        whole = "everything is sent" if full else held.why_whole if held else ""
        folder = self._folder(self._stage("plan", lambda: self._plan(full, whole), str))
        plan = read_json(folder / "plan.json", Plan)
        if plan is None:
            raise FatalError(f"{folder} was made, but its plan.json is gone")
        night = Night(run=plan.run, plan=plan, refused=[*plan.refusals], resumed=resumed)
        night.seconds = self._seconds
        if plan_only:
            return night
        released = held is not None and held.digest == plan.digest
        if held is not None and not released and _changes(plan):
            moved = f"what {held.run} would do has changed since; look at this one"
            plan.brake = [*(each for each in plan.brake if each != moved), moved]
        if plan.brake and not released:
            night.status = "held"
        else:
            self._apply(night, folder)
            self._prune(plan.run)
        write_json(folder / "plan.json", plan)
        return night

    def _lap(self, stage: str) -> None:
        now = time.perf_counter()
        self._seconds[stage], self._since = round(now - self._since, 3), now

    def _folder(self, run: str) -> Path:
        return self._root / "runs" / Path(run).name

    def _held(self, release: str) -> Plan:
        plan = read_json(self._folder(release) / "plan.json", Plan)
        if plan is None or not plan.brake:
            raise FatalError(f"there is no held run {release or repr(release)} in {self._root}")
        return plan

    def _plan(self, full: bool, whole: str) -> str:
        current = self._current
        reading = self._read(whole if current else "the first night")
        before = self._folder(current.run) if current else None
        last = read_json(before / "plan.json", Plan) if before else None
        stamp = self._settings.now.strftime("%Y%m%dT%H%M%S")
        earlier = [each.name for each in (self._root / "runs").glob(f"{stamp}-*")]
        number = max((int(name.rpartition("-")[2]) for name in earlier), default=0) + 1
        folder = self._folder(f"{stamp}-{number}")
        folder.mkdir(parents=True)
        plan = plan_night(reading, before, last, folder, full=full)
        if plan is None:
            reading = self._read("objects are given new ids")
            plan = plan_night(reading, before, last, folder, full=full)
        if plan is None:
            raise AssertionError("unreachable: a whole feed is always planned")
        plan.brake = [*self._hold, *plan.brake]
        write_json(folder / "plan.json", plan)
        self._lap("plan")
        return plan.run

    def _read(self, whole: str) -> Reading:
        self.close()
        kept, run = self._root / "feed.sqlite", self._current.run if self._current else None
        with open_oneroster(self._settings) as transport:
            self._reading = read_night(self._settings, transport, kept, run, whole)
        self._lap("read")
        return self._reading

    def _apply(self, night: Night, folder: Path) -> None:
        sent = self._stage("import", lambda: self._import(night.plan, folder), Sent)
        night.sis_import, night.warnings = sent.sis_import, sent.warnings
        night.refused, night.drift = [*night.refused, *sent.refused], sent.drift
        if sent.sis_import is not None:
            found = self._stage("verify", lambda: self._verify(night, folder), list[Drift])
            night.drift = [*night.drift, *found]
        trouble = night.refused or night.warnings or night.drift
        night.status = "warning" if trouble else "completed"

    def _import(self, plan: Plan, folder: Path) -> Sent:
        current = provisioned(self._settings.state_dir)
        if current is not None and current.run == plan.run:
            return read_json(folder / "sent.json", Sent) or Sent()
        members = [path for kind in (FILE, *ROWS) if (path := folder / f"{kind}.csv").exists()]
        if not members:
            self._settle(plan, folder, [])
            return Sent()
        if not self._pending.exists():
            archive = folder / "import.zip"
            with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as file:
                for member in members:
                    file.write(member, member.name)
            self._lap("zip")
            write_json(self._pending, plan.run)
        sent = self._send(plan, folder)
        self._lap("import")
        return sent

    def _send(self, plan: Plan, folder: Path) -> Sent:
        params = {"import_type": "instructure_csv"}
        if self._service.diffing:
            params["diffing_data_set_identifier"] = self._service.diffing_identifier
            params |= {"diffing_remaster_data_set": "true"} if plan.full else {}
            choices = self._settings.choices
            params["diffing_drop_status"] = choices.removed.value
            # Who left is in the files of that night alone; the next must not delete them for it.
            gone = choices.departed_users is DepartedStatus.DELETED
            params["diffing_user_remove_status"] = "deleted" if gone else "suspended"
        if self._service.override_sis_stickiness:
            params["override_sis_stickiness"] = "true"
        archive, stall_s = folder / "import.zip", self._service.import_stall_s
        try:
            import_id = start_import(self._canvas, folder, params)
            done, said = see_through(self._canvas, import_id, archive, stall_s)
        except ImportFailedError:
            self._pending.unlink()
            raise
        refused = [each for each in said if not each.applied]
        # Killed since it was written, it told of rows that are no longer there.
        sent = read_json(folder / "sent.json", Sent) or Sent(
            sis_import=done.id,
            refused=self._traced(folder, refused),
            warnings=self._traced(folder, [each for each in said if each.applied]),
            drift=_uncounted(done, plan, len(said)),
        )
        write_json(folder / "sent.json", sent)
        self._settle(plan, folder, refused)
        return sent

    def _settle(self, plan: Plan, folder: Path, refused: Iterable[Refusal]) -> None:
        """Make tonight's rows the ones that Canvas holds, but for those it refused."""
        current = provisioned(self._settings.state_dir)
        before = self._folder(current.run) if current else None
        rekeys, refused = read_csv(folder), [*refused]
        kinds = _by_kind(refused)
        for kind in kinds.keys() & ROWS:
            after = put_back(before_of(folder, before), folder, kind, kinds[kind])
            plan.counts[kind].after = after
        if before is not None:
            keep_old_ids(before, folder, plan, rekeys, refused)
        write_json(folder / "plan.json", plan)
        if self._reading is not None and self._reading.run == plan.run:
            self._reading.keep([(kind, *id_) for kind, ids in kinds.items() for id_ in ids])
        nights, since = (current.nights, current.since_full) if current else (0, 0)
        since = 0 if plan.full else since + 1
        now = Current(run=plan.run, at=plan.now, nights=nights + 1, since_full=since)
        write_json(self._root / "current.json", now)
        self._pending.unlink(missing_ok=True)
        for path in folder.glob("*.csv"):
            path.unlink()

    def _resume(self) -> str | None:
        """Finish what an earlier run was sending when it died."""
        # An hour of reading is wasted on a Canvas that would not take the import.
        self._canvas.newest_sis_imports()
        run, current = read_json(self._pending, str), provisioned(self._settings.state_dir)
        if run is None or (current is not None and current.run == run):
            self._pending.unlink(missing_ok=True)
            return None
        plan = read_json(self._folder(run) / "plan.json", Plan)
        if plan is None:
            raise FatalError(f"{self._folder(run)} was being applied, but its plan.json is gone")
        try:
            self._send(plan, self._folder(run))
        except ImportFailedError as error:
            # Canvas let go of it, as where an admin aborted it: tonight's sends what is missing.
            _log.warning("%s; going on with tonight's", error)
            return None
        return run

    def _traced(self, folder: Path, said: list[Refusal]) -> list[dict[str, str]]:
        """Lead Canvas's words back to the records they are about."""
        sources: dict[tuple[str, ...], str] = {}
        for kind, ids in _by_kind(said).items():
            found = (
                sources_of(folder, ids)
                if kind == FILE
                else {id_: row.source for id_, row in find_rows(folder, kind, ids).items()}
            )
            sources |= {(kind, *id_): source for id_, source in found.items()}
        return [
            {
                "sourcedId": sources.get((each.kind, *each.id), " ".join(each.id)),
                "field": each.kind,
                # A log is no place for people: the row is named by its id.
                "reason": _ADDRESS.sub("(address withheld)", each.message),
                "remedy": REMEDIES.get(each.kind, "correct the record in the SIS"),
            }
            for each in said
        ]

    def _verify(self, night: Night, folder: Path) -> list[Drift]:
        refused, sample = {one["sourcedId"] for one in night.refused}, self._service.verify_sample
        found: list[Drift] = []
        current = provisioned(self._settings.state_dir)
        shelf = current.nights % SHELVES if current else 0
        for kind in night.plan.counts:
            rows = rows_to_verify(night.plan, folder, kind, sample, shelf)
            found += verify(self._canvas, kind, (row for row in rows if row.source not in refused))
        write_json(folder / "verified.json", found)
        self._lap("verify")
        return found

    def _prune(self, run: str) -> None:
        runs = sorted((self._root / "runs").iterdir(), key=lambda path: path.stat().st_mtime)
        for old in runs[:-KEEP_RUNS]:
            if old.name != run:
                shutil.rmtree(old, ignore_errors=True)


def _refuse_contradictions(settings: Settings) -> None:
    if settings.service.diffing and settings.choices.departed_users is DepartedStatus.KEPT:
        raise FatalError(
            'diffing = true and departed_users = "kept" exclude each other: whoever is no longer '
            "in the files, Canvas's diffing deletes or suspends. Set diffing = false in [service], "
            'or departed_users to "suspended" or "deleted"'
        )


def _changes(plan: Plan) -> bool:
    """Say whether a night would do anything: what was released is not held once it is done."""
    counts = plan.counts.values()
    return any((each.added, each.changed, each.removed) != (0, 0, 0) for each in counts)


def _by_kind(said: Iterable[Refusal]) -> dict[str, set[tuple[str, ...]]]:
    kinds: defaultdict[str, set[tuple[str, ...]]] = defaultdict(set)
    for each in said:
        if each.id:
            kinds[each.kind].add(each.id)
    return kinds


def _uncounted(done: SisImport, plan: Plan, said: int) -> list[Drift]:
    """Compare what Canvas counted with what it was sent."""
    counts = {} if done.data.get("diffed_against_sis_batch_id") else done.data.get("counts") or {}
    return [
        Drift(kind, f"import {done.id}", "rows", str(each.sent), str(counts[kind]))
        for kind, each in plan.counts.items()
        if isinstance(counts.get(kind), int) and counts[kind] + said < each.sent
    ]
