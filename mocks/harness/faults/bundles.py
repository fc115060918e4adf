"""Named bundles of fault rules, as files: ours, and anybody's."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import yaml

from homeroom.mocks.harness.faults.acts import ACTS, CHOICES
from homeroom.mocks.harness.faults.book import FaultBook
from homeroom.mocks.harness.faults.rule import FaultRule, FaultRuleError, nearest, parse_rule

FOLDER = Path(__file__).with_name("bundles")


@dataclass(frozen=True)
class Bundle:
    """Rules that are added together."""

    name: str
    about: str
    rules: tuple[Mapping[str, Any], ...]

    def parse(self, book: FaultBook, operations: Mapping[str, Collection[str]]) -> list[FaultRule]:
        """Read every rule, for `book`; raises FaultRuleError that names the rule."""
        parsed: list[FaultRule] = []
        for number, rule in enumerate(self.rules, 1):
            try:
                parsed.append(
                    parse_rule(
                        rule,
                        default_id=f"{self.name}-{number}",
                        operations=operations,
                        acts=ACTS,
                        choices=CHOICES,
                    )
                )
            except FaultRuleError as error:
                raise FaultRuleError(f"bundle {self.name}, rule {number}: {error}") from None
        taken = [rule.id for rule in parsed if book.find(rule.id) is not None]
        if taken:
            raise FaultRuleError(f"bundle {self.name}: {', '.join(taken)} stands already")
        return parsed


def list_bundles() -> list[Bundle]:
    """Return the bundles that come with Homeroom, by name."""
    return [read_bundle(path) for path in sorted(FOLDER.glob("*.yaml"))]


def find_bundle(what: str) -> Bundle:
    """Return the bundle of a name, or of a YAML or JSON file's path; raises FaultRuleError."""
    path = FOLDER / f"{what}.yaml"
    if path.parent == FOLDER and path.is_file():
        return read_bundle(path)
    if Path(what).suffix in (".yaml", ".yml", ".json"):
        return read_bundle(Path(what))
    names = [path.stem for path in FOLDER.glob("*.yaml")]
    raise FaultRuleError(f"bundle: {what!r} is unknown; {nearest(what, names)}")


def read_bundle(path: Path) -> Bundle:
    """Read a bundle's file: `rules`, and what it is `about`; raises FaultRuleError."""
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise FaultRuleError(f"{path}: cannot be read ({error})") from None
    except yaml.YAMLError as error:
        raise FaultRuleError(f"{path}: is no YAML: {error}") from None
    if not isinstance(content, dict):
        raise FaultRuleError(f"{path}: is no object with `rules`")
    document = cast("dict[str, Any]", content)
    if unknown := sorted(document.keys() - {"about", "rules"}):
        raise FaultRuleError(f"{path}: {', '.join(unknown)} is unknown; known: about, rules")
    rules: Any = document.get("rules")
    if not isinstance(rules, list) or not rules:
        raise FaultRuleError(f"{path}: rules: is no list of rules")
    for number, rule in enumerate(rules, 1):
        if not isinstance(rule, dict):
            raise FaultRuleError(f"{path}: rule {number} is no object")
    return Bundle(path.stem, str(document.get("about", "")), tuple(rules))
