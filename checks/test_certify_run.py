"""Scenarios that are undefined, lost, skipped, broken or interrupted never pass."""

import os
import signal
import threading
import time
from pathlib import Path
from textwrap import dedent

import pytest

from homeroom.certify.catalogue import read_catalogue
from homeroom.certify.certification import Session
from homeroom.certify.outcomes import Outcome
from homeroom.certify.scenarios import Watched, run_scenarios

STEPS = """
    import os, time, pytest
    from pathlib import Path
    from pytest_bdd import given, parsers, then
    from homeroom.certify.outcomes import NotApplicable, Unmet

    @given("a world")
    def _(): pass

    @given("a world that cannot be set up", target_fixture="broken")
    def _(nowhere): pass

    @then("it is good")
    def _(): pass

    @then(parsers.parse("its colour is {colour}"))
    def _(colour):
        if colour != "red":
            raise Unmet("The colour is wrong.", expected="red", received=colour)

    @then("it breaks")
    def _(): raise KeyError("x")

    @then("it skips")
    def _(): pytest.skip("no time")

    @then("it does not apply")
    def _(): raise NotApplicable("no colours")

    @then("its worker dies")
    def _(): os._exit(9)

    @then("it takes long")
    def _():
        Path("long.started").touch()
        time.sleep(60)

    @pytest.fixture
    def leaky():
        yield
        raise OSError("cannot clean up")

    @then("it cannot be cleaned up")
    def _(leaky): pass
"""


@pytest.fixture
def features(tmp_path: Path) -> Path:
    """A features folder with steps and no scenarios yet."""
    folder = tmp_path / "features"
    (folder / "toys").mkdir(parents=True)
    (folder / "conftest.py").write_text(dedent(STEPS))
    (folder / "test_toys.py").write_text("from pytest_bdd import scenarios\nscenarios('toys')\n")
    return folder


def write(
    features: Path, *scenarios: str, name: str = "toys/a.feature", given: str = "a world"
) -> None:
    text = "@req:TOY-A-01\nFeature: Toys\n"
    for scenario in scenarios:
        text += f"  Scenario: {scenario}\n    Given {given}\n    Then {scenario}\n"
    (features / name).write_text(text)


def session_of(features: Path) -> Session:
    work = features.parent / "work"
    work.mkdir()
    return Session(
        control_url="http://127.0.0.1:9/__control__",
        control_token="none",
        config_path=None,
        work=str(work),
        features=str(features),
        family="",
        selected=tuple(scenario.id for scenario in read_catalogue(features)),
    )


def run(features: Path, workers: int = 1) -> Watched:
    return run_scenarios(session_of(features), workers=workers, limit_s=60)


def outcomes(watched: Watched) -> dict[str, tuple[Outcome, str]]:
    return {
        id_.rpartition("::")[2]: (report.outcome, report.reason)
        for id_, report in watched.reported.items()
    }


@pytest.mark.parametrize("workers", [1, 2])
def test_each_end_of_a_scenario_has_its_outcome(features: Path, workers: int) -> None:
    write(
        features,
        "it is good",
        "its colour is blue",
        "it breaks",
        "it skips",
        "it does not apply",
        "nobody defined this",
        "it cannot be cleaned up",
    )
    write(
        features, "its colour is red", name="toys/b.feature", given="a world that cannot be set up"
    )
    told = outcomes(run(features, workers))
    assert {name: outcome for name, (outcome, _) in told.items()} == {
        "it is good": Outcome.PASSED,
        "its colour is blue": Outcome.FAILED,
        "it breaks": Outcome.HARNESS_ERROR,
        "it skips": Outcome.HARNESS_ERROR,
        "it does not apply": Outcome.NOT_APPLICABLE,
        "nobody defined this": Outcome.HARNESS_ERROR,
        "it cannot be cleaned up": Outcome.HARNESS_ERROR,
        "its colour is red": Outcome.HARNESS_ERROR,
    }
    assert told["it breaks"][1] == "KeyError in call: 'x'"
    assert told["nobody defined this"][1].startswith("StepDefinitionNotFoundError in call: ")
    assert told["it cannot be cleaned up"][1] == "OSError in teardown: cannot clean up"


