"""From what became of the scenarios to what became of the requirements, and to the verdict.

Pure: everything it decides by is an argument.
"""

from collections import Counter
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass

from homeroom.certify.catalogue import Scenario
from homeroom.certify.outcomes import RANK, Outcome
from homeroom.certify.requirement_set import Level, Requirement
from homeroom.certify.results import (
    RequirementResult,
    ScenarioResult,
    Totals,
    Verdict,
    WaiverResult,
)
from homeroom.config import Rules, Waiver

DONE, FELL_SHORT, UNUSABLE, FAULT = 0, 1, 2, 3


@dataclass(frozen=True, kw_only=True)
class Reported:
    """What the runner's own events say of one scenario."""

    outcome: Outcome
    reason: str = ""
    expected: str = ""
    received: str = ""
    step: str = ""
    trace: str = ""
    duration_s: float = 0.0
    runs: tuple[str, ...] = ()
    exchanges: tuple[dict[str, object], ...] = ()


def judge_scenarios(
    selected: Iterable[Scenario],
    reported: Mapping[str, Reported],
    waivers: Iterable[Waiver],
    *,
    interrupted: bool,
) -> tuple[list[ScenarioResult], list[str]]:
    """Return the result of each selected scenario, and the ids of those an interruption left out.

    A scenario without a report is a harness error, unless the run was interrupted. A failed one
    is waived where every requirement it is evidence for is waived.
    """
    waived = {waiver.requirement for waiver in waivers}
    results: list[ScenarioResult] = []
    not_run: list[str] = []
    for scenario in selected:
        report = reported.get(scenario.id)
        if report is None:
            if interrupted:
                not_run.append(scenario.id)
                continue
            report = Reported(
                outcome=Outcome.HARNESS_ERROR,
                reason="the scenario was selected but nothing was reported of it",
            )
        outcome = report.outcome
        if outcome is Outcome.FAILED and waived.issuperset(scenario.requirements):
            outcome = Outcome.WAIVED
        results.append(_to_result(scenario, report, outcome))
    return results, not_run


def _to_result(scenario: Scenario, report: Reported, outcome: Outcome) -> ScenarioResult:
    return ScenarioResult(
        id=scenario.id,
        name=scenario.name,
        feature=scenario.feature,
        requirements=list(scenario.requirements),
        outcome=outcome,
        duration_s=report.duration_s,
        reason=report.reason,
        expected=report.expected,
        received=report.received,
        file=scenario.file,
        line=scenario.line,
        purpose=scenario.purpose,
        steps=list(scenario.steps),
        step=report.step,
        runs=list(report.runs),
        exchanges=[dict(exchange) for exchange in report.exchanges],
        trace=report.trace,
    )


def judge_requirements(
    requirements: Iterable[Requirement],
    scenarios: Sequence[ScenarioResult],
    waivers: Iterable[Waiver],
    rules: Rules,
) -> list[RequirementResult]:
    """Return each requirement with the worst of its scenarios, or `not-tested`."""
    waived = {waiver.requirement for waiver in waivers}
    results: list[RequirementResult] = []
    for requirement in requirements:
        mine = [each for each in scenarios if requirement.id in each.requirements]
        outcomes = [Outcome(each.outcome) for each in mine]
        if requirement.id in waived:
            # Its scenario may count as failed for another requirement's sake.
            outcomes = [Outcome.WAIVED if each is Outcome.FAILED else each for each in outcomes]
        worst = max(outcomes, key=RANK.__getitem__, default=Outcome.NOT_TESTED)
        results.append(
            RequirementResult(
                id=requirement.id,
                level=requirement.level_under(rules),
                outcome=worst,
                scenarios=[each.id for each in mine],
                title=requirement.title,
                text=requirement.text,
                source=requirement.source,
                evidence=requirement.evidence,
                consequence=requirement.consequence,
                remedy=requirement.remedy,
                rules=requirement.rules,
                untested=requirement.untested or "",
                need=requirement.need or "",
            )
        )
    return results


def judge_waivers(
    waivers: Iterable[Waiver],
    requirements: Sequence[RequirementResult],
    *,
    partly_selected: Container[str] = (),
) -> list[WaiverResult]:
    """Return each waiver as used, stale where its requirement passes, or unused.

    A requirement of which only some scenarios were selected cannot show its waiver stale.
    """
    outcomes = {
        each.id: "not-tested"
        if each.id in partly_selected and each.outcome == Outcome.PASSED
        else each.outcome
        for each in requirements
    }
    states = {Outcome.WAIVED: "used", Outcome.PASSED: "stale"}
    return [
        WaiverResult(
            requirement=waiver.requirement,
            owner=waiver.owner,
            reason=waiver.reason,
            expires=waiver.expires.isoformat(),
            state=states.get(Outcome(outcomes.get(waiver.requirement, "not-tested")), "unused"),
        )
        for waiver in waivers
    ]


