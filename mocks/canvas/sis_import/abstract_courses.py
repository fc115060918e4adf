"""abstract_courses.csv: catalogue courses that courses are made after."""

from homeroom.mocks.canvas.sis_import.context import (
    Edit,
    Importer,
    RowRefusedError,
    same_state,
    state_change,
    too_long,
)
from homeroom.mocks.canvas.sis_import.csv_files import Row
from homeroom.mocks.canvas.store import AbstractCourse


class AbstractCourseImporter(Importer):
    """Rarely used: a course may take its names from one."""

    kind = "abstract_course"

    def import_row(self, row: Row) -> bool:
        """Create, change or delete one abstract course."""
        sis_id, status = row["abstract_course_id"], row["status"] or ""
        short_name, long_name = row["short_name"], row["long_name"]
        if sis_id is None:
            raise RowRefusedError("No abstract_course_id given for an abstract course")
        if short_name is None:
            raise RowRefusedError(f"No short_name given for abstract course {sis_id}")
        if long_name is None:
            raise RowRefusedError(f"No long_name given for abstract course {sis_id}")
        state = same_state(status, "active", "deleted")
        if state is None:
            raise RowRefusedError(f'Improper status "{status}" for abstract course {sis_id}')
        if complaint := too_long("Name", long_name) or too_long("Short name", short_name):
            raise RowRefusedError(
                "An abstract course did not pass validation "
                f"(abstract course: {sis_id} / {short_name}, error: {complaint})"
            )
        account = self.find(self.store.accounts, row["account_id"]) or self.store.root_account
        term = self.find(self.store.terms, row["term_id"])
        course: AbstractCourse | None = self.find(self.store.abstract_courses, sis_id)
        is_new, old = course is None, None if course is None else course.workflow_state
        if course is None:
            course = self.store.abstract_courses.add(
                AbstractCourse(
                    id=self.store.abstract_courses.next_id,
                    name=long_name,
                    short_name=short_name,
                    account_id=account.id,
                    enrollment_term_id=self.store.terms.rows[0].id,
                    sis_source_id=sis_id,
                    created_at=self.context.now,
                    updated_at=self.context.now,
                )
            )
        edit = Edit(self.context, course, is_new=is_new)
        edit.put("name", long_name)
        edit.put("short_name", short_name)
        edit.put("account_id", account.id)
        if term is not None and term.workflow_state == "active":
            edit.put("enrollment_term_id", term.id)
        edit.put("workflow_state", state)
        edit.save()
        state_change(self.context, "AbstractCourse", course, old)
        return True
