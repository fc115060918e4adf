"""Small builders for tests of certification and of what is made of its results."""

from datetime import date

from homeroom.certify.catalogue import Scenario
from homeroom.certify.outcomes import Outcome
from homeroom.certify.requirement_set import Evidence, Level, Requirement
from homeroom.certify.results import (
    Check,
    Environment,
    RequirementResult,
    Results,
    ScenarioResult,
    Selection,
    SetInfo,
    SubjectInfo,
    WaiverResult,
)
from homeroom.certify.verdict import Case, count, judge
from homeroom.config import Rules, SubjectKind, Waiver


def a_requirement(
    id_: str = "PRV-ENR-01", *, level: Level = Level.MUST, rules: Rules = Rules.AS_DOCUMENTED
) -> Requirement:
    """Make a requirement."""
    return Requirement(
        id=id_,
        title="Students reach their classes",
        level=level,
        subject=(SubjectKind.SYNC,),
        text="An enrollment appears in Canvas.",
        source="A guide, page 3",
        evidence=Evidence.DOCUMENTED,
        consequence="A pupil has no classes on the first day.",
        remedy="Send enrollments.csv.",
        rules=rules,
    )


def a_scenario(name: str = "Arrives", *requirements: str) -> Scenario:
    """Make a scenario of the catalogue."""
    return Scenario(
        id=f"features/provisioning/enrollments.feature::{name}",
        name=name,
        feature="Enrollments",
        file="features/provisioning/enrollments.feature",
        line=4,
        tags=tuple(f"req:{id_}" for id_ in requirements or ("PRV-ENR-01",)),
        purpose="Pupils without classes learn nothing.",
        steps=("Given Ana Ruiz is enrolled", "When the roster is synced", "Then she is there"),
    )


def a_waiver(id_: str = "PRV-ENR-01", expires: date = date(2027, 1, 31)) -> Waiver:
    """Make a waiver."""
    return Waiver(requirement=id_, reason="mended in 4.2", owner="sis-team", expires=expires)


def a_result(
    name: str = "Arrives",
    outcome: Outcome = Outcome.PASSED,
    requirements: tuple[str, ...] = ("PRV-ENR-01",),
    **more: object,
) -> ScenarioResult:
    """Make a scenario's result."""
    return ScenarioResult(
        id=f"features/provisioning/enrollments.feature::{name}",
        name=name,
        feature="Enrollments",
        requirements=list(requirements),
        outcome=outcome,
        duration_s=1.5,
        file="features/provisioning/enrollments.feature",
        line=4,
        **more,  # type: ignore[arg-type]  # the tests' own keywords
    )


def a_requirement_result(
    id_: str = "PRV-ENR-01",
    outcome: Outcome = Outcome.PASSED,
    level: Level = Level.MUST,
    untested: str = "",
) -> RequirementResult:
    """Make a requirement's result."""
    return RequirementResult(
        id=id_,
        level=level,
        outcome=outcome,
        scenarios=["features/provisioning/enrollments.feature::Arrives"],
        title="Students reach their classes",
        text="An enrollment appears in Canvas.",
        source="A guide, page 3",
        evidence="documented",
        consequence="A pupil has no classes on the first day.",
        remedy="Send enrollments.csv.",
        rules="as-documented",
        untested=untested,
    )


def some_results(
    *scenarios: ScenarioResult,
    requirements: tuple[RequirementResult, ...] = (),
    waivers: tuple[WaiverResult, ...] = (),
    name: str = "Toy sync",
    not_run: tuple[str, ...] = (),
) -> Results:
    """Make the results of a run, judged as a real one."""
    scenarios = scenarios or (a_result(),)
    requirements = requirements or (a_requirement_result(outcome=Outcome(scenarios[0].outcome)),)
    judgement = judge(
        Case(
            requirements=requirements,
            scenarios=scenarios,
            waivers=waivers,
            not_run=not_run,
            interrupted=bool(not_run),
        )
    )
    return Results(
        verdict=judgement.verdict,
        subject=SubjectInfo(
            kind="sync", name=name, version="4.1", choices={"brake": True, "term": "first-term"}
        ),
        preflight=[Check(check="The Focus fake answers", outcome="passed")],
        requirement_set=SetInfo(id="focus-canvas-1.1", version="2026.1", sha256="ab" * 32),
        totals=count(scenarios),
        requirements=list(requirements),
        scenarios=list(scenarios),
        waivers=list(waivers),
        environment=Environment(
            homeroom="0.1.0",
            python="3.11.7",
            seed=1,
            district_sha256="cd" * 32,
            platform="Linux",
            started_at="2026-09-01T06:00:00Z",
            ended_at="2026-09-01T06:03:00Z",
            run_id="20260901T060000Z-sync",
        ),
        reasons=judgement.reasons,
        selection=Selection(scenarios=len(scenarios)),
        not_run=list(not_run),
    )
