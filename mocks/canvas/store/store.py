"""The store of one Canvas root account: every table, and the moves that touch several."""

import hashlib
from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal

from homeroom.mocks.canvas.store.coursework import (
    Assignment,
    AssignmentGroup,
    AssignmentOverride,
    DiscussionTopic,
    GradeChange,
    GradingStandard,
    LatePolicy,
    Quiz,
)
from homeroom.mocks.canvas.store.enrollments import Enrollment, EnrollmentTable, NewEnrollment
from homeroom.mocks.canvas.store.groups import Group, GroupCategory, GroupMembership
from homeroom.mocks.canvas.store.objects import (
    AbstractCourse,
    Account,
    AccountUser,
    Attachment,
    Course,
    GradingPeriodGroup,
    Progress,
    Role,
    Section,
    Term,
    UserObserver,
)
from homeroom.mocks.canvas.store.people import CommunicationChannel, Pseudonym, User
from homeroom.mocks.canvas.store.tables import PseudonymTable, SisTable, Table

ROOT_ACCOUNT_ID = 1
DEFAULT_TERM_ID = 1
ENROLLMENT_TYPES = (
    "StudentEnrollment",
    "TeacherEnrollment",
    "TaEnrollment",
    "DesignerEnrollment",
    "ObserverEnrollment",
)
STUDENT, TEACHER, TA, DESIGNER, OBSERVER = ENROLLMENT_TYPES
# Ids of built-in roles, in this order from 1; custom roles follow.
DEFAULT_TIME_ZONE = "America/Denver"
"""Canvas's own, until somebody sets the district's."""
BUILT_IN_ROLES = (*ENROLLMENT_TYPES, "AccountAdmin", "NoPermissions")
_SUBMISSION_STRIDE = 10_000_000
"""A submission's id is made of its assignment's and its student's, so it has one unstored too."""


