"""Enrollments, with the totals of students. Source: canvas-rest-api.md 5.3."""

from collections.abc import Collection
from typing import Any

from homeroom.mocks.canvas import auth
from homeroom.mocks.canvas.gradebook.book import CourseBook
from homeroom.mocks.canvas.shapes.common import Sight, number, origin, sight, when
from homeroom.mocks.canvas.shapes.course import course_grade
from homeroom.mocks.canvas.shapes.user import user_json
from homeroom.mocks.canvas.store import Course, Enrollment, GradingPeriod, Section
from homeroom.mocks.canvas.world import CanvasWorld

STUDENT = "StudentEnrollment"
NOT_ENDED = frozenset({"active", "invited", "creation_pending"})


class EnrollmentShape:
    """Writes the enrollments of one list; what belongs to a course is looked up once for it."""

    def __init__(
        self,
        world: CanvasWorld,
        *,
        include: Collection[str] = (),
        period: GradingPeriod | None = None,
    ) -> None:
        self.world, self.include, self.period = world, include, period
        self._books: dict[int, CourseBook] = {}
        self._sights: dict[int, Sight] = {}

    def json(self, enrollment: Enrollment, *, with_user: bool = True) -> dict[str, Any]:
        """Write one enrollment."""
        store = self.world.store
        course = store.courses.get(enrollment.course_id)
        section = store.sections.get(enrollment.section_id)
        sees = self._sight(course)
        shown: dict[str, Any] = {
            "id": enrollment.id,
            "user_id": enrollment.user_id,
            "course_id": enrollment.course_id,
            "type": enrollment.type,
            "created_at": when(enrollment.created_at),
            "updated_at": when(enrollment.updated_at),
            "associated_user_id": enrollment.associated_user_id,
            "start_at": when(enrollment.start_at),
            "end_at": when(enrollment.end_at),
            "course_section_id": enrollment.section_id,
            "root_account_id": store.root_account.id,
            "limit_privileges_to_course_section": enrollment.limit_privileges_to_course_section,
            "temporary_enrollment_source_user_id": None,
            "temporary_enrollment_pairing_id": None,
            "enrollment_state": _state(enrollment, section, course),
            "role": store.roles.get(enrollment.role_id).name,
            "role_id": enrollment.role_id,
            "last_activity_at": None,
            "last_attended_at": None,
            "total_activity_time": 0,
            "html_url": f"{origin()}/courses/{course.id}/users/{enrollment.user_id}",
        }
        if sees.reads_sis:
            shown |= self._sis_columns(enrollment, course, section)
        if sees.manages_sis:
            shown["sis_import_id"] = enrollment.sis_batch_id
        if enrollment.type == STUDENT and (
            sees.all_grades
            or enrollment.user_id == sees.user_id
            or auth.observes(store.users.get(enrollment.user_id))
        ):
            shown["grades"] = self._grades(enrollment, course, sees)
        if with_user:
            shown["user"] = self._user(enrollment, sees)
        if "observed_users" in self.include and enrollment.associated_user_id is not None:
            shown["observed_user"] = self._observed(enrollment.associated_user_id, course, sees)
        return shown | self._what_may_be_done(enrollment, course)

    def _observed(self, user_id: int, course: Course, sees: Sight) -> dict[str, Any]:
        """Write whom an observer watches, with their seats in the course as a student."""
        user = self.world.store.users.get(user_id)
        seats = (one for one in user.enrollments if one.course_id == course.id)
        return user_json(self.world, user, sees) | {
            "enrollments": [
                self.json(one, with_user=False)
                for one in seats
                if one.type == STUDENT and one.workflow_state in NOT_ENDED
            ]
        }

    def _what_may_be_done(self, enrollment: Enrollment, course: Course) -> dict[str, bool]:
        """Tell whether the SIS holds a seat against the caller, and whether they may delete it."""
        asked = {"locked", "can_be_removed"} & set(self.include)
        if not asked:
            return {}
        account = self.world.store.accounts.get(course.account_id)
        locked = enrollment.sis_batch_id is not None and not (
            auth.may("manage_account_settings", account) or auth.may("manage_sis", account)
        )
        removable = not locked and auth.may_end(enrollment, course, deleting=True)
        both = {"locked": locked, "can_be_removed": removable}
        return {name: value for name, value in both.items() if name in asked}

    def _sight(self, course: Course) -> Sight:
        if course.id not in self._sights:
            self._sights[course.id] = sight(course)
        return self._sights[course.id]

    def _book(self, course: Course) -> CourseBook:
        if course.id not in self._books:
            self._books[course.id] = CourseBook(self.world.store, course, self.world.now())
        return self._books[course.id]

    def _sis_columns(
        self, enrollment: Enrollment, course: Course, section: Section
    ) -> dict[str, Any]:
        store = self.world.store
        login = (
            store.pseudonyms.find(enrollment.sis_pseudonym_id)
            if enrollment.sis_pseudonym_id is not None
            else None
        ) or store.pseudonym_of(store.users.get(enrollment.user_id))
        return {
            "sis_account_id": store.accounts.get(course.account_id).sis_source_id,
            "sis_course_id": course.sis_source_id,
            "course_integration_id": course.integration_id,
            "sis_section_id": section.sis_source_id,
            "section_integration_id": section.integration_id,
            "sis_user_id": None if login is None else login.sis_user_id,
        }

    def _user(self, enrollment: Enrollment, sees: Sight) -> dict[str, Any]:
        user = self.world.store.users.get(enrollment.user_id)
        shown = user_json(self.world, user, sees)
        if "avatar_url" in self.include:
            shown["avatar_url"] = f"{origin()}/images/messages/avatar-50.png"
        if "uuid" in self.include:
            shown["uuid"] = self.world.store.uuid("user", user.id)
        if "group_ids" in self.include:
            shown["group_ids"] = []
        return shown

    def _grades(self, enrollment: Enrollment, course: Course, sees: Sight) -> dict[str, Any]:
        book = self._book(course)
        scores = book.scores(enrollment.user_id, self.period)
        override = book.override(enrollment, self.period)
        shown: dict[str, Any] = {
            "html_url": f"{origin()}/courses/{course.id}/grades/{enrollment.user_id}"
        }
        if not sees.all_grades and course.hide_final_grades:
            return shown
        if not sees.all_grades:
            # A student sees what counts: the override where there is one.
            for name, score in (("current", scores.current), ("final", scores.final)):
                value = score if override is None else override
                shown[f"{name}_grade"] = course_grade(book, value)
                shown[f"{name}_score"] = number(value)
            return shown
        shown |= {
            "current_grade": course_grade(book, scores.current),
            "current_score": number(scores.current),
            "final_grade": course_grade(book, scores.final),
            "final_score": number(scores.final),
            "unposted_current_score": number(scores.unposted_current),
            "unposted_current_grade": course_grade(book, scores.unposted_current),
            "unposted_final_score": number(scores.unposted_final),
            "unposted_final_grade": course_grade(book, scores.unposted_final),
        }
        if override is not None:
            shown["override_score"] = number(override)
            grade = course_grade(book, override)
            if grade is not None:
                shown["override_grade"] = grade
        if "current_points" in self.include:
            shown["current_points"] = number(scores.current_points)
            shown["unposted_current_points"] = number(scores.unposted_current_points)
        return shown


def _state(enrollment: Enrollment, section: Section, course: Course) -> str:
    if "deleted" in (section.workflow_state, course.workflow_state):
        return "deleted"
    return enrollment.workflow_state
