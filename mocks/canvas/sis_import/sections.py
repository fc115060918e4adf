"""sections.csv: sections, and the courses they stand in."""

from homeroom.mocks.canvas.sis_import.context import (
    Edit,
    Importer,
    RowRefusedError,
    same_state,
    state_change,
    too_long,
)
from homeroom.mocks.canvas.sis_import.crosslisting import bring_home
from homeroom.mocks.canvas.sis_import.csv_files import Row
from homeroom.mocks.canvas.sis_import.keys import claimed_integration_id, set_integration_id
from homeroom.mocks.canvas.sis_import.removal import delete_section, drop_section_overrides
from homeroom.mocks.canvas.store import Course, Section


class SectionImporter(Importer):
    """A section is found in the whole account; another course_id moves it, with its people."""

    kind = "section"

    def import_row(self, row: Row) -> bool:
        """Create, change, move or delete one section."""
        sis_id, course_id, status = row["section_id"], row["course_id"], row["status"] or ""
        if sis_id is None:
            raise RowRefusedError(f"No section_id given for a section in course {course_id or ''}")
        if course_id is None:
            raise RowRefusedError(f"No course_id given for a section {sis_id}")
        state = same_state(status, "active", "deleted")
        if state is None:
            raise RowRefusedError(
                f'Improper status "{status}" for section {sis_id} in course {course_id}'
            )
        section: Section | None = self.find(self.store.sections, sis_id)
        if row["name"] is None and (section is None or state == "active"):
            raise RowRefusedError(f"No name given for section {sis_id} in course {course_id}")
        course: Course | None = self.find(self.store.courses, course_id)
        if course is None:
            raise RowRefusedError(
                f"Section {sis_id} references course {course_id} which doesn't exist"
            )
        self._write(section, course, state, row)
        return True

    def _write(self, section: Section | None, course: Course, state: str, row: Row) -> None:
        is_new, old = section is None, None if section is None else section.workflow_state
        section = section or Section(
            id=self.store.sections.next_id,
            course_id=course.id,
            name=row["name"] or "",
            sis_source_id=row["section_id"],
            created_at=self.context.now,
            updated_at=self.context.now,
        )
        edit = Edit(self.context, section, is_new=is_new)
        if row["name"] is not None:
            edit.put("name", row["name"])
        bad = f"Bad date format for section {row['section_id']}"
        start, end = self.dates(row, "start_date", "end_date", bad)
        edit.put("start_at", start)
        edit.put("end_at", end)
        dated = section.start_at is not None or section.end_at is not None
        edit.put("restrict_enrollments_to_section_dates", dated)
        complaint = self._complaint(section, row)
        if complaint is not None:
            edit.revert()
            raise RowRefusedError(
                f"A section did not pass validation (section: {row['section_id']} / "
                f"{row['name'] or section.name}, course: {row['course_id']}, error: {complaint})"
            )
        also = list(set_integration_id(self.store.sections, section, row["integration_id"]))
        if is_new:
            self.store.add_section(section)
            also.append("course_id")
        elif edit.may("course_id") and self._place(section, course, state):
            also.append("course_id")
        if state == "active" and section.workflow_state != "active":
            section.workflow_state = "active"
            also.append("workflow_state")
        elif is_new and state == "deleted":
            section.workflow_state = "deleted"
        state_change(self.context, "CourseSection", section, old)
        if state == "deleted" and not is_new:
            delete_section(self.context, section)
        edit.save(*also)

    def _place(self, section: Section, course: Course, state: str) -> bool:
        """Put an existing section into `course`; returns whether it moved."""
        now = self.context.now
        if section.course_id == course.id:
            return False  # also where it is cross-listed into the course that the row names
        if section.nonxlist_course_id is not None:
            holder = self.store.courses.get(section.course_id)
            at_home = section.nonxlist_course_id == course.id
            if at_home and not (holder.workflow_state == "deleted" and state == "active"):
                return False
            if not at_home:
                drop_section_overrides(self.context, section)
            bring_home(self.store, section, at=now, revive=at_home)
            if at_home:
                return True
        drop_section_overrides(self.context, section)
        self.store.move_section(section, course.id, at=now)
        return True

    def _complaint(self, section: Section, row: Row) -> str | None:
        if claimed_integration_id(self.store.sections, section, row["integration_id"]):
            # Canvas's own spelling.
            return f'INTEGRATRION ID "{row["integration_id"]}" is already in use'
        if section.start_at and section.end_at and section.end_at < section.start_at:
            return "End date cannot be before start date"
        return too_long("Name", section.name) or too_long("Sis source", section.sis_source_id)
