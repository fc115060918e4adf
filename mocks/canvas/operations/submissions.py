"""Submissions to one assignment: reading, handing in, grading."""

from collections.abc import Iterable
from typing import Any, cast

import msgspec

from homeroom.mocks.canvas import auth, errors, ids, params
from homeroom.mocks.canvas.gradebook.book import CourseBook
from homeroom.mocks.canvas.gradebook.grade import (
    LATE_STATUSES,
    Wish,
    grade_submission,
    read_wish,
)
from homeroom.mocks.canvas.operations.assignments import find_visible, open_course
from homeroom.mocks.canvas.pagination import paged
from homeroom.mocks.canvas.shapes.assignment import assignment_json
from homeroom.mocks.canvas.shapes.common import administers
from homeroom.mocks.canvas.shapes.course import course_json, person_brief
from homeroom.mocks.canvas.shapes.submission import submission_json
from homeroom.mocks.canvas.shapes.user import user_json
from homeroom.mocks.canvas.store import Assignment, Course, Enrollment, Section, Submission
from homeroom.mocks.harness.request import Answer

CURRENT = ("active", "invited", "creation_pending")
NOT_A_STUDENT = "Student must be enrolled in the course as a student to be graded"
GRADE_AND_EXCUSE = "Cannot simultaneously grade and excuse an assignment"
BAD_TYPE = "Invalid submission[submission_type] given"
SUBMITTABLE = frozenset({"online_text_entry", "online_url", "online_upload", "media_recording",
                         "basic_lti_launch", "student_annotation"})  # fmt: skip


class Room:
    """Where a request about submissions takes place: a course, or one of its sections."""

    def __init__(self, *, course_id: str | None = None, section_id: str | None = None) -> None:
        self.section: Section | None = None
        if section_id is not None:
            self.section = ids.get_section(section_id)
            course_id = str(self.section.course_id)
        self.world, self.course, self.sees, self.book = open_course(course_id or "")

    def assignment(self, assignment_id: str) -> Assignment:
        """Return an assignment that the caller may see; raises 404, or the refusal."""
        return find_visible(assignment_id, self.course, self.book, self.sees)

    def seats(self, user_id: int) -> list[Enrollment]:
        """Return a student's seats in the room that are not deleted, the best first."""
        seats = self.book.seats(user_id)
        if self.section is None:
            return seats
        return [seat for seat in seats if seat.section_id == self.section.id]

    def students(self, states: Iterable[str] = CURRENT) -> dict[int, Any]:
        """Return the best seats of the room's students that are in these states."""
        wanted = set(states)
        found = {
            user_id: seat
            for user_id, seat in self.book.students().items()
            if seat.workflow_state in wanted
        }
        if self.section is None:
            return found
        here = {
            seat.user_id: seat
            for seat in self.section.enrollments
            if seat.type == "StudentEnrollment" and seat.workflow_state in wanted
        }
        return {user_id: here[user_id] for user_id in found if user_id in here}

    def own_students(self) -> set[int | None]:
        """Return whose submissions the caller reads without a right: theirs, whom they observe."""
        me = self.sees.user_id
        return {me} | {
            seat.associated_user_id
            for seat in auth.enrollments_in(self.world, me or 0, self.course)
            if seat.type == "ObserverEnrollment" and seat.workflow_state == "active"
        }

    def locked(self, assignment: Assignment, user_id: int) -> bool:
        """Tell whether a student's assignment is not open yet, or not any more."""
        dates, now = self.book.dates(assignment, user_id), self.book.now
        return bool(
            (dates.unlock_at and now < dates.unlock_at) or (dates.lock_at and dates.lock_at < now)
        )

    def json(
        self, assignment: Assignment, submission: Submission, include: Iterable[str]
    ) -> dict[str, Any]:
        """Write a submission with what `include[]` asks for."""
        wanted = set(include)
        shown = submission_json(
            self.world, self.book, assignment, submission, self.sees, include=wanted
        )
        if "assignment" in wanted:
            shown["assignment"] = assignment_json(self.world, self.book, assignment, self.sees)
        if "course" in wanted:
            shown["course"] = course_json(self.world, self.course, self.sees)
        if "user" in wanted:
            user = self.world.store.users.get(submission.user_id)
            shown["user"] = user_json(self.world, user, self.sees)
        return shown


# -- reading --------------------------------------------------------------------------------------


async def list_course_assignment_submissions(course_id: str, assignment_id: str) -> Answer:
    """Answer listCourseAssignmentSubmissions."""
    return _list(Room(course_id=course_id), assignment_id)


