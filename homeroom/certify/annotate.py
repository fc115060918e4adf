"""What a CI service shows of a run: an annotation a failure, and a summary in Markdown."""

from collections.abc import Iterator

from homeroom.certify.html import OUTCOME_WORDS, VERDICT_WORDS, meaning
from homeroom.certify.outcomes import Outcome
from homeroom.certify.performance import describe
from homeroom.certify.results import Results

SHOWN = 50


def annotations(results: Results) -> Iterator[str]:
    """Yield GitHub's workflow commands: errors for failures, warnings for what was waived."""
    levels = {
        Outcome.FAILED: "error",
        Outcome.HARNESS_ERROR: "error",
        Outcome.WAIVED: "warning",
    }
    for check in results.preflight:
        if check.outcome == Outcome.FAILED:
            yield _command("error", check.check, f"{check.detail}. {check.remedy}")
    for scenario in results.scenarios:
        if level := levels.get(Outcome(scenario.outcome)):
            title = f"{' '.join(scenario.requirements)} {OUTCOME_WORDS[scenario.outcome]}"
            yield _command(level, title, f"{scenario.name}: {scenario.reason}")
    for limit in results.performance.limits if results.performance else ():
        if not limit.kept:
            told = f"{limit.requirement} {OUTCOME_WORDS[Outcome.FAILED]}"
            yield _command("error", told, describe(limit))
    for fault in results.faults:
        yield _command("error", "Homeroom broke", fault)


def _command(level: str, title: str, message: str) -> str:
    safe = title
    for character, code in (("%", "%25"), ("\r", "%0D"), ("\n", "%0A"), (":", "%3A"), (",", "%2C")):
        safe = safe.replace(character, code)
    text = message.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
    return f"::{level} title={safe}::{text}"


def summary(results: Results) -> str:
    """Write the run as Markdown: verdict, counts, what is not met."""
    totals = results.totals
    subject = f"{_cell(results.subject.name)} {_cell(results.subject.version)}"
    counts = (
        f"{totals.passed} passed, {totals.failed} failed, {totals.waived} waived, "
        f"{totals.not_applicable} not applicable, {totals.harness_error} not judged."
    )
    verdict = VERDICT_WORDS.get(results.verdict, results.verdict)
    lines = [f"## {verdict}: {subject}", "", meaning(results), "", counts]
    wrong = [each for each in results.requirements if each.outcome == Outcome.FAILED]
    if wrong:
        lines += ["", "| requirement | level | who is hurt | remedy |", "|---|---|---|---|"]
        lines += [
            f"| {each.id} {_cell(each.title)} | {each.level} | {_cell(each.consequence)} "
            f"| {_cell(each.remedy)} |"
            for each in wrong[:SHOWN]
        ]
    return "\n".join([*lines, ""])


def _cell(text: str) -> str:
    plain = " ".join(text.split())
    for character in "\\|<>*_`[]":
        plain = plain.replace(character, f"\\{character}")
    return plain
