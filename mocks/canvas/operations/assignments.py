"""Assignments: reading, creating, changing, deleting."""

from collections.abc import Callable
from typing import Any

from homeroom.mocks.canvas import auth, errors, ids, params
from homeroom.mocks.canvas.gradebook import making, sis_rules
from homeroom.mocks.canvas.gradebook.assignment_form import (
    apply_assignment,
    check_assignment,
    read_assignment,
)
from homeroom.mocks.canvas.gradebook.book import CourseBook, expects_submission
from homeroom.mocks.canvas.gradebook.counts import needs_grading_count
from homeroom.mocks.canvas.gradebook.override_form import read_overrides, replace_overrides
from homeroom.mocks.canvas.pagination import paged
from homeroom.mocks.canvas.shapes.assignment import assignment_json
from homeroom.mocks.canvas.shapes.common import Sight, sight
from homeroom.mocks.canvas.shapes.submission import submission_json
from homeroom.mocks.canvas.shapes.topic import topic_json
from homeroom.mocks.canvas.store import Assignment, Course
from homeroom.mocks.canvas.world import CanvasWorld, current_world
from homeroom.mocks.harness.request import Answer

BUCKETS = ("past", "overdue", "undated", "ungraded", "unsubmitted", "upcoming", "future")


def open_course(course_id: str) -> tuple[CanvasWorld, Course, Sight, CourseBook]:
    """Return the course of an id with what the caller sees in it; raises 404 or the refusal."""
    world = current_world()
    world.close_periods()
    course = ids.get_course(course_id)
    auth.require(
        "read_course_content", "view_all_grades", "manage_grades", "manage_assignments",
        context=course,
    )  # fmt: skip
    sees = sight(course)
    works_here = sees.admin or sees.manages or sees.all_grades
    if course.workflow_state in ("created", "claimed") and not works_here:
        raise auth.not_permitted()  # students come in once the course is published
    return world, course, sees, CourseBook(world.store, course, world.now())


def require_manager(course: Course) -> None:
    """Let through who may build the course."""
    auth.require("manage_assignments", context=course)


def visible(book: CourseBook, assignment: Assignment, sees: Sight) -> bool:
    """Whether the caller sees an assignment: students only what is published and theirs."""
    if assignment.workflow_state == "deleted":
        return False
    if sees.admin or sees.manages or sees.all_grades:
        return True
    if assignment.workflow_state != "published":
        return False
    return book.dates(assignment, sees.user_id or 0).assigned


def show(
    world: CanvasWorld, book: CourseBook, assignment: Assignment, sees: Sight
) -> dict[str, Any]:
    """Write an assignment as the request's parameters ask for it."""
    include = set(params.texts("include"))
    if params.flag("needs_grading_count_by_section"):
        include.add("needs_grading_count_by_section")
    if params.flag("all_dates"):
        include.add("all_dates")
    shown = assignment_json(
        world,
        book,
        assignment,
        sees,
        include=include,
        override_dates=params.flag("override_assignment_dates", default=True),
    )
    if assignment.discussion_topic_id is not None:
        topic = world.store.discussion_topics.get(assignment.discussion_topic_id)
        shown["discussion_topic"] = topic_json(world, book, topic, sees, with_assignment=False)
    if "submission" in include and sees.user_id is not None and book.seats(sees.user_id):
        submission = book.find_submission(assignment, sees.user_id)
        if submission is not None:
            shown["submission"] = submission_json(world, book, assignment, submission, sees)
    return shown


# -- lists ----------------------------------------------------------------------------------------


async def list_assignments(course_id: str) -> Answer:
    """Answer listAssignments."""
    world, _, sees, book = open_course(course_id)
    return _list(world, book, sees, list(book.assignments()))


async def list_assignments_of_group(course_id: str, assignment_group_id: str) -> Answer:
    """Answer listAssignmentsOfGroup."""
    world, course, sees, book = open_course(course_id)
    group = ids.get_by_number(world.store.assignment_groups, assignment_group_id)
    if group.course_id != course.id or group.workflow_state == "deleted":
        raise errors.not_found()
    mine = [one for one in book.assignments() if one.assignment_group_id == group.id]
    return _list(world, book, sees, mine)


async def list_assignments_for_user(user_id: str, course_id: str) -> Answer:
    """Answer listAssignmentsForUser: what is assigned to a person."""
    world, _, sees, book = open_course(course_id)
    user = ids.get_user(user_id)
    if user.id != sees.user_id and not sees.all_grades:
        raise auth.not_permitted()
    mine = [
        one
        for one in book.assignments()
        if one.workflow_state == "published" and book.dates(one, user.id).assigned
    ]
    return _list(world, book, sees, mine)


