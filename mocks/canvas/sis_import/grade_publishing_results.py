"""grade_publishing_results.csv: what became of final grades that were sent to a SIS."""

from homeroom.mocks.canvas.sis_import.context import Importer, RowRefusedError
from homeroom.mocks.canvas.sis_import.csv_files import Row

STATUSES = ("published", "error")


class GradePublishingResultsImporter(Importer):
    """No call shows the results: rows are checked and counted."""

    kind = "grade_publishing_results"

    def import_row(self, row: Row) -> bool:
        """Take note of one result."""
        number, status = row["enrollment_id"], row["grade_publishing_status"]
        if number is None:
            raise RowRefusedError("No enrollment_id given")
        if status is None:
            raise RowRefusedError(f"No grade_publishing_status given for enrollment {number}")
        if status.lower() not in STATUSES:
            raise RowRefusedError(
                f'Improper grade_publishing_status "{status}" for enrollment {number}'
            )
        if not number.isdecimal() or self.store.enrollments.find(int(number)) is None:
            raise RowRefusedError(f"Enrollment {number} doesn't exist")
        return True
