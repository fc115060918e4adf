"""courses.csv: courses, their accounts, terms, states and dates."""

from datetime import datetime

from homeroom.mocks.canvas.sis_import.blueprints import associate_blueprint
from homeroom.mocks.canvas.sis_import.context import (
    Edit,
    Importer,
    RowRefusedError,
    same_state,
    state_change,
    too_long,
)
from homeroom.mocks.canvas.sis_import.csv_files import Row
from homeroom.mocks.canvas.sis_import.dates import BadDate, parse_date
from homeroom.mocks.canvas.sis_import.keys import set_integration_id, taken_integration_id
from homeroom.mocks.canvas.sis_import.removal import delete_enrollments, set_enrollment_state
from homeroom.mocks.canvas.store import Account, Course

FORMATS = frozenset({"on_campus", "online", "blended"})
PASSBACK = frozenset({"nightly_sync", "disabled", "not_set"})
FOLLOWED = (
    "name", "course_code", "enrollment_term_id", "account_id", "start_at", "conclude_at",
    "restrict_enrollments_to_course_dates",
)  # fmt: skip
"""What a course made by cross-listing takes over from the one it was made after."""


class CourseImporter(Importer):
    """A term that does not exist is no error: the course keeps its own, or has the default one."""

    kind = "course"

    def import_row(self, row: Row) -> bool:
        """Create, change, conclude or delete one course."""
        sis_id, status = row["course_id"], row["status"] or ""
        state = self._check_cells(sis_id, status, row)
        assert sis_id is not None  # noqa: S101 -- checked with the other cells
        course: Course | None = self.find(self.store.courses, sis_id)
        account = self._account(course, sis_id, row)
        is_new, old = course is None, None if course is None else course.workflow_state
        course = course or self._unsaved(sis_id, account)
        edit = Edit(self.context, course, is_new=is_new)
        self._write(edit, course, account, state, row)
        complaint = self._complaint(course, row)
        if complaint is not None:
            edit.revert()
            short = row["short_name"] or course.course_code
            raise RowRefusedError(
                f"A course did not pass validation (course: {sis_id} / {short}, error: {complaint})"
            )
        if is_new:
            self.store.add_course(course)
        self._save(edit, course, row, old)
        return True

    def _check_cells(self, sis_id: str | None, status: str, row: Row) -> str:
        if sis_id is None:
            raise RowRefusedError("No course_id given for a course")
        if row["short_name"] is None and row["abstract_course_id"] is None:
            raise RowRefusedError(f"No short_name given for course {sis_id}")
        if row["long_name"] is None and row["abstract_course_id"] is None:
            raise RowRefusedError(f"No long_name given for course {sis_id}")
        state = same_state(status, "active", "unpublished", "published", "completed", "deleted")
        if state is None:
            raise RowRefusedError(f'Improper status "{status}" for course {sis_id}')
        course_format, passback = row["course_format"], row["grade_passback_setting"]
        if course_format is not None and course_format not in FORMATS:
            raise RowRefusedError(f'Invalid course_format "{course_format}" for course {sis_id}')
        if passback is not None and passback not in PASSBACK:
            raise RowRefusedError(
                f'Invalid grade_passback_setting "{passback}" for course {sis_id}'
            )
        return state

    def _account(self, course: Course | None, sis_id: str, row: Row) -> Account | None:
        """Return the account that the row names, or None where it names none."""
        wanted = row["account_id"]
        account: Account | None = None
        if wanted is not None:
            account = self.find(self.store.accounts, wanted)
            if account is None:
                account = self.find(self.store.accounts, row["fallback_account_id"])
            if account is None:
                raise RowRefusedError(f'Account not found "{wanted}" for course {sis_id}')
        newer = self.context.settings["restore_course_of_deleted_account"] == "refused"
        if newer and account is not None and account.workflow_state == "deleted":
            account = None
        if course is not None and newer:
            held = account or self.store.accounts.get(course.account_id)
            if held.workflow_state == "deleted" and course.workflow_state == "deleted":
                raise RowRefusedError(
                    f"Cannot restore course {sis_id} because the associated account "
                    f"{held.sis_source_id or held.id} is deleted"
                )
        return account

    def _unsaved(self, sis_id: str, account: Account | None) -> Course:
        root, now = self.store.root_account, self.context.now
        return Course(
            id=self.store.courses.next_id,
            name="",
            course_code="",
            account_id=(account or root).id,
            enrollment_term_id=self.store.terms.rows[0].id,
            workflow_state="created",
            sis_source_id=sis_id,
            created_at=now,
            updated_at=now,
        )

    def _write(
        self, edit: Edit, course: Course, account: Account | None, state: str, row: Row
    ) -> None:
        model = self.store.abstract_courses.by_sis_id.get(row["abstract_course_id"] or "")
        if row["abstract_course_id"] is not None and model is None:
            self.warn(
                f"unknown abstract course id {row['abstract_course_id']}, "
                "ignoring abstract course reference",
                row,
            )
        if account is not None:
            edit.put("account_id", account.id)
        elif model is not None and row["account_id"] is None:
            edit.put("account_id", model.account_id)
        term = self.find(self.store.terms, row["term_id"])
        if term is not None and term.workflow_state == "active":
            edit.put("enrollment_term_id", term.id)
        elif model is not None and row["term_id"] is None:
            edit.put("enrollment_term_id", model.enrollment_term_id)
        name = row["long_name"] or (model.name if model else None) or row["abstract_course_id"]
        code = row["short_name"] or (model.short_name if model else None) or name
        edit.put("name", name)
        edit.put("course_code", code)
        if model is not None:
            edit.put("abstract_course_id", model.id)
        self._write_dates(edit, course, row)
        self._write_state(edit, course, state)
        self._write_rest(edit, row)

    def _write_dates(self, edit: Edit, course: Course, row: Row) -> None:
        if not row.has("start_date") and not row.has("end_date"):
            return
        keeps = self.context.settings["course_empty_date_cell"] == "keeps"
        bad = False
        for column, field in (("start_date", "start_at"), ("end_date", "conclude_at")):
            text = row[column]
            if not row.has(column) or (keeps and text is None):
                continue
            at: datetime | None = None
            try:
                at = None if bad or text == "<delete>" else parse_date(text)
            except BadDate:
                bad = True
                self.warn(f"Bad date format for course {row['course_id']}", row)
            edit.put(field, at)
        dated = course.start_at is not None or course.conclude_at is not None
        edit.put("restrict_enrollments_to_course_dates", dated)

    @staticmethod
    def _write_state(edit: Edit, course: Course, state: str) -> None:
        held = "new" if edit.is_new else course.workflow_state
        if state in ("deleted", "completed"):
            edit.put("workflow_state", state)
        elif held == "completed" or state == "published":
            edit.put("workflow_state", "available")
        elif held in ("new", "deleted"):
            edit.put("workflow_state", "claimed")

    @staticmethod
    def _write_rest(edit: Edit, row: Row) -> None:
        # friendly_name is for accounts of Canvas for Elementary alone: there is none.
        if row.has("course_format"):
            edit.put("course_format", row["course_format"])
        if row.has("grade_passback_setting"):
            passback = row["grade_passback_setting"]
            edit.put("grade_passback_setting", None if passback == "not_set" else passback)
        if row["homeroom_course"] is not None:
            edit.put("homeroom_course", (row["homeroom_course"] or "").lower() in _TRUE)

    def _complaint(self, course: Course, row: Row) -> str | None:
        taken = taken_integration_id(self.store.courses, course, row["integration_id"])
        if taken is not None:
            return taken
        if course.start_at and course.conclude_at and course.conclude_at < course.start_at:
            return "End date cannot be before start date"
        return (
            too_long("Name", course.name)
            or too_long("Course code", course.course_code)
            or too_long("Sis source", course.sis_source_id)
        )

    def _save(self, edit: Edit, course: Course, row: Row, old: str | None) -> None:
        context = self.context
        edit.save(*set_integration_id(self.store.courses, course, row["integration_id"]))
        state_change(context, "Course", course, old)
        if course.workflow_state != old and old is not None:
            if course.workflow_state == "deleted":
                delete_enrollments(context, self.store.course_enrollments(course))
            elif course.workflow_state == "completed":
                for enrollment in self.store.course_enrollments(course):
                    if enrollment.workflow_state in ("active", "invited"):
                        set_enrollment_state(context, enrollment, "completed")
        self._lead_templated(course)
        complaint = associate_blueprint(self.store, course, row["blueprint_course_id"])
        if complaint is not None:
            self.warn(complaint, row)

    def _lead_templated(self, course: Course) -> None:
        """Let the courses that cross-listing made after this one follow it."""
        if course.id not in self.store.templates:
            return
        for other in self.store.templates[course.id]:
            edit = Edit(self.context, other, is_new=False)
            for field in FOLLOWED:
                edit.put(field, getattr(course, field))
            if edit.changed:
                edit.save()


_TRUE = frozenset({"true", "t", "yes", "y", "on", "1"})
