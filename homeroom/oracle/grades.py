"""What the SIS gradebook must hold after a grade sync, and judging what it does hold.

A line item belongs to one class, so one Canvas assignment in a course of three sections is three
line items. Titles and due dates pair them only until the first sync; from then on the pair is
remembered, however the teacher renames or moves the assignment.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta, tzinfo
from decimal import Decimal
from enum import StrEnum

from homeroom.config import Choices, CourseGrade, UnpostedGrades
from homeroom.oracle.canvas import (
    Assignment,
    CanvasWorld,
    Enrollment,
    EnrollmentType,
    GradingPeriod,
    Section,
    Submission,
)
from homeroom.oracle.feed import AcademicSession, Feed, Gradebook, LineItem
from homeroom.oracle.obligations import NEW_YORK
from homeroom.oracle.people import user_sis_id

NUMERIC = frozenset({"points", "percent"})
LONGEST_TITLE = 255
GRADED, EXEMPT = "fully graded", "exempt"


class Presence(StrEnum):
    """Whether a line item or result must, may or must not be there."""

    REQUIRED = "required"
    PERMITTED = "permitted"
    FORBIDDEN = "forbidden"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sync:
    """One grade sync: both worlds before it, and the gradebook after (None for the one judged)."""

    feed: Feed
    canvas: CanvasWorld
    before: Gradebook
    now: datetime
    remaster: bool = False
    after: Gradebook | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ResultObligation:
    """One pupil's grade on one line item."""

    student: str
    presence: Presence
    score: Decimal | None = None
    status: str = GRADED
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LineItemObligation:
    """One assignment in one class, or a class's course grade in one grading period."""

    class_: str
    title: str | None
    """None for a course grade: its title is free."""
    presence: Presence
    why: str = ""
    assignment: int | None = None
    grading_period: str | None = None
    due_at: datetime | None = None
    due_days: frozenset[date] = frozenset()
    maximum: Decimal | None = None
    categories: frozenset[str] = frozenset()
    linked: str | None = None
    """The sourcedId it must have: linked by an earlier sync, or adopted by title and due date."""
    results: tuple[ResultObligation, ...] = ()
    results_free: bool = False

    @property
    def name(self) -> str:
        """How messages call it."""
        return self.title if self.title is not None else f"course grade {self.grading_period}"


@dataclass(frozen=True, slots=True)
class GradebookObligations:
    """All that must, may and must not hold in the SIS gradebook after a sync."""

    line_items: tuple[LineItemObligation, ...]
    before: Gradebook
    zone: tzinfo = field(default=NEW_YORK)

    def of(self, class_: str, title: str) -> LineItemObligation | None:
        """Return the obligation for an assignment in a class."""
        found = (each for each in self.line_items if (each.class_, each.title) == (class_, title))
        return next(found, None)

    def course_grade(self, class_: str, grading_period: str) -> LineItemObligation | None:
        """Return the obligation for a class's course grade in a period."""
        wanted = (class_, None, grading_period)
        found = (
            each
            for each in self.line_items
            if (each.class_, each.title, each.grading_period) == wanted
        )
        return next(found, None)


def expected_gradebook(
    syncs: Sequence[Sync], choices: Choices, *, zone: tzinfo = NEW_YORK
) -> GradebookObligations:
    """Compute what the gradebook must hold after the last of some syncs.

    Args:
        syncs: Oldest first; earlier ones with `after`, from which the pairs they made are learnt.
        choices: What the subject declared.
        zone: The district's time zone: due dates of the SIS are days in it.
    """
    links: dict[tuple[int, str], str] = {}
    for sync in syncs[:-1]:
        if sync.after is None:
            continue
        for each in _line_items(sync, choices, zone, links):
            found = matches(each, sync.after, zone)
            if each.assignment is not None and len(found) == 1:
                links[each.assignment, each.class_] = found[0].sourced_id
    last = syncs[-1]
    items = (*_line_items(last, choices, zone, links), *_course_grades(last, choices, zone))
    return GradebookObligations(items, last.before, zone)


