"""The console in a real browser: a person clicks through it, and through the keyboard too."""

import re
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Dialog, Page, expect

from checks.browsing import open_context
from checks.support import Up, homeroom, subject_environment
from checks.worlds import canvas, focus
from homeroom.certify.control import ControlClient, SpaceHandle

NOW = "2026-09-14T15:00:00Z"
HOSTILE = "<img src=x onerror=alert(1)><script>alert(2)</script>"


@pytest.fixture(scope="module")
def up() -> Iterator[Up]:
    with Up("--district", "tiny", "--now", NOW) as running:
        yield running


@pytest.fixture(scope="module")
def synced(up: Up, tmp_path_factory: pytest.TempPathFactory) -> Up:
    """The stage after one night of the reference service."""
    state = tmp_path_factory.mktemp("subject")
    done = homeroom("provision", env=subject_environment(up.document, now=NOW, state_dir=state))
    assert done.code == 0, done.err
    return up


@pytest.fixture
def space(up: Up) -> Iterator[SpaceHandle]:
    """A tiny space of its own."""
    control = up.document["control"]
    with (
        ControlClient(control["url"], control["token"]) as client,
        client.space("tiny", now=NOW) as made,
    ):
        yield made


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    context = open_context(browser)
    yield context
    context.close()


def sign_in(context: BrowserContext, up: Up, space: SpaceHandle | None = None) -> Page:
    """Open the page of a space by the link that `up` prints; an error on it fails the test."""
    page = context.new_page()
    page.on("pageerror", lambda error: pytest.fail(f"the page's script failed: {error}"))
    control, console = up.document["control"], up.document["console"]
    page.goto(f"{console['url']}#token={control['token']}")
    page.wait_for_selector("#worlds")
    if space is not None:
        page.goto(f"{console['url']}?space={space.name}")
        page.wait_for_selector("#worlds")
    return page


def student(document: Mapping[str, Any]) -> dict[str, Any]:
    """Return one student that Canvas got from Focus."""
    path = "/accounts/1/users?enrollment_type=student&per_page=1"
    found: dict[str, Any] = canvas(document, "GET", path).json()[0]
    return found


def rename(document: Mapping[str, Any], pupil: Mapping[str, Any], name: str) -> None:
    body = {"user": {"name": name}}
    assert canvas(document, "PUT", f"/users/{pupil['id']}", body).status == 200


def search(page: Page, text: str) -> None:
    page.fill("#q", text)
    page.press("#q", "Enter")
    page.wait_for_selector("#found .hits a, #found q")


def test_the_link_that_up_prints_signs_in_and_leaves_no_token_behind(
    context: BrowserContext, up: Up
) -> None:
    page = sign_in(context, up)
    assert up.document["control"]["token"] not in page.url
    assert up.document["control"]["token"] not in page.content()
    page.reload()
    expect(page.locator("#worlds")).to_be_visible()
    page.get_by_role("button", name="Sign out").click()
    expect(page.locator("#token")).to_be_visible()


def test_a_pupil_is_found_and_shown_in_both_worlds_by_keyboard_alone(
    context: BrowserContext, synced: Up
) -> None:
    page = sign_in(context, synced)
    pupil = student(synced.document)
    page.keyboard.press("Tab")
    expect(page.locator(".skip")).to_be_focused()
    page.focus("#q")
    page.keyboard.type(pupil["sis_user_id"])
    page.keyboard.press("Enter")
    page.wait_for_selector("#found .hits a")
    page.focus("#found .hits a")
    page.keyboard.press("Enter")
    page.wait_for_selector("#found .view")
    expect(page.locator("#found h3")).to_contain_text("no difference")
    row = page.locator("#found tr", has=page.locator("th", has_text=re.compile("^name$")))
    assert row.locator("td").all_inner_texts() == [pupil["name"], pupil["name"]]
    expect(page.locator("#found .worlds")).to_have_count(2)


