"""Scores and grades: what a grader typed becomes points, and points become a grade's text.

Source: canvas-rest-api.md 7.2 (score_to_grade, entering a grade).
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

GRADING_TYPES = ("points", "percent", "letter_grade", "gpa_scale", "pass_fail", "not_graded")
SCHEME_TYPES = frozenset({"letter_grade", "gpa_scale"})

# Longer numbers are no grades: they would not fit a column of floating point numbers.
_PERCENT = re.compile(r"[+-]?\d{0,15}\.?\d{1,15}%")
_NUMBER = re.compile(r"[+-]?\d{0,15}\.?\d{1,15}")
_STEP = Decimal(1)
_FINE_STEP = Decimal("0.1")
_FINE_GAP = Decimal("1.5")


@dataclass(frozen=True, slots=True)
class Scheme:
    """A grading scheme: names with the percentage each begins at, highest first."""

    entries: tuple[tuple[str, Decimal], ...]

    def to_grade(self, percentage: Decimal) -> str:
        """Return the name of the range a percentage falls in; below all of them, the last."""
        rounded = percentage.quantize(Decimal("0.01"), ROUND_HALF_UP)
        return next((name for name, at in self.entries if rounded >= at), self.entries[-1][0])

    def to_percentage(self, grade: str) -> Decimal | None:
        """Return the percentage a name stands for: just below the next higher cutoff.

        The top name is 100 %. Unknown names are None; case does not matter.
        """
        wanted = grade.strip().lower()
        for index, (name, cutoff) in enumerate(self.entries):
            if name.lower() == wanted:
                if index == 0:
                    return Decimal(100)
                above = self.entries[index - 1][1]
                return above - (_STEP if above - cutoff >= _FINE_GAP else _FINE_STEP)
        return None


def make_scheme(entries: Sequence[tuple[str, Decimal]]) -> Scheme:
    """Build a scheme, putting its entries in order."""
    return Scheme(tuple(sorted(entries, key=lambda entry: entry[1], reverse=True)))


DEFAULT_SCHEME = make_scheme(
    [
        (name, Decimal(cutoff))
        for name, cutoff in (
            ("A", 94), ("A-", 90), ("B+", 87), ("B", 84), ("B-", 80), ("C+", 77),
            ("C", 74), ("C-", 70), ("D+", 67), ("D", 64), ("D-", 61), ("F", 0),
        )
    ]
)  # fmt: skip


def number_text(value: Decimal | float) -> str:
    """Write a number as Canvas does in a grade: whole numbers without decimals."""
    number = Decimal(str(value))
    if number == number.to_integral_value():
        return str(int(number))
    return format(number.normalize(), "f")


def percent_text(score: Decimal, points_possible: float | None) -> str:
    """Write a score as a percentage of what is possible, two decimals at most."""
    percentage = score
    if points_possible:
        percentage = _percentage(score, points_possible)
    return f"{number_text(percentage)}%"


def to_grade(
    score: Decimal | None,
    *,
    grading_type: str,
    points_possible: float | None,
    scheme: Scheme = DEFAULT_SCHEME,
    given: str | None = None,
) -> str | None:
    """Write a score as the grade its grading type shows.

    Args:
        score: Points; None has no grade.
        grading_type: One of `GRADING_TYPES`.
        points_possible: What the assignment is worth.
        scheme: Used by letter_grade and gpa_scale.
        given: What the grader typed: an assignment worth nothing has no other measure.
    """
    if score is None:
        return None
    has_points = bool(points_possible and points_possible > 0)
    match grading_type:
        case "percent":
            return percent_text(score, points_possible)
        case "pass_fail":
            passed = score > 0 if has_points else given in ("complete", "pass")
            return "complete" if passed else "incomplete"
        case "letter_grade" | "gpa_scale" if has_points:
            assert points_possible is not None  # noqa: S101 -- has_points says so
            return scheme.to_grade(score / Decimal(str(points_possible)) * 100)
        case "letter_grade" | "gpa_scale" if given:
            return given
        case "not_graded":
            return None
        case _:
            return number_text(score)


def parse_grade(
    text: str,
    *,
    grading_type: str,
    points_possible: float | None,
    scheme: Scheme = DEFAULT_SCHEME,
    prefer_points: bool = False,
) -> Decimal | None:
    """Read what a grader typed into points; blank and unreadable text are no score.

    Args:
        text: `n` is points, `n%` a percentage of what is possible, a name of the scheme the
            percentage just below the next higher one, pass/complete everything, fail/incomplete 0.
        grading_type: One of `GRADING_TYPES`; pass_fail keeps only all or nothing.
        points_possible: What the assignment is worth.
        scheme: Read by letter_grade and gpa_scale alone.
        prefer_points: A number is points even where the scheme has a name that looks like it.
    """
    grade = text.strip()
    if not grade or grading_type == "not_graded":
        return None
    possible = Decimal(str(points_possible or 0))
    points = _interpret(
        grade, possible, scheme if grading_type in SCHEME_TYPES else None, prefer_points
    )
    if points is None:
        return None
    if grading_type == "pass_fail" and points not in (possible, Decimal(0)):
        return None
    return points


def _interpret(
    grade: str, possible: Decimal, scheme: Scheme | None, prefer_points: bool
) -> Decimal | None:
    if _PERCENT.fullmatch(grade):
        return possible * Decimal(grade[:-1]) / 100
    is_number = _NUMBER.fullmatch(grade) is not None
    if scheme is not None and not (is_number and prefer_points):
        percentage = scheme.to_percentage(grade)
        if percentage is not None:
            return possible * percentage / 100
    if is_number:
        return Decimal(grade)
    match grade.lower():
        case "pass" | "complete":
            return possible
        case "fail" | "incomplete":
            return Decimal(0)
        case _:
            return None


def _percentage(score: Decimal, points_possible: float) -> Decimal:
    return (score / Decimal(str(points_possible)) * 100).quantize(Decimal("0.01"), ROUND_HALF_UP)
