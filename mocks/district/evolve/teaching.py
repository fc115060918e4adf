"""What happens to classes: teachers change, courses get other names, sections are levelled."""

import msgspec

from homeroom.mocks.district.evolve.events import EventKind
from homeroom.mocks.district.evolve.people import (
    Happening,
    Outcome,
    enroll,
    leave,
    withdraw_record,
)
from homeroom.mocks.district.evolve.rates import Rates, class_cap
from homeroom.mocks.district.evolve.rosters import Draws, Rosters
from homeroom.mocks.district.records import (
    Class,
    Course,
    Enrollment,
    Org,
    RoleType,
    Status,
    User,
)


def teacher_changes(rosters: Rosters, draws: Draws, _rates: Rates) -> Outcome | None:
    """A class gets another primary teacher; the old one's record is withdrawn."""
    class_ = rosters.some("classes", Class, draws)
    if class_ is None:
        return None
    members = rosters.members_of(class_.sourced_id)
    primary = next((member for member in members if member.primary), None)
    if primary is None:
        return None
    teacher = rosters.some_teacher(class_.school, draws, besides=primary.user or "")
    if teacher is None:
        return None
    withdraw_record(rosters, primary)
    make_primary(rosters, draws, teacher, class_, members)
    return Outcome(class_.sourced_id, f"teacher {primary.user} handed over to {teacher.sourced_id}")


def make_primary(
    rosters: Rosters, draws: Draws, teacher: User, class_: Class, members: list[Enrollment]
) -> None:
    """Make somebody the primary teacher of a class, who may have been its co-teacher."""
    mine = next((member for member in members if member.user == teacher.sourced_id), None)
    if mine is None:
        enroll(rosters, draws, teacher, class_, RoleType.TEACHER)
        mine = next(
            enrollment
            for enrollment in rosters.enrollments_of(teacher.sourced_id)
            if enrollment.class_ == class_.sourced_id
        )
    rosters.put("enrollments", msgspec.structs.replace(mine, primary=True))


def co_teacher_comes(rosters: Rosters, draws: Draws, _rates: Rates) -> Outcome | None:
    """A class gets a second teacher."""
    class_ = rosters.some("classes", Class, draws)
    if class_ is None:
        return None
    teacher = rosters.some_teacher(class_.school, draws, besides="")
    members = {member.user for member in rosters.members_of(class_.sourced_id)}
    if teacher is None or teacher.sourced_id in members or not members:
        return None
    enroll(rosters, draws, teacher, class_, RoleType.TEACHER)
    return Outcome(class_.sourced_id, f"co-teacher {teacher.sourced_id} came")


def co_teacher_leaves(rosters: Rosters, draws: Draws, _rates: Rates) -> Outcome | None:
    """A class loses its second teacher."""
    for _ in range(20):
        class_ = rosters.some("classes", Class, draws)
        if class_ is None:
            continue
        for member in rosters.members_of(class_.sourced_id):
            if member.role == RoleType.TEACHER and not member.primary:
                withdraw_record(rosters, member)
                return Outcome(class_.sourced_id, f"co-teacher {member.user} left")
    return None


def course_code_is_corrected(rosters: Rosters, draws: Draws, _rates: Rates) -> Outcome | None:
    """A course gets the code it should have had."""
    course = rosters.some("courses", Course, draws)
    if course is None or not course.course_code:
        return None
    old = course.course_code
    new = f"{old[:-1]}{(int(old[-1]) + 1) % 10}" if old[-1] in "0123456789" else f"{old}1"
    rosters.put("courses", msgspec.structs.replace(course, course_code=new))
    return Outcome(course.sourced_id, f"code {old} is now {new}")


def course_is_renamed(rosters: Rosters, draws: Draws, _rates: Rates) -> Outcome | None:
    """A course gets another title; its classes keep theirs."""
    course = rosters.some("courses", Course, draws)
    if course is None or not course.title:
        return None
    honors = " Honors"
    is_honors = course.title.endswith(honors)
    title = course.title.removesuffix(honors) if is_honors else f"{course.title}{honors}"
    rosters.put("courses", msgspec.structs.replace(course, title=title))
    return Outcome(course.sourced_id, f"is now called {title}")


