"""Removing enrollments, sections and courses, with all that goes with them."""

from collections.abc import Iterable

from homeroom.mocks.canvas.sis_import.context import ImportContext
from homeroom.mocks.canvas.store import Course, Enrollment, NewEnrollment, Section, User

OBSERVER_ROLE_ID = 5


def set_enrollment_state(
    context: ImportContext, enrollment: Enrollment, state: str, *, by_batch_mode: bool = False
) -> None:
    """Move an enrollment to a state; observers linked to its student follow."""
    old = enrollment.workflow_state
    if old == state:
        return
    change_enrollment(context, enrollment, state, by_batch_mode=by_batch_mode)
    if enrollment.type == "StudentEnrollment" and enrollment.user_id in context.store.observed:
        follow_student(context, enrollment, by_batch_mode=by_batch_mode)


def change_enrollment(
    context: ImportContext, enrollment: Enrollment, state: str, *, by_batch_mode: bool = False
) -> None:
    """Move one enrollment alone to another state."""
    old = enrollment.workflow_state
    enrollment.workflow_state = state
    enrollment.updated_at = context.now
    if state == "completed":
        enrollment.completed_at = enrollment.completed_at or context.now
    elif state == "active":
        enrollment.completed_at = None
    elif state == "deleted" and enrollment.user_id in context.store.memberships_of:
        leave_groups(context, enrollment.user_id, enrollment.course_id, by_batch_mode=by_batch_mode)
    context.changes.record("Enrollment", enrollment.id, old, state, by_batch_mode=by_batch_mode)


def leave_groups(
    context: ImportContext, user_id: int, course_id: int | None, *, by_batch_mode: bool = False
) -> None:
    """Take a user out of the groups of a course they left; None is every group of the account."""
    store = context.store
    if course_id is not None and store.is_enrolled(user_id, course_id):
        return
    for membership in store.memberships_of.get(user_id, ()):
        group = store.groups.get(membership.group_id)
        if membership.workflow_state == "deleted" or course_id not in (None, group.course_id):
            continue
        old, membership.workflow_state = membership.workflow_state, "deleted"
        membership.updated_at = context.now
        context.changes.record(
            "GroupMembership", membership.id, old, "deleted", by_batch_mode=by_batch_mode
        )


def follow_student(
    context: ImportContext, enrollment: Enrollment, *, by_batch_mode: bool = False
) -> None:
    """Create, revive or end the enrollments of those who observe a student, like the student's."""
    store = context.store
    section = store.sections.get(enrollment.section_id)
    for link in store.observed.get(enrollment.user_id, ()):
        if link.workflow_state != "active":
            continue
        linked = next(
            (
                other
                for other in store.users.get(link.observer_id).enrollments
                if other.section_id == section.id
                and other.type == "ObserverEnrollment"
                and other.associated_user_id == enrollment.user_id
            ),
            None,
        )
        if linked is not None:
            if linked.workflow_state != enrollment.workflow_state:
                change_enrollment(
                    context, linked, enrollment.workflow_state, by_batch_mode=by_batch_mode
                )
        elif enrollment.workflow_state != "deleted":
            add_observer_enrollment(context, link.observer_id, enrollment)


def add_observer_enrollment(
    context: ImportContext, observer_id: int, enrollment: Enrollment
) -> Enrollment:
    """Enroll an observer beside a student.

    No row of an import names this enrollment, so it has no import's mark, and batch mode's cleanup
    of what was not mentioned leaves it to follow the student's.
    """
    store = context.store
    made = store.add_enrollment(
        NewEnrollment(
            user_id=observer_id,
            section_id=enrollment.section_id,
            role_id=OBSERVER_ROLE_ID,
            associated_user_id=enrollment.user_id,
            workflow_state=enrollment.workflow_state,
            start_at=enrollment.start_at,
            end_at=enrollment.end_at,
            created_at=context.now,
        )
    )
    context.changes.record("Enrollment", made.id, "non-existent", made.workflow_state)
    return made


def delete_enrollments(
    context: ImportContext, enrollments: Iterable[Enrollment], *, by_batch_mode: bool = False
) -> None:
    """Delete those that are not deleted yet."""
    for enrollment in enrollments:
        if enrollment.workflow_state != "deleted":
            set_enrollment_state(context, enrollment, "deleted", by_batch_mode=by_batch_mode)


def delete_section(
    context: ImportContext, section: Section, *, by_batch_mode: bool = False
) -> None:
    """Delete a section with its enrollments and its assignment overrides."""
    if section.workflow_state != "deleted":
        old, section.workflow_state = section.workflow_state, "deleted"
        section.updated_at = context.now
        context.changes.record(
            "CourseSection", section.id, old, "deleted", by_batch_mode=by_batch_mode
        )
    delete_enrollments(context, section.enrollments, by_batch_mode=by_batch_mode)
    drop_section_overrides(context, section)


def drop_section_overrides(context: ImportContext, section: Section) -> None:
    """Delete the assignment overrides that are for a section."""
    for assignment in context.store.courses.get(section.course_id).assignments:
        for override in assignment.overrides:
            if override.course_section_id == section.id and override.workflow_state != "deleted":
                override.workflow_state = "deleted"
                override.updated_at = context.now


def delete_course(context: ImportContext, course: Course, *, by_batch_mode: bool = False) -> None:
    """Delete a course with its enrollments; its sections stay behind it, as in Canvas."""
    if course.workflow_state != "deleted":
        old, course.workflow_state = course.workflow_state, "deleted"
        course.updated_at = context.now
        context.changes.record("Course", course.id, old, "deleted", by_batch_mode=by_batch_mode)
    delete_enrollments(
        context, context.store.course_enrollments(course), by_batch_mode=by_batch_mode
    )


def remove_from_account(context: ImportContext, user: User) -> None:
    """Take everything from a user whose last login went: enrollments, links, admin roles."""
    delete_enrollments(context, user.enrollments)
    leave_groups(context, user.id, None)
    for adminship in context.store.account_users:
        if adminship.user_id == user.id and adminship.workflow_state != "deleted":
            old, adminship.workflow_state = adminship.workflow_state, "deleted"
            adminship.updated_at = context.now
            context.changes.record("AccountUser", adminship.id, old, "deleted")
