"""junit.xml: one test case a scenario, in the form that CI systems read."""

import re
from collections.abc import Iterable
from itertools import groupby
from xml.etree import ElementTree as ET

from homeroom.certify.outcomes import Outcome
from homeroom.certify.performance import describe
from homeroom.certify.results import Results, ScenarioResult

# What XML 1.0 cannot hold, not even escaped.
_UNWRITABLE = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def to_junit(results: Results) -> bytes:
    """Write a run as JUnit XML: failures count against the subject, errors against Homeroom."""
    root = ET.Element("testsuites", name=f"homeroom certify {results.subject.kind}")
    by_file = sorted(results.scenarios, key=lambda each: each.file)
    for file, group in groupby(by_file, key=lambda each: each.file):
        _add_suite(root, file, list(group), results)
    if results.performance is not None:
        _add_load_run(root, results)
    if results.not_run:
        suite = _suite(root, "not run", len(results.not_run), 0, 0, len(results.not_run), 0.0)
        for id_ in results.not_run:
            case = ET.SubElement(suite, "testcase", classname="not run", name=_clean(id_), time="0")
            ET.SubElement(case, "skipped", message="the run was interrupted")
    for place in ("tests", "failures", "errors", "skipped"):
        root.set(place, str(sum(int(suite.get(place, "0")) for suite in root)))
    root.set("time", f"{sum(float(suite.get('time', '0')) for suite in root):.3f}")
    ET.indent(root)
    return b'<?xml version="1.0" encoding="utf-8"?>\n' + ET.tostring(root) + b"\n"


def _add_suite(
    root: ET.Element, file: str, scenarios: list[ScenarioResult], results: Results
) -> None:
    suite = _suite(
        root,
        file,
        len(scenarios),
        _number(scenarios, Outcome.FAILED),
        _number(scenarios, Outcome.HARNESS_ERROR),
        _number(scenarios, Outcome.WAIVED, Outcome.NOT_APPLICABLE),
        sum(each.duration_s for each in scenarios),
    )
    suite.set("timestamp", results.environment.started_at.removesuffix("Z"))
    for scenario in scenarios:
        _add_case(suite, scenario)


def _add_load_run(root: ET.Element, results: Results) -> None:
    """Write a case for each requirement that the load run decides."""
    run = results.performance
    assert run is not None  # noqa: S101 -- narrows the type: the caller tested it
    mine = {limit.requirement for limit in run.limits}
    judged = [
        each
        for each in results.requirements
        if each.id in mine and each.outcome != Outcome.NOT_TESTED
    ]
    failed = sum(each.outcome == Outcome.FAILED for each in judged)
    waived = sum(each.outcome == Outcome.WAIVED for each in judged)
    suite = _suite(root, "under load", len(judged), failed, 0, waived, 0.0)
    for each in judged:
        case = ET.SubElement(
            suite, "testcase", classname="performance", name=f"{each.id} {_clean(each.title)}",
            time="0",
        )  # fmt: skip
        missed = [one for one in run.limits if one.requirement == each.id and not one.kept]
        told = "; ".join(map(describe, missed))
        if each.outcome == Outcome.FAILED:
            failure = ET.SubElement(case, "failure", message=_clean(told), type="unmet")
            failure.text = _clean("\n".join([told, run.limited_by, *run.marks, *run.errors]))
        elif each.outcome == Outcome.WAIVED:
            ET.SubElement(case, "skipped", message=f"{each.outcome}: {_clean(told)}")


def _suite(
    root: ET.Element, name: str, tests: int, failures: int, errors: int, skipped: int, time: float
) -> ET.Element:
    return ET.SubElement(
        root,
        "testsuite",
        name=_clean(name),
        tests=str(tests),
        failures=str(failures),
        errors=str(errors),
        skipped=str(skipped),
        time=f"{time:.3f}",
    )


def _add_case(suite: ET.Element, scenario: ScenarioResult) -> None:
    case = ET.SubElement(
        suite,
        "testcase",
        classname=_clean(scenario.file.removesuffix(".feature").replace("/", ".")),
        name=_clean(scenario.id.partition("::")[2] or scenario.name),
        time=f"{scenario.duration_s:.3f}",
    )
    reason = _clean(scenario.reason)
    match scenario.outcome:
        case Outcome.FAILED:
            failure = ET.SubElement(case, "failure", message=reason, type="unmet")
            failure.text = _clean(_story(scenario))
        case Outcome.HARNESS_ERROR:
            error = ET.SubElement(case, "error", message=reason, type="harness-error")
            error.text = _clean(scenario.trace or scenario.reason)
        case Outcome.WAIVED | Outcome.NOT_APPLICABLE:
            ET.SubElement(case, "skipped", message=f"{scenario.outcome}: {reason}")
        case _:
            pass
    out = ET.SubElement(case, "system-out")
    out.text = _clean(f"requirements: {', '.join(scenario.requirements)}")


def _story(scenario: ScenarioResult) -> str:
    lines = [scenario.reason, f"at: {scenario.step}", f"expected: {scenario.expected}"]
    return "\n".join([*lines, f"received: {scenario.received}", *scenario.runs])


def _number(scenarios: Iterable[ScenarioResult], *outcomes: Outcome) -> int:
    return sum(each.outcome in outcomes for each in scenarios)


def _clean(text: str) -> str:
    return _UNWRITABLE.sub("\N{REPLACEMENT CHARACTER}", text)
