"""Making assignments and their groups, and keeping quizzes and discussions in step with theirs."""

from typing import Any

from homeroom.mocks.canvas.gradebook.assignment_form import apply_assignment
from homeroom.mocks.canvas.store import (
    Assignment,
    AssignmentGroup,
    Course,
    DiscussionTopic,
    Quiz,
)
from homeroom.mocks.canvas.world import CanvasWorld

DEFAULT_TITLE = "Assignment"
GRADED_QUIZ_TYPES = frozenset({"assignment", "graded_survey"})


def default_group(world: CanvasWorld, course: Course) -> AssignmentGroup:
    """Return a course's first assignment group, made on demand as Canvas makes it."""
    live = [one for one in course.assignment_groups if one.workflow_state != "deleted"]
    if live:
        return min(live, key=lambda one: (one.position, one.id))
    return add_group(world, course, "Assignments")


def add_group(world: CanvasWorld, course: Course, name: str) -> AssignmentGroup:
    """Add an assignment group at the end of a course."""
    now = world.now()
    group = AssignmentGroup(
        id=world.store.assignment_groups.next_id,
        course_id=course.id,
        name=name,
        position=1 + max((one.position for one in course.assignment_groups), default=0),
        created_at=now,
        updated_at=now,
    )
    course.assignment_groups.append(group)
    return world.store.assignment_groups.add(group)


def add_assignment(world: CanvasWorld, course: Course, changes: dict[str, Any]) -> Assignment:
    """Add an assignment to a course; unpublished unless `changes` publish it."""
    now = world.now()
    changes = dict(changes)
    group_id = changes.pop("assignment_group_id", None) or default_group(world, course).id
    position = changes.pop("position", None) or 1 + max(
        (one.position for one in course.assignments if one.assignment_group_id == group_id),
        default=0,
    )
    assignment = Assignment(
        id=world.store.assignments.next_id,
        course_id=course.id,
        title=changes.pop("title", DEFAULT_TITLE),
        assignment_group_id=group_id,
        position=position,
        post_manually=course.post_manually,
        created_at=now,
        updated_at=now,
    )
    apply_assignment(assignment, changes, at=now)
    world.store.assignments.add(assignment)
    course.assignments.append(assignment)
    return assignment


def add_kind(world: CanvasWorld, course: Course, assignment: Assignment) -> None:
    """Give an assignment of type online_quiz or discussion_topic its quiz or topic."""
    if assignment.submission_types == ("online_quiz",) and assignment.quiz_id is None:
        add_quiz(world, course, assignment=assignment, title=assignment.title)
    if (
        assignment.submission_types == ("discussion_topic",)
        and assignment.discussion_topic_id is None
    ):
        add_topic(world, course, assignment=assignment, title=assignment.title)


def add_quiz(
    world: CanvasWorld,
    course: Course,
    *,
    title: str,
    quiz_type: str = "assignment",
    assignment: Assignment | None = None,
) -> Quiz:
    """Add a classic quiz; it takes over the assignment that is given."""
    now = world.now()
    quiz = Quiz(
        id=world.store.quizzes.next_id,
        course_id=course.id,
        title=title,
        quiz_type=quiz_type,
        assignment_id=None if assignment is None else assignment.id,
        created_at=now,
        updated_at=now,
    )
    course.quizzes.append(quiz)
    world.store.quizzes.add(quiz)
    if assignment is not None:
        assignment.quiz_id = quiz.id
        follow_assignment(world, assignment)
    return quiz


def add_topic(
    world: CanvasWorld,
    course: Course,
    *,
    title: str,
    assignment: Assignment | None = None,
    user_id: int | None = None,
) -> DiscussionTopic:
    """Add a discussion; it takes over the assignment that is given."""
    now = world.now()
    topic = DiscussionTopic(
        id=world.store.discussion_topics.next_id,
        course_id=course.id,
        title=title,
        assignment_id=None if assignment is None else assignment.id,
        user_id=user_id,
        posted_at=now,
        created_at=now,
        updated_at=now,
    )
    course.discussion_topics.append(topic)
    world.store.discussion_topics.add(topic)
    if assignment is not None:
        assignment.discussion_topic_id = topic.id
        follow_assignment(world, assignment)
    return topic


def follow_assignment(world: CanvasWorld, assignment: Assignment) -> None:
    """Bring the quiz or discussion of an assignment in step after the assignment changed."""
    published = assignment.workflow_state == "published"
    if assignment.quiz_id is not None:
        quiz = world.store.quizzes.get(assignment.quiz_id)
        quiz.title = assignment.title
        quiz.points_possible = assignment.points_possible
        quiz.due_at = assignment.due_at
        quiz.unlock_at, quiz.lock_at = assignment.unlock_at, assignment.lock_at
        quiz.description = assignment.description
        quiz.workflow_state = _state(assignment.workflow_state, live="available")
        quiz.updated_at = assignment.updated_at
    if assignment.discussion_topic_id is not None:
        topic = world.store.discussion_topics.get(assignment.discussion_topic_id)
        topic.title = assignment.title
        topic.message = assignment.description
        topic.published = published
        topic.workflow_state = _state(assignment.workflow_state, live="active")
        topic.updated_at = assignment.updated_at


def _state(of_assignment: str, *, live: str) -> str:
    return live if of_assignment == "published" else of_assignment


def delete_assignment(world: CanvasWorld, assignment: Assignment) -> None:
    """Delete an assignment, and its quiz or discussion with it."""
    assignment.workflow_state = "deleted"
    assignment.updated_at = world.now()
    follow_assignment(world, assignment)
