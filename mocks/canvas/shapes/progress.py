"""Progress of jobs. Source: canvas-rest-api.md 7.7."""

from typing import Any

from homeroom.mocks.canvas.shapes.common import origin, when
from homeroom.mocks.canvas.store import Progress


def progress_json(progress: Progress) -> dict[str, Any]:
    """Write a job's progress; results only once it is over."""
    shown: dict[str, Any] = {
        "id": progress.id,
        "context_id": progress.context_id,
        "context_type": progress.context_type,
        "user_id": progress.user_id,
        "tag": progress.tag,
        "completion": progress.completion,
        "workflow_state": progress.workflow_state,
        "created_at": when(progress.created_at),
        "updated_at": when(progress.updated_at),
        "message": progress.message,
        "url": f"{origin()}/api/v1/progress/{progress.id}",
    }
    if progress.workflow_state not in ("queued", "running") and progress.results is not None:
        shown["results"] = progress.results
    return shown
