"""Accounts, terms, sections, and which sections share a course."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, tzinfo
from itertools import product

from homeroom.config import Choices, CourseKey, Rules, SectionMoves, TermChoice
from homeroom.oracle.canvas import DELETED
from homeroom.oracle.feed import AcademicSession, Class, Enrollment, Feed, Org, Role
from homeroom.oracle.nights import Act, ActKind, Night, acts_so_far
from homeroom.oracle.obligations import (
    Allowed,
    Closing,
    Key,
    Obligation,
    OneOf,
    Opening,
    Placement,
    Value,
)

ACTIVE = frozenset({"active"})
GONE = frozenset({DELETED})
EITHER = ACTIVE | GONE
ROOT = "root account"
_LONGEST_NAME = 255


def accounts(nights: Sequence[Night]) -> Iterator[Obligation]:
    """Yield what each org must be: a school is a sub-account, a district may be one or the root."""
    feed = nights[-1].feed
    by_hand = acts_so_far(tuple(nights), ActKind.SET)
    for sourced_id in ever(nights, "orgs"):
        org = feed.orgs.get(sourced_id)
        if org is None or not org.live:
            # An account with live courses cannot be deleted in Canvas: both ends are right.
            yield Obligation("account", (sourced_id,), EITHER)
            continue
        fields: dict[str, Allowed] = {
            "name": unless_set(by_hand, "account", sourced_id, "name", stripped(org.name)),
            "parent": OneOf(_parents(feed, org)),
        }
        required = org.type == "school"
        yield Obligation("account", (sourced_id,), ACTIVE if required else EITHER, fields)


def _parents(feed: Feed, org: Org) -> frozenset[str | None]:
    parent = feed.orgs.get(org.parent or "")
    if parent is None or not parent.live:
        return frozenset({ROOT})
    return frozenset({ROOT, parent.sourced_id})


def terms(nights: Sequence[Night], choices: Choices, zone: tzinfo) -> Iterator[Obligation]:
    """Yield what each academic session must be: those that classes use are terms."""
    feed = nights[-1].feed
    by_hand = acts_so_far(tuple(nights), ActKind.SET)
    needed = {
        next(iter(candidates))
        for class_ in feed.classes.values()
        if class_.live and class_.terms
        if len(candidates := term_candidates(feed, class_, choices)) == 1
    }
    for session in feed.academic_sessions.values():
        if not session.live:
            yield Obligation("term", (session.sourced_id,), EITHER)
            continue
        fields: dict[str, Allowed] = {
            "name": unless_set(by_hand, "term", session.sourced_id, "name", stripped(session.title))
        }
        if session.start_date:
            fields["start_at"] = Opening(frozenset({session.start_date}), zone)
        if session.end_date:
            fields["end_at"] = Closing(frozenset({session.end_date}), zone)
        states = ACTIVE if session.sourced_id in needed else EITHER
        yield Obligation("term", (session.sourced_id,), states, fields)
    gone = set(ever(nights, "academic_sessions")) - set(feed.academic_sessions)
    yield from (Obligation("term", (sourced_id,), EITHER) for sourced_id in gone)
    if choices.term is TermChoice.COMMON_ID:
        common = {common_id(each) for each in ever(nights, "academic_sessions")}
        known = set(ever(nights, "academic_sessions"))
        yield from (Obligation("term", (each,), EITHER) for each in common - known)


def common_id(sourced_id: str) -> str:
    """Return the part that schools share in a term id of the form hash-school-term."""
    return sourced_id.rsplit("-", 1)[-1]


def listed_sessions(feed: Feed, class_: Class) -> list[AcademicSession]:
    """Return the sessions a class names, in its order, as far as the feed has them."""
    found = (feed.academic_sessions.get(each) for each in class_.terms)
    return [session for session in found if session is not None and session.live]


def term_candidates(feed: Feed, class_: Class, choices: Choices) -> frozenset[str]:
    """Return the term SIS IDs a right service could give a class under its choices."""
    listed = listed_sessions(feed, class_)
    years = _years(feed, listed)
    chosen: frozenset[str]
    taught = [each for each in listed if each.type in {"term", "semester"}]
    if not listed or choices.term is TermChoice.SCHOOL_YEAR:
        chosen = years
    elif taught:
        # A class that names every term is a full-year class; for those the year is right as well.
        chosen = frozenset({taught[0].sourced_id}) | (years if len(taught) > 1 else frozenset())
    elif any(each.type == "schoolYear" for each in listed):
        chosen = years
    else:
        chosen = frozenset(each.sourced_id for each in feed.lineage(listed[0].sourced_id))
    if choices.term is TermChoice.COMMON_ID:
        shared = {common_id(each) for each in chosen}
        alike = {each for each in feed.academic_sessions if common_id(each) in shared}
        return frozenset(shared | alike)
    return chosen


def _years(feed: Feed, listed: Sequence[AcademicSession]) -> frozenset[str]:
    above = {
        each.sourced_id
        for session in listed
        for each in feed.lineage(session.sourced_id)
        if each.type == "schoolYear"
    }
    every = {
        each.sourced_id
        for each in feed.academic_sessions.values()
        if each.type == "schoolYear" and each.live
    }
    return frozenset(above or every)


class _SectionName:
    """A section's name: title, code, or a text that holds one of them unaltered."""

    def __init__(self, class_: Class) -> None:
        self._title, self._code = class_.title.strip(), (class_.class_code or "").strip()

    def permits(self, value: Value) -> bool:
        if not isinstance(value, str):
            return False
        held = [each for each in (self._title, self._code) if len(each) > 2]
        return value in {self._title, self._code} or any(each in value for each in held)

    def __str__(self) -> str:
        return f"{self._title!r}" + (f" or {self._code!r}, or a text with one" * bool(self._code))


