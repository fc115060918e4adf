"""Judge: what of an observed Canvas is not as the obligations permit."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import tzinfo
from itertools import combinations

from homeroom.config import Choices, Rules
from homeroom.oracle.brake import crossed
from homeroom.oracle.canvas import DELETED, CanvasWorld, EnrollmentType
from homeroom.oracle.nights import Night
from homeroom.oracle.obligations import (
    NEW_YORK,
    Finding,
    Key,
    Obligation,
    Obligations,
    Placement,
    Value,
)
from homeroom.oracle.places import ROOT
from homeroom.oracle.roster import expected

Objects = Mapping[tuple[str, Key], Mapping[str, Value]]

REQUIREMENTS: Mapping[tuple[str, str], str] = {
    ("account", "state"): "PRV-ORG-01",
    ("account", "name"): "PRV-ORG-01",
    ("account", "parent"): "PRV-ORG-01",
    ("term", "state"): "PRV-TRM-01",
    ("term", "name"): "PRV-TRM-01",
    ("term", "start_at"): "PRV-TRM-02",
    ("term", "end_at"): "PRV-TRM-02",
    ("course", "sections"): "PRV-CRS-01",
    ("course", "stays"): "PRV-CRS-05",
    ("course", "term"): "PRV-CRS-03",
    ("course", "account"): "PRV-CRS-03",
    ("section", "state"): "PRV-SEC-01",
    ("section", "name"): "PRV-SEC-02",
    ("user", "state"): "PRV-USR-01",
    ("user", "name"): "PRV-USR-03",
    ("user", "login"): "PRV-USR-04",
    ("user", "email"): "PRV-USR-05",
    ("user", "accounts"): "PRV-USR-14",
    ("enrollment", "state"): "PRV-ENR-01",
    ("enrollment", "start_at"): "PRV-ENR-04",
    ("enrollment", "end_at"): "PRV-ENR-04",
    ("enrollment", "dates given"): "PRV-ENR-04",
    ("night", "outcome"): "RES-BRK-01",
}
"""Which requirement a finding is evidence against, when no scenario asked for one."""

ROSTERED = frozenset({EnrollmentType.STUDENT, EnrollmentType.TEACHER, EnrollmentType.TA})


def observed_objects(world: CanvasWorld) -> Objects:
    """Tell a Canvas world as obligations do: by SIS ID, with the judged fields alone."""
    objects: dict[tuple[str, Key], dict[str, Value]] = {}
    for account in world.accounts.values():
        if account.sis_id and account.parent is not None:
            parent = world.accounts.get(account.parent)
            above = parent.sis_id if parent and parent.id != world.root and parent.sis_id else ROOT
            objects["account", (account.sis_id,)] = {
                "state": account.state, "name": account.name, "parent": above,
            }  # fmt: skip
    for term in world.terms.values():
        if term.sis_id:
            objects["term", (term.sis_id,)] = {
                "state": term.state, "name": term.name,
                "start_at": term.start_at, "end_at": term.end_at,
            }  # fmt: skip
    for section in world.sections.values():
        if section.sis_id:
            objects["section", (section.sis_id,)] = {"state": "active", "name": section.name}
    for user in world.users.values():
        if user.sis_id:
            objects["user", (user.sis_id,)] = {
                "state": user.state, "name": user.name, "login": user.login, "email": user.email,
            }  # fmt: skip
    for key, seat in world.seats():
        given = {seat.start_at is None, seat.end_at is None}
        told = "one alone" if len(given) == 2 else "neither" if True in given else "both"
        objects["enrollment", key] = {
            "state": seat.state, "start_at": seat.start_at, "end_at": seat.end_at,
            "dates given": told,
        }  # fmt: skip
    return objects


def judge(obligations: Obligations, world: CanvasWorld) -> list[Finding]:
    """Return everything in an observed Canvas that the obligations do not permit."""
    seen = observed_objects(world)
    findings: list[Finding] = []
    for about, obligation in obligations.objects.items():
        findings.extend(_object(obligation, seen.get(about)))
    for (kind, key), held in seen.items():
        if (kind, key) in obligations.objects or (kind, key) in obligations.ours:
            continue
        if held["state"] == DELETED or (kind == "enrollment" and key[2] not in ROSTERED):
            continue
        state = str(held["state"])
        findings.append(
            _finding(kind, key, "state", "none: nothing in the feed asks for it", state)
        )
    findings.extend(_courses(obligations.placements, world))
    findings.extend(_doubles(obligations.one_person, world))
    return findings


def judge_object(obligation: Obligation, world: CanvasWorld) -> list[Finding]:
    """Return what of a single object is not permitted."""
    return list(_object(obligation, observed_objects(world).get((obligation.kind, obligation.id))))


def judge_placements(placements: Mapping[str, Placement], world: CanvasWorld) -> list[Finding]:
    """Return what of the courses of some sections is not permitted."""
    return list(_courses(placements, world))


def judge_night(
    nights: Sequence[Night],
    choices: Choices,
    world: CanvasWorld,
    *,
    held: bool,
    zone: tzinfo = NEW_YORK,
) -> list[Finding]:
    """Judge the last night, held or applied, against where Canvas stood before and stands now.

    Args:
        nights: The history; the last one's `before` is Canvas as it was, `applied` is ignored.
        choices: What the subject declared.
        world: Canvas after the night.
        held: Whether the subject said, by exit code 4, that it stopped before applying.
        zone: The district's time zone.
    """
    last, before = nights[-1], [night for night in nights[:-1] if night.applied]
    reasons = crossed(before[-1].feed, last.feed) if before else []
    if held:
        if not choices.brake or not reasons:
            cause = (
                "the subject declared that it has no brake"
                if reasons
                else "no threshold was crossed"
            )
            return [_finding("night", (str(last.now),), "outcome", f"applied: {cause}", "held")]
        return changes(last.before, world)
    if reasons and choices.brake and choices.rules is Rules.HOMEROOM_SAFE:
        told = "held: " + "; ".join(reasons)
        return [_finding("night", (str(last.now),), "outcome", told, "applied")]
    return judge(expected(nights, choices, zone=zone), world)


def changes(before: CanvasWorld, after: CanvasWorld) -> list[Finding]:
    """Return each judged fact that differs between two observations of one Canvas."""
    old, new = _with_courses(before), _with_courses(after)
    findings: list[Finding] = []
    for kind, key in dict.fromkeys([*old, *new]):
        was, now = old.get((kind, key), {}), new.get((kind, key), {})
        findings.extend(
            _finding(kind, key, field, f"{_told(was.get(field))}, as before", _told(now.get(field)))
            for field in dict.fromkeys([*was, *now])
            if was.get(field) != now.get(field)
        )
    return findings


def _with_courses(world: CanvasWorld) -> Objects:
    placed: dict[tuple[str, Key], Mapping[str, Value]] = {
        ("course", (section.sis_id,)): {"stays": str(section.course)}
        for section in world.sections.values()
        if section.sis_id
    }
    return {**observed_objects(world), **placed}


def _object(obligation: Obligation, held: Mapping[str, Value] | None) -> Iterator[Finding]:
    state = DELETED if held is None else str(held["state"])
    kind, key = obligation.kind, obligation.id
    if state not in obligation.states:
        wanted = " or ".join(sorted(obligation.states))
        yield _finding(kind, key, "state", wanted, state if held is not None else "not there")
        return
    if held is None or state != "active":
        return
    for field, allowed in obligation.fields.items():
        if not allowed.permits(held.get(field)):
            yield _finding(kind, key, field, str(allowed), _told(held.get(field)))


def _doubles(one_person: Mapping[str, Sequence[str]], world: CanvasWorld) -> Iterator[Finding]:
    """Yield the people who have two open accounts since their id was changed in the SIS."""
    for now, former in one_person.items():
        found = [user for id_ in (*former, now) if (user := world.sis_user(id_))]
        if sum(user.state == "active" for user in found) > 1:
            yield _finding("user", (*former, now), "accounts", "one open account", "more than one")


def _courses(placements: Mapping[str, Placement], world: CanvasWorld) -> Iterator[Finding]:
    by_sis_id = {each.sis_id: each for each in world.sections.values() if each.sis_id}
    placed = {name: by_sis_id[name].course for name in placements if name in by_sis_id}
    for name, course in placed.items():
        stay = placements[name].stay_in
        if stay is not None and course != stay:
            yield _finding("course", (name,), "stays", f"course {stay}", f"course {course}")
    yield from _sharing({name: placements[name] for name in placed}, placed)
    together: defaultdict[int, list[Placement]] = defaultdict(list)
    for name, course in placed.items():
        together[course].append(placements[name])
    for course, members in together.items():
        yield from _whereabouts(world, course, members)


def _sharing(placements: Mapping[str, Placement], placed: Mapping[str, int]) -> Iterator[Finding]:
    keyed = {name: each for name, each in placements.items() if not each.free}
    by_key: defaultdict[Key, list[str]] = defaultdict(list)
    for name, placement in keyed.items():
        if len(placement.keys) == 1:
            by_key[next(iter(placement.keys))].append(name)
    for members in by_key.values():
        first = members[0]
        for other in members[1:]:
            alike = keyed[first].accounts == keyed[other].accounts
            if alike and placed[first] != placed[other]:
                yield _finding("course", (first, other), "sections", "one course", "two courses")
    by_course: defaultdict[int, list[str]] = defaultdict(list)
    for name in keyed:
        by_course[placed[name]].append(name)
    for members in by_course.values():
        for first, other in combinations(members, 2):
            if not keyed[first].keys & keyed[other].keys:
                yield _finding("course", (first, other), "sections", "two courses", "one course")


def _whereabouts(
    world: CanvasWorld, course_id: int, members: Sequence[Placement]
) -> Iterator[Finding]:
    course = world.courses.get(course_id)
    judged = [each for each in members if each.terms]
    if course is None or not judged:
        return
    terms = frozenset[str]().union(*(each.terms for each in judged))
    term = world.terms.get(course.term)
    if terms and (term is None or term.sis_id not in terms):
        told = _told(term.sis_id if term else None)
        names = tuple(each.section for each in judged)
        yield _finding("course", names, "term", " or ".join(sorted(terms)), told)
    accounts = frozenset[str]().union(*(each.accounts for each in judged))
    account = world.accounts.get(course.account)
    held_in = {account.sis_id, ROOT if account.id == world.root else None} if account else set()
    if accounts and not accounts & held_in:
        told = _told(account.sis_id if account else None)
        names = tuple(each.section for each in judged)
        yield _finding("course", names, "account", " or ".join(sorted(accounts)), told)


def _finding(kind: str, key: Key, field: str, wanted: str, received: str) -> Finding:
    requirement = REQUIREMENTS.get((kind, field), "PRV-RUN-01")
    return Finding(kind, key, field, wanted, received, requirement)


def _told(value: Value) -> str:
    if value is None:
        return "nothing"
    return repr(value) if isinstance(value, str) else str(value)
