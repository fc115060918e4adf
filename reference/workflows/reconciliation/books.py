"""Reads a Canvas course's gradebook and its classes' gradebooks in the SIS; writes nothing."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import msgspec

from homeroom.reference.canvas.client import CanvasClient
from homeroom.reference.gradebook.snapshot import Assignment, Seat, Snapshot, Submission
from homeroom.reference.oneroster.client import OneRosterClient
from homeroom.reference.oneroster.records import LineItem, Result, ref_id
from homeroom.reference.workflows.reconciliation.averages import Group


class Work(msgspec.Struct, kw_only=True):
    """Any assignment of a course, whether marked for the SIS or not."""

    id: int
    name: str
    assignment_group_id: int
    points_possible: Decimal | None = None
    grading_type: str = "points"
    published: bool = True
    post_to_sis: bool | None = None
    omit_from_final_grade: bool = False

    @property
    def graded(self) -> bool:
        """Whether it can have a grade at all."""
        return self.published and self.grading_type != "not_graded"


class CanvasBook(msgspec.Struct, kw_only=True):
    """One course."""

    course: int
    name: str
    weighted: bool
    """Whether assignment groups are weighted."""
    periods_weighted: bool
    groups: dict[int, Group]
    works: dict[int, Work]
    offered: dict[int, Assignment]
    """What Canvas gives to a SIS, with sections, by assignment id."""
    seats: list[Seat]
    submissions: dict[tuple[int, int], Submission]
    """By assignment and student, both Canvas ids."""


class SisBook(msgspec.Struct, kw_only=True):
    """One class."""

    line_items: dict[str, LineItem]
    results: dict[tuple[str, str], Result]
    """By line item and student."""


def read_canvas_book(canvas: CanvasClient, course: Mapping[str, Any]) -> CanvasBook:
    """Read a course's whole gradebook.

    Args:
        canvas: The root account.
        course: The course as Canvas shows it.
    """
    place, snapshot = f"api/v1/courses/{course['id']}", Snapshot(canvas)
    works = msgspec.convert(list(canvas.iter_all(f"{place}/assignments")), list[Work], strict=False)
    periods = canvas.iter_all(f"{place}/grading_periods", key="grading_periods")
    submissions: dict[tuple[int, int], Submission] = {}
    params = [("student_ids[]", "all"), ("grouped", "true")]
    for student in canvas.iter_all(f"{place}/students/submissions", params):
        for one in msgspec.convert(student["submissions"], list[Submission], strict=False):
            submissions[one.assignment_id, one.user_id] = one
    return CanvasBook(
        course=course["id"],
        name=str(course.get("name") or ""),
        weighted=bool(course.get("apply_assignment_group_weights")),
        periods_weighted=any(period.get("weight") for period in periods),
        groups={row["id"]: _group(row) for row in canvas.iter_all(f"{place}/assignment_groups")},
        works={work.id: work for work in works},
        offered={each.id: each for each in snapshot.iter_assignments([str(course["id"])])},
        seats=snapshot.get_seats(course["id"]),
        submissions=submissions,
    )


def read_sis_book(client: OneRosterClient, class_id: str) -> SisBook:
    """Read what the SIS gradebook has of a class, the deleted left out."""
    items = {each.sourced_id: each for each in client.get_line_items(class_id) if each.live}
    results = (each for each in client.get_results(class_id) if each.live)
    kept = {(ref_id(each.line_item) or "", ref_id(each.student) or ""): each for each in results}
    return SisBook(line_items=items, results=kept)


def _group(row: Mapping[str, Any]) -> Group:
    rules: Mapping[str, Any] = row.get("rules") or {}
    return Group(
        name=str(row.get("name") or ""),
        weight=Decimal(str(row.get("group_weight") or 0)),
        drop_lowest=int(rules.get("drop_lowest") or 0),
        drop_highest=int(rules.get("drop_highest") or 0),
        never_drop=frozenset(map(str, rules.get("never_drop") or ())),
    )
