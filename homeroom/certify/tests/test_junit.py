"""junit.xml as CI systems read it."""

from xml.etree import ElementTree as ET

from homeroom.certify.junit import to_junit
from homeroom.certify.outcomes import Outcome
from homeroom.certify.testing import a_result, some_results

HOSTILE = "a \x00\x1b[31m\ufffe <b>&\"'\ud800 \N{PILE OF POO}"


def test_each_outcome_has_its_element() -> None:
    results = some_results(
        a_result("passes"),
        a_result("fails", Outcome.FAILED, reason="r", expected="1", received="2", step="Then x"),
        a_result("breaks", Outcome.HARNESS_ERROR, reason="KeyError", trace="Traceback"),
        a_result("waits", Outcome.WAIVED, reason="later"),
        a_result("skips", Outcome.NOT_APPLICABLE, reason="no observers"),
        not_run=("features/x.feature::Never",),
    )
    root = ET.fromstring(to_junit(results))  # noqa: S314 -- our own file
    assert {name: root.get(name) for name in ("tests", "failures", "errors", "skipped")} == {
        "tests": "6",
        "failures": "1",
        "errors": "1",
        "skipped": "3",
    }
    told = {
        str(case.get("name")): [(each.tag, each.get("message"), each.text) for each in case][:1]
        for case in root.iter("testcase")
    }
    assert told == {
        "passes": [("system-out", None, "requirements: PRV-ENR-01")],
        "fails": [("failure", "r", "r\nat: Then x\nexpected: 1\nreceived: 2")],
        "breaks": [("error", "KeyError", "Traceback")],
        "waits": [("skipped", "waived: later", None)],
        "skips": [("skipped", "not-applicable: no observers", None)],
        "features/x.feature::Never": [("skipped", "the run was interrupted", None)],
    }
    assert {case.get("classname") for case in root.iter("testcase")} == {
        "features.provisioning.enrollments",
        "not run",
    }


def test_hostile_text_is_still_xml() -> None:
    results = some_results(a_result(HOSTILE, Outcome.FAILED, reason=HOSTILE, expected=HOSTILE))
    [case] = ET.fromstring(to_junit(results)).iter("testcase")  # noqa: S314 -- our own file
    bad = "\N{REPLACEMENT CHARACTER}"
    assert case.get("name") == f"a {bad}{bad}[31m{bad} <b>&\"'{bad} \N{PILE OF POO}"
