"""Connections and schedule: all districts, and one with its steps, its schedule and its log."""

from collections.abc import Callable
from datetime import date
from typing import Any

from flask import (
    Blueprint,
    abort,
    flash,
    redirect,
    render_template,
    request,
    send_from_directory,
    url_for,
)
from werkzeug.wrappers import Response

from homeroom.reference.errors import FatalError, SyncError
from homeroom.reference.onboarding.credentials import CredentialsError
from homeroom.reference.onboarding.districts import District, DistrictError, state_folder
from homeroom.reference.onboarding.stages import NEEDS, Stage, path_of
from homeroom.reference.service.pages.app import desk, who

views = Blueprint("districts", __name__)
LOGGED = 50
RECENT = 5
REPORTS = frozenset({"index.html", "change_sis_id.csv", "evaluation.json"})
Page = str | Response | tuple[str, int]


@views.get("/")
def table() -> str:
    """Show all districts."""
    return render_template("districts.html", rows=_rows())


@views.get("/districts-panel")
def table_panel() -> str:
    """Show the table alone, anew."""
    return render_template("panels/districts.html", rows=_rows())


def _rows() -> list[dict[str, Any]]:
    runner, rows = desk().runner, list[dict[str, Any]]()
    for district in desk().registry.districts():
        newest = runner.jobs(district.id, limit=1)
        rows.append(
            {
                "district": district,
                "last": newest[0] if newest else None,
                "next": runner.next_at(district, "night"),
                "window": district.window_at(desk().now()),
            }
        )
    return rows


@views.post("/districts")
def add() -> Page:
    """Take in a district."""
    form = request.form
    district = District(
        id=form.get("id", "").strip(),
        name=form.get("name", "").strip(),
        time_zone=form.get("time_zone", "").strip(),
        converting="converting" in form,
    )
    try:
        desk().registry.add(district, who=who())
    except DistrictError as error:
        flash(str(error), "trouble")
        return redirect(url_for(".table"), 303)
    flash(f"{district.name} was added.", "done")
    return redirect(url_for(".page", district=district.id), 303)


@views.get("/districts/<district>")
def page(district: str) -> str:
    """Show one district."""
    return render_template("district.html", **_model(district))


@views.get("/districts/<district>/panel")
def panel(district: str) -> str:
    """Show its steps alone, anew."""
    return render_template("panels/steps.html", **_model(district))


def _model(district_id: str) -> dict[str, Any]:
    view = desk().view(district_id)
    looks = (view.connect, view.evaluate)
    return {
        "view": view,
        "district": view.district,
        "path": path_of(converting=view.district.converting),
        "needs": NEEDS,
        "stored": {note.side: note for note in view.credentials},
        "links": desk().links.list(district_id)[:RECENT],
        "jobs": desk().runner.jobs(district_id, limit=RECENT),
        "log": desk().registry.log(district_id, limit=LOGGED),
        "in_the_way": desk().in_the_way(view.district),
        "busy": any(look is not None and look.outcome == "running" for look in looks),
        "said": "",
        "problems": {},
        "url": "",
    }


@views.get("/districts/<district>/evaluation/<name>")
def report(district: str, name: str) -> Response:
    """Give a file of the newest evaluation to keep."""
    folder = state_folder(desk().registry.state_root, desk().registry.find(district).id)
    if name not in REPORTS:
        abort(404)
    return send_from_directory(
        (folder / "evaluation").absolute(), name, as_attachment=True,
        download_name=f"{district}-{name}",
    )  # fmt: skip


@views.post("/districts/<district>/link")
def make_link(district: str) -> Page:
    """Make a one-time link: this answer alone shows it."""
    try:
        hours = int(request.form.get("hours", ""))
    except ValueError:
        hours = 0
    try:
        _, url = desk().make_link(district, who=who(), hours=hours)
    except FatalError as error:
        return _back(district, error)
    return render_template("district.html", **{**_model(district), "url": url})