async def list_section_assignment_submissions(section_id: str, assignment_id: str) -> Answer:
    """Answer listSectionAssignmentSubmissions."""
    return _list(Room(section_id=section_id), assignment_id)


def _list(room: Room, assignment_id: str) -> Answer:
    """Answer the submissions of present students; who is concluded is in bulk reads alone."""
    if not room.sees.all_grades:
        raise auth.not_permitted()
    assignment = room.assignment(assignment_id)
    include = params.texts("include")
    mine = [one for one in room.students() if room.book.dates(assignment, one).assigned]

    def show(user_id: int) -> dict[str, Any]:
        submission = room.book.find_submission(assignment, user_id)
        return room.json(assignment, cast("Submission", submission), include)

    return paged(mine, show)


async def get_course_submission(course_id: str, assignment_id: str, user_id: str) -> Answer:
    """Answer getCourseSubmission."""
    return _get(Room(course_id=course_id), assignment_id, user_id)


async def get_section_submission(section_id: str, assignment_id: str, user_id: str) -> Answer:
    """Answer getSectionSubmission."""
    return _get(Room(section_id=section_id), assignment_id, user_id)


def _get(room: Room, assignment_id: str, user_id: str) -> Answer:
    assignment = room.assignment(assignment_id)
    user = ids.get_user(user_id)
    if not room.sees.all_grades and user.id not in room.own_students():
        raise auth.not_permitted()
    if not room.seats(user.id):
        raise errors.not_found()
    submission = room.book.find_submission(assignment, user.id)
    if submission is None:
        # Not assigned to this student: an empty one stands for it.
        submission = room.book.blank_submission(assignment, user.id)
    return room.json(assignment, submission, params.texts("include"))


# -- grading --------------------------------------------------------------------------------------


def require_grader(course: Course) -> None:
    """Let through who may grade in the course."""
    auth.require("manage_grades", context=course)


def may_grade(book: CourseBook, assignment: Assignment, user_id: int) -> bool:
    """Whether an assignment can be graded now: published, not moderated, its period open."""
    if assignment.workflow_state != "published":
        return False
    if assignment.moderated_grading and assignment.grades_published_at is None:
        return False
    return administers(book.course) or not book.in_closed_period(assignment, user_id)


async def grade_course_submission(course_id: str, assignment_id: str, user_id: str) -> Answer:
    """Answer gradeCourseSubmission."""
    return _grade(Room(course_id=course_id), assignment_id, user_id)


async def grade_section_submission(section_id: str, assignment_id: str, user_id: str) -> Answer:
    """Answer gradeSectionSubmission."""
    return _grade(Room(section_id=section_id), assignment_id, user_id)


def _grade(room: Room, assignment_id: str, user_id: str) -> Answer:
    assignment = room.assignment(assignment_id)
    user = ids.get_user(user_id)
    comment = params.group("comment")
    given = params.group("submission")
    comments_on_own = user.id == room.sees.user_id and not given and bool(room.seats(user.id))
    if not comments_on_own:
        require_grader(room.course)
    if not room.seats(user.id):
        raise errors.bad_error(NOT_A_STUDENT)
    wish = _wish(given, comment)
    if not room.book.dates(assignment, user.id).assigned:
        raise auth.not_permitted()
    if wish.changes_grade and not may_grade(room.book, assignment, user.id):
        raise auth.not_permitted()
    submission = grade_submission(
        room.world, room.book, assignment, user.id, wish, grader_id=room.sees.user_id
    )
    include = {*params.texts("include"), "submission_comments"}
    shown = room.json(assignment, submission, include)
    shown["all_submissions"] = [room.json(assignment, submission, ())]
    return shown


def _wish(given: dict[str, Any], comment: dict[str, Any]) -> Wish:
    status = params.to_text(given.get("late_policy_status"))
    if status is not None and status not in LATE_STATUSES:
        raise errors.record_invalid(
            "late_policy_status", "is not included in the list", "inclusion"
        )
    if (params.to_integer(given.get("seconds_late_override")) or 0) < 0:
        raise errors.record_invalid(
            "seconds_late_override",
            "must be greater than or equal to 0",
            "greater_than_or_equal_to",
        )
    wish = read_wish(
        {**given, "text_comment": comment.get("text_comment")},
        prefer_points=params.flag("prefer_points_over_scheme"),
    )
    # A blank grade is one too; only JSON's null is none.
    if given.get("posted_grade") is not None and wish.excuse:
        raise errors.bad_error(GRADE_AND_EXCUSE)
    return wish


