"""Reading `assignment[...]`: what a request wants of an assignment, checked as Canvas checks it.

Source: canvas-rest-api.md 6.3. Nothing is changed before everything was found good.
"""

import re
from collections.abc import Sequence
from typing import Any, cast

import msgspec

from homeroom.mocks.canvas import auth, errors, params
from homeroom.mocks.canvas.gradebook import counts
from homeroom.mocks.canvas.gradebook.book import CourseBook
from homeroom.mocks.canvas.gradebook.dates import active_overrides
from homeroom.mocks.canvas.gradebook.grading import GRADING_TYPES
from homeroom.mocks.canvas.gradebook.override_form import DATE_FIELDS
from homeroom.mocks.canvas.gradebook.sis_rules import due_date_required, title_limit
from homeroom.mocks.canvas.shapes.common import administers
from homeroom.mocks.canvas.store import Assignment, AssignmentOverride
from homeroom.mocks.canvas.world import CanvasWorld
from homeroom.mocks.harness.request import VendorError

SUBMISSION_TYPES = frozenset({
    "online_quiz", "none", "on_paper", "discussion_topic", "external_tool", "online_upload",
    "online_text_entry", "online_url", "media_recording", "not_graded", "wiki_page",
    "student_annotation",
})  # fmt: skip
CLOSED_PERIOD = "cannot be changed because this assignment is due in a closed grading period"
MAX_POINTS = 999_999_999
_FROZEN_WHEN_CLOSED = (
    "due_at", "points_possible", "grading_type", "assignment_group_id", "omit_from_final_grade",
    "only_visible_to_overrides",
)  # fmt: skip
_FLAGS = ("omit_from_final_grade", "hide_in_gradebook", "only_visible_to_overrides",
          "moderated_grading", "anonymous_grading", "post_to_sis")  # fmt: skip
_EXTRA_FLAGS = (
    "peer_reviews", "automatic_peer_reviews", "anonymous_peer_reviews",
    "intra_group_peer_reviews", "anonymous_instructor_annotations",
    "graders_anonymous_to_graders", "grader_comments_visible_to_graders",
    "grader_names_visible_to_final_grader", "grade_group_students_individually",
    "important_dates", "suppress_assignment",
)  # fmt: skip
_COUNTS = frozenset({"grader_count", "peer_review_count"})
_EXTRA_NUMBERS = ("group_category_id", "grader_count", "final_grader_id", "peer_review_count")


class Problems:
    """Refusals found so far, by field; all are told at once."""

    def __init__(self) -> None:
        self._found: dict[str, list[dict[str, Any]]] = {}

    def add(self, field: str, message: str, *, kind: str | None = None) -> None:
        """Note one."""
        self._found.setdefault(field, []).append(errors.field_error(field, message, kind=kind))

    def raise_any(self, status: int = 400) -> None:
        """Raise Canvas's refusal if there was any."""
        if self._found:
            raise VendorError(status, {"errors": self._found})


def read_assignment(
    world: CanvasWorld, book: CourseBook, given: dict[str, Any], held: Assignment | None
) -> dict[str, Any]:
    """Read what `assignment[...]` changes, by the names of the record's fields.

    Args:
        world: The Canvas world.
        book: The course's gradebook.
        given: The nested parameters.
        held: The assignment to change, None for a new one.

    Raises:
        VendorError: A refusal in Canvas's words; nothing has changed.
    """
    problems = Problems()
    changes: dict[str, Any] = {}
    _read_text(given, changes, problems, held)
    _read_points(given, changes, problems)
    _read_types(given, changes, problems)
    _read_dates(given, changes, problems)
    _read_group(book, given, changes, problems)
    for name in _FLAGS:
        if name in given:
            changes[name] = bool(params.to_flag(given[name]))
    _read_sis(world, book, given, changes, problems, held)
    _read_rest(given, changes)
    problems.raise_any()
    return changes


def _read_text(
    given: dict[str, Any], changes: dict[str, Any], problems: Problems, held: Assignment | None
) -> None:
    asked = given.get("name", given.get("title"))
    name = params.to_text(asked)
    if name is not None:
        changes["title"] = name
    elif asked is not None or (held is not None and ("name" in given or "title" in given)):
        # A title may be left out, which is Canvas's "Assignment", but not emptied.
        problems.add("title", "can't be blank", kind="blank")
    if "description" in given:
        changes["description"] = params.to_text(given["description"])


