"""Grading periods: read only, since Canvas's REST API cannot make them. Source: 7.5."""

from collections.abc import Sequence
from typing import Any

from homeroom.mocks.canvas import auth, errors, ids, params
from homeroom.mocks.canvas.gradebook.book import CourseBook
from homeroom.mocks.canvas.pagination import page_of, per_page
from homeroom.mocks.canvas.shapes.grading_period import grading_period_json
from homeroom.mocks.canvas.store import GradingPeriod
from homeroom.mocks.canvas.world import CanvasWorld, current_world
from homeroom.mocks.harness.request import Answer, current_request


def _json(world: CanvasWorld, periods: Sequence[GradingPeriod]) -> list[dict[str, Any]]:
    manages = auth.may("manage_grading_periods")
    return [grading_period_json(period, world.now(), manages=manages) for period in periods]


def _envelope(world: CanvasWorld, periods: list[GradingPeriod]) -> Answer:
    shown, headers = page_of(periods)
    links = _links(headers.get("Link", ""))
    size = per_page(current_request())
    pagination = {
        "first": links.get("first"),
        "last": links.get("last"),
        "next": links.get("next"),
        "prev": links.get("prev"),
        "page": max(1, params.to_integer(params.params().get("page")) or 1),
        "per_page": size,
        "count": len(periods),
    }
    return (
        {
            "grading_periods": _json(world, shown),
            "grading_periods_read_only": not auth.may("manage_grading_periods"),
            "can_create_grading_periods": auth.may("manage_grading_periods"),
            "meta": {"pagination": pagination, "primaryCollection": "grading_periods"},
        },
        200,
        headers,
    )


def _links(header: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for part in header.split(",<"):
        url, _, rest = part.lstrip("<").partition(">")
        _, _, rel = rest.partition('rel="')
        if rel:
            found[rel.rstrip('"')] = url
    return found


def _periods_of(world: CanvasWorld, course_id: str) -> list[GradingPeriod]:
    course = ids.get_course(course_id)
    auth.require("read_course_content", "view_all_grades", context=course)
    return CourseBook(world.store, course, world.now()).periods


async def list_course_grading_periods(course_id: str) -> Answer:
    """Answer listCourseGradingPeriods: those of the set that the course's term has."""
    world = current_world()
    return _envelope(world, _periods_of(world, course_id))


async def list_account_grading_periods(account_id: str) -> Answer:
    """Answer listAccountGradingPeriods."""
    world = current_world()
    account = ids.get_account(account_id)
    auth.require("manage_grading_periods", "view_all_grades", context=account)
    periods = [
        period
        for group in world.store.grading_period_groups
        if group.account_id == account.id
        for period in group.grading_periods
        if period.workflow_state != "deleted"
    ]
    return _envelope(world, sorted(periods, key=lambda one: (one.start_date, one.id)))


async def get_course_grading_period(course_id: str, id_: str) -> Answer:
    """Answer getCourseGradingPeriod."""
    world = current_world()
    periods = _periods_of(world, course_id)
    found = [one for one in periods if str(one.id) == id_.strip()]
    if not found:
        raise errors.not_found()
    return {"grading_periods": _json(world, found)}
