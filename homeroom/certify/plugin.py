"""pytest plugin: gives scenarios the `certification` fixture and writes down what became of each.

Each process writes its own file of events. The verdict is built from these and from the catalogue,
never from a report of the runner: pytest-bdd's cucumber JSON drops scenarios and passes failures.
"""

import json
import os
import time
import traceback
from collections.abc import Callable, Generator, Iterator
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from pytest_bdd.scenario import scenario_wrapper_template_registry

from homeroom.certify.catalogue import FEATURES, scenario_id
from homeroom.certify.certification import (
    SESSION_VARIABLE,
    Certification,
    Session,
    clip_all,
    read_session,
)
from homeroom.certify.classify import Finding, classify
from homeroom.certify.control import ControlClient
from homeroom.certify.fakes import start_fakes
from homeroom.certify.keep import keep_space
from homeroom.certify.outcomes import Outcome
from homeroom.certify.reaper import start_reaper
from homeroom.certify.subject import SubjectRunner
from homeroom.config import SubjectKind, read_config, with_choices
from homeroom.lifeline import hold_on

NIGHT_TAG = "night:"
"""Scenarios tagged `@night:NAME` share one dense night: one worker runs them one by one."""

_CERTIFICATION = pytest.StashKey[Certification]()
_SESSION = pytest.StashKey[Session | None]()
_FINDINGS = pytest.StashKey[list[Finding]]()
_STEP = pytest.StashKey[str]()
_RUNS = pytest.StashKey[list[str]]()
_EXCHANGES = pytest.StashKey[list[dict[str, Any]]]()


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_load_initial_conftests() -> Generator[None]:
    """Hold on to `homeroom certify`, before pytest's capture takes standard input away."""
    if path := os.environ.get(SESSION_VARIABLE):
        session = read_session(Path(path))
        hold_on(partial(start_reaper, session.family, session.work))
    return (yield)


def pytest_configure(config: pytest.Config) -> None:
    """Read what `homeroom certify` says of the run, where it started this one."""
    path = os.environ.get(SESSION_VARIABLE)
    config.addinivalue_line("markers", "night(name): scenarios that share one dense night")
    config.stash[_SESSION] = read_session(Path(path)) if path else None


@pytest.fixture(scope="session")
def certification(pytestconfig: pytest.Config) -> Iterator[Certification]:
    """The run these scenarios are part of; without `homeroom certify` it makes one of its own."""
    session = pytestconfig.stash[_SESSION]
    with ExitStack() as stack:
        if session is None:
            work = Path(stack.enter_context(TemporaryDirectory(prefix="homeroom-")))
            control = stack.enter_context(start_fakes(work))["control"]
            url, token, path = control["url"], control["token"], os.environ.get("HOMEROOM_CONFIG")
        else:
            work, path = Path(session.work), session.config_path
            url, token = session.control_url, session.control_token
        config = read_config(Path(path) if path else None)
        if session is not None and session.choices is not None:
            config = with_choices(config, session.choices)
        given = Certification(
            config=config,
            control=stack.enter_context(ControlClient(url, token)),
            subject=SubjectRunner(config, work=work, family=session.family if session else ""),
            work=work,
        )
        pytestconfig.stash[_CERTIFICATION] = given
        yield given


def pytest_bdd_apply_tag(tag: str, function: Callable[..., object]) -> bool:
    """Remember the night of a scenario; other tags are read by the catalogue and mark nothing."""
    if tag.startswith(NIGHT_TAG):
        pytest.mark.night(tag.removeprefix(NIGHT_TAG))(function)
    return True


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Keep the selected scenarios only, and write down which were found."""
    session = config.stash[_SESSION]
    if session is None:
        return
    wanted = set(session.selected)
    found = {id_: item for item in items if (id_ := id_of(item, session)) is not None}
    nights = {
        item.nodeid: mark.args[0]
        for item in found.values()
        if (mark := item.get_closest_marker("night")) is not None
    }
    _write(session, {"event": "collected", "ids": sorted(found), "nights": nights})
    kept = [item for id_, item in found.items() if id_ in wanted]
    config.hook.pytest_deselected(items=[item for item in items if item not in kept])
    items[:] = kept


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Keep each night in one worker; xdist's own groups are lost with pytest 9.2's node ids."""
    from homeroom.certify.scheduling import NightScheduling

    session = config.stash[_SESSION]
    return NightScheduling(config, log, Path(session.work)) if session else None