def test_what_differs_between_the_worlds_is_marked_in_words(
    context: BrowserContext, synced: Up
) -> None:
    pupil = student(synced.document)
    rename(synced.document, pupil, "Somebody Else")
    try:
        page = sign_in(context, synced)
        search(page, pupil["sis_user_id"])
        page.locator("#found .hits a").first.click()
        page.wait_for_selector("#found .view")
        expect(page.locator("#found h3")).to_contain_text("1 difference")
        marked = page.locator("#found tr.differs")
        expect(marked).to_have_count(1)
        expect(marked.locator("th")).to_contain_text("differs: name")
        expect(marked).to_contain_text("Somebody Else")
    finally:
        rename(synced.document, pupil, pupil["name"])


def test_a_class_is_shown_with_its_people_on_both_sides(
    context: BrowserContext, synced: Up
) -> None:
    page = sign_in(context, synced)
    path = f"/users/{student(synced.document)['id']}/enrollments"
    seat = canvas(synced.document, "GET", path).json()[0]
    page.select_option("#kind", "class")
    search(page, seat["sis_section_id"])
    page.locator("#found .hits a").first.click()
    page.wait_for_selector("#found .view")
    expect(page.locator("#found h3")).to_contain_text("no difference")
    expect(page.locator("#found caption", has_text="People")).to_have_count(1)


def test_requests_appear_as_they_happen_and_open_with_their_bodies(
    context: BrowserContext, up: Up, space: SpaceHandle
) -> None:
    page = sign_in(context, up, space)
    expect(page.locator("#live")).to_have_text("live")
    focus(space.document, "/users?limit=1")
    row = page.locator("#rows tr", has_text="getAllUsers")
    expect(row).to_have_count(1)
    row.locator("a").click()
    page.wait_for_selector("#exchange .view")
    expect(page.locator("#exchange pre")).to_contain_text('"givenName"')
    page.select_option("#filter-fake", "canvas")
    page.get_by_role("button", name="Filter").click()
    expect(page.locator("#rows tr")).to_have_count(0)


def test_looking_leaves_no_trace_and_uses_no_fault_up(
    context: BrowserContext, up: Up, space: SpaceHandle
) -> None:
    space.add_fault({"act": {"kind": "status", "status": 503}, "times": 1})
    page = sign_in(context, up, space)
    search(page, "a")
    page.locator("#found .hits a").first.click()
    page.wait_for_selector("#found .view")
    assert space.journal() == []
    assert [rule["hits"] for rule in space.faults()] == [0]


def test_a_fault_is_switched_on_seen_hitting_and_removed(
    context: BrowserContext, up: Up, space: SpaceHandle
) -> None:
    page = sign_in(context, up, space)
    page.get_by_text("Add a fault").click()
    page.select_option("#fault-kind", "status")
    page.fill("#fault-parameters", '{"status": 418}')
    page.fill("#fault-operation", "getAllUsers")
    page.get_by_role("button", name="Add", exact=True).click()
    expect(page.locator("#faults .done")).to_contain_text("is on")
    assert focus(space.document, "/users?limit=1").status == 418
    page.reload()
    expect(page.locator("#faults .rules .tag")).to_have_text("1 hit")
    page.get_by_role("button", name=re.compile("^Remove fault-")).click()
    expect(page.locator("#faults .done")).to_contain_text("is gone")
    assert focus(space.document, "/users?limit=1").status == 200


def test_a_mistyped_fault_is_refused_with_the_nearest_names(
    context: BrowserContext, up: Up, space: SpaceHandle
) -> None:
    page = sign_in(context, up, space)
    page.get_by_text("Add a fault").click()
    page.fill("#fault-operation", "getAllUser")
    page.get_by_role("button", name="Add", exact=True).click()
    expect(page.locator("#faults [role=alert]")).to_contain_text("nearest: getAllUsers")
    assert space.faults() == []


