"""What happens to people: they join, leave, return, move, change their names, exist twice."""

from collections.abc import Callable
from dataclasses import dataclass

import msgspec

from homeroom.mocks.district.evolve.events import EventKind
from homeroom.mocks.district.evolve.rates import Rates
from homeroom.mocks.district.evolve.rosters import Draws, Rosters
from homeroom.mocks.district.names import name_of, to_ascii
from homeroom.mocks.district.records import (
    Class,
    Demographics,
    Enrollment,
    RoleType,
    Status,
    User,
)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an event was about, told without naming anybody, and what will follow from it."""

    about: str
    detail: str
    later: "tuple[int, EventKind, Happening] | None" = None
    """Days from now, kind, and the event that follows."""


Happening = Callable[[Rosters, Draws, Rates], Outcome | None]
"""Makes an event happen; None when nobody was found to whom it could."""


def enroll(rosters: Rosters, draws: Draws, user: User, class_: Class, role: RoleType) -> None:
    """Put a user into a class from today on; who was in it before has the old record reopened.

    Focus must serve one enrollment for each user and class: the one that is right now. Its dates
    lie within the class's terms: a place in a class of the spring begins with the spring.
    """
    ends = rosters.end_of(class_)
    begins = max(rosters.today.isoformat(), rosters.start_of(class_) or "")
    for enrollment in rosters.all_enrollments_of(user.sourced_id):
        if enrollment.class_ == class_.sourced_id and enrollment.status == Status.ACTIVE:
            if not rosters.is_open(enrollment):
                reopened = msgspec.structs.replace(enrollment, begin_date=begins, end_date=ends)
                rosters.put("enrollments", reopened)
            return
    rosters.put(
        "enrollments",
        Enrollment(
            sourced_id=draws.guid(),
            user=user.sourced_id,
            class_=class_.sourced_id,
            school=class_.school,
            role=role,
            primary=False,
            begin_date=begins,
            end_date=ends,
        ),
    )


def leave(rosters: Rosters, enrollment: Enrollment) -> None:
    """End an enrollment today; it stays in the feed, with its end date, unless it never began."""
    if enrollment.begin_date and enrollment.begin_date > rosters.today.isoformat():
        withdraw_record(rosters, enrollment)
        return
    ended = msgspec.structs.replace(enrollment, end_date=rosters.today.isoformat())
    rosters.put("enrollments", ended)


def withdraw_record(rosters: Rosters, enrollment: Enrollment) -> None:
    """Mark an enrollment tobedeleted: it should not have been, or will not be."""
    rosters.put("enrollments", msgspec.structs.replace(enrollment, status=Status.TOBEDELETED))


def take_places_of(rosters: Rosters, draws: Draws, student: User, other: User) -> int:
    """Put a student into the classes that another takes; return how many."""
    taken = 0
    for enrollment in rosters.enrollments_of(other.sourced_id):
        class_ = rosters.find("classes", enrollment.class_, Class)
        if class_ and enrollment.role == RoleType.STUDENT:
            enroll(rosters, draws, student, class_, RoleType.STUDENT)
            taken += 1
    return taken


def student_joins(rosters: Rosters, draws: Draws, _rates: Rates) -> Outcome | None:
    """A new student comes, in the timetable of somebody of the same grade."""
    like = rosters.some_student(draws)
    if like is None or not rosters.enrollments_of(like.sourced_id):
        return None
    name = name_of(draws.bits(), draws.bits())
    number = len(rosters.joined) + 1
    username = f"{to_ascii(name.given)[:1]}{to_ascii(name.family)[:14]}n{number}"
    domain = (like.email or "").partition("@")[2]
    student = User(
        sourced_id=draws.guid(),
        username=username,
        given_name=name.given,
        family_name=name.family,
        middle_name=name.middle,
        role=RoleType.STUDENT,
        identifier=f"9{number:08d}",
        email=f"{username}@{domain}" if domain else None,
        orgs=like.orgs[:1],
        grades=like.grades,
    )
    rosters.put("users", student)
    rosters.joined.append(student.sourced_id)
    twin = rosters.find("demographics", like.sourced_id, Demographics)
    if twin:
        rosters.put(
            "demographics",
            Demographics(sourced_id=student.sourced_id, birth_date=twin.birth_date, sex=twin.sex),
        )
    taken = take_places_of(rosters, draws, student, like)
    return Outcome(student.sourced_id, f"new to the district, takes {taken} classes")


def student_withdraws(rosters: Rosters, draws: Draws, rates: Rates) -> Outcome | None:
    """A student leaves the district; some come back."""
    student = rosters.some_student(draws)
    if student is None:
        return None
    left = rosters.enrollments_of(student.sourced_id)
    if not left:
        return None
    for enrollment in left:
        leave(rosters, enrollment)
    rosters.put("users", msgspec.structs.replace(student, enabled_user=False))
    detail = f"left the district and {len(left)} classes"
    if draws.below(rates.return_of):
        return Outcome(student.sourced_id, detail)
    classes = tuple(enrollment.class_ or "" for enrollment in left)
    back = _student_returns(student.sourced_id, classes)
    later = (rates.return_after_days, EventKind.STUDENT_RETURNED, back)
    return Outcome(student.sourced_id, detail, later)


def _student_returns(sourced_id: str, classes: tuple[str, ...]) -> Happening:
    def happen(rosters: Rosters, draws: Draws, _rates: Rates) -> Outcome | None:
        student = rosters.find("users", sourced_id, User)
        if student is None or student.status != Status.ACTIVE:
            return None
        student = msgspec.structs.replace(student, enabled_user=True)
        rosters.put("users", student)
        taken = 0
        for class_id in classes:
            class_ = rosters.find("classes", class_id, Class)
            if class_ and class_.status == Status.ACTIVE and _goes_on(rosters, class_):
                enroll(rosters, draws, student, class_, RoleType.STUDENT)
                taken += 1
        return Outcome(sourced_id, f"came back to {taken} of {len(classes)} classes")

    return happen


def _goes_on(rosters: Rosters, class_: Class) -> bool:
    ends = rosters.end_of(class_)
    return ends is None or ends > rosters.today.isoformat()


def student_changes_class(rosters: Rosters, draws: Draws, _rates: Rates) -> Outcome | None:
    """A student moves to another section of the same course."""
    student = rosters.some_student(draws)
    if student is None:
        return None
    mine = rosters.enrollments_of(student.sourced_id)
    if not mine:
        return None
    old = mine[draws.below(len(mine))]
    class_ = rosters.find("classes", old.class_, Class)
    if class_ is None:
        return None
    taken = {enrollment.class_ for enrollment in mine}
    others = [
        other
        for other in rosters.sections_of(class_.course)
        if other.sourced_id not in taken and other.terms == class_.terms
    ]
    if not others:
        return None
    new = others[draws.below(len(others))]
    leave(rosters, old)
    enroll(rosters, draws, student, new, RoleType.STUDENT)
    return Outcome(student.sourced_id, f"from class {class_.sourced_id} to {new.sourced_id}")


def student_changes_school(rosters: Rosters, draws: Draws, _rates: Rates) -> Outcome | None:
    """A student moves to another school of the district, into the same grade."""
    student = rosters.some_student(draws)
    if student is None:
        return None
    other = _someone_elsewhere(rosters, draws, student, same_grade=True)
    if other is None:
        return None
    for enrollment in rosters.enrollments_of(student.sourced_id):
        leave(rosters, enrollment)
    moved = msgspec.structs.replace(student, orgs=other.orgs[:1])
    rosters.put("users", moved)
    taken = take_places_of(rosters, draws, moved, other)
    return Outcome(student.sourced_id, f"to school {other.orgs[0]}, takes {taken} classes there")


def _someone_elsewhere(
    rosters: Rosters, draws: Draws, student: User, *, same_grade: bool
) -> User | None:
    for _ in range(24):
        other = rosters.some_student(draws)
        if (
            other
            and other.orgs
            and not set(other.orgs) & set(student.orgs)
            and (not same_grade or other.grades == student.grades)
            and rosters.enrollments_of(other.sourced_id)
        ):
            return other
    return None


def student_enrolls_dually(rosters: Rosters, draws: Draws, _rates: Rates) -> Outcome | None:
    """A student takes one class at a second school, as virtual and co-enrolled students do."""
    student = rosters.some_student(draws)
    if student is None:
        return None
    other = _someone_elsewhere(rosters, draws, student, same_grade=False)
    if other is None:
        return None
    there = rosters.enrollments_of(other.sourced_id)
    class_ = rosters.find("classes", there[draws.below(len(there))].class_, Class)
    if class_ is None or class_.school is None or class_.school in student.orgs:
        return None
    student = msgspec.structs.replace(student, orgs=(*student.orgs, class_.school))
    rosters.put("users", student)
    enroll(rosters, draws, student, class_, RoleType.STUDENT)
    return Outcome(student.sourced_id, f"takes class {class_.sourced_id} at a second school")


def person_is_renamed(rosters: Rosters, draws: Draws, _rates: Rates) -> Outcome | None:
    """Somebody's family name changes, with or without the login made from it."""
    person = rosters.some("users", User, draws)
    if person is None:
        return None
    family = name_of(draws.bits(), draws.bits()).family
    if draws.below(2) and person.family_name:
        family = f"{person.family_name}-{family}"
    renamed = msgspec.structs.replace(person, family_name=family)
    if draws.below(3):
        rosters.put("users", renamed)
        return Outcome(person.sourced_id, "family name changed, login kept")
    login = f"{to_ascii(person.given_name or '')[:1]}{to_ascii(family)[:14]}r{draws.below(10**8)}"
    rosters.put("users", msgspec.structs.replace(renamed, username=login))
    return Outcome(person.sourced_id, "family name and login changed")