def _list(
    world: CanvasWorld, book: CourseBook, sees: Sight, assignments: list[Assignment]
) -> Answer:
    found = [one for one in assignments if visible(book, one, sees)]
    asked = params.texts("assignment_ids")
    if asked:
        found = _named(found, asked)
    wanted = (params.text("search_term") or "").lower()
    if wanted:
        found = [one for one in found if wanted in one.title.lower()]
    flagged = params.to_flag(params.params().get("post_to_sis"))
    if flagged is not None:
        found = [one for one in found if one.post_to_sis is flagged]
    bucket = params.text("bucket")
    if bucket is not None:
        test = _bucket(book, sees, bucket)
        found = [one for one in found if test(one)]
    match params.text("order_by"):
        case "name":
            found.sort(key=lambda one: (one.title.casefold(), one.id))
        case "due_at":
            found.sort(key=lambda one: (one.due_at is None, one.due_at or book.now, one.id))
        case _:
            pass
    return paged(found, lambda one: show(world, book, one, sees))


def _named(found: list[Assignment], asked: list[str]) -> list[Assignment]:
    limit: int = current_world().settings["per_page_max"]
    if len(asked) > limit:
        # Canvas's own two blanks.
        raise errors.bad_message(f"Request contains too many assignment_ids.  Limit {limit}")
    by_id = {str(one.id): one for one in found}
    unknown = [one for one in asked if one not in by_id]
    if unknown:
        raise errors.bad_message(f"Invalid assignment_ids: {','.join(unknown)}")
    return [one for one in found if str(one.id) in asked]


def _bucket(book: CourseBook, sees: Sight, bucket: str) -> Callable[[Assignment], bool]:
    def due(one: Assignment) -> Any:
        return book.dates(one, sees.user_id or 0).due_at

    def unsubmitted(one: Assignment) -> bool:
        held = one.submissions.get(sees.user_id or 0)
        return expects_submission(one) and (held is None or held.submitted_at is None)

    match bucket:
        case "past":
            return lambda one: (at := due(one)) is not None and at < book.now
        case "overdue":
            return lambda one: (at := due(one)) is not None and at < book.now and unsubmitted(one)
        case "undated":
            return lambda one: due(one) is None
        case "ungraded":
            return lambda one: needs_grading_count(book, one) > 0
        case "unsubmitted":
            return unsubmitted
        case "upcoming" | "future":
            return lambda one: (at := due(one)) is not None and at >= book.now
        case _:
            known = ", ".join(BUCKETS)
            raise errors.invalid_fields(
                {"bucket": f"bucket name must be one of the following: {known}"}
            )


# -- one ------------------------------------------------------------------------------------------


def find_visible(assignment_id: str, course: Course, book: CourseBook, sees: Sight) -> Assignment:
    """Return an assignment that the caller may see; raises Canvas's 404 and refusal."""
    assignment = ids.get_assignment(assignment_id, course)
    if not visible(book, assignment, sees):
        raise auth.not_permitted()
    return assignment


async def get_assignment(course_id: str, id_: str) -> Answer:
    """Answer getAssignment."""
    world, course, sees, book = open_course(course_id)
    return show(world, book, find_visible(id_, course, book, sees), sees)


async def create_assignment(course_id: str) -> Answer:
    """Answer createAssignment: 201, and unpublished unless `published` is true."""
    world, course, sees, book = open_course(course_id)
    require_manager(course)
    given = params.required_group("assignment")
    changes = read_assignment(world, book, given, None)
    changes.setdefault("post_to_sis", sis_rules.default_post_to_sis(world, course))
    changes["published"] = bool(params.to_flag(given.get("published")))
    now = world.now()
    draft = Assignment(
        id=0, course_id=course.id, title="", assignment_group_id=0, created_at=now, updated_at=now
    )
    overrides = read_overrides(world, book, draft, given.get("assignment_overrides"))
    check_assignment(world, book, changes, None, overrides)
    assignment = making.add_assignment(world, course, changes)
    for override in overrides:
        override.assignment_id = assignment.id
    replace_overrides(world, assignment, overrides)
    making.add_kind(world, course, assignment)
    return show(world, book, assignment, sees), 201


async def update_assignment(course_id: str, id_: str) -> Answer:
    """Answer updateAssignment."""
    world, course, sees, book = open_course(course_id)
    require_manager(course)
    assignment = ids.get_assignment(id_, course)
    given = params.required_group("assignment")
    changes = read_assignment(world, book, given, assignment)
    published = params.to_flag(given.get("published"))
    if published is not None and published != (assignment.workflow_state == "published"):
        changes["published"] = published
    overrides = None
    if "assignment_overrides" in given:
        overrides = read_overrides(world, book, assignment, given["assignment_overrides"])
    check_assignment(world, book, changes, assignment, overrides)
    apply_assignment(assignment, changes, at=world.now())
    if overrides is not None:
        replace_overrides(world, assignment, overrides)
    making.add_kind(world, course, assignment)
    making.follow_assignment(world, assignment)
    return show(world, CourseBook(world.store, course, world.now()), assignment, sees)


async def delete_assignment(course_id: str, id_: str) -> Answer:
    """Answer deleteAssignment."""
    world, course, sees, book = open_course(course_id)
    require_manager(course)
    assignment = ids.get_assignment(id_, course)
    if not sees.admin and book.in_closed_period(assignment):
        raise auth.not_permitted()
    making.delete_assignment(world, assignment)
    return show(world, book, assignment, sees)
