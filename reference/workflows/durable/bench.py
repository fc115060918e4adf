"""What the jobs of one process work with; knows nothing of DBOS."""

import logging
import threading
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from datetime import datetime
from typing import Any, Protocol, TypeVar

import msgspec

from homeroom.reference.errors import FatalError, RetryableError, SyncError
from homeroom.reference.onboarding.registry import Registry
from homeroom.reference.settings import Settings
from homeroom.reference.workflows.durable.jobs import Job, JobStatus
from homeroom.reference.workflows.durable.store import Store
from homeroom.reference.workflows.grade_sync import Sync, open_sync
from homeroom.reference.workflows.memory import InUseError

T = TypeVar("T")
Told = dict[str, Any]
_log = logging.getLogger(__name__)

# A peer that stayed unwell through every attempt of a request is asked again after these pauses.
RETRY_WAITS_S = (30.0, 180.0)
# How long a job waits for a command line that is at work on the same state folder.
PATIENCE_S, LOOK_S = 900.0, 1.0


class Interrupted(BaseException):  # nothing went wrong: the process is to end
    """This process is to end: the job stays under way, for the next one to take up."""


class Remember(Protocol):
    """Runs a step, or gives what it told when it ran before a kill. `work` has DBOS do it."""

    def __call__(self, name: str, step: Callable[[], Told], /) -> Told:
        """Run a step; what it tells can be written as JSON."""
        ...


class Ending(msgspec.Struct, frozen=True, kw_only=True):
    """How a job ends."""

    status: JobStatus
    summary: str
    more: Mapping[str, Any] = {}


class Bench:
    """The registry, the job tables, and connections that a grade sync keeps between batches."""

    def __init__(
        self,
        registry: Registry,
        store: Store,
        *,
        worker: str,
        clock: Callable[[], datetime],
        retry_waits_s: tuple[float, ...] = RETRY_WAITS_S,
    ) -> None:
        self.registry, self.store, self.worker, self.clock = registry, store, worker, clock
        self.stopping = threading.Event()
        self.active: set[str] = set()
        self._retry_waits_s = retry_waits_s
        self._syncs: dict[str, tuple[ExitStack, Sync]] = {}

    def settings_of(self, job: Job) -> Settings:
        """Give a job's settings; its time is when it was first started, however often it was."""
        return self.registry.settings_of(job.district, job.started_at or self.clock())

    def rest(self, seconds: float) -> None:
        """Wait. Raises Interrupted: the process is to end."""
        if self.stopping.wait(seconds):
            raise Interrupted

    def try_stage(self, job: Job, name: str, stage: Callable[[], Any]) -> Told:
        """Run a stage, again where a peer is unwell.

        Returns:
            `value` as builtins, or `error` as a sentence; `started_at` and `ended_at`.
        """
        self.rest(0)
        started_at = self.clock().isoformat()
        told: Told = {}
        for wait_s in (*self._retry_waits_s, None):
            try:
                told = {"value": msgspec.to_builtins(stage())}
                break
            except RetryableError as error:
                told = {"error": str(error)}
                if wait_s is not None:
                    _log.warning("job %s: %s failed, again in %.0f s", job.id, name, wait_s)
                    self.rest(wait_s)
            except SyncError as error:
                told = {"error": str(error)}
                break
        return {**told, "started_at": started_at, "ended_at": self.clock().isoformat()}

    def wait_for_folder(self, job: Job, work: Callable[[], T]) -> T:
        """Do what needs the state folder once nobody else is at it. Raises InUseError: too long."""
        waited_s = 0.0
        while True:
            try:
                return work()
            except InUseError:
                if waited_s >= PATIENCE_S:
                    raise
                if not waited_s:
                    _log.warning("job %s waits: the state folder is in use", job.id)
            self.rest(LOOK_S)
            waited_s += LOOK_S

    def sync_of(self, job: Job, *, remaster: bool) -> Sync:
        """Give the open grade sync of a job, opening it where this process has none."""
        if job.id not in self._syncs:
            stack = ExitStack()
            sync = stack.enter_context(open_sync(self.settings_of(job), remaster=remaster))
            self._syncs[job.id] = stack, sync
        return self._syncs[job.id][1]

    def close_sync(self, job_id: str) -> None:
        """Close a job's connections, if there are any."""
        stack, _ = self._syncs.pop(job_id, (None, None))
        if stack is not None:
            stack.close()


def value_of(told: Told, kind: Any) -> Any:
    """Give what a stage told. Raises FatalError: it failed."""
    if "error" in told:
        raise FatalError(told["error"])
    return msgspec.convert(told["value"], kind)
