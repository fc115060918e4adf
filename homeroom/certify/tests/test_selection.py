"""--only: what a word selects."""

from dataclasses import replace
from pathlib import Path

import pytest

from homeroom.certify.selection import SelectionError, select
from homeroom.certify.testing import a_scenario

ARRIVES = a_scenario("Arrives", "PRV-ENR-01")
ROW = a_scenario("Leaves on <day>[1-a]", "PRV-ENR-02")
GRADE = replace(
    a_scenario("Sent", "GPB-RES-01"),
    id="features/passback/results.feature::Sent",
    file="features/passback/results.feature",
)
ALL = [ARRIVES, ROW, GRADE]
FEATURES = Path("/somewhere/features")


@pytest.mark.parametrize(
    ("word", "names"),
    [
        ("PRV-ENR-01", ["Arrives"]),
        ("PRV", ["Arrives", "Leaves on <day>[1-a]"]),
        ("PRV-ENR", ["Arrives", "Leaves on <day>[1-a]"]),
        ("features/provisioning/enrollments.feature::Arrives", ["Arrives"]),
        ("provisioning/enrollments.feature::Arrives", ["Arrives"]),
        ("features/provisioning/enrollments.feature::Leaves on <day>", ["Leaves on <day>[1-a]"]),
        ("Arrives", ["Arrives"]),
        ("features/passback/results.feature", ["Sent"]),
        ("./features/passback/", ["Sent"]),
        ("passback", ["Sent"]),
        ("/somewhere/features/passback/results.feature", ["Sent"]),
        ("features", ["Arrives", "Leaves on <day>[1-a]", "Sent"]),
    ],
)
def test_a_word_selects_by_requirement_name_file_or_folder(word: str, names: list[str]) -> None:
    assert [each.name for each in select(ALL, [word], features=FEATURES)] == names


def test_words_add_up_in_the_order_of_the_catalogue() -> None:
    assert select(ALL, ["passback", "Arrives"], features=FEATURES) == [ARRIVES, GRADE]


def test_nothing_asked_selects_all() -> None:
    assert select(ALL, [], features=FEATURES) == ALL


@pytest.mark.parametrize(
    "word", ["PRV-EN", "GPB-RES-02", "nowhere", "/elsewhere/x.feature", "pass"]
)
def test_word_that_selects_nothing_is_named(word: str) -> None:
    with pytest.raises(SelectionError, match=f"--only {word}: "):
        select(ALL, ["Arrives", word], features=FEATURES)
