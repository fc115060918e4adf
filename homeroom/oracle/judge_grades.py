"""Judge a grade sync: what of the SIS gradebook is not as the obligations permit."""

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal

from homeroom.oracle.canvas import CanvasWorld
from homeroom.oracle.feed import Feed, Gradebook, LineItem, Result
from homeroom.oracle.grade_obligations import (
    EXEMPT,
    GradebookObligations,
    LineItemObligation,
    Presence,
    ResultObligation,
    due_on_its_day,
    matches,
    missing_titles,
)
from homeroom.oracle.judge import changes
from homeroom.oracle.obligations import Finding


def judge_gradebook(obligations: GradebookObligations, after: Gradebook) -> list[Finding]:
    """Return everything in the gradebook that the obligations do not permit."""
    findings: list[Finding] = []
    claimed: set[str] = set()
    for each in obligations.line_items:
        findings.extend(judge_line_item(obligations, each, after))
        claimed |= {item.sourced_id for item in matches(each, after, obligations.zone)}
    findings.extend(_strays(obligations, after, claimed))
    findings.extend(losses(obligations, after))
    return findings


def judge_line_item(
    obligations: GradebookObligations, each: LineItemObligation, after: Gradebook
) -> list[Finding]:
    """Return what of one assignment in one class, and of its grades, is not permitted."""
    before = {item.sourced_id: item for item in obligations.before.line_items}
    found = matches(each, after, obligations.zone)
    if each.presence is Presence.FORBIDDEN:
        return list(_forbidden(obligations, each, after))
    if not found and each.presence is Presence.REQUIRED:
        titles = ", ".join(sorted(missing_titles(each, after))) or "none"
        told = f"none of that name and due date; the class has: {titles}"
        return [_finding(each, "line item", f"exactly one, since {each.why}", told)]
    if not found:
        return []
    fresh = [item for item in found if item.sourced_id not in before]
    if len(found) > 1 and (fresh or each.linked is not None):
        return [_finding(each, "line item", "exactly one", f"{len(found)} of that name and date")]
    item = found[0]
    if each.may_rest and _untouched(obligations, item, after):
        return []
    if each.linked is not None and item.sourced_id != each.linked:
        return [_finding(each, "line item", f"the one known as {each.linked}", item.sourced_id)]
    return [*_fields(obligations, each, item), *_results(obligations, each, item, after)]


def judge_result(
    obligations: GradebookObligations, each: LineItemObligation, student: str, after: Gradebook
) -> list[Finding]:
    """Return what of one pupil's grade on one assignment is not permitted."""
    found = matches(each, after, obligations.zone)
    wanted = next((result for result in each.results if result.student == student), None)
    if wanted is None:
        wanted = ResultObligation(
            student=student, presence=Presence.FORBIDDEN, why="the pupil has no seat in this class"
        )
    if not found and wanted.presence is Presence.REQUIRED and each.presence is Presence.REQUIRED:
        told = "no line item in the class to hold it"
        return [_finding(each, "result", _wanted(wanted), told, student)]
    return [
        finding for item in found for finding in _one_result(obligations, each, wanted, item, after)
    ]


def _forbidden(
    obligations: GradebookObligations, each: LineItemObligation, after: Gradebook
) -> Iterator[Finding]:
    before = {item.sourced_id: item for item in obligations.before.line_items}
    standing = {result.sourced_id: result for result in obligations.before.results}
    for item in after.live_line_items(each.class_):
        if item.title != each.title and item.sourced_id != each.linked:
            continue
        if item.sourced_id not in before:
            yield _finding(each, "line item", f"none, since {each.why}", "one was created")
            continue
        if _content(item) != _content(before[item.sourced_id]):
            yield _finding(each, "line item", f"untouched, since {each.why}", "it was changed")
        for result in after.live_results(item.sourced_id):
            if _grade(result) != _grade(standing.get(result.sourced_id)):
                told = f"{result.score} was written for {result.student}"
                yield _finding(each, "result", f"none written, since {each.why}", told)


