"""From OneRoster records to Canvas rows. Pure: no I/O, no clock, the district's choices as data."""

import re
from collections import Counter
from collections.abc import Callable, Container, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, tzinfo
from functools import lru_cache
from typing import NamedTuple
from uuid import NAMESPACE_OID, uuid5

import msgspec

from homeroom.config import (
    Choices,
    CourseKey,
    DepartedStatus,
    LoginId,
    TermChoice,
)
from homeroom.reference.canvas.rows import (
    AccountRow,
    CourseRow,
    EnrollmentRow,
    SectionRow,
    TermRow,
    UserObserverRow,
    UserRow,
)
from homeroom.reference.errors import RecordError
from homeroom.reference.oneroster.records import (
    FAMILY,
    AcademicSession,
    Class,
    Course,
    Enrollment,
    Org,
    RoleType,
    User,
    ref_id,
)
from homeroom.reference.roster.diff import Change
from homeroom.reference.roster.people import People
from homeroom.reference.roster.read import USER_ID

ROLE: Mapping[RoleType, str] = {
    RoleType.STUDENT: "student",
    RoleType.TEACHER: "teacher",
    RoleType.AIDE: "ta",
}
"""Who takes a seat in a Canvas section; administrators and proctors of a class take none."""

LOGIN_ID: Mapping[LoginId, Callable[[User], str | None]] = {
    LoginId.USERNAME: lambda user: user.username,
    LoginId.EMAIL: lambda user: user.email,
    LoginId.IDENTIFIER: lambda user: user.identifier,
}
DEPARTED: Mapping[DepartedStatus, str] = {
    DepartedStatus.SUSPENDED: "suspended",
    DepartedStatus.DELETED: "deleted",
    DepartedStatus.KEPT: "active",
}
LONGEST_ID = 255


SUSPENDED_NOT_GONE = frozenset({DepartedStatus.SUSPENDED, DepartedStatus.KEPT})


@dataclass
class Roll:
    """What mapping has to tell besides rows: refusals one by one, oddities counted, moves held."""

    refusals: list[RecordError] = field(default_factory=list)
    oddities: Counter[str] = field(default_factory=Counter)
    moves: list[dict[str, str]] = field(default_factory=list)


class Term(NamedTuple):
    """A Canvas term as an academic session gives it; dates as the feed has them."""

    id: str
    name: str
    start: str
    end: str
    source: str


class Placing(msgspec.Struct, gc=False, array_like=True, frozen=True):
    """What one class says of the Canvas course it is in."""

    course_id: str
    class_id: str
    own: bool
    """Whether the class's own key leads here, rather than a placing that is held."""
    short_name: str
    long_name: str
    account_id: str
    term_id: str


@lru_cache(maxsize=4096)
def opening(day: str, zone: tzinfo) -> str:
    """Give the first instant of a day in the district, as Canvas reads it; blank for blank."""
    return _instant(day, time(0, 0, 0), zone)


@lru_cache(maxsize=4096)
def closing(day: str, zone: tzinfo) -> str:
    """Give the last second of a day in the district; feeds name the last day that counts."""
    return _instant(day, time(23, 59, 59), zone)


def _instant(day: str, at: time, zone: tzinfo) -> str:
    return datetime.combine(date.fromisoformat(day[:10]), at, zone).isoformat() if day else ""


def to_account_rows(orgs: Mapping[str, Org], schools: frozenset[str]) -> list[AccountRow]:
    """Make each school a sub-account; the district is the root account itself.

    Departments and the like become accounts only where a school hangs below them.
    """
    rows: dict[str, AccountRow] = {}
    for org in sorted(orgs.values(), key=lambda org: org.sourced_id):
        if org.type == "school" and org.live and (not schools or org.sourced_id in schools):
            _add_account(org, orgs, rows)
    return list(rows.values())


