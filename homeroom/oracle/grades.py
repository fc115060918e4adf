"""What the SIS gradebook must hold after a grade sync.

A line item belongs to one class, so one Canvas assignment in a course of three sections is three
line items. Titles and due dates pair them only until the first sync; from then on the pair is
remembered, however the teacher renames or moves the assignment.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, tzinfo

from homeroom.config import Choices, UnpostedGrades
from homeroom.oracle.canvas import (
    Assignment,
    CanvasWorld,
    Enrollment,
    EnrollmentType,
    Section,
    Submission,
)
from homeroom.oracle.course_grades import course_grades
from homeroom.oracle.feed import LineItem, Role
from homeroom.oracle.grade_obligations import (
    EXEMPT,
    GRADED,
    GradebookObligations,
    LineItemObligation,
    Presence,
    ResultObligation,
    Sync,
    due_permitted,
    matches,
)
from homeroom.oracle.obligations import NEW_YORK
from homeroom.oracle.people import user_sis_id
from homeroom.oracle.places import listed_sessions

NUMERIC = frozenset({"points", "percent"})
LONGEST_TITLE = 255


def expected_gradebook(
    syncs: Sequence[Sync], choices: Choices, *, zone: tzinfo = NEW_YORK
) -> GradebookObligations:
    """Compute what the gradebook must hold after the last of some syncs.

    Args:
        syncs: Oldest first; earlier ones with `after`, from which the pairs they made are learnt.
        choices: What the subject declared.
        zone: The district's time zone: due dates of the SIS are days in it.
    """
    learnt = _Learnt()
    for sync in syncs[:-1]:
        if sync.after is None:
            continue
        learnt.looked_at(sync.canvas)
        for each in _line_items(sync, choices, zone, learnt):
            found = matches(each, sync.after, zone)
            if each.assignment is not None and len(found) == 1:
                group = sync.canvas.assignments[each.assignment].group_id
                learnt.links[each.assignment, each.class_] = found[0].sourced_id
                learnt.filed[group, each.class_] = found[0].category
    last = syncs[-1]
    items = (*_line_items(last, choices, zone, learnt), *course_grades(last, choices, zone))
    return GradebookObligations(items, last.before, zone)


@dataclass(frozen=True)
class _Learnt:
    """What earlier syncs paired in each class: line items by assignment, categories by group."""

    links: dict[tuple[int, str], str] = field(default_factory=dict)
    filed: dict[tuple[int | None, str], str | None] = field(default_factory=dict)
    graded: dict[tuple[int, int], Submission] = field(default_factory=dict)
    """Of each pupil and assignment the grade, as it was at the sync before."""
    seats: set[tuple[int, int]] = field(default_factory=set)
    """Who has ever been in which section, by user and section."""

    def looked_at(self, canvas: CanvasWorld) -> None:
        """Take in what Canvas held at one sync."""
        self.graded.update({(each.user, each.assignment): each for each in canvas.submissions})
        self.seats.update((seat.user, seat.section) for seat in canvas.enrollments.values())


def _line_items(
    sync: Sync, choices: Choices, zone: tzinfo, learnt: _Learnt
) -> Iterator[LineItemObligation]:
    for assignment in sync.canvas.assignments.values():
        for section in sync.canvas.sections.values():
            if section.course != assignment.course or not section.sis_id:
                continue
            yield _Pairing(sync, choices, zone, learnt, assignment, section).obligation()


@dataclass(frozen=True)
class _Pairing:
    """One assignment and one SIS section of its course."""

    sync: Sync
    choices: Choices
    zone: tzinfo
    learnt: _Learnt
    assignment: Assignment
    section: Section

    @property
    def class_(self) -> str:
        return self.section.sis_id or ""

    def obligation(self) -> LineItemObligation:
        assignment, class_ = self.assignment, self.class_
        presence, why = self._presence()
        due_at = self._due_at()
        linked = self.learnt.links.get((assignment.id, class_))
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
            categories=self._named() | self._tied() or self._kept(),
            may_rest=presence is Presence.PERMITTED and not self._named(),
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
            "no SIS category has its group's name": not (
                self._named() or self._tied() or self._kept()
            ),
        }
        for why, holds in refusals.items():
            if holds:
                return Presence.FORBIDDEN, why
        doubts = {
            "it has dates for single students": any(
                override.section is None for override in assignment.overrides
            ),
            "another section of it has no due date": self._someone_has_no_due_date(),
            "it is due outside of the class's terms": self._due_outside(),
            "no SIS category has its group's name any more, or but by id": not self._named(),
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

    def _due_outside(self) -> bool:
        """Tell whether Focus may have nowhere to file it, and refuse it."""
        class_, due_at = self.sync.feed.live_class(self.class_), self._due_at()
        if class_ is None or due_at is None:
            return False
        day = due_at.astimezone(self.zone).date()
        # Focus files by the class's own sessions, whichever of them the subject made a term.
        listed = listed_sessions(self.sync.feed, class_)
        starts = [each.start_date for each in listed if each.start_date]
        ends = [each.end_date for each in listed if each.end_date]
        return bool(starts and ends) and not min(starts) <= day <= max(ends)

    def _tied(self) -> frozenset[str]:
        """Return the SIS category that the group is tied to by id, if this class may use it."""
        tied = self.sync.feed.categories.get(self.assignment.group_sis_id or "")
        usable = tied is not None and tied.live and tied.class_ in {None, self.class_}
        return frozenset({tied.sourced_id}) if tied is not None and usable else frozenset()

    def _kept(self) -> frozenset[str]:
        """Return the category that work of the group stands under: a renamed group may keep it."""
        filed = self.learnt.filed.get((self.assignment.group_id, self.class_))
        twins = [item.category for item in self._twins(self._due_at())]
        kept = filed or (twins[0] if len(twins) == 1 else None)
        return frozenset({kept}) if kept else frozenset()

    def _named(self) -> frozenset[str]:
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
        known = set(self.learnt.links.values())
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

    def _rostered(self, student: str) -> bool:
        rows = self.sync.feed.rows_of_class(self.class_)
        return any(row.user == student and row.role == Role.STUDENT for row in rows)

    def _result(
        self, student: str, seat: Enrollment, submission: Submission | None, linked: str | None
    ) -> ResultObligation:
        held = self.sync.before.live_results(linked, student) if linked else []
        # Of the SIS's pupils whom a person has put in this class Canvas's own export says nothing;
        # a service that reads seats otherwise cannot tell.
        left = seat.state != "active" or not self._rostered(student)
        # What was graded before a pupil came into the class has not changed since: only changes
        # travel, and a remaster brings the rest.
        came_later = (seat.user, self.section.id) not in self.learnt.seats and bool(
            self.learnt.seats
        )
        old = self.learnt.graded.get((seat.user, self.assignment.id))
        carried = came_later and not self.sync.remaster and old == submission
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
            presence=Presence.PERMITTED if left or carried else Presence.REQUIRED,
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
