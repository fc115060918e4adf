"""Which cases of a watched night are evidence for which requirement.

A case is one object (or one assignment, or one pupil's grade) that a requirement says something of.
A requirement for which the night held no case is not tested by it, whatever else went well.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from homeroom.config import CourseKey
from homeroom.judge.night import WatchedNight
from homeroom.oracle.canvas import DELETED
from homeroom.oracle.feed import FAMILY, Class, Enrollment, Feed, Role, User
from homeroom.oracle.grade_obligations import (
    EXEMPT,
    GradebookObligations,
    Presence,
    ResultObligation,
)
from homeroom.oracle.obligations import Finding, Key
from homeroom.oracle.people import user_sis_id
from homeroom.oracle.seats import TYPES

ALL = "PRV-RUN-05"
ALL_GRADES = "GPB-RUN-01"
Case = tuple[str, Key]


@dataclass(kw_only=True)
class Evidence:
    """The cases a night held for one requirement, and what of them is wrong."""

    cases: set[Case] = field(default_factory=set)
    fields: set[str] = field(default_factory=set)
    """The fields it is about; empty: all."""
    findings: list[Finding] = field(default_factory=list)


def gather(night: WatchedNight) -> dict[str, Evidence]:
    """Return the evidence of a night, by requirement."""
    found: defaultdict[str, Evidence] = defaultdict(Evidence)
    for requirement, case, fields in _roster_cases(night):
        found[requirement].cases.add(case)
        found[requirement].fields.update(fields)
    for finding in night.findings:
        _file(found, finding, ALL)
    if night.gradebook is not None:
        for requirement, case in _grade_cases(night.gradebook):
            found[requirement].cases.add(case)
        for finding in night.grade_findings:
            _file(found, finding, ALL_GRADES)
    _leave_out_missing(found, night)
    return dict(found)


def _leave_out_missing(found: Mapping[str, Evidence], night: WatchedNight) -> None:
    """Take away cases that nothing was seen of: what is not there shows no name and no score."""
    wrong = [*night.findings, *(each.finding for each in night.unjudged)]
    absent = {(each.kind, each.id) for each in wrong if each.field == "state"}
    absent |= {("course", key) for kind, key in absent if kind == "section"}
    unmade = {each.id[:2] for each in night.grade_findings if each.field == "line item"}
    for requirement, evidence in found.items():
        if evidence.fields and "state" not in evidence.fields:
            evidence.cases -= absent
        if requirement.startswith("GPB-") and requirement not in {ALL_GRADES, "GPB-LIN-01"}:
            held = {(each.kind, each.id) for each in evidence.findings}
            evidence.cases -= {case for case in evidence.cases if case[1][:2] in unmade} - held


def _file(found: defaultdict[str, Evidence], finding: Finding, whole: str) -> None:
    """Count a finding against the whole and those whose case it is, else against its own."""
    told = False
    for requirement, evidence in found.items():
        if evidence.fields and finding.field not in evidence.fields:
            continue
        if (finding.kind, finding.id) in evidence.cases or any(
            finding.kind == "course" and ("course", (each,)) in evidence.cases
            for each in finding.id
        ):
            evidence.findings.append(finding)
            told = told or requirement != whole
    for requirement in (whole,) if told else (whole, finding.requirement):
        evidence = found[requirement]
        if not evidence.findings or evidence.findings[-1] is not finding:
            evidence.cases.add((finding.kind, finding.id))
            evidence.findings.append(finding)


Tagged = tuple[str, Case, tuple[str, ...]]


def _roster_cases(night: WatchedNight) -> Iterator[Tagged]:
    for (kind, key), obligation in night.obligations.objects.items():
        if (
            obligation.required
            or DELETED not in obligation.states
            or obligation.states == frozenset({DELETED})
        ):
            yield ALL, (kind, key), ()
    was, now = night.before.worlds.feed, night.after.worlds.feed
    yield from _places(night, was, now)
    yield from _people(night, was, now)
    yield from _seats(night, was, now)


def _places(night: WatchedNight, was: Feed, now: Feed) -> Iterator[Tagged]:
    for org in now.orgs.values():
        case = ("account", (org.sourced_id,))
        if org.live and org.type == "school":
            yield "PRV-ORG-01", case, ()
            if org.sourced_id in was.orgs and was.orgs[org.sourced_id].name != org.name:
                yield "PRV-ORG-02", case, ()
    for session in now.academic_sessions.values():
        case = ("term", (session.sourced_id,))
        obligation = night.obligations.of("term", session.sourced_id)
        if obligation is not None and obligation.required:
            yield "PRV-TRM-01", case, ("state", "name")
            yield "PRV-TRM-02", case, ("start_at", "end_at")
            before = was.academic_sessions.get(session.sourced_id)
            if before is not None and _dated(before) != _dated(session):
                yield "PRV-TRM-04", case, ()
    for class_ in now.classes.values():
        if class_.live:
            yield from _class(night, was, now, class_)
    for class_ in was.classes.values():
        if class_.live and now.live_class(class_.sourced_id) is None:
            yield "PRV-SEC-03", ("section", (class_.sourced_id,)), ()


def _dated(session: object) -> tuple[object, ...]:
    return tuple(getattr(session, name) for name in ("title", "start_date", "end_date"))


def _class(night: WatchedNight, was: Feed, now: Feed, class_: Class) -> Iterator[Tagged]:
    section, course = ("section", (class_.sourced_id,)), ("course", (class_.sourced_id,))
    yield "PRV-SEC-01", section, ()
    teachers = [
        row for row in now.rows_of_class(class_.sourced_id) if row.live and row.role == Role.TEACHER
    ]
    sharing = ("sections", "stays")
    if night.choices.course_key is not CourseKey.ANY:
        yield "PRV-CRS-01", course, ("sections",)
        if night.choices.course_key is CourseKey.COURSE_TEACHER_TERM:
            if not teachers:
                yield "PRV-CRS-04", course, sharing
            elif len(teachers) > 1 and sum(row.primary for row in teachers) == 1:
                yield "PRV-CRS-02", course, sharing
    yield "PRV-CRS-03", course, ("term", "account")
    known = [now.academic_sessions[each] for each in class_.terms if each in now.academic_sessions]
    if {session.type for session in known} == {"schoolYear"}:
        yield "PRV-TRM-03", course, ("term",)
    before = was.classes.get(class_.sourced_id)
    if before is None:
        return
    if (before.title, before.class_code) != (class_.title, class_.class_code):
        yield "PRV-SEC-02", section, ("name",)
        yield "PRV-CRS-05", course, ("stays",)
    if _primaries(was, class_.sourced_id) != _primaries(now, class_.sourced_id):
        yield "PRV-CRS-07", course, sharing


def _primaries(feed: Feed, class_: str) -> set[str | None]:
    rows = feed.rows_of_class(class_)
    return {row.user for row in rows if row.live and row.role == Role.TEACHER and row.primary}


def _people(night: WatchedNight, was: Feed, now: Feed) -> Iterator[Tagged]:
    for user in {**was.users, **now.users}.values():
        sis_id = user_sis_id(user, night.choices)
        if sis_id is None:
            continue
        case = ("user", (sis_id,))
        before, here = _present(was, user), _present(now, user)
        if user.role in FAMILY:
            yield "PRV-USR-11", case, ("state",)
        elif here:
            yield from _present_person(was, user, case)
        elif before:
            gone = user.sourced_id not in now.users
            deleted = not gone and not now.users[user.sourced_id].live
            yield (
                "PRV-USR-07" if gone else "PRV-USR-06" if deleted else "PRV-USR-08",
                case,
                ("state",),
            )


def _present_person(was: Feed, user: User, case: Case) -> Iterator[Tagged]:
    if user.role in {Role.STUDENT, Role.TEACHER}:
        yield "PRV-USR-01" if user.role == Role.STUDENT else "PRV-USR-02", case, ("state",)
    yield "PRV-USR-03", case, ("name",)
    yield "PRV-USR-04", case, ("login",)
    if user.email:
        yield "PRV-USR-05", case, ("email",)
    before = was.users.get(user.sourced_id)
    if before is not None and not _present(was, user):
        yield "PRV-USR-09", case, ("state",)
    elif before is not None and _called(before) != _called(user):
        yield "PRV-USR-12", case, ("name", "login", "email")


def _called(user: User) -> tuple[object, ...]:
    return (user.given_name, user.middle_name, user.family_name, user.username, user.email)


def _present(feed: Feed, user: User) -> bool:
    found = feed.users.get(user.sourced_id)
    return found is not None and found.live and found.enabled


def _seats(night: WatchedNight, was: Feed, now: Feed) -> Iterator[Tagged]:
    for row in now.enrollments.values():
        case = _seat(night, now, row)
        if case is None:
            continue
        before = was.enrollments.get(row.sourced_id)
        if row.live:
            yield from _live_seat(night, was, row, case)
        elif before is not None and before.live:
            yield "PRV-ENR-07", case, ("state",)
        else:
            yield "PRV-ENR-15", case, ("state",)
    for row in was.enrollments.values():
        if row.live and row.sourced_id not in now.enrollments:
            case = _seat(night, was, row)
            if case is not None:
                yield "PRV-ENR-08", case, ("state",)


def _live_seat(night: WatchedNight, was: Feed, row: Enrollment, case: Case) -> Iterator[Tagged]:
    before, today = was.enrollments.get(row.sourced_id), night.today
    holds = {
        "PRV-ENR-01": row.role == Role.STUDENT,
        "PRV-ENR-02": row.role == Role.TEACHER and row.primary,
        "PRV-ENR-03": row.role == Role.TEACHER and not row.primary,
        "PRV-ENR-05": row.begin_date is None or row.end_date is None,
        "PRV-ENR-06": row.end_date is not None and row.end_date < today,
        "PRV-ENR-09": before is not None and not before.live,
        "PRV-ENR-13": row.begin_date is not None and row.begin_date > today,
        "PRV-ENR-21": row.user not in was.users,
    }
    yield "PRV-ENR-04", case, ("start_at", "end_at", "dates given")
    for requirement, told in holds.items():
        if told:
            yield requirement, case, ("state",)


def _seat(night: WatchedNight, feed: Feed, row: Enrollment) -> Case | None:
    user = feed.users.get(row.user or "")
    sis_id = user_sis_id(user, night.choices) if user else None
    type_ = TYPES.get(row.role)
    if row.class_ is None or sis_id is None or type_ is None:
        return None
    key = (row.class_, sis_id, type_)
    return ("enrollment", key) if night.obligations.of("enrollment", *key) else None


_REFUSALS: Mapping[str, str] = {
    "Sync to SIS is off": "GPB-ELG-01",
    "it is not published": "GPB-ELG-02",
    "its course is not published": "GPB-ELG-02",
    "it has no due date for this section": "GPB-ELG-03",
    "it is not assigned to this section": "GPB-LIN-04",
    "no SIS category has its group's name": "GPB-LIN-08",
    "two SIS assignments have its name and due date": "GPB-LIN-10",
}


def _grade_cases(gradebook: GradebookObligations) -> Iterator[tuple[str, Case]]:
    for item in gradebook.line_items:
        case: Case = ("line item", (item.class_, item.name))
        yield ALL_GRADES, case
        if item.presence is Presence.FORBIDDEN:
            if item.why in _REFUSALS:
                yield _REFUSALS[item.why], case
            continue
        if item.presence is Presence.REQUIRED:
            wanted = ("GPB-CRS-01",) if item.title is None else _LINE_ITEM
            yield from ((requirement, case) for requirement in wanted)
            if item.linked:
                yield "GPB-LIN-09", case
        for result in item.results:
            graded: Case = ("result", (item.class_, item.name, result.student))
            yield from ((requirement, graded) for requirement in _told_by(result, item.maximum))


def _told_by(result: ResultObligation, maximum: Decimal | None) -> Iterator[str]:
    for requirement, tells in _RESULTS.items():
        if tells(result.presence, result.status, result.why):
            yield requirement
    if result.presence is not Presence.REQUIRED or result.score is None:
        return
    if result.score == 0:
        yield "GPB-RES-03"
    if result.score != result.score.to_integral_value():
        yield "GPB-RES-02"
    if maximum is not None and result.score > maximum:
        yield "GPB-RES-05"


_LINE_ITEM = ("GPB-LIN-01", "GPB-LIN-03", "GPB-LIN-05", "GPB-LIN-06")
_RESULTS: Mapping[str, Callable[[Presence, str, str], bool]] = {
    "GPB-RES-01": lambda presence, status, _: presence is Presence.REQUIRED and status != EXEMPT,
    "GPB-RES-04": lambda presence, status, _: presence is Presence.REQUIRED and status == EXEMPT,
    "GPB-RES-06": lambda _, __, why: why == "the grade is hidden from students",
    "GPB-RES-09": lambda presence, _, why: (
        presence is Presence.FORBIDDEN and why == "there is no grade"
    ),
}
