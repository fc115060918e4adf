"""Working jobs off with DBOS: it remembers which stage or batch is done, and runs the rest.

What a stage had begun when it was killed is in its files: it is safe to run again. Where each
thing is remembered stands in docs/decisions/0008.
"""

import logging
import time
import traceback
from collections.abc import Callable
from typing import Any

from dbos import DBOS, DBOSConfig, SetWorkflowID, error
from sqlalchemy import Engine

from homeroom.reference.errors import FatalError, SyncError
from homeroom.reference.workflows.durable.bench import Bench, Ending, Interrupted, Told
from homeroom.reference.workflows.durable.grades import run_course_part, run_grades_job
from homeroom.reference.workflows.durable.jobqueue import (
    APPLICATION,
    COURSE,
    JOB,
    QUEUE,
    VERSION,
    database_url,
)
from homeroom.reference.workflows.durable.jobs import Job, JobStatus
from homeroom.reference.workflows.durable.nights import run_night_job

# A job that killed so many workers is not given to another.
MAX_STARTS = 5
# How long a complaint of DBOS's is not repeated.
SAME_S = 60.0
_log = logging.getLogger(__name__)
# DBOS has one registry of workflows a process, so there is one bench that they work at.
_benches: list[Bench] = []


class Sparing(logging.Filter):
    """Lets the same complaint of DBOS's through once a minute, by its first line.

    While a database is away, each of its threads complains several times a second, at length.
    """

    def __init__(self) -> None:
        super().__init__()
        self._said: dict[str, float] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """Shorten a record, and say whether it is news."""
        told = record.getMessage().partition("\n")[0].partition(": Traceback")[0]
        record.msg, record.args = told, None
        kind, now = told.partition(":")[0], time.monotonic()
        if now - self._said.get(kind, -SAME_S) < SAME_S:
            return False
        self._said[kind] = now
        return True


def start(bench: Bench, engine: Engine) -> None:
    """Begin to work off the queue. Raises FatalError: this process does already."""
    if _benches:
        raise FatalError(f"this process works off jobs already, as {_benches[0].worker}")
    _benches.append(bench)
    config: DBOSConfig = {
        "name": APPLICATION,
        "system_database_url": database_url(engine),
        "application_version": VERSION,
        "executor_id": bench.worker,
        "log_level": "WARNING",
        "enable_otlp": False,
        # Schedules are ours: docs/decisions/0008.
        "scheduler_polling_interval_sec": 3600.0,
    }
    DBOS(config=config)
    # Its lines go where all others go.
    logger = logging.getLogger("dbos")
    logger.handlers.clear()
    logger.propagate = True
    logger.addFilter(Sparing())
    DBOS.listen_queues([QUEUE])
    DBOS.launch()


def stop(bench: Bench, wait_s: float) -> int:
    """Stop working once jobs under way have ended their stage; give how many have not in time."""
    bench.stopping.set()
    until = time.monotonic() + wait_s
    while bench.active and time.monotonic() < until:
        time.sleep(0.05)
    left = len(bench.active)
    DBOS.destroy()
    _benches.remove(bench)
    return left


def _remember(name: str, step: Callable[[], Told], /) -> Told:
    return DBOS.run_step({"name": name}, step)


@DBOS.workflow(name=JOB, max_recovery_attempts=None)
def run_job(job_id: str) -> str:
    """Run a job, or go on with one whose worker died."""
    bench = _benches[0]
    job = bench.store.begin(job_id, bench.worker, bench.clock())
    if job is None:
        return "over"
    more = {"job": job.id, "district": job.district, "worker": bench.worker}
    _log.info("job %s: start %d by %s", job.id, job.starts, bench.worker, extra=more)
    bench.active.add(job.id)
    try:
        ending = _run(bench, job)
    except error.DBOSWorkflowCancelledError:
        who = bench.store.cancelled_by(job.id) or "an operator"
        end(bench, job, Ending(status=JobStatus.FAILED, summary=f"cancelled by {who}"))
        raise
    except SyncError as failure:
        ending = Ending(status=JobStatus.FAILED, summary=str(failure))
    except Exception as fault:  # one job's fault is not the end of the others
        if bench.stopping.is_set():
            raise Interrupted from fault  # DBOS has gone already: the job is taken up later
        # The words of a fault may hold what no log should; its place does not.
        place = "".join(traceback.format_tb(fault.__traceback__))
        _log.error("job %s: %s\n%s", job.id, type(fault).__name__, place, extra=more)  # see above
        told = f"a fault in Homeroom ({type(fault).__name__}); its place is in the log of "
        ending = Ending(status=JobStatus.FAILED, summary=told + bench.worker)
    finally:
        bench.active.discard(job.id)
        bench.close_sync(job.id)
    end(bench, job, ending)
    return str(ending.status)


def _run(bench: Bench, job: Job) -> Ending:
    if job.starts > MAX_STARTS:
        told = f"{MAX_STARTS} workers died of it at {job.stage or 'its start'}; see their logs"
        return Ending(status=JobStatus.FAILED, summary=told)
    if job.kind == "night":
        return run_night_job(bench, job, bench.registry.find(job.district), _remember)
    return run_grades_job(bench, job, _remember, _run_course)


def end(bench: Bench, job: Job, ending: Ending) -> None:
    """Write how a job ended; one that stopped half-way keeps the stage where it did."""
    good = ending.status in {JobStatus.COMPLETED, JobStatus.WARNING}
    more: dict[str, Any] = {**({"stage": ""} if good else {}), **ending.more}
    bench.store.end(job.id, ending.status, ending.summary, bench.clock(), more)
    ids = {"job": job.id, "district": job.district, "status": str(ending.status)}
    _log.info("job %s: %s", job.id, ending.status, extra=ids)


def _run_course(job_id: str, course: int, scope: Told) -> Told:
    with SetWorkflowID(f"{job_id}/{course}"):
        return run_course(job_id, course, scope)


@DBOS.workflow(name=COURSE, max_recovery_attempts=None)
def run_course(job_id: str, course: int, scope: Told) -> Told:
    """Sync a course of a job; a dead worker's is taken up by whoever is free."""
    bench = _benches[0]
    job = bench.store.find(job_id)
    try:
        return {"totals": run_course_part(bench, job, course, scope, _remember)}
    except SyncError as failure:
        return {"error": str(failure)}
    finally:
        if job_id not in bench.active:
            bench.close_sync(job_id)
