"""Exchanges recorded from a real Canvas: the fake, holding the same objects, answers alike.

The recordings are a third party's and are read from ../shared. Their objects are rebuilt in a
space through public calls; then each recorded call that the fake serves is made again, and every
recorded key must be in the answer with the recorded type, null where it was null. Values are not
compared: ids, times and addresses are the fake's own.
"""

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

import pytest

from checks.support import SHARED_DATA
from homeroom.mocks.stage import Stage, StageSettings, serve
from homeroom.reference.transport import Bearer, Response, Transport

RECORDINGS = SHARED_DATA / "canvas-recordings.jsonl"
NOW = datetime(2025, 10, 1, 12, tzinfo=UTC)
pytestmark = pytest.mark.skipif(
    not RECORDINGS.exists(), reason=f"third-party recordings are not here: {RECORDINGS.name}"
)
# What the fake does not serve, each with what it is about; the README's table lists it too.
NOT_SERVED = {
    "group_categories": "groups",
    "groups": "groups",
}
BODY_KEYS = ("name", "course_code", "is_public", "default_view", "syllabus_body", "time_zone")
ASSIGNMENT_KEYS = (
    "name", "points_possible", "grading_type", "submission_types", "omit_from_final_grade",
    "peer_reviews", "automatic_peer_reviews", "published", "position", "allowed_attempts",
)  # fmt: skip
QUIZ_KEYS = (
    "title", "description", "quiz_type", "time_limit", "shuffle_answers", "show_correct_answers",
    "scoring_policy", "allowed_attempts", "one_question_at_a_time", "cant_go_back", "published",
)  # fmt: skip


def exchanges() -> list[dict[str, Any]]:
    """Return the recordings; none where they are absent."""
    if not RECORDINGS.exists():
        return []
    lines = RECORDINGS.read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines if line.strip()]


def subject_of(exchange: Mapping[str, Any]) -> str:
    """Return what the last words of a recorded path speak of."""
    parts = exchange["path"].split("/")[3:]
    named = [part for part in parts if not part.isdigit()]
    last = named[-1]
    if "quizzes" in named:
        return f"quizzes {last}" if last != "quizzes" else last
    return "groups" if "group_categories" in named or "groups" in named else last


class Rebuilt:
    """A space that holds the recorded objects; `ids` leads from recorded ids to the fake's."""

    def __init__(self, stage: Stage) -> None:
        space = stage.spaces.get("default")
        canvas = stage.document(space)["canvas"]
        self.base_url = canvas["base_url"]
        self.admin = Transport(self.base_url, Bearer(canvas["token"]))
        self.control = Transport(
            stage.document(space)["control"]["url"],
            Bearer(stage.document(space)["control"]["token"]),
        )
        self.ids: dict[str, int] = {}
        recorded = exchanges()
        self._courses(recorded)
        self._people(recorded)
        self._coursework(recorded)
        token = self.control.request(
            "POST", "spaces/default/canvas/tokens", json={"user": str(self.teacher)}
        ).json()["token"]
        # The recordings were made by the courses' teacher.
        self.client = Transport(self.base_url, Bearer(token))

    def close(self) -> None:
        """Close every connection."""
        for transport in (self.admin, self.control, self.client):
            transport.close()

    def _send(self, method: str, path: str, body: Any) -> Any:
        reply = self.admin.request(method, f"/api/v1/{path}", json=body)
        assert reply.status_code in (200, 201), (path, reply.text)
        return reply.json()

    def _courses(self, recorded: list[dict[str, Any]]) -> None:
        (listed,) = (e["body"] for e in recorded if e["path"] == "/api/v1/courses")
        single = {
            e["body"]["id"]: e["body"] for e in recorded if subject_of(e) == "courses"
            and isinstance(e["body"], dict)
        }  # fmt: skip
        for course in listed:
            whole = {**course, **single.get(course["id"], {})}
            fields = {key: whole[key] for key in BODY_KEYS if whole.get(key) is not None}
            made = self._send("POST", "accounts/1/courses", {"course": fields, "offer": True})
            self.ids[str(course["id"])] = made["id"]
            self.teacher_id = course["enrollments"][0]["user_id"]

    def _people(self, recorded: list[dict[str, Any]]) -> None:
        for exchange in recorded:
            if subject_of(exchange) != "users" or "courses" not in exchange["path"]:
                continue
            course = self.ids[exchange["path"].split("/")[4]]
            for user in exchange["body"]:
                if str(user["id"]) not in self.ids:
                    self.ids[str(user["id"])] = self._user(user)
                for seat in user["enrollments"]:
                    fields = {"user_id": self.ids[str(user["id"])], "type": seat["type"],
                              "enrollment_state": seat["enrollment_state"]}  # fmt: skip
                    self._send("POST", f"courses/{course}/enrollments", {"enrollment": fields})
        self.teacher = self.ids[str(self.teacher_id)]
        for course in {self.ids[e["path"].split("/")[4]] for e in recorded if "/courses/" in
                       e["path"]} | set(self._course_ids()):  # fmt: skip
            fields = {"user_id": self.teacher, "type": "TeacherEnrollment",
                      "enrollment_state": "active"}  # fmt: skip
            self._send("POST", f"courses/{course}/enrollments", {"enrollment": fields})

    def _course_ids(self) -> list[int]:
        (listed,) = (e["body"] for e in exchanges() if e["path"] == "/api/v1/courses")
        return [self.ids[str(course["id"])] for course in listed]

    def _user(self, user: Mapping[str, Any]) -> int:
        body = {
            "user": {"name": user["name"], "sortable_name": user["sortable_name"],
                     "short_name": user["short_name"]},
            "pseudonym": {"unique_id": user["login_id"], "sis_user_id": user["sis_user_id"],
                          "integration_id": user["integration_id"]},
            "communication_channel": {"address": user["email"], "skip_confirmation": True},
        }  # fmt: skip
        made: int = self._send("POST", "accounts/1/users", body)["id"]
        return made

    def _coursework(self, recorded: list[dict[str, Any]]) -> None:
        for exchange in recorded:
            parts = exchange["path"].split("/")
            if subject_of(exchange) not in ("assignments", "quizzes") or parts[-1].isdigit():
                continue
            course = self.ids[parts[4]]
            kind, keys = (
                ("assignment", ASSIGNMENT_KEYS)
                if parts[-1] == "assignments"
                else ("quiz", QUIZ_KEYS)
            )
            for item in exchange["body"]:
                fields = {key: item[key] for key in keys if item.get(key) is not None}
                made = self._send("POST", f"courses/{course}/{parts[-1]}", {kind: fields})
                self.ids[str(item["id"])] = made["id"]
        self._questions(recorded)
        for exchange in recorded:
            if subject_of(exchange) == "submissions" and exchange["method"] == "GET":
                course = self.ids[exchange["path"].split("/")[4]]
                for item in exchange["body"]:
                    if item["entered_score"] is not None:
                        self._grade(course, item)

    def _questions(self, recorded: list[dict[str, Any]]) -> None:
        for subject in ("quizzes groups", "quizzes questions"):
            for exchange in (one for one in recorded if subject_of(one) == subject):
                course, quiz = (self.ids[exchange["path"].split("/")[at]] for at in (4, 6))
                path = f"courses/{course}/quizzes/{quiz}/{subject.split()[-1]}"
                if subject == "quizzes groups":
                    for item in exchange["body"]["quiz_groups"]:
                        made = self._send("POST", path, {"quiz_groups": [item]})
                        self.ids[f"group {item['id']}"] = made["quiz_groups"][0]["id"]
                    continue
                for item in exchange["body"]:
                    group = self.ids[f"group {item['quiz_group_id']}"]
                    self._send("POST", path, {"question": {**item, "quiz_group_id": group}})

    def _grade(self, course: int, item: Mapping[str, Any]) -> None:
        assignment = self.ids[str(item["assignment_id"])]
        student = self.ids[str(item["user_id"])]
        path = f"courses/{course}/assignments/{assignment}/submissions/{student}"
        self._send("PUT", path, {"submission": {"posted_grade": item["entered_grade"]}})

    def repeat(self, exchange: Mapping[str, Any]) -> Response:
        """Make a recorded call again, with the fake's ids in place of the recorded ones."""
        path = "/".join(
            str(self.ids[part]) if part.isdigit() else part for part in exchange["path"].split("/")
        )
        pairs = [
            (self._translated(key), self._translated(one))
            for key, value in exchange["parameters"].items()
            for one in (value if isinstance(value, list) else [value])
        ]
        if exchange["method"] == "GET":
            return self.client.request("GET", path, params=pairs)
        form = "&".join(f"{key}={value}" for key, value in pairs)
        return self.client.request(
            exchange["method"],
            path,
            content=form.encode(),
            headers={"Content-Type": "application/x-www-form-urlencoded"},
        )

    def _translated(self, text: str) -> str:
        for recorded, ours in self.ids.items():
            if len(recorded) > 6 and recorded in text:
                text = text.replace(recorded, str(ours))
        return text


