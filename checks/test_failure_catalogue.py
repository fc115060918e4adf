"""docs/failure-catalogue.md leads to requirements that have scenarios, and to checks there are."""

import ast
import re
from collections.abc import Iterator
from typing import NamedTuple

import pytest

from checks.support import ROOT, SHARED_DATA
from homeroom.certify.requirement_set import read_requirement_set

TABLE = ROOT / "docs" / "failure-catalogue.md"
FACTS = SHARED_DATA.parent / "facts" / "instructure-focus-integration.md"


class Entry(NamedTuple):
    """A row of the table."""

    number: int
    requirements: list[str]
    checks: list[str]


def entries() -> Iterator[Entry]:
    """Yield the table's rows."""
    for line in TABLE.read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if line.startswith("| ") and cells[0].isdecimal():
            ids = [id_.strip() for id_ in cells[2].split(",")]
            yield Entry(int(cells[0]), ids, re.findall(r"`([^`]+)`", cells[3]))


def names_in(file: str) -> set[str]:
    """Return the names of a file's test functions."""
    tree = ast.parse((ROOT / file).read_text(encoding="utf-8"))
    return {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}


def test_every_entry_leads_to_requirements_and_checks_that_are_there() -> None:
    known = read_requirement_set().requirements
    for entry in entries():
        assert [id_ for id_ in entry.requirements if id_ not in known] == [], entry.number
        for check in entry.checks:
            file, _, name = check.partition("::")
            assert name in names_in(file), f"{entry.number}: {check}"


def test_what_no_scenario_proves_is_checked_or_explained() -> None:
    known = read_requirement_set().requirements
    text = TABLE.read_text(encoding="utf-8")
    listed = re.findall(r"(?m)^- \*\*([\d, ]+)\.\*\* ", text)
    explained = {int(number) for numbers in listed for number in numbers.split(",")}
    for entry in entries():
        proven = any(not known[id_].untested for id_ in entry.requirements)
        assert proven or entry.checks or entry.number in explained, entry.number


def test_every_entry_of_the_facts_has_its_row() -> None:
    if not FACTS.exists():
        pytest.skip("the facts are not beside this checkout")
    _, _, section = FACTS.read_text(encoding="utf-8").partition("## 8. ")
    numbers = re.findall(r"(?m)^(\d+)\. \*\*", section.partition("\n## ")[0])
    assert [entry.number for entry in entries()] == [int(number) for number in numbers]
