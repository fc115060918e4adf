"""The requirement set: versioned data in features/requirements, read strictly, hashed canonically.

`set.yaml` holds `id` and `version`; every other file a list `requirements` of the fields of
`Requirement`.
"""

import hashlib
from collections.abc import Collection, Iterable, Mapping
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, TypeVar

import msgspec
import yaml

from homeroom.certify.catalogue import FEATURES, Scenario
from homeroom.config import Need, Rules, SubjectKind

FOLDER = FEATURES / "requirements"
SET_FILE = "set.yaml"

_T = TypeVar("_T")
# Ten times as fast where PyYAML was built with libyaml.
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
Text = Annotated[str, msgspec.Meta(min_length=1)]
RequirementId = Annotated[str, msgspec.Meta(pattern=r"^[A-Z]{2,4}(-[A-Z0-9]{2,8})+$")]


class RequirementSetError(Exception):
    """The requirement set cannot be used: a fault of the kit, never of the subject."""


class Level(StrEnum):
    """Whether a requirement decides the verdict by itself, or only under --strict."""

    MUST = "must"
    SHOULD = "should"


class Evidence(StrEnum):
    """How sure we are of the fact behind a requirement."""

    DOCUMENTED = "documented"
    FROM_SOURCE = "from-source"
    REPORTED = "reported"
    INFERRED = "inferred"


class Requirement(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One thing a subject must or should do, why, and by whose word."""

    id: RequirementId
    title: Text
    level: Level
    subject: tuple[SubjectKind, ...]
    """The kinds of subject it binds."""
    text: Text
    source: Text
    """Document and section, or the address, that says so."""
    evidence: Evidence
    consequence: Text
    """Who is hurt when it fails, in a superintendent's words."""
    remedy: Text
    """Where an engineer starts."""
    rules: Rules = Rules.AS_DOCUMENTED
    """`homeroom-safe`: what we propose beyond the documents, obligatory only for who chose it."""
    need: Need | None = None
    """The consumer whose need it is: it binds only those who asked to be held against it."""
    exception: str | None = None
    """How a subject may be excused, where that is not just a waiver."""
    untested: str | None = None
    """Why it has no scenario, where it has none."""
    no_mutant: str | None = None
    """Why no wrong subject can be made that fails it, where none is there."""
    not_alone: str | None = None
    """Why no wrong subject can be made that fails it and nothing else, where there are others."""

    def level_under(self, rules: Rules) -> Level:
        """Return its level for a subject that chose `rules`."""
        if self.rules is Rules.HOMEROOM_SAFE and rules is not Rules.HOMEROOM_SAFE:
            return Level.SHOULD
        return self.level


class _Set(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    id: Text
    version: Text


class _File(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    requirements: tuple[Requirement, ...]


class RequirementSet(msgspec.Struct, frozen=True, kw_only=True):
    """All requirements of one version, by id, and the digest by which two runs can be compared."""

    id: str
    version: str
    sha256: str
    requirements: Mapping[str, Requirement]

    def binding(self, kind: SubjectKind, needs: Collection[Need] = ()) -> list[Requirement]:
        """Return the requirements that bind a kind of subject with those needs, by id."""
        return [
            each
            for each in self.requirements.values()
            if kind in each.subject and (each.need is None or each.need in needs)
        ]

    def orphans(self, scenarios: Iterable[Scenario]) -> list[str]:
        """Say which scenarios name no known requirement, which requirements have no scenario."""
        told: list[str] = []
        proven: set[str] = set()
        for scenario in scenarios:
            if not scenario.requirements:
                told.append(f"{scenario.id} has no @req: tag")
            told += [
                f"{scenario.id} names the unknown requirement {id_}"
                for id_ in scenario.requirements
                if id_ not in self.requirements
            ]
            proven.update(scenario.requirements)
        for requirement in self.requirements.values():
            if requirement.id not in proven and not requirement.untested:
                told.append(f"{requirement.id} has no scenario and no reason in `untested`")
            if requirement.id in proven and requirement.untested:
                told.append(f"{requirement.id} has a scenario and says it is untested")
        return told


def read_requirement_set(folder: Path = FOLDER) -> RequirementSet:
    """Read the set of `folder`; raises RequirementSetError naming file, field and value."""
    set_ = _convert(folder / SET_FILE, _Set)
    found: dict[str, tuple[Requirement, Path]] = {}
    for path in sorted(folder.glob("*.yaml")):
        if path.name == SET_FILE:
            continue
        for requirement in _convert(path, _File).requirements:
            if requirement.id in found:
                other = found[requirement.id][1].name
                raise RequirementSetError(f"{path.name}: {requirement.id} stands in {other} too")
            found[requirement.id] = requirement, path
    requirements = {id_: found[id_][0] for id_ in sorted(found)}
    canonical = msgspec.json.encode(
        {"id": set_.id, "version": set_.version, "requirements": list(requirements.values())},
        order="sorted",
    )
    return RequirementSet(
        id=set_.id,
        version=set_.version,
        sha256=hashlib.sha256(canonical).hexdigest(),
        requirements=requirements,
    )


def _convert(path: Path, type_: type[_T]) -> _T:
    try:
        raw: Any = yaml.load(path.read_text(encoding="utf-8"), Loader=_LOADER)  # noqa: S506 -- a safe one
    except FileNotFoundError:
        raise RequirementSetError(f"{path}: there is no such file") from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise RequirementSetError(f"{path.name}: is no YAML: {error}") from error
    try:
        return msgspec.convert(_one_subject_as_list(raw), type_)
    except msgspec.ValidationError as error:
        raise RequirementSetError(f"{path.name}: {error}") from error


def _one_subject_as_list(raw: Any) -> Any:
    """Let `subject: sync` stand for `subject: [sync]`."""
    for requirement in raw.get("requirements") or () if isinstance(raw, dict) else ():
        if isinstance(requirement, dict) and isinstance(requirement.get("subject"), str):
            requirement["subject"] = [requirement["subject"]]
    return raw
