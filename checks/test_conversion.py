"""A district that converts, through the service: no first night over concerns nobody answered for.

Canvas holds people under the ids of another integration. A first night of the new feed would
refuse or double them, so the evaluation stands in its way until the ids are settled, or until
somebody says in writing why it may be done all the same.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from checks.browsing import open_context, press, watched
from checks.converting import BY_EMAIL, NOW, import_rekeys, users_of, verb
from checks.service_stage import OTHER, Serve, canvas_of, secrets_of, sign_in, stage_of
from checks.support import Up
from checks.worlds import control, new_space

WHY = "the 120 old accounts are deleted by hand on Friday"


@pytest.fixture(scope="module")
def up() -> Iterator[Up]:
    with Up("--district", "empty", "--now", NOW) as running:
        yield running


@pytest.fixture
def old(up: Up, tmp_path: Path) -> Iterator[dict[str, Any]]:
    """A world whose Canvas was filled by another integration, with e-mails for ids."""
    document = new_space(up.document, district="tiny", now=NOW)
    assert verb(document, tmp_path / "old", "provision", toml=BY_EMAIL).code in {0, 1}
    yield document
    assert control(document, "DELETE", "").status == 204


def converting(served: Serve, district: str, document: dict[str, Any]) -> None:
    """Bring a converting district to its evaluation, which finds what it should."""
    body = {"id": district, "name": district.title(), "converting": True}
    served.ask("POST", "/districts", body)
    for side, given in (("canvas", canvas_of(document)), ("oneroster", secrets_of(document))):
        served.ask("PUT", f"/districts/{district}/credentials/{side}", given)
    assert served.look(district, "connect")["outcome"] == "passed"


def evaluate(served: Serve, district: str) -> dict[str, Any]:
    """Evaluate, and give what was found."""
    served.ask("POST", f"/districts/{district}/evaluate")
    found: dict[str, Any] = served.look(district, "evaluate")
    return found


def stage(served: Serve, district: str) -> str:
    return str(served.ask("GET", f"/districts/{district}")["district"]["stage"])


def refused(served: Serve, method: str, path: str, body: Any) -> str:
    """Ask for what must not be granted, and give the sentence."""
    status, document = served.api(method, path, body)
    assert status == 409, (status, document)
    return str(document["detail"])


def test_critical_concerns_stop_a_conversion_until_somebody_answers_for_them(
    served: Serve, old: dict[str, Any]
) -> None:
    converting(served, "leon", old)
    here, on = "/districts/leon", {"stage": "provisioning"}
    assert "next is evaluated" in refused(served, "POST", f"{here}/enable", on)
    assert "no finished evaluation" in refused(
        served, "POST", f"{here}/evaluate/accept", {"reason": WHY}
    )
    first = evaluate(served, "leon")
    assert first["outcome"] == "failed"
    critical = [one for one in first["found"]["concerns"] if one["severity"] == "critical"]
    assert ("users", len(users_of(old))) in {(one["kind"], one["count"]) for one in critical}

    # No way round: not by switching on, not by a night, not by no longer calling it a conversion.
    assert "next is evaluated" in refused(served, "POST", f"{here}/enable", on)
    assert "connected" in refused(served, "POST", f"{here}/jobs", {"kind": "night"})
    assert "is evaluated before" in refused(served, "PATCH", here, {"converting": False})
    assert "say why" in refused(served, "POST", f"{here}/evaluate/accept", {"reason": "  "})
    assert served.api("POST", f"{here}/evaluate/accept", {})[0] == 400
    assert stage(served, "leon") == "connected"

    served.ask("POST", f"{here}/evaluate/accept", {"reason": WHY}, token=OTHER)
    assert stage(served, "leon") == "evaluated"
    (entry,) = (
        one for one in served.ask("GET", f"{here}/log")["log"] if one["what"] == "evaluated"
    )
    assert entry["who"] == "bob"
    assert entry["at"] >= first["at"]
    told = [{name: one[name] for name in ("kind", "what", "count")} for one in critical]
    assert entry["evidence"] == {
        "from": "connected",
        "accepted": WHY,
        "evaluation": first["at"],
        "outcome": "failed",
        "critical": told,
    }

    # What was accepted was that evaluation. Another one has to be answered for anew.
    second = evaluate(served, "leon")
    while second["at"] == first["at"]:  # within one second they could not be told apart
        second = evaluate(served, "leon")
    assert second["outcome"] == "failed"
    assert "has critical concerns" in refused(served, "POST", f"{here}/enable", on)
    served.ask("POST", f"{here}/evaluate/accept", {"reason": WHY})
    served.ask("POST", f"{here}/enable", on)
    log = served.ask("GET", f"{here}/log")["log"]
    assert [(one["who"], one["what"]) for one in log[:2]] == [
        ("ada", "provisioning"),
        ("ada", "evaluation accepted"),
    ]
    assert log[0]["evidence"]["evaluation"] == log[1]["evidence"]["evaluation"] == second["at"]
    late = refused(served, "POST", f"{here}/evaluate/accept", {"reason": WHY})
    assert "nothing waits for this" in late


def test_new_credentials_after_the_evaluation_ask_for_another_one(
    served: Serve, old: dict[str, Any], up: Up
) -> None:
    """An evaluation of one Canvas says nothing of another."""
    fresh = new_space(up.document, district="tiny", now=NOW)
    converting(served, "duval", fresh)
    assert evaluate(served, "duval")["outcome"] == "passed"
    assert stage(served, "duval") == "evaluated"
    evaluated = served.ask("GET", "/districts/duval/evaluate")["at"]
    while True:
        served.ask("PUT", "/districts/duval/credentials/canvas", canvas_of(old))
        view = served.ask("GET", "/districts/duval")
        if max(note["at"] for note in view["credentials"]) > evaluated:
            break
    on = {"stage": "provisioning"}
    assert "replaced since" in refused(served, "POST", "/districts/duval/enable", on)
    assert served.look("duval", "connect")["outcome"] == "passed"
    assert evaluate(served, "duval")["outcome"] == "failed"
    assert "critical concerns" in refused(served, "POST", "/districts/duval/enable", on)
    assert control(fresh, "DELETE", "").status == 204


def test_in_a_browser_the_draft_settles_the_concerns_and_the_night_doubles_nobody(
    browser: Browser, served: Serve, old: dict[str, Any], tmp_path: Path
) -> None:
    before = users_of(old)
    converting(served, "nassau", old)
    page = watched(open_context(browser))
    sign_in(page, served)
    page.goto(f"{served.url}/districts/nassau")
    stage_of(page, "connected")
    press(page, "Evaluate")
    steps = page.locator("#steps")
    expect(steps).to_contain_text("known to Canvas under another SIS id", timeout=60_000)
    expect(steps).to_contain_text("Import the draft change_sis_id.csv before the first night")
    stage_of(page, "connected")
    assert page.get_by_role("button", name="Switch provisioning on").count() == 0
    accept = page.get_by_role("button", name="Accept")
    accept.click()  # the browser asks for the reason first
    stage_of(page, "connected")
    page.fill("#accept-reason", " ")
    accept.click()
    expect(page.locator("p.trouble")).to_contain_text("say why the concerns may stand")
    stage_of(page, "connected")
    page.screenshot(path=str(tmp_path / "stopped.png"), full_page=True)

    with page.expect_download() as download:
        page.get_by_role("link", name="change_sis_id.csv").click()
    draft = tmp_path / "change_sis_id.csv"
    download.value.save_as(draft)
    import_rekeys(old, draft)
    press(page, "Evaluate")
    stage_of(page, "evaluated")
    press(page, "Switch provisioning on")
    stage_of(page, "provisioning")
    press(page, "Run a night now")
    expect(page.locator("#status-title .s-completed")).to_be_visible(timeout=60_000)
    after = users_of(old)
    assert sorted(after.values()) == sorted(before.values())
    assert not [sis_id for sis_id in after if "@" in sis_id]
    page.context.close()


def test_in_a_browser_an_acceptance_shows_with_its_reason_and_opens_the_way(
    browser: Browser, served: Serve, old: dict[str, Any], tmp_path: Path
) -> None:
    converting(served, "baker", old)
    assert evaluate(served, "baker")["outcome"] == "failed"
    page = watched(open_context(browser))
    sign_in(page, served)
    page.goto(f"{served.url}/districts/baker")
    page.fill("#accept-reason", WHY)
    page.locator("#accept-reason").press("Enter")
    stage_of(page, "evaluated")
    expect(page.get_by_role("button", name="Switch provisioning on")).to_be_visible()
    row = page.locator("tr", has_text="evaluated").filter(has_text="ada").first
    row.locator("summary").click()
    expect(row).to_contain_text(WHY)
    expect(row).to_contain_text("known to Canvas under another SIS id")

    press(page, "Evaluate")
    trouble = page.locator("#steps p.trouble")
    expect(trouble).to_contain_text("Provisioning stays off", timeout=60_000)
    expect(page.locator("#accept-reason")).to_be_visible(timeout=60_000)
    assert page.get_by_role("button", name="Switch provisioning on").count() == 0
    page.screenshot(path=str(tmp_path / "again.png"), full_page=True)
    page.fill("#accept-reason", WHY)
    page.locator("#accept-reason").press("Enter")
    expect(page.get_by_role("button", name="Switch provisioning on")).to_be_visible()
    told = json.dumps(served.ask("GET", "/districts/baker/log"))
    assert told.count("evaluation accepted") == 1
    page.context.close()
