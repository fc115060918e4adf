"""What a first night would do to a Canvas as it is found. Pure.

Source: the Canvas reference of SIS imports, section 7: an object is known by its SIS id; a login
that another SIS id holds refuses the row; one that nobody's holds is adopted.
"""

from collections.abc import Mapping

import msgspec

from homeroom.reference.onboarding.matching import Pair, Standing

Rekeyed = frozenset[tuple[str, str]]


class KindForecast(msgspec.Struct, kw_only=True):
    """What would happen to one kind."""

    unchanged: int = 0
    updated: int = 0
    # Without an SIS id till then, and known by login.
    adopted: int = 0
    created: int = 0
    # Created though Canvas has it already under another SIS id, or perhaps has.
    duplicated: int = 0
    # Rows that Canvas would refuse: another SIS id holds the login.
    refused: int = 0
    moved: int = 0


class Forecast(msgspec.Struct, frozen=True, kw_only=True):
    """What would happen, by kind; seats of people whose row is refused fail with it."""

    kinds: dict[str, KindForecast]
    enrollments: int
    enrollments_refused: int


def forecast(
    pairs: Mapping[str, list[Pair]], seats: Mapping[str, int], *, rekeyed: Rekeyed
) -> Forecast:
    """Tell what a first night would do, after these re-keyings (type, new id)."""
    kinds: dict[str, KindForecast] = {}
    refused: set[str] = set()
    courses = {
        pair.wanted.sis_id: pair.held.id
        for pair in pairs["courses"]
        if pair.wanted and pair.held and _known(pair, rekeyed)
    }
    for kind, ours in pairs.items():
        kinds[kind] = told = KindForecast()
        holders = _logins(ours, rekeyed)
        for pair in ours:
            if pair.wanted is None:
                continue
            what = _of(pair, holders, rekeyed)
            if what in {"unchanged", "updated"} and _moves(pair, courses):
                told.moved += 1
            setattr(told, what, getattr(told, what) + 1)
            if what == "refused":
                refused.add(pair.wanted.sis_id)
    return Forecast(
        kinds=kinds,
        enrollments=sum(seats.values()),
        enrollments_refused=sum(seats.get(each, 0) for each in refused),
    )


def _known(pair: Pair, rekeyed: Rekeyed) -> bool:
    """Whether Canvas would know the object by its new SIS id."""
    if pair.wanted is None or pair.held is None:
        return False
    type_ = pair.kind.removesuffix("s")
    return not pair.rekeyed or (type_, pair.wanted.sis_id) in rekeyed


def _logins(pairs: list[Pair], rekeyed: Rekeyed) -> dict[str, str]:
    """Give who holds each login: an SIS id, or nothing where it is free to be adopted."""
    held: dict[str, str] = {}
    for pair in pairs:
        if pair.held is not None and pair.held.login:
            known = pair.wanted.sis_id if pair.wanted and _known(pair, rekeyed) else None
            held[pair.held.login.casefold()] = known or pair.held.sis_id
    return held


def _of(pair: Pair, holders: Mapping[str, str], rekeyed: Rekeyed) -> str:
    wanted = pair.wanted
    assert wanted is not None  # noqa: S101 - the caller leaves out what only Canvas has
    if _known(pair, rekeyed):
        return "updated" if set(pair.differs) - {"sis_id"} else "unchanged"
    login = wanted.login.casefold()
    if login and login in holders:
        return "refused" if holders[login] else "adopted"
    return "created" if pair.standing is Standing.NEW else "duplicated"


def _moves(pair: Pair, courses: Mapping[str, int]) -> bool:
    """Whether a section would leave the Canvas course it stands in."""
    if pair.kind != "sections" or pair.wanted is None or pair.held is None:
        return False
    return courses.get(pair.wanted.course) != pair.held.course