def _line_items(
    sync: Sync, choices: Choices, zone: tzinfo, links: Mapping[tuple[int, str], str]
) -> Iterator[LineItemObligation]:
    for assignment in sync.canvas.assignments.values():
        for section in sync.canvas.sections.values():
            if section.course != assignment.course or not section.sis_id:
                continue
            yield _Pairing(sync, choices, zone, links, assignment, section).obligation()


@dataclass(frozen=True)
class _Pairing:
    """One assignment and one SIS section of its course."""

    sync: Sync
    choices: Choices
    zone: tzinfo
    links: Mapping[tuple[int, str], str]
    assignment: Assignment
    section: Section

    @property
    def class_(self) -> str:
        return self.section.sis_id or ""

    def obligation(self) -> LineItemObligation:
        assignment, class_ = self.assignment, self.class_
        presence, why = self._presence()
        due_at = self._due_at()
        linked = self.links.get((assignment.id, class_))
        if presence is not Presence.FORBIDDEN and linked is None:
            twins = self._twins(due_at)
            if len(twins) > 1:
                presence, why = Presence.FORBIDDEN, "two SIS assignments have its name and due date"
            elif twins:
                linked = twins[0].sourced_id
        standing = {item.sourced_id for item in self.sync.before.live_line_items(class_)}
        if linked is not None and linked not in standing:
            # Deleted in the SIS: an ordinary sync may leave it be, a remaster brings it back.
            linked = None
            if presence is Presence.REQUIRED and not self.sync.remaster:
                presence, why = Presence.PERMITTED, "it was deleted in the SIS gradebook"
        results = tuple(self._results(linked)) if presence is not Presence.FORBIDDEN else ()
        if presence is Presence.REQUIRED and not any(
            each.presence is Presence.REQUIRED for each in results
        ):
            # Some SISs want an assignment only once it has a score.
            presence = presence if linked else Presence.PERMITTED
        return LineItemObligation(
            class_=class_,
            title=assignment.name,
            presence=presence,
            why=why,
            assignment=assignment.id,
            due_at=due_at,
            due_days=frozenset({due_at.astimezone(self.zone).date()}) if due_at else frozenset(),
            maximum=assignment.points_possible,
            categories=self._categories(),
            linked=linked,
            results=results,
        )

    def _presence(self) -> tuple[Presence, str]:
        """Say whether the assignment is to be passed back for this class, and why not."""
        assignment, class_ = self.assignment, self.class_
        course = self.sync.canvas.courses[assignment.course]
        refusals = {
            "its class is not in the SIS": self.sync.feed.live_class(class_) is None,
            "it is not published": not assignment.published,
            "its course is not published": course.state not in {"available", "completed"},
            "Sync to SIS is off": not assignment.post_to_sis,
            "it is not graded": assignment.grading_type == "not_graded",
            "it is not assigned to this section": not self._assigned(),
            "it has no due date for this section": self._due_at() is None,
            "its name is too long": len(assignment.name) > LONGEST_TITLE,
            "no SIS category has its group's name": not self._categories(),
        }
        for why, holds in refusals.items():
            if holds:
                return Presence.FORBIDDEN, why
        doubts = {
            "it has dates for single students": any(
                override.section is None for override in assignment.overrides
            ),
            "another section of it has no due date": self._someone_has_no_due_date(),
            "its grades are no points": assignment.grading_type not in NUMERIC,
            "it is worth no points": not assignment.points_possible,
        }
        for why, holds in doubts.items():
            if holds:
                return Presence.PERMITTED, why
        return Presence.REQUIRED, "it is published, synced to the SIS, dated and in a SIS category"

    def _assigned(self) -> bool:
        own = any(each.section == self.section.id for each in self.assignment.overrides)
        return own or not self.assignment.only_visible_to_overrides

    def _due_at(self) -> datetime | None:
        return _due_at(self.assignment, self.section)

    def _someone_has_no_due_date(self) -> bool:
        siblings = (
            each
            for each in self.sync.canvas.sections.values()
            if each.course == self.assignment.course
        )
        return any(_due_at(self.assignment, each) is None for each in siblings) and (
            not self.assignment.only_visible_to_overrides
        )

    def _categories(self) -> frozenset[str]:
        """Return the SIS categories that are right: exactly the group's name, for this class."""
        named = [
            category
            for category in self.sync.feed.categories.values()
            if category.live and category.title == self.assignment.group
        ]
        own = [each.sourced_id for each in named if each.class_ == self.class_]
        shared = [each.sourced_id for each in named if each.class_ is None]
        return frozenset((*own, *shared[:1]))

    def _twins(self, due_at: datetime | None) -> list[LineItem]:
        if due_at is None:
            return []
        known = set(self.links.values())
        return [
            item
            for item in self.sync.before.live_line_items(self.class_)
            if item.title == self.assignment.name
            and item.sourced_id not in known
            and due_permitted(item.due_date, due_at, self.zone)
        ]

    def _results(self, linked: str | None) -> Iterator[ResultObligation]:
        people = {
            sis_id: user.sourced_id
            for user in self.sync.feed.users.values()
            if (sis_id := user_sis_id(user, self.choices))
        }
        graded = {
            each.user: each
            for each in self.sync.canvas.submissions
            if each.assignment == self.assignment.id
        }
        for seat in _students(self.sync.canvas, self.section):
            user = self.sync.canvas.users.get(seat.user)
            student = people.get(user.sis_id or "") if user else None
            if student is not None:
                yield self._result(student, seat, graded.get(seat.user), linked)

    def _result(
        self, student: str, seat: Enrollment, submission: Submission | None, linked: str | None
    ) -> ResultObligation:
        held = self.sync.before.live_results(linked, student) if linked else []
        left = seat.state != "active"
        if submission is None or (submission.score is None and not submission.excused):
            if not held:
                return ResultObligation(
                    student=student, presence=Presence.FORBIDDEN, why="there is no grade"
                )
            presence = Presence.FORBIDDEN if self.sync.remaster else Presence.PERMITTED
            return ResultObligation(
                student=student,
                presence=presence,
                score=held[0].score,
                status=held[0].score_status,
                why="the grade was cleared in Canvas",
            )
        hidden = not submission.posted and self.choices.unposted_grades is UnpostedGrades.HELD
        if hidden:
            presence = Presence.PERMITTED if held else Presence.FORBIDDEN
            return ResultObligation(
                student=student,
                presence=presence,
                score=held[0].score if held else None,
                status=held[0].score_status if held else "",
                why="the grade is hidden from students",
            )
        return ResultObligation(
            student=student,
            presence=Presence.PERMITTED if left else Presence.REQUIRED,
            score=None if submission.excused else submission.score,
            status=EXEMPT if submission.excused else GRADED,
            why="it is excused" if submission.excused else "it is graded",
        )


