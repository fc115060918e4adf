"""The console's page, its panels, and what its forms do."""

import json
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import urlencode

import msgspec
from flask import Blueprint, Response, current_app, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from homeroom.mocks.harness.clock import iso_millis, parse_instant
from homeroom.mocks.harness.console import schedule
from homeroom.mocks.harness.console.peers import Params, PeerError, path_of
from homeroom.mocks.harness.console.worlds import KINDS, View, search, show

if TYPE_CHECKING:
    from homeroom.mocks.harness.console.app import ConsoleState
    from homeroom.mocks.harness.console.peers import Control

pages = Blueprint("pages", __name__)
SHOWN = 100
"""How many exchanges and imports a panel shows."""
SIZES = ("empty", "tiny", "small", "medium", "large")
FILTERS = ("fake", "operationId", "status", "path", "record")

Model = dict[str, Any]


def _state() -> "ConsoleState":
    return cast("ConsoleState", current_app.extensions["homeroom"])


def _control() -> "Control":
    return _state().control()


def _space() -> str:
    return request.values.get("space") or "default"


def _at(*segments: str) -> str:
    return path_of("spaces", _space(), *segments)


@pages.get("/")
def page() -> AnyResponse | str:
    """Show the page of one space; one that is gone leads to one that is there."""
    spaces = _spaces_model()
    names = [one["space"] for one in spaces["spaces"]]
    if names and _space() not in names:
        return redirect(url_for("pages.page", space=names[0]), 303)
    panels = {name: _render(name, _model(name)) for name in PANELS}
    said = request.args.get("said", "")
    return render_template(
        "page.html", space=_space(), names=names, kinds=KINDS, panels=panels, said=said
    )


@pages.get("/panels/<name>")
def panel(name: str) -> AnyResponse | str | tuple[str, int]:
    """Show one panel anew."""
    if name not in PANELS:
        return "no such panel", 404
    return _render(name, _model(name))


def _render(name: str, model: Model) -> str:
    return render_template(f"panels/{name}.html", space=_space(), **model)


def _model(name: str) -> Model:
    try:
        return PANELS[name]()
    except PeerError as error:
        return {"trouble": str(error)}


def _clock_model() -> Model:
    return {"clock": _control().call("GET", _at("clock"))}


def _spaces_model() -> Model:
    return {"spaces": _control().call("GET", "/spaces")["spaces"], "sizes": SIZES}


def _faults_model() -> Model:
    kinds = _control().call("GET", "/faults/kinds")["kinds"]
    contracts = [_control().call("GET", f"/contracts/{fake}.json") for fake in ("focus", "canvas")]
    operations = sorted(
        operation["operationId"]
        for contract in contracts
        for item in contract["paths"].values()
        for operation in item.values()
        if isinstance(operation, dict) and "operationId" in operation
    )
    return {
        "faults": _control().call("GET", _at("faults"))["faults"],
        "bundles": _control().call("GET", "/faults/bundles")["bundles"],
        "kinds": {kind: json.dumps(parameters) for kind, parameters in kinds.items()},
        "operations": operations,
    }


def _journal_model() -> Model:
    filters = {name: request.args.get(name, "").strip() for name in FILTERS}
    given = {name: value for name, value in filters.items() if value}
    asked: Params = [*given.items(), ("limit", SHOWN), ("bodies", "false")]
    rows = _control().call("GET", _at("journal"), params=asked)["requests"]
    return {
        "rows": rows[::-1],
        "filters": filters,
        "last": rows[-1]["seq"] if rows else 0,
        "archive": f"{url_for('pages.archive')}?{urlencode({'space': _space(), **given})}",
    }


def _imports_model() -> Model:
    params: Params = [("per_page", 20)]
    worlds = _state().worlds(_space())
    document = worlds.canvas("accounts", "self", "sis_imports", params=params)
    return {"imports": (document or {}).get("sis_imports", [])}


PANELS: Mapping[str, Callable[[], Model]] = {
    "clock": _clock_model,
    "journal": _journal_model,
    "imports": _imports_model,
    "faults": _faults_model,
    "spaces": _spaces_model,
}


# -- looking ----------------------------------------------------------------------------------


