"""Families: whom a parent, guardian or relative belongs to, and where they may look on.

Canvas makes an observer's seats by itself, beside each of the student's, and takes them away with
the link. So a link is judged by its seats.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

from homeroom.config import Choices
from homeroom.oracle.canvas import EnrollmentType
from homeroom.oracle.feed import Feed, User
from homeroom.oracle.nights import Night
from homeroom.oracle.obligations import Key, Obligation
from homeroom.oracle.people import links, present, user_sis_id
from homeroom.oracle.places import ACTIVE
from homeroom.oracle.seats import ANY_STATE


def observer_seats(
    nights: Sequence[Night], seats: Iterable[Obligation], choices: Choices
) -> Iterator[Obligation]:
    """Yield where each family member must, may and must not look on; nothing without observers.

    Args:
        nights: Those that were applied, oldest first.
        seats: What the students' own seats must be after the last of them.
        choices: What the subject declared.
    """
    if not choices.observers:
        return
    now = links(nights[-1].feed)
    ever = dict.fromkeys(link for night in nights for link in sorted(links(night.feed)))
    people = {sourced_id: user for night in nights for sourced_id, user in night.feed.users.items()}
    taken: defaultdict[str, list[Obligation]] = defaultdict(list)
    for seat in seats:
        if seat.id[2] == EnrollmentType.STUDENT:
            taken[seat.id[1]].append(seat)
    permitted: dict[Key, frozenset[str]] = {}
    for link in ever:
        member, student = (_sis_id(people, each, choices) for each in link)
        if member is None or student is None:
            continue
        for seat in taken[student]:
            key = (seat.id[0], member, str(EnrollmentType.OBSERVER))
            states = _beside(seat) if link in now else _parted(nights[-1].feed, link)
            permitted[key] = _widest(permitted.get(key), states)
    yield from (Obligation("enrollment", key, states) for key, states in permitted.items())


def _beside(seat: Obligation) -> frozenset[str]:
    """Where the student must sit the observer must look on; elsewhere both are free."""
    return ACTIVE if seat.states == ACTIVE else ANY_STATE


def _parted(feed: Feed, link: tuple[str, str]) -> frozenset[str]:
    """Where nobody of a former family looks on; Canvas parts no link of an account that is shut."""
    people = (feed.users.get(each) for each in link)
    here = all(user is not None and present(feed, user) for user in people)
    return ANY_STATE - ACTIVE if here else ANY_STATE


def _widest(one: frozenset[str] | None, other: frozenset[str]) -> frozenset[str]:
    """Two children in a class: an active seat is right for either's sake."""
    if one is None:
        return other
    return ACTIVE if ACTIVE in (one, other) else one | other


def _sis_id(people: Mapping[str, User], sourced_id: str, choices: Choices) -> str | None:
    return user_sis_id(people[sourced_id], choices)
