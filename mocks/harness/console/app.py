"""The console's Flask app: who may come in, and what every answer carries."""

import hashlib
import hmac
import importlib.util
import secrets
import ssl
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from flask import Flask, Response, abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from homeroom.mocks.harness.console.peers import Control, PeerError, Worlds
from homeroom.mocks.harness.console.views import pages

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    "img-src 'self' data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
OPEN = frozenset({"login", "static", "htmx"})
"""Endpoints that need no session."""
MAX_SNAPSHOT_BYTES = 1 << 30


@dataclass
class ConsoleState:
    """What the console keeps: where its peers are, and its one session."""

    control: Callable[[], Control]
    context: Callable[[], ssl.SSLContext | None]
    cookie: str
    session: str = field(default_factory=lambda: secrets.token_urlsafe(32))
    """Value of the cookie. It is not the control plane's token: cookies are sent to every port."""
    _worlds: dict[tuple[str, str], Worlds] = field(default_factory=dict[tuple[str, str], Worlds])

    @property
    def form_token(self) -> str:
        """What every form sends along, which no other site's page can know."""
        return hmac.new(self.session.encode(), b"form", hashlib.sha256).hexdigest()

    def worlds(self, space: str) -> Worlds:
        """Return the clients of both fakes in a space; raises PeerError."""
        document = self.control().call("GET", f"/spaces/{space}")
        # A space dropped and made anew under its name has other credentials.
        key = (space, str(document["oneroster"]["client_secret"]))
        if key not in self._worlds:
            self._worlds[key] = Worlds(self.control(), document, self.context())
        return self._worlds[key]


def create_console(
    control: Callable[[], Control],
    *,
    port: int,
    context: Callable[[], ssl.SSLContext | None] = lambda: None,
) -> tuple[Flask, ConsoleState]:
    """Make the console.

    Args:
        control: Where the control plane is; asked for at each request, since it starts later.
        port: Part of the cookie's name, since a host's cookies are shared by all its ports.
        context: How to trust the fakes when they speak TLS.
    """
    app = Flask(__name__)
    app.config["MAX_CONTENT_LENGTH"] = MAX_SNAPSHOT_BYTES
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    state = ConsoleState(control, context, cookie=f"homeroom_console_{port}")
    app.extensions["homeroom"] = state
    app.register_blueprint(pages)
    app.before_request(lambda: _guard(state))
    app.after_request(_seal)
    app.context_processor(lambda: {"form_token": state.form_token})
    app.add_url_rule("/login", "login", lambda: _login(state), methods=["GET", "POST"])
    app.add_url_rule("/logout", "logout", lambda: _logout(state), methods=["POST"])
    app.add_url_rule("/htmx.js", "htmx", _htmx)
    app.register_error_handler(PeerError, _peer_error)
    return app, state


def _guard(state: ConsoleState) -> AnyResponse | None:
    own = f"{request.scheme}://{request.host}"
    origin = request.headers.get("Origin")
    if origin is not None and origin != own:
        abort(403, f"requests from {origin} are refused")
    if request.headers.get("Sec-Fetch-Site", "none") not in ("none", "same-origin"):
        abort(403, "requests from other sites are refused")
    if request.endpoint in OPEN:
        return None
    given = request.cookies.get(state.cookie, "")
    if not hmac.compare_digest(given.encode(), state.session.encode()):
        if "HX-Request" in request.headers:
            return Response(status=401, headers={"HX-Redirect": url_for("login")})
        return redirect(url_for("login"), 303)
    if request.method != "GET":
        token = request.headers.get("X-Form-Token") or request.form.get("form_token", "")
        if not hmac.compare_digest(token.encode(), state.form_token.encode()):
            abort(403, "the form is not from this page: load the page again")
    return None


def _seal(response: Response) -> Response:
    response.headers["Content-Security-Policy"] = POLICY
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "same-origin"
    response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    if request.endpoint not in ("static", "htmx"):
        response.headers["Cache-Control"] = "no-store"
    return response


def _login(state: ConsoleState) -> AnyResponse | str | tuple[str, int]:
    if request.method == "GET":
        return render_template("login.html", wrong=False)
    token = request.form.get("token", "").strip()
    if not hmac.compare_digest(token.encode(), state.control().token.encode()):
        return render_template("login.html", wrong=True), 403
    answer = redirect(url_for("pages.page"), 303)
    answer.set_cookie(state.cookie, state.session, httponly=True, samesite="Strict")
    return answer


def _logout(state: ConsoleState) -> AnyResponse:
    state.session = secrets.token_urlsafe(32)
    answer = redirect(url_for("login"), 303)
    answer.delete_cookie(state.cookie, httponly=True, samesite="Strict")
    return answer


def _htmx() -> Response:
    """Serve htmx out of the package that ships it: no copy in this repository, and no CDN."""
    spec = importlib.util.find_spec("js_lib_htmx")
    folder = Path(spec.origin).parent if spec is not None and spec.origin else None
    if folder is None:
        abort(404)
    script = (folder / "static" / "htmx" / "htmx.min.js").read_bytes()
    return Response(script, mimetype="text/javascript", headers={"Cache-Control": "max-age=3600"})


def _peer_error(error: Exception) -> tuple[str, int]:
    return render_template("trouble.html", message=str(error)), 502
