"""When a night waits for a person."""

import pytest

from homeroom.reference.roster.plan import Losses
from homeroom.reference.settings import Service
from homeroom.reference.workflows.brake import Live, count_records, crossed


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


def test_a_kind_may_have_thresholds_of_its_own() -> None:
    losses = Losses(had={"users": 100, "sections": 100}, gone={"users": 6, "sections": 6})
    service = Service(brake_shares={"users": 0.05}, brake_floors={"users": 5, "sections": 5})
    assert crossed(losses, service) == ["6 of 100 users would go"]


def test_lost_orgs_and_courses_are_counted_by_id() -> None:
    losses = Losses()
    had: Live = {"courses": [f"c-{n}" for n in range(40)], "orgs": ["s-1", "s-2"]}
    live: Live = {"courses": [f"c-{n}" for n in range(15, 60)], "orgs": ["s-1", "s-2", "s-3"]}
    count_records(losses, had, live)
    assert (losses.had, losses.gone) == ({"courses": 40, "orgs": 2}, {"courses": 15, "orgs": 0})
    assert crossed(losses, Service(brake_floor=10)) == ["15 of 40 courses would go"]