def _add_account(org: Org, orgs: Mapping[str, Org], rows: dict[str, AccountRow]) -> None:
    parent = orgs.get(ref_id(org.parent) or "")
    above = parent is not None and parent.live and parent.type in {"school", "department", "local"}
    rows[org.sourced_id] = AccountRow("", "", "", "", "")  # a loop of parents ends here
    if parent is not None and above and parent.sourced_id not in rows:
        _add_account(parent, orgs, rows)
    del rows[org.sourced_id]
    parent_id = parent.sourced_id if parent is not None and above else ""
    rows[org.sourced_id] = AccountRow(org.sourced_id, parent_id, org.name, "active", org.sourced_id)


class Terms:
    """Chooses the Canvas term of a class among the academic sessions it names."""

    def __init__(
        self, sessions: Mapping[str, AcademicSession], choice: TermChoice, pattern: str, today: str
    ) -> None:
        self._sessions = {key: each for key, each in sessions.items() if each.live}
        self._choice, self._pattern = choice, re.compile(pattern)
        years = [each for each in self._sessions.values() if each.type == "schoolYear"]
        years.sort(key=lambda year: (year.start_date or "", year.sourced_id))
        now = [each for each in years if (each.start_date or "") <= today <= (each.end_date or "")]
        self._year = next(reversed(now or years), None)
        self._terms: dict[str, Term] = {}
        self.used: dict[str, Term] = {}

    def of(self, class_: Class, course: Course | None) -> Term | None:
        """Give the term of a class; None where the feed has no session that could be it."""
        session = self._session(class_, course)
        if session is None:
            return None
        if session.sourced_id not in self._terms:
            self._terms[session.sourced_id] = self._term(session)
        term = self._terms[session.sourced_id]
        self.used[term.id] = term
        return term

    def _session(self, class_: Class, course: Course | None) -> AcademicSession | None:
        ids = [ref_id(ref) or "" for ref in class_.terms or ()]
        listed = [self._sessions[each] for each in ids if each in self._sessions]
        if self._choice is not TermChoice.SCHOOL_YEAR:
            for wanted in ({"term", "semester"}, {"schoolYear"}):
                if chosen := next((each for each in listed if each.type in wanted), None):
                    return chosen
            if listed and (chosen := self._above(listed[0], {"term", "semester", "schoolYear"})):
                return chosen
        for each in listed:
            if year := self._above(each, {"schoolYear"}):
                return year
        # Focus's marking period 0 is the full year, and a period can be kept from the API.
        named = self._sessions.get(ref_id(course.school_year) or "") if course else None
        return named or self._year

    def _above(self, session: AcademicSession, types: set[str]) -> AcademicSession | None:
        here: AcademicSession | None = session
        for _ in range(len(self._sessions) + 1):
            if here is None or here.type in types:
                return here
            here = self._sessions.get(ref_id(here.parent) or "")
        return None

    def _term(self, session: AcademicSession) -> Term:
        merged = [session]
        shared = session.sourced_id
        if self._choice is TermChoice.COMMON_ID:
            shared = self._common(session.sourced_id)
            merged = [
                each
                for key, each in sorted(self._sessions.items())
                if each.type == session.type and self._common(key) == shared
            ]
        starts = [each.start_date for each in merged if each.start_date]
        ends = [each.end_date for each in merged if each.end_date]
        source = merged[0].sourced_id
        return Term(shared, merged[0].title, min(starts, default=""), max(ends, default=""), source)

    def _common(self, sourced_id: str) -> str:
        found = self._pattern.search(sourced_id)
        return found.group() if found else sourced_id


def to_term_row(term: Term, zone: tzinfo) -> TermRow:
    """Write a term with its first and last moment in the district."""
    return TermRow(
        term.id,
        term.name,
        "active",
        opening(term.start, zone),
        closing(term.end, zone),
        term.source,
    )


def to_user_row(user: User, choices: Choices) -> UserRow:
    """Give a person a Canvas login; names go over untouched, a missing e-mail stays missing.

    Raises:
        RecordError: The chosen SIS ID or login is blank: a made-up one would become a second
            person once the real one arrives.
    """
    user_id = (USER_ID[choices.user_id](user) or "").strip()
    login_id = (LOGIN_ID[choices.login_id](user) or "").strip()
    for field_name, value in ((choices.user_id.value, user_id), (choices.login_id.value, login_id)):
        if not value:
            raise RecordError(
                user.sourced_id,
                field_name,
                "is blank",
                f"give the user a {field_name} in the SIS, or choose another field",
            )
    status = "active" if user.enabled else DEPARTED[choices.departed_users]
    return UserRow(
        user_id,
        login_id,
        user.given_name or "",
        user.family_name or "",
        (user.email or "").strip(),
        status,
        user.sourced_id,
    )


