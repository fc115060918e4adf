"""What a Canvas root account holds: objects by Canvas's names, and the tables they stand in."""

from homeroom.mocks.canvas.store.coursework import (
    Assignment,
    AssignmentGroup,
    AssignmentOverride,
    DiscussionTopic,
    GradeChange,
    GradingStandard,
    LatePolicy,
    Quiz,
    Submission,
    SubmissionComment,
)
from homeroom.mocks.canvas.store.enrollments import Enrollment, EnrollmentTable, NewEnrollment
from homeroom.mocks.canvas.store.groups import Group, GroupCategory, GroupMembership
from homeroom.mocks.canvas.store.objects import (
    AbstractCourse,
    Account,
    AccountUser,
    Attachment,
    Course,
    GradingPeriod,
    GradingPeriodGroup,
    Progress,
    Role,
    Section,
    Term,
    UserObserver,
)
from homeroom.mocks.canvas.store.people import CommunicationChannel, Pseudonym, User
from homeroom.mocks.canvas.store.store import CanvasStore
from homeroom.mocks.canvas.store.tables import PseudonymTable, SisTable, Table

__all__ = [
    "AbstractCourse",
    "Account",
    "AccountUser",
    "Assignment",
    "AssignmentGroup",
    "AssignmentOverride",
    "Attachment",
    "CanvasStore",
    "CommunicationChannel",
    "Course",
    "DiscussionTopic",
    "Enrollment",
    "EnrollmentTable",
    "GradeChange",
    "GradingPeriod",
    "GradingPeriodGroup",
    "GradingStandard",
    "Group",
    "GroupCategory",
    "GroupMembership",
    "LatePolicy",
    "NewEnrollment",
    "Progress",
    "Pseudonym",
    "PseudonymTable",
    "Quiz",
    "Role",
    "Section",
    "SisTable",
    "Submission",
    "SubmissionComment",
    "Table",
    "Term",
    "User",
    "UserObserver",
]
