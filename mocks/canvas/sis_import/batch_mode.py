"""Batch mode: after the rows, what the import did not mention is removed from its terms."""

from collections.abc import Awaitable, Callable, Collection

from homeroom.mocks.canvas.sis_import.batches import SisBatch
from homeroom.mocks.canvas.sis_import.context import ImportContext
from homeroom.mocks.canvas.sis_import.removal import (
    delete_course,
    delete_section,
    set_enrollment_state,
)
from homeroom.mocks.canvas.store import CanvasStore, Course, Enrollment, Section

Breathe = Callable[[], Awaitable[None]]
TERMS_MISSING = "Terms not found. Terms must be included with multi_term_batch_mode"

CLEANED = frozenset({"course", "section", "enrollment"})
"""The types of which batch mode removes what was not mentioned."""


class AbortedByThresholdError(Exception):
    """Too much would be removed, or no term was named: the import ends aborted."""


def terms_of(batch: SisBatch) -> set[int]:
    """Return the ids of the terms to clean up; raises AbortedByThresholdError."""
    if batch.multi_term_batch_mode:
        if not batch.term_ids:
            raise AbortedByThresholdError(TERMS_MISSING)
        return set(batch.term_ids)
    return {batch.batch_mode_term_id} if batch.batch_mode_term_id is not None else set()


async def clean_up(context: ImportContext, supplied: Collection[str], breathe: Breathe) -> None:
    """Remove what was not mentioned, of the types supplied; thresholds are looked at first."""
    batch = context.batch
    terms = terms_of(batch)
    if not terms:
        return
    drop = batch.batch_mode_enrollment_drop_status or "deleted"
    enrollments: list[Enrollment] = []
    sections: list[Section] = []
    courses: list[Course] = []
    if "course" in supplied:
        courses = _courses(context, terms)
    if "section" in supplied:
        sections = _sections(context, terms)
    if "enrollment" in supplied:
        enrollments = await _enrollments(context, terms, drop, breathe)
    if drop == "deleted_last_completed" and enrollments:
        raise NotImplementedError("deleted_last_completed")
    for at, enrollment in enumerate(enrollments):
        if not at % 256:
            await breathe()
        set_enrollment_state(context, enrollment, drop, by_batch_mode=True)
    for section in sections:
        await breathe()
        delete_section(context, section, by_batch_mode=True)
    for course in courses:
        await breathe()
        delete_course(context, course, by_batch_mode=True)
        course.stuck = course.stuck - {"workflow_state"}
    for kind, removed in (
        ("course", courses), ("section", sections), ("enrollment", enrollments)
    ):  # fmt: skip
        if kind in supplied:
            context.counts[f"batch_{kind}s_deleted"] = len(removed)


def _check_threshold(batch: SisBatch, what: str, removed: int, everything: int) -> None:
    threshold = batch.change_threshold
    if threshold is not None and everything and removed / everything * 100 > threshold:
        raise AbortedByThresholdError(
            f"{removed} {what} would be deleted and exceeds the set threshold of {threshold}%"
        )


def _courses(context: ImportContext, terms: set[int]) -> list[Course]:
    everything = [
        course
        for course in context.store.courses
        if course.enrollment_term_id in terms and _is_candidate(course)
    ]
    removed = [one for one in everything if one.sis_batch_id != context.batch.id]
    _check_threshold(context.batch, "courses", len(removed), len(everything))
    return removed


def _sections(context: ImportContext, terms: set[int]) -> list[Section]:
    store = context.store
    everything = [
        section
        for section in store.sections
        if _is_candidate(section)
        and _term_of(store, section.nonxlist_course_id or section.course_id) in terms
    ]
    removed = [one for one in everything if one.sis_batch_id != context.batch.id]
    _check_threshold(context.batch, "sections", len(removed), len(everything))
    return removed


async def _enrollments(
    context: ImportContext, terms: set[int], drop: str, breathe: Breathe
) -> list[Enrollment]:
    store, batch_id = context.store, context.batch.id
    everything = 0
    removed: list[Enrollment] = []
    for at, enrollment in enumerate(store.enrollments):
        if not at % 4096:
            await breathe()
        if (
            enrollment.sis_batch_id is None
            or enrollment.workflow_state in ("deleted", drop)
            or _term_of(store, enrollment.course_id) not in terms
        ):
            continue
        everything += 1
        if enrollment.sis_batch_id != batch_id:
            removed.append(enrollment)
    _check_threshold(context.batch, "enrollments", len(removed), everything)
    return removed


def _is_candidate(row: Course | Section) -> bool:
    return (
        row.workflow_state != "deleted"
        and row.sis_batch_id is not None
        and row.sis_source_id is not None
    )


def _term_of(store: CanvasStore, course_id: int) -> int:
    return store.courses.rows[course_id - 1].enrollment_term_id
