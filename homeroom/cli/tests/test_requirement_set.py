"""Requirement set and scenarios belong together; the document made of them is current."""

from pathlib import Path

import pytest

from homeroom.certify.catalogue import FEATURES, Scenario, read_catalogue
from homeroom.certify.requirement_set import RequirementSet, read_requirement_set
from homeroom.certify.selection import of_kind
from homeroom.config import SubjectKind
from homeroom.features.histories.registry import HISTORIES
from homeroom.features.limitations import AREAS, NOT_DONE, render_limitations
from homeroom.oracle.judge import REQUIREMENTS as ROSTER
from homeroom.oracle.judge_grades import REQUIREMENTS as GRADES

DOCUMENT = FEATURES.resolve().parent / "docs" / "limitations.md"


@pytest.fixture(scope="module")
def requirement_set() -> RequirementSet:
    return read_requirement_set()


@pytest.fixture(scope="module")
def catalogue() -> tuple[Scenario, ...]:
    return read_catalogue()


def test_no_requirement_and_no_scenario_is_an_orphan(
    requirement_set: RequirementSet, catalogue: tuple[Scenario, ...]
) -> None:
    assert requirement_set.orphans(catalogue) == []


def test_every_scenario_says_who_is_hurt_and_asks_one_thing(
    catalogue: tuple[Scenario, ...],
) -> None:
    silent = [each.id for each in catalogue if len(each.purpose) < 60]
    whens = [each.id for each in catalogue if sum(s.startswith("When") for s in each.steps) != 1]

    assert (silent, whens) == ([], [])


def test_every_scenario_of_a_history_runs_in_that_history_s_worker(
    requirement_set: RequirementSet, catalogue: tuple[Scenario, ...]
) -> None:
    groups: dict[str, set[str]] = {}
    for each in of_kind(catalogue, requirement_set, SubjectKind.SYNC):
        lived = [step.split('"')[1] for step in each.steps if "lived through" in step]
        nights = [tag for tag in each.tags if tag.startswith("night:")]
        assert len(nights) == len(lived) <= 1, each.id
        for history in lived:
            groups.setdefault(history, set()).update(nights)

    assert set(groups) == set(HISTORIES)
    assert {name for name, nights in groups.items() if len(nights) != 1} == set()


def test_every_finding_of_the_oracle_names_a_requirement_of_the_set(
    requirement_set: RequirementSet,
) -> None:
    named = {*ROSTER.values(), *GRADES.values()}

    assert named - set(requirement_set.requirements) == set()


def test_every_requirement_of_a_sync_service_has_its_place_in_the_document(
    requirement_set: RequirementSet,
) -> None:
    places, binding = (*AREAS, *NOT_DONE), requirement_set.binding(SubjectKind.SYNC)

    assert [each.id for each in binding if not each.id.startswith(places)] == []


@pytest.mark.skipif(not DOCUMENT.exists(), reason="an installed wheel has no docs folder")
def test_the_document_of_limitations_is_current(requirement_set: RequirementSet) -> None:
    made = render_limitations(requirement_set)

    assert Path(DOCUMENT).read_text(encoding="utf-8") == made, (
        "run: python -m homeroom.features.limitations > docs/limitations.md"
    )
