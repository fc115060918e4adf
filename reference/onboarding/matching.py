"""Which object of Canvas is which of the feed. Pure.

Keys are tried in an order of trust; the first that finds anything decides. A key that finds
several, or one that something else of the feed finds too, decides nothing: a person must.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from enum import StrEnum

import msgspec

from homeroom.reference.onboarding.holdings import Holding


class Standing(StrEnum):
    """What became of an object."""

    MATCHED = "matched"
    CHANGED = "changed"
    NEW = "new"
    ORPHANED = "orphaned"
    AMBIGUOUS = "ambiguous"


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """One object as the first night would bring it."""

    kind: str
    sis_id: str
    # The sourcedId of its record: reports name it, since an SIS id may be an e-mail address.
    source: str = ""
    name: str = ""
    login: str = ""
    email: str = ""
    # Other ids that the feed knows it by: an earlier integration may have used them.
    others: tuple[str, ...] = ()
    # SIS id of the course a section would stand in.
    course: str = ""


class Pair(msgspec.Struct, frozen=True, kw_only=True):
    """An object of the feed, of Canvas, or of both, and how they found each other."""

    kind: str
    standing: Standing
    wanted: Wanted | None = None
    held: Holding | None = None
    key: str = ""
    # Fields that differ.
    differs: tuple[str, ...] = ()
    # Canvas ids among which a person has to choose.
    candidates: tuple[int, ...] = ()

    @property
    def rekeyed(self) -> bool:
        """Whether the two are the same but for the SIS id."""
        return bool(self.wanted and self.held and self.wanted.sis_id != self.held.sis_id)


# Namesakes are common: a name alone never makes two people one.
WEAK = frozenset({("users", "name")})
Index = Mapping[str, list[Holding]]
Find = Callable[[Wanted], list[Holding]]


def match(
    kind: str,
    wanted: list[Wanted],
    held: list[Holding],
    hints: Mapping[str, Iterable[int]] | None = None,
) -> list[Pair]:
    """Match all objects of a kind.

    Args:
        kind: The kind.
        wanted: What the feed brings, each SIS id once.
        held: What Canvas has.
        hints: By SIS id, the Canvas ids that something else speaks for: sections for courses.

    Returns:
        One pair for each object of the feed, and one for each of Canvas that none of them took.
    """
    finds = _finds(held, frozenset(_plain(one.sis_id) for one in wanted), hints)
    found = {one.sis_id: _first(one, finds) for one in wanted}
    claims = Counter(hits[0].id for _, hits in found.values() if len(hits) == 1)
    pairs: list[Pair] = []
    for one in wanted:
        key, hits = found[one.sis_id]
        # The same SIS id is the same object, whoever else looks like it.
        sure = key == "sis_id" and len(hits) == 1
        if not hits:
            pairs.append(Pair(kind=kind, standing=Standing.NEW, wanted=one))
        elif sure or (len(hits) == 1 and claims[hits[0].id] == 1 and (kind, key) not in WEAK):
            pairs.append(_pair(kind, one, hits[0], key))
        else:
            rivals = tuple(sorted(hit.id for hit in hits))
            pairs.append(
                Pair(
                    kind=kind,
                    standing=Standing.AMBIGUOUS,
                    wanted=one,
                    key=key,
                    candidates=rivals,
                )
            )
    taken = {pair.held.id for pair in pairs if pair.held}
    taken |= {id_ for pair in pairs for id_ in pair.candidates}
    pairs += [
        Pair(kind=kind, standing=Standing.ORPHANED, held=one) for one in held if one.id not in taken
    ]
    return pairs


def course_hints(sections: Iterable[Pair]) -> dict[str, set[int]]:
    """Let sections say which Canvas course is which: the one that all of a course's stand in."""
    hints: defaultdict[str, set[int]] = defaultdict(set)
    for pair in sections:
        if pair.wanted and pair.held:
            hints[pair.wanted.course].add(pair.held.course)
    return hints


def _pair(kind: str, wanted: Wanted, held: Holding, key: str) -> Pair:
    differs = [
        field
        for field in ("sis_id", "name", "login", "email")
        if getattr(wanted, field) and _plain(getattr(wanted, field)) != _plain(getattr(held, field))
    ]
    standing = Standing.CHANGED if differs else Standing.MATCHED
    return Pair(
        kind=kind, standing=standing, wanted=wanted, held=held, key=key, differs=tuple(differs)
    )


def _first(one: Wanted, finds: list[tuple[str, Find]]) -> tuple[str, list[Holding]]:
    return next(((key, hits) for key, find in finds if (hits := find(one))), ("", []))


def _finds(
    held: list[Holding], ours: frozenset[str], hints: Mapping[str, Iterable[int]] | None
) -> list[tuple[str, Find]]:
    """Give the keys in their order; what has an SIS id of the feed is found by that alone."""
    sis, free = _index(held, "sis_id"), [one for one in held if _plain(one.sis_id) not in ours]
    login, email, integration, name = (
        _index(free, field) for field in ("login", "email", "integration_id", "name")
    )
    other = _index(free, "sis_id")
    by_number = {one.id: one for one in free}

    def hinted(one: Wanted) -> list[Holding]:
        return [by_number[id_] for id_ in (hints or {}).get(one.sis_id, ()) if id_ in by_number]

    return [
        ("sis_id", lambda one: _get(sis, one.sis_id)),
        ("login", lambda one: _get(login, one.login)),
        ("email", lambda one: _get(email, one.email)),
        (
            "integration_id",
            lambda one: _any(integration, (one.sis_id, *one.others)),
        ),
        ("other_id", lambda one: _any(other, one.others)),
        ("sections", hinted),
        ("name", lambda one: _get(name, one.name)),
    ]


def _index(held: Iterable[Holding], field: str) -> Index:
    index: defaultdict[str, list[Holding]] = defaultdict(list)
    for one in held:
        if value := _plain(getattr(one, field)):
            index[value].append(one)
    return index


def _get(index: Index, value: str) -> list[Holding]:
    return index.get(_plain(value), []) if value else []


def _any(index: Index, values: Iterable[str]) -> list[Holding]:
    hits = {hit.id: hit for value in values for hit in _get(index, value)}
    return list(hits.values())


def _plain(text: str) -> str:
    return " ".join(text.split()).casefold()
