"""From OneRoster records to Canvas rows. Pure: no I/O, no clock, the district's choices as data."""

from collections import Counter
from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, tzinfo
from functools import lru_cache
from typing import NamedTuple
from uuid import NAMESPACE_OID, uuid5

import msgspec

from homeroom.config import Choices, CourseKey, DepartedStatus, LoginId, UserId
from homeroom.reference.canvas import rows as canvas
from homeroom.reference.errors import RecordError
from homeroom.reference.oneroster import records as oneroster
from homeroom.reference.oneroster.records import FAMILY, RoleType, ref_id
from homeroom.reference.roster.people import People
from homeroom.reference.roster.terms import Term

# Who takes a seat in a Canvas section; administrators and proctors of a class take none.
Seats = Iterable[oneroster.Enrollment]
ROLE = {RoleType.STUDENT: "student", RoleType.TEACHER: "teacher", RoleType.AIDE: "ta"}
LONGEST_ID = 255
NOT_ROOT = frozenset({"school", "department", "local"})


@dataclass
class Roll:
    """What mapping has to tell besides rows: refusals one by one, oddities counted."""

    refusals: list[RecordError] = field(default_factory=list)
    oddities: Counter[str] = field(default_factory=Counter)


class Place(NamedTuple):
    """Where and when a class's people are seated."""

    section_id: str
    term: Term
    today: str
    zone: tzinfo


class Placing(msgspec.Struct, gc=False, array_like=True, frozen=True):
    """What one class says of its Canvas course; `own` where its own key leads there."""

    own: bool
    row: canvas.CourseRow


# A day's first and last second; feeds name the last day that counts.
OPENING, CLOSING = time(0, 0, 0), time(23, 59, 59)


@lru_cache(maxsize=4096)
def instants(first: str, last: str, zone: tzinfo) -> tuple[str, str]:
    """Give a first day's beginning and a last day's end, as Canvas reads them; blank for blank."""
    begin, end = (
        datetime.combine(date.fromisoformat(day[:10]), at, zone).isoformat() if day else ""
        for day, at in ((first, OPENING), (last, CLOSING))
    )
    return begin, end


def id_of(user: oneroster.User, choice: UserId | LoginId) -> str:
    """Give the field of a user that a choice names, blank where there is none."""
    value = user.sourced_id if choice is UserId.SOURCED_ID else getattr(user, choice.value)
    return (value or "").strip()


def to_account_rows(
    orgs: Mapping[str, oneroster.Org], schools: frozenset[str]
) -> list[canvas.AccountRow]:
    """Make each school a sub-account, parents first; the district is the root account itself.

    Departments and the like become accounts only where a school hangs below them.
    """
    rows: dict[str, canvas.AccountRow] = {}
    for _, school in sorted(orgs.items()):
        wanted = school.live and (not schools or school.sourced_id in schools)
        here = school if wanted and school.type == "school" else None
        chain: dict[str, oneroster.Org] = {}
        while here is not None and here.sourced_id not in rows and here.sourced_id not in chain:
            chain[here.sourced_id] = here
            above = orgs.get(ref_id(here.parent) or "")
            here = above if above and above.live and above.type in NOT_ROOT else None
        for id_, org in reversed(chain.items()):
            parent = ref_id(org.parent) or ""
            above_id = parent if parent in rows else ""
            rows[id_] = canvas.AccountRow(id_, above_id, org.name, "active", id_)
    return list(rows.values())


def to_term_row(term: Term, zone: tzinfo) -> canvas.TermRow:
    """Write a term with its first and last moment in the district."""
    dates = instants(term.start, term.end, zone)
    return canvas.TermRow(term.id, term.name, "active", *dates, term.source)


def departed(choices: Choices) -> str:
    """Give the Canvas status of a login whose owner left."""
    kept = choices.departed_users is DepartedStatus.KEPT
    return "active" if kept else choices.departed_users.value


def has_account(user: oneroster.User, choices: Choices) -> bool:
    """Whether a person of the feed is one for Canvas, now."""
    if not user.live or (user.role in FAMILY and not choices.observers):
        return False
    return user.enabled or choices.departed_users is not DepartedStatus.DELETED


def to_user_row(
    user: oneroster.User, choices: Choices, taken: Container[str] = ()
) -> canvas.UserRow:
    """Give a person a Canvas login; names go over untouched, a missing e-mail stays missing.

    Raises:
        RecordError: The chosen SIS ID is `taken`, or it or the login is blank: a made-up one would
            become a second person once the real one arrives.
    """
    ids = id_of(user, choices.user_id), id_of(user, choices.login_id)
    for choice, value in zip((choices.user_id, choices.login_id), ids, strict=True):
        if not value:
            raise RecordError(user.sourced_id, choice.value, "is blank")
    if ids[0] in taken:
        raise RecordError(user.sourced_id, choices.user_id.value, f"{ids[0]} is another's too")
    names = user.given_name or "", user.family_name or ""
    status = "active" if user.enabled else departed(choices)
    email = (user.email or "").strip()
    return canvas.UserRow(*ids, *names, email, status, user.sourced_id)


def to_observer_rows(user: oneroster.User, people: People) -> Iterator[canvas.UserObserverRow]:
    """Link a student with their agents, read from either end of the relationship."""
    own = people.sis_id(user.sourced_id)
    for ref in user.agents or ():
        agent = people.sis_id(ref_id(ref) or "")
        if agent and own:
            ends = (own, agent) if user.role in FAMILY else (agent, own)
            yield canvas.UserObserverRow(*ends, "active", user.sourced_id)


