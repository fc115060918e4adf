"""enrollments.csv: who sits in which section, in which role.

The hot path of a night: a mega district sends 1.7 million rows. Columns are found once for a file,
a row is a list of cells, and whatever repeats (sections, roles, dates) is looked up once.
"""

from collections.abc import Sequence
from datetime import datetime

import msgspec

from homeroom.mocks.canvas.sis_import.changes import NON_EXISTENT
from homeroom.mocks.canvas.sis_import.context import ImportContext, Importer
from homeroom.mocks.canvas.sis_import.dates import BadDate, parse_date
from homeroom.mocks.canvas.sis_import.removal import (
    change_enrollment,
    follow_student,
    set_enrollment_state,
)
from homeroom.mocks.canvas.store import (
    Course,
    Enrollment,
    NewEnrollment,
    Pseudonym,
    Role,
    Section,
    User,
)

STATUSES = ("active", "completed", "inactive", "deleted_last_completed", "deleted")
BUILT_IN = {
    "teacher": "TeacherEnrollment",
    "ta": "TaEnrollment",
    "observer": "ObserverEnrollment",
    "designer": "DesignerEnrollment",
}
_TRUE = frozenset({"true", "t", "yes", "y", "on", "1"})
_FIELDS = (
    "course_id", "section_id", "user_id", "user_integration_id", "role", "role_id", "status",
    "start_date", "end_date", "associated_user_id", "limit_section_privileges", "root_account",
    "temporary_enrollment_source_user_id",
)  # fmt: skip


class Seat(msgspec.Struct, gc=False):
    """One row that passed the first look."""

    line: int
    cells: list[str]
    course_id: str
    section_id: str
    user_id: str
    integration_id: str
    role: str
    state: str
    start_at: datetime | None
    end_at: datetime | None


