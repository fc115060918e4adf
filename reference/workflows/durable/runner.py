"""What the service asks of its jobs: run, list, release, cancel; and working them off."""

import os
import secrets
import socket
import threading
from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, Any

import msgspec

from homeroom.reference.onboarding.districts import District, state_folder
from homeroom.reference.onboarding.registry import Registry
from homeroom.reference.onboarding.stages import Stage
from homeroom.reference.workflows.durable.bench import RETRY_WAITS_S, Bench
from homeroom.reference.workflows.durable.jobs import (
    GradesOptions,
    Job,
    JobError,
    JobStatus,
    Kind,
    NightOptions,
)
from homeroom.reference.workflows.durable.nights import read_plan
from homeroom.reference.workflows.durable.planner import Planner
from homeroom.reference.workflows.durable.presence import Presence, presence_of
from homeroom.reference.workflows.durable.store import Store
from homeroom.reference.workflows.durable.timing import next_slot

if TYPE_CHECKING:
    from homeroom.reference.workflows.durable.jobqueue import JobQueue

OPTIONS: dict[Kind, Any] = {"night": NightOptions, "grades": GradesOptions}


class Runner:
    """The jobs of one database. Asking and listing work at once; working needs `launch`."""

    def __init__(
        self,
        registry: Registry,
        *,
        clock: Callable[[], datetime] | None = None,
        at_once: int = 2,
        look_every_s: float = 5.0,
        retry_waits_s: tuple[float, ...] = RETRY_WAITS_S,
    ) -> None:
        """Open the job tables in the registry's database, making them where they are missing.

        Args:
            registry: The districts; its engine says which database.
            clock: Tells the time by which schedules run and nights are stamped; the registry's
                where there is none.
            at_once: Districts that this process works on side by side.
            look_every_s: How often it looks for what is due, and for workers that died.
            retry_waits_s: The pauses after which a stage is run again where a peer is unwell.

        Raises:
            FatalError: The database cannot be used.
        """
        self._registry, self._clock = registry, clock or registry.clock
        self._store, self._at_once = Store(registry.engine), at_once
        self._look_every_s, self._retry_waits_s = look_every_s, retry_waits_s
        self._opened: JobQueue | None = None
        self._opening = threading.Lock()
        self._presence: Presence | None = None
        self._planner: Planner | None = None
        self._thread: threading.Thread | None = None
        self._bench: Bench | None = None
        # Names this process among the workers.
        self.worker = f"{socket.gethostname()}-{os.getpid()}-{secrets.token_hex(3)}"

    @property
    def _queue(self) -> "JobQueue":
        from homeroom.reference.workflows.durable.jobqueue import JobQueue

        with self._opening:
            if self._opened is None:
                self._opened = JobQueue(self._registry.engine)
            return self._opened

    def launch(self, *, work: bool = True, schedule: bool = True) -> None:
        """Begin to work off jobs, and to ask for those that are due, until `shutdown`.

        Returns at once; work goes on in threads. One process a time may launch on a SQLite file;
        on PostgreSQL any number may. A process that only serves pages launches neither.

        Raises:
            FatalError: Another process works on this SQLite file; the text gives its pid.
        """
        bench = Bench(
            self._registry,
            self._store,
            worker=self.worker,
            clock=self._clock,
            retry_waits_s=self._retry_waits_s,
        )
        if work:
            self._presence = presence_of(self._registry.engine, self.worker)
        queue = self._queue
        queue.open(self._at_once)
        planner = Planner(
            bench, queue, presence=self._presence, asks=schedule, every_s=self._look_every_s
        )
        self._planner = planner
        # What died before is queued again before anything new can be taken.
        planner.look()
        if work:
            from homeroom.reference.workflows.durable import work as working

            working.start(bench, self._registry.engine)
            self._bench = bench
        thread = threading.Thread(target=planner.run, name="planner", daemon=True)
        thread.start()
        self._thread = thread

    def shutdown(self, *, wait_s: float = 0.0) -> int:
        """Stop taking jobs, and wait so long for running ones to end their stage.

        Returns:
            How many jobs are still in a stage. Their threads go on until it ends; a process that
            cannot wait may exit all the same: what is left is taken up by the next.
        """
        left = 0
        if self._planner is not None and self._thread is not None:
            self._planner.stop()
            self._thread.join()
        if self._bench is not None:
            from homeroom.reference.workflows.durable import work as working

            left = working.stop(self._bench, wait_s)
        if self._opened is not None:
            self._opened.close()
        if self._presence is not None and not left:
            # With a job still in a stage the sign of life stays until the process ends.
            self._presence.close()
        self._opened = self._presence = self._planner = self._thread = self._bench = None
        return left

    def run_now(self, district_id: str, kind: Kind, *, asked_by: str, **options: Any) -> str:
        """Ask for a job, beside any schedule, and give its id.

        Args:
            district_id: The district.
            kind: `night` or `grades`.
            asked_by: Who asks, for the history.
            options: Fields of NightOptions or GradesOptions.

        Raises:
            UnknownDistrictError: There is no such district.
            JobError: Its stage does not allow it, a rollover window is open, an option is not
                known, or the same kind of job is queued for the district already.
        """
        district = self._registry.find(district_id)
        given = _options(kind, options)
        self._check_allowed(district, kind, plan_only=bool(given.get("plan_only")))
        return self._ask(district, kind, asked_by, given, "")

    def _check_allowed(self, district: District, kind: Kind, *, plan_only: bool) -> None:
        if kind == "grades":
            if district.stage is not Stage.PASSBACK:
                raise JobError(
                    f"{district.id} is at {district.stage}: grades are passed back once passback "
                    "is switched on"
                )
            return
        if plan_only and district.stage is not Stage.REQUESTED:
            return
        if not district.stage.provisions:
            raise JobError(
                f"{district.id} is at {district.stage}: nights run once provisioning is switched on"
            )
        window = district.window_at(self._clock())
        if window is not None and not plan_only:
            raise JobError(
                f"{district.id} is in its rollover of {window[0]} to {window[1]}: a night now "
                "would mix two school years. Ask for a plan only, or move the rollover's last day"
            )

    def _ask(
        self, district: District, kind: Kind, asked_by: str, options: dict[str, Any], releases: str
    ) -> str:
        now, queue = self._clock(), self._queue
        job = Job(
            id=f"{kind}-{district.id}-{now:%Y%m%dT%H%M%SZ}-{secrets.token_hex(3)}",
            district=district.id,
            kind=kind,
            asked_by=asked_by,
            asked_at=now,
            status=JobStatus.QUEUED,
            options=options,
            releases=releases,
        )
        with self._registry.engine.begin() as connection:
            waiting = self._store.find_all(
                district.id, kind=kind, statuses=[JobStatus.QUEUED], connection=connection
            )
            for other in waiting:
                if (other.options, other.releases) == (options, releases):
                    raise JobError(f"{other.id} asks for the same and is queued already")
            self._store.add(connection, job)
            if releases:
                self._store.set(connection, releases, released_by=job.id)
            queue.put(connection, job.id, district.id)
        return job.id

    def jobs(
        self,
        district_id: str | None = None,
        *,
        kind: Kind | None = None,
        limit: int = 50,
        before: str | None = None,
    ) -> list[Job]:
        """Give jobs, newest first: of one district or all, those asked before job `before`."""
        return self._store.find_all(district_id, kind=kind, limit=limit, before=before)

    def job(self, job_id: str) -> Job:
        """Give one job. Raises UnknownJobError."""
        return self._store.find(job_id)

    def outcomes(self, job_id: str, *, course: int | None = None) -> list[dict[str, Any]]:
        """Give what became of each assignment and class of a grade sync, unchanged ones left out.

        Each is `gradebook.book.Outcome` as a dict: course, section, title, assignment, status,
        sent, unchanged, cleared, skipped, refusals. Raises UnknownJobError.
        """
        return self._store.outcomes(self.job(job_id).id, course)

    def plan(self, job_id: str) -> dict[str, Any] | None:
        """Give a night's plan and what came of it, as `nights.read_plan` does.

        Raises UnknownJobError.
        """
        job = self.job(job_id)
        if not job.run:
            return None
        return read_plan(state_folder(self._registry.state_root, job.district), job.run)

    def release(self, job_id: str, *, asked_by: str) -> str:
        """Ask that a held night's plan be applied, if nothing moved since; give the new job's id.

        Raises:
            UnknownJobError: There is no such job.
            JobError: It is not held, was released already, or another night ran since.
        """
        job = self.job(job_id)
        if job.status is not JobStatus.HELD:
            raise JobError(f"{job_id} is {job.status}: only a held night is released")
        if job.released_by and self.job(job.released_by).status is not JobStatus.FAILED:
            raise JobError(f"{job_id} was released already, by {job.released_by}")
        for later in self._store.find_all(job.district, kind="night", limit=20):
            if later.id == job_id:
                break
            if later.status in _RAN and not later.options.get("plan_only"):
                raise JobError(f"{later.id} ran since: look at that one")
        district = self._registry.find(job.district)
        self._check_allowed(district, "night", plan_only=False)
        return self._ask(district, "night", asked_by, job.options, job_id)

    def cancel(self, job_id: str, *, asked_by: str) -> Job:
        """Cancel a queued job at once, a running one before its next stage; give it.

        Raises:
            UnknownJobError: There is no such job.
            JobError: It has ended.
        """
        with self._registry.engine.begin() as connection:
            job = self._store.find(job_id, connection)
            if job.status.ended:
                raise JobError(f"{job_id} is {job.status} already: there is nothing to cancel")
            self._store.set(connection, job_id, cancelled_by=asked_by)
        if job.status is JobStatus.QUEUED:
            told = f"cancelled by {asked_by} before it began"
            self._store.end(job_id, JobStatus.FAILED, told, self._clock(), unless_begun=True)
        self._queue.cancel(job_id)
        return self.job(job_id)

    def next_at(self, district: District, kind: Kind) -> datetime | None:
        """Say when the schedule next runs a kind of job; None: never as things stand."""
        return next_slot(district, kind, self._clock())


_RAN = (JobStatus.COMPLETED, JobStatus.WARNING, JobStatus.HELD)


def _options(kind: Kind, given: dict[str, Any]) -> dict[str, Any]:
    if kind not in OPTIONS:
        raise JobError(f"kind is {kind!r}; allowed are {', '.join(OPTIONS)}")
    default = OPTIONS[kind]()
    try:
        options = msgspec.convert(given, OPTIONS[kind])
    except msgspec.ValidationError as error:
        names = ", ".join(default.__struct_fields__)
        raise JobError(f"options of {kind}: {error}; known are {names}") from None
    told = msgspec.to_builtins(options)
    usual = msgspec.to_builtins(default)
    return {name: value for name, value in told.items() if value != usual[name]}
