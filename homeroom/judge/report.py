"""From a watched night to the same results, verdict and exit code that a certification has."""

import hashlib
import platform
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import msgspec

from homeroom import __version__
from homeroom.certify.outcomes import Outcome
from homeroom.certify.requirement_set import Requirement, RequirementSet
from homeroom.certify.results import (
    Check,
    Environment,
    Results,
    ScenarioResult,
    Selection,
    SetInfo,
    SubjectInfo,
    Verdict,
)
from homeroom.certify.verdict import (
    FELL_SHORT,
    Case,
    Judgement,
    count,
    judge,
    judge_requirements,
    judge_waivers,
)
from homeroom.config import Config, SubjectKind
from homeroom.judge.evidence import Evidence, gather
from homeroom.judge.night import WatchedNight
from homeroom.oracle.judge import changes

SHOWN = 12
NOT_SEEN = "The night that was watched held no case of it."
NO_SYNC = "No grade sync was seen: the SIS gradebook did not change between the two looks."
NO_GRADES = "Grades were left out of the observation."


@dataclass(frozen=True, kw_only=True)
class Judged:
    """The report data and the exit code."""

    results: Results
    exit_code: int


def report(
    night: WatchedNight,
    config: Config,
    requirement_set: RequirementSet,
    *,
    preflight: Sequence[Check],
) -> Judged:
    """Make the report of a night. What it held no case of is not tested, and never a pass."""
    fit = all(check.outcome == "passed" for check in preflight)
    binding = requirement_set.binding(SubjectKind.PAIR)
    evidence = _evidence(night) if fit and not night.held else {}
    waived = {each.requirement for each in config.waivers}
    scenarios = [
        _scenario(each, evidence[each.id], night, waived=each.id in waived)
        for each in binding
        if each.id in evidence and evidence[each.id].cases
    ]
    requirements = [
        msgspec.structs.replace(each, untested=_why_untested(each.id, night))
        if each.outcome == Outcome.NOT_TESTED
        else each
        for each in judge_requirements(
            binding, scenarios, config.waivers, config.subject.choices.rules
        )
    ]
    waivers = judge_waivers(config.waivers, requirements)
    case = Case(
        requirements=requirements,
        scenarios=scenarios,
        waivers=waivers,
        preflight_failed=not fit,
    )
    judgement = _with_gaps(judge(case), night)
    results = Results(
        verdict=judgement.verdict,
        subject=_subject(config, night),
        preflight=list(preflight),
        requirement_set=SetInfo(
            id=requirement_set.id, version=requirement_set.version, sha256=requirement_set.sha256
        ),
        totals=count(scenarios),
        requirements=requirements,
        scenarios=scenarios,
        waivers=waivers,
        environment=_environment(night),
        reasons=[*judgement.reasons, *_remarks(night)],
        selection=Selection(scenarios=len(scenarios)),
    )
    return Judged(results=results, exit_code=judgement.exit_code)


def _evidence(night: WatchedNight) -> dict[str, Evidence]:
    """Return the evidence, with what the two looks say of the night as a whole."""
    found = gather(night)
    if not night.seen and not night.findings:
        # Nobody shows that a night took place: then nothing it might have done is proven either.
        found = {each: told for each, told in found.items() if each.startswith("GPB-")}
    elif night.quiet:
        found["PRV-RUN-02"] = Evidence(cases={("feed", ("unchanged",))})
        worlds = (night.before.worlds.canvas, night.after.worlds.canvas)
        if night.settled and not changes(*worlds):
            found["PRV-RUN-01"] = Evidence(cases={("canvas", ("unchanged",))})
    return found


