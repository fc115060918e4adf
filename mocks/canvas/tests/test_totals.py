"""The grade calculator, against the arithmetic that Canvas documents and against brute force."""

from decimal import Decimal
from itertools import combinations

from hypothesis import given, settings
from hypothesis import strategies as st

from homeroom.mocks.canvas.gradebook.totals import (
    GroupRules,
    Mark,
    combine_periods,
    current_total,
    drop,
    final_total,
)


def mark(id_: int, score: float | None, possible: float = 10, group: int = 1) -> Mark:
    return Mark(
        assignment_id=id_,
        group_id=group,
        score=None if score is None else Decimal(str(score)),
        possible=Decimal(str(possible)),
    )


def test_current_is_over_graded_work_and_final_counts_the_rest_as_nothing() -> None:
    marks = [mark(1, 8), mark(2, 5), mark(3, None, 20)]
    assert current_total(marks, {}, weighted=False).percentage == Decimal("65.00")
    assert final_total(marks, {}, weighted=False).percentage == Decimal("32.50")


def test_nothing_to_count_is_no_total() -> None:
    assert current_total([mark(1, None)], {}, weighted=False).percentage is None
    assert current_total([mark(1, 5, 0)], {}, weighted=False).percentage is None
    assert final_total([], {}, weighted=True).percentage is None


def test_a_total_is_rounded_to_two_decimals_halves_up() -> None:
    assert current_total([mark(1, 1, 3)], {}, weighted=False).percentage == Decimal("33.33")
    assert current_total([mark(1, 0.12345, 1)], {}, weighted=False).percentage == Decimal("12.35")


def test_group_weights_count_and_groups_worth_nothing_are_skipped() -> None:
    groups = {
        1: GroupRules(weight=Decimal(60)),
        2: GroupRules(weight=Decimal(40)),
        3: GroupRules(weight=Decimal(50)),
    }
    marks = [mark(1, 9, 10, 1), mark(2, 10, 20, 2), mark(3, 1, 0, 3)]
    assert current_total(marks, groups, weighted=True).percentage == Decimal("74.00")


def test_weights_below_a_hundred_are_scaled_up() -> None:
    groups = {1: GroupRules(weight=Decimal(30)), 2: GroupRules(weight=Decimal(20))}
    marks = [mark(1, 10, 10, 1), mark(2, 5, 10, 2)]
    assert current_total(marks, groups, weighted=True).percentage == Decimal("80.00")


def test_weights_above_a_hundred_are_left_as_they_are() -> None:
    groups = {1: GroupRules(weight=Decimal(100)), 2: GroupRules(weight=Decimal(10))}
    marks = [mark(1, 10, 10, 1), mark(2, 10, 10, 2)]
    assert current_total(marks, groups, weighted=True).percentage == Decimal("110.00")


def test_the_lowest_is_the_one_whose_leaving_lifts_the_total_most() -> None:
    # 0/1 has the lower percentage, yet leaving out 50/100 lifts the total more.
    marks = [mark(1, 0, 1), mark(2, 50, 100), mark(3, 90, 100)]
    kept = drop(marks, GroupRules(drop_lowest=1))
    assert sorted(one.assignment_id for one in kept) == [1, 3]


def test_one_always_stays_and_what_must_never_drop_stays_too() -> None:
    marks = [mark(1, 1), mark(2, 2), mark(3, 3)]
    kept = drop(marks, GroupRules(drop_lowest=9))
    assert [one.assignment_id for one in kept] == [3]
    kept = drop(marks, GroupRules(drop_lowest=1, never_drop=frozenset({1})))
    assert sorted(one.assignment_id for one in kept) == [1, 3]


def test_dropping_the_highest_leaves_the_worst() -> None:
    kept = drop([mark(1, 1), mark(2, 9), mark(3, 5)], GroupRules(drop_highest=1))
    assert sorted(one.assignment_id for one in kept) == [1, 3]


def test_work_worth_nothing_is_dropped_by_its_score() -> None:
    marks = [mark(1, 3, 0), mark(2, 1, 0), mark(3, 2, 0)]
    kept = drop(marks, GroupRules(drop_lowest=1, drop_highest=1))
    assert [one.assignment_id for one in kept] == [3]


def test_excess_rules_give_up_dropping_the_highest() -> None:
    kept = drop([mark(1, 1), mark(2, 2)], GroupRules(drop_lowest=1, drop_highest=1))
    assert [one.assignment_id for one in kept] == [2]


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(0, 30), st.integers(1, 30)), min_size=2, max_size=7, unique=True
    ),
    st.integers(1, 3),
    st.booleans(),
)
def test_dropping_gives_the_best_or_the_worst_percentage_there_is(
    pairs: list[tuple[int, int]], count: int, lowest: bool
) -> None:
    marks = [mark(place, score, possible) for place, (score, possible) in enumerate(pairs, 1)]
    count = min(count, len(marks) - 1)
    keep = len(marks) - count

    def ratio(chosen: tuple[Mark, ...]) -> Decimal:
        earned = sum((one.score or Decimal(0) for one in chosen), Decimal(0))
        return earned / sum((one.possible for one in chosen), Decimal(0))

    wanted = (max if lowest else min)(ratio(chosen) for chosen in combinations(marks, keep))
    rules = GroupRules(drop_lowest=count) if lowest else GroupRules(drop_highest=count)
    kept = tuple(drop(marks, rules))
    assert (len(kept), ratio(kept)) == (keep, wanted)


def test_weighted_periods_combine_and_those_without_a_total_are_left_out() -> None:
    parts = [(Decimal(80), Decimal(50)), (Decimal(100), Decimal(25)), (None, Decimal(25))]
    assert combine_periods(parts) == Decimal("86.67")
    assert combine_periods([(None, Decimal(50))]) is None