def has_account(user: User, choices: Choices) -> bool:
    """Whether a person of the feed is one for Canvas, now."""
    if not user.live or (user.role in FAMILY and not choices.observers):
        return False
    return user.enabled or choices.departed_users in SUSPENDED_NOT_GONE


def same_people(
    gone: Iterable[UserRow], new: Iterable[UserRow], *, follow: bool
) -> tuple[list[tuple[UserRow, UserRow]], list[Change]]:
    """Tell people who only changed their id from those who came and went.

    Login and both names must agree: a login alone may have been handed on to another child.
    """
    about = {_who(row): row for row in gone} if follow else {}
    pairs: list[tuple[UserRow, UserRow]] = []
    changes: list[Change] = []
    for row in new:
        was = about.pop(_who(row), None)
        if was is None:
            changes.append(Change(None, row))
        else:
            pairs.append((was, row))
    followed = {was.user_id for was, _ in pairs}
    changes += [Change(row, None) for row in gone if row.user_id not in followed]
    return pairs, changes


def _who(row: UserRow) -> tuple[str, str, str]:
    return row.login_id.casefold(), row.first_name, row.last_name


def to_observer_rows(user: User, people: People, *, children: bool) -> Iterator[UserObserverRow]:
    """Link a student with their agents, read from either end of the relationship."""
    for ref in user.agents or ():
        agent = people.sis_id(ref_id(ref) or "")
        own = people.sis_id(user.sourced_id)
        if agent and own:
            observer, student = (own, agent) if children else (agent, own)
            yield UserObserverRow(observer, student, "active", user.sourced_id)


def primary_teacher(
    seats: Iterable[Enrollment], people: People, today: str, roll: Roll
) -> str | None:
    """Choose whom a class is grouped by: its primary teacher; None where it has no teacher.

    Two primaries: the one who began first, then the lower sourcedId. None: the lowest sourcedId.
    Those whose time is past or still to come count only where nobody's is now.
    """
    teachers = [
        seat
        for seat in seats
        if seat.role is RoleType.TEACHER and seat.live and people.sis_id(ref_id(seat.user) or "")
    ]
    now = [seat for seat in teachers if _holds(seat, today)] or teachers
    primaries = [seat for seat in now if seat.is_primary]
    if now and len(primaries) != 1:
        roll.oddities["classes with no single primary teacher"] += 1
    if primaries:
        first = min(primaries, key=lambda seat: (seat.begin_date or "", ref_id(seat.user) or ""))
        return ref_id(first.user)
    return min((ref_id(seat.user) or "" for seat in now), default=None)


def to_course_id(class_: Class, teacher: str | None, term: Term | None, key: CourseKey) -> str:
    """Compose the SIS ID of the Canvas course that a class belongs in.

    It is made of ids alone: a corrected course code or title must not lead to a new, empty course.
    """
    course = ref_id(class_.course)
    if key is CourseKey.CLASS or course is None or teacher is None:
        return class_.sourced_id
    parts = [course, term.id if term else ""]
    if key is not CourseKey.COURSE_TERM:
        parts.insert(1, teacher)
    composed = ":".join(parts)
    return composed if len(composed) <= LONGEST_ID else str(uuid5(NAMESPACE_OID, composed))


def to_section_row(class_: Class, course_id: str) -> SectionRow:
    """Make a class a section of its course.

    Raises:
        RecordError: The class has neither title nor code.
    """
    name = class_.title.strip() or (class_.class_code or "").strip()
    if not name:
        raise RecordError(
            class_.sourced_id, "title", "is blank, and so is classCode", "name the class in the SIS"
        )
    return SectionRow(class_.sourced_id, course_id, name, "active", class_.sourced_id)


