"""What a grader types becomes points, and points become a grade's text."""

from decimal import Decimal

import pytest

from homeroom.mocks.canvas.gradebook.grading import make_scheme, parse_grade, to_grade


@pytest.mark.parametrize(
    ("text", "points"),
    [
        ("13.5", "13.5"),
        ("-2", "-2"),
        ("50%", "10"),
        ("12.5%", "2.5"),
        ("25", "25"),
        ("complete", "20"),
        ("pass", "20"),
        ("fail", "0"),
        ("incomplete", "0"),
    ],
)
def test_what_is_typed_for_points_becomes_points(text: str, points: str) -> None:
    assert parse_grade(text, grading_type="points", points_possible=20.0) == Decimal(points)


@pytest.mark.parametrize("text", ["", "  ", "excellent", "B", "1/2", "--3"])
def test_blank_and_unknown_text_is_no_score(text: str) -> None:
    assert parse_grade(text, grading_type="points", points_possible=20.0) is None


@pytest.mark.parametrize(
    ("letter", "percent"),
    [("A", 100), ("a-", 93), ("B", 86), ("b-", 83), ("D-", 63), ("F", 60)],
)
def test_a_letter_is_just_below_the_next_higher_cutoff(letter: str, percent: int) -> None:
    points = parse_grade(letter, grading_type="letter_grade", points_possible=200.0)
    assert points == Decimal(2 * percent)


def test_a_narrow_range_gives_a_tenth_below_the_next() -> None:
    scheme = make_scheme([("hi", Decimal(91)), ("lo", Decimal(90)), ("none", Decimal(0))])
    points = parse_grade("lo", grading_type="letter_grade", points_possible=100.0, scheme=scheme)
    assert points == Decimal("90.9")


def test_a_number_that_the_scheme_names_is_points_only_when_preferred() -> None:
    scheme = make_scheme([("4", Decimal(90)), ("3", Decimal(50)), ("2", Decimal(0))])
    given = {"grading_type": "gpa_scale", "points_possible": 10.0, "scheme": scheme}
    assert parse_grade("3", **given) == Decimal("8.9")  # type: ignore[arg-type]  # plain keywords
    assert parse_grade("3", prefer_points=True, **given) == Decimal(3)  # type: ignore[arg-type]


@pytest.mark.parametrize(("text", "points"), [("20", 20), ("0", 0), ("complete", 20), ("7", None)])
def test_pass_fail_keeps_only_all_or_nothing(text: str, points: int | None) -> None:
    assert parse_grade(text, grading_type="pass_fail", points_possible=20.0) == points


@pytest.mark.parametrize(
    ("grading_type", "score", "grade"),
    [
        ("points", "13.5", "13.5"),
        ("points", "13.0", "13"),
        ("points", "0", "0"),
        ("points", "100", "100"),
        ("percent", "17.5", "87.5%"),
        ("percent", "20", "100%"),
        ("percent", "6.6666", "33.33%"),
        ("pass_fail", "20", "complete"),
        ("pass_fail", "0", "incomplete"),
        ("letter_grade", "18.8", "A"),
        ("letter_grade", "18.7", "A-"),
        ("gpa_scale", "12.2", "D-"),
        ("letter_grade", "0", "F"),
    ],
)
def test_points_become_the_grade_of_the_type(grading_type: str, score: str, grade: str) -> None:
    shown = to_grade(Decimal(score), grading_type=grading_type, points_possible=20.0)
    assert shown == grade


def test_no_score_has_no_grade() -> None:
    assert to_grade(None, grading_type="points", points_possible=20.0) is None


def test_a_letter_for_work_worth_nothing_is_shown_as_typed() -> None:
    shown = to_grade(Decimal(0), grading_type="letter_grade", points_possible=0.0, given="B")
    assert shown == "B"
