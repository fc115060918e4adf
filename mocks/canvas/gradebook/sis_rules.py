"""What the account's SIS settings ask of assignments that go to the SIS.

The two validations act only where all hold: SIS syncing, the setting itself, the feature flag
`new_sis_integrations`, and the assignment's own flag. Source: canvas-rest-api.md 4.1 and 8.1.
"""

from homeroom.mocks.canvas.params import to_integer
from homeroom.mocks.canvas.store import Course
from homeroom.mocks.canvas.world import CanvasWorld

TITLE_LIMIT = 255


def _validations_on(world: CanvasWorld, course: Course) -> bool:
    syncing = world.settings.of_account(course.account_id, "sis_syncing")
    return bool(syncing) and bool(world.settings["new_sis_integrations"])


def due_date_required(world: CanvasWorld, course: Course, *, post_to_sis: bool) -> bool:
    """Whether an assignment needs a due date."""
    return (
        post_to_sis
        and _validations_on(world, course)
        and bool(world.settings.of_account(course.account_id, "sis_require_assignment_due_date"))
    )


def title_limit(world: CanvasWorld, course: Course, *, post_to_sis: bool) -> int:
    """Return how long an assignment's title may be."""
    if not post_to_sis or not _validations_on(world, course):
        return TITLE_LIMIT
    if not world.settings.of_account(course.account_id, "sis_assignment_name_length"):
        return TITLE_LIMIT
    limit = to_integer(
        world.settings.of_account(course.account_id, "sis_assignment_name_length_input")
    )
    return TITLE_LIMIT if limit is None else limit


def grade_export_enabled(world: CanvasWorld) -> bool:
    """Whether SIS grade export is on: without it the SIS endpoints refuse."""
    return bool(world.settings["bulk_sis_grade_export"])


def default_post_to_sis(world: CanvasWorld, course: Course) -> bool:
    """Return the flag of a new assignment whose request does not say."""
    if grade_export_enabled(world):
        return False
    return bool(world.settings.of_account(course.account_id, "sis_default_grade_export"))
