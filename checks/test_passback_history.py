"""What a teacher reads of a grade sync: the API and the job's page, in a browser."""

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from playwright.sync_api import expect, sync_playwright

from checks.service_stage import Serve
from checks.support import Up
from checks.test_console import canvas, find_chromium
from checks.test_service import connect_by_api, open_context, sign_in, watched


@pytest.fixture(scope="module")
def up() -> Iterator[Up]:
    with Up("--district", "tiny") as running:
        yield running


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serve]:
    with Serve(tmp_path_factory.mktemp("history") / "state") as running:
        yield running


def teach(document: Mapping[str, Any]) -> str:
    """Let a teacher make work that the SIS takes and work that it does not; give a section."""
    course = canvas(document, "GET", "/accounts/1/courses?per_page=1")[0]["id"]

    def send(method: str, path: str, body: Any) -> Any:
        return canvas(document, method, f"/courses/{course}{path}", json.dumps(body).encode())

    send("PUT", "", {"course": {"event": "offer"}})
    groups = {
        name: send("POST", "/assignment_groups", {"name": name})["id"]
        for name in ("Homework", "Field trips")
    }
    where = f"/courses/{course}/enrollments?type[]=StudentEnrollment&per_page=1"
    (seat,) = canvas(document, "GET", where)
    soon = (datetime.now(UTC) + timedelta(days=1)).isoformat()
    for name, group, due_at in (
        ("Essay", "Homework", soon),
        ("Undated", "Homework", None),
        ("Elsewhere", "Field trips", soon),
        ("Far away", "Homework", "2038-08-20T15:00:00Z"),
    ):
        body = {
            "name": name,
            "points_possible": 10,
            "published": True,
            "post_to_sis": True,
            "due_at": due_at,
            "assignment_group_id": groups[group],
        }
        made = send("POST", "/assignments", {"assignment": body})
        grade = {"submission": {"posted_grade": "8.5"}}
        send("PUT", f"/assignments/{made['id']}/submissions/{seat['user_id']}", grade)
    section = canvas(document, "GET", f"/sections/{seat['course_section_id']}")
    return str(section["name"])


def test_refusals_are_sentences_in_the_api_and_on_the_jobs_page(served: Serve, up: Up) -> None:
    connect_by_api(served, "leon", up.document)
    night = served.ask("POST", "/districts/leon/jobs", {"kind": "night"})
    assert served.ended(night["id"])["status"] == "Completed"
    served.ask("POST", "/districts/leon/enable", {"stage": "passback"})
    section = teach(up.document)
    asked = served.ask("POST", "/districts/leon/jobs", {"kind": "grades"})
    job = served.ended(asked["id"])
    assert job["status"] == "Warning"
    assert job["summary"].startswith("1 result sent in 1 course, ")
    outcomes = served.ask("GET", f"/jobs/{job['id']}/outcomes")["outcomes"]
    ours = [one for one in outcomes if one["section_name"] == section]
    told = {one["title"]: [each["sentence"] for each in one["refusals"]] for one in ours}
    assert told["Essay"] == []
    (undated,) = told["Undated"]
    assert undated == (
        f"The assignment has no due date for section {section} (Cannot Find Due Date). "
        "Change it in Canvas."
    )
    (elsewhere,) = told["Elsewhere"]
    assert f"Grading category [Field trips] not found in OneRoster for [{section}]" in elsewhere
    (far,) = told["Far away"]
    assert "Invalid Due Date: 2038-08-20" in far
    assert "In Canvas, choose a due date within the class's terms" in far

    with sync_playwright() as playwright:
        path = find_chromium()
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        page = watched(open_context(browser))
        sign_in(page, served)
        page.goto(f"{served.url}/jobs/{job['id']}")
        table = page.locator("table.outcomes")
        for sentence in (undated, elsewhere, far):
            expect(table).to_contain_text(sentence)
        assert table.locator("tbody tr").count() == len(outcomes)
        page.set_viewport_size({"width": 400, "height": 800})
        assert page.evaluate("document.documentElement.scrollWidth") <= 400
        browser.close()