def school_is_renamed(rosters: Rosters, draws: Draws, _rates: Rates) -> Outcome | None:
    """A school gets another name."""
    school = rosters.some("orgs", Org, draws)
    if school is None or school.type != "school" or not school.name:
        return None
    old, new = (" Academy", " School") if school.name.endswith("y") else (" School", " Academy")
    name = f"{school.name.removesuffix(old)}{new}"
    rosters.put("orgs", msgspec.structs.replace(school, name=name))
    return Outcome(school.sourced_id, f"is now called {name}")


def sections_are_regenerated(rosters: Rosters, draws: Draws, _rates: Rates) -> Outcome | None:
    """A school's timetable is built anew: every class comes back under another id."""
    schools = rosters.schools()
    if not schools:
        return None
    school = schools[draws.below(len(schools))]
    org = rosters.district.tables["orgs"].find(school.sourced_id)
    table = rosters.district.tables["classes"]
    indices = [] if org is None else rosters.district.relations.classes_of_school[org].tolist()
    count = 0
    for index in indices:
        old = rosters.find("classes", table.sourced_id(index), Class)
        if old is None or old.status != Status.ACTIVE:
            continue
        members = rosters.members_of(old.sourced_id)
        new = msgspec.structs.replace(old, sourced_id=draws.guid())
        rosters.put("classes", new)
        for member in members:
            withdraw_record(rosters, member)
            moved = msgspec.structs.replace(member, sourced_id=draws.guid(), class_=new.sourced_id)
            rosters.put("enrollments", moved)
        rosters.put("classes", msgspec.structs.replace(old, status=Status.TOBEDELETED))
        count += 1
    return Outcome(school.sourced_id, f"{count} classes have new ids") if count else None


def level_class(class_id: str) -> Happening:
    """Bring one class down to its cap: into sections with room, or half of it into a new one."""

    def happen(rosters: Rosters, draws: Draws, _rates: Rates) -> Outcome | None:
        class_ = rosters.find("classes", class_id, Class)
        if class_ is None or class_.status != Status.ACTIVE:
            return None
        cap, size = class_cap(class_.grades), rosters.size_of(class_id)
        students = [
            member for member in rosters.members_of(class_id) if member.role == RoleType.STUDENT
        ]
        beside = [
            other
            for other in rosters.sections_of(class_.course)
            if other.terms == class_.terms and other.sourced_id != class_id
        ]
        emptiest = min(
            beside,
            key=lambda other: (rosters.size_of(other.sourced_id), other.sourced_id),
            default=None,
        )
        if emptiest and rosters.size_of(emptiest.sourced_id) < cap:
            room = cap - rosters.size_of(emptiest.sourced_id)
            moved = _move(rosters, draws, students[-min(room, size - cap) :], emptiest)
            return Outcome(class_id, f"{moved} of {size} students to class {emptiest.sourced_id}")
        opened = _open_section(rosters, draws, class_, len(beside) + 2)
        moved = _move(rosters, draws, students[size // 2 :], opened)
        return Outcome(class_id, f"{moved} of {size} students to a new class {opened.sourced_id}")

    return happen


def _move(rosters: Rosters, draws: Draws, members: list[Enrollment], to: Class) -> int:
    for member in members:
        student = rosters.find("users", member.user, User)
        if student:
            leave(rosters, member)
            enroll(rosters, draws, student, to, RoleType.STUDENT)
    return len(members)


def _open_section(rosters: Rosters, draws: Draws, like: Class, number: int) -> Class:
    course = rosters.course(like.course)
    code = (course.course_code if course else None) or (like.class_code or "").split("-")[0]
    opened = msgspec.structs.replace(
        like,
        sourced_id=draws.guid(),
        title=f"{course.title if course else like.title} - {number:03d}",
        class_code=f"{code}-{number:03d}",
    )
    rosters.put("classes", opened)
    teacher = rosters.some_teacher(like.school, draws, besides="")
    if teacher:
        make_primary(rosters, draws, teacher, opened, [])
    return opened


TEACHING: dict[EventKind, Happening] = {
    EventKind.TEACHER_CHANGED: teacher_changes,
    EventKind.CO_TEACHER_ADDED: co_teacher_comes,
    EventKind.CO_TEACHER_LEFT: co_teacher_leaves,
    EventKind.COURSE_CODE_CORRECTED: course_code_is_corrected,
    EventKind.COURSE_RENAMED: course_is_renamed,
    EventKind.SCHOOL_RENAMED: school_is_renamed,
    EventKind.SECTIONS_REGENERATED: sections_are_regenerated,
}
"""What happens to classes, courses and schools by chance."""
