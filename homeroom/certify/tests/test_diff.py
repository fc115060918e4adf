"""Two runs compared: what changed and why."""

import pytest
from msgspec.structs import replace

from homeroom.certify.diff import Change, diff
from homeroom.certify.outcomes import Outcome
from homeroom.certify.results import WaiverResult
from homeroom.certify.testing import a_result, some_results

ID = "features/provisioning/enrollments.feature::Arrives"


def test_run_compared_with_itself_is_the_same() -> None:
    found = diff(some_results(), some_results())
    assert (found.is_empty, found.is_worse) == (True, False)


def test_time_and_place_of_a_run_are_no_change() -> None:
    later = some_results()
    later = replace(later, environment=replace(later.environment, run_id="x", started_at="later"))
    assert diff(some_results(), later).is_empty


def test_what_may_be_why_is_named_before_what_it_led_to() -> None:
    before = some_results()
    after = some_results(a_result(outcome=Outcome.FAILED))
    after = replace(
        after,
        subject=replace(after.subject, version="4.2", choices={"brake": False}),
        requirement_set=replace(after.requirement_set, version="2026.2"),
        waivers=[WaiverResult(requirement="A-B", owner="o", reason="r", expires="2027-01-31")],
    )
    found = diff(before, after)
    assert found.verdict == Change(
        what="verdict", before="certified", after="not-certified", worse=True
    )
    assert found.causes == [
        Change(what="subject version", before="4.1", after="4.2"),
        Change(
            what="requirement set",
            before="focus-canvas-1.1 2026.1 (sha256 abababababab)",
            after="focus-canvas-1.1 2026.2 (sha256 abababababab)",
        ),
        Change(what="choice brake", before="yes", after="no"),
        Change(what="choice term", before="first-term", after=""),
        Change(what="waiver A-B", before="", after="until 2027-01-31 by o: r"),
    ]
    assert found.scenarios == [Change(what=ID, before="passed", after="failed", worse=True)]
    assert found.requirements == [
        Change(what="PRV-ENR-01", before="passed", after="failed", worse=True)
    ]
    assert found.is_worse


@pytest.mark.parametrize(
    ("before", "after", "worse"),
    [
        (Outcome.PASSED, Outcome.FAILED, True),
        (Outcome.PASSED, Outcome.WAIVED, True),
        (Outcome.PASSED, Outcome.NOT_APPLICABLE, True),
        (Outcome.WAIVED, Outcome.FAILED, True),
        (Outcome.FAILED, Outcome.HARNESS_ERROR, True),
        (Outcome.FAILED, Outcome.PASSED, False),
        (Outcome.FAILED, Outcome.WAIVED, False),
        (Outcome.NOT_APPLICABLE, Outcome.PASSED, False),
        (Outcome.NOT_APPLICABLE, Outcome.FAILED, True),
    ],
)
def test_outcome_is_worse(before: Outcome, after: Outcome, worse: bool) -> None:
    found = diff(some_results(a_result(outcome=before)), some_results(a_result(outcome=after)))
    assert [change.worse for change in found.scenarios] == [worse]


def test_scenario_that_vanished_after_passing_is_worse() -> None:
    found = diff(some_results(a_result("A"), a_result("B")), some_results(a_result("A")))
    assert found.scenarios == [
        Change(what=ID.replace("Arrives", "B"), before="passed", after="", worse=True)
    ]


def test_new_scenario_is_worse_only_where_it_fails() -> None:
    before = some_results(a_result("A"))
    for outcome, worse in ((Outcome.PASSED, False), (Outcome.FAILED, True)):
        found = diff(before, some_results(a_result("A"), a_result("B", outcome)))
        assert found.scenarios[0].worse is worse