def test_the_clock_is_frozen_and_jumps_to_the_night_and_past_the_quarter(
    context: BrowserContext, up: Up, space: SpaceHandle
) -> None:
    page = sign_in(context, up, space)
    page.get_by_role("button", name="Freeze").click()
    expect(page.locator("#clock .tag")).to_have_text("frozen")
    before = space.now
    told = page.locator("#clock .done").inner_text()
    page.get_by_role("button", name="Next night").click()
    expect(page.locator("#clock .done")).not_to_have_text(told)
    night = space.now
    assert 0 < (night - before).total_seconds() <= 24 * 3600
    assert night.minute == 0
    page.get_by_role("button", name="End of quarter").click()
    expect(page.locator("#clock time")).not_to_have_attribute(
        "datetime", night.strftime("%Y-%m-%dT%H:%M:%S.000Z")
    )
    assert 7 < (space.now - night).days < 120
    page.fill("#clock-now", "2027-01-05T06:00:00Z")
    page.get_by_role("button", name="Set", exact=True).click()
    expect(page.locator("#clock .done")).to_contain_text("2027-01-05T06:00:00")


def test_a_week_of_school_is_lived_and_told(
    context: BrowserContext, up: Up, space: SpaceHandle
) -> None:
    page = sign_in(context, up, space)
    before = space.now
    page.get_by_role("button", name="Live a week").click()
    expect(page.locator("#clock .done")).to_contain_text("It is the evening of")
    assert (space.now.date() - before.date()).days in (6, 7)


def test_a_script_in_a_name_is_text(context: BrowserContext, up: Up, space: SpaceHandle) -> None:
    dialogs: list[Dialog] = []
    user = {
        "sourcedId": "hostile", "username": "hostile", "enabledUser": "true",
        "givenName": HOSTILE, "familyName": "Zzyzx", "role": "student", "userIds": [],
        "orgs": [{"sourcedId": "none", "type": "org"}],
    }  # fmt: skip
    space.put_record("users", user)
    page = sign_in(context, up, space)
    page.on("dialog", lambda dialog: dialogs.append(dialog))
    focus(space.document, f"/users?limit=1&filter={urllib.parse.quote(HOSTILE)}")
    search(page, "Zzyzx")
    expect(page.locator("#found .hits a")).to_contain_text(HOSTILE)
    page.locator("#found .hits a").first.click()
    page.wait_for_selector("#found .view")
    expect(page.locator("#found h3")).to_contain_text(HOSTILE)
    assert page.locator("img").count() == 0
    assert dialogs == []


def test_an_import_is_shown_with_its_messages(
    context: BrowserContext, up: Up, space: SpaceHandle
) -> None:
    page = sign_in(context, up, space)
    csv = b"user_id,login_id,full_name,status\nu-1,u1,Ana Ruiz,active\n,u2,Nobody,active\n"
    path = "/accounts/1/sis_imports?extension=csv"
    assert canvas(space.document, "POST", path, csv, "text/csv").status == 200
    expect(page.locator("#imports .state-imported_with_messages")).to_be_visible()
    page.locator("#imports summary").click()
    expect(page.locator("#imports .messages")).to_contain_text("No user_id given for a user")
    assert page.evaluate(LOW_CONTRAST) == []


def test_a_snapshot_is_downloaded_and_brought_back(
    context: BrowserContext, up: Up, space: SpaceHandle, tmp_path: Path
) -> None:
    page = sign_in(context, up, space)
    page.get_by_text(f"Snapshot of {space.name}").click()
    with page.expect_download() as begun:
        page.get_by_role("link", name="Download", exact=True).click()
    file = tmp_path / "world.snapshot"
    begun.value.save_as(file)
    space.add_fault({"id": "later", "act": {"kind": "delay"}})
    page.on("dialog", lambda dialog: dialog.accept())
    page.set_input_files("#snapshot-file", file)
    page.get_by_role("button", name="Restore", exact=True).click()
    expect(page.locator("#spaces .done")).to_contain_text("is what world.snapshot held")
    assert space.faults() == []
    file.write_bytes(file.read_bytes()[:-20])
    page.get_by_text(f"Snapshot of {space.name}").click()
    page.set_input_files("#snapshot-file", file)
    page.get_by_role("button", name="Restore", exact=True).click()
    expect(page.locator("#spaces [role=alert]")).to_contain_text("the snapshot was cut or altered")