def primary_teacher(seats: Seats, people: People, today: str, roll: Roll) -> str | None:
    """Choose whom a class is grouped by: its primary teacher; None where it has no teacher.

    Two primaries: the one who began first, then the lower sourcedId. None: the lowest sourcedId.
    Those whose time is past or still to come count only where nobody's is now.
    """
    teachers = [seat for seat in seats if seat.role is RoleType.TEACHER and seat.live]
    teachers = [seat for seat in teachers if people.sis_id(ref_id(seat.user) or "")]
    now = [seat for seat in teachers if _holds(seat, today)] or teachers
    primaries = [seat for seat in now if seat.is_primary]
    if now and len(primaries) != 1:
        roll.oddities["classes with no single primary teacher"] += 1
    ranked = [(seat.begin_date or "", ref_id(seat.user) or "") for seat in primaries]
    ranked = ranked or [("", ref_id(seat.user) or "") for seat in now]
    return min(ranked)[1] if ranked else None


def to_course_id(class_: oneroster.Class, teacher: str | None, term: Term, choices: Choices) -> str:
    """Compose the SIS ID of the Canvas course that a class belongs in.

    It is made of ids alone: a corrected course code or title must not lead to a new, empty course.
    """
    course = ref_id(class_.course)
    if choices.course_key is CourseKey.CLASS or course is None or teacher is None:
        return class_.sourced_id
    together = choices.course_key is CourseKey.COURSE_TERM
    composed = ":".join([course, term.id] if together else [course, teacher, term.id])
    return composed if len(composed) <= LONGEST_ID else str(uuid5(NAMESPACE_OID, composed))


def to_section_row(class_: oneroster.Class, course_id: str) -> canvas.SectionRow:
    """Make a class a section of its course.

    Raises:
        RecordError: The class has neither title nor code.
    """
    name = class_.title.strip() or (class_.class_code or "").strip()
    if not name:
        raise RecordError(class_.sourced_id, "title", "is blank, and so is classCode")
    return canvas.SectionRow(class_.sourced_id, course_id, name, "active", class_.sourced_id)


def to_course_row(
    class_: oneroster.Class,
    course: oneroster.Course | None,
    section: canvas.SectionRow,
    term: Term,
    status: str,
) -> canvas.CourseRow:
    """Tell what a class says of its course; a course of one class bears that class's name."""
    alone = course is None or section.course_id == class_.sourced_id
    title = section.name if alone else (course and course.title) or section.name
    code = (course and course.course_code) or class_.class_code or title
    account = ref_id(class_.school) or ""
    id_ = section.course_id
    return canvas.CourseRow(id_, code, title, account, term.id, status, class_.sourced_id)


def to_enrollment_rows(
    seats: Seats, place: Place, people: People, choices: Choices, roll: Roll
) -> list[canvas.EnrollmentRow]:
    """Seat the people of one class, each once a role, whatever rows the feed has for them."""
    chosen: dict[tuple[str | None, str], oneroster.Enrollment] = {}
    for seat in seats:
        role, user = ROLE.get(seat.role), ref_id(seat.user)
        if role is None or not seat.live:
            continue
        key = user, role if user else seat.sourced_id
        rival = chosen.get(key)
        if rival is not None:
            roll.oddities["repeated enrollments of one user in one class"] += 1
        if rival is None or _precedence(seat, place.today) > _precedence(rival, place.today):
            chosen[key] = seat
    rows: list[canvas.EnrollmentRow] = []
    for (user, role), seat in chosen.items():
        user_id = people.sis_id(user or "")
        try:
            if user_id is not None:
                rows.append(_to_enrollment_row(seat, (user_id, role), place, choices, roll))
            elif user is None or not people.has_departed(user):
                reason = f"names {user}, who has no account" if user else "is null"
                raise RecordError(seat.sourced_id, "user", reason)
        except RecordError as error:
            roll.refusals.append(error)
    return rows


def _to_enrollment_row(
    seat: oneroster.Enrollment, who: tuple[str, str], place: Place, choices: Choices, roll: Roll
) -> canvas.EnrollmentRow:
    begin, end = seat.begin_date or place.term.start, seat.end_date or place.term.end
    if not seat.end_date:
        roll.oddities["enrollments without an end date, filled from the term"] += 1
    status = "active"
    # Who stays to the term's end is concluded by the term itself; only leavers are marked.
    if "" < end[:10] < place.today and end[:10] < (place.term.end or place.today):
        teaches = seat.role is RoleType.TEACHER
        status = (choices.ended_teachers if teaches else choices.ended_students).value
    try:
        dates = instants(begin, end, place.zone)
    except ValueError:
        told = f"is no date: {begin!r}, {end!r}"
        raise RecordError(seat.sourced_id, "beginDate or endDate", told) from None
    if not all(dates):
        dates = "", ""  # Canvas heeds neither unless both are there
    return canvas.EnrollmentRow(place.section_id, *who, status, *dates, seat.sourced_id)


def _holds(seat: oneroster.Enrollment, today: str) -> bool:
    return (seat.begin_date or "")[:10] <= today <= ((seat.end_date or "")[:10] or today)


def _precedence(seat: oneroster.Enrollment, today: str) -> tuple[bool, str, str]:
    """Order rows for one seat: the one valid now, else the latest begin."""
    return _holds(seat, today), seat.begin_date or "", seat.sourced_id
