"""What the report says of a provider and its consumers."""

from dataclasses import dataclass

import msgspec
import pytest

from homeroom.certify.html import readiness, to_html
from homeroom.certify.outcomes import Outcome
from homeroom.certify.results import RequirementResult, Results
from homeroom.certify.testing import some_results


@dataclass(frozen=True)
class Told:
    """A requirement of a consumer and its outcome."""

    id: str
    outcome: Outcome
    level: str = "must"


def report(*told: Told) -> Results:
    made = [
        RequirementResult(
            id=each.id, level=each.level, outcome=each.outcome, scenarios=[], need="sds"
        )
        for each in told
    ]
    subject = msgspec.structs.replace(some_results().subject, kind="provider")
    return msgspec.structs.replace(some_results(), subject=subject, requirements=made)


@pytest.mark.parametrize(
    ("told", "ready"),
    [
        ((Told("NSD-A-01", Outcome.PASSED),), "yes"),
        ((Told("NSD-A-01", Outcome.PASSED), Told("NSD-A-02", Outcome.FAILED, "should")), "yes"),
        (
            (Told("NSD-A-01", Outcome.PASSED), Told("NSD-A-02", Outcome.NOT_APPLICABLE)),
            "as far as tried",
        ),
        ((Told("NSD-A-01", Outcome.FAILED), Told("NSD-A-02", Outcome.NOT_APPLICABLE)), "no"),
        ((Told("NSD-A-01", Outcome.NOT_APPLICABLE),), "not known"),
        ((Told("NSD-A-01", Outcome.HARNESS_ERROR),), "not known"),
    ],
)
def test_a_provider_is_ready_where_no_must_of_a_consumer_failed(
    told: tuple[Told, ...], ready: str
) -> None:
    assert [each.ready for each in readiness(report(*told))] == [ready]


def test_report_names_the_consumer_and_what_stands_in_the_way() -> None:
    html = to_html(report(Told("NSD-A-01", Outcome.FAILED)))
    assert "Microsoft School Data Sync" in html
    assert 'href="#req-NSD-A-01"' in html