def _untouched(obligations: GradebookObligations, item: LineItem, after: Gradebook) -> bool:
    """Tell whether a line item stood there before, and all in it, just as now."""
    was = next((x for x in obligations.before.line_items if x.sourced_id == item.sourced_id), None)
    held = {one.sourced_id: one for one in obligations.before.live_results(item.sourced_id)}
    now = {one.sourced_id: one for one in after.live_results(item.sourced_id)}
    return (
        was is not None
        and _content(was) == _content(item)
        and held.keys() == now.keys()
        and all(_grade(held[id_]) == _grade(now[id_]) for id_ in held)
    )


def _fields(
    obligations: GradebookObligations, each: LineItemObligation, item: LineItem
) -> Iterator[Finding]:
    if each.title is not None and item.title != each.title:
        yield _finding(each, "title", repr(each.title), repr(item.title))
    if not due_on_its_day(each, item.due_date, obligations.zone):
        days = " or ".join(day.isoformat() for day in sorted(each.due_days))
        yield _finding(each, "due date", days, str(item.due_date))
    if item.maximum != each.maximum:
        yield _finding(each, "maximum", f"{each.maximum} points", f"{item.maximum} points")
    if each.categories and item.category not in each.categories:
        yield _finding(each, "category", " or ".join(sorted(each.categories)), str(item.category))


def _results(
    obligations: GradebookObligations, each: LineItemObligation, item: LineItem, after: Gradebook
) -> Iterator[Finding]:
    for wanted in each.results:
        yield from _one_result(obligations, each, wanted, item, after)
    known = {wanted.student for wanted in each.results}
    standing = {result.sourced_id for result in obligations.before.results}
    for result in after.live_results(item.sourced_id):
        if result.student not in known and result.sourced_id not in standing:
            told = f"{result.score} for {result.student}"
            yield _finding(each, "result", "none for pupils who have no seat in this class", told)


def _one_result(
    obligations: GradebookObligations,
    each: LineItemObligation,
    wanted: ResultObligation,
    item: LineItem,
    after: Gradebook,
) -> Iterator[Finding]:
    found = after.live_results(item.sourced_id, wanted.student)
    if len(found) > 1:
        told = ", ".join(str(result.score) for result in found)
        yield _finding(each, "result", "exactly one", f"{len(found)}: {told}", wanted.student)
        return
    if not found:
        if wanted.presence is Presence.REQUIRED:
            yield _finding(each, "result", _wanted(wanted), "no result", wanted.student)
        return
    result = found[0]
    if _cleared(result):
        if wanted.presence is Presence.REQUIRED:
            yield _finding(each, "result", _wanted(wanted), _told(result), wanted.student)
        return
    if wanted.presence is Presence.FORBIDDEN:
        told = f"none, since {wanted.why}"
        yield _finding(each, "result", told, _told(result), wanted.student)
        return
    yield from _grade_findings(each, wanted, result)


def _grade_findings(
    each: LineItemObligation, wanted: ResultObligation, result: Result
) -> Iterator[Finding]:
    if result.score_status != wanted.status:
        yield _finding(
            each, "status", repr(wanted.status), repr(result.score_status), wanted.student
        )
    if wanted.status != EXEMPT and result.score != wanted.score:
        yield _finding(each, "score", str(wanted.score), str(result.score), wanted.student)
    if wanted.status == EXEMPT and result.score not in {None, Decimal(0)}:
        yield _finding(
            each, "score", "0 or nothing: it is excused", str(result.score), wanted.student
        )


def _strays(
    obligations: GradebookObligations, after: Gradebook, claimed: set[str]
) -> Iterator[Finding]:
    before = {item.sourced_id for item in obligations.before.line_items}
    for item in after.live_line_items():
        if item.sourced_id not in before and item.sourced_id not in claimed:
            key = (item.class_ or "no class", item.title)
            told = f"line item {item.sourced_id} was created"
            wanted = "none: no assignment in Canvas asks for it"
            yield Finding("line item", key, "line item", wanted, told, "GPB-LIN-01")


