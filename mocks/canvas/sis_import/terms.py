"""terms.csv: terms and their dates."""

from homeroom.mocks.canvas.sis_import.context import (
    Edit,
    Importer,
    RowRefusedError,
    same_state,
    state_change,
    too_long,
)
from homeroom.mocks.canvas.sis_import.csv_files import Row
from homeroom.mocks.canvas.sis_import.keys import set_integration_id, taken_integration_id
from homeroom.mocks.canvas.store import Term

OVERRIDE_TYPES = frozenset({
    "StudentEnrollment", "TeacherEnrollment", "TaEnrollment", "DesignerEnrollment"
})  # fmt: skip


class TermImporter(Importer):
    """Dates that are not given are erased, and so is the integration id."""

    kind = "term"

    def import_row(self, row: Row) -> bool:
        """Create, change or delete one term, or the dates it sets for one enrollment type."""
        sis_id, status = row["term_id"], row["status"] or ""
        if sis_id is None:
            raise RowRefusedError("No term_id given for a term")
        state = same_state(status, "active", "deleted")
        if state is None:
            raise RowRefusedError(f'Improper status "{status}" for term {sis_id}')
        override = row["date_override_enrollment_type"]
        if override is not None:
            return self._override(sis_id, override, state, row)
        name = row["name"]
        if name is None:
            raise RowRefusedError(f"No name given for term {sis_id}")
        term: Term | None = self.find(self.store.terms, sis_id)
        self._check(term, sis_id, name, state, row["integration_id"])
        self._write(term, sis_id, name, state, row)
        return True

    def _override(self, sis_id: str, override: str, state: str, row: Row) -> bool:
        term: Term | None = self.find(self.store.terms, sis_id)
        if term is None:
            raise RowRefusedError("Cannot set date override on non-existent term")
        if override not in OVERRIDE_TYPES:
            raise RowRefusedError("Invalid date_override_enrollment_type")
        dates = self.dates(row, "start_date", "end_date", f"Bad date format for term {sis_id}")
        if state == "deleted":
            term.overrides.pop(override, None)
        else:
            term.overrides[override] = dates
        self.context.batch.term_ids.add(term.id)
        return True

    def _check(
        self, term: Term | None, sis_id: str, name: str, state: str, integration_id: str | None
    ) -> None:
        complaint = too_long("Name", name) or taken_integration_id(
            self.store.terms, term, integration_id
        )
        if term is not None and state == "deleted" and term.workflow_state != "deleted":
            if term is self.store.terms.rows[0]:
                complaint = "Cannot delete the default term"
            elif any(
                course.enrollment_term_id == term.id and course.workflow_state != "deleted"
                for course in self.store.courses
            ):
                complaint = "Cannot delete a term with active courses"
        if complaint:
            raise RowRefusedError(
                f"A term did not pass validation (term: {sis_id} / {name}, error: {complaint})"
            )

    def _write(self, term: Term | None, sis_id: str, name: str, state: str, row: Row) -> None:
        now = self.context.now
        is_new, old = term is None, None if term is None else term.workflow_state
        if term is None:
            term = self.store.terms.add(
                Term(
                    id=self.store.terms.next_id,
                    name=name,
                    sis_source_id=sis_id,
                    created_at=now,
                    updated_at=now,
                )
            )
        start, end = self.dates(row, "start_date", "end_date", f"Bad date format for term {sis_id}")
        edit = Edit(self.context, term, is_new=is_new)
        edit.put("name", name)
        edit.put("workflow_state", state)
        # One date stuck leaves both alone.
        if edit.may("start_at") and edit.may("end_at"):
            edit.put("start_at", start)
            edit.put("end_at", end)
        also = set_integration_id(self.store.terms, term, row["integration_id"])
        edit.save(*also)
        self.context.batch.term_ids.add(term.id)
        state_change(self.context, "EnrollmentTerm", term, old)
