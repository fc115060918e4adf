"""index.html: one offline file for three readers, made from results.json alone."""

import difflib
import hashlib
import re
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import groupby
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from homeroom.certify.outcomes import Outcome
from homeroom.certify.performance import LIMIT_WORDS
from homeroom.certify.requirement_set import Level
from homeroom.certify.results import RequirementResult, Results, ScenarioResult, Verdict

TEMPLATES = Path(__file__).with_name("templates")

KIND_WORDS: Mapping[str, str] = {
    "sync": "sync service",
    "pair": "connection",
    "provider": "student information system",
    "canvas": "Canvas account",
}

OUTCOME_WORDS: Mapping[str, str] = {
    Outcome.PASSED: "passed",
    Outcome.FAILED: "failed",
    Outcome.WAIVED: "waived",
    Outcome.NOT_APPLICABLE: "not applicable",
    Outcome.HARNESS_ERROR: "not judged",
    Outcome.NOT_TESTED: "not tested",
}

VERDICT_WORDS: Mapping[str, str] = {
    Verdict.CERTIFIED: "Certified",
    Verdict.WITH_WAIVERS: "Certified, with waivers",
    Verdict.NOT_CERTIFIED: "Not certified",
    Verdict.INCOMPLETE: "Incomplete",
    Verdict.ERROR: "Error in Homeroom",
}

EVIDENCE_WORDS: Mapping[str, str] = {
    "documented": "documented",
    "from-source": "read from source code",
    "reported": "reported by users",
    "inferred": "our inference",
}


NEED_WORDS: Mapping[str, str] = {
    "canvas": "Canvas, as Instructure's Focus integration reads it",
    "sds": "Microsoft School Data Sync",
}


@dataclass(frozen=True, kw_only=True)
class Readiness:
    """Whether a provider is ready for one consumer, and what stands in the way."""

    consumer: str
    ready: str
    """yes, no, not known, or as far as tried where a must of it could not be tried."""
    lacks: Sequence[RequirementResult]
    advised: Sequence[RequirementResult]
    untried: Sequence[RequirementResult]


@dataclass(frozen=True, kw_only=True)
class Line:
    """One line of expected or received, and whether the other side lacks it."""

    text: str
    differs: bool


@dataclass(frozen=True, kw_only=True)
class Failure:
    """A scenario on the worklist, with the requirements it breaks."""

    scenario: ScenarioResult
    requirements: Sequence[RequirementResult]
    expected: Sequence[Line]
    received: Sequence[Line]


def to_html(results: Results) -> str:
    """Render the report."""
    by_id = {requirement.id: requirement for requirement in results.requirements}
    not_met = [each for each in results.requirements if each.outcome == Outcome.FAILED]
    counts = results.totals
    return (
        _environment()
        .get_template("report.html.j2")
        .render(
            results=results,
            outcome_words=OUTCOME_WORDS,
            evidence_words=EVIDENCE_WORDS,
            kind=KIND_WORDS.get(results.subject.kind, results.subject.kind),
            verdict=VERDICT_WORDS.get(results.verdict, results.verdict),
            meaning=meaning(results),
            hurt=[each for each in not_met if each.level == Level.MUST],
            advised=[each for each in not_met if each.level != Level.MUST],
            waived=[each for each in results.requirements if each.outcome == Outcome.WAIVED],
            readiness=readiness(results),
            failures=_with_outcome(results, by_id, Outcome.FAILED),
            waived_failures=_with_outcome(results, by_id, Outcome.WAIVED),
            errors=_with_outcome(results, by_id, Outcome.HARNESS_ERROR),
            features=[
                (feature, list(group))
                for feature, group in groupby(
                    sorted(results.scenarios, key=lambda each: (each.file, each.line)),
                    key=lambda each: (each.file, each.feature),
                )
            ],
            bars=[
                ("passed", counts.passed),
                ("failed", counts.failed),
                ("waived", counts.waived),
                ("not-applicable", counts.not_applicable),
                ("harness-error", counts.harness_error),
            ],
            total=len(results.scenarios),
            missed=[
                limit
                for limit in (results.performance.limits if results.performance else ())
                if not limit.kept
            ],
            limit_words=LIMIT_WORDS,
            css=Markup((TEMPLATES / "report.css").read_text(encoding="utf-8")),  # noqa: S704 -- our own file
            script=Markup((TEMPLATES / "report.js").read_text(encoding="utf-8")),  # noqa: S704 -- our own file
        )
    )


