"""Every rule by which scenarios become a verdict (interface.md section 5)."""

from dataclasses import replace

import pytest

from homeroom.certify.outcomes import Outcome
from homeroom.certify.requirement_set import Level
from homeroom.certify.results import Totals, Verdict, WaiverResult
from homeroom.certify.testing import (
    a_requirement,
    a_requirement_result,
    a_result,
    a_scenario,
    a_waiver,
)
from homeroom.certify.verdict import (
    Case,
    Reported,
    count,
    judge,
    judge_requirements,
    judge_scenarios,
    judge_waivers,
)
from homeroom.config import Rules

PASSES = Case(requirements=[a_requirement_result()], scenarios=[a_result()], waivers=[])
FAILS = Case(
    requirements=[a_requirement_result(outcome=Outcome.FAILED)],
    scenarios=[a_result(outcome=Outcome.FAILED)],
    waivers=[],
)
SHOULD_FAILS = replace(
    FAILS, requirements=[a_requirement_result(outcome=Outcome.FAILED, level=Level.SHOULD)]
)
BREAKS = Case(
    requirements=[a_requirement_result(outcome=Outcome.HARNESS_ERROR)],
    scenarios=[a_result(outcome=Outcome.HARNESS_ERROR)],
    waivers=[],
)
WAIVED = Case(
    requirements=[a_requirement_result(outcome=Outcome.WAIVED)],
    scenarios=[a_result(outcome=Outcome.WAIVED)],
    waivers=[
        WaiverResult(
            requirement="PRV-ENR-01", owner="o", reason="r", expires="2027-01-31", state="used"
        )
    ],
)
STALE = replace(
    PASSES,
    waivers=[
        WaiverResult(
            requirement="PRV-ENR-01", owner="o", reason="r", expires="2027-01-31", state="stale"
        )
    ],
)
NOTHING_APPLIES = Case(
    requirements=[a_requirement_result(outcome=Outcome.NOT_APPLICABLE)],
    scenarios=[a_result(outcome=Outcome.NOT_APPLICABLE)],
    waivers=[],
)
UNTESTED = replace(
    PASSES,
    requirements=[
        a_requirement_result(),
        a_requirement_result("PRV-ENR-02", outcome=Outcome.NOT_TESTED),
    ],
)
EXCUSED = replace(
    PASSES,
    requirements=[
        a_requirement_result(),
        a_requirement_result("PRV-ENR-02", outcome=Outcome.NOT_TESTED, untested="no API shows it"),
    ],
)


