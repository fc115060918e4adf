"""What CI services show of a run."""

from homeroom.certify.annotate import annotations, summary
from homeroom.certify.outcomes import Outcome
from homeroom.certify.testing import a_requirement_result, a_result, some_results


def test_failures_are_errors_and_waived_ones_warnings() -> None:
    results = some_results(
        a_result("A", Outcome.FAILED, reason="50% gone:\nall, of them"),
        a_result("B", Outcome.WAIVED, reason="later"),
        a_result("C"),
    )
    assert list(annotations(results)) == [
        "::error title=PRV-ENR-01 failed::A: 50%25 gone:%0Aall, of them",
        "::warning title=PRV-ENR-01 waived::B: later",
    ]


def test_title_cannot_end_its_command() -> None:
    results = some_results(a_result("A", Outcome.FAILED, requirements=("X::y,z",)))
    assert list(annotations(results)) == ["::error title=X%3A%3Ay%2Cz failed::A: "]


def test_summary_names_what_is_not_met_and_cannot_be_broken_out_of() -> None:
    results = some_results(
        a_result(outcome=Outcome.FAILED),
        requirements=(a_requirement_result(outcome=Outcome.FAILED),),
        name="a|b\n<img>",
    )
    text = summary(results)
    assert text.startswith("## Not certified: a\\|b \\<img\\> 4.1\n")
    assert (
        "| PRV-ENR-01 Students reach their classes | must "
        "| A pupil has no classes on the first day. | Send enrollments.csv. |" in text
    )
