"""`homeroom serve` as an admin, a district and an attacker meet it: over sockets, in a browser."""

import contextlib
import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from checks.browsing import open_context, press, watched
from checks.service_stage import (
    OTHER,
    TOKEN,
    Serve,
    canvas_of,
    connect_by_api,
    secrets_of,
    sign_in,
    stage_of,
)
from checks.support import Up
from checks.worlds import canvas, focus
from homeroom.certify.control import ControlClient, SpaceHandle
from homeroom.features.histories.classroom import Classroom

HOSTILE = "<img src=x onerror=alert(1)><script>alert(2)</script>"


@pytest.fixture(scope="module")
def up() -> Iterator[Up]:
    with Up("--district", "tiny") as running:
        yield running


@pytest.fixture
def space(up: Up) -> Iterator[SpaceHandle]:
    """A tiny space of its own, at the machine's time."""
    control = up.document["control"]
    with (
        ControlClient(control["url"], control["token"]) as client,
        client.space("tiny") as made,
    ):
        yield made


def remove_enrollments(space: SpaceHandle, count: int) -> None:
    """Let the SIS lose many enrollments at once."""
    rows = focus(space.document, f"/enrollments?limit={count}").json()["enrollments"]
    for row in rows:
        space.delete_record("enrollments", row["sourcedId"])


def grade_somebody(document: Mapping[str, Any]) -> None:
    """Let a teacher grade one assignment that is to reach the SIS."""
    with contextlib.closing(Classroom(document)) as room:
        course = room.call("GET", "accounts/1/courses?per_page=1")[0]["id"]
        room.publish(course)
        due = datetime.now(UTC) + timedelta(days=1)
        essay = room.assignment(course, "Essay", due_at=due, points=10)
        path = f"courses/{course}/enrollments?type[]=StudentEnrollment&per_page=1"
        room.grade(course, essay, room.call("GET", path)[0]["user_id"], 8.5)


def test_a_district_goes_from_a_link_to_grades_in_a_browser(
    browser: Browser, served: Serve, space: SpaceHandle
) -> None:
    """The whole way, by keyboard and mouse; a conversion, a held night and its release."""
    document = space.document
    page = watched(open_context(browser))
    sign_in(page, served)
    page.fill("#name", HOSTILE)
    page.fill("#id", "leon")
    page.check("[name=converting]")
    page.locator("[name=converting]").press("Enter")
    stage_of(page, "requested")
    expect(page.locator("h1")).to_contain_text(HOSTILE)

    press(page, "Make a one-time link")
    url = page.input_value("#made")
    district = watched(open_context(browser))
    district.goto(url)
    secrets = secrets_of(document)
    for name in ("client_id", "client_secret"):
        district.fill(f"#{name}", secrets[name])
    district.fill("#base_url", "http://sis.example")
    district.locator("#base_url").press("Enter")
    expect(district.locator("#base_url-note")).to_contain_text("not sent in the clear")
    for name in ("client_id", "client_secret"):
        assert district.input_value(f"#{name}") == ""
        district.fill(f"#{name}", secrets[name])
    district.fill("#base_url", secrets["base_url"])
    press(district, "Store encrypted")
    expect(district.locator(".done")).to_contain_text("stored encrypted")
    district.goto(url)
    expect(district.locator("h1")).to_have_text("This link is closed")

    page.goto(f"{served.url}/districts/leon")
    for name, value in canvas_of(document).items():
        page.fill(f"#{name}", value)
    page.locator("#token").press("Enter")
    stage_of(page, "connected")
    expect(page.locator("#steps")).to_contain_text("Next is evaluated")
    press(page, "Evaluate")
    stage_of(page, "evaluated")
    with page.expect_download() as download:
        page.get_by_role("link", name="change_sis_id.csv").click()
    assert download.value.path().read_text().splitlines()[0] == "old_id,new_id,type"
    press(page, "Switch provisioning on")
    stage_of(page, "provisioning")
    press(page, "Switch passback on")
    expect(page.locator("p.trouble")).to_contain_text("no night has been completed yet")

    space.put_record("users", hostile_student(space))
    press(page, "Run a night now")
    expect(page.locator("#status-title .s-completed")).to_be_visible(timeout=60_000)
    page.get_by_role("link", name="users", exact=True).click()
    expect(page.locator("#changes-title")).to_be_visible()
    remove_enrollments(space, 200)
    page.goto(f"{served.url}/districts/leon")
    press(page, "Run a night now")
    expect(page.locator("section.held")).to_contain_text("enrollments would go", timeout=60_000)
    press(page, "Release this plan")
    expect(page.locator("#status-title .s-completed")).to_be_visible(timeout=60_000)
    expect(page.locator("dl")).to_contain_text("the held night")

    page.goto(f"{served.url}/districts/leon")
    press(page, "Switch passback on")
    stage_of(page, "passback")
    grade_somebody(document)
    press(page, "Pass grades back now")
    expect(page.locator("#outcomes-title")).to_be_visible()
    expect(page.locator("#job")).to_contain_text("Essay", timeout=60_000)
    job = served.ask("GET", "/jobs?district=leon&kind=grades")["jobs"][0]
    sent = served.ended(job["id"])["totals"]["results_sent"]
    assert sent == 1, served.ask("GET", f"/jobs/{job['id']}/outcomes")
    told = [(one["who"], one["what"]) for one in served.ask("GET", "/districts/leon/log")["log"]]
    for step in ("connected", "evaluated", "provisioning", "plan released", "passback"):
        assert ("ada", step) in told

    page.context.close()
    district.context.close()