@pages.get("/search")
def find() -> str:
    """Show what a search finds in both worlds."""
    text, kind = request.args.get("q", "").strip(), request.args.get("kind", "")
    kinds = (kind,) if kind in KINDS else KINDS
    hits, troubles = search(_state().worlds(_space()), text, kinds) if text else ([], [])
    return _part("hits.html", hits=hits, troubles=troubles, text=text)


@pages.get("/show")
def view() -> str | tuple[str, int]:
    """Show one thing in both worlds."""
    kind, world, id_ = (request.args.get(name, "") for name in ("kind", "world", "id"))
    if kind not in KINDS or world not in ("focus", "canvas") or not id_:
        return "no such view", 404
    try:
        shown = show(_state().worlds(_space()), kind, world, id_)
    except PeerError as error:
        shown = View(kind, id_, notes=[str(error)])
    records = [(name, json.dumps(record, indent=2, ensure_ascii=False))
               for name, record in shown.records if record is not None]  # fmt: skip
    return _part("view.html", view=shown, records=records)


@pages.get("/exchange/<int:seq>")
def exchange(seq: int) -> str:
    """Show one exchange with its bodies."""
    entry = _control().call("GET", _at("journal", str(seq)))
    bodies = {key: _pretty(entry.get(key)) for key in ("request", "response")}
    return _part("exchange.html", entry=entry, bodies=bodies)


def _pretty(body: Any) -> str:
    if body is None or isinstance(body, str):
        return body or ""
    return json.dumps(body, indent=2, ensure_ascii=False)


def _part(name: str, **model: Any) -> str:
    """Show a part of the page, or a page of its own where no script asks for it."""
    wrapped = "HX-Request" not in request.headers
    return render_template("part.html", part=name, wrapped=wrapped, space=_space(), **model)


@pages.get("/archive")
def archive() -> Response:
    """Download the journal as an HTTP Archive."""
    params: Params = [(name, value) for name, value in request.args.items() if name in FILTERS]
    content = _control().call("GET", _at("journal.har"), params=params, raw=True)
    return _download(content, f"homeroom-{_space()}.har")


@pages.get("/snapshot")
def snapshot() -> Response:
    """Download the space's snapshot."""
    content = _control().call("GET", _at("snapshot"), raw=True)
    return _download(content, f"homeroom-{_space()}.snapshot")


def _download(content: bytes, name: str) -> Response:
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(content, mimetype="application/octet-stream", headers=headers)


# -- doing ------------------------------------------------------------------------------------


@pages.post("/do/<action>")
def do(action: str) -> AnyResponse | str | tuple[str, int]:
    """Do what a form asks, then show its panel with what came of it."""
    if action not in ACTIONS:
        return "no such action", 404
    name, act = ACTIONS[action]
    failed = False
    try:
        message = act()
    except (PeerError, ValueError) as error:
        message, failed = str(error), True
    if "HX-Request" not in request.headers:
        query = urlencode({"space": _space(), "said": message})
        return redirect(f"{url_for('pages.page')}?{query}#{name}", 303)
    model = _model(name) | {"message": message, "failed": failed}
    return _render(name, model)


def _told_clock(clock: Mapping[str, Any]) -> str:
    return f"The clock says {clock['now']}{', frozen' if clock['frozen'] else ''}."


def _set_clock() -> str:
    try:
        at = iso_millis(parse_instant(request.form.get("now", "").strip()))
    except ValueError:
        raise ValueError("now: give an ISO 8601 instant, such as 2026-09-01T06:00:00Z") from None
    return _told_clock(_control().call("PUT", _at("clock"), body={"now": at}))


def _freeze() -> str:
    frozen = request.form.get("frozen") == "true"
    return _told_clock(_control().call("PUT", _at("clock"), body={"frozen": frozen}))


def _advance() -> str:
    body = {"seconds": _whole("seconds")}
    return _told_clock(_control().call("POST", _at("clock", "advance"), body=body))


def _jump() -> str:
    """Go to the next night, or to the night after a quarter's end, by the account's time zone."""
    worlds = _state().worlds(_space())
    account = worlds.canvas("accounts", "1") or {}
    zone = schedule.find_zone(account.get("default_time_zone"))
    now = parse_instant(_control().call("GET", _at("clock"))["now"])
    if request.form.get("to") == "night":
        target = schedule.next_night(now, zone)
    else:
        params: Params = [("limit", 100)]
        document = worlds.focus("gradingPeriods", params=params) or {}
        end = schedule.end_of_quarter(now, document.get("academicSessions", []), zone)
        if end is None:
            raise ValueError("No grading period ends after the clock's time.")
        target = end
    seconds = max(timedelta(0), target - now).total_seconds()
    body = {"seconds": seconds}
    return _told_clock(_control().call("POST", _at("clock", "advance"), body=body))