def test_failure_carries_its_evidence(features: Path) -> None:
    write(features, "its colour is blue")
    [report] = run(features).reported.values()
    assert (report.reason, report.expected, report.received, report.step) == (
        "The colour is wrong.",
        "red",
        "blue",
        "Then its colour is blue",
    )


@pytest.mark.parametrize("workers", [1, 2])
def test_dead_worker_costs_its_scenario_and_no_other(features: Path, workers: int) -> None:
    write(features, "it is good", "its worker dies", "its colour is red", "its colour is blue")
    watched = run(features, workers)
    assert outcomes(watched) == {
        "it is good": (Outcome.PASSED, ""),
        "its worker dies": (
            Outcome.HARNESS_ERROR,
            "it started and was never reported: its worker was lost",
        ),
        "its colour is red": (Outcome.PASSED, ""),
        "its colour is blue": (Outcome.FAILED, "The colour is wrong."),
    }
    assert watched.faults == []


def test_scenario_that_no_test_runs_is_noticed(features: Path) -> None:
    write(features, "it is good")
    (features / "lost").mkdir()
    write(features, "its colour is red", name="lost/b.feature")
    assert outcomes(run(features))["its colour is red"] == (
        Outcome.HARNESS_ERROR,
        "no test runs it: the runner did not collect it",
    )


def test_steps_that_cannot_be_imported_fail_no_subject(features: Path) -> None:
    write(features, "it is good")
    (features / "conftest.py").write_text("import nowhere\n")
    watched = run(features)
    [report] = watched.reported.values()
    assert report.outcome is Outcome.HARNESS_ERROR
    assert "No module named 'nowhere'" in report.trace


def test_scenarios_of_one_night_run_in_one_process(features: Path) -> None:
    (features / "conftest.py").write_text(
        "import os\nfrom pytest_bdd import given, then\n"
        "from homeroom.certify.outcomes import Unmet\n"
        "@given('a world')\ndef _(): pass\n"
        "@then('it tells its process')\n"
        "def _(): raise Unmet(str(os.getpid()))\n"
    )
    text = "@night:first @req:TOY-A-01\nFeature: Toys\n"
    for number in range(6):
        text += f"  Scenario: {number}\n    Given a world\n    Then it tells its process\n"
    (features / "toys/a.feature").write_text(text)
    processes = {report.reason for report in run(features, 3).reported.values()}
    assert len(processes) == 1


def test_surrounding_settings_of_pytest_do_not_reach_the_scenarios(
    features: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(features, "it is good")
    (features.parent / "pytest.ini").write_text("[pytest]\naddopts = --nonsense\n")
    monkeypatch.setenv("PYTEST_ADDOPTS", "--more-nonsense")
    assert outcomes(run(features)) == {"it is good": (Outcome.PASSED, "")}


@pytest.mark.parametrize("workers", [1, 2])
def test_interrupted_run_reports_what_was_done(features: Path, workers: int) -> None:
    write(features, "it is good", "it takes long")
    session = session_of(features)

    def interrupt() -> None:
        started = Path(session.work) / "long.started"
        while not started.exists():
            time.sleep(0.05)
        os.kill(os.getpid(), signal.SIGINT)

    thread = threading.Thread(target=interrupt)
    thread.start()
    began = time.monotonic()
    watched = run_scenarios(session, workers=workers, limit_s=60)
    thread.join()
    assert watched.interrupted
    assert outcomes(watched) == {"it is good": (Outcome.PASSED, "")}
    assert time.monotonic() - began < 40


def test_run_that_is_stuck_is_stopped(features: Path) -> None:
    write(features, "it takes long")
    watched = run_scenarios(session_of(features), workers=1, limit_s=3)
    assert watched.faults == ["Nothing happened for 3 s: the scenarios were stopped as stuck."]
    assert outcomes(watched)["it takes long"][0] is Outcome.HARNESS_ERROR