def hostile_student(space: SpaceHandle) -> dict[str, Any]:
    """Make a student whose name is a script, at the district's one school."""
    user: dict[str, Any] = focus(space.document, "/students?limit=1").json()["users"][0]
    orgs = [{"sourcedId": org["sourcedId"], "type": "org"} for org in user["orgs"]]
    return {**user, "orgs": orgs, "givenName": HOSTILE, "familyName": HOSTILE}


def test_a_hostile_name_is_text_in_a_plan(
    browser: Browser, served: Serve, space: SpaceHandle
) -> None:
    student = {**hostile_student(space), "email": "ana ruiz@school.example"}
    space.put_record("users", student)
    connect_by_api(served, "duval", space.document)
    asked = served.ask("POST", "/districts/duval/jobs", {"kind": "night"})
    assert served.ended(asked["id"])["status"] == "Warning"
    plan = served.ask("GET", f"/jobs/{asked['id']}/plan")
    assert HOSTILE in json.dumps(plan)
    assert [one["sourcedId"] for one in plan["warnings"]] == [student["sourcedId"]]
    assert (plan["refused"], plan["left_out"]) == ([], {})
    page = watched(open_context(browser, color_scheme="dark"))
    page.set_viewport_size({"width": 400, "height": 800})
    sign_in(page, served)
    page.goto(f"{served.url}/jobs/{asked['id']}?kind=users")
    expect(page.locator("#job")).to_contain_text(HOSTILE)
    expect(page.locator("#job")).to_contain_text("Canvas's warnings (1)")
    assert page.locator("img").count() == 0
    link = served.ask("POST", "/districts/duval/links", {})["url"]
    paths = ("/", "/jobs", "/districts/duval", f"/jobs/{asked['id']}")
    for url in (link, *(f"{served.url}{path}" for path in paths)):
        page.goto(url)
        assert page.evaluate("document.documentElement.scrollWidth") <= 400
    page.context.close()


def test_secrets_are_nowhere_but_sealed(served: Serve, space: SpaceHandle, up: Up) -> None:
    connect_by_api(served, "nassau", space.document)
    asked = served.ask("POST", "/districts/nassau/jobs", {"kind": "night"})
    served.ended(asked["id"])
    made = served.ask("POST", "/districts/nassau/links", {})
    oneroster, account = space.document["oneroster"], space.document["canvas"]
    secrets = [oneroster["client_id"], oneroster["client_secret"], account["token"], TOKEN, OTHER,
               made["url"].rpartition("/")[2]]  # fmt: skip
    files = [path for path in served.state.rglob("*") if path.is_file()]
    assert any(path.suffix == ".sqlite" for path in files)
    key = (served.state / "vault.key").read_text().strip()
    for path in [*files, served.log]:
        content = path.read_bytes()
        for secret in secrets:
            assert secret.encode() not in content, f"a secret lies in {path.name}"
        assert path.name == "vault.key" or key.encode() not in content
    answers = [f"/districts/nassau{part}" for part in ("", "/log", "/links", "/connect")]
    answers += ["/districts", "/jobs", f"/jobs/{asked['id']}"]
    for answer in answers:
        text = json.dumps(served.ask("GET", answer))
        assert not [secret for secret in secrets if secret in text], answer
    assert (served.state / "vault.key").stat().st_mode & 0o077 == 0
    assert (served.state / "service.sqlite").stat().st_mode & 0o077 == 0
    students = canvas(space.document, "GET", "/accounts/1/users?per_page=5").json()
    log = served.log.read_text()
    assert not [user["name"] for user in students if user["name"] in log]
    for line in log.splitlines():
        assert {"at", "level", "message"} <= json.loads(line).keys()
