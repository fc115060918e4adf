"""The catalogue: read from feature files, apart from the runner."""

from pathlib import Path

import pytest

from homeroom.certify.catalogue import CatalogueError, Scenario, read_catalogue

FEATURE = """
@provisioning @req:PRV-ENR-07
Feature: Leavers keep their grades

  Teachers need them
  until the year ends.

  Background:
    Given a school

  Scenario: One leaves
    When the roster is synced
    Then it is so

  Rule: Rows

    Background:
      Given a class

    @req:PRV-ENR-08 @night:first
    Scenario Outline: A <role> leaves
      When the <role> leaves
      Then it is so
      Examples:
        | role    | day |
        | student | 1   |
        | teacher | 2   |
"""


def write(folder: Path, text: str, name: str = "leavers.feature") -> Path:
    (folder / "provisioning").mkdir(exist_ok=True)
    (folder / "provisioning" / name).write_text(text)
    return folder


def test_scenarios_and_rows_are_found_with_tags_and_steps(tmp_path: Path) -> None:
    first, second, third = read_catalogue(write(tmp_path, FEATURE))
    assert first == Scenario(
        id="features/provisioning/leavers.feature::One leaves",
        name="One leaves",
        feature="Leavers keep their grades",
        file="features/provisioning/leavers.feature",
        line=11,
        tags=("provisioning", "req:PRV-ENR-07"),
        purpose="Teachers need them until the year ends.",
        steps=("Given a school", "When the roster is synced", "Then it is so"),
    )
    assert second.id == "features/provisioning/leavers.feature::A <role> leaves[student-1]"
    assert second.name == "A student leaves"
    assert second.requirements == ("PRV-ENR-07", "PRV-ENR-08")
    assert second.steps == (
        "Given a school",
        "Given a class",
        "When the student leaves",
        "Then it is so",
    )
    assert third.line == 27


def test_two_scenarios_of_one_name_are_refused(tmp_path: Path) -> None:
    text = "Feature: F\n  Scenario: S\n    Then a\n  Scenario: S\n    Then b\n"
    with pytest.raises(CatalogueError, match=r"leavers\.feature:4: there are two scenarios"):
        read_catalogue(write(tmp_path, text))


@pytest.mark.parametrize("text", ["", "nonsense", "Feature: F\n  Scenario: S\n    Wenn x\n"])
def test_file_that_is_no_feature_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(CatalogueError, match=r"features/provisioning/leavers\.feature:"):
        read_catalogue(write(tmp_path, text))
