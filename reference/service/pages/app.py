"""The Flask app of the pages: who may come in, and what every answer carries."""

import importlib.util
import logging
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any, cast
from zoneinfo import ZoneInfo

from flask import Flask, Response, current_app, redirect, render_template, request, session, url_for
from flask_wtf.csrf import CSRFError, CSRFProtect
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response as AnyResponse

from homeroom.reference.errors import SyncError
from homeroom.reference.onboarding.districts import UnknownDistrictError
from homeroom.reference.service.desk import Desk
from homeroom.reference.service.throttle import Throttle, TooManyError
from homeroom.reference.service.tokens import Admins
from homeroom.reference.workflows.durable import UnknownJobError

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    "img-src 'self' data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
OPEN = frozenset(
    {"session.login", "session.enter", "handover.page", "handover.enter", "static", "htmx"}
)
"""Endpoints that need no admin."""
SESSION_HOURS = 12
FORM_HOURS = 12
log = logging.getLogger(__name__)


class Parts:
    """What views need of the service."""

    def __init__(self, desk: Desk, admins: Admins, throttle: Throttle) -> None:
        self.desk, self.admins, self.throttle = desk, admins, throttle


def parts() -> Parts:
    """Give the parts of the app that answers this request."""
    return cast("Parts", current_app.extensions["homeroom"])


def desk() -> Desk:
    """Give the desk."""
    return parts().desk


def who() -> str:
    """Name the admin who sent this request."""
    return str(session["who"])


def create_pages(
    desk: Desk, admins: Admins, throttle: Throttle, *, secret: str, secure: bool, port: int
) -> Flask:
    """Make the pages.

    Args:
        desk: What they act by.
        admins: Who may sign in.
        throttle: Slows down guessing.
        secret: Signs session cookies and form tokens; the same in all processes.
        secure: Whether browsers reach the pages over TLS alone.
        port: Part of the cookie's name on loopback, where a host's ports share cookies.
    """
    from homeroom.reference.service.pages import districts, handover, jobs, signing

    app = Flask(__name__)
    app.config.update(
        SECRET_KEY=secret,
        SESSION_COOKIE_NAME="__Host-homeroom" if secure else f"homeroom_service_{port}",
        SESSION_COOKIE_SECURE=secure,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Strict",
        PERMANENT_SESSION_LIFETIME=timedelta(hours=SESSION_HOURS),
        WTF_CSRF_TIME_LIMIT=FORM_HOURS * 3600,
        MAX_FORM_MEMORY_SIZE=1 << 20,
    )
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.filters["local"] = local_time
    app.extensions["homeroom"] = Parts(desk, admins, throttle)
    # First of all, so that a foreign request is refused before anything looks at it.
    app.before_request(_guard)
    CSRFProtect(app)
    app.after_request(_seal)
    for blueprint in (signing.views, handover.views, districts.views, jobs.views):
        app.register_blueprint(blueprint)
    app.add_url_rule("/htmx.js", "htmx", _htmx)
    app.register_error_handler(CSRFError, _stale_form)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(SyncError, _refused)
    app.register_error_handler(Exception, _own_fault)
    return app


def _guard() -> AnyResponse | None:
    own = f"{request.scheme}://{request.host}"
    origins = {own, desk().origin}
    origin = request.headers.get("Origin")
    if origin is not None and origin not in origins:
        return _trouble(403, "requests from other sites are refused")
    # A link in a mail or on a portal may lead here; a form or script elsewhere may not.
    site = request.headers.get("Sec-Fetch-Site", "none")
    if request.method != "GET" and site not in {"none", "same-origin"}:
        return _trouble(403, "requests from other sites are refused")
    if request.endpoint in OPEN:
        return None
    name, mark = session.get("who"), session.get("mark")
    if isinstance(name, str) and isinstance(mark, str) and parts().admins.knows(name, mark):
        return None
    session.clear()
    if "HX-Request" in request.headers:
        return Response(status=401, headers={"HX-Redirect": url_for("session.login")})
    if request.method != "GET":
        return _trouble(403, "sign in first")
    return redirect(url_for("session.login"), 303)


def _seal(response: Response) -> Response:
    response.headers["Content-Security-Policy"] = POLICY
    response.headers["X-Frame-Options"] = "DENY"
    # Pages of links have their secret in the address: it goes to no other site.
    response.headers["Referrer-Policy"] = "same-origin"
    response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    response.headers["Cross-Origin-Opener-Policy"] = "same-origin"
    if request.endpoint not in ("static", "htmx"):
        response.headers["Cache-Control"] = "no-store"
    return response


@cache
def _script() -> bytes:
    spec = importlib.util.find_spec("js_lib_htmx")
    if spec is None or spec.origin is None:
        raise FileNotFoundError("js_lib_htmx")
    return (Path(spec.origin).parent / "static" / "htmx" / "htmx.min.js").read_bytes()


def _htmx() -> Response:
    """Serve htmx out of the package that ships it: no copy in this repository, and no CDN."""
    headers = {"Cache-Control": "max-age=3600"}
    return Response(_script(), mimetype="text/javascript", headers=headers)


def _trouble(status: int, message: str, headers: dict[str, str] | None = None) -> Response:
    page = render_template("trouble.html", message=message, status=status)
    return Response(page, status, headers)


def _stale_form(error: CSRFError) -> Response:
    return _trouble(400, f"{error.description} Load the page again, and send the form once more.")


def _http_error(error: HTTPException) -> Response:
    allowed = dict(error.get_headers()).get("Allow")
    headers = {"Allow": allowed} if allowed else None
    return _trouble(error.code or 500, error.description or error.name, headers)


def _refused(error: SyncError) -> Response:
    if isinstance(error, TooManyError):
        return _trouble(429, str(error), {"Retry-After": str(error.wait_s)})
    if isinstance(error, (UnknownDistrictError, UnknownJobError)):
        return _trouble(404, str(error))
    return _trouble(409, str(error))


def _own_fault(error: Exception) -> Response:
    log.error("a page broke", exc_info=error)
    return _trouble(500, "A fault in Homeroom itself; the service's log has it.")


def local_time(value: Any, zone: str = "UTC") -> str:
    """Show an instant, ISO 8601 or a datetime, in a time zone, to the minute."""
    if not value:
        return ""
    at = value if isinstance(value, datetime) else datetime.fromisoformat(str(value))
    return f"{at.astimezone(ZoneInfo(zone)):%Y-%m-%d %H:%M %Z}"
