"""What an exception in a scenario means: only Unmet counts against the subject."""

import pytest

from homeroom.certify.classify import Finding, classify
from homeroom.certify.outcomes import NotApplicable, Outcome, Unmet


def test_unmet_counts_against_the_subject_with_its_evidence() -> None:
    error = Unmet("gone", expected="a", received="b", exchanges=[{"seq": 1}])
    assert classify("call", error) == Finding(
        when="call",
        outcome=Outcome.FAILED,
        reason="gone",
        expected="a",
        received="b",
        exchanges=({"seq": 1},),
    )


def test_several_unmet_at_once_are_one_failure() -> None:
    group = ExceptionGroup("all", [Unmet("a", expected="1"), Unmet("b", received="2")])
    finding = classify("call", group)
    assert (finding.outcome, finding.reason, finding.expected, finding.received) == (
        Outcome.FAILED,
        "a; b",
        "1\n",
        "\n2",
    )


@pytest.mark.parametrize(
    "error",
    [
        AssertionError("1 == 2"),
        KeyError("x"),
        RecursionError(),
        ExceptionGroup("mixed", [Unmet("a"), KeyError("x")]),
        pytest.skip.Exception("no evidence"),
        pytest.fail.Exception("says the step"),
    ],
)
def test_anything_else_is_a_fault_of_the_kit(error: BaseException) -> None:
    finding = classify("call", error)
    assert finding.outcome is Outcome.HARNESS_ERROR
    assert type(error).__name__ in finding.reason
    assert type(error).__name__ in finding.trace


def test_not_applicable_carries_its_reason() -> None:
    assert classify("setup", NotApplicable("no observers")) == Finding(
        when="setup", outcome=Outcome.NOT_APPLICABLE, reason="no observers"
    )


def finding(when: str, outcome: Outcome) -> Finding:
    return Finding(when=when, outcome=outcome)


@pytest.mark.parametrize(
    ("phases", "outcome"),
    [
        ([("setup", Outcome.PASSED), ("call", Outcome.PASSED)], Outcome.PASSED),
        ([("setup", Outcome.PASSED), ("call", Outcome.NOT_APPLICABLE)], Outcome.NOT_APPLICABLE),
        ([("setup", Outcome.FAILED), ("teardown", Outcome.PASSED)], Outcome.FAILED),
        ([("call", Outcome.FAILED), ("teardown", Outcome.HARNESS_ERROR)], Outcome.HARNESS_ERROR),
        ([("setup", Outcome.PASSED), ("teardown", Outcome.PASSED)], Outcome.HARNESS_ERROR),
        ([], Outcome.HARNESS_ERROR),
    ],
)
def test_worst_phase_is_the_scenario(phases: list[tuple[str, Outcome]], outcome: Outcome) -> None:
    assert Finding.worst([finding(*each) for each in phases]).outcome is outcome
