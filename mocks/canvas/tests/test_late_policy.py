"""Late and missing work, by the examples that Canvas's own specs give."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from homeroom.mocks.canvas.gradebook.late import points_deducted, points_for_missing, seconds_late
from homeroom.mocks.canvas.store import LatePolicy
from homeroom.mocks.canvas.tests.taught import Taught

AT = datetime(2026, 9, 1, tzinfo=UTC)
HOUR, DAY = 3600, 86_400


def policy(**fields: Any) -> LatePolicy:
    return LatePolicy(
        id=1,
        course_id=1,
        late_submission_deduction_enabled=True,
        created_at=AT,
        updated_at=AT,
        **fields,
    )


def deducted(rule: LatePolicy, score: int, late_s: int, grading_type: str = "points") -> Decimal:
    return points_deducted(
        rule,
        score=Decimal(score),
        points_possible=1000.0,
        seconds_late=late_s,
        grading_type=grading_type,
    )


def test_ten_percent_a_day_at_twenty_five_hours_takes_two_days_off() -> None:
    assert deducted(policy(late_submission_deduction=10.0), 1000, 25 * HOUR) == 200


def test_the_floor_stops_the_deduction() -> None:
    rule = policy(
        late_submission_deduction=10.0,
        late_submission_minimum_percent_enabled=True,
        late_submission_minimum_percent=30.0,
    )
    assert deducted(rule, 800, 7 * DAY) == 500


def test_work_below_the_floor_loses_nothing() -> None:
    rule = policy(
        late_submission_deduction=10.0,
        late_submission_minimum_percent_enabled=True,
        late_submission_minimum_percent=30.0,
    )
    assert deducted(rule, 200, DAY) == 0


def test_hours_are_counted_by_the_hour_begun() -> None:
    rule = policy(late_submission_deduction=1.0, late_submission_interval="hour")
    assert deducted(rule, 1000, HOUR + 1) == 20


def test_no_more_is_taken_than_there_is() -> None:
    assert deducted(policy(late_submission_deduction=50.0), 300, 30 * DAY) == 300


@pytest.mark.parametrize("grading_type", ["pass_fail", "not_graded"])
def test_only_measured_types_lose_points(grading_type: str) -> None:
    assert deducted(policy(late_submission_deduction=10.0), 1000, DAY, grading_type) == 0


def test_missing_work_keeps_what_the_policy_leaves() -> None:
    rule = policy(missing_submission_deduction_enabled=True, missing_submission_deduction=75.0)
    assert points_for_missing(rule, points_possible=200.0, grading_type="points") == 50
    assert points_for_missing(rule, points_possible=200.0, grading_type="pass_fail") == 0
    assert points_for_missing(policy(), points_possible=200.0, grading_type="points") is None


@pytest.mark.parametrize(
    ("status", "override", "quiz", "late"),
    [
        (None, None, False, 90),
        (None, None, True, 30),
        ("late", 500, False, 500),
        ("late", None, False, 0),
        ("none", None, False, 0),
        ("missing", None, False, 0),
    ],
)
def test_the_graders_word_counts_before_the_clocks(
    status: str | None, override: int | None, quiz: bool, late: int
) -> None:
    found = seconds_late(
        late_policy_status=status,
        seconds_late_override=override,
        submitted_at=AT + timedelta(seconds=90),
        due_at=AT,
        is_quiz=quiz,
    )
    assert found == late


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("late_submission_deduction", "much", "is not a number"),
        ("late_submission_deduction", -1, "must be greater than or equal to 0"),
        ("missing_submission_deduction", 101, "must be less than or equal to 100"),
        ("late_submission_interval", "week", "is not included in the list"),
    ],
)
def test_values_that_make_no_sense_are_refused_with_422(
    taught: Taught, field: str, value: Any, message: str
) -> None:
    status, body = taught.refused("POST", "/late_policy", json={"late_policy": {field: value}})
    assert (status, body["errors"][field][0]["message"]) == (422, message)
    assert taught.refused("GET", "/late_policy")[0] == 404
