"""What a teacher reads of a grade sync: the API and the job's page, in a browser."""

import contextlib
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from checks.browsing import open_context, watched
from checks.service_stage import Serve, connect_by_api, sign_in
from checks.support import Up
from homeroom.features.histories.classroom import Classroom


@pytest.fixture(scope="module")
def up() -> Iterator[Up]:
    with Up("--district", "tiny") as running:
        yield running


def teach(document: Mapping[str, Any]) -> str:
    """Let a teacher make work that the SIS takes and work that it does not; give a section."""
    soon = datetime.now(UTC) + timedelta(days=1)
    with contextlib.closing(Classroom(document)) as room:
        course = room.call("GET", "accounts/1/courses?per_page=1")[0]["id"]
        room.publish(course)
        where = f"courses/{course}/enrollments?type[]=StudentEnrollment&per_page=1"
        (seat,) = room.call("GET", where)
        for name, group, due_at in (
            ("Essay", "Homework", soon),
            ("Undated", "Homework", None),
            ("Elsewhere", "Field trips", soon),
            ("Far away", "Homework", datetime(2038, 8, 20, 15, tzinfo=UTC)),
        ):
            made = room.assignment(course, name, due_at=due_at, group=group, points=10)
            room.grade(course, made, seat["user_id"], 8.5)
        return str(room.call("GET", f"sections/{seat['course_section_id']}")["name"])


def test_refusals_are_sentences_in_the_api_and_on_the_jobs_page(
    browser: Browser, served: Serve, up: Up
) -> None:
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

    page = watched(open_context(browser))
    sign_in(page, served)
    page.goto(f"{served.url}/jobs/{job['id']}")
    table = page.locator("table.outcomes")
    for sentence in (undated, elsewhere, far):
        expect(table).to_contain_text(sentence)
    assert table.locator("tbody tr").count() == len(outcomes)
    page.set_viewport_size({"width": 400, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth") <= 400
    page.context.close()
