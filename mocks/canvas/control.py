"""The control plane's calls that are about a space's Canvas."""

from datetime import datetime
from typing import Any, cast

from homeroom.mocks.canvas.ids import term_of, user_of
from homeroom.mocks.canvas.settings import settings_error, unknown_names
from homeroom.mocks.canvas.store import GradingPeriod, GradingPeriodGroup, Term
from homeroom.mocks.canvas.tokens import Principal, expand, known_rights
from homeroom.mocks.canvas.world import CanvasWorld, current_world
from homeroom.mocks.harness.clock import iso_seconds, parse_instant
from homeroom.mocks.harness.control import refuse_names, refuse_value
from homeroom.mocks.harness.request import Answer


async def get_canvas_settings() -> Answer:
    """Answer getCanvasSettings."""
    return current_world().settings.as_dict()


async def patch_canvas_settings(body: dict[str, Any]) -> Answer:
    """Answer patchCanvasSettings: all of the changes, or none."""
    settings = current_world().settings
    unknown = unknown_names(body)
    if unknown:
        raise refuse_names(unknown, list(settings.as_dict()))
    for name, value in body.items():
        why = settings_error(name, value)
        if why is not None:
            raise refuse_value(name, value, why)
    settings.patch(body)
    return settings.as_dict()


async def create_canvas_token(body: dict[str, Any]) -> Answer:
    """Answer createCanvasToken: an admin with just those rights, or a person."""
    world = current_world()
    permissions, user_id = body.get("permissions"), body.get("user")
    if (permissions is None) == (user_id is None):
        raise refuse_value(
            "permissions", permissions, "or user must be given, and only one of them"
        )
    if user_id is not None:
        user = None if user_id == "self" else user_of(world, user_id)
        if user is None:
            raise refuse_value("user", user_id, "is no user: give a number or sis_user_id:X")
        return {"token": world.add_token_for(user.id)}, 201
    asked = cast("list[str]", permissions)
    unknown = sorted(set(asked).difference(known_rights()))
    if unknown:
        raise refuse_names(unknown, known_rights())
    admin = world.add_admin_user(f"Admin {world.store.users.next_id}")
    principal = Principal(f"admin {admin.id}", admin.id, expand(asked))
    return {"token": world.add_token(principal)}, 201


async def create_canvas_grading_periods(body: dict[str, Any]) -> Answer:
    """Answer createCanvasGradingPeriods: a set of periods, given to terms."""
    world = current_world()
    terms = _terms(world, body.get("enrollment_term_ids", []))
    periods = [_read_period(at, period) for at, period in enumerate(body["grading_periods"])]
    now, store = world.now(), world.store
    group = GradingPeriodGroup(
        id=store.grading_period_groups.next_id,
        title=body.get("title", "Grading periods"),
        weighted=body.get("weighted", False),
        created_at=now,
        updated_at=now,
    )
    for period in sorted(periods, key=lambda one: one["start_date"]):
        store.grading_period_count += 1
        group.grading_periods.append(
            GradingPeriod(id=store.grading_period_count, grading_period_group_id=group.id, **period)
        )
    store.grading_period_groups.add(group)
    for term in terms:
        term.grading_period_group_id = group.id
    return _group_json(group, terms), 201


def _terms(world: CanvasWorld, asked: list[Any]) -> list[Term]:
    terms: list[Term] = []
    for value in asked:
        term = term_of(world, value)
        if term is None:
            raise refuse_value(
                "enrollment_term_ids", value, "is no term: give a number or sis_term_id:X"
            )
        terms.append(term)
    return terms


def _read_period(at: int, period: dict[str, Any]) -> dict[str, Any]:
    start, end = (
        _read_instant(f"grading_periods.{at}.{name}", period[name])
        for name in ("start_date", "end_date")
    )
    if end <= start:
        raise refuse_value(
            f"grading_periods.{at}.end_date", period["end_date"], "must be after start_date"
        )
    close = period.get("close_date")
    return {
        "title": period["title"],
        "start_date": start,
        "end_date": end,
        "close_date": end
        if close is None
        else _read_instant(f"grading_periods.{at}.close_date", close),
        "weight": period.get("weight"),
    }


def _read_instant(field: str, value: str) -> datetime:
    try:
        return parse_instant(value)
    except ValueError:
        raise refuse_value(field, value, "is no ISO 8601 instant") from None


def _group_json(group: GradingPeriodGroup, terms: list[Term]) -> dict[str, Any]:
    return {
        "id": group.id,
        "title": group.title,
        "weighted": group.weighted,
        "enrollment_term_ids": [term.id for term in terms],
        "grading_periods": [
            {
                "id": period.id,
                "title": period.title,
                "start_date": iso_seconds(period.start_date),
                "end_date": iso_seconds(period.end_date),
                "close_date": iso_seconds(period.close_date),
                "weight": period.weight,
            }
            for period in group.grading_periods
        ],
    }


async def set_canvas_jobs(body: dict[str, Any]) -> Answer:
    """Answer setCanvasJobs."""
    runner = current_world().runner
    runner.set_mode(body["mode"])
    return {"mode": runner.mode}


async def run_canvas_jobs(body: dict[str, Any] | None = None) -> Answer:
    """Answer runCanvasJobs: so many state changes of imports, fewer when there are no more."""
    runner = current_world().runner
    return {"ran": await runner.run_steps((body or {}).get("count", 1)), "mode": runner.mode}
