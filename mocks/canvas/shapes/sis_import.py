"""SIS imports, their errors and files as Canvas shows them. Source: canvas-sis-imports.md 1.3."""

from collections.abc import Sequence
from typing import Any

from homeroom.mocks.canvas.shapes.common import origin, sight, when
from homeroom.mocks.canvas.shapes.user import user_json
from homeroom.mocks.canvas.sis_import.batches import (
    RETENTION,
    SHOWN_MESSAGES,
    SisBatch,
    SisBatchError,
)
from homeroom.mocks.canvas.store import Attachment
from homeroom.mocks.canvas.world import CanvasWorld

_MIME_CLASSES = {"application/zip": "zip", "application/x-zip-compressed": "zip"}


def sis_import_json(world: CanvasWorld, batch: SisBatch) -> dict[str, Any]:
    """Write an import; keys in Canvas's order, those of messages and files only when there."""
    shown: dict[str, Any] = {
        "id": batch.id,
        "created_at": when(batch.created_at),
        "started_at": when(batch.started_at),
        "ended_at": when(batch.ended_at),
        "updated_at": when(batch.updated_at),
        "progress": batch.progress,
        "workflow_state": batch.workflow_state,
        "data": dict(batch.data),
        "batch_mode": batch.batch_mode,
        "batch_mode_term_id": batch.batch_mode_term_id,
        "multi_term_batch_mode": batch.multi_term_batch_mode,
        "override_sis_stickiness": batch.override_sis_stickiness,
        "add_sis_stickiness": batch.add_sis_stickiness,
        "update_sis_id_if_login_claimed": batch.update_sis_id_if_login_claimed,
        "clear_sis_stickiness": batch.clear_sis_stickiness,
        "diffing_data_set_identifier": batch.diffing_data_set_identifier,
        "diffing_remaster": batch.diffing_remaster,
        # Read from a key that nothing writes: the real one is data.diffed_against_sis_batch_id.
        "diffed_against_import_id": None,
        "diffing_drop_status": batch.diffing_drop_status,
        "diffing_user_remove_status": batch.diffing_user_remove_status,
        "skip_deletes": batch.skip_deletes,
        "change_threshold": batch.change_threshold,
        "diff_row_count_threshold": batch.diff_row_count_threshold,
    }
    if batch.diffing_data_set_identifier is not None:
        shown["diffing_threshold_exceeded"] = bool(batch.diffing_threshold_exceeded)
    shown |= _messages(batch)
    shown |= _files(world, batch)
    if batch.user_id is not None:
        shown["user"] = user_json(world, world.store.users.get(batch.user_id), sight(None))
    return shown


def _messages(batch: SisBatch) -> dict[str, Any]:
    """Write at most 24 errors and 24 warnings, and how many more there are."""
    shown: dict[str, Any] = {}
    warning_count = len(batch.errors) - batch.failure_count
    for word, chosen, count in (
        ("errors", batch.shown_errors, batch.failure_count),
        ("warnings", batch.shown_warnings, warning_count),
    ):
        key = f"processing_{word}"
        pairs: list[list[str | None]] = [[error.file, error.message] for error in chosen]
        if count > SHOWN_MESSAGES:
            more = f"and {count - SHOWN_MESSAGES} more {word} that were not included"
            pairs.append([more, f"Download the error file to see all {word}."])
        if pairs and batch.workflow_state not in ("initializing", "created", "importing"):
            shown[key] = pairs
    return shown


def _files(world: CanvasWorld, batch: SisBatch) -> dict[str, Any]:
    shown: dict[str, Any] = {}
    if batch.errors_attachment_id is not None:
        shown["errors_attachment"] = file_json(world, batch.errors_attachment_id)
    for key, ids in (
        ("csv_attachments", batch.csv_attachment_ids),
        ("diffed_csv_attachments", batch.diffed_attachment_ids),
    ):
        if ids:
            shown[key] = [file_json(world, number) for number in ids]
    return shown


def file_json(world: CanvasWorld, attachment_id: int) -> dict[str, Any]:
    """Write a file; its URL can be fetched without a token."""
    file: Attachment = world.store.attachments.get(attachment_id)
    verifier = f"download_frd=1&verifier={file.uuid}"
    return {
        "id": file.id,
        "uuid": file.uuid,
        "folder_id": None,
        "display_name": file.filename,
        "filename": file.filename,
        "upload_status": "success",
        "content-type": file.content_type,
        "url": f"{origin()}/files/{file.id}/download?{verifier}",
        "size": file.size,
        "created_at": when(file.created_at),
        "updated_at": when(file.updated_at),
        "unlock_at": None,
        "locked": False,
        "hidden": False,
        "lock_at": None,
        "hidden_for_user": False,
        "thumbnail_url": None,
        "modified_at": when(file.updated_at),
        "mime_class": _MIME_CLASSES.get(file.content_type, "file"),
        "media_entry_id": None,
    }


def error_json(error: SisBatchError) -> dict[str, Any]:
    """Write one warning or failure of an import."""
    return {
        "sis_import_id": error.sis_import_id,
        "file": error.file,
        "message": error.message,
        "row_info": error.row_info,
        "row": error.row,
    }


def kept_errors(world: CanvasWorld, batches: Sequence[SisBatch]) -> list[SisBatchError]:
    """Return the errors of some imports that are not past their 30 days, newest first."""
    oldest = world.now() - RETENTION
    errors: list[SisBatchError] = []
    # Imports run one after the other: the order of their ids is that of their errors.
    for batch in sorted(batches, key=lambda one: one.started_at or one.created_at, reverse=True):
        whole = bool(batch.errors) and batch.errors[0].created_at >= oldest
        errors.extend(
            error for error in reversed(batch.errors) if whole or error.created_at >= oldest
        )
    return errors
