"""Which scenarios a run is about: those of the kind of subject, narrowed by --only."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from pathlib import Path

from homeroom.certify.catalogue import FEATURES, REQUIREMENT_TAG, ROOT, Scenario
from homeroom.certify.requirement_set import RequirementSet
from homeroom.config import Need, SubjectKind


class SelectionError(Exception):
    """What was asked for selects nothing; the text names it."""


def of_kind(
    scenarios: Sequence[Scenario],
    requirement_set: RequirementSet,
    kind: SubjectKind,
    needs: Collection[Need] = (),
) -> list[Scenario]:
    """Return the scenarios that are evidence for a requirement which binds `kind`.

    Of the requirements that a scenario names it keeps those that bind.
    """
    binding = {requirement.id for requirement in requirement_set.binding(kind, needs)}
    return [
        replace(each, tags=tuple(tag for tag in each.tags if _binds(tag, binding)))
        for each in scenarios
        if binding.intersection(each.requirements)
    ]


def _binds(tag: str, binding: Collection[str]) -> bool:
    return not tag.startswith(REQUIREMENT_TAG) or tag.removeprefix(REQUIREMENT_TAG) in binding


def select(
    scenarios: Sequence[Scenario], only: Sequence[str], *, features: Path = FEATURES
) -> list[Scenario]:
    """Return the scenarios that any of `only` names, all where it is empty.

    Each word is a requirement's id or the beginning of several (`PRV-ENR`), a scenario's id or
    name, a feature file or a folder. Raises SelectionError where a word selects nothing.
    """
    if not only:
        return list(scenarios)
    chosen: set[str] = set()
    for word in only:
        named = [each.id for each in scenarios if _fits(each, word, features)]
        if not named:
            raise SelectionError(
                f"--only {word}: no scenario of this kind of subject has that requirement, id, "
                "name, file or folder; `homeroom certify --list` shows them"
            )
        chosen.update(named)
    return [each for each in scenarios if each.id in chosen]


def _fits(scenario: Scenario, word: str, features: Path) -> bool:
    if any(id_ == word or id_.startswith(f"{word}-") for id_ in scenario.requirements):
        return True
    if word in (scenario.id, scenario.id.removeprefix(f"{ROOT}/"), scenario.name):
        return True
    if scenario.id.startswith(f"{word}[") or scenario.id.endswith(f"::{word}"):
        return True
    asked = Path(word)
    if asked.is_absolute():
        try:
            asked = asked.resolve().relative_to(features.resolve())
        except ValueError:
            return False
    place = asked.as_posix().removeprefix("./").rstrip("/").removeprefix(f"{ROOT}/")
    mine = scenario.file.removeprefix(f"{ROOT}/")
    return place == ROOT or mine == place or mine.startswith(f"{place}/")