def _scenario(
    requirement: Requirement, evidence: Evidence, night: WatchedNight, *, waived: bool
) -> ScenarioResult:
    findings = evidence.findings
    outcome = Outcome.PASSED
    if findings:
        outcome = Outcome.WAIVED if waived else Outcome.FAILED
    more = len(findings) - SHOWN
    tail = f"\n... and {more} more" if more > 0 else ""
    shown = findings[:SHOWN]
    number = len(evidence.cases)
    return ScenarioResult(
        id=f"judge::{requirement.id}",
        name=requirement.title,
        feature=_feature(requirement.id),
        requirements=[requirement.id],
        outcome=outcome,
        duration_s=0.0,
        reason=f"{_some(len(findings), 'finding')} in {_some(number, 'case')}" if findings else "",
        expected="\n".join(each.expected_line for each in shown) + tail,
        received="\n".join(each.received_line for each in shown) + tail,
        file=f"judge/{_feature(requirement.id).lower().replace(' ', '-')}",
        purpose="Seen in a night that Homeroom did not drive, from two looks at both worlds.",
        steps=[
            f"Given both worlds as they were at {night.before.recording.ended_at.isoformat()}",
            f"When the night of {night.now.isoformat()} is over",
            f"Then {_some(number, 'case')} of this requirement are as they must be",
        ],
    )


def _feature(requirement: str) -> str:
    return "Grades" if requirement.startswith("GPB-") else "Roster"


def _why_untested(requirement: str, night: WatchedNight) -> str:
    if night.held:
        return "The night was held: nothing was applied."
    if requirement.startswith("GPB-") and not night.before.recording.grades:
        return NO_GRADES
    if requirement.startswith("GPB-") and night.gradebook is None:
        return NO_SYNC
    return NOT_SEEN


def _with_gaps(judgement: Judgement, night: WatchedNight) -> Judgement:
    """Turn a verdict that rests on nothing into an incomplete one."""
    gaps: list[str] = []
    if night.held:
        gaps.append(
            "Nothing changed in Canvas and the night crossed the brake's thresholds "
            f"({'; '.join(night.held)}): it seems to be held. Release it, then look again."
        )
    elif not night.seen and not night.findings:
        gaps.append(
            "Nothing shows that a night took place between the two looks: Canvas took no SIS "
            "import and nothing in it changed. Let the night happen, then look again; "
            "or answer for it yourself with --ran, if your service sends nothing on a quiet night."
        )
    if not gaps or judgement.exit_code not in {0, FELL_SHORT}:
        return judgement
    if judgement.verdict == Verdict.NOT_CERTIFIED:
        return judgement
    return Judgement(verdict=Verdict.INCOMPLETE, exit_code=FELL_SHORT, reasons=gaps)


def _remarks(night: WatchedNight) -> list[str]:
    """Say what was left out of the judgement, and what to know about it."""
    told: list[str] = []
    if night.findings and not night.seen:
        told.append(
            "Canvas took no SIS import between the two looks and nothing in it changed: "
            "if the night did not run, let it run and look again."
        )
    by_reason: dict[str, list[str]] = {}
    for each in night.unjudged:
        by_reason.setdefault(each.why, []).append(str(each.finding))
    for why, findings in by_reason.items():
        told.append(
            f"Not judged, since {why}: {_some(len(findings), 'fact')}, for instance {findings[0]}."
        )
    if night.before.recording.grades and night.gradebook is None:
        told.append(NO_SYNC)
    return told


def _subject(config: Config, night: WatchedNight) -> SubjectInfo:
    target = night.after.target
    return SubjectInfo(
        kind=SubjectKind.PAIR,
        name=config.subject.name or f"{target.oneroster} with {target.canvas}",
        version=config.subject.version or "",
        choices=msgspec.to_builtins(config.subject.choices),
        commands={"provider": target.oneroster, "Canvas": target.canvas},
    )


def _environment(night: WatchedNight) -> Environment:
    before, after = night.before.recording, night.after.recording
    worlds = msgspec.json.encode([before.sha256, after.sha256], order="sorted")
    return Environment(
        homeroom=__version__,
        python=platform.python_version(),
        seed=0,
        district_sha256=hashlib.sha256(worlds).hexdigest(),
        platform=platform.platform(),
        started_at=_iso(before.started_at),
        ended_at=_iso(after.ended_at),
        run_id=f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}-pair",
    )


def _iso(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def _some(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