def _read_points(given: dict[str, Any], changes: dict[str, Any], problems: Problems) -> None:
    if "points_possible" not in given:
        return
    text = params.to_text(given["points_possible"])
    match = re.match(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,3})?", text or "")
    # Blank becomes nothing at all: zero points.
    points = float(match[0]) if match else 0.0
    if points < 0:
        problems.add(
            "points_possible",
            "The value of possible points for this assignment must be zero or greater.",
        )
    elif points > MAX_POINTS:
        problems.add(
            "points_possible",
            f"The value of possible points for this assignment cannot exceed {MAX_POINTS}.",
        )
    changes["points_possible"] = points


def _read_types(given: dict[str, Any], changes: dict[str, Any], problems: Problems) -> None:
    if "submission_types" in given:
        types = params.to_texts(given["submission_types"]) or ["none"]
        # Types that make sense alone are let through in company too.
        if not SUBMISSION_TYPES.issuperset(types):
            problems.add("assignment[submission_types]", "Invalid submission types")
        changes["submission_types"] = tuple(types)
    grading_type = params.to_text(given.get("grading_type"))
    if grading_type is not None:
        if grading_type not in GRADING_TYPES:
            problems.add("grading_type", "is not included in the list")
        changes["grading_type"] = grading_type
    if "grading_standard_id" in given:
        changes["grading_standard_id"] = params.to_integer(given["grading_standard_id"])
    if "allowed_extensions" in given:
        raw = given["allowed_extensions"]
        listed = raw.split(",") if isinstance(raw, str) else params.to_texts(raw)
        changes["allowed_extensions"] = tuple(e.strip().lstrip(".") for e in listed if e.strip())


def _read_dates(given: dict[str, Any], changes: dict[str, Any], problems: Problems) -> None:
    for name in DATE_FIELDS:
        if name not in given:
            continue
        text = params.to_text(given[name])
        at = params.to_whole_instant(text)
        if text is not None and at is None:
            problems.add(f"assignment[{name}]", f"Invalid datetime for {name}")
        changes[name] = at


def _read_group(
    book: CourseBook, given: dict[str, Any], changes: dict[str, Any], problems: Problems
) -> None:
    text = params.to_text(given.get("assignment_group_id"))
    if text is None:
        return
    if not re.fullmatch(r"\d+", text) or int(text) == 0:
        problems.add("assignment[assignment_group_id]", "must be a positive number")
        return
    for group in book.course.assignment_groups:
        if group.id == int(text) and group.workflow_state != "deleted":
            changes["assignment_group_id"] = group.id


def _read_sis(
    world: CanvasWorld,
    book: CourseBook,
    given: dict[str, Any],
    changes: dict[str, Any],
    problems: Problems,
    held: Assignment | None,
) -> None:
    """Read the columns that the SIS owns; without manage_sis they are dropped silently."""
    if not auth.manages_sis(book.course):
        return
    if "integration_id" in given:
        changes["integration_id"] = params.to_text(given["integration_id"])
    if "integration_data" in given:
        data = given["integration_data"]
        if isinstance(data, str):
            data = _decode(data)
        if data is None or data == "":
            data = {}
        if isinstance(data, dict):
            changes["integration_data"] = cast("dict[str, Any]", data)
        else:
            problems.add("assignment[integration_data]", "JSON is invalid")
    if "sis_assignment_id" in given:
        sis_id = params.to_text(given["sis_assignment_id"])
        changes["sis_source_id"] = sis_id
        if sis_id is not None and any(
            one.sis_source_id == sis_id and one is not held and one.workflow_state != "deleted"
            for one in world.store.assignments
        ):
            problems.add("sis_source_id", f'SIS ID "{sis_id}" is already in use')


def _decode(text: str) -> Any:
    if not text.strip():
        return {}
    try:
        return msgspec.json.decode(text)
    except (msgspec.DecodeError, RecursionError):
        return False  # no object: refused by the caller