@pytest.mark.parametrize(
    ("case", "verdict", "exit_code"),
    [
        pytest.param(PASSES, Verdict.CERTIFIED, 0, id="all passed"),
        pytest.param(FAILS, Verdict.NOT_CERTIFIED, 1, id="a must failed"),
        pytest.param(SHOULD_FAILS, Verdict.CERTIFIED, 0, id="a should failed"),
        pytest.param(
            replace(SHOULD_FAILS, strict=True),
            Verdict.NOT_CERTIFIED,
            1,
            id="a should failed and counts",
        ),
        pytest.param(BREAKS, Verdict.ERROR, 3, id="Homeroom broke"),
        pytest.param(
            Case(
                requirements=[*FAILS.requirements, *BREAKS.requirements],
                scenarios=[*FAILS.scenarios, *BREAKS.scenarios],
                waivers=[],
                interrupted=True,
            ),
            Verdict.ERROR,
            3,
            id="the worst wins: broke, failed and interrupted",
        ),
        pytest.param(
            replace(FAILS, interrupted=True),
            Verdict.NOT_CERTIFIED,
            1,
            id="failed before it was interrupted",
        ),
        pytest.param(
            replace(PASSES, faults=["A fake broke."]), Verdict.ERROR, 3, id="a fake of ours broke"
        ),
        pytest.param(WAIVED, Verdict.WITH_WAIVERS, 0, id="leans on a waiver"),
        pytest.param(STALE, Verdict.NOT_CERTIFIED, 1, id="a stale waiver"),
        pytest.param(replace(PASSES, interrupted=True), Verdict.INCOMPLETE, 1, id="interrupted"),
        pytest.param(
            replace(PASSES, not_run=["x"], interrupted=True),
            Verdict.INCOMPLETE,
            1,
            id="not all ran",
        ),
        pytest.param(replace(PASSES, only=True), Verdict.INCOMPLETE, 0, id="a part passed"),
        pytest.param(replace(WAIVED, only=True), Verdict.INCOMPLETE, 0, id="a part was waived"),
        pytest.param(replace(FAILS, only=True), Verdict.NOT_CERTIFIED, 1, id="a part failed"),
        pytest.param(
            replace(SHOULD_FAILS, only=True), Verdict.INCOMPLETE, 1, id="a should was all selected"
        ),
        pytest.param(
            replace(PASSES, only=True, interrupted=True),
            Verdict.INCOMPLETE,
            1,
            id="a part, interrupted",
        ),
        pytest.param(NOTHING_APPLIES, Verdict.INCOMPLETE, 1, id="nothing applies"),
        pytest.param(
            replace(NOTHING_APPLIES, only=True), Verdict.INCOMPLETE, 1, id="no part applies"
        ),
        pytest.param(UNTESTED, Verdict.INCOMPLETE, 1, id="a must was not tested"),
        pytest.param(EXCUSED, Verdict.CERTIFIED, 0, id="a must says why it is not tested"),
        pytest.param(
            replace(UNTESTED, only=True), Verdict.INCOMPLETE, 0, id="a part need not test all"
        ),
        pytest.param(
            replace(PASSES, preflight_failed=True),
            Verdict.INCOMPLETE,
            2,
            id="the pre-flight failed",
        ),
    ],
)
def test_the_worst_finding_decides_verdict_and_exit_code(
    case: Case, verdict: Verdict, exit_code: int
) -> None:
    judgement = judge(case)
    assert (judgement.verdict, judgement.exit_code) == (verdict, exit_code)
    assert judgement.reasons


def test_verdict_names_what_is_not_met() -> None:
    assert judge(FAILS).reasons == [
        "PRV-ENR-01 (must) is not met: Students reach their classes",
    ]


def test_scenario_without_a_report_is_a_harness_error() -> None:
    results, not_run = judge_scenarios([a_scenario()], {}, [], interrupted=False)
    assert [(each.outcome, each.reason) for each in results] == [
        (Outcome.HARNESS_ERROR, "the scenario was selected but nothing was reported of it")
    ]
    assert not_run == []


def test_scenario_left_out_by_an_interruption_is_not_run() -> None:
    scenarios = [a_scenario("One"), a_scenario("Two")]
    reported = {scenarios[0].id: Reported(outcome=Outcome.PASSED)}
    results, not_run = judge_scenarios(scenarios, reported, [], interrupted=True)
    assert [each.name for each in results] == ["One"]
    assert not_run == [scenarios[1].id]


@pytest.mark.parametrize(
    ("requirements", "waived", "outcome"),
    [
        (("PRV-ENR-01",), ("PRV-ENR-01",), Outcome.WAIVED),
        (("PRV-ENR-01", "PRV-ENR-02"), ("PRV-ENR-01", "PRV-ENR-02"), Outcome.WAIVED),
        (("PRV-ENR-01", "PRV-ENR-02"), ("PRV-ENR-01",), Outcome.FAILED),
        (("PRV-ENR-01",), ("PRV-ENR-02",), Outcome.FAILED),
    ],
)
def test_failed_scenario_is_waived_where_all_its_requirements_are(
    requirements: tuple[str, ...], waived: tuple[str, ...], outcome: Outcome
) -> None:
    scenario = a_scenario("Arrives", *requirements)
    results, _ = judge_scenarios(
        [scenario],
        {scenario.id: Reported(outcome=Outcome.FAILED)},
        [a_waiver(id_) for id_ in waived],
        interrupted=False,
    )
    assert results[0].outcome == outcome


@pytest.mark.parametrize("outcome", [Outcome.HARNESS_ERROR, Outcome.NOT_APPLICABLE, Outcome.PASSED])
def test_waiver_changes_nothing_but_failures(outcome: Outcome) -> None:
    scenario = a_scenario()
    results, _ = judge_scenarios(
        [scenario], {scenario.id: Reported(outcome=outcome)}, [a_waiver()], interrupted=False
    )
    assert results[0].outcome == outcome


