"""user_observers.csv: who observes which student."""

from homeroom.mocks.canvas.sis_import.context import Importer, RowRefusedError, state_change
from homeroom.mocks.canvas.sis_import.csv_files import Row
from homeroom.mocks.canvas.sis_import.removal import change_enrollment, follow_student
from homeroom.mocks.canvas.store import Pseudonym, User, UserObserver


class UserObserverImporter(Importer):
    """A link brings an observer enrollment beside each of the student's, now and later."""

    kind = "user_observer"

    def import_row(self, row: Row) -> bool:
        """Link one observer to one student, or part them."""
        observer_id, student_id, status = row["observer_id"], row["student_id"], row["status"]
        if observer_id is None:
            raise RowRefusedError("No observer_id given for a user observer")
        if student_id is None:
            raise RowRefusedError("No user_id given for a user observer")
        if observer_id == student_id:
            raise RowRefusedError(f"Can't observe yourself user {student_id}")
        state = (status or "").lower()
        if state not in ("active", "deleted"):
            raise RowRefusedError(f'Improper status "{status or ""}" for a user_observer')
        observer, student = self._active(observer_id), self._active(student_id)
        if observer is None:
            raise RowRefusedError(f"An observer referenced a non-existent user {observer_id}")
        if student is None:
            raise RowRefusedError(f"A student referenced a non-existent user {student_id}")
        link = next(
            (
                one
                for one in self.store.observed.get(student.user_id, ())
                if one.observer_id == observer.user_id
            ),
            None,
        )
        if state == "active":
            self._link(link, observer, student)
        elif link is None or link.workflow_state == "deleted":
            raise RowRefusedError(
                f"Can't delete a non-existent observer for observer: {observer_id}, "
                f"student: {student_id}"
            )
        else:
            self._part(link)
        return True

    def _active(self, sis_id: str) -> Pseudonym | None:
        login = self.store.pseudonyms.by_sis_id.get(sis_id)
        return login if login is not None and login.workflow_state == "active" else None

    def _link(self, link: UserObserver | None, observer: Pseudonym, student: Pseudonym) -> None:
        context, table = self.context, self.store.user_observers
        old = None if link is None else link.workflow_state
        if link is None:
            link = table.add(
                UserObserver(
                    id=table.next_id,
                    observer_id=observer.user_id,
                    student_id=student.user_id,
                    created_at=context.now,
                    updated_at=context.now,
                )
            )
            self.store.observed.setdefault(student.user_id, []).append(link)
        if link.workflow_state != "active":
            link.workflow_state, link.updated_at = "active", context.now
        link.sis_batch_id = context.batch.id
        state_change(context, "UserObserver", link, old)
        user: User = self.store.users.get(student.user_id)
        for enrollment in tuple(user.enrollments):
            if enrollment.type == "StudentEnrollment" and enrollment.workflow_state not in (
                "deleted",
                "completed",
                "rejected",
            ):
                follow_student(context, enrollment)

    def _part(self, link: UserObserver) -> None:
        context = self.context
        link.workflow_state, link.updated_at = "deleted", context.now
        link.sis_batch_id = context.batch.id
        state_change(context, "UserObserver", link, "active")
        for enrollment in self.store.users.get(link.observer_id).enrollments:
            if (
                enrollment.type == "ObserverEnrollment"
                and enrollment.associated_user_id == link.student_id
                and enrollment.workflow_state != "deleted"
            ):
                change_enrollment(context, enrollment, "deleted")
