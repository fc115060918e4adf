"""Discussions: a graded one has an assignment, given as `assignment[...]`."""

from typing import Any

from homeroom.mocks.canvas import auth, errors, params
from homeroom.mocks.canvas.gradebook import making, sis_rules
from homeroom.mocks.canvas.gradebook.assignment_form import (
    apply_assignment,
    check_assignment,
    read_assignment,
)
from homeroom.mocks.canvas.gradebook.book import CourseBook
from homeroom.mocks.canvas.operations.assignments import open_course, require_manager
from homeroom.mocks.canvas.pagination import paged
from homeroom.mocks.canvas.shapes.common import when
from homeroom.mocks.canvas.shapes.topic import topic_json
from homeroom.mocks.canvas.store import Assignment, Course, DiscussionTopic
from homeroom.mocks.canvas.world import CanvasWorld
from homeroom.mocks.harness.request import Answer

_FLAGS = ("require_initial_post", "allow_rating", "only_graders_can_rate", "sort_by_rating",
          "pinned", "locked", "is_announcement", "podcast_has_student_posts")  # fmt: skip
_TIMES = ("delayed_post_at", "lock_at", "todo_date")


def _topic_of(course: Course, topic_id: str) -> DiscussionTopic:
    for topic in course.discussion_topics:
        if str(topic.id) == topic_id.strip() and topic.workflow_state != "deleted":
            return topic
    raise errors.not_found()


async def list_discussion_topics(course_id: str) -> Answer:
    """Answer listDiscussionTopics, newest first; announcements only when asked for."""
    world, course, sees, book = open_course(course_id)
    announcements = params.flag("only_announcements")
    wanted = (params.text("search_term") or "").lower()
    topics = [
        one
        for one in reversed(course.discussion_topics)
        if one.workflow_state != "deleted"
        and (sees.manages or one.published)
        and one.extra.get("is_announcement", False) is announcements
        and wanted in one.title.lower()
    ]
    return paged(topics, lambda one: topic_json(world, book, one, sees))


async def get_discussion_topic(course_id: str, topic_id: str) -> Answer:
    """Answer getDiscussionTopic."""
    world, course, sees, book = open_course(course_id)
    topic = _topic_of(course, topic_id)
    if not sees.manages and not topic.published:
        raise errors.not_found()
    return topic_json(world, book, topic, sees)


def _assignment_changes(
    world: CanvasWorld, book: CourseBook, held: Assignment | None
) -> dict[str, Any] | None:
    """Read `assignment[...]`; None where the discussion is not to be graded."""
    if "assignment" not in params.params():
        return None
    given = params.group("assignment")
    if params.to_flag(given.get("set_assignment")) is False or not given:
        return None
    return read_assignment(world, book, given, held)


async def create_discussion_topic(course_id: str) -> Answer:
    """Answer createDiscussionTopic: published unless told otherwise by a teacher."""
    world, course, sees, book = open_course(course_id)
    _require_author(course)
    changes = _assignment_changes(world, book, None)
    title = params.text("title") or "No Title"
    published = params.flag("published", default=not sees.manages)
    assignment: Assignment | None = None
    if changes is not None:
        require_manager(course)
        changes |= {
            "title": title,
            "description": params.text("message"),
            "submission_types": ("discussion_topic",),
            "published": published,
        }
        changes.setdefault("post_to_sis", sis_rules.default_post_to_sis(world, course))
        check_assignment(world, book, changes, None)
        assignment = making.add_assignment(world, course, changes)
    topic = making.add_topic(
        world, course, title=title, assignment=assignment, user_id=sees.user_id
    )
    _apply(world, topic, published=published)
    return topic_json(world, book, topic, sees)


def _require_author(course: Course) -> None:
    auth.require("manage_content", "manage_assignments", context=course)


def _apply(world: CanvasWorld, topic: DiscussionTopic, *, published: bool | None) -> None:
    given = params.params()
    if params.text("title") is not None:
        topic.title = params.text("title") or topic.title
    if "message" in given:
        topic.message = params.text("message")
    if published is not None:
        topic.published = published
        topic.workflow_state = "active" if published else "unpublished"
    for name in _FLAGS:
        if name in given:
            topic.extra[name] = bool(params.to_flag(given[name]))
    for name in _TIMES:
        if name in given:
            topic.extra[name] = when(params.to_iso_instant(given[name]))
    if params.text("discussion_type") is not None:
        topic.extra["discussion_type"] = params.text("discussion_type")
    topic.updated_at = world.now()


async def update_discussion_topic(course_id: str, topic_id: str) -> Answer:
    """Answer updateDiscussionTopic; `assignment[...]` changes or makes its assignment."""
    world, course, sees, book = open_course(course_id)
    _require_author(course)
    topic = _topic_of(course, topic_id)
    published = params.to_flag(params.params().get("published"))
    held = None if topic.assignment_id is None else world.store.assignments.get(topic.assignment_id)
    _update_assignment(world, book, topic, held, published=published)
    _apply(world, topic, published=published)
    return topic_json(world, book, topic, sees)


def _update_assignment(
    world: CanvasWorld,
    book: CourseBook,
    topic: DiscussionTopic,
    held: Assignment | None,
    *,
    published: bool | None,
) -> None:
    changes = _assignment_changes(world, book, held)
    given = params.group("assignment")
    if held is not None and params.to_flag(given.get("set_assignment")) is False:
        held.discussion_topic_id, topic.assignment_id = None, None
        making.delete_assignment(world, held)
        return
    if changes is None and held is None:
        return
    changes = {} if changes is None else changes
    if params.text("title") is not None:
        changes["title"] = params.text("title")
    if "message" in params.params():
        changes["description"] = params.text("message")
    if published is not None:
        changes["published"] = published
    if held is None:
        changes.setdefault("title", topic.title)
        changes["submission_types"] = ("discussion_topic",)
        changes.setdefault("published", topic.published)
        check_assignment(world, book, changes, None)
        held = making.add_assignment(world, book.course, changes)
        held.discussion_topic_id, topic.assignment_id = topic.id, held.id
    else:
        check_assignment(world, book, changes, held)
        apply_assignment(held, changes, at=world.now())


async def delete_discussion_topic(course_id: str, topic_id: str) -> Answer:
    """Answer deleteDiscussionTopic; its assignment goes with it."""
    world, course, sees, book = open_course(course_id)
    _require_author(course)
    topic = _topic_of(course, topic_id)
    topic.workflow_state = "deleted"
    if topic.assignment_id is not None:
        making.delete_assignment(world, world.store.assignments.get(topic.assignment_id))
    return {"discussion_topic": topic_json(world, book, topic, sees)}