def id_of(item: pytest.Item, session: Session | None) -> str | None:
    """Return the id of the scenario an item runs, or None where it runs none."""
    template = scenario_wrapper_template_registry.get(getattr(item, "function", None) or id_of)
    if template is None:
        return None
    root = Path(session.features if session else FEATURES).resolve()
    path = Path(template.feature.filename).resolve()
    file = path.relative_to(root).as_posix() if path.is_relative_to(root) else path.as_posix()
    callspec = getattr(item, "callspec", None)
    row: dict[str, str] = callspec.params.get("_pytest_bdd_example", {}) if callspec else {}
    return scenario_id(file, template.name, tuple(row.values()) or None)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """Write down that a scenario starts, and afterwards what came of it."""
    session = item.config.stash[_SESSION]
    id_ = id_of(item, session)
    if session is None or id_ is None:
        return (yield)
    _write(session, {"event": "started", "id": id_})
    started = time.monotonic()
    result = yield
    findings: list[Finding] = item.stash.setdefault(_FINDINGS, [])
    finding = Finding.worst(findings)
    _write(
        session,
        {
            "event": "finished",
            "id": id_,
            "outcome": finding.outcome,
            "reason": finding.reason,
            "expected": finding.expected,
            "received": finding.received,
            "trace": finding.trace,
            "step": item.stash.get(_STEP, "") if finding.outcome is not Outcome.PASSED else "",
            "exchanges": item.stash.get(_EXCHANGES, []),
            "runs": item.stash.get(_RUNS, []),
            "duration_s": round(time.monotonic() - started, 3),
        },
        redact=item.config.stash.get(_CERTIFICATION, None),
    )
    return result


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Keep what a phase of a scenario ended with, and its evidence while the worlds still exist."""
    finding = classify(call.when, call.excinfo.value if call.excinfo else None)
    item.stash.setdefault(_FINDINGS, []).append(finding)
    given = item.config.stash.get(_CERTIFICATION, None)
    telling = finding.outcome in (Outcome.FAILED, Outcome.HARNESS_ERROR)
    session = item.config.stash[_SESSION]
    if call.when == "call" and not telling and session is not None and session.keeps_worlds:
        _keep(item, given)
    if telling and given is not None and _EXCHANGES not in item.stash:
        told = f"{finding.reason} {finding.expected} {finding.received}"
        item.stash[_EXCHANGES] = clip_all(finding.exchanges) or given.excerpt(told)
        item.stash[_RUNS] = given.runs()
        _keep(item, given)
    return (yield)


def _keep(item: pytest.Item, given: Certification | None) -> None:
    """Keep the world of a failure for its replay; whatever goes wrong here is no finding."""
    session, id_ = item.config.stash[_SESSION], id_of(item, item.config.stash[_SESSION])
    if session is None or given is None or id_ is None:
        return
    try:
        if (space := given.judged) is not None:
            keep_space(
                space,
                id_,
                Path(session.work),
                given.subject.redact,
                lives_nights=session.kind is SubjectKind.SYNC,
            )
    except Exception:  # a failure without a replay is a failure all the same
        traceback.print_exc()


def pytest_bdd_step_error(request: pytest.FixtureRequest, step: Any) -> None:
    """Remember which step a scenario failed at."""
    request.node.stash[_STEP] = f"{step.keyword} {step.name}"


def pytest_bdd_step_func_lookup_error(request: pytest.FixtureRequest, step: Any) -> None:
    """Remember which step nobody defined."""
    request.node.stash[_STEP] = f"{step.keyword} {step.name}"


def _write(session: Session, event: dict[str, Any], redact: Certification | None = None) -> None:
    line = json.dumps(event, ensure_ascii=False)
    if redact is not None:
        line = redact.subject.redact(line)
    path = Path(session.work) / f"events-{os.getpid()}.jsonl"
    with path.open("a", encoding="utf-8") as events:
        events.write(line + "\n")
