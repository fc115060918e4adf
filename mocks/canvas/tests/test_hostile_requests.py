"""Whatever a client sends to the operations of courses and grades, it is answered, not crashed."""

import random
from typing import Any

import pytest

from homeroom.mocks.canvas.tests.driver import Canvas
from homeroom.mocks.canvas.tests.taught import Taught

WORDS = (
    "assignment", "name", "points_possible", "grading_type", "submission_types", "due_at",
    "integration_data", "assignment_overrides", "course", "event", "course_section",
    "enrollment", "user_id", "type", "role", "submission", "posted_grade", "excuse",
    "grade_data", "student_ids", "assignment_ids", "include", "per_page", "page", "state",
    "quiz", "title", "quiz_type", "rules", "drop_lowest", "never_drop", "group_weight",
    "late_policy", "late_submission_interval", "late_submission_deduction", "query", "variables",
    "assignment_override", "course_section_id", "grading_standard_id", "grading_scheme_entry",
    "graded_since", "grading_period_id", "search_term", "allowed_attempts", "peer_review_count",
    "default_view", "late_policy_status", "seconds_late_override", "published", "external_tool",
    "grouped", "order", "order_direction", "enrollment_state", "as", "task", "start_at",
)  # fmt: skip
VALUES: tuple[Any, ...] = (
    "", " ", None, True, False, 0, -1, 10**17, "1", "-3", "1e400", "NaN", "9" * 400, 3.5, [], {},
    "sis_user_id:U1", "sis_course_id:C1", "self", "all", "2026-09-01", "2026-13-45T99:99Z",
    "StudentEnrollment", "points", "letter_grade", "online_quiz", "discussion_topic", "assignment",
    "x" * 300, "a\u0000b", "\U0001f600", "mutation { hideAssignmentGrades(input: {}) { x } }",
    "bookmark:!!!", "bookmark:WzFd", "day", "offer", "conclude", "B", "50%", "complete",
)  # fmt: skip
WRAPPERS = (
    "assignment", "course", "course_section", "enrollment", "submission", "quiz", "late_policy",
    "assignment_override", "grade_data", "rules", "user", "pseudonym", "account",
    "enrollment_term", "comment", "grading_scheme_entry", "assignment_overrides",
)  # fmt: skip
PATH_VALUES = (
    "1",
    "1",
    "1",
    "2",
    "3",
    "999",
    "self",
    "sis_course_id:C1",
    "sis_user_id:U1",
    "%00",
    "a%2Fb",
    "hex:x:z",
)


def nested(dice: random.Random, depth: int = 0) -> Any:
    kind = dice.random()
    if depth > 3 or kind < 0.45:
        return dice.choice(VALUES)
    if kind < 0.65:
        return [nested(dice, depth + 1) for _ in range(dice.randrange(3))]
    keys = (*WORDS, "1", "2", "id")
    return {dice.choice(keys): nested(dice, depth + 1) for _ in range(dice.randrange(1, 5))}


@pytest.mark.parametrize("seed", range(6))
def test_nothing_crashes(taught: Taught, seed: int) -> None:
    dice = random.Random(seed)  # noqa: S311 -- reproducible, not secret
    canvas: Canvas = taught.canvas
    taught.assignment(submission_types=["online_text_entry"])
    operations = [
        operation
        for operation in canvas.fake.contract.operations.values()
        if "sis_import" not in operation.path and "/files" not in operation.path
    ]
    for _ in range(250):
        operation = dice.choice(operations)
        path = "/".join(
            dice.choice(PATH_VALUES) if part.startswith("{") else part
            for part in operation.path.split("/")
        )
        body = {dice.choice(WORDS): nested(dice) for _ in range(dice.randrange(3))}
        for _ in range(dice.randrange(3)):
            fields = {dice.choice(WORDS): nested(dice, 2) for _ in range(dice.randrange(1, 6))}
            body[dice.choice(WRAPPERS)] = fields
        reply = canvas.call(operation.method, path, json=body)
        assert reply.status < 500, (operation.method, path, body, reply.body)
