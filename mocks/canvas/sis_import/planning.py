"""Whether an import is diffed, against what, and what is imported instead of the upload."""

import asyncio
from typing import TYPE_CHECKING

from homeroom.mocks.canvas.sis_import.batches import SisBatch
from homeroom.mocks.canvas.sis_import.csv_files import CsvFile
from homeroom.mocks.canvas.sis_import.diffing import (
    THRESHOLD_RUN,
    baseline_of,
    compute_diff,
    exceeded_in_a_row,
    pack_diff,
)
from homeroom.mocks.canvas.sis_import.recognise import recognise
from homeroom.mocks.canvas.sis_import.uploads import (
    BadContainerError,
    Container,
    add_attachment,
    add_member_attachment,
    hidden_columns,
    hide_columns,
    open_beside,
)
from homeroom.mocks.canvas.store import Attachment

if TYPE_CHECKING:
    from homeroom.mocks.canvas.sis_import.job import ImportJob

Files = list[tuple[str, CsvFile]]
SIZE_EXCEEDED = "Diffing not performed because file size difference exceeded threshold"
ROWS_EXCEEDED = "Diffing not performed because difference row count exceeded threshold"
# No source has the wording of this one.
RUN_EXCEEDED = (
    "Diffing failed because the change threshold was exceeded by 5 consecutive imports; "
    "a remaster is required"
)


async def plan_diff(job: "ImportJob", container: Container, files: Files) -> Files:
    """Return what to import: the whole upload, or only what changed since the baseline."""
    batch, world = job.batch, job.world
    if batch.diffing_remaster:
        return files
    counts_runs = world.settings["diff_counts_threshold_failures"]
    if counts_runs and exceeded_in_a_row(world.batches, batch) >= THRESHOLD_RUN:
        job.context.message(None, RUN_EXCEEDED, failure=True)
        return []
    baseline = baseline_of(world.batches, batch)
    if baseline is None or baseline.attachment_id is None:
        return files
    batch.diffing_threshold_exceeded = False
    try:
        before = await open_beside(world.store, world.store.attachments.get(baseline.attachment_id))
    except BadContainerError:
        return files
    if _size_exceeded(batch, container.size, before.size):
        batch.diffing_threshold_exceeded = True
        job.context.message(None, SIZE_EXCEEDED)
        return files
    diff = await compute_diff(
        await _sorted(job, before),
        files,
        batch,
        pairs_by_name=world.settings["diff_several_files"] == "pairs",
        breathe=job.breathe,
    )
    for name, warning in diff.warnings:
        job.context.message(name, warning)
    limit = batch.diff_row_count_threshold
    if limit is not None and diff.rows > limit:
        batch.diffing_threshold_exceeded = True
        job.context.message(None, ROWS_EXCEEDED)
        return files
    batch.data["diffed_against_sis_batch_id"] = baseline.id
    if diff.files:
        kept = add_attachment(
            world.store,
            filename=f"sis_upload_diffed_{batch.id}.zip",
            content_type="application/zip",
            content=await asyncio.to_thread(pack_diff, diff),
            at=world.now(),
        )
        batch.diffed_attachment_ids = await _offered(job, kept, diff.files)
        batch.data["diffed_attachment_ids"] = list(batch.diffed_attachment_ids)
    return diff.files


async def _offered(job: "ImportJob", kept: Attachment, files: Files) -> list[int]:
    """Offer the CSV files of a diff, passwords left out; the archive too where it holds none."""
    offered: list[int] = []
    any_hidden = False
    for _, file in files:
        hidden = hidden_columns((await job.rescan(file)).header)
        made = add_member_attachment(job.store, kept, file, at=job.world.now())
        hide_columns(made, hidden)
        any_hidden = any_hidden or bool(hidden)
        offered.append(made.id)
    return offered if any_hidden else [*offered, kept.id]


def _size_exceeded(batch: SisBatch, current: int, previous: int) -> bool:
    threshold = batch.change_threshold
    if threshold is None or not previous:
        return False
    return abs(1 - current / previous) * 100 > threshold


async def _sorted(job: "ImportJob", container: Container) -> Files:
    """Tell the types of the baseline's files; broken ones were never applied and do not count."""
    files: Files = []
    for file in container.csv_files:
        found = await job.scan(file)
        kind = None if found.failure else recognise(found.header)
        if kind is not None:
            files.append((kind, file))
    return files