@views.post("/districts/<district>/canvas")
def put_canvas(district: str) -> Page:
    """Store Canvas's address and token."""
    given = {name: request.form.get(name, "") for name in ("base_url", "token")}
    try:
        desk().put_canvas(district, given, who=who())
    except CredentialsError as error:
        return render_template(
            "district.html", **{**_model(district), "problems": error.problems}
        ), 422
    return _back(district, "Canvas's address and token are stored.")


@views.post("/districts/<district>/do/<act>")
def do(district: str, act: str) -> Page:
    """Do one thing about a district, and go back to its page."""
    if act not in ACTS:
        return render_template("trouble.html", message="There is no such act.", status=404), 404
    try:
        told = ACTS[act](district)
    except SyncError as error:
        desk().registry.find(district)
        return _back(district, error)
    if isinstance(told, Response):
        return told
    return _back(district, told)


def _back(district: str, told: str | SyncError) -> Response:
    if told:
        flash(str(told), "trouble" if isinstance(told, SyncError) else "done")
    return redirect(url_for(".page", district=district), 303)


def _text(name: str) -> str:
    return request.form.get(name, "").strip()


def _withdraw(district: str) -> str:
    count = desk().links.withdraw(district, who=who())
    return f"{count} open {'link was' if count == 1 else 'links were'} withdrawn."


def _connect(district: str) -> str:
    desk().look(district, "connect", who=who())
    return ""


def _evaluate(district: str) -> str:
    desk().look(district, "evaluate", who=who())
    return ""


def _accept(district: str) -> str:
    if not _text("reason"):
        raise DistrictError("say why the concerns may stand")
    desk().accept_evaluation(district, who=who(), reason=_text("reason"))
    return "The evaluation was accepted."


def _enable(district: str) -> str:
    stage = {"provisioning": Stage.PROVISIONING, "passback": Stage.PASSBACK}.get(_text("stage"))
    if stage is None:
        raise DistrictError("on are switched provisioning and passback")
    desk().enable(district, stage, who=who(), note=_text("note"))
    return f"{stage.capitalize()} is on."


def _disable(district: str) -> str:
    if not _text("reason"):
        raise DistrictError("say why it is switched off")
    before = desk().registry.find(district).stage
    desk().disable(district, who=who(), reason=_text("reason"))
    return f"{before.capitalize()} is off."


def _pause(district: str) -> str:
    desk().set_paused(district, True, who=who())
    return "Paused: nothing runs by schedule until you resume."


def _resume(district: str) -> str:
    desk().set_paused(district, False, who=who())
    return "The schedule runs again."


def _schedule(district: str) -> str:
    desk().registry.change(
        district,
        who=who(),
        name=_text("name"),
        time_zone=_text("time_zone"),
        night_at=_text("night_at"),
        grades_at=_text("grades_at") or None,
        converting="converting" in request.form,
    )
    return "Stored."


def _add_window(district: str) -> str:
    try:
        window = date.fromisoformat(_text("from")), date.fromisoformat(_text("until"))
    except ValueError:
        raise DistrictError("a window is two days, such as 2027-06-01 and 2027-07-15") from None
    pauses = sorted([*desk().registry.find(district).pauses, window])
    desk().registry.change(district, who=who(), pauses=pauses)
    return "The rollover window is set."


def _remove_window(district: str) -> str:
    chosen, pauses = _text("window"), desk().registry.find(district).pauses
    left = [each for each in pauses if f"{each[0]}/{each[1]}" != chosen]
    desk().registry.change(district, who=who(), pauses=left)
    return "The rollover window is gone."


def _run(district: str) -> Response:
    kind, full = _text("kind"), "full" in request.form
    if kind == "grades":
        job = desk().run_now(district, "grades", who=who(), remaster="remaster" in request.form)
    else:
        options = {"full": True} if full else {}
        job = desk().run_now(district, "night", who=who(), **options)
    return redirect(url_for("jobs.page", job=job.id), 303)


ACTS: dict[str, Callable[[str], str | Response]] = {
    "withdraw-links": _withdraw,
    "connect": _connect,
    "evaluate": _evaluate,
    "accept": _accept,
    "enable": _enable,
    "disable": _disable,
    "pause": _pause,
    "resume": _resume,
    "schedule": _schedule,
    "add-window": _add_window,
    "remove-window": _remove_window,
    "run": _run,
}
