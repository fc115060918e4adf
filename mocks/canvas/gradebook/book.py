"""A course's gradebook as of one instant: seats, dates, submissions, scores and totals.

Submissions exist from the moment an assignment is assigned; one that nobody touched is made up on
reading, under the id it will keep. What the late policy takes off is worked out on reading too.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import cached_property

from homeroom.mocks.canvas.gradebook import grading, late, totals
from homeroom.mocks.canvas.gradebook.dates import Dates, dates_for, is_closed, period_of
from homeroom.mocks.canvas.store import (
    Assignment,
    CanvasStore,
    Course,
    Enrollment,
    GradingPeriod,
    GradingPeriodGroup,
    Submission,
)

STUDENT = "StudentEnrollment"
GONE = frozenset({"deleted", "rejected"})
_STATE_RANK = {"active": 0, "invited": 1, "creation_pending": 2, "completed": 3, "inactive": 4}


@dataclass(frozen=True, slots=True)
class Scores:
    """A student's percentages in a course or grading period: of posted grades, and of all."""

    current: Decimal | None
    final: Decimal | None
    unposted_current: Decimal | None
    unposted_final: Decimal | None
    current_points: Decimal
    unposted_current_points: Decimal


class CourseBook:
    """The gradebook of one course."""

    def __init__(self, store: CanvasStore, course: Course, now: datetime) -> None:
        self.store, self.course, self.now = store, course, now
        self._sections: dict[int, frozenset[int]] = {}

    # -- seats ------------------------------------------------------------------------------------

    def seats(self, user_id: int) -> list[Enrollment]:
        """Return a student's enrollments in the course that are not deleted, the best first."""
        user = self.store.users.find(user_id)
        if user is None:
            return []
        found = [
            enrollment
            for enrollment in user.enrollments
            if enrollment.course_id == self.course.id
            and enrollment.type == STUDENT
            and enrollment.workflow_state not in GONE
        ]
        return sorted(found, key=lambda seat: (_STATE_RANK[seat.workflow_state], seat.id))

    def section_ids(self, user_id: int) -> frozenset[int]:
        """Return the sections in which a person sits, in whatever role."""
        if user_id not in self._sections:
            user = self.store.users.find(user_id)
            self._sections[user_id] = frozenset(
                enrollment.section_id
                for enrollment in (user.enrollments if user else ())
                if enrollment.course_id == self.course.id
                and enrollment.workflow_state not in GONE
                and enrollment.workflow_state != "inactive"
            )
        return self._sections[user_id]

    def students(self) -> dict[int, Enrollment]:
        """Return the best seat of every student in the course by user id, in order of user ids."""
        best: dict[int, Enrollment] = {}
        for enrollment in self.store.course_enrollments(self.course):
            if enrollment.type != STUDENT or enrollment.workflow_state in GONE:
                continue
            held = best.get(enrollment.user_id)
            if held is None or _rank(enrollment) < _rank(held):
                best[enrollment.user_id] = enrollment
        return dict(sorted(best.items()))

    # -- dates and periods ------------------------------------------------------------------------

    @cached_property
    def period_group(self) -> GradingPeriodGroup | None:
        """The set of grading periods that the course's term is attached to."""
        group_id = self.store.terms.get(self.course.enrollment_term_id).grading_period_group_id
        return None if group_id is None else self.store.grading_period_groups.find(group_id)

    @cached_property
    def periods(self) -> list[GradingPeriod]:
        """The course's grading periods by start date."""
        if self.period_group is None:
            return []
        periods = [p for p in self.period_group.grading_periods if p.workflow_state != "deleted"]
        return sorted(periods, key=lambda period: (period.start_date, period.id))

    def dates(self, assignment: Assignment, user_id: int) -> Dates:
        """Return the dates of an assignment for a person."""
        if not assignment.overrides:
            return Dates(
                assignment.due_at,
                assignment.unlock_at,
                assignment.lock_at,
                assigned=not assignment.only_visible_to_overrides,
            )
        return dates_for(assignment, user_id, self.section_ids(user_id))

    def period(self, assignment: Assignment, user_id: int) -> GradingPeriod | None:
        """Return the grading period in which an assignment counts for a student."""
        return period_of(self.dates(assignment, user_id).due_at, self.periods)

    def in_closed_period(self, assignment: Assignment, user_id: int | None = None) -> bool:
        """Whether an assignment is due in a closed period, for a student or for anybody."""
        if not self.periods:
            return False
        if user_id is not None:
            return is_closed(self.period(assignment, user_id), self.now)
        dues = [o.due_at for o in assignment.overrides if o.due_at_overridden]
        if not assignment.only_visible_to_overrides:
            dues.append(assignment.due_at)
        return any(is_closed(period_of(due, self.periods), self.now) for due in dues)

    # -- assignments ------------------------------------------------------------------------------

    def assignments(self) -> Iterator[Assignment]:
        """Yield the course's assignments that are not deleted, in the order of its gradebook."""
        order = {group.id: group.position for group in self.course.assignment_groups}
        live = (a for a in self.course.assignments if a.workflow_state != "deleted")
        yield from sorted(
            live, key=lambda a: (order.get(a.assignment_group_id, 0), a.position, a.id)
        )

    def scheme(self, assignment: Assignment | None = None) -> grading.Scheme:
        """Return the grading scheme in force: the assignment's, the course's, or the default."""
        own = None if assignment is None else assignment.grading_standard_id
        standard = self.store.grading_standards.find(own or self.course.grading_standard_id or 0)
        return grading.DEFAULT_SCHEME if standard is None else grading.make_scheme(standard.entries)

    # -- submissions ------------------------------------------------------------------------------

    def find_submission(self, assignment: Assignment, user_id: int) -> Submission | None:
        """Return a student's submission, or None where the assignment is not for them."""
        stored = assignment.submissions.get(user_id)
        if stored is None and not self.dates(assignment, user_id).assigned:
            return None
        submission = stored or self.blank_submission(assignment, user_id)
        self._score_missing(assignment, submission)
        return submission

    def store_submission(self, assignment: Assignment, user_id: int) -> Submission:
        """Return a student's submission to be changed, stored from now on."""
        submission = assignment.submissions.get(user_id)
        if submission is None:
            submission = self.blank_submission(assignment, user_id)
            assignment.submissions[user_id] = submission
        return submission

    def blank_submission(self, assignment: Assignment, user_id: int) -> Submission:
        """Make up the submission of a student who has done nothing yet."""
        return Submission(
            id=self.store.submission_id(assignment.id, user_id),
            assignment_id=assignment.id,
            user_id=user_id,
            created_at=assignment.created_at,
            updated_at=assignment.created_at,
        )

    def _score_missing(self, assignment: Assignment, submission: Submission) -> None:
        """Let the late policy grade missing work, as Canvas's job does once it is past due."""
        if submission.entered_score is not None or submission.excused:
            return
        policy = self.course.late_policy
        if policy is None or not policy.missing_submission_deduction_enabled:
            return
        if not is_gradeable(assignment) or not self.is_missing(assignment, submission):
            return
        if self.in_closed_period(assignment, submission.user_id):
            return
        submission.entered_score = late.points_for_missing(
            policy,
            points_possible=assignment.points_possible,
            grading_type=assignment.grading_type,
        )
        submission.workflow_state = "graded"
        submission.graded_at = self.now
        submission.updated_at = self.now
        submission.grade_matches_current_submission = True
        if not assignment.post_manually and submission.posted_at is None:
            submission.posted_at = self.now
        assignment.submissions[submission.user_id] = submission

    def seconds_late(self, assignment: Assignment, submission: Submission) -> int:
        """Return by how many seconds work came late."""
        return late.seconds_late(
            late_policy_status=submission.late_policy_status,
            seconds_late_override=submission.seconds_late_override,
            submitted_at=submission.submitted_at,
            due_at=self.dates(assignment, submission.user_id).due_at,
            is_quiz=assignment.quiz_id is not None,
        )

    def is_late(self, assignment: Assignment, submission: Submission) -> bool:
        """Whether work counts as late; excused work never does."""
        if submission.excused:
            return False
        if submission.late_policy_status is not None:
            return submission.late_policy_status == "late"
        return self.seconds_late(assignment, submission) > 0

    def is_missing(self, assignment: Assignment, submission: Submission) -> bool:
        """Whether work counts as missing; excused work never does."""
        if submission.excused:
            return False
        if submission.late_policy_status is not None:
            return submission.late_policy_status == "missing"
        if submission.submitted_at is not None or not expects_submission(assignment):
            return False
        if submission.entered_score is not None and submission.grader_id is not None:
            return False  # a person has graded it
        due_at = self.dates(assignment, submission.user_id).due_at
        return due_at is not None and due_at < self.now

    def points_deducted(self, assignment: Assignment, submission: Submission) -> Decimal | None:
        """Return what the late policy takes off: None for work that is not late."""
        if submission.entered_score is None or not self.is_late(assignment, submission):
            return None
        if submission.late_policy_status is None and not expects_submission(assignment):
            return None
        return min(
            late.points_deducted(
                self.course.late_policy,
                score=submission.entered_score,
                points_possible=assignment.points_possible,
                seconds_late=self.seconds_late(assignment, submission),
                grading_type=assignment.grading_type,
            ),
            max(submission.entered_score, Decimal(0)),
        )

    def score(self, assignment: Assignment, submission: Submission) -> Decimal | None:
        """Return the points that count; moderated work has none until its grades are published."""
        if assignment.moderated_grading and assignment.grades_published_at is None:
            return None
        if submission.entered_score is None or submission.excused:
            return None
        return submission.entered_score - (self.points_deducted(assignment, submission) or 0)

    def grade(
        self, assignment: Assignment, submission: Submission, score: Decimal | None
    ) -> str | None:
        """Write a score of a submission as its assignment's grading type does."""
        return grading.to_grade(
            score,
            grading_type=assignment.grading_type,
            points_possible=assignment.points_possible,
            scheme=self.scheme(assignment),
            given=submission.entered_grade,
        )

    # -- totals -----------------------------------------------------------------------------------

    def scores(self, user_id: int, period: GradingPeriod | None = None) -> Scores:
        """Work out a student's totals, in the course or in one grading period."""
        group = self.period_group
        if period is None and group is not None and group.weighted and self.periods:
            return self._weighted_scores(user_id)
        ended = all(seat.workflow_state == "completed" for seat in self.seats(user_id))
        everything, posted = self._marks(user_id, period)
        current, final = self._totals(everything, ended=ended)
        shown_current, shown_final = (
            (current, final) if posted is None else self._totals(posted, ended=ended)
        )
        return Scores(
            current=shown_current.percentage,
            final=shown_final.percentage,
            unposted_current=current.percentage,
            unposted_final=final.percentage,
            current_points=shown_current.points,
            unposted_current_points=current.points,
        )

    def _totals(
        self, marks: list[totals.Mark], *, ended: bool
    ) -> tuple[totals.Total, totals.Total]:
        weighted = self.course.apply_assignment_group_weights
        current = totals.current_total(marks, self._rules, weighted=weighted)
        if ended:
            # Whose enrollments are over is not charged for what they never did.
            return current, current
        return current, totals.final_total(marks, self._rules, weighted=weighted)

    def _weighted_scores(self, user_id: int) -> Scores:
        parts = [(self.scores(user_id, p), Decimal(str(p.weight or 0))) for p in self.periods]
        points = sum((part.current_points for part, _ in parts), Decimal(0))
        unposted = sum((part.unposted_current_points for part, _ in parts), Decimal(0))
        return Scores(
            current=totals.combine_periods([(part.current, w) for part, w in parts]),
            final=totals.combine_periods([(part.final, w) for part, w in parts]),
            unposted_current=totals.combine_periods([(p.unposted_current, w) for p, w in parts]),
            unposted_final=totals.combine_periods([(p.unposted_final, w) for p, w in parts]),
            current_points=points,
            unposted_current_points=unposted,
        )

    def override(self, enrollment: Enrollment, period: GradingPeriod | None) -> Decimal | None:
        """Return the final grade override of a seat, in percent."""
        key = (enrollment.id, None if period is None else period.id)
        return self.store.score_overrides.get(key)

    @cached_property
    def _rules(self) -> dict[int, totals.GroupRules]:
        return {
            group.id: totals.GroupRules(
                weight=Decimal(str(group.group_weight)),
                drop_lowest=group.drop_lowest,
                drop_highest=group.drop_highest,
                never_drop=frozenset(group.never_drop),
            )
            for group in self.course.assignment_groups
        }

    @cached_property
    def _counted(self) -> list[tuple[Assignment, Decimal]]:
        """The assignments that enter totals, with what each is worth."""
        return [
            (assignment, Decimal(str(assignment.points_possible or 0)))
            for assignment in self.course.assignments
            if counts(assignment)
        ]

    def _marks(
        self, user_id: int, period: GradingPeriod | None
    ) -> tuple[list[totals.Mark], list[totals.Mark] | None]:
        """Return all marks of a student, and those with unposted grades left out.

        The second is None where it would be the same.
        """
        everything: list[totals.Mark] = []
        posted: list[totals.Mark] = []
        differ = False
        for assignment, possible in self._counted:
            if not self.dates(assignment, user_id).assigned:
                continue
            if period is not None and self.period(assignment, user_id) is not period:
                continue
            submission = self.find_submission(assignment, user_id)
            assert submission is not None  # noqa: S101 -- it is assigned
            pending = submission.workflow_state == "pending_review"
            score = None if pending else self.score(assignment, submission)
            mark = totals.Mark(assignment.id, assignment.assignment_group_id, score, possible)
            if not submission.excused:
                everything.append(mark)
            if submission.posted_at is None and (submission.excused or score is not None):
                # What students cannot see yet counts for them as not graded.
                differ = True
                posted.append(
                    totals.Mark(assignment.id, assignment.assignment_group_id, None, possible)
                )
            elif not submission.excused:
                posted.append(mark)
        return everything, posted if differ else None


def _rank(enrollment: Enrollment) -> tuple[int, int]:
    return _STATE_RANK[enrollment.workflow_state], enrollment.id


def expects_submission(assignment: Assignment) -> bool:
    """Whether students hand the work in through Canvas."""
    offline = {"none", "not_graded", "on_paper", "external_tool", ""}
    return assignment.is_quiz_lti or bool(set(assignment.submission_types) - offline)


def is_gradeable(assignment: Assignment) -> bool:
    """Whether a grade for it can exist at all; what cannot be graded never goes to the SIS."""
    return (
        assignment.grading_type != "not_graded" and "not_graded" not in assignment.submission_types
    )


def counts(assignment: Assignment) -> bool:
    """Whether an assignment enters totals."""
    return (
        assignment.workflow_state == "published"
        and is_gradeable(assignment)
        and not assignment.omit_from_final_grade
    )