def _read_rest(given: dict[str, Any], changes: dict[str, Any]) -> None:
    for name in ("position", "allowed_attempts"):
        wanted = params.to_integer(given.get(name))
        if wanted is not None:
            changes[name] = wanted
    if "quiz_lti" in given and params.to_flag(given["quiz_lti"]):
        changes["is_quiz_lti"] = True
        changes["submission_types"] = ("external_tool",)
    tool = given.get("external_tool_tag_attributes")
    if isinstance(tool, dict):
        changes["external_tool"] = cast("dict[str, Any]", tool)
    extra: dict[str, Any] = {}
    for name in _EXTRA_FLAGS:
        if name in given:
            extra[name] = bool(params.to_flag(given[name]))
    for name in _EXTRA_NUMBERS:
        if name in given:
            number = params.to_integer(given[name])
            extra[name] = number if number is not None or name not in _COUNTS else 0
    if extra:
        changes["extra"] = extra


def check_assignment(
    world: CanvasWorld,
    book: CourseBook,
    changes: dict[str, Any],
    held: Assignment | None,
    overrides: Sequence[AssignmentOverride] | None = None,
) -> None:
    """Check an assignment as it would be after `changes`; raises Canvas's refusal.

    Args:
        world: The Canvas world.
        book: The course's gradebook.
        changes: What `read_assignment` read.
        held: The assignment as it is, None for a new one.
        overrides: Its overrides as they would be; None leaves them as they are.
    """
    problems = Problems()

    def after(name: str, default: Any) -> Any:
        return changes.get(name, default if held is None else getattr(held, name))

    due, unlock, lock = (after(name, None) for name in DATE_FIELDS)
    if due is not None and ((unlock and due < unlock) or (lock and due > lock)):
        problems.add("due_at", "must be between availability dates")
    _check_closed(book, changes, held, problems)
    post_to_sis = after("post_to_sis", False) and _gradeable(
        after("grading_type", "points"), after("submission_types", ("none",))
    )
    limit = title_limit(world, book.course, post_to_sis=post_to_sis)
    if len(after("title", "")) > limit and after("grading_type", "points") != "not_graded":
        problems.add("title", f"The title cannot be longer than {limit} characters")
    if due_date_required(world, book.course, post_to_sis=post_to_sis):
        theirs = (
            list(overrides) if overrides is not None else active_overrides(held) if held else []
        )
        check_due_dates(due, theirs, problems)
    if changes.get("published") is False and held is not None and counts.has_submitted(held):
        problems.add("published", "Can't unpublish if there are student submissions")
    problems.raise_any()


def check_due_dates(
    due_at: Any, overrides: Sequence[AssignmentOverride], problems: Problems
) -> None:
    """Check that everybody has a due date: by the base date, or by overrides that all carry one."""
    lacking = [o for o in overrides if o.due_at is None and o.due_at_overridden]
    if lacking:
        problems.add("due_at", "cannot be blank for any assignees when Post to Sis is checked")
    elif due_at is None and not (overrides and all(o.due_at is not None for o in overrides)):
        problems.add("due_at", "cannot be blank when Post to Sis is checked")


def _check_closed(
    book: CourseBook, changes: dict[str, Any], held: Assignment | None, problems: Problems
) -> None:
    """Keep teachers, though not admins, from changing what a closed grading period holds."""
    if held is None or administers(book.course) or not book.in_closed_period(held):
        return
    for name in _FROZEN_WHEN_CLOSED:
        if name in changes and changes[name] != getattr(held, name):
            problems.add(name, CLOSED_PERIOD)


def _gradeable(grading_type: str, submission_types: Sequence[str]) -> bool:
    return grading_type != "not_graded" and "not_graded" not in submission_types


def apply_assignment(assignment: Assignment, changes: dict[str, Any], *, at: Any) -> None:
    """Put checked changes on an assignment."""
    published = changes.pop("published", None)
    extra = changes.pop("extra", {})
    if changes.get("due_at") is not None:
        # A date for everybody makes the assignment everybody's again.
        changes.setdefault("only_visible_to_overrides", False)
    for name, value in changes.items():
        setattr(assignment, name, value)
    assignment.extra |= extra
    if assignment.anonymous_grading or assignment.moderated_grading:
        assignment.post_manually = True
    if published is not None:
        assignment.workflow_state = "published" if published else "unpublished"
    if not _gradeable(assignment.grading_type, assignment.submission_types):
        assignment.post_to_sis = False
    assignment.updated_at = at
