"""Jobs that run after their request was answered."""

from homeroom.mocks.canvas import auth, ids, params
from homeroom.mocks.canvas.shapes.progress import progress_json
from homeroom.mocks.canvas.store import Progress
from homeroom.mocks.canvas.world import current_world
from homeroom.mocks.harness.request import Answer


def _progress_of(progress_id: str) -> Progress:
    world = current_world()
    progress: Progress = ids.get_by_number(world.store.progresses, progress_id)
    context = None
    if progress.context_type == "Course":
        context = world.store.courses.find(progress.context_id)
    if context is not None:
        auth.require(
            "read_course_content", "view_all_grades", "manage_grades", "manage_courses",
            context=context,
        )  # fmt: skip
    elif not auth.is_admin():
        raise auth.not_permitted()
    return progress


async def get_progress(id_: str) -> Answer:
    """Answer getProgress."""
    return progress_json(_progress_of(id_))


async def cancel_progress(id_: str) -> Answer:
    """Answer cancelProgress: it shows as failed with the caller's message, though it has run."""
    progress = _progress_of(id_)
    progress.workflow_state = "failed"
    progress.message = params.text("message")
    progress.updated_at = current_world().now()
    return progress_json(progress)