def account_is_split(rosters: Rosters, draws: Draws, rates: Rates) -> Outcome | None:
    """A student is entered a second time, and half of the classes with it; found out later."""
    student = rosters.some_student(draws)
    if student is None:
        return None
    mine = rosters.enrollments_of(student.sourced_id)
    if len(mine) < 2:
        return None
    twin = msgspec.structs.replace(
        student,
        sourced_id=draws.guid(),
        username=f"{student.username}x{draws.below(10**8)}",
        identifier=f"8{draws.below(10**8):08d}",
        email=None,
        agents=(),
    )
    rosters.put("users", twin)
    for enrollment in mine[: len(mine) // 2]:
        class_ = rosters.find("classes", enrollment.class_, Class)
        withdraw_record(rosters, enrollment)
        if class_:
            enroll(rosters, draws, twin, class_, RoleType.STUDENT)
    merge = _accounts_are_merged(student.sourced_id, twin.sourced_id)
    return Outcome(
        student.sourced_id,
        f"a second account {twin.sourced_id} took {len(mine) // 2} classes",
        (rates.merge_after_days, EventKind.ACCOUNTS_MERGED, merge),
    )


def _accounts_are_merged(kept: str, dropped: str) -> Happening:
    def happen(rosters: Rosters, draws: Draws, _rates: Rates) -> Outcome | None:
        student = rosters.find("users", kept, User)
        twin = rosters.find("users", dropped, User)
        if student is None or twin is None:
            return None
        for enrollment in rosters.enrollments_of(dropped):
            class_ = rosters.find("classes", enrollment.class_, Class)
            withdraw_record(rosters, enrollment)
            if class_:
                enroll(rosters, draws, student, class_, RoleType.STUDENT)
        rosters.put("users", msgspec.structs.replace(twin, status=Status.TOBEDELETED))
        return Outcome(kept, f"account {dropped} was merged into it")

    return happen


PEOPLE: dict[EventKind, Happening] = {
    EventKind.STUDENT_JOINED: student_joins,
    EventKind.STUDENT_WITHDREW: student_withdraws,
    EventKind.CLASS_CHANGED: student_changes_class,
    EventKind.SCHOOL_CHANGED: student_changes_school,
    EventKind.DUALLY_ENROLLED: student_enrolls_dually,
    EventKind.PERSON_RENAMED: person_is_renamed,
    EventKind.ACCOUNT_SPLIT: account_is_split,
}
"""What happens to people by chance, so often for every thousand students."""