def sections(nights: Sequence[Night], choices: Choices, zone: tzinfo) -> Iterator[Obligation]:
    """Yield what each class must be: a section, and none once it is gone."""
    feed = nights[-1].feed
    by_hand = acts_so_far(tuple(nights), ActKind.SET)
    for sourced_id in ever(nights, "classes"):
        class_ = feed.live_class(sourced_id)
        if class_ is None:
            over = term_over(last_known(nights, sourced_id), nights[-1], choices, zone)
            yield Obligation("section", (sourced_id,), EITHER if over else GONE)
            continue
        fields: dict[str, Allowed] = {
            "name": unless_set(by_hand, "section", sourced_id, "name", _SectionName(class_))
        }
        # Without a course or a term Focus's row is broken: refusing it is as right as mending it.
        whole = bool(listed_sessions(feed, class_)) and class_.course in feed.courses
        named = 0 < len(class_.title.strip()) <= _LONGEST_NAME
        yield Obligation("section", (sourced_id,), ACTIVE if whole and named else EITHER, fields)


def term_over(
    known: tuple[Feed, Class] | None, night: Night, choices: Choices, zone: tzinfo
) -> bool:
    """Tell whether a class's term had ended by a night; from then on Canvas ends it by itself."""
    if known is None:
        return False
    feed, class_ = known
    today = night.today(zone)
    return any(today >= end for end in term_ends(feed, class_, choices))


def term_ends(feed: Feed, class_: Class, choices: Choices) -> frozenset[date]:
    """Return the last days of the sessions a class runs in."""
    return frozenset(
        each.end_date for each in _running(feed, class_, choices) if each.end_date is not None
    )


def term_starts(feed: Feed, class_: Class, choices: Choices) -> frozenset[date]:
    """Return the first days of the sessions a class runs in."""
    return frozenset(
        each.start_date for each in _running(feed, class_, choices) if each.start_date is not None
    )


def _running(feed: Feed, class_: Class, choices: Choices) -> Iterator[AcademicSession]:
    yield from listed_sessions(feed, class_)
    for sourced_id in term_candidates(feed, class_, choices):
        if sourced_id in feed.academic_sessions:
            yield feed.academic_sessions[sourced_id]


def last_known(nights: Sequence[Night], sourced_id: str) -> tuple[Feed, Class] | None:
    """Return a class as it was last served, with the feed of that night."""
    for night in reversed(nights):
        if sourced_id in night.feed.classes:
            return night.feed, night.feed.classes[sourced_id]
    return None


def placements(nights: Sequence[Night], choices: Choices, zone: tzinfo) -> Iterator[Placement]:
    """Yield where each section may be, from where it was first placed and what moved since."""
    last = nights[-1]
    crossed = {
        key[1]: int(each.value)
        for key, each in acts_so_far(tuple(nights), ActKind.CROSS_LISTED).items()
    }
    taught = [teaching(night.feed) for night in nights]
    stood = {each.sis_id: each.course for each in last.before.sections.values() if each.sis_id}
    for class_ in last.feed.classes.values():
        if not class_.live:
            continue
        sourced_id = class_.sourced_id
        if sourced_id in crossed:
            none: frozenset[str] = frozenset()
            yield Placement(sourced_id, frozenset(), none, none, crossed[sourced_id], free=True)
            continue
        history = [
            keys(night.feed, there, choices, night.today(zone), teachers.get(sourced_id, ()))
            for night, teachers in zip(nights, taught, strict=True)
            if (there := night.feed.live_class(sourced_id)) is not None
        ]
        yield _placement(last.feed, class_, choices, history, stood.get(sourced_id))


