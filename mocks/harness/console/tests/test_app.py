"""Who may use the console, and that it shows rosters as text."""

from collections.abc import Iterator
from typing import Any

import pytest
from flask.testing import FlaskClient

from homeroom.mocks.harness.console.app import create_console
from homeroom.mocks.harness.console.peers import Control, PeerError

TOKEN = "the-control-token"
SCRIPT = "<script>alert(1)</script>"
SPACE = {
    "space": "default",
    "oneroster": {"base_url": "http://x/f", "token_url": "http://x/t", "client_id": "c",
                  "client_secret": "s"},
    "canvas": {"base_url": "http://x/c", "token": "t", "account_id": 1},
}  # fmt: skip
EXCHANGE = {
    "seq": 4, "at": "2026-09-01T06:00:00.000Z", "fake": "focus", "client": "partner",
    "method": "GET", "path": f"/users/{SCRIPT}", "query": "", "operationId": "getUser",
    "status": 200, "request": None, "response": {"givenName": SCRIPT},
}  # fmt: skip


class CannedControl(Control):
    """A control plane that knows one space, and remembers what it was told."""

    def __init__(self) -> None:
        super().__init__("http://127.0.0.1:1/__control__", TOKEN)
        self.told: list[tuple[str, str, Any]] = []

    def call(self, method: str, path: str, **options: Any) -> Any:
        """Answer as the control plane would."""
        if method != "GET":
            self.told.append((method, path, options.get("body")))
        answers: dict[str, Any] = {
            "/spaces": {"spaces": [SPACE]},
            "/spaces/default/clock": {"now": "2026-09-01T06:00:00.000Z", "frozen": False},
            "/spaces/default/faults": {"faults": [], "id": "fault-1"},
            "/faults/bundles": {"bundles": [{"name": "bad-tuesday", "about": "", "rules": []}]},
            "/faults/kinds": {"kinds": {"status": {"status": 503}}},
            "/spaces/default/journal": {"requests": [EXCHANGE]},
            "/spaces/default/journal/4": EXCHANGE,
            "/contracts/focus.json": {"paths": {"/users": {"get": {"operationId": "getAllUsers"}}}},
            "/contracts/canvas.json": {"paths": {}},
        }
        if path not in answers:
            raise PeerError(f"no {path} here", 404)
        return answers[path]


@pytest.fixture
def control() -> CannedControl:
    return CannedControl()


@pytest.fixture
def visitor(control: CannedControl) -> Iterator[FlaskClient]:
    app, _ = create_console(lambda: control, port=4100)
    with app.test_client() as client:
        yield client


@pytest.fixture
def signed_in(visitor: FlaskClient) -> FlaskClient:
    assert visitor.post("/login", data={"token": TOKEN}).status_code == 303
    return visitor


def form_token(client: FlaskClient) -> str:
    page = client.get("/").get_data(as_text=True)
    return page.split('name="form_token" value="', 1)[1].split('"', 1)[0]


@pytest.mark.parametrize("path", ["/", "/panels/clock", "/search?q=a", "/exchange/4", "/snapshot"])
def test_every_page_asks_who_is_there(visitor: FlaskClient, path: str) -> None:
    answer = visitor.get(path)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/login")


def test_a_wrong_token_is_refused_and_sets_no_cookie(visitor: FlaskClient) -> None:
    answer = visitor.post("/login", data={"token": "guess"})
    assert answer.status_code == 403
    assert "Set-Cookie" not in answer.headers


def test_the_cookie_is_out_of_reach_of_scripts_and_of_other_sites_and_is_not_the_token(
    visitor: FlaskClient,
) -> None:
    cookie = visitor.post("/login", data={"token": TOKEN}).headers["Set-Cookie"]
    assert cookie.startswith("homeroom_console_4100=")
    assert "HttpOnly" in cookie
    assert "SameSite=Strict" in cookie
    assert TOKEN not in cookie


