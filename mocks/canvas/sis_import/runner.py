"""The import queue of a root account: one import at a time, by itself or step by step."""

import asyncio
import logging
import time
from collections import deque
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from homeroom.mocks.canvas.sis_import import batches as states
from homeroom.mocks.canvas.sis_import.batches import SisBatch
from homeroom.mocks.canvas.sis_import.job import AbortedError, ImportJob
from homeroom.mocks.canvas.sis_import.restore import RestoreJob, restore

if TYPE_CHECKING:
    from homeroom.mocks.canvas.world import CanvasWorld

log = logging.getLogger(__name__)
SLICE_S = 0.02
"""How long an import works before others get their turn."""
SETTLE_S = 120.0
"""How long moving the clock waits for what became due, in the machine's time."""


class ImportRunner:
    """Runs the imports of one account, oldest first."""

    def __init__(self, world: "CanvasWorld") -> None:
        self.world = world
        self.mode = "auto"
        self.restores: deque[RestoreJob] = deque()
        self._job: ImportJob | None = None
        self._task: asyncio.Task[None] | None = None
        self._slice_began = time.monotonic()
        self._moved = asyncio.Event()
        self._settled = asyncio.Event()
        self.steps = 0
        """How many state changes were made: what was read before one may not hold after it."""

    @property
    def is_working(self) -> bool:
        """Whether an import or a restore is changing the account, or may at any moment."""
        return self._job is not None or bool(self.restores)

    # -- what others call -----------------------------------------------------------------------

    def kick(self) -> None:
        """Start working if there is something to do and nobody does it."""
        if self.mode == "auto" and (self._task is None or self._task.done()):
            self._settled.clear()
            self._task = asyncio.get_running_loop().create_task(self._drain())

    def set_mode(self, mode: str) -> None:
        """Let imports run by themselves (auto), or one state change at a time (manual)."""
        self.mode = mode
        self._moved.set()
        self.kick()

    async def run_steps(self, count: int) -> int:
        """Make so many state changes, fewer when there is nothing left; returns how many."""
        if self._task is not None and not self._task.done():
            await self._task
        done = 0
        while done < count and await self._step():
            done += 1
        return done

    async def run_due(self, now: datetime) -> None:
        """After the clock moved: let what became due happen, and wait for it."""
        del now  # the world's clock tells it
        if self.mode != "auto":
            return
        self._settled.clear()
        self._moved.set()
        self.kick()
        task = self._task
        if task is None or task is asyncio.current_task():
            return
        settled = asyncio.ensure_future(self._settled.wait())
        await asyncio.wait({task, settled}, timeout=SETTLE_S, return_when=asyncio.FIRST_COMPLETED)
        settled.cancel()

    async def close(self) -> None:
        """Stop what runs; what was applied stays."""
        task, self._task = self._task, None
        if task is not None and not task.done():
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    def abort(self, batch: SisBatch) -> None:
        """Abort one import; if others wait, the queue rests a while first."""
        batch.workflow_state = states.ABORTED
        batch.updated_at = self.world.now()
        if self.world.batches.next_waiting() is not None:
            pause = timedelta(seconds=self.world.settings["import_abort_pause_s"])
            self.world.batches.resume_at = self.world.now() + pause
        else:
            self.world.batches.resume_at = None
        self._moved.set()

    def abort_all_pending(self) -> None:
        """Abort all that has not begun; what runs goes on."""
        for batch in self.world.batches:
            if batch.workflow_state in (states.INITIALIZING, states.CREATED):
                batch.workflow_state = states.ABORTED
                batch.progress = 100
                batch.updated_at = self.world.now()
        # Nothing waits any more: there is nothing to rest for.
        self.world.batches.resume_at = None
        self._moved.set()

    # -- one after the other ----------------------------------------------------------------------

    async def _drain(self) -> None:
        try:
            while self.mode == "auto":
                if await self._step():
                    continue
                resume_at = self.world.batches.resume_at
                if resume_at is None or self.world.batches.next_waiting() is None:
                    break
                await self.wait_until(resume_at)
        finally:
            self._settled.set()

    async def _step(self) -> bool:
        """Make one state change; returns False when there is nothing to do now."""
        self.steps += 1
        if self._job is not None:
            return await self._advance(self._job)
        if self.restores:
            await self._restore(self.restores.popleft())
            return True
        waiting = self.world.batches.next_waiting()
        resume_at = self.world.batches.resume_at
        if resume_at is not None and (waiting is None or self.world.now() >= resume_at):
            self.world.batches.resume_at = resume_at = None
        if waiting is None or resume_at is not None or self.world.batches.running() is not None:
            return False
        self._job = ImportJob(self.world, waiting, self)
        self._job.begin()
        return True

    async def _advance(self, job: ImportJob) -> bool:
        before = job.batch.workflow_state
        try:
            ended = await job.advance()
        except AbortedError:
            await job.finish_aborted()
            ended = True
        if ended:
            self._job = None
        # One that is stuck makes no step; by itself it rests until that changes.
        return ended or job.batch.workflow_state != before

    async def _restore(self, job: RestoreJob) -> None:
        world, batch = self.world, job.batch
        progress = world.store.progresses.get(job.progress_id)
        progress.workflow_state = "running"
        await restore(world.store, job, self.breathe, now=world.now())
        batch.workflow_state = states.PARTIALLY_RESTORED if job.is_partial else states.RESTORED
        batch.updated_at = progress.updated_at = world.now()
        progress.completion, progress.workflow_state = 100.0, "completed"

    # -- time -------------------------------------------------------------------------------------

    async def breathe(self) -> None:
        """Let others have their turn when this one has worked long enough."""
        if time.monotonic() - self._slice_began > SLICE_S:
            await asyncio.sleep(0)
            self._slice_began = time.monotonic()

    async def wait_until(self, at: datetime, batch: SisBatch | None = None) -> None:
        """Rest until the space's clock shows `at`, or the mode changes.

        One that works on an import rests no longer when it is aborted; the queue, when it has
        nothing to rest for any more.
        """
        world = self.world
        while self.mode == "auto" and world.now() < at:
            if batch is not None and batch.workflow_state == states.ABORTED:
                return
            if batch is None and world.batches.resume_at is None:
                return
            self._moved.clear()
            self._settled.set()
            seconds = (at - world.now()).total_seconds()
            try:
                await asyncio.wait_for(
                    self._moved.wait(), None if world.space.clock.frozen else max(0.001, seconds)
                )
            except TimeoutError:
                continue
        self._slice_began = time.monotonic()
