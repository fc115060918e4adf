"""The late policy of a course. Source: canvas-rest-api.md 7.2."""

from typing import Any

from homeroom.mocks.canvas import auth, errors, ids, params
from homeroom.mocks.canvas.shapes.common import when
from homeroom.mocks.canvas.store import Course, LatePolicy
from homeroom.mocks.canvas.world import current_world
from homeroom.mocks.harness.request import Answer, VendorError

ONLY_ONE = "only one late policy per course is allowed"
INTERVALS = ("day", "hour")
_FLAGS = ("missing_submission_deduction_enabled", "late_submission_deduction_enabled",
          "late_submission_minimum_percent_enabled")  # fmt: skip
_PERCENTS = ("missing_submission_deduction", "late_submission_deduction",
             "late_submission_minimum_percent")  # fmt: skip


def _json(policy: LatePolicy) -> dict[str, Any]:
    return {
        "late_policy": {
            "id": policy.id,
            "course_id": policy.course_id,
            **{name: getattr(policy, name) for name in _FLAGS},
            **{name: getattr(policy, name) for name in _PERCENTS},
            "late_submission_interval": policy.late_submission_interval,
            "created_at": when(policy.created_at),
            "updated_at": when(policy.updated_at),
        }
    }


def _read() -> dict[str, Any]:
    if "late_policy" not in params.params():  # an empty one is made of the defaults
        raise errors.missing_parameter("late_policy")
    given = params.group("late_policy")
    changes: dict[str, Any] = {}
    for name in _FLAGS:
        if name in given:
            changes[name] = bool(params.to_flag(given[name]))
    for name in _PERCENTS:
        if name in given:
            changes[name] = _percent(name, params.to_text(given[name]))
    interval = params.to_text(given.get("late_submission_interval"))
    if interval is not None:
        if interval not in INTERVALS:
            raise _refused("late_submission_interval", "is not included in the list")
        changes["late_submission_interval"] = interval
    return changes


def _refused(field: str, message: str) -> VendorError:
    """Make the refusal of a value: a 422 here, unlike elsewhere."""
    return errors.invalid_fields({field: message}, status=422)


def _percent(name: str, text: str | None) -> float:
    try:
        value = float(text or "")
    except ValueError:
        raise _refused(name, "is not a number") from None
    if not value >= 0:
        raise _refused(name, "must be greater than or equal to 0")
    if value > 100:
        raise _refused(name, "must be less than or equal to 100")
    return value


def _managed(course_id: str) -> Course:
    course = ids.get_course(course_id)
    auth.require("manage_grades", context=course)
    return course


async def get_late_policy(course_id: str) -> Answer:
    """Answer getLatePolicy; a course without one is a 404."""
    course = _managed(course_id)
    if course.late_policy is None:
        raise errors.not_found()
    return _json(course.late_policy)


async def create_late_policy(course_id: str) -> Answer:
    """Answer createLatePolicy: 201, once."""
    course = _managed(course_id)
    if course.late_policy is not None:
        body = {"status": "bad_request", "errors": [{"message": ONLY_ONE}]}
        raise VendorError(400, body)
    world = current_world()
    now = world.now()
    changes = _read()
    policy = LatePolicy(
        id=world.store.late_policies.next_id, course_id=course.id, created_at=now, updated_at=now
    )
    for name, value in changes.items():
        setattr(policy, name, value)
    course.late_policy = world.store.late_policies.add(policy)
    return _json(policy), 201


async def update_late_policy(course_id: str) -> Answer:
    """Answer updateLatePolicy: 204; scores of late work follow at once."""
    course = _managed(course_id)
    if course.late_policy is None:
        raise errors.not_found()
    for name, value in _read().items():
        setattr(course.late_policy, name, value)
    course.late_policy.updated_at = current_world().now()
    return None, 204
