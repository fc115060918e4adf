"""Jobs as they are kept: one row a job, its stages and totals in it, and outcomes by batch."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any

import msgspec
import sqlalchemy as sa
import stamina
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError, SQLAlchemyError

from homeroom.reference.errors import FatalError
from homeroom.reference.workflows.durable.jobs import (
    Job,
    JobStatus,
    Kind,
    UnknownJobError,
)
from homeroom.reference.workflows.durable.tables import jobs, metadata, outcomes, schedules
from homeroom.reference.workflows.durable.timing import Seen

_JSON = ("stages", "options", "totals")
_BLANK: Mapping[str, Any] = {
    "started_at": None, "ended_at": None, "stage": "", "stages": "[]", "run": "", "summary": "",
    "totals": "{}", "worker": "", "starts": 0, "released_by": "", "cancelled_by": "",
}  # fmt: skip


# A job at work outlives a database that is restarted, or locked for a while.
_lasting = stamina.retry(
    on=(OperationalError, InterfaceError), attempts=None, timeout=300.0, wait_max=5.0
)


class Store:
    """Reads and writes jobs; what is in one transaction with something else takes a connection."""

    def __init__(self, engine: sa.Engine) -> None:
        """Make the tables that are missing. Raises FatalError: the database cannot be used."""
        self.engine = engine
        try:
            try:
                metadata.create_all(engine)
            except DBAPIError:
                metadata.create_all(engine)  # another worker was making them at the same moment
        except SQLAlchemyError as error:
            shown = engine.url.render_as_string(hide_password=True)
            reason = str(getattr(error, "orig", None) or error).strip().partition("\n")[0]
            raise FatalError(f"the database {shown} cannot be used: {reason}") from None

    def add(self, connection: sa.Connection, job: Job) -> bool:
        """Add a job, unless its id is taken; say whether it was added."""
        if connection.scalar(sa.select(jobs.c.id).where(jobs.c.id == job.id)) is not None:
            return False
        row = {**_BLANK, "id": job.id, "district": job.district, "kind": job.kind,
               "asked_by": job.asked_by, "asked_at": _text(job.asked_at),
               "status": str(job.status), "options": _json(job.options),
               "releases": job.releases}  # fmt: skip
        connection.execute(sa.insert(jobs).values(row))
        return True

    def find(self, job_id: str, connection: sa.Connection | None = None) -> Job:
        """Give a job. Raises UnknownJobError."""
        query = sa.select(jobs).where(jobs.c.id == job_id)
        if connection is None:
            with self.engine.connect() as own:
                row = own.execute(query).mappings().first()
        else:
            row = connection.execute(query.with_for_update()).mappings().first()
        if row is None:
            raise UnknownJobError(f"there is no job {job_id!r}")
        return _job(row)

    def find_all(
        self,
        district: str | None = None,
        *,
        kind: Kind | None = None,
        statuses: Sequence[JobStatus] = (),
        limit: int | None = None,
        before: str | None = None,
        connection: sa.Connection | None = None,
    ) -> list[Job]:
        """Give jobs, newest first."""
        query = sa.select(jobs).order_by(jobs.c.seq.desc()).limit(limit)
        if district is not None:
            query = query.where(jobs.c.district == district)
        if kind is not None:
            query = query.where(jobs.c.kind == kind)
        if statuses:
            query = query.where(jobs.c.status.in_([str(each) for each in statuses]))
        if before is not None:
            than = sa.select(jobs.c.seq).where(jobs.c.id == before).scalar_subquery()
            query = query.where(jobs.c.seq < than)
        if connection is not None:
            return [_job(row) for row in connection.execute(query).mappings()]
        with self.engine.connect() as own:
            return [_job(row) for row in own.execute(query).mappings()]

    @_lasting
    def begin(self, job_id: str, worker: str, now: datetime) -> Job | None:
        """Take a job up, for the first time or again; None where it has ended."""
        with self.engine.begin() as connection:
            job = self.find(job_id, connection)
            if job.status.ended:
                return None
            started = job.started_at or now
            values = {"status": str(JobStatus.IN_PROGRESS), "started_at": _text(started),
                      "worker": worker, "starts": job.starts + 1}  # fmt: skip
            connection.execute(sa.update(jobs).where(jobs.c.id == job_id).values(values))
            return self.find(job_id, connection)

    @_lasting
    def note(self, job: Job, **values: Any) -> None:
        """Write values of a job that is being worked on, unless another worker has it by now."""
        row = {name: _json(value) if name in _JSON else value for name, value in values.items()}
        mine = (jobs.c.id == job.id, jobs.c.worker == job.worker, jobs.c.starts == job.starts)
        running = jobs.c.status == str(JobStatus.IN_PROGRESS)
        with self.engine.begin() as connection:
            connection.execute(sa.update(jobs).where(*mine, running).values(row))

    @_lasting
    def end(
        self,
        job_id: str,
        status: JobStatus,
        summary: str,
        now: datetime,
        more: Mapping[str, Any] = MappingProxyType({}),
        *,
        unless_begun: bool = False,
    ) -> None:
        """End a job, unless it has ended, or on wish has begun."""
        row = {name: _json(value) if name in _JSON else value for name, value in more.items()}
        row |= {"status": str(status), "summary": summary, "ended_at": _text(now)}
        states = [str(JobStatus.QUEUED)] + [str(JobStatus.IN_PROGRESS)] * (not unless_begun)
        running = jobs.c.status.in_(states)
        with self.engine.begin() as connection:
            connection.execute(sa.update(jobs).where(jobs.c.id == job_id, running).values(row))

    def set(self, connection: sa.Connection, job_id: str, **values: Any) -> None:
        """Write values of a job, whatever it is doing."""
        connection.execute(sa.update(jobs).where(jobs.c.id == job_id).values(values))

    def cancelled_by(self, job_id: str) -> str:
        """Say who cancelled a job; "" nobody."""
        with self.engine.connect() as connection:
            query = sa.select(jobs.c.cancelled_by).where(jobs.c.id == job_id)
            return connection.scalar(query) or ""

    @_lasting
    def put_outcomes(self, job: str, course: int, batch: int, told: Sequence[Any]) -> None:
        """Keep what became of a batch, in place of an earlier try's."""
        where = (outcomes.c.job == job, outcomes.c.course == course, outcomes.c.batch == batch)
        with self.engine.begin() as connection:
            connection.execute(sa.delete(outcomes).where(*where))
            if told:
                row = {"job": job, "course": course, "batch": batch, "outcomes": _json(told)}
                connection.execute(sa.insert(outcomes).values(row))

    def outcomes(self, job: str, course: int | None) -> list[dict[str, Any]]:
        """Give what was kept of a job, by course."""
        query = sa.select(outcomes.c.outcomes).where(outcomes.c.job == job)
        query = query.order_by(outcomes.c.course, outcomes.c.batch)
        if course is not None:
            query = query.where(outcomes.c.course == course)
        with self.engine.connect() as connection:
            rows = [msgspec.json.decode(text) for text in connection.scalars(query)]
        return [each for row in rows for each in row]

    def seen(self, connection: sa.Connection, district: str, kind: Kind) -> Seen | None:
        """Say how far a schedule was seen to; the row stays ours till the transaction ends."""
        row = connection.execute(_schedule(district, kind).with_for_update()).mappings().first()
        return _seen(row) if row else None

    def put_seen(self, connection: sa.Connection, district: str, kind: Kind, seen: Seen) -> None:
        """Write how far a schedule was seen to."""
        window = _text(seen.window) if seen.window else ""
        values = {"setting": seen.setting, "slot": _text(seen.slot), "window_seen": window}
        where = (schedules.c.district == district, schedules.c.kind == kind)
        if connection.execute(sa.update(schedules).where(*where).values(values)).rowcount == 0:
            row = {"district": district, "kind": kind, **values}
            connection.execute(sa.insert(schedules).values(row))

    def window_seen(self, district: str) -> datetime | None:
        """Say when a rollover window of the district was last seen open."""
        with self.engine.connect() as connection:
            row = connection.execute(_schedule(district, "night")).mappings().first()
        return _seen(row).window if row else None

    def forget(self, *, jobs_before: datetime, outcomes_before: datetime) -> int:
        """Drop old history; give how many jobs went."""
        with self.engine.begin() as connection:
            old = sa.select(jobs.c.id).where(jobs.c.ended_at < _text(outcomes_before))
            connection.execute(sa.delete(outcomes).where(outcomes.c.job.in_(old)))
            gone = connection.execute(sa.delete(jobs).where(jobs.c.ended_at < _text(jobs_before)))
        return gone.rowcount


def _schedule(district: str, kind: Kind) -> sa.Select[Any]:
    where = (schedules.c.district == district, schedules.c.kind == kind)
    return sa.select(schedules).where(*where)


def _seen(row: Mapping[Any, Any]) -> Seen:
    window = datetime.fromisoformat(row["window_seen"]) if row["window_seen"] else None
    return Seen(row["setting"], datetime.fromisoformat(row["slot"]), window)


def _text(instant: datetime) -> str:
    # Always with microseconds, so that text sorts as time does.
    return instant.astimezone(UTC).isoformat(timespec="microseconds")


def _json(value: Any) -> str:
    return msgspec.json.encode(value).decode()


def _job(row: Mapping[Any, Any]) -> Job:
    values = {
        name: msgspec.json.decode(row[name]) if name in _JSON else row[name]
        for name in Job.__struct_fields__
    }
    return msgspec.convert(values, Job)