class CanvasStore:
    """All that a root account holds."""

    def __init__(self, now: datetime, *, root_name: str = "Homeroom") -> None:
        self.accounts: SisTable[Account] = SisTable()
        self.terms: SisTable[Term] = SisTable()
        self.abstract_courses: SisTable[AbstractCourse] = SisTable()
        self.courses: SisTable[Course] = SisTable()
        self.sections: SisTable[Section] = SisTable()
        self.users: Table[User] = Table()
        self.pseudonyms = PseudonymTable()
        self.channels: Table[CommunicationChannel] = Table()
        self.user_observers: Table[UserObserver] = Table()
        self.account_users: Table[AccountUser] = Table()
        self.group_categories: SisTable[GroupCategory] = SisTable()
        self.groups: SisTable[Group] = SisTable()
        self.group_memberships: Table[GroupMembership] = Table()
        self.memberships_of: dict[int, list[GroupMembership]] = {}
        """Places in groups by the user's id, ended ones too."""
        self.roles: Table[Role] = Table()
        self.enrollments = EnrollmentTable(self.roles)
        self.grading_period_groups: Table[GradingPeriodGroup] = Table()
        self.grading_period_count = 0
        """How many grading periods there are in all sets: the next one's id is one more."""
        self.assignments: Table[Assignment] = Table()
        self.assignment_groups: Table[AssignmentGroup] = Table()
        self.assignment_overrides: Table[AssignmentOverride] = Table()
        self.quizzes: Table[Quiz] = Table()
        self.discussion_topics: Table[DiscussionTopic] = Table()
        self.grading_standards: Table[GradingStandard] = Table()
        self.late_policies: Table[LatePolicy] = Table()
        self.progresses: Table[Progress] = Table()
        self.attachments: Table[Attachment] = Table()
        self.grade_changes: list[GradeChange] = []
        self.score_overrides: dict[tuple[int, int | None], Decimal] = {}
        """Final grade overrides in percent, by (enrollment id, grading period id or None)."""
        self.observed: dict[int, list[UserObserver]] = {}
        """Links by the student's id: who watches them, ended links too."""
        self.templates: dict[int, list[Course]] = {}
        """Courses that cross-listing made, by the course they were made after and follow."""
        self.accounts.add(
            Account(
                id=ROOT_ACCOUNT_ID,
                name=root_name,
                uuid=self.uuid("account", ROOT_ACCOUNT_ID),
                created_at=now,
                updated_at=now,
            )
        )
        self.terms.add(
            Term(id=DEFAULT_TERM_ID, name="Default Term", created_at=now, updated_at=now)
        )
        for name in BUILT_IN_ROLES:
            base = name if name.endswith("Enrollment") else "AccountMembership"
            self.roles.add(
                Role(
                    id=self.roles.next_id,
                    name=name,
                    base_role_type=base,
                    workflow_state="built_in",
                    account_id=ROOT_ACCOUNT_ID,
                )
            )

    @property
    def root_account(self) -> Account:
        """The root account, id 1."""
        return self.accounts.rows[0]

    def time_zone_of(self, account: Account) -> str:
        """Return the time zone of an account: its own, else the root account's."""
        own = account.default_time_zone or self.root_account.default_time_zone
        return own or DEFAULT_TIME_ZONE

    @staticmethod
    def uuid(kind: str, row_id: int) -> str:
        """Make an object's uuid: forty letters and digits, the same in every space."""
        return hashlib.sha1(f"{kind}:{row_id}".encode(), usedforsecurity=False).hexdigest()

    @staticmethod
    def submission_id(assignment_id: int, user_id: int) -> int:
        """Return the id of a student's submission to an assignment, stored or not yet."""
        return assignment_id * _SUBMISSION_STRIDE + user_id

    # -- accounts -----------------------------------------------------------------------------

    def account_chain(self, account_id: int | None) -> Iterator[Account]:
        """Yield an account and those above it, the root last."""
        seen: set[int] = set()
        while account_id is not None and account_id not in seen:
            seen.add(account_id)
            account = self.accounts.get(account_id)
            yield account
            account_id = account.parent_account_id

    def account_ids_below(self, account_id: int) -> set[int]:
        """Return the ids of an account and all accounts below it, deleted ones too."""
        children: dict[int, list[int]] = {}
        for account in self.accounts:
            if account.parent_account_id is not None:
                children.setdefault(account.parent_account_id, []).append(account.id)
        found, todo = {account_id}, [account_id]
        while todo:
            for child in children.get(todo.pop(), ()):
                if child not in found:
                    found.add(child)
                    todo.append(child)
        return found

    def role_named(self, name: str, *, base: str | None = None) -> Role | None:
        """Return the role of that exact name that is not deleted."""
        for role in self.roles:
            fits = base is None or role.base_role_type == base
            if fits and role.name == name and role.workflow_state != "deleted":
                return role
        return None

    # -- courses, sections, enrollments ---------------------------------------------------------

    def add_course(self, course: Course) -> Course:
        """Add a course made with `courses.next_id`."""
        course.uuid = course.uuid or self.uuid("course", course.id)
        if course.template_course_id is not None:
            self.templates.setdefault(course.template_course_id, []).append(course)
        return self.courses.add(course)

    def add_section(self, section: Section) -> Section:
        """Add a section made with `sections.next_id` to its course."""
        self.courses.get(section.course_id).sections.append(section)
        self.enrollments.course_of_section.append(section.course_id)
        section.seat_table = self.enrollments
        return self.sections.add(section)

    def move_section(self, section: Section, course_id: int, *, at: datetime) -> None:
        """Move a section and its enrollments to another course."""
        old = self.courses.get(section.course_id)
        old.sections[:] = [other for other in old.sections if other is not section]
        course = self.courses.get(course_id)
        course.sections.append(section)
        section.course_id = course.id
        section.updated_at = at
        self.enrollments.course_of_section[section.id] = course.id
        for enrollment in section.enrollments:
            enrollment.updated_at = at

    def add_enrollment(self, new: NewEnrollment) -> Enrollment:
        """Add an enrollment to its section and user."""
        enrollment = self.enrollments.add(new)
        self.sections.get(new.section_id).seat(enrollment.id)
        self.users.get(new.user_id).seat(enrollment.id)
        return enrollment

    def course_enrollments(self, course: Course) -> Iterator[Enrollment]:
        """Yield a course's enrollments in every state, section by section."""
        for section in course.sections:
            yield from section.enrollments

    def default_section(self, course: Course, *, at: datetime) -> Section:
        """Return the course's default section, made on demand with the course's name."""
        for section in course.sections:
            if section.default_section and section.workflow_state != "deleted":
                return section
        return self.add_section(
            Section(
                id=self.sections.next_id,
                course_id=course.id,
                name=course.name,
                default_section=True,
                created_at=at,
                updated_at=at,
            )
        )

    def is_enrolled(self, user_id: int, course_id: int) -> bool:
        """Tell whether a user has an enrollment in a course that is not deleted."""
        return any(
            one.course_id == course_id and one.workflow_state != "deleted"
            for one in self.users.get(user_id).enrollments
        )

    def add_group_membership(self, membership: GroupMembership) -> GroupMembership:
        """Add a membership made with `group_memberships.next_id` to its group and user."""
        self.groups.get(membership.group_id).memberships.append(membership)
        self.memberships_of.setdefault(membership.user_id, []).append(membership)
        return self.group_memberships.add(membership)

    # -- people -----------------------------------------------------------------------------------

    def add_user(self, user: User) -> User:
        """Add a user made with `users.next_id`."""
        user.seat_table = self.enrollments
        return self.users.add(user)

    def add_pseudonym(self, pseudonym: Pseudonym) -> Pseudonym:
        """Add a login made with `pseudonyms.next_id` to its user."""
        user = self.users.get(pseudonym.user_id)
        user.logins = (*user.logins, pseudonym)
        return self.pseudonyms.add(pseudonym)

    def add_channel(self, channel: CommunicationChannel) -> CommunicationChannel:
        """Add an address made with `channels.next_id` to its user."""
        user = self.users.get(channel.user_id)
        user.channels = (*user.channels, channel)
        return self.channels.add(channel)

    def pseudonym_of(self, user: User) -> Pseudonym | None:
        """Return the login shown for a user: the first one that is not deleted, SIS ones first."""
        live = [login for login in user.logins if login.workflow_state != "deleted"]
        return next((login for login in live if login.sis_user_id is not None), None) or (
            live[0] if live else None
        )

    def email_of(self, user: User) -> str | None:
        """Return a user's address: the first active one, else the first unconfirmed."""
        for state in ("active", "unconfirmed"):
            for channel in user.channels:
                if channel.workflow_state == state and channel.path_type == "email":
                    return channel.path
        return None
