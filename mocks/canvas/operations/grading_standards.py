"""Grading schemes of a course."""

from decimal import Decimal, InvalidOperation
from typing import Any, cast

from homeroom.mocks.canvas import auth, errors, ids, params
from homeroom.mocks.canvas.pagination import paged
from homeroom.mocks.canvas.store import GradingStandard
from homeroom.mocks.canvas.world import current_world
from homeroom.mocks.harness.request import Answer


def _json(standard: GradingStandard) -> dict[str, Any]:
    return {
        "id": standard.id,
        "title": standard.title,
        "context_type": "Course",
        "context_id": standard.course_id,
        "grading_scheme": [
            {"name": name, "value": float(at / 100)} for name, at in standard.entries
        ],
    }


async def list_grading_standards(course_id: str) -> Answer:
    """Answer listGradingStandards."""
    course = ids.get_course(course_id)
    auth.require("manage_grades", "manage_course_settings", context=course)
    mine = [s for s in current_world().store.grading_standards if s.course_id == course.id]
    return paged(mine, _json)


async def create_grading_standard(course_id: str) -> Answer:
    """Answer createGradingStandard: names with the percentage each begins at."""
    course = ids.get_course(course_id)
    auth.require("manage_grades", "manage_course_settings", context=course)
    title = params.text("title")
    if title is None:
        raise errors.invalid_fields({"title": "can't be blank"})
    given = params.params().get("grading_scheme_entry")
    entries: list[tuple[str, Decimal]] = []
    for item in given if isinstance(given, list) else []:
        entry = cast("dict[str, Any]", item) if isinstance(item, dict) else {}
        name = params.to_text(entry.get("name"))
        try:
            at = Decimal(params.to_text(entry.get("value")) or "x")
        except InvalidOperation:
            raise errors.invalid_fields({"data": "grading scheme values must be numbers"}) from None
        if name is not None and at.is_finite():
            entries.append((name, at))
    if not entries:
        raise errors.invalid_fields({"data": "can't be blank"})
    store = current_world().store
    standard = GradingStandard(
        id=store.grading_standards.next_id,
        course_id=course.id,
        title=title,
        entries=tuple(sorted(entries, key=lambda entry: entry[1], reverse=True)),
    )
    return _json(store.grading_standards.add(standard))