def losses(obligations: GradebookObligations, after: Gradebook) -> Iterator[Finding]:
    """Yield what stood in the gradebook and was taken away: passback adds and updates.

    A grade that Canvas no longer has, or no longer shows, may be taken back; nothing else may.
    """
    standing = {item.sourced_id for item in after.live_line_items()}
    free = {
        (item, result.student)
        for each in obligations.line_items
        for item in _standing(obligations, each)
        for result in each.results
        if result.presence is not Presence.REQUIRED
    }
    for item in obligations.before.live_line_items():
        if item.sourced_id not in standing:
            told = f"line item {item.sourced_id} was deleted"
            yield Finding(
                "line item",
                (item.class_ or "no class", item.title),
                "line item",
                "still there",
                told,
                "GPB-LIN-16",
            )
            continue
        for result in obligations.before.live_results(item.sourced_id):
            held = after.live_results(item.sourced_id, result.student)
            if held or (item.sourced_id, result.student) in free:
                continue
            key = (item.class_ or "no class", item.title, result.student or "nobody")
            yield Finding("result", key, "result", _told(result), "it was deleted", "GPB-LIN-16")


def _standing(obligations: GradebookObligations, each: LineItemObligation) -> list[str | None]:
    """Give the line item that an obligation was about before: by its link, or as a course grade."""
    if each.title is not None:
        return [each.linked]
    return [item.sourced_id for item in matches(each, obligations.before, obligations.zone)]


def _cleared(result: Result) -> bool:
    nothing = result.score is None and result.score_status != EXEMPT
    return nothing or result.score_status == "not submitted"


def _content(item: LineItem) -> tuple[object, ...]:
    return (item.title, item.class_, item.category, item.due_date, item.maximum)


def _grade(result: Result | None) -> tuple[object, ...]:
    return (result.score, result.score_status) if result else ()


def _wanted(wanted: ResultObligation) -> str:
    if wanted.presence is Presence.FORBIDDEN:
        return f"none, since {wanted.why}"
    if wanted.status == EXEMPT:
        return "exempt: it is excused"
    return f"{wanted.score}, {wanted.status}"


def _told(result: Result) -> str:
    return f"{result.score}, {result.score_status}"


REQUIREMENTS = {
    "line item": "GPB-LIN-01",
    "title": "GPB-LIN-02",
    "due date": "GPB-LIN-03",
    "maximum": "GPB-LIN-05",
    "category": "GPB-LIN-06",
    "result": "GPB-RES-01",
    "score": "GPB-RES-01",
    "status": "GPB-RES-04",
}


def _finding(
    each: LineItemObligation, field: str, wanted: str, received: str, student: str | None = None
) -> Finding:
    key = (each.class_, each.name, *((student,) if student else ()))
    requirement = "GPB-CRS-01" if each.title is None else REQUIREMENTS[field]
    kind = "result" if student else "line item"
    return Finding(kind, key, field, wanted, received, requirement)


def canvas_changes(before: CanvasWorld, after: CanvasWorld) -> list[Finding]:
    """Return what a grade sync changed in Canvas; the time of the sync is not looked at."""
    findings = changes(before, after)
    for id_, was in before.assignments.items():
        now = after.assignments.get(id_)
        # A sync's own mark may be that it ties a group to its category.
        if now is None or replace(now, group_sis_id=was.group_sis_id) != was:
            findings.append(
                Finding("assignment", (was.name,), "all", str(was), str(now), "GPB-RUN-02")
            )
    was_graded = {(each.assignment, each.user): each for each in before.submissions}
    now_graded = {(each.assignment, each.user): each for each in after.submissions}
    findings.extend(
        Finding(
            "submission", (str(key[0]), str(key[1])), "grade",
            str(was_graded.get(key)), str(now_graded.get(key)), "GPB-RUN-02",
        )
        for key in dict.fromkeys([*was_graded, *now_graded])
        if was_graded.get(key) != now_graded.get(key)
    )  # fmt: skip
    return findings


def feed_changes(before: Feed, after: Feed) -> list[Finding]:
    """Return each record of the SIS that differs between two reads of it."""
    findings: list[Finding] = []
    for kind in (
        "orgs", "academic_sessions", "courses", "classes", "users", "enrollments", "categories",
    ):  # fmt: skip
        was, now = getattr(before, kind), getattr(after, kind)
        findings.extend(
            Finding(kind, (key,), "record", str(was.get(key)), str(now.get(key)), "PRV-RUN-02")
            for key in dict.fromkeys([*was, *now])
            if was.get(key) != now.get(key)
        )
    return findings
