"""Signing in and out."""

from flask import Blueprint, redirect, render_template, request, session, url_for
from werkzeug.wrappers import Response

from homeroom.reference.service.pages.app import parts

views = Blueprint("session", __name__)


@views.get("/login")
def login() -> str:
    """Ask for a token."""
    return render_template("login.html", wrong=False, where=parts().admins.where)


@views.post("/login", endpoint="enter")
def enter() -> Response | tuple[str, int]:
    """Sign in the admin whose token it is."""
    throttle, admins = parts().throttle, parts().admins
    address = request.remote_addr or ""
    throttle.check("login", address)
    name = admins.find(request.form.get("token", "").strip())
    if name is None:
        throttle.fail("login", address)
        return render_template("login.html", wrong=True, where=admins.where), 403
    session.clear()
    session.permanent = True
    session.update(who=name, mark=admins.mark(name))
    return redirect(url_for("districts.table"), 303)


@views.post("/logout")
def logout() -> Response:
    """Sign out."""
    session.clear()
    return redirect(url_for("session.login"), 303)
