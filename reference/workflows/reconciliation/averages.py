"""A student's average, as Canvas computes it and as a SIS without Canvas's rules would. Pure.

Source: the Canvas assignment group rules (`drop_lowest`, `drop_highest`, `never_drop`) and weights.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal
from typing import NamedTuple

import msgspec

CENT = Decimal("0.01")
ROUNDS = 60
"""Halvings of the interval in which a best percentage lies: past any digit a score has."""


class Mark(NamedTuple):
    """A score that counts: points of a possible number, in one assignment."""

    assignment: str
    group: int
    points: Decimal
    possible: Decimal


class Group(msgspec.Struct, frozen=True, kw_only=True):
    """An assignment group's part in the arithmetic; `weight` in percent."""

    name: str = ""
    weight: Decimal = Decimal(0)
    drop_lowest: int = 0
    drop_highest: int = 0
    never_drop: frozenset[str] = frozenset()


def average(
    marks: Iterable[Mark],
    groups: Mapping[int, Group] | None = None,
    *,
    weighted: bool = False,
    drops: bool = False,
) -> Decimal | None:
    """Average marks in percent, two decimals, halves up; None where nothing counts.

    Args:
        marks: What counts; excused and ungraded work is left out by the caller.
        groups: The rules, by group id; needed for weights and drops.
        weighted: Weigh groups; weights of groups without marks are spread over the others.
        drops: Leave out what a group's rules drop.
    """
    by_group: defaultdict[int, list[Mark]] = defaultdict(list)
    for mark in marks:
        by_group[mark.group].append(mark)
    rules = {key: (groups or {}).get(key, Group()) for key in by_group}
    sums = {
        key: _sums(kept(theirs, rules[key]) if drops else theirs)
        for key, theirs in by_group.items()
    }
    if not weighted:
        return _percent(sum(p for p, _ in sums.values()), sum(m for _, m in sums.values()))
    counted = {key: (p, m) for key, (p, m) in sums.items() if m}
    full = sum(rules[key].weight for key in counted)
    if not full:
        return None
    total = sum((p * rules[key].weight / m for key, (p, m) in counted.items()), Decimal(0))
    return _cents(total * 100 / full if full < 100 else total)


def kept(marks: Sequence[Mark], group: Group) -> list[Mark]:
    """Leave out what a group drops: what lifts the group's percentage most, not the lowest score.

    One mark that may be dropped always stays; where both kinds of dropping would leave none, the
    highest are not dropped.
    """
    fixed = [mark for mark in marks if mark.assignment in group.never_drop]
    loose = [mark for mark in marks if mark.assignment not in group.never_drop]
    if not loose:
        return fixed
    lowest = min(group.drop_lowest, len(loose) - 1)
    highest = group.drop_highest if lowest + group.drop_highest < len(loose) else 0
    best = _choose(loose, fixed, len(loose) - lowest, sign=1)
    return fixed + _choose(best, fixed, len(best) - highest, sign=-1)


def _choose(marks: list[Mark], fixed: list[Mark], count: int, *, sign: int) -> list[Mark]:
    """Choose `count` marks for the highest percentage with `fixed`, or the lowest (`sign` -1).

    Some choice reaches the share q exactly if those with the largest surpluses over q do; the
    largest such q is found by halving.
    """
    if count >= len(marks):
        return marks

    def chosen(share: Decimal) -> list[Mark]:
        surplus = [sign * (mark.points - share * mark.possible) for mark in marks]
        order = sorted(range(len(marks)), key=lambda at: (-surplus[at], at))
        return [marks[at] for at in order[:count]]

    possible = [mark for mark in marks if mark.possible]
    if not possible:
        return chosen(Decimal(0))
    top = max(mark.points / mark.possible for mark in (*possible, *filter(_worth, fixed)))
    low, high = Decimal(0), top + sum(mark.points for mark in marks) + 1
    for _ in range(ROUNDS):
        middle = (low + high) / 2
        points, worth = _sums([*fixed, *chosen(middle)])
        reached = points >= middle * worth if sign > 0 else points > middle * worth
        low, high = (middle, high) if reached else (low, middle)
    return chosen(low if sign > 0 else high)


def _worth(mark: Mark) -> bool:
    return bool(mark.possible)


def _sums(marks: Iterable[Mark]) -> tuple[Decimal, Decimal]:
    points = possible = Decimal(0)
    for mark in marks:
        points, possible = points + mark.points, possible + mark.possible
    return points, possible


def _percent(points: Decimal | int, possible: Decimal | int) -> Decimal | None:
    return _cents(Decimal(points) * 100 / Decimal(possible)) if possible else None


def _cents(value: Decimal) -> Decimal:
    return value.quantize(CENT, ROUND_HALF_UP)