def to_placing(
    class_: Class,
    course: Course | None,
    section: SectionRow,
    own: bool,
    accounts: Container[str],
    term: Term | None,
) -> Placing:
    """Tell what a class says of its course; see `to_course_row` for who is believed."""
    school = ref_id(class_.school) or ""
    alone = course is None or section.course_id == class_.sourced_id
    title = section.name if alone else course.title or section.name  # type: ignore[union-attr]
    code = (course.course_code if course else None) or class_.class_code or title
    return Placing(
        section.course_id,
        class_.sourced_id,
        own,
        code,
        title,
        school if school in accounts else "",
        term.id if term else "",
    )


def to_course_row(placings: Iterable[Placing], status: str) -> CourseRow:
    """Make a course of what its classes say: the lowest id speaks, those held there last."""
    says = min(placings, key=lambda placing: (not placing.own, placing.class_id))
    return CourseRow(
        says.course_id,
        says.short_name,
        says.long_name,
        says.account_id,
        says.term_id,
        status,
        says.class_id,
    )


class Place(NamedTuple):
    """Where and when a class's people are seated."""

    section_id: str
    term: Term | None
    today: str
    zone: tzinfo


def to_enrollment_rows(
    seats: Iterable[Enrollment], place: Place, people: People, choices: Choices, roll: Roll
) -> list[EnrollmentRow]:
    """Seat the people of one class, each once a role, whatever rows the feed has for them."""
    chosen: dict[tuple[str, RoleType], Enrollment] = {}
    for seat in seats:
        if not seat.live or seat.role not in ROLE:
            continue
        user = ref_id(seat.user)
        if user is None:
            roll.refusals.append(
                RecordError(seat.sourced_id, "user", "is null", "correct the row in the SIS")
            )
            continue
        rival = chosen.get((user, seat.role))
        if rival is not None:
            roll.oddities["repeated enrollments of one user in one class"] += 1
        if rival is None or _precedence(seat, place.today) > _precedence(rival, place.today):
            chosen[user, seat.role] = seat
    rows: list[EnrollmentRow] = []
    for (user, _), seat in chosen.items():
        user_id = people.sis_id(user)
        try:
            if user_id is not None:
                rows.append(_to_enrollment_row(seat, user_id, place, choices, roll))
            elif not people.has_departed(user):
                raise RecordError(
                    seat.sourced_id,
                    "user",
                    f"names {user}, who is not in the feed or has no account",
                    "serve the user, or end the enrollment",
                )
        except RecordError as error:
            roll.refusals.append(error)
    return rows


def _to_enrollment_row(
    seat: Enrollment, user_id: str, place: Place, choices: Choices, roll: Roll
) -> EnrollmentRow:
    term = place.term
    begin = seat.begin_date or (term.start if term else "")
    last = term.end if term else ""
    end = seat.end_date or last
    if not seat.end_date:
        roll.oddities["enrollments without an end date, filled from the term"] += 1
    status = "active"
    # Who stays to the term's end is concluded by the term itself; only leavers are marked.
    if end and end[:10] < min(place.today, last or place.today):
        teaches = seat.role is RoleType.TEACHER
        status = (choices.ended_teachers if teaches else choices.ended_students).value
    try:
        starts, ends = opening(begin, place.zone), closing(end, place.zone)
    except ValueError:
        raise RecordError(
            seat.sourced_id,
            "beginDate or endDate",
            f"is no date: {begin!r}, {end!r}",
            "correct the row in the SIS",
        ) from None
    if not (starts and ends):
        starts = ends = ""  # Canvas heeds neither unless both are there
    return EnrollmentRow(
        place.section_id, user_id, ROLE[seat.role], status, starts, ends, seat.sourced_id
    )


def _holds(seat: Enrollment, today: str) -> bool:
    return (seat.begin_date or "")[:10] <= today <= ((seat.end_date or "")[:10] or today)


def _precedence(seat: Enrollment, today: str) -> tuple[bool, str, str]:
    """Order rows for one seat: the one valid now, else the latest begin."""
    return _holds(seat, today), seat.begin_date or "", seat.sourced_id
