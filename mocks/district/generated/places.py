"""Generated orgs, academic sessions and grading categories."""

from functools import cached_property

from homeroom.mocks.district.calendar import Session
from homeroom.mocks.district.catalogue import (
    CATEGORY_TITLES,
    LEVEL_WORD,
    PLACE_NAMES,
    place_name,
)
from homeroom.mocks.district.generated.table import GeneratedTable
from homeroom.mocks.district.generated.world import World
from homeroom.mocks.district.hashing import Permutation, below, draw, key
from homeroom.mocks.district.names import name_of, to_ascii
from homeroom.mocks.district.records import AcademicSession, Category, Org, OrgType, Record

DISTRICT = 0
"""Index of the district among the orgs; school s is org s + 1."""
FLORIDA_DISTRICTS = 67


def county_of(seed: int) -> str:
    """Return the county that a seed's district is named after: a common family name."""
    attempt = 0
    while True:
        name = name_of(0, key(seed, "county", attempt))
        if name.origin == "anglo" and name.family.isalpha():
            return name.family
        attempt += 1


def mail_domain(seed: int) -> str:
    """Return the district's mail domain, under a top-level domain that never exists."""
    return f"{to_ascii(county_of(seed))}k12.example"


class Orgs(GeneratedTable):
    """The district, then its schools."""

    def __init__(self, world: World) -> None:
        super().__init__(world, "orgs", world.orgs, 1 + len(world.plan.levels))

    @cached_property
    def _place_names(self) -> Permutation:
        return Permutation(PLACE_NAMES, key(self._world.seed, "places"))

    @cached_property
    def _rank_in_level(self) -> list[int]:
        seen: dict[int, int] = {}
        ranks: list[int] = []
        for level in self._plan.levels:
            ranks.append(seen.get(level, 0))
            seen[level] = ranks[-1] + 1
        return ranks

    def _record(self, index: int) -> Record:
        if index == DISTRICT:
            number = 1 + below(draw(key(self._world.seed, "number"), 0), FLORIDA_DISTRICTS)
            return Org(
                sourced_id=self.sourced_id(index),
                date_last_modified=self._entered(index),
                name=f"{county_of(self._world.seed)} County School District",
                type=OrgType.DISTRICT,
                identifier=f"{number:02d}",
                children=tuple(self.sourced_id(school) for school in range(1, len(self))),
            )
        school = index - 1
        place = place_name(self._place_names.forward(self._rank_in_level[school]))
        return Org(
            sourced_id=self.sourced_id(index),
            date_last_modified=self._entered(index),
            name=f"{place} {LEVEL_WORD[self._plan.levels[school]]}",
            type=OrgType.SCHOOL,
            identifier=f"{11 + 5 * school:04d}",
            parent=self.sourced_id(DISTRICT),
        )


class AcademicSessions(GeneratedTable):
    """The school year, its two semesters (type term) and its four quarters."""

    def __init__(self, world: World) -> None:
        super().__init__(world, "academicSessions", world.academic_sessions, len(world.sessions))

    def _record(self, index: int) -> Record:
        session: Session = self._world.sessions[index]
        children = (
            place for place, other in enumerate(self._world.sessions) if other.parent == index
        )
        return AcademicSession(
            sourced_id=self.sourced_id(index),
            date_last_modified=self._entered(index),
            title=session.title,
            type=session.type,
            start_date=session.begin.isoformat(),
            end_date=session.end.isoformat(),
            parent=None if session.parent is None else self.sourced_id(session.parent),
            children=tuple(self.sourced_id(place) for place in children),
            school_year=self._world.year.school_year,
        )


class Categories(GeneratedTable):
    """The district's grading categories: global ones, of no class."""

    def __init__(self, world: World) -> None:
        super().__init__(world, "categories", world.categories, len(CATEGORY_TITLES))

    def _record(self, index: int) -> Record:
        return Category(
            sourced_id=self.sourced_id(index),
            date_last_modified=self._entered(index),
            title=CATEGORY_TITLES[index],
        )