def count(scenarios: Iterable[ScenarioResult]) -> Totals:
    """Count scenarios by outcome."""
    counts = Counter(each.outcome for each in scenarios)
    return Totals(
        passed=counts[Outcome.PASSED],
        failed=counts[Outcome.FAILED],
        waived=counts[Outcome.WAIVED],
        not_applicable=counts[Outcome.NOT_APPLICABLE],
        harness_error=counts[Outcome.HARNESS_ERROR],
    )


@dataclass(frozen=True, kw_only=True)
class Case:
    """Everything a verdict is decided by."""

    requirements: Sequence[RequirementResult]
    scenarios: Sequence[ScenarioResult]
    waivers: Sequence[WaiverResult]
    faults: Sequence[str] = ()
    not_run: Sequence[str] = ()
    interrupted: bool = False
    preflight_failed: bool = False
    only: bool = False
    strict: bool = False


@dataclass(frozen=True, kw_only=True)
class Judgement:
    """The verdict, the exit code it has, and why."""

    verdict: Verdict
    exit_code: int
    reasons: list[str]


def judge(case: Case) -> Judgement:
    """Give the verdict: the worst reason wins (interface.md section 5)."""
    if case.preflight_failed:
        return Judgement(
            verdict=Verdict.INCOMPLETE,
            exit_code=UNUSABLE,
            reasons=["The pre-flight failed: the set-up is unusable, the product was not tried."],
        )
    for verdict, exit_code, reasons in (
        (Verdict.ERROR, FAULT, _errors(case)),
        (Verdict.NOT_CERTIFIED, FELL_SHORT, _failures(case)),
        (Verdict.INCOMPLETE, FELL_SHORT, _gaps(case)),
    ):
        if reasons:
            return Judgement(verdict=verdict, exit_code=exit_code, reasons=reasons)
    if case.only:
        return Judgement(
            verdict=Verdict.INCOMPLETE,
            exit_code=DONE,
            reasons=["Only a part was selected; all of it that applies passed."],
        )
    totals = count(case.scenarios)
    under_load = [
        f"{each.id} is not met, under a waiver: {each.title}"
        for each in case.requirements
        if each.outcome == Outcome.WAIVED and not each.scenarios
    ]
    if totals.waived or under_load:
        told = [f"{_some(totals.waived, 'scenario')} failed under waivers; the rest passed."]
        return Judgement(
            verdict=Verdict.WITH_WAIVERS,
            exit_code=DONE,
            reasons=[*(told if totals.waived else []), *under_load],
        )
    return Judgement(
        verdict=Verdict.CERTIFIED,
        exit_code=DONE,
        reasons=[f"{_some(totals.passed, 'scenario')} passed."],
    )


def _errors(case: Case) -> list[str]:
    broken = count(case.scenarios).harness_error
    told = [f"{_some(broken, 'scenario')} could not be judged: Homeroom broke."] if broken else []
    return [*told, *case.faults]


def _failures(case: Case) -> list[str]:
    told = [
        f"{each.id} ({each.level}) is not met: {each.title}"
        for each in case.requirements
        if each.outcome == Outcome.FAILED and (each.level == Level.MUST or case.strict)
    ]
    stale = [
        f"The waiver of {waiver.requirement} is stale: its scenarios pass. Remove it."
        for waiver in case.waivers
        if waiver.state == "stale"
    ]
    return told + stale


def _gaps(case: Case) -> list[str]:
    told = [f"{_some(len(case.not_run), 'scenario')} did not run."] if case.not_run else []
    if case.interrupted:
        told.append("The run was interrupted.")
    totals = count(case.scenarios)
    if not totals.passed + totals.waived + totals.failed:
        told.append("No scenario that was selected applies to this subject: nothing was shown.")
    if case.only and totals.failed:
        told.append(f"{_some(totals.failed, 'selected scenario')} failed, of a mere should.")
    if not case.only:
        told += [
            f"{each.id} was not tested, and nothing says why."
            for each in case.requirements
            if each.outcome == Outcome.NOT_TESTED and each.level == Level.MUST and not each.untested
        ]
    return told


def _some(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