class EnrollmentImporter(Importer):
    """Rows come a buffer at a time: what rows lack is said before what they refer to in vain."""

    kind = "enrollment"

    def __init__(self, context: ImportContext, file: str, columns: dict[str, int]) -> None:
        super().__init__(context, file, columns)
        self._at = {name: columns.get(name, -1) for name in _FIELDS}
        self._width = max(columns.values(), default=-1) + 1
        self._skips_deletes = context.batch.skip_deletes
        self._sections: dict[int, Section] = {}
        self._states: dict[str, str | None] = {}
        self._roles: dict[tuple[str, str, int], Role | None] = {}
        self._rare = any(
            self._at[name] >= 0
            for name in (
                "role_id", "associated_user_id", "limit_section_privileges", "root_account",
                "temporary_enrollment_source_user_id",
            )
        )  # fmt: skip

    def process(self, rows: Sequence[tuple[int, list[str]]]) -> None:
        """Import some rows: check all, then apply those that passed."""
        context = self.context
        context.now = context.clock()
        check, apply = self._check, self._apply
        done = 0
        for seat in [seat for line, cells in rows if (seat := check(line, cells)) is not None]:
            if apply(seat):
                done += 1
        context.counts[self.count_key] += done

    def _say(self, text: str, line: int, cells: list[str]) -> None:
        info = ", ".join("nil" if not cell.strip() else f'"{cell.strip()}"' for cell in cells)
        self.context.message(self.file, text, line=line, info=f"[{info}]")

    def _check(self, line: int, cells: list[str]) -> Seat | None:
        if len(cells) < self._width:
            cells = [*cells, *[""] * (self._width - len(cells))]
        values = [cells[at].strip() if at >= 0 else "" for at in self._at.values()]
        course_id, section_id, user_id, integration_id, role, _, status, start, end = values[:9]
        if self._skips_deletes and "deleted" in status.lower():
            return None
        if not course_id and not section_id:
            self._say("No course_id or section_id given for an enrollment", line, cells)
            return None
        if not user_id and not integration_id:
            self._say("No user_id given for an enrollment", line, cells)
            return None
        if status not in self._states:
            lowered = status.lower()
            self._states[status] = next((one for one in STATUSES if lowered.startswith(one)), None)
        state = self._states[status]
        start_at = end_at = None
        if start or end:
            try:
                start_at = parse_date(start or None)
                end_at = parse_date(end or None)
            except BadDate:
                place = f"course {course_id}" if course_id else f"section {section_id}"
                self._say(f"Bad date format for user {user_id} in {place}", line, cells)
        if state is None:
            self._say(f'Improper status "{status}" for an enrollment', line, cells)
            return None
        return Seat(
            line, cells, course_id, section_id, user_id, integration_id, role, state,
            start_at, end_at,
        )  # fmt: skip

    def _cell(self, seat: Seat, name: str) -> str:
        at = self._at[name]
        return seat.cells[at].strip() if at >= 0 else ""

    def _refuse(self, seat: Seat, text: str) -> bool:
        self._say(text, seat.line, seat.cells)
        return False

    def _apply(self, seat: Seat) -> bool:
        store = self.context.store
        login = (
            store.pseudonyms.by_integration_id.get(seat.integration_id)
            if seat.integration_id
            else store.pseudonyms.by_sis_id.get(seat.user_id)
        )
        if login is None:
            return self._refuse(
                seat,
                f"User not found for enrollment (User ID: {seat.user_id}, "
                f"Course ID: {seat.course_id}, Section ID: {seat.section_id})",
            )
        placed = self._place(seat)
        if placed is None:
            return False
        course, section = placed
        role = self._role(seat, course)
        if role is None:
            return self._refuse(seat, f'Improper role "{seat.role}" for an enrollment')
        associated: int | None = None
        if self._rare or course.blueprint or course.blueprint_course_id is not None:
            refusal, associated = self._check_rare(seat, course, role)
            if refusal is not None:
                return self._refuse(seat, refusal)
        return self._enroll(seat, login, course, section, role, associated)

    def _place(self, seat: Seat) -> tuple[Course, Section] | None:
        store = self.context.store
        section = store.sections.by_sis_id.get(seat.section_id) if seat.section_id else None
        course = store.courses.by_sis_id.get(seat.course_id) if seat.course_id else None
        if section is None or (course is None and seat.course_id):
            if section is None and course is None:
                text = (
                    "Neither course nor section existed for user enrollment "
                    f"(Course ID: {seat.course_id}, Section ID: {seat.section_id}, "
                    f"User ID: {seat.user_id})"
                )
            elif section is None and seat.section_id:
                text = f"An enrollment referenced a non-existent section {seat.section_id}"
            elif course is None:
                text = f"An enrollment referenced a non-existent course {seat.course_id}"
            else:
                section = self._section_of(course)
                return store.courses.get(section.course_id), section
            self._refuse(seat, text)
            return None
        if course is None or section.course_id == course.id:
            return course or store.courses.get(section.course_id), section
        if section.nonxlist_course_id == course.id:
            return store.courses.get(section.course_id), section
        self._refuse(
            seat,
            f"An enrollment listed a section ({seat.section_id}) and a course ({seat.course_id}) "
            f"that are unrelated for user ({seat.user_id})",
        )
        return None

    def _section_of(self, course: Course) -> Section:
        """Return a course's default section, or the first of its own that are all listed away."""
        if course.id not in self._sections:
            self._sections[course.id] = self._find_section(course)
        return self._sections[course.id]

    def _find_section(self, course: Course) -> Section:
        store = self.context.store
        live = any(section.workflow_state != "deleted" for section in course.sections)
        if not live:
            for section in store.sections:
                if section.nonxlist_course_id == course.id and section.workflow_state != "deleted":
                    return section
        return store.default_section(course, at=self.context.now)

    def _role(self, seat: Seat, course: Course) -> Role | None:
        role_id = self._cell(seat, "role_id") if self._rare else ""
        key = (seat.role, role_id, course.account_id)
        if key not in self._roles:
            self._roles[key] = self._find_role(seat.role, role_id, course)
        return self._roles[key]

    def _find_role(self, name: str, role_id: str, course: Course) -> Role | None:
        store = self.context.store
        above = {account.id for account in store.account_chain(course.account_id)}
        seats = [
            role
            for role in store.roles
            if role.base_role_type.endswith("Enrollment")
            and role.workflow_state in ("built_in", "active")
            and (role.account_id is None or role.account_id in above)
        ]
        # An id that is none leaves the name to tell; a built-in role goes by Canvas's name, too.
        for role in seats:
            if role_id and str(role.id) == role_id:
                return role
        for state in ("active", "built_in"):
            for role in seats:
                if role.name == name and role.workflow_state == state:
                    return role
        lowered = name.lower()
        base = "StudentEnrollment" if lowered.startswith("student") else BUILT_IN.get(lowered)
        return next((role for role in seats if role.name == base), None)

    def _check_rare(self, seat: Seat, course: Course, role: Role) -> tuple[str | None, int | None]:
        """Look at what few rows have; returns (refusal, id of the observed user)."""
        store = self.context.store
        if course.blueprint and role.base_role_type in ("StudentEnrollment", "ObserverEnrollment"):
            what = role.base_role_type.removesuffix("Enrollment")
            who, where = seat.user_id, course.sis_source_id
            return f'{what} enrollment for "{who}" not allowed in blueprint course "{where}"', None
        root_account = self._cell(seat, "root_account")
        if root_account and root_account not in ("self", str(store.root_account.id)):
            who = f"{root_account}:{seat.user_id}"
            return f"User {who} does not have a usable login for this account", None
        associated: int | None = None
        observed = self._cell(seat, "associated_user_id")
        if observed and role.base_role_type == "ObserverEnrollment":
            login = store.pseudonyms.by_sis_id.get(observed)
            if login is None:
                return f"An enrollment referenced a non-existent associated user {observed}", None
            associated = login.user_id
        source = self._cell(seat, "temporary_enrollment_source_user_id")
        if source and source not in store.pseudonyms.by_sis_id:
            refusal = "An enrollment referenced a non-existent temporary enrollment source user"
            return f"{refusal} {source}", None
        return None, associated

    def _enroll(
        self,
        seat: Seat,
        login: Pseudonym,
        course: Course,
        section: Section,
        role: Role,
        associated: int | None,
    ) -> bool:
        context, store = self.context, self.context.store
        user, table = store.users.rows[login.user_id - 1], store.enrollments
        # Whichever list is shorter: a pupil's seats, or a section's.
        ids = user.seat_ids
        if len(section.seat_ids) < len(ids):
            ids = section.seat_ids
        number = table.find_seat(ids, user.id, section.id, role.id, associated or 0)
        enrollment = Enrollment(table, number) if number else None
        wanted = self._state(seat, login, user, course, role, enrollment)
        if wanted is None:
            return False
        if wanted != "deleted" and (error := self._place_error(course, section)) is not None:
            # A class that ends takes its seats along; the rows that end them are in order.
            return self._refuse(seat, _invalid(seat, error))
        if enrollment is not None:
            self._update(enrollment, seat, login, wanted)
        else:
            enrollment = self._add(seat, login, user, section, role, associated, wanted)
        if self._rare:
            self._set_privileges(enrollment, seat)
        if not number and context.add_stickiness and (seat.start_at or seat.end_at):
            enrollment.stuck = enrollment.stuck | {"start_at", "end_at"}
        return True

    def _place_error(self, course: Course, section: Section) -> str | None:
        """Return why nobody can have a seat here, if so."""
        if (
            course.workflow_state == "deleted"
            and self.context.settings["enrollment_in_deleted_course"] == "refused"
        ):
            return "Course is not a valid course"
        if section.workflow_state == "deleted":
            return "Course section is not a valid section"
        return None

    def _state(
        self,
        seat: Seat,
        login: Pseudonym,
        user: User,
        course: Course,
        role: Role,
        enrollment: Enrollment | None,
    ) -> str | None:
        """Return the state that the row leads to; None when it is left out silently."""
        state = seat.state
        gone = login.workflow_state == "deleted" or user.workflow_state == "deleted"
        ended = gone and enrollment is not None and enrollment.workflow_state == "deleted"
        if ended and state != "active":
            return None
        if state == "deleted_last_completed":
            another = self._has_another(user.enrollments, course, role, enrollment)
            return "deleted" if another else "completed"
        if state != "active" or not gone:
            return state
        others = any(one.workflow_state == "active" for one in user.logins)
        where = f"user {seat.user_id} in course {seat.course_id}"
        if others and user.workflow_state != "deleted":
            text = f"Enrolled a {where}, but referenced a deleted sis login"
            self._say(text, seat.line, seat.cells)
            return state
        if ended:
            return None
        self._say(f"Attempted enrolling of deleted {where}", seat.line, seat.cells)
        return "deleted"

    def _add(
        self,
        seat: Seat,
        login: Pseudonym,
        user: User,
        section: Section,
        role: Role,
        associated: int | None,
        state: str,
    ) -> Enrollment:
        context, store = self.context, self.context.store
        # As `CanvasStore.add_enrollment` does, without finding again what is at hand.
        enrollment = store.enrollments.add(
            NewEnrollment(
                user_id=user.id,
                section_id=section.id,
                role_id=role.id,
                associated_user_id=associated,
                workflow_state=state,
                start_at=seat.start_at,
                end_at=seat.end_at,
                completed_at=context.now if state == "completed" else None,
                sis_batch_id=context.batch.id,
                sis_pseudonym_id=login.id,
                created_at=context.now,
            )
        )
        section.seat(enrollment.id)
        user.seat(enrollment.id)
        context.changes.record("Enrollment", enrollment.id, NON_EXISTENT, state)
        if store.observed and role.base_role_type == "StudentEnrollment":
            follow_student(context, enrollment)
        return enrollment

    def _update(self, enrollment: Enrollment, seat: Seat, login: Pseudonym, state: str) -> None:
        context = self.context
        enrollment.sis_batch_id = context.batch.id
        enrollment.sis_pseudonym_id = login.id
        for field, value in (("start_at", seat.start_at), ("end_at", seat.end_at)):
            if getattr(enrollment, field) != value and (
                context.override or field not in enrollment.stuck
            ):
                setattr(enrollment, field, value)
                enrollment.updated_at = context.now
                if context.add_stickiness:
                    enrollment.stuck = enrollment.stuck | {field}
        if context.clear_stickiness:
            enrollment.stuck = frozenset()
        if enrollment.workflow_state != state:
            if enrollment.type == "StudentEnrollment":
                set_enrollment_state(context, enrollment, state)
            else:
                change_enrollment(context, enrollment, state)

    def _set_privileges(self, enrollment: Enrollment, seat: Seat) -> None:
        limited = self._cell(seat, "limit_section_privileges")
        if limited:
            enrollment.limit_privileges_to_course_section = limited.lower() in _TRUE

    @staticmethod
    def _has_another(
        enrollments: list[Enrollment], course: Course, role: Role, this: Enrollment | None
    ) -> bool:
        return any(
            other != this
            and other.course_id == course.id
            and other.role_id == role.id
            and other.workflow_state != "deleted"
            for other in enrollments
        )


def _invalid(seat: Seat, errors: str) -> str:
    """Word a failed validation; Canvas says the beginning of the sentence twice."""
    start = (
        f"An enrollment did not pass validation (course: {seat.course_id}, "
        f"section: {seat.section_id}, user: {seat.user_id}, role: {seat.role}, error: "
    )
    return f"{start}{start}{errors})"
