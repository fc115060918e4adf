"""`before` and `after`: what each does with a store, and when it refuses."""

import gc
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from homeroom.certify.bundle import (
    REPORTS,
    check_target,
    new_run_folder,
    point_latest,
    write_bundle,
)
from homeroom.certify.requirement_set import read_requirement_set
from homeroom.certify.results import Check
from homeroom.certify.run import Certified
from homeroom.certify.waivers import check_waivers
from homeroom.config import Config, ConfigError, SubjectKind
from homeroom.judge.contradictions import contradictions
from homeroom.judge.night import watch
from homeroom.judge.observing import Say, observe
from homeroom.judge.recording import (
    JudgeError,
    Moment,
    Observation,
    Recording,
    Target,
    read_observation,
    write_observation,
)
from homeroom.judge.report import report

RUNNING = frozenset({"initializing", "created", "importing", "cleanup_batch", "restoring"})


@dataclass(frozen=True, kw_only=True)
class Request:
    """What `homeroom judge` was asked for."""

    config: Config
    environ: Mapping[str, str]
    store: Path
    report: Path | None = None
    grades: bool = True
    synced: bool | None = None
    ran: bool = False
    recorded: bool = False
    """Judge the `after` that lies in the store, without looking at the worlds again."""
    rate_per_s: float | None = None
    say: Say = lambda _: None


def before(request: Request) -> Recording:
    """Observe the pair before its night and store it; see `after` for what it raises."""
    _check_kind(request.config)
    if (request.store / Moment.AFTER).exists():
        raise JudgeError(
            f"{request.store}: holds a whole night already; name another folder with --store"
        )
    seen = _observe(request, Moment.BEFORE)
    write_observation(seen, request.store)
    return seen.recording


def after(request: Request) -> Certified:
    """Observe the pair after its night, judge it against the stored `before`, write the report.

    Raises:
        JudgeError: One of the observations is missing, incomplete, or of another pair.
        ConfigError: The configuration names no pair, or a waiver is unusable.
        BundleError: The report cannot be written.
    """
    _check_kind(request.config)
    zone = _zone(request.config)
    requirement_set = read_requirement_set()
    check_waivers(request.config.waivers, requirement_set, today=datetime.now(UTC).date())
    check_target(request.report or REPORTS / "new")
    was = read_observation(request.store, Moment.BEFORE)
    if request.recorded:
        stands = read_observation(request.store, Moment.AFTER, like=was)
        _check_same(was.target, stands.target, request.store)
    else:
        stands = _observe(replace(request, grades=was.recording.grades), Moment.AFTER)
        _check_same(was.target, stands.target, request.store)
        _check_over(stands)
        write_observation(stands, request.store)
        del stands
        stands = read_observation(request.store, Moment.AFTER, like=was)
    # What stands now stays to the end: the collector need not look through it again and again.
    gc.freeze()
    request.say("judging")
    choices = request.config.subject.choices
    night = watch(was, stands, choices, zone=zone, synced=request.synced, ran=request.ran)
    wrong = list(contradictions(stands.worlds, choices, at=night.now, zone=zone))
    done = report(night, request.config, requirement_set, preflight=_checks(wrong))
    folder = request.report or new_run_folder(done.results.environment.run_id)
    write_bundle(done.results, folder)
    if request.report is None:
        point_latest(folder)
    return Certified(results=done.results, exit_code=done.exit_code, report=folder)


def _observe(request: Request, moment: Moment) -> Observation:
    return observe(
        request.config,
        request.environ,
        moment,
        grades=request.grades,
        rate_per_s=request.rate_per_s,
        say=request.say,
    )


def _check_kind(config: Config) -> None:
    subject = config.subject
    driven = bool(subject.provision or subject.provision_url)
    if subject.kind is SubjectKind.PAIR or (subject.kind is SubjectKind.SYNC and not driven):
        return
    raise ConfigError(
        f'{config.path}: subject.kind is {subject.kind.value!r}; `homeroom judge` is for "pair", '
        "a provider and a Canvas whose night Homeroom does not drive"
    )


def _zone(config: Config) -> ZoneInfo:
    name = config.service.get("time_zone", "America/New_York")
    try:
        return ZoneInfo(name)
    except (ValueError, OSError, TypeError):
        raise ConfigError(
            f"{config.path}: service.time_zone is {name!r}; allowed is a name such as "
            "America/Chicago"
        ) from None


def _check_same(was: Target, stands: Target, store: Path) -> None:
    """Raise unless both observations are of one provider, one Canvas and one district."""
    for name, left, right in (
        ("provider", was.oneroster, stands.oneroster),
        ("Canvas", was.canvas, stands.canvas),
        ("root account", str(was.account), str(stands.account)),
        ("root account", was.account_uuid, stands.account_uuid),
    ):
        if left != right:
            raise JudgeError(
                f"{store}: the before is of another {name}: {left}, and now it is {right}; "
                "observe before and after of one pair"
            )
    if was.districts and stands.districts and not set(was.districts) & set(stands.districts):
        raise JudgeError(
            f"{store}: the before is of another district: its topmost orgs were "
            f"{', '.join(was.districts[:3])}, and now they are {', '.join(stands.districts[:3])}"
        )


def _check_over(seen: Observation) -> None:
    running = [each for each in seen.recording.imports or () if each.state in RUNNING]
    if running:
        raise JudgeError(
            f"Canvas still works on SIS import {running[0].id} ({running[0].state}): "
            "the night is not over; come back when it is"
        )


def _checks(wrong: list[str]) -> list[Check]:
    checks = [Check(check="Both observations are whole and of one pair", outcome="passed")]
    name = "The declared choices fit what stands in Canvas"
    if not wrong:
        return [*checks, Check(check=name, outcome="passed")]
    return checks + [
        Check(
            check=name,
            outcome="failed",
            detail=told,
            remedy="Correct [subject.choices], or ask the vendor which it is.",
        )
        for told in wrong
    ]
