"""A class of a provisioned district, in which checks of grades teach and sync."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self

from checks.support import Done, homeroom, subject_environment
from checks.worlds import control, focus
from homeroom.features.histories.classroom import Classroom

NOW = "2026-09-14T15:00:00Z"
DUE = datetime(2026, 9, 21, 15, tzinfo=UTC)


class School:
    """One class of a tiny district, provisioned, with three of its students."""

    def __init__(self, document: dict[str, Any], folder: Path) -> None:
        self.document, self.folder = document, folder
        assert self.verb("provision").code == 0
        rows = focus(document, "/enrollments?limit=1000&filter=role='student'").json()
        self.class_id = min({row["class"]["sourcedId"] for row in rows["enrollments"]})
        self.students = sorted(
            row["user"]["sourcedId"]
            for row in rows["enrollments"]
            if row["class"]["sourcedId"] == self.class_id
        )[:3]
        self.classroom = Classroom(document)
        self.course = self.classroom.course_of(self.class_id)
        self.classroom.publish(self.course)
        titles = [row["title"] for row in focus(document, "/categories").json()["categories"]]
        self.group = titles[0]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """Leave the district as it was found."""
        self.classroom.close()
        assert control(self.document, "POST", "/reset").status == 200

    def verb(self, *arguments: str, **variables: str) -> Done:
        """Run a verb of the district's service."""
        state = self.folder / "state"
        env = subject_environment(self.document, now=NOW, state_dir=state, **variables)
        return homeroom(*arguments, env=env, cwd=self.folder)

    def work(self, name: str, *scores: float | None, **more: Any) -> int:
        """Make an assignment of ten points and grade it, one score a student."""
        asked: dict[str, Any] = {"due_at": DUE, "group": self.group, "points": 10, **more}
        made = self.classroom.assignment(self.course, name, **asked)
        self.grade(made, *scores)
        return made

    def grade(self, assignment: int, *scores: float | None) -> None:
        """Grade an assignment, one score a student."""
        for student, score in zip(self.students, scores, strict=False):
            if score is not None:
                self.classroom.grade(self.course, assignment, student, score)

    def reconcile(self, *arguments: str, code: int) -> dict[str, dict[str, Any]]:
        """Compare, and return the class's students by sourcedId."""
        done = self.verb("reconcile", "--out", "found", "--json", *arguments)
        assert done.code == code, (done.out, done.err)
        self.found: dict[str, Any] = done.json()
        (only,) = self.found["classes"]
        assert only["class_id"] == self.class_id
        return {one["sourced_id"]: one for one in only["students"]}
