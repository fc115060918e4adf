"""The scenarios there are, read from the feature files themselves.

Read apart from the runner that executes them, so that a scenario the runner loses is noticed.
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gherkin.errors import CompositeParserException, ParserException
from gherkin.parser import Parser

REQUIREMENT_TAG = "req:"
ROOT = "features"

# The package's features folder; found by place, since a package may not import what imports it.
FEATURES = Path(__file__).resolve().parent.parent / ROOT


class CatalogueError(Exception):
    """The feature files cannot be read: a fault of the kit, never of the subject."""


@dataclass(frozen=True, kw_only=True)
class Scenario:
    """One scenario, or one row of an outline."""

    id: str
    """Such as `features/provisioning/withdrawals.feature::Name[row]`."""
    name: str
    feature: str
    """The feature's title."""
    file: str
    line: int
    tags: tuple[str, ...]
    """Of feature, rule and scenario, without `@`."""
    purpose: str
    """The feature's preamble: who is hurt when this breaks."""
    steps: tuple[str, ...]

    @property
    def requirements(self) -> tuple[str, ...]:
        """Ids of the requirements it is evidence for."""
        found = (
            tag.removeprefix(REQUIREMENT_TAG)
            for tag in self.tags
            if tag.startswith(REQUIREMENT_TAG)
        )
        return tuple(sorted(set(found)))


def scenario_id(file: str, name: str, row: Sequence[str] | None = None) -> str:
    """Return a scenario's id; `file` is relative to the features folder, with `/`."""
    return f"{ROOT}/{file}::{name}" + (f"[{'-'.join(row)}]" if row else "")


def read_catalogue(folder: Path = FEATURES) -> tuple[Scenario, ...]:
    """Return every scenario under `folder`, by file and line. Raises CatalogueError."""
    found: list[Scenario] = []
    for path in sorted(folder.rglob("*.feature")):
        found += _read_feature(path, path.relative_to(folder).as_posix())
    seen: dict[str, Scenario] = {}
    for scenario in found:
        if scenario.id in seen:
            raise CatalogueError(
                f"{scenario.file}:{scenario.line}: there are two scenarios {scenario.id}; "
                "rename one, or make the rows of its examples differ"
            )
        seen[scenario.id] = scenario
    return tuple(found)


def digest(features: Path) -> str:
    """Return the digest of all that scenarios plant: feature files, steps and their data."""
    whole = hashlib.sha256()
    for path in sorted(features.rglob("*")):
        if path.suffix in (".feature", ".py", ".yaml", ".json", ".csv") and path.is_file():
            content = path.read_bytes()
            whole.update(f"{path.relative_to(features).as_posix()}\0{len(content)}\0".encode())
            whole.update(content)
    return whole.hexdigest()


def _read_feature(path: Path, file: str) -> Iterator[Scenario]:
    try:
        document: Any = Parser().parse(path.read_text(encoding="utf-8"))
    except (CompositeParserException, ParserException, UnicodeDecodeError) as error:
        raise CatalogueError(f"{ROOT}/{file}: cannot be read: {error}") from error
    feature = document.get("feature")
    if feature is None:
        raise CatalogueError(f"{ROOT}/{file}: holds no feature")
    yield from _walk(feature["children"], feature, file, _tags(feature), ())


def _walk(
    children: Sequence[Mapping[str, Any]],
    feature: Mapping[str, Any],
    file: str,
    tags: tuple[str, ...],
    background: tuple[str, ...],
) -> Iterator[Scenario]:
    for child in children:
        if "background" in child:
            background = (*background, *_steps(child["background"]))
        elif "rule" in child:
            rule = child["rule"]
            yield from _walk(rule["children"], feature, file, (*tags, *_tags(rule)), background)
        elif "scenario" in child:
            yield from _rows(child["scenario"], feature, file, tags, background)


def _rows(
    scenario: Mapping[str, Any],
    feature: Mapping[str, Any],
    file: str,
    tags: tuple[str, ...],
    background: tuple[str, ...],
) -> Iterator[Scenario]:
    def make(
        row: Sequence[str] | None, names: Sequence[str], line: int, more: tuple[str, ...]
    ) -> Scenario:
        values = dict(zip(names, row or (), strict=True))
        if not any(step["keywordType"] == "Outcome" for step in scenario["steps"]):
            # A misspelt keyword turns steps into prose, and prose passes.
            raise CatalogueError(
                f"{ROOT}/{file}:{line}: the scenario {scenario['name']!r} has no Then step"
            )
        return Scenario(
            id=scenario_id(file, scenario["name"], row),
            name=_fill(scenario["name"], values),
            feature=feature["name"],
            file=f"{ROOT}/{file}",
            line=line,
            tags=tuple(dict.fromkeys((*tags, *_tags(scenario), *more))),
            purpose=" ".join(feature["description"].split()),
            steps=(*background, *(_fill(step, values) for step in _steps(scenario))),
        )

    examples = scenario.get("examples") or ()
    if not examples:
        yield make(None, (), scenario["location"]["line"], ())
    for table in examples:
        names = [cell["value"] for cell in table.get("tableHeader", {"cells": ()})["cells"]]
        for body in table.get("tableBody", ()):
            cells = [cell["value"] for cell in body["cells"]]
            yield make(cells, names, body["location"]["line"], _tags(table))


def _tags(node: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(tag["name"].removeprefix("@") for tag in node["tags"])


def _steps(node: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(f"{step['keyword'].strip()} {step['text']}" for step in node["steps"])


def _fill(text: str, values: Mapping[str, str]) -> str:
    for name, value in values.items():
        text = text.replace(f"<{name}>", value)
    return text
