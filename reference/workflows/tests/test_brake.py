"""When a night waits for a person."""

import pytest

from homeroom.reference.roster.plan import Counts, Losses, Plan
from homeroom.reference.settings import Service
from homeroom.reference.workflows.brake import crossed, lookalikes


@pytest.mark.parametrize(
    ("had", "gone", "held"),
    [
        (1000, 100, False),
        (1000, 101, True),
        (200, 20, False),
        (200, 21, True),
        (30, 20, False),
        (30, 21, True),
    ],
)
def test_a_kind_must_lose_both_a_share_and_a_number(had: int, gone: int, held: bool) -> None:
    losses = Losses(had={"users": had}, gone={"users": gone})
    reasons = [f"{gone} of {had} users would go"] if held else []
    assert crossed(losses, Service()) == reasons


@pytest.mark.parametrize(
    ("had", "gone", "held"), [(4, 4, False), (5, 2, False), (5, 3, True), (30, 15, False)]
)
def test_a_section_of_five_or_more_must_lose_more_than_half(
    had: int, gone: int, held: bool
) -> None:
    losses = Losses(students_had={"c-1": had}, students_gone={"c-1": gone})
    reasons = [f"{gone} of {had} students would leave section c-1"] if held else []
    assert crossed(losses, Service()) == reasons


def test_sections_made_anew_are_shown_as_evidence() -> None:
    def section(id_: str, name: str) -> dict[str, str]:
        return {"section_id": id_, "course_id": "k", "name": name}

    plan = Plan(run="1", now="", counts={"sections": Counts()})
    plan.changes = [
        {"kind": "sections", "act": "removed", "before": section("a", "P1"), "after": None},
        {"kind": "sections", "act": "added", "before": None, "after": section("z", "P1")},
        {"kind": "sections", "act": "added", "before": None, "after": section("y", "P2")},
    ]
    assert lookalikes(plan) == ["1 sections would go and come back under another id: a -> z"]
