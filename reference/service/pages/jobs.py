"""Jobs, and one job with its plan, its refusals and its release."""

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from homeroom.reference.errors import SyncError
from homeroom.reference.service.pages.app import desk, who

views = Blueprint("jobs", __name__)
PAGE = 50
# Of a plan's changes and refusals; the API has all that the plan lists.
SHOWN = 200


@views.get("/jobs")
def table() -> str:
    """Show jobs, newest first."""
    return render_template("jobs.html", **_table_model())


@views.get("/jobs-panel")
def table_panel() -> str:
    """Show the list alone, anew."""
    return render_template("panels/jobs.html", **_table_model())


def _table_model() -> dict[str, Any]:
    district, before = request.args.get("district") or None, request.args.get("before") or None
    districts = {one.id: one for one in desk().registry.districts()}
    jobs = desk().runner.jobs(
        district if district in districts else None, limit=PAGE + 1, before=before
    )
    return {
        "jobs": jobs[:PAGE],
        "more": jobs[PAGE - 1].id if len(jobs) > PAGE else "",
        "before": before,
        "chosen": district,
        "districts": districts,
    }


@views.get("/jobs/<job>")
def page(job: str) -> str:
    """Show one job, with its plan."""
    return render_template("job.html", **_model(job))


@views.get("/jobs/<job>/panel")
def panel(job: str) -> str:
    """Show it alone, anew."""
    return render_template("panels/job.html", **_model(job))


def _model(job_id: str) -> dict[str, Any]:
    job = desk().runner.job(job_id)
    plan = desk().runner.plan(job_id) if job.kind == "night" else None
    changes = plan["changes"] if plan else []
    kind = request.args.get("kind", "")
    missing = plan["left_out"] if plan else {}
    left_out = sum(count for name, count in missing.items() if kind in {"", name})
    moves = plan["held_moves"] if plan else []
    chosen = [one for one in changes if not kind or one["kind"] == kind]
    return {
        "job": job,
        "district": desk().registry.find(job.district),
        "plan": plan,
        "kind": kind,
        "changes": [{**one, "fields": differing(one)} for one in chosen[:SHOWN]],
        "change_count": len(chosen) + left_out,
        "left_out": left_out,
        "stays": [f"{one['section']}: its key now leads to {one['key']}" for one in moves],
        "outcomes": desk().runner.outcomes(job_id)[:SHOWN] if job.kind == "grades" else [],
        "shown": SHOWN,
    }


def differing(change: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    """Give the fields of a change: name, before, after; of added and removed rows all of them."""
    before, after = change.get("before") or {}, change.get("after") or {}
    names = list(dict.fromkeys([*before, *after]))
    return [
        (name, _text(before.get(name)), _text(after.get(name)))
        for name in names
        if name != "source" and _text(before.get(name)) != _text(after.get(name))
    ]


def _text(value: Any) -> str:
    return "" if value is None else str(value)


@views.post("/jobs/<job>/release")
def release(job: str) -> Response:
    """Apply a held night's plan."""
    try:
        released = desk().release(job, who=who())
    except SyncError as error:
        desk().runner.job(job)
        flash(str(error), "trouble")
        return redirect(url_for(".page", job=job), 303)
    flash("Released: this night applies the plan, if nothing moved since.", "done")
    return redirect(url_for(".page", job=released.id), 303)


@views.post("/jobs/<job>/cancel")
def cancel(job: str) -> Response:
    """Cancel a job."""
    try:
        desk().runner.cancel(job, asked_by=who())
    except SyncError as error:
        desk().runner.job(job)
        flash(str(error), "trouble")
    return redirect(url_for(".page", job=job), 303)
