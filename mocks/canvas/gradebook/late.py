"""Late and missing work: what the course's late policy takes off, and what it gives for nothing.

Source: canvas-rest-api.md 7.2 (late policy).
"""

import math
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal

from homeroom.mocks.canvas.store import LatePolicy

DEDUCTIBLE_TYPES = frozenset({"points", "percent", "letter_grade", "gpa_scale"})
QUIZ_GRACE = timedelta(seconds=60)
_INTERVAL_S = {"hour": 3600, "day": 86_400}


def points_deducted(
    policy: LatePolicy | None,
    *,
    score: Decimal,
    points_possible: float | None,
    seconds_late: float,
    grading_type: str,
) -> Decimal:
    """Return the points a late policy takes off a score, two decimals.

    The deduction stops at the policy's floor, a percentage of what is possible; a score already
    below the floor loses nothing.
    """
    if policy is None or not policy.late_submission_deduction_enabled:
        return Decimal(0)
    if grading_type not in DEDUCTIBLE_TYPES or not points_possible or seconds_late <= 0:
        return Decimal(0)
    possible = Decimal(str(points_possible))
    intervals = math.ceil(seconds_late / _INTERVAL_S[policy.late_submission_interval])
    percent = Decimal(str(policy.late_submission_deduction)) * intervals
    floor = (
        Decimal(str(policy.late_submission_minimum_percent))
        if policy.late_submission_minimum_percent_enabled
        else Decimal(0)
    )
    above_floor: Decimal = max(score * 100 / possible - floor, Decimal(0))
    deducted = possible * min(percent, above_floor) / 100
    return deducted.quantize(Decimal("0.01"), ROUND_HALF_UP)


def points_for_missing(
    policy: LatePolicy | None, *, points_possible: float | None, grading_type: str
) -> Decimal | None:
    """Return the points a policy gives missing work, or None when it leaves it ungraded."""
    if policy is None or not policy.missing_submission_deduction_enabled:
        return None
    if grading_type == "pass_fail":
        return Decimal(0)
    kept = 100 - Decimal(str(policy.missing_submission_deduction))
    return Decimal(str(points_possible or 0)) * kept / 100


def seconds_late(
    *,
    late_policy_status: str | None,
    seconds_late_override: float | None,
    submitted_at: datetime | None,
    due_at: datetime | None,
    is_quiz: bool,
) -> int:
    """Return by how many seconds work is late: the grader's word, else the clock's."""
    if late_policy_status == "late":
        return int(seconds_late_override or 0)
    if late_policy_status is not None or submitted_at is None or due_at is None:
        return 0
    grace = QUIZ_GRACE if is_quiz else timedelta(0)
    return max(0, int((submitted_at - grace - due_at).total_seconds()))
