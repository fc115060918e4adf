"""The grade calculator: a student's totals from scores, group weights and drop rules.

Source: canvas-rest-api.md 5.4. Pure arithmetic on decimals; nothing here knows of courses.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

_CENT = Decimal("0.01")
_NOTHING = Decimal(0)


@dataclass(frozen=True, slots=True)
class Mark:
    """One assignment of one student, as far as totals care.

    Excused, omitted, unpublished and invisible assignments are left out by the caller.
    """

    assignment_id: int
    group_id: int
    score: Decimal | None
    """None when ungraded, and when the grade is unposted and only posted ones count."""
    possible: Decimal


@dataclass(frozen=True, slots=True)
class GroupRules:
    """What an assignment group adds to the arithmetic."""

    weight: Decimal = Decimal(0)
    drop_lowest: int = 0
    drop_highest: int = 0
    never_drop: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Total:
    """A total: the percentage, or None where nothing counts, and the points behind it."""

    percentage: Decimal | None
    points: Decimal


def current_total(
    marks: Iterable[Mark], groups: Mapping[int, GroupRules], *, weighted: bool
) -> Total:
    """Return the total over graded work alone."""
    return _total([mark for mark in marks if mark.score is not None], groups, weighted)


def final_total(
    marks: Iterable[Mark], groups: Mapping[int, GroupRules], *, weighted: bool
) -> Total:
    """Return the total with ungraded work counted as nothing."""
    return _total(list(marks), groups, weighted)


def combine_periods(parts: Sequence[tuple[Decimal | None, Decimal]]) -> Decimal | None:
    """Combine the totals of weighted grading periods: (percentage, weight) of each.

    Periods without a total or weight are left out; weights below 100 are scaled up.
    """
    counted = [(value, weight) for value, weight in parts if value is not None and weight > 0]
    full = sum((weight for _, weight in counted), Decimal(0))
    if full == 0:
        return None
    total = sum((value * weight / 100 for value, weight in counted), Decimal(0))
    return to_cents(total * 100 / full if full < 100 else total)


def to_cents(value: Decimal) -> Decimal:
    """Round a percentage as Canvas does: two decimals, halves up."""
    return value.quantize(_CENT, ROUND_HALF_UP)


def _total(marks: list[Mark], groups: Mapping[int, GroupRules], weighted: bool) -> Total:
    by_group: dict[int, list[Mark]] = {}
    for mark in marks:
        by_group.setdefault(mark.group_id, []).append(mark)
    sums: list[tuple[Decimal, Decimal, Decimal]] = []
    for group_id, group_marks in sorted(by_group.items()):
        rules = groups.get(group_id, GroupRules())
        kept = drop(group_marks, rules)
        earned = sum((mark.score or _NOTHING for mark in kept), _NOTHING)
        possible = sum((mark.possible for mark in kept), _NOTHING)
        sums.append((earned, possible, rules.weight))
    points = sum((earned for earned, _, _ in sums), Decimal(0))
    return Total(_weighted(sums) if weighted else _plain(sums), points)


def _plain(sums: Sequence[tuple[Decimal, Decimal, Decimal]]) -> Decimal | None:
    earned = sum((earned for earned, _, _ in sums), Decimal(0))
    possible = sum((possible for _, possible, _ in sums), Decimal(0))
    return to_cents(earned * 100 / possible) if possible > 0 else None


def _weighted(sums: Sequence[tuple[Decimal, Decimal, Decimal]]) -> Decimal | None:
    relevant = [(earned, possible, weight) for earned, possible, weight in sums if possible > 0]
    full = sum((weight for _, _, weight in relevant), Decimal(0))
    if full == 0:
        return None
    total = sum((earned * weight / possible for earned, possible, weight in relevant), Decimal(0))
    return to_cents(total * 100 / full if full < 100 else total)


def drop(marks: Sequence[Mark], rules: GroupRules) -> list[Mark]:
    """Leave out the marks that a group's rules drop; at least one droppable mark stays.

    The lowest are those whose leaving lifts the group's percentage most, not simply the lowest
    percentages; the highest are then dropped from what is left in the same way.
    """
    if not rules.drop_lowest and not rules.drop_highest:
        return list(marks)
    kept = [mark for mark in marks if mark.assignment_id in rules.never_drop]
    droppable = sorted(
        (mark for mark in marks if mark.assignment_id not in rules.never_drop),
        key=lambda mark: mark.assignment_id,
    )
    if not droppable:
        return kept
    lowest = min(rules.drop_lowest, len(droppable) - 1)
    highest = rules.drop_highest if lowest + rules.drop_highest < len(droppable) else 0
    if not any(mark.possible > 0 for mark in droppable):
        ranked = sorted(droppable, key=lambda mark: mark.score or Decimal(0))
        return kept + ranked[lowest : len(ranked) - highest]
    droppable = _keep(droppable, kept, len(droppable) - lowest, best=True)
    return kept + _keep(droppable, kept, len(droppable) - highest, best=False)


def _keep(marks: Sequence[Mark], fixed: Sequence[Mark], count: int, *, best: bool) -> list[Mark]:
    """Choose the `count` marks that make the percentage, fixed marks included, best or worst.

    Whatever is chosen has some percentage q. The marks with the largest surpluses over q make a
    choice at least as good, so the percentage only improves from one choice to the next
    (Dinkelbach's method); when it stays, no choice is better. It takes a handful of rounds.
    """
    if count >= len(marks):
        return list(marks)
    sign = 1 if best else -1
    # To begin with, those worth most: their percentage exists.
    chosen = sorted(marks, key=lambda mark: mark.possible, reverse=True)[:count]
    reached = _ratio((*chosen, *fixed))
    while reached is not None:
        at = sign * reached
        # Ties are broken by assignment id, so that the same marks always give the same choice.
        better = sorted(
            marks,
            key=lambda mark: sign * (mark.score or _NOTHING) - at * mark.possible,
            reverse=True,
        )[:count]
        ratio = _ratio((*better, *fixed))
        if ratio is None or sign * ratio <= sign * reached:
            # Work worth nothing alone has no percentage: as good as it gets.
            return better if ratio is None else chosen
        chosen, reached = better, ratio
    return chosen


def _ratio(marks: Sequence[Mark]) -> Decimal | None:
    possible = sum((mark.possible for mark in marks), _NOTHING)
    if not possible:
        return None
    return sum((mark.score or _NOTHING for mark in marks), _NOTHING) / possible
