"""What a Canvas root account holds: objects by Canvas's names, and the tables they stand in."""

from homeroom.mocks.canvas.store.coursework import (
    Assignment,
    AssignmentGroup,
    AssignmentOverride,
    DiscussionTopic,
    GradeChange,
    LatePolicy,
    Quiz,
    Submission,
    SubmissionComment,
)
from homeroom.mocks.canvas.store.objects import (
    AbstractCourse,
    Account,
    AccountUser,
    Attachment,
    Course,
    Enrollment,
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
    "GradeChange",
    "GradingPeriod",
    "GradingPeriodGroup",
    "LatePolicy",
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