# -- handing in -----------------------------------------------------------------------------------


async def submit_course_assignment(course_id: str, assignment_id: str) -> Answer:
    """Answer submitCourseAssignment: 201."""
    return _submit(Room(course_id=course_id), assignment_id)


async def submit_section_assignment(section_id: str, assignment_id: str) -> Answer:
    """Answer submitSectionAssignment: 201."""
    return _submit(Room(section_id=section_id), assignment_id)


def _submit(room: Room, assignment_id: str) -> Answer:
    assignment = room.assignment(assignment_id)
    given = params.group("submission")
    user_id = room.sees.user_id
    for_other = params.to_text(given.get("user_id"))
    if for_other is not None:
        user = ids.get_user(for_other)
        if user.id != user_id:
            require_grader(room.course)
        user_id = user.id
    if user_id is None or not room.seats(user_id) or assignment.workflow_state != "published":
        raise auth.not_permitted()
    if user_id == room.sees.user_id and room.locked(assignment, user_id):
        raise auth.not_permitted()
    type_ = params.to_text(given.get("submission_type"))
    if type_ not in SUBMITTABLE or type_ not in assignment.submission_types:
        raise errors.bad_message(BAD_TYPE)
    body, url = params.to_text(given.get("body")), params.to_text(given.get("url"))
    missing = "body" if type_ == "online_text_entry" and body is None else None
    missing = "url" if type_ == "online_url" and url is None else missing
    if missing:
        raise errors.bad_message(
            f"Invalid parameters for submission_type {type_}. Required: {missing}"
        )
    at = params.to_iso_instant(given.get("submitted_at")) or room.world.now()
    submission = room.book.store_submission(assignment, user_id)
    hand_in(submission, type_, body=body, url=url, at=at)
    return room.json(assignment, submission, params.texts("include")), 201


def hand_in(
    submission: Submission, type_: str, *, body: str | None, url: str | None, at: Any
) -> None:
    """Take in work: a new attempt, whose grade no longer matches if there was one."""
    if submission.submitted_at is not None:
        past = msgspec.structs.replace(submission, history=(), comments=())
        submission.history = (*submission.history, past)
    submission.submission_type = type_
    submission.body, submission.url = body, url
    submission.submitted_at = at
    submission.attempt = (submission.attempt or 0) + 1
    submission.late_policy_status = None
    submission.seconds_late_override = None
    submission.grade_matches_current_submission = submission.entered_score is None
    submission.workflow_state = "submitted"
    submission.updated_at = at


# -- who can be graded ----------------------------------------------------------------------------


async def list_gradeable_students(course_id: str, assignment_id: str) -> Answer:
    """Answer listGradeableStudents: active students that have the assignment."""
    room = Room(course_id=course_id)
    if not room.sees.all_grades:
        raise auth.not_permitted()
    assignment = room.assignment(assignment_id)
    return paged(
        [user_id for user_id in room.students() if room.book.dates(assignment, user_id).assigned],
        lambda user_id: person_brief(room.world, room.course.id, user_id),
    )


async def list_multiple_assignments_gradeable_students(course_id: str) -> Answer:
    """Answer listMultipleAssignmentsGradeableStudents: each with the assignments they have."""
    room = Room(course_id=course_id)
    if not room.sees.all_grades:
        raise auth.not_permitted()
    assignments = [room.assignment(one) for one in params.texts("assignment_ids")]

    def show(user_id: int) -> dict[str, Any]:
        mine = [one.id for one in assignments if room.book.dates(one, user_id).assigned]
        return {**person_brief(room.world, room.course.id, user_id), "assignment_ids": mine}

    return paged(list(room.students()), show)


async def get_course_submission_summary(course_id: str, assignment_id: str) -> Answer:
    """Answer getCourseSubmissionSummary."""
    return _summary(Room(course_id=course_id), assignment_id)


async def get_section_submission_summary(section_id: str, assignment_id: str) -> Answer:
    """Answer getSectionSubmissionSummary."""
    return _summary(Room(section_id=section_id), assignment_id)


def _summary(room: Room, assignment_id: str) -> Answer:
    assignment = room.assignment(assignment_id)
    require_grader(room.course)
    counted = {"graded": 0, "ungraded": 0, "not_submitted": 0}
    for user_id in room.students():
        submission = room.book.find_submission(assignment, user_id)
        if submission is None:
            continue
        if submission.excused or submission.entered_score is not None:
            counted["graded"] += 1
        elif submission.submitted_at is not None:
            counted["ungraded"] += 1
        else:
            counted["not_submitted"] += 1
    return counted