def _evolve() -> str:
    """Let days of a school year pass in Focus, and say in short what happened."""
    body = {"days": _whole("days")}
    lived = _control().call("POST", _at("focus", "evolve"), body=body)
    counts = Counter(event["event"] for event in lived["events"])
    told = ", ".join(f"{event}: {count}" for event, count in counts.most_common())
    return f"{told or 'Nothing happened'}. It is the evening of {lived['now'][:10]}."


def _whole(name: str) -> int:
    text = request.form[name].strip()
    if not text.lstrip("-").isdecimal():
        raise ValueError(f"{name}: {text!r} is no whole number")
    return int(text)


def _object(name: str) -> dict[str, Any]:
    text = request.form.get(name, "").strip() or "{}"
    try:
        return msgspec.json.decode(text, type=dict[str, Any])
    except msgspec.MsgspecError:
        raise ValueError(f'{name}: {text!r} is no JSON object, such as {{"status": 503}}') from None


def _add_fault() -> str:
    form = request.form
    when: dict[str, Any] = {
        key: form[key].strip() for key in ("fake", "operation", "path") if form.get(key, "").strip()
    }
    for key in ("nth", "every"):
        if form.get(key, "").strip():
            when[key] = _whole(key)
    parameters = _object("parameters")
    rule: dict[str, Any] = {"when": when, "act": {"kind": form.get("kind", ""), **parameters}}
    if form.get("times", "").strip():
        rule["times"] = _whole("times")
    made = _control().call("POST", _at("faults"), body=rule)
    return f"Rule {made['id']} is on."


def _add_bundle() -> str:
    name = request.form.get("bundle", "")
    made = _control().call("POST", _at("faults", "bundles", name))["faults"]
    return f"{name} is on: {len(made)} rules."


def _remove_fault() -> str:
    rule_id = request.form.get("id", "")
    _control().call("DELETE", _at("faults", rule_id))
    return f"Rule {rule_id} is gone."


def _clear_faults() -> str:
    _control().call("DELETE", _at("faults"))
    return "No rules are left."


def _clear_journal() -> str:
    _control().call("DELETE", _at("journal"))
    return "The journal is empty."


def _create_space() -> str:
    form = request.form
    body: dict[str, Any] = {
        "district": form.get("district", "").strip() or "empty",
        "seed": _whole("seed") if form.get("seed", "").strip() else 1,
    }
    if form.get("now", "").strip():
        body["now"] = form["now"].strip()
    made = _control().call("POST", "/spaces", body=body)
    return f"Space {made['space']} is there."


def _reset_space() -> str:
    _control().call("POST", path_of("spaces", request.form.get("name", ""), "reset"))
    return f"Space {request.form.get('name')} is as it was at first."


def _drop_space() -> str:
    _control().call("DELETE", path_of("spaces", request.form.get("name", "")))
    return f"Space {request.form.get('name')} is gone."


def _restore() -> str:
    sent = request.files.get("snapshot")
    if sent is None or not sent.filename:
        raise ValueError("Choose a snapshot file first.")
    _control().call("PUT", _at("snapshot"), body=sent.read())
    return f"Space {_space()} is what {sent.filename} held."


ACTIONS: Mapping[str, tuple[str, Callable[[], str]]] = {
    "set-clock": ("clock", _set_clock),
    "freeze": ("clock", _freeze),
    "advance": ("clock", _advance),
    "jump": ("clock", _jump),
    "evolve": ("clock", _evolve),
    "add-fault": ("faults", _add_fault),
    "add-bundle": ("faults", _add_bundle),
    "remove-fault": ("faults", _remove_fault),
    "clear-faults": ("faults", _clear_faults),
    "clear-journal": ("journal", _clear_journal),
    "create-space": ("spaces", _create_space),
    "reset-space": ("spaces", _reset_space),
    "drop-space": ("spaces", _drop_space),
    "restore": ("spaces", _restore),
}
"""By name: the panel that a form belongs to, and what it does."""