@pytest.fixture(scope="module")
def rebuilt() -> Iterator[Rebuilt]:
    """The recorded world, rebuilt once."""
    with serve(StageSettings(district="empty", now=NOW, validate_responses="all")) as stage:
        made = Rebuilt(stage)
        yield made
        made.close()
        assert not any(door.faults for door in stage.doors.values()), "a fake broke its contract"


def differences(recorded: Any, ours: Any, where: str = "body") -> Iterator[str]:
    """Yield where ours lacks a recorded key, or has another type; null is a type of its own."""
    if isinstance(recorded, dict):
        if not isinstance(ours, dict):
            yield f"{where}: object recorded, {ours!r} here"
            return
        for key, value in recorded.items():
            if key not in ours:
                yield f"{where}.{key}: missing"
            else:
                yield from differences(value, ours[key], f"{where}.{key}")
    elif isinstance(recorded, list):
        if not isinstance(ours, list) or len(ours) != len(recorded):
            yield f"{where}: {len(recorded)} items recorded, {ours!r} here"
            return
        for at, (one, other) in enumerate(zip(recorded, ours, strict=True)):
            yield from differences(one, other, f"{where}[{at}]")
    elif type(recorded) is not type(ours):
        yield f"{where}: {recorded!r} recorded, {ours!r} here"


def served() -> list[dict[str, Any]]:
    """Return the recordings of calls that the fake serves, reads before the writes change them."""
    found = [one for one in exchanges() if subject_of(one) not in NOT_SERVED]
    return sorted(found, key=lambda one: bool(one["method"] != "GET"))


@pytest.mark.parametrize(
    "exchange",
    served(),
    ids=lambda one: f"{one['method']} {'/'.join(one['path'].split('/')[3:])}",
)
def test_an_answer_has_what_the_real_one_had(rebuilt: Rebuilt, exchange: dict[str, Any]) -> None:
    reply = rebuilt.repeat(exchange)
    assert reply.status_code == exchange["status"], reply.text
    assert list(differences(exchange["body"], reply.json())) == []


def test_the_recordings_cover_what_they_are_read_for() -> None:
    assert {subject_of(one) for one in served()} == {
        "assignments", "courses", "quizzes", "quizzes groups", "quizzes questions",
        "submissions", "update_grades", "users",
    }  # fmt: skip
    assert len(served()) >= 20
