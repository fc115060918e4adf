"""Compares one class's two gradebooks, cell by cell: what each counts, and why. Pure."""

from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from enum import StrEnum

import msgspec

from homeroom.config import Choices, UnpostedGrades
from homeroom.reference.errors import RecordError
from homeroom.reference.gradebook.book import Bond
from homeroom.reference.gradebook.mapping import EXEMPT, GRADED, Score, due_date
from homeroom.reference.gradebook.snapshot import Assignment, Seat, Submission
from homeroom.reference.oneroster.records import LineItem, Result
from homeroom.reference.workflows.reconciliation.averages import Mark
from homeroom.reference.workflows.reconciliation.books import CanvasBook, SisBook, Work

SIS_ONLY = -1
"""The group of a mark whose line item no assignment stands behind."""


class Standing(StrEnum):
    """How a student's two cells for one piece of work stand to each other."""

    AGREES = "agrees"
    BY_RULE = "differs by rule"
    """Documented behaviour: what the sync does not carry, or the SIS does not know."""
    DIFFERS = "differs"
    """Something that a sync, a teacher or an office has to settle."""


class Cell(msgspec.Struct, frozen=True, kw_only=True):
    """One student's grade in one piece of work, on both sides; points, None where there is none."""

    student: str
    title: str
    assignment: int | None
    line_item: str | None
    canvas: Decimal | None
    sis: Decimal | None
    standing: Standing
    reason: str = ""
    counted_in_canvas: Mark | None = None
    counted_in_sis: Mark | None = None


class Column(msgspec.Struct, frozen=True, kw_only=True):
    """One piece of work in a class: an assignment, a line item, or both, bound to each other."""

    work: Work | None = None
    item: LineItem | None = None
    bond: Bond | None = None
    not_offered: str = ""
    """Why Canvas's assignment is not one for the SIS; blank where it is."""

    @property
    def key(self) -> str:
        """What marks of this column are named by, on both sides."""
        return str(self.work.id) if self.work else f"line item {self.item and self.item.sourced_id}"

    @property
    def scale(self) -> Decimal:
        """Line item points for each point in Canvas."""
        points = self.work.points_possible if self.work else None
        maximum = self.item.result_value_max if self.item else None
        return maximum / points if points and maximum else Decimal(1)


def columns(
    canvas: CanvasBook, sis: SisBook, class_id: str, bonds: Mapping[str, Bond], title_limit: int
) -> Iterator[Column]:
    """Yield a class's columns: Canvas's assignments first, then what only the SIS has.

    Args:
        canvas: The course.
        sis: The class.
        class_id: The class's sourcedId.
        bonds: The course's stored bonds; those of course grades are no columns.
        title_limit: The longest name the SIS takes.
    """
    bound = {bond.line_item: key for key, bond in bonds.items()}
    for work in canvas.works.values():
        bond = bonds.get(f"{canvas.course}/{work.id}/{class_id}")
        item = sis.line_items.get(bond.line_item) if bond else None
        why = _not_offered(work, canvas.offered.get(work.id), class_id, title_limit)
        if item is not None or (work.graded and why is not None):
            yield Column(work=work, item=item, bond=bond, not_offered=why or "")
    shown = {f"{canvas.course}/{work}/{class_id}" for work in canvas.works}
    for item in sis.line_items.values():
        key = bound.get(item.sourced_id)
        if key is None or not (key in shown or key.startswith("course grade/")):
            yield Column(item=item, bond=bonds.get(key) if key else None)


def _not_offered(
    work: Work, offered: Assignment | None, class_id: str, title_limit: int
) -> str | None:
    """Say why an assignment is not for the SIS; blank where it is; None: not for this class."""
    if not work.published:
        return "the assignment is not published"
    if not work.post_to_sis:
        return "Sync to SIS is off for the assignment"
    if offered is None:
        return "Canvas offers the assignment to no SIS"
    section = next((each for each in offered.sections if each.sis_id == class_id), None)
    if section is None:
        return None
    try:
        due_date(offered, section, title_limit)
    except RecordError as error:
        return f"the assignment {error.reason}"
    return ""


def compare(
    seat: Seat, student: str, column: Column, canvas: CanvasBook, sis: SisBook, choices: Choices
) -> Cell | None:
    """Compare a student's cells in a column; None where neither side has a grade.

    Args:
        seat: The student's place in the class's section.
        student: The student's sourcedId.
        column: The piece of work.
        canvas: The course.
        sis: The class.
        choices: Whether hidden grades are sent.
    """
    work, item = column.work, column.item
    submission = canvas.submissions.get((work.id, seat.user_id)) if work else None
    result = sis.results.get((item.sourced_id, student)) if item else None
    score = _score(submission)
    excused = bool(submission and submission.excused)
    held = result.score if result and result.score_status != EXEMPT else None
    if score is None and held is None and not excused and not (submission and submission.grade):
        return None
    hidden = submission is not None and submission.posted_at is None
    in_canvas = in_sis = None
    if work and score is not None and not hidden and not work.omit_from_final_grade:
        in_canvas = _mark(column, score, work.points_possible)
    if item and held is not None:
        points = item.result_value_max
        in_sis = _mark(column, held, work.points_possible if work and points is None else points)
    standing, reason = _judge(seat, student, column, submission, result, choices)
    if standing is Standing.AGREES and in_canvas != in_sis:
        standing, reason = Standing.BY_RULE, _unlike(column, hidden=hidden)
    return Cell(
        student=student,
        title=work.name if work else item.title if item else "",
        assignment=work.id if work else None,
        line_item=item.sourced_id if item else None,
        canvas=score,
        sis=held,
        standing=standing,
        reason=reason,
        counted_in_canvas=in_canvas,
        counted_in_sis=in_sis,
    )


