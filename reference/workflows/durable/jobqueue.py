"""The queue, in DBOS's tables: one job of a district at a time, districts side by side.

This module and `work` are the only ones that import DBOS. Here it is only asked; `work` runs.
"""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa
from dbos import DBOS, DBOSClient
from sqlalchemy.exc import SQLAlchemyError

from homeroom.reference.errors import FatalError
from homeroom.reference.workflows.durable.tables import jobs

APPLICATION = "homeroom"
# What is under way is taken up by any process of the same version: raise it when the steps of a
# workflow change, not with every release.
VERSION = "homeroom-jobs-1"
QUEUE = "homeroom-jobs"
JOB, COURSE = "homeroom.job", "homeroom.course"
POLL_S = 0.25
_OVER = ("SUCCESS", "ERROR", "CANCELLED", "MAX_RECOVERY_ATTEMPTS_EXCEEDED")


class JobQueue:
    """Puts jobs in the queue, takes them out, and finds those whose worker died."""

    def __init__(self, engine: sa.Engine) -> None:
        """Make or bring up to date DBOS's tables. Raises FatalError: the database is unusable."""
        url = database_url(engine)
        try:
            DBOS.migrate(url)
            self._client = DBOSClient(system_database_url=url, application_name=APPLICATION)
        except SQLAlchemyError as error:
            shown = engine.url.render_as_string(hide_password=True)
            reason = str(getattr(error, "orig", None) or error).strip().partition("\n")[0]
            raise FatalError(f"the database {shown} cannot be used: {reason}") from None

    def open(self, at_once: int) -> None:
        """Set the queue up; a worker has so many jobs at once, a district one."""
        self._client.register_queue(
            QUEUE,
            worker_concurrency=at_once,
            partition_concurrency=1,
            polling_interval_sec=POLL_S,
        )

    def put(self, connection: sa.Connection, job_id: str, district: str) -> None:
        """Put a job of the store's in the queue, in the caller's transaction."""
        # Of what is asked for in one second, DBOS would take the lowest id first.
        turn = connection.scalar(sa.select(jobs.c.seq).where(jobs.c.id == job_id))
        options = {"workflow_name": JOB, "queue_name": QUEUE, "workflow_id": job_id,
                   "queue_partition_key": district, "priority": turn}  # fmt: skip
        self._client.enqueue_in_transaction(connection, options, job_id)  # type: ignore[arg-type]

    def cancel(self, job_id: str) -> None:
        """Take a job out, or stop it before its next step."""
        self._client.cancel_workflow(job_id, cancel_children=True)

    def over(self, job_ids: Iterable[str]) -> dict[str, str]:
        """Say which of these jobs are over as DBOS sees it, and how each ended."""
        ids = list(job_ids)
        found = self._client.list_workflows(
            workflow_ids=ids, status=list(_OVER), load_input=False, load_output=False
        )
        return {each.workflow_id: each.status for each in found} if ids else {}

    def workers(self) -> set[str]:
        """Name the workers that have something under way."""
        found = self._client.list_workflows(
            status="PENDING", name=[JOB, COURSE], load_input=False, load_output=False
        )
        return {each.executor_id for each in found if each.executor_id}

    def take_up(self, worker: str) -> list[str]:
        """Queue again what a dead worker had under way; give the ids of the jobs.

        A job goes back into its district's turn. A course's part goes to whoever is free first:
        its job waits for it.
        """
        found = self._client.list_workflows(
            status="PENDING", executor_id=worker, load_input=False, load_output=False
        )
        for each in found:
            if each.queue_name == QUEUE:
                self._client.resume_workflow(each.workflow_id, queue_name=QUEUE)
            else:
                self._client.resume_workflow(each.workflow_id)
        return [each.workflow_id for each in found if each.name == JOB]

    def forget(self, before: timedelta, limit: int = 200) -> int:
        """Delete DBOS's own rows of jobs that are over; their history stays in our tables."""
        until = (datetime.now(UTC) - before).isoformat()
        found = self._client.list_workflows(
            status=list(_OVER), name=JOB, completed_before=until, limit=limit,
            load_input=False, load_output=False,
        )  # fmt: skip
        ids = [each.workflow_id for each in found]
        if ids:
            self._client.delete_workflows(ids, delete_children=True)
        return len(ids)

    def close(self) -> None:
        """Close the connections."""
        self._client.destroy()


def database_url(engine: sa.Engine) -> str:
    """Give the address of an engine's database, as DBOS takes it; it may hold a password."""
    return engine.url.render_as_string(hide_password=False)
