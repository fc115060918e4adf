"""Course grades: one line item per class and grading period, out of 100."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import timedelta, tzinfo
from decimal import Decimal

from homeroom.config import Choices, CourseGrade, UnpostedGrades
from homeroom.oracle.canvas import Enrollment, GradingPeriod
from homeroom.oracle.feed import AcademicSession, Feed
from homeroom.oracle.grade_obligations import (
    GRADED,
    LineItemObligation,
    Presence,
    ResultObligation,
    Sync,
    matches,
)
from homeroom.oracle.people import user_sis_id


def course_grades(sync: Sync, choices: Choices, zone: tzinfo) -> Iterator[LineItemObligation]:
    """Yield the course grades that a sync must pass back; none where they are declared off."""
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
            grade = LineItemObligation(
                class_=class_.sourced_id,
                title=None,
                presence=Presence.PERMITTED,
                why="the grading period has grades",
                grading_period=session.sourced_id,
                others=frozenset(
                    each.name
                    for each in sync.canvas.assignments.values()
                    if each.course == section.course
                ),
                due_days=frozenset({session.end_date, session.end_date - timedelta(days=1)}),
                maximum=Decimal(100),
            )
            standing = [item.sourced_id for item in matches(grade, sync.before, zone)]
            results = tuple(
                _course_result(sync, people[user.sis_id or ""], score, seat, choices, standing)
                for score in period.scores
                for seat in [sync.canvas.enrollments.get(score.id)]
                for user in [sync.canvas.users.get(score.user)]
                if seat and user and seat.section == section.id and (user.sis_id or "") in people
            )
            wanted = begun and any(each.presence is Presence.REQUIRED for each in results)
            presence = Presence.REQUIRED if wanted else Presence.PERMITTED
            yield replace(grade, presence=presence, results=results)


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
    sync: Sync,
    student: str,
    score: Enrollment,
    seat: Enrollment,
    choices: Choices,
    standing: Sequence[str],
) -> ResultObligation:
    value = course_score(score, choices)
    if value is None:
        held = [one for item in standing for one in sync.before.live_results(item, student)]
        # As with an assignment's: an ordinary sync may let it stand, a remaster takes it back.
        stays = held and not sync.remaster
        return ResultObligation(
            student=student,
            presence=Presence.PERMITTED if stays else Presence.FORBIDDEN,
            score=held[0].score if held else None,
            status=held[0].score_status if held else GRADED,
            why="there is no course grade",
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