def test_a_space_is_made_entered_and_dropped(context: BrowserContext, up: Up) -> None:
    page = sign_in(context, up)
    page.on("dialog", lambda dialog: dialog.accept())
    page.get_by_text("New space").click()
    page.fill("#new-district", "empty")
    page.get_by_role("button", name="Create").click()
    said = page.locator("#spaces .done")
    expect(said).to_contain_text("is there")
    name = said.inner_text().split()[1]
    page.locator("#spaces .rules a", has_text=name).click()
    expect(page.locator("#space")).to_have_value(name)
    page.get_by_role("button", name=f"Drop {name}").click()
    expect(page.locator("#spaces .done")).to_contain_text(f"Space {name} is gone")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_is_readable_on_a_telephone(browser: Browser, synced: Up, scheme: Any) -> None:
    context = browser.new_context(viewport={"width": 400, "height": 800}, color_scheme=scheme)
    page = sign_in(context, synced)
    search(page, student(synced.document)["sis_user_id"])
    page.locator("#found .hits a").first.click()
    page.wait_for_selector("#found .view")
    assert page.evaluate("document.documentElement.scrollWidth") == 400
    low = page.evaluate(LOW_CONTRAST)
    assert low == []
    context.close()


# Texts whose contrast with what lies behind them is below WCAG 2.2's 4.5 to 1.
LOW_CONTRAST = """() => {
  const parse = (color) => color.match(/[\\d.]+/g).map(Number);
  const light = ([r, g, b]) => [r, g, b].map((v) => v / 255)
    .map((v) => v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
    .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
  const behind = (node) => {
    for (; node; node = node.parentElement) {
      const ground = parse(getComputedStyle(node).backgroundColor);
      if (ground.length === 3 || ground[3] > 0.99) return ground;
    }
    return [255, 255, 255];
  };
  const low = [];
  for (const node of document.querySelectorAll("body *")) {
    const own = [...node.childNodes].some((one) => one.nodeType === 3 && one.data.trim());
    if (!own || !node.checkVisibility() || node.closest("select, option, .new")) continue;
    const pair = [light(parse(getComputedStyle(node).color)), light(behind(node))].sort();
    const ratio = (Math.max(...pair) + 0.05) / (Math.min(...pair) + 0.05);
    if (ratio < 4.5) low.push(`${node.tagName} ${node.textContent.slice(0, 30)} ${ratio}`);
  }
  return low;
}"""


def test_without_scripts_the_forms_still_work(browser: Browser, up: Up, space: SpaceHandle) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(up.document["console"]["url"])
    page.fill("#token", up.document["control"]["token"])
    page.get_by_role("button", name="Open the console").click()
    page.goto(f"{up.document['console']['url']}?space={space.name}")
    page.get_by_role("button", name="Freeze").click()
    expect(page.locator("#clock .tag")).to_have_text("frozen")
    page.fill("#q", "a")
    page.get_by_role("button", name="Search").click()
    page.locator(".hits a").first.click()
    expect(page.locator("article.view h3")).to_be_visible()
    context.close()


@pytest.mark.parametrize("path", ["/", "/__control__/spaces", "/__control__/openapi.json"])
def test_a_foreign_host_is_refused(up: Up, path: str) -> None:
    token = up.document["control"]["token"]
    request = urllib.request.Request(  # noqa: S310
        urllib.parse.urljoin(up.document["console"]["url"], path),
        headers={"Host": "rebound.example", "Authorization": f"Bearer {token}"},
    )
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(request)  # noqa: S310
    assert refused.value.code == 421
    refused.value.close()


def test_the_consoles_cookie_opens_nothing_but_the_stream(context: BrowserContext, up: Up) -> None:
    page = sign_in(context, up)
    status = page.evaluate(
        "async () => (await fetch('/__control__/spaces', {credentials: 'include'})).status"
    )
    assert status == 401
