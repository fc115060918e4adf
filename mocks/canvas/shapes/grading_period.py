"""Grading periods. Source: canvas-rest-api.md 7.5."""

from datetime import datetime
from typing import Any

from homeroom.mocks.canvas.gradebook.dates import is_closed
from homeroom.mocks.canvas.shapes.common import when
from homeroom.mocks.canvas.store import GradingPeriod


def grading_period_json(
    period: GradingPeriod, now: datetime, *, manages: bool = False
) -> dict[str, Any]:
    """Write a grading period; its id is a string, unlike any other."""
    return {
        "id": str(period.id),
        "grading_period_group_id": period.grading_period_group_id,
        "start_date": when(period.start_date),
        "end_date": when(period.end_date),
        "close_date": when(period.close_date),
        "weight": period.weight,
        "title": period.title,
        "permissions": {"read": True, "create": manages, "update": manages, "delete": manages},
        "is_closed": is_closed(period, now),
    }


def grading_period_brief(period: GradingPeriod) -> dict[str, Any]:
    """Write a grading period as courses include it, under a number."""
    return {
        "id": period.id,
        "title": period.title,
        "start_date": when(period.start_date),
        "end_date": when(period.end_date),
        "workflow_state": period.workflow_state,
    }
