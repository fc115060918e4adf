"""xlists.csv: cross-listing sections into other courses, and back."""

from homeroom.mocks.canvas.sis_import.context import Edit, Importer, RowRefusedError
from homeroom.mocks.canvas.sis_import.crosslisting import bring_home, crosslist
from homeroom.mocks.canvas.sis_import.csv_files import Row
from homeroom.mocks.canvas.store import Course, Section


class XlistImporter(Importer):
    """A target course that does not exist is made, after the section's own."""

    kind = "xlist"

    def import_row(self, row: Row) -> bool:
        """Cross-list one section, or bring it home."""
        course_id, section_id, status = row["xlist_course_id"], row["section_id"], row["status"]
        if course_id is None:
            raise RowRefusedError("No xlist_course_id given for a cross-listing")
        if section_id is None:
            raise RowRefusedError("No section_id given for a cross-listing")
        state = (status or "").lower()
        if state not in ("active", "deleted"):
            raise RowRefusedError(f'Improper status "{status or ""}" for a cross-listing')
        section: Section | None = self.find(self.store.sections, section_id)
        if section is None:
            raise RowRefusedError(f"A cross-listing referenced a non-existent section {section_id}")
        edit = Edit(self.context, section, is_new=False)
        if not edit.may("course_id"):
            return False
        course: Course | None = self.find(self.store.courses, course_id)
        if state == "active":
            moved = self._crosslist(section, course, course_id)
        elif course is not None and course.id != section.course_id:
            moved = False
        else:
            moved = self._uncrosslist(section)
        if moved:
            edit.save("course_id")
        return True

    def _crosslist(self, section: Section, course: Course | None, course_id: str) -> bool:
        context = self.context
        if course is None:
            course = self._make(section, course_id)
        elif course.workflow_state == "deleted":
            course.workflow_state = "claimed"
            course.sis_batch_id = context.batch.id
            course.updated_at = context.now
            context.changes.record("Course", course.id, "deleted", "claimed")
        return crosslist(self.store, section, course, at=context.now)

    def _uncrosslist(self, section: Section) -> bool:
        home_id = section.nonxlist_course_id
        old = None if home_id is None else self.store.courses.get(home_id).workflow_state
        moved = bring_home(self.store, section, at=self.context.now)
        if moved and old == "deleted" and home_id is not None:
            self.context.changes.record("Course", home_id, "deleted", "claimed")
        return moved

    def _make(self, section: Section, course_id: str) -> Course:
        context, store = self.context, self.store
        model = store.courses.get(section.course_id)
        made = store.add_course(
            Course(
                id=store.courses.next_id,
                name=model.name,
                course_code=model.course_code,
                account_id=model.account_id,
                enrollment_term_id=model.enrollment_term_id,
                start_at=model.start_at,
                conclude_at=model.conclude_at,
                restrict_enrollments_to_course_dates=model.restrict_enrollments_to_course_dates,
                sis_source_id=course_id,
                template_course_id=model.id,
                sis_batch_id=context.batch.id,
                created_at=context.now,
                updated_at=context.now,
            )
        )
        context.changes.record("Course", made.id, "non-existent", made.workflow_state)
        return made