def _mark(column: Column, points: Decimal, possible: Decimal | None) -> Mark:
    group = column.work.assignment_group_id if column.work else SIS_ONLY
    return Mark(column.key, group, points, possible or Decimal(0))


def _unlike(column: Column, *, hidden: bool) -> str:
    """Say why equal grades do not count alike."""
    if hidden:
        return "hidden from students in Canvas, counted in the SIS"
    if column.work and column.work.omit_from_final_grade:
        return "left out of the course grade in Canvas, counted in the SIS"
    return "worth another number of points in the SIS"


def _judge(
    seat: Seat,
    student: str,
    column: Column,
    submission: Submission | None,
    result: Result | None,
    choices: Choices,
) -> tuple[Standing, str]:
    by_rule, differs = Standing.BY_RULE, Standing.DIFFERS
    if column.work is None:
        lost = "its assignment is gone from Canvas; a sync takes nothing back"
        return by_rule, lost if column.bond else "entered in the SIS gradebook alone"
    wanted = _wanted(submission, column.scale)
    if wanted is None:
        if submission is not None and submission.grade and result is None:
            return by_rule, "the grade is no number, or not wholly graded yet"
        if result is None or result.score is None:
            return Standing.AGREES, ""
        return differs, "no longer graded in Canvas; a remaster takes it back"
    if result is None:
        return _unsent(seat, column, submission, choices)
    found = Score(result.score or Decimal(0), result.score_status or "")
    sent = column.bond.results.get(student) if column.bond else None
    if found.marker == wanted.marker or (
        wanted.status == found.status == EXEMPT or _alike(wanted, found)
    ):
        return Standing.AGREES, ""
    if column.not_offered:
        return by_rule, f"changed in Canvas, no longer passed back: {column.not_offered}"
    if wanted.status == EXEMPT:
        return differs, "excused in Canvas, counted in the SIS"
    if sent is not None and sent[1].startswith(wanted.marker):  # a late mark may follow
        return differs, "changed in the SIS since it was sent; a remaster overwrites it"
    return differs, "changed in Canvas since it was sent; the next sync sends it"


def _alike(wanted: Score, found: Score) -> bool:
    # Whoever wrote it may call a whole grade otherwise; only what counts is compared.
    return found.status not in {EXEMPT, GRADED} and wanted.points == found.points


def _wanted(submission: Submission | None, scale: Decimal) -> Score | None:
    if submission is None:
        return None
    if submission.excused:
        return Score(Decimal(0), EXEMPT)
    score = _score(submission)
    return None if score is None else Score(score * scale, GRADED)


def _score(submission: Submission | None) -> Decimal | None:
    """Give the score that stands: graded whole, and not excused."""
    if submission is None or submission.excused or submission.workflow_state == "pending_review":
        return None
    return submission.score


def _unsent(
    seat: Seat, column: Column, submission: Submission | None, choices: Choices
) -> tuple[Standing, str]:
    """Say why a grade of Canvas's is not in the SIS."""
    hidden = submission is not None and submission.posted_at is None
    rules = {
        column.not_offered: bool(column.not_offered),
        "the SIS did not put this student in the class": not seat.sis_import_id,
        "hidden from students": hidden and choices.unposted_grades is UnpostedGrades.HELD,
        "excused before anything was sent": bool(submission and submission.excused)
        and column.item is None,
    }
    for reason, holds in rules.items():
        if holds:
            return Standing.BY_RULE, reason
    if column.item is None and column.bond is not None:
        return Standing.DIFFERS, "its line item was deleted in the SIS; a remaster makes it again"
    return Standing.DIFFERS, "not in the SIS yet; the next sync sends it"


def cells_of(
    seats: Iterable[tuple[Seat, str]],
    shown: Iterable[Column],
    canvas: CanvasBook,
    sis: SisBook,
    choices: Choices,
) -> dict[str, list[Cell]]:
    """Compare a class, by student."""
    pieces = list(shown)
    return {
        student: [
            cell
            for column in pieces
            if (cell := compare(seat, student, column, canvas, sis, choices)) is not None
        ]
        for seat, student in seats
    }
