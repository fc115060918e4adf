"""The clockwork of a worker: asks for what is due, and takes up what a dead worker left."""

import logging
import threading
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError, SQLAlchemyError

from homeroom.reference.errors import SyncError
from homeroom.reference.onboarding.districts import District
from homeroom.reference.workflows.durable.bench import Bench
from homeroom.reference.workflows.durable.jobqueue import JobQueue
from homeroom.reference.workflows.durable.jobs import Job, JobStatus, Kind
from homeroom.reference.workflows.durable.presence import Presence
from homeroom.reference.workflows.durable.timing import (
    Seen,
    due_slot,
    latest_slot,
    setting_of,
    time_of,
)

KINDS: tuple[Kind, ...] = ("night", "grades")
SCHEDULE = "schedule"
RUNNING = (JobStatus.QUEUED, JobStatus.IN_PROGRESS)
# History is kept for a school year and its summer; single outcomes for two months.
KEEP_JOBS, KEEP_OUTCOMES = timedelta(days=430), timedelta(days=60)
# DBOS's rows of a job that is over serve nobody.
KEEP_STEPS = timedelta(days=1)
TIDY_EVERY = timedelta(hours=1)
# How exactly it is kept when a rollover window was last open.
WINDOW_STEP = timedelta(hours=1)
_log = logging.getLogger(__name__)


class Planner:
    """Looks every so often; all workers may, since whoever is first writes what was seen."""

    def __init__(
        self,
        bench: Bench,
        queue: JobQueue,
        *,
        presence: Presence | None,
        asks: bool,
        every_s: float,
    ) -> None:
        """Take the parts: without a presence nothing is taken up, and `asks` follows schedules."""
        self._bench, self._store, self._clock = bench, bench.store, bench.clock
        self._queue, self._presence, self._asks = queue, presence, asks
        self._every_s, self._stop = every_s, threading.Event()
        self._tidied = datetime.min.replace(tzinfo=UTC)

    def look(self) -> None:
        """Look once."""
        if self._presence is not None:
            self._presence.renew()
            self.take_up(self._presence)
            self.close_stale(self._presence)
        if self._asks:
            for district in self._bench.registry.districts():
                for kind in KINDS:
                    self.ask(district, kind)
        now = self._clock()
        if now - self._tidied > TIDY_EVERY:
            self._tidied = now
            self._store.forget(jobs_before=now - KEEP_JOBS, outcomes_before=now - KEEP_OUTCOMES)
            self._queue.forget(KEEP_STEPS)

    def run(self) -> None:
        """Look every so often until `stop`; what fails once may succeed the next time."""
        while not self._stop.wait(self._every_s):
            try:
                self.look()
            except (SQLAlchemyError, SyncError) as error:
                kind = type(getattr(error, "orig", None) or error).__name__
                _log.warning("the database is out of reach (%s); looking again", kind)

    def stop(self) -> None:
        """Look no more."""
        self._stop.set()

    def ask(self, district: District, kind: Kind) -> str | None:
        """Queue a job whose slot has come; give its id."""
        now, at = self._clock(), time_of(district, kind)
        if at is None:
            return None
        slot, setting = latest_slot(at, district.zone, now), setting_of(district, kind)
        open_ = kind == "night" and district.window_at(now) is not None
        try:
            with self._store.engine.begin() as connection:
                seen = self._store.seen(connection, district.id, kind)
                window = seen.window if seen else None
                news = open_ and (window is None or now - window > WINDOW_STEP)
                if seen and (seen.setting, seen.slot) == (setting, slot) and not news:
                    return None
                due = due_slot(district, kind, seen, now)
                latest = Seen(setting, slot, now if news else window)
                self._store.put_seen(connection, district.id, kind, latest)
                return self._put(connection, district, kind, due) if due else None
        except IntegrityError:
            return None  # another worker wrote it at the same moment

    def _put(
        self, connection: Connection, district: District, kind: Kind, due: datetime
    ) -> str | None:
        queued = self._store.find_all(
            district.id, kind=kind, statuses=[JobStatus.QUEUED], connection=connection
        )
        if any(not job.options for job in queued):
            return None  # a whole run waits already
        local = due.astimezone(district.zone)
        job = Job(
            id=f"{kind}-{district.id}-{local:%Y%m%dT%H%M}",
            district=district.id,
            kind=kind,
            asked_by=SCHEDULE,
            asked_at=self._clock(),
            status=JobStatus.QUEUED,
        )
        if not self._store.add(connection, job):
            return None
        self._queue.put(connection, job.id, district.id)
        _log.info("job %s is due", job.id, extra={"job": job.id, "district": district.id})
        return job.id

    def take_up(self, presence: Presence) -> None:
        """Queue again what dead workers had under way."""
        for other in self._queue.workers() - {self._bench.worker}:
            with presence.dead(other) as is_dead:
                jobs = self._queue.take_up(other) if is_dead else []
            if jobs:
                _log.warning("worker %s died; taken up: %s", other, ", ".join(jobs))

    def close_stale(self, presence: Presence) -> None:
        """End jobs that DBOS is done with, and whose worker can no longer say how they ended."""
        running = {job.id: job for job in self._store.find_all(statuses=RUNNING)}
        for job_id, how in self._queue.over(running).items():
            job = self._store.find(job_id)
            if job.status.ended or job_id in self._bench.active:
                continue
            if job.worker and job.worker != self._bench.worker:
                with presence.dead(job.worker) as is_dead:
                    if not is_dead:
                        continue
            who = self._store.cancelled_by(job_id)
            told = f"cancelled by {who}" if who else f"stopped ({how.lower()})"
            self._store.end(job_id, JobStatus.FAILED, told, self._clock())
