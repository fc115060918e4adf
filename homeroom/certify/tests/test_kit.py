"""The kit itself: every scenario is evidence for something, every requirement has evidence."""

from homeroom.certify.catalogue import read_catalogue
from homeroom.certify.requirement_set import read_requirement_set
from homeroom.certify.selection import of_kind
from homeroom.config import SubjectKind
from homeroom.features.subjects.mutants import MUTANTS


def test_no_requirement_and_no_scenario_is_an_orphan() -> None:
    assert read_requirement_set().orphans(read_catalogue()) == []


def test_sync_service_has_at_least_thirty_scenarios() -> None:
    assert len(of_kind(read_catalogue(), read_requirement_set(), SubjectKind.SYNC)) >= 30


def test_every_mutant_has_a_bug_and_requirements_that_exist_to_catch_it() -> None:
    known = set(read_requirement_set().requirements)
    wrong = {
        name
        for name, mutant in MUTANTS.items()
        if not (mutant.__doc__ and mutant.kills) or set(mutant.kills) - known
    }
    assert wrong == set()
