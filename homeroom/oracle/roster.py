"""Expected: what Canvas must hold after the last of some nights."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import tzinfo

from homeroom.config import Choices, DepartedStatus
from homeroom.oracle.canvas import DELETED
from homeroom.oracle.families import observer_seats
from homeroom.oracle.nights import Act, ActKind, Night, acts_so_far
from homeroom.oracle.obligations import NEW_YORK, Key, Obligation, Obligations
from homeroom.oracle.people import changed_ids, users
from homeroom.oracle.places import accounts, placements, sections, terms
from homeroom.oracle.seats import enrollments


def expected(nights: Sequence[Night], choices: Choices, *, zone: tzinfo = NEW_YORK) -> Obligations:
    """Compute the obligations after the last night from all that happened up to it.

    Args:
        nights: Oldest first. Those that were not applied (held, failed) leave no trace, except
            that people's acts before them stand.
        choices: What the subject declared; where it had none to make, nothing here varies.
        zone: The district's time zone: feeds have dates, Canvas has instants.

    Returns:
        One obligation for each object that was ever served, each with all states that a right
        service could have left it in.
    """
    applied = _applied(nights)
    added = acts_so_far(tuple(nights), ActKind.ADDED)
    ours = frozenset((key[0], key[1:-1]) for key in added)
    if not applied:
        return Obligations(ours=ours)
    places = [*sections(applied, choices, zone), *users(applied, choices)]
    optional = {(each.kind, *each.id) for each in places if not each.required}
    seats = list(enrollments(applied, choices, zone))
    seats.extend(observer_seats(applied, seats, choices))
    objects = [
        *accounts(applied),
        *terms(applied, choices, zone),
        *places,
        *(_as_optional_as(optional, each) for each in seats),
    ]
    return Obligations(
        objects={(each.kind, each.id): each for each in objects},
        placements={each.section: each for each in placements(applied, choices, zone)},
        ours=ours,
        # Where those who left keep an open account, so may whoever seems to have left.
        one_person=(
            {} if choices.departed_users is DepartedStatus.KEPT else changed_ids(applied, choices)
        ),
    )


def _as_optional_as(optional: Collection[Key], seat: Obligation) -> Obligation:
    """Permit that there is no seat where a right service may have refused its section or person."""
    section, user, _ = seat.id
    if ("section", section) in optional or ("user", user) in optional:
        return replace(seat, states=seat.states | {DELETED})
    return seat


def _applied(nights: Sequence[Night]) -> tuple[Night, ...]:
    """Leave out the nights that changed nothing; what people did before them still counts."""
    kept: list[Night] = []
    waiting: tuple[Act, ...] = ()
    for night in nights:
        if night.applied:
            kept.append(replace(night, acts=(*waiting, *night.acts)))
            waiting = ()
        else:
            waiting += night.acts
    return tuple(kept)
