"""Due dates and title lengths that the SIS asks for: only when every switch is on."""

from typing import Any

import pytest

from homeroom.mocks.canvas.tests.taught import Taught

BLANK = "cannot be blank when Post to Sis is checked"
BLANK_FOR_ANY = "cannot be blank for any assignees when Post to Sis is checked"
ALL_ON = {
    "sis_syncing": True,
    "new_sis_integrations": True,
    "sis_require_assignment_due_date": True,
    "sis_assignment_name_length": True,
    "sis_assignment_name_length_input": "30",
}


def switch(taught: Taught, **changes: Any) -> None:
    taught.canvas.world.settings.patch({**ALL_ON, **changes})


def refused(taught: Taught, **fields: Any) -> Any:
    given = {"name": "X", "post_to_sis": True, **fields}
    status, body = taught.refused("POST", "/assignments", json={"assignment": given})
    assert status == 400
    return {field: found[0]["message"] for field, found in body["errors"].items()}


def test_a_flagged_assignment_needs_a_due_date(taught: Taught) -> None:
    switch(taught)
    assert refused(taught) == {"due_at": BLANK}


def test_a_flagged_assignment_has_a_short_title(taught: Taught) -> None:
    switch(taught)
    long = refused(taught, name="x" * 31, due_at="2026-10-01T00:00:00Z")
    assert long == {"title": "The title cannot be longer than 30 characters"}


@pytest.mark.parametrize(
    "off",
    [
        {"sis_syncing": False},
        {"new_sis_integrations": False},
        {"sis_require_assignment_due_date": False, "sis_assignment_name_length": False},
    ],
)
def test_one_switch_off_and_nothing_is_asked(taught: Taught, off: dict[str, Any]) -> None:
    switch(taught, **off)
    made = taught.assignment("x" * 31, post_to_sis=True)
    assert (made["due_date_required"], made["max_name_length"]) == (False, 255)


def test_without_the_flag_nothing_is_asked(taught: Taught) -> None:
    switch(taught)
    made = taught.assignment("x" * 31)
    assert (made["due_date_required"], made["max_name_length"]) == (False, 255)


def test_the_object_tells_what_is_asked(taught: Taught) -> None:
    switch(taught)
    made = taught.assignment(post_to_sis=True, due_at="2026-10-01T00:00:00Z")
    assert (made["due_date_required"], made["max_name_length"]) == (True, 30)


def test_overrides_that_all_carry_dates_satisfy_the_rule(taught: Taught) -> None:
    switch(taught)
    section = taught.canvas.section("S1").id
    dated = {"course_section_id": section, "due_at": "2026-10-01T00:00:00Z"}
    made = taught.assignment(post_to_sis=True, assignment_overrides=[dated])
    assert (made["due_at"], made["has_overrides"]) == (None, True)


def test_an_override_without_a_date_breaks_it(taught: Taught) -> None:
    switch(taught)
    section = taught.canvas.section("S1").id
    undated = {"course_section_id": section, "due_at": ""}
    given = {"due_at": "2026-10-01T00:00:00Z", "assignment_overrides": [undated]}
    assert refused(taught, **given) == {"due_at": BLANK_FOR_ANY}


def test_switching_the_flag_on_later_is_checked_too(taught: Taught) -> None:
    switch(taught)
    made = taught.assignment()
    path = f"/assignments/{made['id']}"
    status, body = taught.refused("PUT", path, json={"assignment": {"post_to_sis": True}})
    assert (status, body["errors"]["due_at"][0]["message"]) == (400, BLANK)
    assert taught.ok("GET", path)["post_to_sis"] is False


def test_the_default_flag_holds_only_without_grade_export(taught: Taught) -> None:
    taught.canvas.world.settings.patch({"sis_default_grade_export": True})
    assert taught.assignment()["post_to_sis"] is False
    taught.canvas.world.settings.patch({"bulk_sis_grade_export": False})
    assert taught.assignment()["post_to_sis"] is True
    assert taught.assignment(post_to_sis=False)["post_to_sis"] is False


def test_the_default_flag_is_for_quizzes_and_discussions_too(taught: Taught) -> None:
    taught.canvas.world.settings.patch(
        {"sis_default_grade_export": True, "bulk_sis_grade_export": False}
    )
    quiz = taught.ok("POST", "/quizzes", json={"quiz": {"title": "Q"}})
    assert quiz["post_to_sis"] is True
    topic = taught.ok(
        "POST", "/discussion_topics", json={"title": "D", "assignment": {"points_possible": 5}}
    )
    assert topic["assignment"]["post_to_sis"] is True
    path = "/api/quiz/v1/courses/sis_course_id:C1/quizzes"
    new_quiz = taught.ok("POST", path, json={"quiz": {"title": "N"}})
    assert taught.ok("GET", f"/assignments/{new_quiz['id']}")["post_to_sis"] is True