@pytest.mark.parametrize(
    ("outcomes", "worst"),
    [
        ([], Outcome.NOT_TESTED),
        ([Outcome.PASSED, Outcome.NOT_APPLICABLE], Outcome.PASSED),
        ([Outcome.NOT_APPLICABLE], Outcome.NOT_APPLICABLE),
        ([Outcome.PASSED, Outcome.WAIVED], Outcome.WAIVED),
        ([Outcome.WAIVED, Outcome.FAILED], Outcome.FAILED),
        ([Outcome.FAILED, Outcome.HARNESS_ERROR, Outcome.PASSED], Outcome.HARNESS_ERROR),
    ],
)
def test_requirement_has_the_worst_outcome_of_its_scenarios(
    outcomes: list[Outcome], worst: Outcome
) -> None:
    scenarios = [a_result(f"n{at}", outcome) for at, outcome in enumerate(outcomes)]
    [result] = judge_requirements([a_requirement()], scenarios, [], Rules.AS_DOCUMENTED)
    assert (result.outcome, result.scenarios) == (worst, [each.id for each in scenarios])


def test_waived_requirement_is_waived_though_its_scenario_fails_for_another_one() -> None:
    scenario = a_result(outcome=Outcome.FAILED, requirements=("PRV-ENR-01", "PRV-ENR-02"))
    results = judge_requirements(
        [a_requirement(), a_requirement("PRV-ENR-02")],
        [scenario],
        [a_waiver()],
        Rules.AS_DOCUMENTED,
    )
    assert [(each.id, each.outcome) for each in results] == [
        ("PRV-ENR-01", Outcome.WAIVED),
        ("PRV-ENR-02", Outcome.FAILED),
    ]


@pytest.mark.parametrize(
    ("rules", "chosen", "level"),
    [
        (Rules.AS_DOCUMENTED, Rules.AS_DOCUMENTED, Level.MUST),
        (Rules.AS_DOCUMENTED, Rules.HOMEROOM_SAFE, Level.MUST),
        (Rules.HOMEROOM_SAFE, Rules.HOMEROOM_SAFE, Level.MUST),
        (Rules.HOMEROOM_SAFE, Rules.AS_DOCUMENTED, Level.SHOULD),
    ],
)
def test_proposal_beyond_the_documents_binds_only_who_chose_it(
    rules: Rules, chosen: Rules, level: Level
) -> None:
    [result] = judge_requirements([a_requirement(rules=rules)], [], [], chosen)
    assert result.level == level


@pytest.mark.parametrize(
    ("outcome", "partly", "state"),
    [
        (Outcome.WAIVED, False, "used"),
        (Outcome.WAIVED, True, "used"),
        (Outcome.PASSED, False, "stale"),
        (Outcome.PASSED, True, "unused"),
        (Outcome.NOT_APPLICABLE, False, "unused"),
        (Outcome.NOT_TESTED, False, "unused"),
        (Outcome.HARNESS_ERROR, False, "unused"),
    ],
)
def test_waiver_is_stale_only_where_all_its_scenarios_pass(
    outcome: Outcome, partly: bool, state: str
) -> None:
    [result] = judge_waivers(
        [a_waiver()],
        [a_requirement_result(outcome=outcome)],
        partly_selected=["PRV-ENR-01"] if partly else [],
    )
    assert result == WaiverResult(
        requirement="PRV-ENR-01",
        owner="sis-team",
        reason="mended in 4.2",
        expires="2027-01-31",
        state=state,
    )


def test_totals_count_scenarios_by_outcome() -> None:
    outcomes = [Outcome.PASSED, Outcome.PASSED, Outcome.FAILED, Outcome.WAIVED]
    outcomes += [Outcome.NOT_APPLICABLE, Outcome.HARNESS_ERROR]
    assert count([a_result(outcome=each) for each in outcomes]) == Totals(
        passed=2, failed=1, waived=1, not_applicable=1, harness_error=1
    )