def _placement(
    feed: Feed,
    class_: Class,
    choices: Choices,
    history: Sequence[frozenset[Key]],
    stood_in: int | None,
) -> Placement:
    """Tell where a class may be, from its keys night by night and the course it stood in."""
    first, now = history[0], history[-1]
    unmoved = all(each == first for each in history)
    held = choices.section_moves is SectionMoves.HELD
    obliged = held and choices.rules is Rules.HOMEROOM_SAFE
    if obliged:
        permitted = first
    elif held:
        permitted = frozenset[Key]().union(*history)
    else:
        permitted = now
    free = choices.course_key is CourseKey.ANY
    return Placement(
        section=class_.sourced_id,
        keys=permitted,
        terms=term_candidates(feed, class_, choices),
        accounts=_account_of(feed, class_),
        stay_in=stood_in if obliged or (unmoved and not free) else None,
        free=free,
    )


def _account_of(feed: Feed, class_: Class) -> frozenset[str]:
    """Return where a class's course may hang: the vendors name its school and its course's org."""
    course = feed.courses.get(class_.course or "")
    named = (feed.orgs.get(each or "") for each in (class_.school, course.org if course else None))
    live = [org for org in named if org and org.live]
    root = {ROOT} if any(org.type == "district" for org in live) else set()
    return frozenset({org.sourced_id for org in live} | root)


def keys(
    feed: Feed, class_: Class, choices: Choices, today: date, teachers: Sequence[Enrollment]
) -> frozenset[Key]:
    """Return the course keys a right service could compute for a class on a day."""
    alone: Key = ("class", class_.sourced_id)
    course = class_.course or f"no course of {class_.sourced_id}"
    held_in = term_candidates(feed, class_, choices)
    match choices.course_key:
        case CourseKey.CLASS:
            return frozenset({alone})
        case CourseKey.COURSE_TERM:
            together = {(course, term) for term in held_in}
            nobody = None in teacher_candidates(teachers, today)
            return frozenset(together | ({alone} if nobody else set()))
        case CourseKey.COURSE_TEACHER_TERM:
            return frozenset(
                alone if teacher is None else (course, teacher, term)
                for teacher, term in product(teacher_candidates(teachers, today), held_in)
            )
        case CourseKey.ANY:
            return frozenset()


def teaching(feed: Feed) -> Mapping[str, Sequence[Enrollment]]:
    """Return the standing rows of teachers, by class."""
    by_class: defaultdict[str, list[Enrollment]] = defaultdict(list)
    for row in feed.enrollments.values():
        if row.role == Role.TEACHER and row.live and row.class_ and feed.live_user(row.user):
            by_class[row.class_].append(row)
    return by_class


def teacher_candidates(rows: Sequence[Enrollment], today: date) -> frozenset[str | None]:
    """Return who could be read as a class's primary teacher on a day; None for nobody.

    One primary teacher decides. With two, or with teachers of whom none is primary, the documents
    leave the choice open, and so does the oracle.
    """
    here = [row for row in rows if _current(row, today)] or rows
    primaries = frozenset(row.user for row in here if row.primary)
    if primaries:
        return primaries
    if here:
        return frozenset({None, *(row.user for row in here)})
    return frozenset({None})


def _current(row: Enrollment, today: date) -> bool:
    begun = row.begin_date is None or row.begin_date <= today
    return begun and (row.end_date is None or row.end_date >= today)


def stripped(name: str) -> OneOf:
    """Permit a name as it is served."""
    # Canvas strips white space at both ends of every CSV value; inside, a name is nobody's to mend.
    return OneOf.of(name.strip(), name)


def unless_set(
    by_hand: Mapping[tuple[str, ...], Act],
    kind: str,
    sourced_id: str,
    field: str,
    otherwise: Allowed,
) -> Allowed:
    """Permit only what a person set by hand, where one did: Canvas keeps it against imports."""
    act = by_hand.get((kind, sourced_id, field))
    return otherwise if act is None else OneOf.of(act.value)


def ever(nights: Sequence[Night], collection: str) -> list[str]:
    """Return every sourcedId that any night served in a collection, oldest first."""
    return list(
        dict.fromkeys(
            sourced_id for night in nights for sourced_id in getattr(night.feed, collection)
        )
    )