def test_signing_out_ends_the_session_for_everybody(signed_in: FlaskClient) -> None:
    assert signed_in.post("/logout", data={"form_token": form_token(signed_in)}).status_code == 303
    assert signed_in.get("/").status_code == 303


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "http://evil.example"},
        {"Origin": "http://localhost:9999"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
def test_requests_that_another_page_makes_are_refused(
    signed_in: FlaskClient, control: CannedControl, headers: dict[str, str]
) -> None:
    form = {"form_token": form_token(signed_in), "space": "default"}
    answer = signed_in.post("/do/clear-faults", data=form, headers=headers)
    assert answer.status_code == 403
    assert control.told == []


def test_a_form_without_its_token_does_nothing(
    signed_in: FlaskClient, control: CannedControl
) -> None:
    answer = signed_in.post("/do/clear-faults", data={"space": "default", "form_token": "guess"})
    assert answer.status_code == 403
    assert control.told == []


def test_a_form_of_the_page_is_carried_out(signed_in: FlaskClient, control: CannedControl) -> None:
    form = {"form_token": form_token(signed_in), "space": "default", "kind": "status",
            "parameters": '{"status": 502}', "operation": "getAllUsers", "times": "2"}  # fmt: skip
    answer = signed_in.post("/do/add-fault", data=form)
    assert answer.status_code == 303
    rule = {"when": {"operation": "getAllUsers"}, "act": {"kind": "status", "status": 502},
            "times": 2}  # fmt: skip
    assert control.told == [("POST", "/spaces/default/faults", rule)]


@pytest.mark.parametrize(
    ("action", "form", "message"),
    [
        ("set-clock", {"now": "soon"}, "now: give an ISO 8601 instant"),
        ("add-fault", {"kind": "status", "parameters": "5"}, "parameters: &#39;5&#39; is no JSON"),
        ("add-fault", {"kind": "status", "times": "x"}, "times: &#39;x&#39; is no whole number"),
        ("create-space", {"seed": "x"}, "seed: &#39;x&#39; is no whole number"),
    ],
)  # fmt: skip
def test_what_a_person_mistypes_is_named_and_nothing_is_done(
    signed_in: FlaskClient, control: CannedControl, action: str, form: dict[str, str], message: str
) -> None:
    form |= {"form_token": form_token(signed_in), "space": "default"}
    answer = signed_in.post(f"/do/{action}", data=form, headers={"HX-Request": "true"})
    assert message in answer.get_data(as_text=True)
    assert control.told == []


@pytest.mark.parametrize(
    "query",
    ["kind=person&world=focus&id=", "kind=person&world=moon&id=1", "kind=dog&world=focus&id=1"],
)
def test_what_cannot_be_shown_is_no_view_and_asks_no_peer(
    signed_in: FlaskClient, query: str
) -> None:
    answer = signed_in.get(f"/show?{query}")
    assert (answer.status_code, answer.get_data(as_text=True)) == (404, "no such view")


@pytest.mark.parametrize("path", ["/", "/exchange/4", "/panels/journal"])
def test_a_script_in_a_roster_is_shown_as_text(signed_in: FlaskClient, path: str) -> None:
    page = signed_in.get(path).get_data(as_text=True)
    assert "&lt;script&gt;alert(1)" in page
    assert SCRIPT not in page


def test_pages_allow_no_foreign_and_no_inline_script(signed_in: FlaskClient) -> None:
    answer = signed_in.get("/")
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    page = answer.get_data(as_text=True)
    assert "http://" not in page.replace("http://x/", "")
    assert "https://" not in page
    assert " style=" not in page
    assert " onclick=" not in page


def test_a_panel_whose_peer_is_down_says_so_and_the_others_stay(signed_in: FlaskClient) -> None:
    page = signed_in.get("/").get_data(as_text=True)
    assert "no /spaces/default here" in page
    assert "No faults: both fakes behave." in page


def test_htmx_comes_out_of_its_package(visitor: FlaskClient) -> None:
    answer = visitor.get("/htmx.js")
    assert (answer.status_code, answer.mimetype) == (200, "text/javascript")
    assert b"htmx" in answer.data