def readiness(results: Results) -> list[Readiness]:
    """Tell for each consumer that was asked about whether the provider is ready for it."""
    found: list[Readiness] = []
    for need in sorted({each.need for each in results.requirements if each.need}):
        mine = [each for each in results.requirements if each.need == need]
        musts = [each for each in mine if each.level == Level.MUST]
        lacks = [each for each in musts if each.outcome == Outcome.FAILED]
        known = (Outcome.PASSED, Outcome.FAILED, Outcome.WAIVED)
        untried = [each for each in musts if each.outcome not in known]
        broken = any(each.outcome == Outcome.HARNESS_ERROR for each in mine)
        none = not any(each.outcome in known for each in musts)
        good = "as far as tried" if untried else "yes"
        found.append(
            Readiness(
                consumer=NEED_WORDS.get(need, need),
                ready="no" if lacks else "not known" if broken or none else good,
                lacks=lacks,
                advised=[
                    each
                    for each in mine
                    if each.level != Level.MUST and each.outcome == Outcome.FAILED
                ],
                untried=untried,
            )
        )
    return found


def meaning(results: Results) -> str:
    """Say in a superintendent's words what the verdict means for the go-live."""
    kind = KIND_WORDS.get(results.subject.kind, results.subject.kind)
    failed = sum(
        each.outcome == Outcome.FAILED and (each.level == Level.MUST or results.selection.strict)
        for each in results.requirements
    )
    if results.subject.kind == "pair" and (told := _of_a_night(results, failed)):
        return told
    if results.subject.kind in ("provider", "canvas") and (told := _of_a_peer(results, failed)):
        return told
    match results.verdict:
        case Verdict.CERTIFIED:
            return (
                f"In the rehearsal the {kind} did everything it must do. On this evidence it can "
                "be switched on."
            )
        case Verdict.WITH_WAIVERS:
            return (
                f"In the rehearsal the {kind} did what it must do, except for what your own "
                "people have accepted in writing, for a limited time. Those exceptions stand below."
            )
        case Verdict.NOT_CERTIFIED if failed:
            return (
                f"In the rehearsal the {kind} did not do what it must do, in "
                f"{failed} {'point' if failed == 1 else 'points'}. It should not be switched on "
                "before each is mended, or accepted in writing by someone who may."
            )
        case Verdict.NOT_CERTIFIED:
            return (
                "Nothing failed, but an exception that was accepted in writing is no longer "
                "needed. It has to be withdrawn, so that it cannot hide a later failure."
            )
        case Verdict.INCOMPLETE:
            return (
                f"This run does not say whether the {kind} is fit to be switched on: not "
                "everything was tried."
            )
        case _:
            return (
                f"Homeroom itself broke during this run, so it says nothing about the {kind}. "
                "Run it again; if it breaks again, report it to the makers of Homeroom."
            )


def _of_a_peer(results: Results, failed: int) -> str:
    """Say what a verdict on a provider or a Canvas means: others rely on it."""
    kind = KIND_WORDS[results.subject.kind]
    points = f"{failed} {'point' if failed == 1 else 'points'}"
    untried = sum(each.outcome == Outcome.NOT_APPLICABLE for each in results.requirements)
    some = (
        f" {untried} of {len(results.requirements)} requirements could not be tried or do not "
        "apply; the reasons stand below."
        if untried
        else ""
    )
    match results.verdict:
        case Verdict.CERTIFIED:
            return (
                f"What was tried of the {kind} is as an integration needs it. On this evidence one "
                f"can be connected.{some}"
            )
        case Verdict.NOT_CERTIFIED if failed:
            return (
                f"The {kind} is not as an integration needs it, in {points}. Connecting one is "
                "not advised before each is mended, or accepted in writing by someone who may."
                f"{some}"
            )
        case _:
            return ""


