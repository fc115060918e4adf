"""Every must of a sync service is proven by a wrong one: by the code, and by the published run."""

from pathlib import Path

from checks.support import ROOT
from homeroom.certify.requirement_set import Level, read_requirement_set
from homeroom.config import SubjectKind
from homeroom.features.subjects.mutants import MUTANTS

MATRIX = ROOT / "docs" / "mutants.md"


def musts() -> dict[str, str | None]:
    """Return the musts that bind a sync service, each with its reason for having no mutant."""
    binding = read_requirement_set().binding(SubjectKind.SYNC)
    return {each.id: each.no_mutant for each in binding if each.level is Level.MUST}


def published(path: Path = MATRIX, *, also_fails: bool = False) -> dict[str, set[str]]:
    """Return what caught each mutant when the matrix was made, by the mutant's name.

    With `also_fails`, what it failed besides stands among them.
    """
    lines = path.read_text(encoding="utf-8").splitlines()
    rows = [line.split("|") for line in lines if line.startswith("| ")][1:]
    told = slice(3, 5 if also_fails else 4)
    return {
        row[1].strip(): {id_.strip() for cell in row[told] for id_ in cell.split(",")} - {""}
        for row in rows
    }


def test_every_must_of_a_sync_service_is_named_by_a_mutant_or_says_why_not() -> None:
    named = {id_ for mutant in MUTANTS.values() for id_ in mutant.kills}
    told = musts()
    assert {id_ for id_, reason in told.items() if id_ not in named and not reason} == set()
    assert {id_ for id_, reason in told.items() if id_ in named and reason} == set()
    assert named - set(read_requirement_set().requirements) == set()


def test_every_must_of_a_sync_service_caught_a_mutant_in_the_published_matrix() -> None:
    caught = {id_ for ids in published().values() for id_ in ids}
    assert {id_ for id_, reason in musts().items() if id_ not in caught and not reason} == set()


def test_every_must_of_a_sync_service_alone_caught_a_mutant_or_says_why_it_cannot() -> None:
    alone = {id_ for ids in published(also_fails=True).values() if len(ids) == 1 for id_ in ids}
    excused = {id_ for id_, reason in musts().items() if reason}
    reasons = {each.id for each in read_requirement_set().requirements.values() if each.not_alone}
    assert set(musts()) - excused - alone == reasons


def test_published_matrix_tells_of_mutants_that_are_there_and_were_killed() -> None:
    rows = published()
    assert set(rows) - set(MUTANTS) == set()
    assert {name for name, ids in rows.items() if not ids & set(MUTANTS[name].kills)} == set()