def _due_at(assignment: Assignment, section: Section) -> datetime | None:
    """Return when an assignment is due in a section: the section's own date wins."""
    for override in assignment.overrides:
        if override.section == section.id and override.sets_due_at:
            return override.due_at
    return assignment.due_at


def _students(canvas: CanvasWorld, section: Section) -> Iterator[Enrollment]:
    for seat in canvas.enrollments.values():
        if seat.section == section.id and seat.type == EnrollmentType.STUDENT:
            yield seat


def _course_grades(sync: Sync, choices: Choices, zone: tzinfo) -> Iterator[LineItemObligation]:
    if choices.course_grade is CourseGrade.OFF:
        return
    people = {
        sis_id: user.sourced_id
        for user in sync.feed.users.values()
        if (sis_id := user_sis_id(user, choices))
    }
    for section in sync.canvas.sections.values():
        class_ = sync.feed.live_class(section.sis_id)
        course = sync.canvas.courses.get(section.course)
        if class_ is None or course is None or course.state not in {"available", "completed"}:
            continue
        for period in sync.canvas.grading_periods:
            if period.course != section.course:
                continue
            session = _session_of(sync.feed, class_.terms, period, zone)
            if session is None or session.end_date is None:
                continue
            begun = period.start <= sync.now
            results = tuple(
                _course_result(people[user.sis_id or ""], score, seat, choices)
                for score in period.scores
                for seat in [sync.canvas.enrollments.get(score.id)]
                for user in [sync.canvas.users.get(score.user)]
                if seat and user and seat.section == section.id and (user.sis_id or "") in people
            )
            wanted = begun and any(each.presence is Presence.REQUIRED for each in results)
            yield LineItemObligation(
                class_=class_.sourced_id,
                title=None,
                presence=Presence.REQUIRED if wanted else Presence.PERMITTED,
                why="the grading period has grades",
                grading_period=session.sourced_id,
                due_days=frozenset({session.end_date, session.end_date - timedelta(days=1)}),
                maximum=Decimal(100),
                results=results,
            )