def _of_a_night(results: Results, failed: int) -> str:
    """Say what one watched night means: less than a rehearsal, since it shows only what it held."""
    tested = sum(each.outcome != Outcome.NOT_TESTED for each in results.requirements)
    of = f"{tested} of {len(results.requirements)} requirements"
    match results.verdict:
        case Verdict.CERTIFIED:
            return (
                f"In the night that was watched the connection did everything that was to be done; "
                f"it was a test of {of}. What the night held no case of is not shown by it."
            )
        case Verdict.NOT_CERTIFIED if failed:
            return (
                "After the night that was watched Canvas or the SIS gradebook is not as it must "
                f"be, in {failed} {'point' if failed == 1 else 'points'} of the {of} that it "
                "tested. Whom it hurts stands below."
            )
        case Verdict.INCOMPLETE:
            return "What was observed does not say whether the connection did its work."
        case _:
            return ""


def _with_outcome(
    results: Results, by_id: Mapping[str, RequirementResult], outcome: Outcome
) -> list[Failure]:
    failures: list[Failure] = []
    for scenario in results.scenarios:
        if scenario.outcome == outcome:
            expected, received = side_by_side(scenario.expected, scenario.received)
            failures.append(
                Failure(
                    scenario=scenario,
                    requirements=[by_id[id_] for id_ in scenario.requirements if id_ in by_id],
                    expected=expected,
                    received=received,
                )
            )
    return failures


def side_by_side(expected: str, received: str) -> tuple[list[Line], list[Line]]:
    """Split two texts into lines and mark those that the other text lacks."""
    left, right = expected.splitlines(), received.splitlines()
    same = difflib.SequenceMatcher(a=left, b=right, autojunk=False).get_matching_blocks()
    left_same = {block.a + offset for block in same for offset in range(block.size)}
    right_same = {block.b + offset for block in same for offset in range(block.size)}
    return (
        [Line(text=text, differs=at not in left_same) for at, text in enumerate(left)],
        [Line(text=text, differs=at not in right_same) for at, text in enumerate(right)],
    )


def anchor(scenario_id: str) -> str:
    """Return the fragment under which a scenario is found, the same in every report."""
    return f"s-{hashlib.sha256(scenario_id.encode()).hexdigest()[:10]}"


def curl(exchange: Mapping[str, Any]) -> str:
    """Return a shell line that repeats an exchange, with the secrets as variables."""
    side = "CANVAS" if exchange.get("fake") == "canvas" else "FOCUS"
    path = str(exchange.get("path", ""))
    if query := exchange.get("query"):
        path += f"?{query}"
    words = ["curl", "-i", "-X", shlex.quote(str(exchange.get("method", "GET")))]
    words += ["-H", f'"Authorization: Bearer ${side}_TOKEN"']
    body = exchange.get("request")
    if isinstance(body, str) and body.lstrip().startswith(("{", "[")):
        words += ["-H", "'Content-Type: application/json'", "--data", shlex.quote(body)]
    elif body:
        words += ["--data", shlex.quote(str(body))]
    return " ".join([*words, f'"${side}_ORIGIN"{shlex.quote(path)}'])


def with_code(text: str) -> Markup:
    """Set what stands between backticks as code; all else stays text, whoever wrote it."""
    code = re.sub(r"`([^`]+)`", r"<code>\1</code>", str(escape(text)))
    return Markup(code)  # noqa: S704 -- escaped above, before our own tags went in


def figure(value: float) -> str:
    """Write a measured number for people: no more digits than it has meaning."""
    return f"{value:,.4g}" if abs(value) < 1000 else f"{value:,.0f}"


def seconds(duration_s: float) -> str:
    """Write a duration for people."""
    if duration_s < 60:
        return f"{duration_s:.1f} s"
    return f"{int(duration_s // 60)} min {int(duration_s % 60)} s"


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "anchor": anchor,
        "curl": curl,
        "figure": figure,
        "seconds": seconds,
        "with_code": with_code,
    }
    return environment
