"""Discussion topics. Source: canvas-rest-api.md 6.5."""

from typing import Any

from homeroom.mocks.canvas.gradebook.book import CourseBook
from homeroom.mocks.canvas.shapes.assignment import assignment_json
from homeroom.mocks.canvas.shapes.common import Sight, origin, when
from homeroom.mocks.canvas.store import DiscussionTopic
from homeroom.mocks.canvas.world import CanvasWorld


def topic_json(
    world: CanvasWorld,
    book: CourseBook,
    topic: DiscussionTopic,
    sees: Sight,
    *,
    with_assignment: bool = True,
) -> dict[str, Any]:
    """Write a discussion; a graded one embeds its assignment unless that embeds it."""
    extra = topic.extra
    author = world.store.users.find(topic.user_id or 0)
    page = f"{origin()}/courses/{topic.course_id}/discussion_topics/{topic.id}"
    shown: dict[str, Any] = {
        "id": topic.id,
        "title": topic.title,
        "last_reply_at": when(topic.posted_at),
        "created_at": when(topic.created_at),
        "delayed_post_at": extra.get("delayed_post_at"),
        "posted_at": when(topic.posted_at),
        "assignment_id": topic.assignment_id,
        "root_topic_id": None,
        "position": extra.get("position"),
        "podcast_has_student_posts": extra.get("podcast_has_student_posts", False),
        "discussion_type": extra.get("discussion_type", "side_comment"),
        "lock_at": extra.get("lock_at"),
        "allow_rating": extra.get("allow_rating", False),
        "only_graders_can_rate": extra.get("only_graders_can_rate", False),
        "sort_by_rating": extra.get("sort_by_rating", False),
        "is_section_specific": False,
        "is_announcement": extra.get("is_announcement", False),
        "user_name": None if author is None else author.name,
        "discussion_subentry_count": 0,
        "permissions": {
            "attach": sees.manages,
            "update": sees.manages,
            "reply": True,
            "delete": sees.manages,
            "manage_assign_to": sees.manages,
        },
        "require_initial_post": extra.get("require_initial_post", False),
        "user_can_see_posts": True,
        "podcast_url": None,
        "read_state": "read",
        "unread_count": 0,
        "subscribed": True,
        "attachments": [],
        "published": topic.published,
        "can_unpublish": True,
        "locked": extra.get("locked", False),
        "can_lock": topic.assignment_id is None,
        "comments_disabled": False,
        "author": _author(topic, None if author is None else author.short_name),
        "html_url": page,
        "url": page,
        "pinned": extra.get("pinned", False),
        "group_category_id": None,
        "can_group": True,
        "topic_children": [],
        "group_topic_children": [],
        "locked_for_user": False,
        "message": topic.message,
        "todo_date": extra.get("todo_date"),
    }
    if with_assignment and topic.assignment_id is not None:
        assignment = world.store.assignments.get(topic.assignment_id)
        shown["assignment"] = assignment_json(world, book, assignment, sees)
    return shown


def _author(topic: DiscussionTopic, name: str | None) -> dict[str, Any]:
    if name is None:
        return {}
    return {
        "id": topic.user_id,
        "display_name": name,
        "avatar_image_url": f"{origin()}/images/messages/avatar-50.png",
        "html_url": f"{origin()}/courses/{topic.course_id}/users/{topic.user_id}",
    }
