"""A load run is evidence where it speaks of this subject, and is refused where it does not."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import msgspec
import pytest

from homeroom import __version__
from homeroom.certify.annotate import annotations
from homeroom.certify.bundle import verify, write_bundle
from homeroom.certify.diff import diff
from homeroom.certify.html import to_html
from homeroom.certify.junit import to_junit
from homeroom.certify.outcomes import Outcome
from homeroom.certify.performance import (
    FILES,
    REQUIREMENT_OF,
    Certifying,
    PerformanceError,
    read_performance,
    with_performance,
)
from homeroom.certify.requirement_set import read_requirement_set
from homeroom.certify.results import Performance, RequirementResult, Results, Verdict
from homeroom.certify.testing import a_requirement_result, a_result, a_waiver, some_results
from homeroom.certify.verdict import Case, judge
from homeroom.config import SubjectKind

MACHINE = {"node": "a", "cores": 2}
OURS = Certifying(
    kind=SubjectKind.PROVIDER, address="", is_reference=True, machine=MACHINE, settings={}
)
REAL = replace(OURS, address="https://sis.example/ims/oneroster/v1p1")
LATE = [{"limit": "window_minutes", "allowed": 120, "measured": 150.5}]


def a_load_run(folder: Path, **changes: Any) -> Path:
    """Write the report of a load run of our own fake that kept its limits, but for `changes`."""
    misses = changes.pop("misses", [])
    document = {
        "format": 1,
        "homeroom": __version__,
        "profile": "nightly",
        "about": "one district's nightly extract",
        "target": "our fakes, 1 x tiny",
        "subject": {"kind": "provider", "address": ""},
        "load": {"districts": ["tiny"], "users": 1, "faults": [], "limits_file": ""},
        "started_at": "2026-11-26T15:00:00+00:00",
        "machine": MACHINE,
        "limits": {"window_minutes": 120, "p50_ms": 4000, "error_share": 0.001},
        "figures": {
            "requests": 9, "failures": 0, "records": 1134, "duration_s": 60.0, "p50_ms": 13.0,
            "p95_ms": 66.0, "error_share": 0.0, "window_minutes": 1.0, "records_per_s": 18.9,
            "forecast": False, "depth_ratio": None,
        },
        "misses": misses,
        "runs": [{"passed": not misses, "misses": misses}],
        "errors": [],
        "partial": False,
        "stopped": "",
        "limited_by": {"bottleneck": "neither", "why": "waiting"},
        "night": {"window_minutes": 120.0, "extract_minutes": 1.0, "forecast": False},
        "replayed": None,
        "comparison": None,
        **changes,
    }  # fmt: skip
    folder.mkdir(parents=True, exist_ok=True)
    for name in FILES:
        (folder / name).write_text("a file of the run")
    (folder / "load.json").write_text(json.dumps(document))
    return folder


def requirements() -> list[RequirementResult]:
    """Give the area as it is without a load run, after a requirement of another one."""
    return [
        a_requirement_result(),
        *(
            msgspec.structs.replace(
                a_requirement_result(id_, outcome=Outcome.NOT_TESTED, untested="only a load run"),
                scenarios=[],
            )
            for id_ in sorted({*REQUIREMENT_OF.values()})
        ),
    ]


def outcomes(performance: Performance | None, *waived: str) -> dict[str, str]:
    judged = with_performance(requirements(), performance, [a_waiver(id_) for id_ in waived])
    return {each.id: each.outcome for each in judged if each.id.startswith("LOAD")}


def judged(performance: Performance, *waived: str) -> Results:
    """Certify with a load run."""
    results = some_results(
        a_result(),
        requirements=tuple(
            with_performance(requirements(), performance, [a_waiver(id_) for id_ in waived])
        ),
    )
    return msgspec.structs.replace(results, performance=performance)


def test_the_set_has_every_requirement_that_limits_speak_of() -> None:
    known = read_requirement_set().requirements
    assert {id_ for id_ in known if id_.startswith("LOAD")} == set(REQUIREMENT_OF.values())


def test_limits_that_were_kept_meet_their_requirements(tmp_path: Path) -> None:
    taken = read_performance(a_load_run(tmp_path), OURS).performance
    assert outcomes(taken) == {
        "LOAD-ERR-01": Outcome.PASSED,
        "LOAD-LAT-01": Outcome.PASSED,
        "LOAD-MEM-01": Outcome.NOT_TESTED,  # the profile sets no limit for it
        "LOAD-WIN-01": Outcome.PASSED,
    }
    assert judged(taken).verdict == Verdict.CERTIFIED
    assert taken.marks == []


def test_without_a_load_run_the_area_stays_untested_and_the_verdict_as_it_was() -> None:
    assert set(outcomes(None).values()) == {Outcome.NOT_TESTED}
    results = some_results(a_result(), requirements=tuple(requirements()))
    assert results.verdict == Verdict.CERTIFIED


def test_a_night_that_does_not_fit_is_not_certified_and_everybody_is_told(tmp_path: Path) -> None:
    misses = [*LATE, {"limit": "consumers_finished", "allowed": 1, "measured": 0}]
    folder = a_load_run(tmp_path / "load", misses=misses, stopped="cannot fit its window")
    taken = read_performance(folder, OURS)
    results = judged(taken.performance)
    # Stopped as it was late, with right answers: one requirement alone is to blame.
    assert outcomes(taken.performance) == {
        "LOAD-ERR-01": Outcome.PASSED,
        "LOAD-LAT-01": Outcome.PASSED,
        "LOAD-MEM-01": Outcome.NOT_TESTED,
        "LOAD-WIN-01": Outcome.FAILED,
    }
    assert results.verdict == Verdict.NOT_CERTIFIED
    page = to_html(results)
    assert "Minutes until the last record: 150.5, the limit is 120" in page
    assert "The run stopped early: cannot fit its window." in page
    suite = ET.fromstring(to_junit(results)).find("testsuite[@name='under load']")  # noqa: S314
    assert suite is not None
    assert (suite.get("tests"), suite.get("failures")) == ("3", "1")
    assert any("window_minutes: 150.5 measured" in line for line in annotations(results))
    write_bundle(results, tmp_path / "report", taken.files)
    assert verify(tmp_path / "report") == []
    (tmp_path / "report" / "performance" / "load.json").write_text("{}")
    assert verify(tmp_path / "report") == ["performance/load.json: was changed after the run"]


def test_a_waiver_of_a_missed_limit_stands_in_the_verdict(tmp_path: Path) -> None:
    taken = read_performance(a_load_run(tmp_path, misses=LATE), OURS).performance
    assert judged(taken, "LOAD-WIN-01").verdict == Verdict.WITH_WAIVERS


def test_a_wrong_answer_fails_answers_and_not_the_window(tmp_path: Path) -> None:
    misses = [
        {"limit": "error_share", "allowed": 0.001, "measured": 0.1},
        {"limit": "consumers_finished", "allowed": 1, "measured": 0},
    ]
    run = a_load_run(tmp_path, misses=misses, errors=["getAllUsers: 3 rows came twice"])
    found = outcomes(read_performance(run, OURS).performance)
    assert (found["LOAD-ERR-01"], found["LOAD-WIN-01"]) == (Outcome.FAILED, Outcome.PASSED)


def test_the_worst_of_several_runs_counts(tmp_path: Path) -> None:
    good, bad = {"passed": True, "misses": []}, {"passed": False, "misses": LATE}
    taken = read_performance(a_load_run(tmp_path, runs=[good, bad, good]), OURS).performance
    assert outcomes(taken)["LOAD-WIN-01"] == Outcome.FAILED
    assert taken.limits[0].measured == 150.5


@pytest.mark.parametrize(
    ("changes", "part"),
    [
        ({"partial": True, "stopped": "stopped by Ctrl-C"}, "is partial (stopped by Ctrl-C)"),
        ({"homeroom": "0.0.1"}, "was made by Homeroom 0.0.1"),
        ({"format": 2}, "has format 2"),
        ({"machine": {"node": "b", "cores": 2}}, "is of another machine (node: b then, a now)"),
        ({"subject": {"kind": "service", "address": ""}}, "and a provider is certified"),
        ({"subject": {"kind": "provider", "address": "https://other"}}, "must be the same"),
        ({"figures": 3}, "is no load report"),
        (
            {"misses": LATE, "limited_by": {"bottleneck": "generator", "why": "busy"}},
            "repeat it with --workers",
        ),
    ],
)
def test_what_says_nothing_of_the_subject_is_refused(
    changes: dict[str, Any], part: str, tmp_path: Path
) -> None:
    with pytest.raises(PerformanceError) as refused:
        read_performance(a_load_run(tmp_path, **changes), OURS)
    assert part in str(refused.value)


@pytest.mark.parametrize(
    ("certifying", "loaded", "part"),
    [
        (replace(OURS, kind=SubjectKind.SYNC), "provider", "a sync service is certified"),
        (
            replace(OURS, kind=SubjectKind.SYNC, is_reference=False),
            "service",
            "no load run speaks of this sync service",
        ),
        (replace(OURS, kind=SubjectKind.CANVAS), "provider", "of kind canvas"),
        (REAL, "provider", "https://sis.example/ims/oneroster/v1p1 is certified"),
    ],
)
def test_a_run_of_something_else_is_refused(
    certifying: Certifying, loaded: str, part: str, tmp_path: Path
) -> None:
    run = a_load_run(tmp_path, subject={"kind": loaded, "address": ""})
    with pytest.raises(PerformanceError) as refused:
        read_performance(run, certifying)
    assert part in str(refused.value)


def test_a_real_provider_may_be_loaded_from_elsewhere_and_that_is_marked(tmp_path: Path) -> None:
    subject = {"kind": "provider", "address": REAL.address}
    run = a_load_run(tmp_path, subject=subject, machine={"node": "b", "cores": 8})
    (mark,) = read_performance(run, REAL).performance.marks
    assert "another machine than this certification (node: b then, a now" in mark


@pytest.mark.parametrize(
    ("changes", "mark"),
    [
        ({"stopped": "asked to stop after 60 s"}, "stopped early: asked to stop after 60 s"),
        ({"load": {"faults": ["late.yaml"]}}, "disturbed on purpose: late.yaml"),
        ({"load": {"limits_file": "mine.toml"}}, "those of mine.toml"),
        ({"replayed": {"source": "probe.json"}}, "as slow as a probe"),
        ({"limited_by": {"bottleneck": "generator", "why": ""}}, "target can do more"),
        ({"limited_by": {"bottleneck": "machine", "why": ""}}, "shared a machine"),
        (
            {"comparison": {"changes": [{"measure": "p95_ms", "verdict": "slower"}]}},
            "slower than its baseline: p95_ms",
        ),
    ],
)
def test_what_a_reader_must_know_is_marked(
    changes: dict[str, Any], mark: str, tmp_path: Path
) -> None:
    (found,) = read_performance(a_load_run(tmp_path, **changes), OURS).performance.marks
    assert mark in found


def test_a_folder_without_a_load_report_is_refused(tmp_path: Path) -> None:
    with pytest.raises(PerformanceError, match="give the folder that `homeroom load --report"):
        read_performance(tmp_path, OURS)


def test_two_certifications_tell_that_one_had_another_load_run(tmp_path: Path) -> None:
    taken = read_performance(a_load_run(tmp_path), OURS).performance
    found = diff(some_results(), judged(taken))
    assert "load run" in {change.what for change in found.causes}


def test_the_verdict_of_a_waiver_without_scenarios_names_the_requirement() -> None:
    waived = msgspec.structs.replace(
        a_requirement_result("LOAD-WIN-01", outcome=Outcome.WAIVED), scenarios=[]
    )
    judgement = judge(Case(requirements=[waived], scenarios=[a_result()], waivers=[]))
    assert judgement.verdict is Verdict.WITH_WAIVERS
    assert judgement.reasons == [
        "LOAD-WIN-01 is not met, under a waiver: Students reach their classes"
    ]
