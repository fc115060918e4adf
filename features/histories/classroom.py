"""What people do in Canvas during the day: teachers and admins, through Canvas's own calls."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from homeroom.certify.recording import recorder
from homeroom.reference.transport import Bearer, Response, Transport


class ClassroomError(AssertionError):
    """Canvas refused what a person did: a fault of the history or of the fake."""


class Classroom:
    """An admin's hands in Canvas."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        self._account, self._space = document["canvas"]["account_id"], document["space"]
        self.transport = Transport(
            document["canvas"]["base_url"], Bearer(document["canvas"]["token"]), attempts=3
        )

    def close(self) -> None:
        """Close the connection."""
        self.transport.close()

    def call(self, method: str, path: str, json: Any = None) -> Any:
        """Make one call and return its JSON. Raises ClassroomError."""
        recorder.act(self._space, method, path, json)
        url = path if path.startswith("/api/") else f"/api/v1/{path}"
        response: Response = self.transport.request(method, url, json=json, idempotent=False)
        if response.status_code >= 300:
            raise ClassroomError(f"{method} {path}: {self.transport.describe(response)}")
        return response.json() if response.content else None

    def graphql(self, query: str, **variables: Any) -> Any:
        """Make one GraphQL call and return its data. Raises ClassroomError."""
        answer = self.call("POST", "/api/graphql", {"query": query, "variables": variables})
        if answer.get("errors"):
            raise ClassroomError(f"GraphQL: {answer['errors']}")
        return answer["data"]

    # Finding

    def section(self, sis_id: str) -> Mapping[str, Any]:
        """Return the section with a SIS ID."""
        found: Mapping[str, Any] = self.call("GET", f"sections/sis_section_id:{sis_id}")
        return found

    def course_of(self, sis_section: str) -> int:
        """Return the course that a section is in."""
        return int(self.section(sis_section)["course_id"])

    def user(self, sis_id: str) -> int:
        """Return a person's Canvas id."""
        return int(self.call("GET", f"users/sis_user_id:{sis_id}")["id"])

    def enrollment(self, sis_section: str, sis_user: str) -> tuple[int, int]:
        """Return (course, enrollment) of a person's seat in a section."""
        section = self.section(sis_section)
        user = self.user(sis_user)
        rows = self.call("GET", f"sections/{section['id']}/enrollments?user_id={user}")
        if not rows:
            raise ClassroomError(f"{sis_user} has no seat in section {sis_section}")
        return int(section["course_id"]), int(rows[0]["id"])

    # What admins do

    def rename_section(self, sis_id: str, name: str) -> None:
        """Give a section another name."""
        self.call("PUT", f"sections/sis_section_id:{sis_id}", {"course_section": {"name": name}})

    def rename_user(self, sis_id: str, name: str) -> None:
        """Give a person another name."""
        self.call("PUT", f"users/sis_user_id:{sis_id}", {"user": {"name": name}})

    def new_course(self, name: str, account: str) -> int:
        """Make a course by hand."""
        body = {"course": {"name": name, "course_code": name}}
        return int(self.call("POST", f"accounts/sis_account_id:{account}/courses", body)["id"])

    def cross_list(self, sis_section: str, course: int) -> None:
        """Move a section into another course by hand."""
        section = self.section(sis_section)["id"]
        self.call("POST", f"sections/{section}/crosslist/{course}")

    def end_seat(self, sis_section: str, sis_user: str, task: str) -> None:
        """Conclude, inactivate or delete a seat by hand."""
        course, enrollment = self.enrollment(sis_section, sis_user)
        self.call("DELETE", f"courses/{course}/enrollments/{enrollment}?task={task}")

    def new_user(self, name: str, login: str, sis_id: str | None = None) -> int:
        """Make an account by hand."""
        pseudonym = {"unique_id": login} | ({"sis_user_id": sis_id} if sis_id else {})
        body = {"user": {"name": name}, "pseudonym": pseudonym}
        return int(self.call("POST", f"accounts/{self._account}/users", body)["id"])

    def seat_by_hand(self, sis_section: str, user: int, type_: str = "StudentEnrollment") -> None:
        """Seat somebody whom no SIS sent."""
        section = self.section(sis_section)["id"]
        body = {"enrollment": {"user_id": user, "type": type_, "enrollment_state": "active"}}
        self.call("POST", f"sections/{section}/enrollments", body)

    def section_by_hand(self, course: int, name: str) -> int:
        """Make a section that no SIS sent."""
        body = {"course_section": {"name": name}}
        return int(self.call("POST", f"courses/{course}/sections", body)["id"])

    # What teachers do

    def publish(self, course: int) -> None:
        """Publish a course."""
        self.call("PUT", f"courses/{course}", {"course": {"event": "offer"}})

    def unpublish(self, course: int) -> None:
        """Take a course back that nobody has to see yet."""
        self.call("PUT", f"courses/{course}", {"course": {"event": "claim"}})

    def group(self, course: int, name: str) -> int:
        """Return the assignment group of that name, made if there is none."""
        for row in self.call("GET", f"courses/{course}/assignment_groups?per_page=100"):
            if row["name"] == name:
                return int(row["id"])
        return int(self.call("POST", f"courses/{course}/assignment_groups", {"name": name})["id"])

    def rename_group(self, course: int, name: str, new: str) -> None:
        """Give an assignment group another name."""
        group = self.group(course, name)
        self.call("PUT", f"courses/{course}/assignment_groups/{group}", {"name": new})

    def assignment(
        self,
        course: int,
        name: str,
        *,
        due_at: datetime | None,
        group: str = "Homework",
        points: float = 100,
        **more: Any,
    ) -> int:
        """Make an assignment, published and synced to the SIS unless told otherwise."""
        body = {
            "name": name,
            "assignment_group_id": self.group(course, group),
            "points_possible": points,
            "due_at": due_at.isoformat() if due_at else None,
            "published": True,
            "post_to_sis": True,
            "submission_types": ["online_text_entry"],
            **more,
        }
        made = self.call("POST", f"courses/{course}/assignments", {"assignment": body})
        return int(made["id"])

    def change(self, course: int, assignment: int, **fields: Any) -> None:
        """Change an assignment."""
        self.call("PUT", f"courses/{course}/assignments/{assignment}", {"assignment": fields})

    def delete(self, course: int, assignment: int) -> None:
        """Delete an assignment."""
        self.call("DELETE", f"courses/{course}/assignments/{assignment}")

    def discussion(self, course: int, title: str, *, due_at: datetime, points: float = 10) -> int:
        """Make a graded discussion and return its assignment."""
        body = {
            "title": title,
            "published": True,
            "assignment": {
                "points_possible": points,
                "due_at": due_at.isoformat(),
                "assignment_group_id": self.group(course, "Homework"),
                "post_to_sis": True,
            },
        }
        made = self.call("POST", f"courses/{course}/discussion_topics", body)
        self.change(course, made["assignment_id"], post_to_sis=True)
        return int(made["assignment_id"])

    def quiz(self, course: int, title: str, *, due_at: datetime, points: float = 20) -> int:
        """Make a quiz and return its assignment."""
        body = {
            "quiz": {
                "title": title,
                "quiz_type": "assignment",
                "points_possible": points,
                "due_at": due_at.isoformat(),
                "assignment_group_id": self.group(course, "Tests"),
                "published": True,
            }
        }
        made = self.call("POST", f"courses/{course}/quizzes", body)
        self.change(course, made["assignment_id"], post_to_sis=True, points_possible=points)
        return int(made["assignment_id"])

    def new_quiz(self, course: int, title: str, *, due_at: datetime, points: float = 20) -> int:
        """Make a New Quiz, which is an external tool to Canvas, and return its assignment."""
        quiz = {
            "title": title,
            "points_possible": points,
            "due_at": due_at.isoformat(),
            "assignment_group_id": self.group(course, "Tests"),
            "published": True,
        }
        made = self.call("POST", f"/api/quiz/v1/courses/{course}/quizzes", {"quiz": quiz})
        self.change(course, int(made["id"]), post_to_sis=True)
        return int(made["id"])

    def hand_in(self, course: int, assignment: int, sis_user: str) -> None:
        """Hand in a student's work, or hand it in again: a grade it had stands meanwhile."""
        work = {
            "submission_type": "online_text_entry",
            "body": "My work.",
            "user_id": self.user(sis_user),
        }
        path = f"courses/{course}/assignments/{assignment}/submissions"
        self.call("POST", path, {"submission": work})

    def due_for_section(
        self, course: int, assignment: int, sis_section: str, due_at: datetime
    ) -> None:
        """Give one section a due date of its own."""
        section = self.section(sis_section)["id"]
        override = {"course_section_id": section, "due_at": due_at.isoformat()}
        self.call(
            "POST",
            f"courses/{course}/assignments/{assignment}/overrides",
            {"assignment_override": override},
        )

    def grade(self, course: int, assignment: int, user: str | int, grade: str | float) -> None:
        """Enter a grade for a SIS ID (text) or a Canvas id (number); an empty one clears it."""
        self._submission(course, assignment, user, posted_grade=str(grade))

    def excuse(self, course: int, assignment: int, user: str | int) -> None:
        """Excuse a student."""
        self._submission(course, assignment, user, excuse=True)

    def mark_late(self, course: int, assignment: int, user: str, *, days: int) -> None:
        """Mark work as late by so many days: the course's late policy takes points off."""
        late = {"late_policy_status": "late", "seconds_late_override": days * 24 * 60 * 60}
        self._submission(course, assignment, user, **late)

    def take_off_for_lateness(self, course: int, percent: float) -> None:
        """Let a course take off so much of the points for each day that work is late."""
        policy = {
            "late_submission_deduction_enabled": True,
            "late_submission_deduction": percent,
            "late_submission_interval": "day",
        }
        self.call("POST", f"courses/{course}/late_policy", {"late_policy": policy})

    def _submission(self, course: int, assignment: int, user: str | int, **fields: Any) -> None:
        who = f"sis_user_id:{user}" if isinstance(user, str) else str(user)
        path = f"courses/{course}/assignments/{assignment}/submissions/{who}"
        self.call("PUT", path, {"submission": fields})

    def hide_grades(self, assignment: int) -> None:
        """Set an assignment to post grades by hand: grades entered from now on stay hidden."""
        self.graphql(
            "mutation ($id: ID!, $manually: Boolean!) { setAssignmentPostPolicy(input: "
            "{assignmentId: $id, postManually: $manually}) { postPolicy { postManually } } }",
            id=str(assignment),
            manually=True,
        )

    def show_grades(self, assignment: int) -> None:
        """Post an assignment's grades: students see them from now on."""
        self.graphql(
            "mutation ($id: ID!) { postAssignmentGrades(input: {assignmentId: $id}) "
            "{ assignment { _id } } }",
            id=str(assignment),
        )

    def due_for_student(
        self, course: int, assignment: int, user: str | int, due_at: datetime
    ) -> None:
        """Give one student more time."""
        whose = self.user(user) if isinstance(user, str) else user
        override = {"student_ids": [whose], "title": "More time", "due_at": due_at.isoformat()}
        self.call(
            "POST",
            f"courses/{course}/assignments/{assignment}/overrides",
            {"assignment_override": override},
        )

    def override_course_grade(
        self, sis_section: str, sis_user: str, score: float, grading_period: str
    ) -> None:
        """Replace a student's computed course grade in a grading period."""
        _, enrollment = self.enrollment(sis_section, sis_user)
        self.graphql(
            "mutation ($id: ID!, $period: ID, $score: Float) { setOverrideScore(input: "
            "{enrollmentId: $id, gradingPeriodId: $period, overrideScore: $score}) "
            "{ grades { overrideScore } } }",
            id=str(enrollment),
            period=str(grading_period),
            score=score,
        )
