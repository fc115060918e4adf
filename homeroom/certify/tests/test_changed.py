"""What `certify --changed` chooses: what broke and what is new, then the most for the time."""

from dataclasses import replace

import msgspec

from homeroom.certify.catalogue import Scenario
from homeroom.certify.changed import Changed, choose
from homeroom.certify.outcomes import Outcome
from homeroom.certify.results import Results
from homeroom.certify.testing import a_result, a_scenario, some_results


def of_night(night: str, name: str, *requirements: str) -> Scenario:
    scenario = a_scenario(name, *requirements)
    return replace(scenario, tags=(*scenario.tags, f"night:{night}"))


ALL = [
    of_night("opening", "A", "PRV-ENR-01"),
    of_night("opening", "B", "PRV-ENR-02"),
    of_night("dirty", "C", "PRV-ENR-01"),
    of_night("slow", "D", "PRV-ENR-03"),
    a_scenario("E", "PRV-ENR-04"),
]


def took(**seconds: float) -> Results:
    results = [
        msgspec.structs.replace(a_result(name), duration_s=took_s)
        for name, took_s in seconds.items()
    ]
    return some_results(*results)


def names(changed: Changed) -> list[str]:
    return [id_.rpartition("::")[2] for id_ in changed.scenarios]


def test_history_in_which_something_broke_is_run_whole_and_first() -> None:
    earlier = some_results(
        a_result("A"), a_result("B"), a_result("C", Outcome.FAILED), a_result("D"), a_result("E")
    )
    chosen = choose(ALL, earlier, budget_s=0.0)
    assert names(chosen) == ["C"]
    assert (chosen.broke, chosen.new) == (1, 0)
    both = choose(ALL, some_results(a_result("B", Outcome.HARNESS_ERROR)), budget_s=0.0)
    assert names(both)[0] == "B"  # what broke, then what is new
    assert sorted(names(both)) == ["A", "B", "C", "D", "E"]
    assert (both.broke, both.new) == (1, 4)


def test_what_the_earlier_report_does_not_know_is_run() -> None:
    chosen = choose(ALL, took(A=1, B=1, C=1, D=1), budget_s=0.0)
    assert (names(chosen), chosen.new) == (["E"], 1)


def test_quick_set_shows_the_most_requirements_for_its_time() -> None:
    earlier = took(A=4, B=0, C=2, D=30, E=3)
    chosen = choose(ALL, earlier, budget_s=8.0)
    # opening shows two for 4 s; dirty shows nothing more; D does not fit; E does.
    assert sorted(names(chosen)) == ["A", "B", "E"]
    assert chosen.estimate_s == 7
    assert sorted(names(choose(ALL, earlier, budget_s=19.0, workers=2))) == ["A", "B", "D", "E"]


def test_a_busy_machine_is_given_less_to_do() -> None:
    """The report of `took` lasted three minutes, by its environment."""
    busy = took(A=12, B=0, C=2, D=11, E=9)
    assert sorted(names(choose(ALL, busy))) == ["C", "E"]
    swift = msgspec.structs.replace(busy.environment, ended_at="2026-09-01T06:00:40Z")
    calm = msgspec.structs.replace(busy, environment=swift)
    assert sorted(names(choose(ALL, calm))) == ["A", "B", "C", "D", "E"]


def test_without_an_earlier_report_the_quick_set_is_run() -> None:
    chosen = choose(ALL, None, budget_s=12.0)
    assert (chosen.broke, chosen.new) == (0, 0)
    assert len(chosen.scenarios) >= 2
    assert "no earlier report" in chosen.describe(None, 5)
