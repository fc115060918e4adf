"""Blueprint courses: which courses are tied to which."""

from homeroom.mocks.canvas.store import CanvasStore, Course


def associate_blueprint(store: CanvasStore, course: Course, wanted: str | None) -> str | None:
    """Tie a course to the blueprint of that SIS id, or untie it; returns Canvas's complaint."""
    if wanted is None:
        return None
    if wanted == "dissociate":
        course.blueprint_course_id = None
        return None
    blueprint = store.courses.by_sis_id.get(wanted)
    if blueprint is None or not blueprint.blueprint or blueprint.workflow_state == "deleted":
        return f'Unknown blueprint course "{wanted}" for course "{course.sis_source_id}"'
    start = f'Cannot associate course "{course.sis_source_id}" - is '
    if course.blueprint:
        return f"{start}a blueprint course"
    if course.blueprint_course_id not in (None, blueprint.id):
        return f"{start}associated to another blueprint course"
    above = {account.id for account in store.account_chain(course.account_id)}
    if blueprint.account_id not in above:
        return f"{start}not in the same or lower account as the blueprint course"
    course.blueprint_course_id = blueprint.id
    return None