def _session_of(
    feed: Feed, terms: Sequence[str], period: GradingPeriod, zone: tzinfo
) -> AcademicSession | None:
    """Return the SIS's grading period that a Canvas one stands for, in the terms of a class."""
    above = {above.sourced_id for term in terms for above in feed.lineage(term)}
    for session in feed.academic_sessions.values():
        if session.type != "gradingPeriod" or not session.live:
            continue
        own = {each.sourced_id for each in feed.lineage(session.sourced_id)}
        inside = bool(own & set(terms)) or bool(own & above)
        starts = session.start_date == period.start.astimezone(zone).date()
        if inside and (session.title == period.title or starts):
            return session
    return None


def _course_result(
    student: str, score: Enrollment, seat: Enrollment, choices: Choices
) -> ResultObligation:
    value = course_score(score, choices)
    if value is None:
        return ResultObligation(
            student=student, presence=Presence.FORBIDDEN, why="there is no course grade"
        )
    presence = Presence.REQUIRED if seat.state == "active" else Presence.PERMITTED
    return ResultObligation(
        student=student, presence=presence, score=value, why="the period's course grade"
    )


def course_score(score: Enrollment, choices: Choices) -> Decimal | None:
    """Return the course grade a subject that chose so must pass: a teacher's override wins."""
    if score.override_score is not None:
        return score.override_score
    sent = choices.unposted_grades is UnpostedGrades.SENT
    if choices.course_grade is CourseGrade.CURRENT:
        return score.unposted_current_score if sent else score.current_score
    return score.unposted_final_score if sent else score.final_score


def due_permitted(written: str | None, due_at: datetime, zone: tzinfo) -> bool:
    """Tell whether a line item's due date is the day, in the district, that Canvas has it due.

    A SIS keeps a day. `2026-10-10T03:59:00Z` is the evening of the 9th in Florida; `2026-10-10`,
    or its midnight, is the 10th wherever it is read.
    """
    return day_permitted(written, frozenset({due_at.astimezone(zone).date()}), zone)


def day_permitted(written: str | None, days: frozenset[date], zone: tzinfo) -> bool:
    """Tell whether a written date or instant is one of some days in the district."""
    if not written:
        return False
    try:
        if len(written) == len("2026-10-10"):
            return date.fromisoformat(written) in days
        instant = datetime.fromisoformat(written)
    except ValueError:
        return False
    if instant.tzinfo is None or instant.timetz().replace(tzinfo=None) == time():
        return instant.date() in days
    return instant.astimezone(zone).date() in days


def matches(each: LineItemObligation, gradebook: Gradebook, zone: tzinfo) -> list[LineItem]:
    """Return the standing line items that are, or claim to be, this assignment in this class."""
    standing = list(gradebook.live_line_items(each.class_))
    if each.title is None:
        return [
            item
            for item in standing
            if item.grading_period == each.grading_period
            and item.maximum == each.maximum
            and day_permitted(item.due_date, each.due_days, zone)
        ]
    return [
        item
        for item in standing
        if item.sourced_id == each.linked
        or (item.title == each.title and day_permitted(item.due_date, each.due_days, zone))
    ]


def missing_titles(each: LineItemObligation, gradebook: Gradebook) -> Counter[str]:
    """Count a class's standing titles: what a message shows when an assignment is not among them."""
    return Counter(item.title for item in gradebook.live_line_items(each.class_))
